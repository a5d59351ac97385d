/*
 * cascade: the built-in models first, a language model where they are unsure.
 *
 * Order     judge (study/judge.h) → is the visit's margin in the band of the codebook's task? ask →
 *           for a visit: purpose and themes, each asked if its own margins are in its band
 *           (judge_unsure), both at once → decision. Tasks without `ask`, and all of them without a
 *           consult, are decided by the models alone.
 * Decision  What the language model answered replaces the built-in decision of that task; margin
 *           and chance stay the built-in model's. An answer that names no label decides nothing: a
 *           visit is about something. decided_by is llm if any task of the document was decided so.
 * Failure   No usable answer: the built-in decision, or dead, as the job says. Budget used up: the
 *           built-in decision. Both are told in `consulted`.
 * Repeats   The same document has the same decision as long as the log of answers is the same:
 *           tasks count in their order, not in that of their answers.
 * Room      Decisions that wait for nobody end at once. CASCADE_OPEN_MAX may be open; those that
 *           find no room in the asker are asked later, first come, first served.
 * Memory    A decision lives in the arena given to cascade_begin, which the caller keeps until the
 *           decision ended. cascade_destroy does not touch open ones, so their arenas may be gone
 *           by then; the consult's questions about them must not be moved any more.
 * Failures  of cascade_begin and cascade_step are those of the bus, the store and memory (and of a
 *           document that cannot be read). After one whose verdict is STOP the cascade may only be
 *           destroyed.
 * Threads   One.
 */
#ifndef XUNFANG_STUDY_CASCADE_H
#define XUNFANG_STUDY_CASCADE_H

#include "study/consult.h"
#include "study/judge.h"

enum { CASCADE_OPEN_MAX = 256, CONSULTED_TASKS_MAX = 8 };

struct cascade;

/* Which tasks of a document went to a language model, and how that ended. */
struct consulted {
    const char *tasks[CONSULTED_TASKS_MAX]; /* asked about, in order */
    enum asked_outcome ends[CONSULTED_TASKS_MAX];
    size_t task_count;
    struct id answers[CONSULTED_TASKS_MAX]; /* keys of the replies used */
    size_t answer_count;
    unsigned failed;
    unsigned refused;
};

struct decision {
    void *owner;
    const struct source_text *source; /* as given */
    struct judgement judgement;       /* as decided in the end */
    struct consulted consulted;
    const char *decided_by; /* "model", "llm" */
    const char *model;      /* name@version of what decided: of the first task that an answer did */
    struct slice dead;      /* the reason, where the job says that failures are dead; else empty */
};

/* judge and consult (NULL: none) must outlive it. STATUS_INVALID: a task of the codebook that no
 * judgement could hold. */
CHECKED enum status cascade_create(const struct judge *judge, struct consult *consult,
                                   struct cascade **cascade, struct error *err);
/* NULL is fine. */
void cascade_destroy(struct cascade *cascade);

struct cascade_input {
    const struct source_text *source; /* lives as long as the arena */
    struct arena *arena;
    uint32_t generation;
    void *owner;
};
/* STATUS_AGAIN: CASCADE_OPEN_MAX are open. *decision is the result if nobody need be asked, else
 * NULL: it comes by cascade_next. */
CHECKED enum status cascade_begin(struct cascade *cascade, const struct cascade_input *input,
                                  struct decision **decision, struct error *err);
/* Moves what is open; waits at most `timeout_ms`. */
CHECKED enum status cascade_step(struct cascade *cascade, int64_t timeout_ms, struct error *err);
/* The next that ended; NULL: none. */
struct decision *cascade_next(struct cascade *cascade);
/* Begun and not handed over. */
size_t cascade_open_count(const struct cascade *cascade);

#endif
