/*
 * account: what asking a language model has cost a job so far, against its caps.
 *
 * Source   The log JOB.answers, followed as the workers follow it (base/llm/answers.h) but into
 *          memory: so the numbers are those the budget is judged by.
 * Totals   replies, failures, refusals: distinct questions by what became of them. used: what ended
 *          questions cost, as their servers say. spent: that, and the reservations of claims that
 *          nobody ended (a killed worker's). held: reservations of claims that are still open.
 * Whose    The log is shared by all runs of a job: so is the account.
 * Where    It differs between runs of one job (latency, kills): for report.html, status and checks,
 *          never for tables.
 */
#ifndef XUNFANG_AGGREGATOR_ACCOUNT_H
#define XUNFANG_AGGREGATOR_ACCOUNT_H

#include "aggregator/job_source.h"
#include "base/llm/answers.h"

struct account {
    bool given;            /* false: the job asks no language model, the rest is zero */
    struct slice endpoint; /* of the study, like the next two */
    struct slice model;
    struct slice currency;
    struct answers_totals totals;
    struct answers_cost caps; /* 0: none */
};

/* Opens the job's log of answers as an onlooker and reads it to its end; the store is the caller's
 * and outlives it. STATUS_NOT_FOUND: the job has no such log. */
CHECKED enum status account_open(const struct job_source *source, struct store *store,
                                 struct answers **answers, struct error *err);
CHECKED enum status account_read(const struct job_source *source, struct account *account,
                                 struct error *err);
/* Distinct questions that came to some end. */
uint64_t account_questions(const struct account *account);
/* Has the budget refused a question, or is a cap reached? */
bool account_used_up(const struct account *account);
/* Millionths as a decimal number without zeros at the end: "0.001234". */
void account_put_money(struct buf *out, uint64_t millionths);

#endif
