/*
 * asker_inquiry: one key at work in an asker, and the questions that wait for it. Private to
 * base/llm.
 *
 * Waiter   A question. It waits at its inquiry, then among those that ended (struct asker), then it
 *          is the caller's until released.
 * Stage    Where an inquiry is on its way; each stage is a line, first come, first served.
 * Memory   An inquiry lives while its key is at work or a waiter of it is not released; waiters,
 *          values and reasons lie in its arena.
 */
#ifndef XUNFANG_BASE_LLM_ASKER_INQUIRY_H
#define XUNFANG_BASE_LLM_ASKER_INQUIRY_H

#include "base/llm/asker.h"
#include "base/util/arena.h"

enum inquiry_stage {
    STAGE_LOOK,    /* the log may say something new */
    STAGE_WANT,    /* must be claimed */
    STAGE_FLIGHT,  /* something of ours is on its way through the log */
    STAGE_GRANTED, /* ours to ask */
    STAGE_ASKING,  /* the model is at it */
    STAGE_ENDED,   /* the model has ended; to be appended */
    STAGE_THEIRS,  /* another worker is at it */
    STAGE_COUNT
};

struct waiter {
    struct asked asked; /* first: callers hold a pointer to it */
    struct waiter *next;
    struct inquiry *inquiry;
    const struct shape *shape;
    uint32_t generation;
};

/* First in, first out. */
struct waiter_line {
    struct waiter *first;
    struct waiter *last;
};

/* How the model ended; texts in the inquiry's arena. */
struct inquiry_end {
    enum llm_outcome outcome;
    struct slice text;
    struct slice served_by;
    struct slice reason;
    struct llm_usage usage;
};

struct inquiry {
    struct inquiry *previous; /* in the line of its stage */
    struct inquiry *next;
    enum inquiry_stage stage;
    struct id key;
    struct arena *arena;
    size_t bytes;                   /* of the question */
    struct asker_question question; /* a copy; generation and owner are the waiters' */
    struct waiter_line waiters;
    size_t holders;      /* waiters not released, and one while at work */
    bool ahead;          /* claimed and not asked yet */
    bool ours;           /* we asked; nobody has been told so yet */
    uint32_t generation; /* of our claim */
    unsigned calls;      /* that it reserved */
    uint64_t claim;      /* its number, once granted */
    int64_t until_ms;    /* GRANTED: use it before; THEIRS: theirs until; wall clock */
    struct inquiry_end end;
    const struct shape *read_shape; /* what `values` were read by; NULL: none yet */
    const struct shape_value *values;
};

/* A copy of the question under its key, at work, with no waiter. */
CHECKED enum status inquiry_create(const struct asker_question *question, struct id key,
                                   struct inquiry **inquiry, struct error *err);
/* One holder less; frees with the last. */
void inquiry_leave(struct inquiry *inquiry);
CHECKED enum status inquiry_add_waiter(struct inquiry *inquiry,
                                       const struct asker_question *question, struct error *err);
/* The newest generation that is waited for. */
uint32_t inquiry_generation(const struct inquiry *inquiry);
/* Bytes of a question's texts. */
size_t question_bytes(const struct asker_question *question);
CHECKED enum status inquiry_keep_end(struct inquiry *inquiry, const struct llm_answer *answer,
                                     struct error *err);
/* Text for people from elsewhere, cut and cleaned as asker.h promises, in the arena. */
struct slice inquiry_reason(struct inquiry *inquiry, const char *before, struct slice text);

void waiter_put(struct waiter_line *line, struct waiter *waiter);
/* NULL: none. */
struct waiter *waiter_take(struct waiter_line *line);

#endif
