/*
 * asker_meter: what an asker counts; names in asker.h. Private to base/llm.
 *
 * Labels   `task` is the question's, with a NUL behind it.
 */
#ifndef XUNFANG_BASE_LLM_ASKER_METER_H
#define XUNFANG_BASE_LLM_ASKER_METER_H

#include "base/llm/asker.h"

void asker_meter_question(const char *task, const struct asked *asked);
/* Millionths of the currency. */
void asker_meter_cost(uint64_t money);
/* An answer out of shape. */
void asker_meter_invalid(const char *task);

#endif
