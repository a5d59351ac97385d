/*
 * frontier_host: the hosts of a frontier in memory, and which of them has something to do next.
 *
 * Memory   A host is small and stays; at most HOSTS_MAX of them, then STATUS_TOO_LARGE.
 * Due      Each host has a time at which it is to be looked at; hosts_first gives the earliest. A
 *          host that waits for a record has HOST_NEVER.
 * State    host_save writes what must survive; hosts_load reads it back. `clamp` mends times that a
 *          clock set back would turn into a standstill.
 * Threads  One.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_HOST_H
#define XUNFANG_CRAWLER_FRONTIER_HOST_H

#include "crawler/frontier_store.h"

enum { HOSTS_MAX = 1000000, HOST_DETAIL_MAX = 160, HOST_JOB_MAX = 65 };

#define HOST_NEVER INT64_MAX

struct host {
    struct slice name;
    uint32_t part; /* partition of `urls` that it belongs to */
    uint64_t next_order;
    int64_t ended_ms; /* of the last request; 0: nothing was ever sent */
    int64_t delay_ms; /* of the last lease */
    bool leased;
    struct id lease;
    int64_t free_ms; /* leased: without a result the lease is over then */
    unsigned trouble;
    int64_t pause_ms;
    int64_t dead_ms;
    int64_t average_ms;
    char detail[HOST_DETAIL_MAX];
    char last_job[HOST_JOB_MAX];
    char payer[HOST_JOB_MAX]; /* leased: whose share of the leases it takes */
    struct id last_result;    /* lease whose result was read last: it may stand in the log twice */
    int64_t due_ms;
    size_t place; /* in the heap */
};

struct hosts;

/* `partitions`: how many `urls` has. NULL when memory is out. */
struct hosts *hosts_create(uint32_t partitions);
void hosts_destroy(struct hosts *hosts);
/* The host, made if new, due never. */
CHECKED enum status hosts_get(struct hosts *hosts, struct slice name, struct host **host,
                              struct error *err);
void hosts_set_due(struct hosts *hosts, struct host *host, int64_t due_ms);
/* All of them are due at once. */
void hosts_wake(struct hosts *hosts);
/* The one due first; NULL without hosts. */
struct host *hosts_first(const struct hosts *hosts);
size_t hosts_count(const struct hosts *hosts);
/* In no useful order. */
struct host *hosts_at(const struct hosts *hosts, size_t index);

/* Forgets all, then reads every host of the store, each due at once. */
CHECKED enum status hosts_load(struct hosts *hosts, struct store *store, struct error *err);
void host_save(const struct host *host, struct frontier_store *store);
/* No time of the host's lies further ahead of `now_ms` than it may; *longest_ms is how far a lease
 * may reach. */
void host_clamp(struct host *host, int64_t now_ms, int64_t longest_ms);
void host_set_detail(struct host *host, const char *detail);

#endif
