/*
 * resolver: the events of a visit: by rules, and read by a language model where those leave doubt.
 *
 * Order     doubt (extractor/doubt.h)? → the codebook's task `events` is asked → its answer is held
 *           against the text (extractor/ground.h) → the told legs, else those of the rules.
 * Without   a consult, or a task `events` that is asked, rules decide alone, at once.
 * Failure   No usable answer: what the rules found, or dead, as the job says. Budget used up, or
 *           nothing in the answer that the text holds: what the rules found.
 * Metrics   xunfang_extractor_ungrounded_total{field} counts values dropped,
 *           xunfang_extractor_doubts_total{doubt} visits asked about.
 * Room      A visit waits inside while the asker takes no more; RESOLVER_OPEN_MAX may be open.
 * Memory    A finding lives in the arena given to resolver_begin, which the caller keeps until the
 *           finding ended. Whoever throws open ones away does not step the consult any more.
 * Threads   One, the consult's.
 */
#ifndef XUNFANG_EXTRACTOR_RESOLVER_H
#define XUNFANG_EXTRACTOR_RESOLVER_H

#include "extractor/extract.h"
#include "study/cascade.h"

enum { RESOLVER_OPEN_MAX = 256 };

#define RESOLVER_TASK "events" /* of the codebook */

struct resolver;

struct resolver_input {
    const struct source_text *source;  /* lives as long as the arena, like the next */
    const struct judgement *judgement; /* of a visit; its reading and trip are used */
    struct arena *arena;
    uint32_t generation;
    void *owner;
};

struct finding {
    void *owner;
    struct extraction extraction;
    struct consulted consulted;
    const char *model;  /* whose answer the events come from; NULL: rules */
    struct slice dead;  /* the reason, where the job says that failures are dead; else empty */
    struct error cause; /* why there is no finding at all; code STATUS_OK if there is one */
};

/* extractor and consult (NULL: none) must outlive it. */
CHECKED enum status resolver_create(const struct extractor *extractor, struct consult *consult,
                                    struct resolver **resolver, struct error *err);
/* NULL is fine. */
void resolver_destroy(struct resolver *resolver);
const struct extractor *resolver_extractor(const struct resolver *resolver);

/* STATUS_AGAIN: too many are open. *finding is the result if nobody need be asked, else NULL: it
 * comes by resolver_next. */
CHECKED enum status resolver_begin(struct resolver *resolver, const struct resolver_input *input,
                                   struct finding **finding, struct error *err);
/* Waits at most `timeout_ms` if any is open. */
CHECKED enum status resolver_step(struct resolver *resolver, int64_t timeout_ms, struct error *err);
/* NULL: none has ended. */
struct finding *resolver_next(struct resolver *resolver);
size_t resolver_open_count(const struct resolver *resolver);

#endif
