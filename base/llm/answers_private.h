/*
 * answers_private: what the parts of answers share. Private to base/llm.
 *
 * Parts    answers.c opens, follows the log and looks things up; answers_append.c appends. The
 *          rules are in answers_fold.h, what is on its way in answers_flight.h.
 */
#ifndef XUNFANG_BASE_LLM_ANSWERS_PRIVATE_H
#define XUNFANG_BASE_LLM_ANSWERS_PRIVATE_H

#include "base/llm/answers_flight.h"
#include "base/llm/answers_fold.h"

struct answers {
    struct bus *bus;
    struct bus_reader *reader;
    const struct clock *clock;
    char *topic;
    char *job;
    char *slot;
    uint64_t life;
    struct answers_cost caps;
    int64_t claim_ms;
    struct answers_fold fold;
    struct flight *flight;
    uint64_t number;     /* of our newest claim or refusal */
    uint64_t ready_end;  /* of the log, when it was opened */
    bool heard;          /* our life was once the slot's newest */
    bool fenced;         /* and is no longer */
    bool doubted;        /* the record before the position is read again, and must be the same */
    struct arena *arena; /* of one record, read or written */
    void (*changed)(void *self, struct id key);
    void *self;
};

#endif
