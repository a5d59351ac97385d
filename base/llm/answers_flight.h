/*
 * answers_flight: what this worker appended and has not read back. Private to base/llm.
 *
 * Count    Records by key; one more with flight_add, one less when a record of our life comes back.
 *          A record that never comes (a publish that was lost) has stopped the bus, too.
 * Reserve  Of claims on their way; at most one a key.
 */
#ifndef XUNFANG_BASE_LLM_ANSWERS_FLIGHT_H
#define XUNFANG_BASE_LLM_ANSWERS_FLIGHT_H

#include "base/llm/answers.h"

struct flight;

/* NULL when memory is out. */
struct flight *flight_create(void);
/* NULL is fine. */
void flight_destroy(struct flight *flight);
/* Before the publish; if that fails flight_land takes it back. `reserve`: a claim's; else NULL. */
CHECKED enum status flight_add(struct flight *flight, struct id key,
                               const struct answers_cost *reserve, struct error *err);
/* Fine if there is none. `claim`: the record was one. */
void flight_land(struct flight *flight, struct id key, bool claim);
bool flight_has(const struct flight *flight, struct id key);
struct answers_cost flight_reserved(const struct flight *flight);

#endif
