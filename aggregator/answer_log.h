/*
 * answer_log: what stands in JOB.answers, read record by record: the second route for checks.
 *
 * Route    base/llm/answers.h is how workers read the log. Here the records are only counted, and
 *          each key keeps the first reply that comes by; claims, lives and the rules of the budget
 *          are not looked at.
 * Used     Of every reply and failure, later replies to a key included: what servers were paid. A
 *          record that ends a claim a second time is a repeat and costs nothing.
 * Caps     The largest that any claim names, since a replay may run under others; 0: none, or one
 *          claim had none.
 * Range    All that stands there now: answers belong to the job, not to a run or a seal. A job
 *          without the log has an empty one.
 * Memory   Texts are numbers in `strings`. answer_log_fini frees, whatever the outcome; do not move
 *          the struct in between.
 */
#ifndef XUNFANG_AGGREGATOR_ANSWER_LOG_H
#define XUNFANG_AGGREGATOR_ANSWER_LOG_H

#include "aggregator/idtable.h"
#include "aggregator/job_source.h"
#include "base/llm/answers.h"

enum { ANSWER_LOG_MAX = 50 * 1000 * 1000 };

struct answer_row {
    struct id key;    /* first: the index wants it there */
    uint32_t replies; /* in the log; the first counts: */
    uint32_t task;
    uint32_t model;
    uint32_t prompt; /* version */
    uint32_t text;   /* compact JSON */
};

struct answer_log {
    struct rows rows;
    struct idtable by_key;
    struct idset ends; /* of claims: hash(key, life, number) */
    struct strings *strings;
    uint64_t replied; /* keys with a reply */
    struct answers_cost used;
    struct answers_cost caps;
    uint64_t claims;
    uint64_t bad; /* records that could not be read */
};

CHECKED enum status answer_log_read(const struct job_source *source, struct answer_log *log,
                                    struct error *err);
void answer_log_fini(struct answer_log *log);
/* The row of an answered key; NULL: there is no reply to it. */
const struct answer_row *answer_log_find(const struct answer_log *log, struct id key);
struct slice answer_log_text(const struct answer_log *log, uint32_t name);

#endif
