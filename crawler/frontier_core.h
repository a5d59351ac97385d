/*
 * frontier_core: what the parts of the frontier share: moving requests between states, publishing,
 * counting. Private to the frontier.
 *
 * Split   frontier.c dispatches records and ticks; frontier_result.c reads results;
 *         frontier_robots.c knows robots.txt; frontier_turn.c looks at hosts that are due,
 *         frontier_lease.c grants leases; frontier_parts.c knows which hosts are ours,
 *         frontier_count.c what jobs have had.
 * Call    One record or tick at a time: batch, now_ms and the arena of struct frontier are its.
 * Writes  go to the batch at once, so a part reads what another has just written.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_CORE_H
#define XUNFANG_CRAWLER_FRONTIER_CORE_H

#include "base/util/map.h"
#include "crawler/frontier.h"
#include "crawler/frontier_host.h"
#include "crawler/frontier_store.h"
#include "crawler/url_state.h"
#include "proto/lease.pb-c.h"
#include "proto/url.pb-c.h"

struct frontier {
    unsigned magic;
    struct frontier_options options;
    struct frontier_store store;
    struct hosts *hosts;
    struct map *origins; /* origin → struct origin of frontier_robots.c */
    struct map *counts;  /* job → struct job_count of frontier_count.h */
    struct buf payload;
    struct arena *arena;
    struct fold_batch *batch;
    int64_t now_ms;
    int64_t last_tick_ms;
    int64_t gauges_ms;
    struct part *parts; /* of `urls`; frontier_parts.h */
    uint32_t part_count;
    size_t leases;    /* under way, on hosts that are ours */
    size_t open_jobs; /* with something open, as of this tick; 0: not counted yet */
    uint64_t ignored; /* records that made no sense */
    bool marked;
    bool moved;   /* partitions have, and the leases are to be counted anew */
    bool holding; /* a hold may last */
};

/* A partition of `urls`. */
struct part {
    bool ours;
    struct fold_past past;
    int64_t hold_ms; /* no lease before, as of the last tick */
};

/* A request in the store. */
struct url_ref {
    struct slice job; /* empty for robots.txt */
    struct id id;
    Xunfang__UrlState *state;
};

/* *ref with state NULL if the request is unknown. */
CHECKED enum status frontier_find(struct frontier *frontier, struct slice job, struct id id,
                                  struct url_ref *ref, struct error *err);
/* Takes a request that was unknown into its host's queue. */
CHECKED enum status frontier_enter(struct frontier *frontier, struct url_ref *ref,
                                   Xunfang__Request *request, struct error *err);
/* Applies the event and keeps queues and counters in step; WAITING until `due_ms`. */
CHECKED enum status frontier_move(struct frontier *frontier, struct url_ref *ref,
                                  enum url_event event, int64_t due_ms, struct error *err);
void frontier_save(struct frontier *frontier, const struct url_ref *ref);
/* Is it LEASED, and not by this lease? Then only a final word from this lease counts. */
bool frontier_held_elsewhere(const struct url_ref *ref, struct id lease);
enum frontier_class frontier_class_of(const Xunfang__Request *request);

/* Is it a request that can be kept and sent: with a host, of a sane size? The log may hold
 * anything, and a frontier that stops at a record would stop for good. */
bool frontier_accepts(const Xunfang__Request *request);
bool frontier_accepts_host(struct slice name);
/* The host of an acceptable request, made if new. */
CHECKED enum status frontier_host_of(struct frontier *frontier, const Xunfang__Request *request,
                                     struct host **host, struct error *err);

/* Emits to `urls`. */
CHECKED enum status frontier_publish_link(struct frontier *frontier, struct slice job,
                                          Xunfang__Request *request, struct slice parent,
                                          struct error *err);
struct closing {
    struct slice job;
    Xunfang__Request *request;
    int reason; /* Xunfang__Verdict__Reason */
    const char *detail;
};
CHECKED enum status frontier_publish_verdict(struct frontier *frontier,
                                             const struct closing *closing, struct error *err);
/* Packs `message` into a UrlRecord's envelope and emits it under the key `host`. */
CHECKED enum status frontier_publish(struct frontier *frontier, const Xunfang__UrlRecord *message,
                                     const struct record *envelope, struct error *err);

/* The request's verdict goes out, the request is CLOSING. */
CHECKED enum status frontier_close(struct frontier *frontier, struct url_ref *ref, int reason,
                                   const char *detail, struct error *err);

static inline const struct crawl_job *frontier_job(const struct frontier *frontier,
                                                   struct slice job)
{
    return frontier->options.find_job(frontier->options.self, job);
}

#endif
