/*
 * stats: what the server counts, for tests and benches; `GET /stats` and a line a question.
 *
 * Busy     Slot-microseconds: the integral of busy slots over time; first and last are when the
 *          first question came and the last one ended.
 * Counts   requests: all chats and embeddings; answered: of them, replies of status 200 that were
 *          written whole; gone: the client left before that; refused: over the queue.
 */
#ifndef XUNFANG_TESTS_LLM_STATS_H
#define XUNFANG_TESTS_LLM_STATS_H

#include "base/util/buf.h"
#include "base/util/hash.h"
#include "tests/llm/script.h"

#include <stdio.h>

struct stats;

/* `log` may be NULL: no lines. */
CHECKED enum status stats_create(unsigned slots, FILE *log, struct stats **stats,
                                 struct error *err);
/* NULL is fine; the log is closed. */
void stats_destroy(struct stats *stats);
/* Monotonic. */
int64_t stats_now_us(void);

void stats_asked(struct stats *stats, struct id question, enum deed deed);
void stats_slots(struct stats *stats, unsigned busy);
void stats_refused(struct stats *stats);

struct stats_line {
    struct id question;
    struct id form;
    enum deed deed;
    unsigned status; /* 0: none was sent */
    bool whole;      /* written to its end */
    bool key;        /* an Authorization header came */
    int64_t asked_us;
    struct slice about; /* the beginning of it is logged */
};
void stats_ended(struct stats *stats, const struct stats_line *line);
void stats_put(const struct stats *stats, struct buf *out);

#endif
