/*
 * frontier_store: the keys and records of the frontier's state (proto/frontier.proto).
 *
 * Keys    u job id → UrlState every request ever heard of q host job class order → id what may be
 *         leased now, oldest first w host due job id what waits for its next try k job list id hits
 *         a list has brought h host → HostState courtesy, trouble o origin → OriginState robots.txt
 *         l id → LeaseState leases under way j job part → JobState counters m the state is not new
 *         Requests for robots.txt have the empty job, so they are nobody's and come first.
 * Use     One object a frontier; `db` is set at its opening, `batch` and `arena` for each record or
 *         tick.
 * Writes  go to the batch, whose sticky error shows at its commit; reads see the batch's writes.
 * Memory  Messages returned live in the arena.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_STORE_H
#define XUNFANG_CRAWLER_FRONTIER_STORE_H

#include "base/store/store.h"
#include "base/util/arena.h"
#include "base/util/hash.h"
#include "proto/frontier.pb-c.h"

enum frontier_class { CLASS_ROBOTS, CLASS_LIST, CLASS_ARTICLE, CLASS_COUNT };

struct frontier_store {
    struct store *db;
    struct store_batch *batch;
    struct arena *arena;
    struct buf key;
    struct buf value;
};

void frontier_store_init(struct frontier_store *store);
void frontier_store_fini(struct frontier_store *store);

/* ---- requests ---- */

/* *state is NULL if the request was never heard of. */
CHECKED enum status frontier_get_url(struct frontier_store *store, struct slice job, struct id id,
                                     Xunfang__UrlState **state, struct error *err);
void frontier_put_url(struct frontier_store *store, struct slice job, struct id id,
                      const Xunfang__UrlState *state);

/* ---- queues ---- */

struct queue_place {
    struct slice host;
    struct slice job;
    enum frontier_class class;
    uint64_t order;
};

struct queue_entry {
    uint64_t order;
    struct id id;
};

void frontier_put_queued(struct frontier_store *store, const struct queue_place *place,
                         struct id id);
void frontier_delete_queued(struct frontier_store *store, const struct queue_place *place);
/* The first `*count` entries of the class from place->order on; *count becomes their number. */
CHECKED enum status frontier_list_queued(struct frontier_store *store,
                                         const struct queue_place *place,
                                         struct queue_entry *entries, size_t *count,
                                         struct error *err);
/* The first job of the host behind `after` that has something queued; *job is empty (data NULL) if
 * none has. */
CHECKED enum status frontier_next_job(struct frontier_store *store, struct slice host,
                                      struct slice after, struct slice *job, struct error *err);

struct waiting_entry {
    int64_t due_ms;
    struct slice job;
    struct id id;
};

void frontier_put_waiting(struct frontier_store *store, struct slice host,
                          const struct waiting_entry *entry);
void frontier_delete_waiting(struct frontier_store *store, struct slice host,
                             const struct waiting_entry *entry);
/* The earliest `*count` entries of the host. */
CHECKED enum status frontier_list_waiting(struct frontier_store *store, struct slice host,
                                          struct waiting_entry *entries, size_t *count,
                                          struct error *err);

/* ---- lists ---- */

struct list_hit {
    struct slice job;
    uint32_t list;
    struct id id;
};

/* Remembers the hit; *is_new: the list did not have it. */
CHECKED enum status frontier_add_hit(struct frontier_store *store, const struct list_hit *hit,
                                     bool *is_new, struct error *err);

/* ---- hosts, origins, leases, jobs: NULL if unknown ---- */

void frontier_put_host(struct frontier_store *store, struct slice host,
                       const Xunfang__HostState *state);
/* Keeps a copy of what it needs. */
typedef enum status frontier_take_host(void *self, struct slice host,
                                       const Xunfang__HostState *state, struct error *err);
/* Every host of a store, at its opening. */
CHECKED enum status frontier_each_host(struct store *store, frontier_take_host *take, void *self,
                                       struct error *err);

CHECKED enum status frontier_get_origin(struct frontier_store *store, struct slice origin,
                                        Xunfang__OriginState **state, struct error *err);
void frontier_put_origin(struct frontier_store *store, struct slice origin,
                         const Xunfang__OriginState *state);

CHECKED enum status frontier_get_lease(struct frontier_store *store, struct id id,
                                       Xunfang__LeaseState **state, struct error *err);
void frontier_put_lease(struct frontier_store *store, struct id id,
                        const Xunfang__LeaseState *state);
void frontier_delete_lease(struct frontier_store *store, struct id id);

/* A job's counters on one partition of `urls`. */
struct job_place {
    struct slice job;
    uint32_t part;
};

CHECKED enum status frontier_get_job(struct frontier_store *store, const struct job_place *place,
                                     Xunfang__JobState **state, struct error *err);
void frontier_put_job(struct frontier_store *store, const struct job_place *place,
                      const Xunfang__JobState *state);

/* ---- the mark of a state that is not new ---- */

void frontier_put_mark(struct frontier_store *store);
CHECKED enum status frontier_has_mark(struct store *store, bool *has, struct error *err);

#endif
