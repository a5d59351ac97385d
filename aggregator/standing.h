/*
 * standing: how far a job is and what it cost, as its logs tell it at this moment.
 *
 * State    complete or gaps (as the seal of the newest generation says); without one paused or
 *          cancelled by an operator, else running: whether or not anybody works on it just now.
 * Counts   From `urls` and the run's reports, sealed or not. lists_ended have pages, none of them
 *          open. Documents are articles that were fetched, and ingested ones; visits and events are
 *          as the reports tell them, copies included, so the results have fewer.
 * Waiting  Records that the stages have before them (backlog.h): what stays there, or grows, is
 *          worked on by nobody; the stages' stewards tell why (/readyz).
 * Asked    Documents about which a language model was to be asked, whatever came of it.
 * Forms    A few lines for people, or one JSON object on one line: job, run, state, detail,
 *          generation, lists, lists_ended, urls, urls_ended, documents, outcomes, visits, events,
 *          dead, asked_documents, waiting (an object: a number a stage), model. model is null if
 *          the job asks none, else an object: name, endpoint, questions, replies, failures,
 *          refusals; calls, prompt_tokens, completion_tokens, latency_ms, money of ended questions;
 *          currency; spent, held, caps with calls, tokens, money each (account.h; a cap that is not
 *          set is null).
 */
#ifndef XUNFANG_AGGREGATOR_STANDING_H
#define XUNFANG_AGGREGATOR_STANDING_H

#include "aggregator/account.h"
#include "aggregator/backlog.h"

enum standing_state {
    STANDING_RUNNING,
    STANDING_COMPLETE,
    STANDING_GAPS,
    STANDING_PAUSED,
    STANDING_CANCELLED,
};

struct standing {
    const char *job; /* of the source, like the other texts */
    const char *run;
    enum standing_state state;
    const char *detail; /* what the seal says; "" without one */
    uint32_t generation;
    uint64_t lists;
    uint64_t lists_ended;
    uint64_t urls;
    uint64_t urls_ended;
    uint64_t documents;
    uint64_t outcomes;
    uint64_t visits;
    uint64_t events;
    uint64_t dead;
    uint64_t asked;
    struct backlog backlog;
    struct account account;
};

/* The source's settings must say `so_far`. */
CHECKED enum status standing_read(const struct job_source *source, struct standing *standing,
                                  struct error *err);
void standing_put_text(const struct standing *standing, struct buf *out);
void standing_put_json(const struct standing *standing, struct buf *out);
/* "running", "complete", "gaps", "paused", "cancelled". */
const char *standing_state_text(enum standing_state state);

#endif
