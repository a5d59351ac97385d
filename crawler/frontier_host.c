/*
 * A binary heap with the places written into the hosts: setting a new time is logarithmic, and the
 * next host to look at stands on top. Hosts that wait for a record stay in the heap with a time
 * that never comes, which costs nothing and needs no second structure.
 */
#include "crawler/frontier_host.h"

#include "base/message.h"
#include "base/util/map.h"
#include "crawler/courtesy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEAD_MAX_MS = 24 * 60 * 60 * 1000 };

struct hosts {
    struct map *names;
    struct host **heap; /* the earliest first */
    size_t count;
    size_t capacity;
    uint32_t partitions;
};

struct hosts *hosts_create(uint32_t partitions)
{
    struct hosts *hosts = calloc(1, sizeof *hosts);

    if (hosts == NULL)
        return NULL;
    hosts->partitions = partitions;
    hosts->names = map_create();
    if (hosts->names == NULL) {
        free(hosts);
        return NULL;
    }
    return hosts;
}

/* For a state that was wiped: what memory knew of it is gone, too. */
static void forget_all(struct hosts *hosts)
{
    for (size_t i = 0; i < hosts->count; i++) {
        ENSURE(map_remove(hosts->names, hosts->heap[i]->name) == hosts->heap[i]);
        free(hosts->heap[i]);
    }
    hosts->count = 0;
}

void hosts_destroy(struct hosts *hosts)
{
    if (hosts == NULL)
        return;
    forget_all(hosts);
    map_destroy(hosts->names);
    free(hosts->heap);
    free(hosts);
}

size_t hosts_count(const struct hosts *hosts)
{
    return hosts->count;
}

struct host *hosts_at(const struct hosts *hosts, size_t index)
{
    ENSURE(index < hosts->count);
    return hosts->heap[index];
}

struct host *hosts_first(const struct hosts *hosts)
{
    return hosts->count == 0 ? NULL : hosts->heap[0];
}

/* ---- the heap ---- */

static void put_at(struct hosts *hosts, size_t place, struct host *host)
{
    hosts->heap[place] = host;
    host->place = place;
}

static void sift_up(struct hosts *hosts, struct host *host)
{
    size_t at = host->place;

    while (at > 0 && hosts->heap[(at - 1) / 2]->due_ms > host->due_ms) {
        put_at(hosts, at, hosts->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put_at(hosts, at, host);
}

static void sift_down(struct hosts *hosts, struct host *host)
{
    size_t at = host->place;

    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < hosts->count && hosts->heap[child + 1]->due_ms < hosts->heap[child]->due_ms)
            child++;
        if (child >= hosts->count || hosts->heap[child]->due_ms >= host->due_ms)
            break;
        put_at(hosts, at, hosts->heap[child]);
        at = child;
    }
    put_at(hosts, at, host);
}

void hosts_set_due(struct hosts *hosts, struct host *host, int64_t due_ms)
{
    ENSURE(host->place < hosts->count && hosts->heap[host->place] == host);
    host->due_ms = due_ms;
    /* Both ways: the new time may be earlier or later, and only one of the two moves it. */
    sift_up(hosts, host);
    sift_down(hosts, host);
}

/* With one time for all any order is a heap. */
void hosts_wake(struct hosts *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        hosts->heap[i]->due_ms = 0;
}

/* ---- making ---- */

static enum status make_room(struct hosts *hosts, struct error *err)
{
    size_t capacity = hosts->capacity == 0 ? 64 : hosts->capacity * 2;
    struct host **heap;

    if (hosts->count == HOSTS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "more than %d hosts", HOSTS_MAX);
    if (hosts->count < hosts->capacity)
        return STATUS_OK;
    heap = realloc(hosts->heap, capacity * sizeof(struct host *));
    if (heap == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a host");
    hosts->heap = heap;
    hosts->capacity = capacity;
    return STATUS_OK;
}

/* The name stands behind the struct: one allocation, one owner. */
static struct host *make_host(struct slice name)
{
    struct host *host = calloc(1, sizeof *host + name.size + 1);
    char *text = (char *) (host + 1);

    if (host == NULL)
        return NULL;
    if (name.size > 0)
        memcpy(text, name.data, name.size);
    host->name = slice_of(text, name.size);
    host->due_ms = HOST_NEVER;
    return host;
}

enum status hosts_get(struct hosts *hosts, struct slice name, struct host **result,
                      struct error *err)
{
    struct host *host = map_get(hosts->names, name);
    enum status status;

    if (host == NULL) {
        status = make_room(hosts, err);
        if (status != STATUS_OK)
            return status;
        host = make_host(name);
        if (host == NULL || map_put(hosts->names, name, host) != STATUS_OK) {
            free(host);
            return error_set(err, STATUS_NOMEM, "no memory for a host");
        }
        host->part = partition_of(name, hosts->partitions);
        /* Due never, so its place is the last one and nothing need be sifted. */
        put_at(hosts, hosts->count++, host);
    }
    *result = host;
    return STATUS_OK;
}

/* ---- state ---- */

void host_set_detail(struct host *host, const char *detail)
{
    (void) snprintf(host->detail, sizeof host->detail, "%s", detail);
}

static enum status take_host(void *self, struct slice name, const Xunfang__HostState *state,
                             struct error *err)
{
    struct hosts *hosts = self;
    struct host *host = NULL;
    enum status status = hosts_get(hosts, name, &host, err);

    if (status != STATUS_OK)
        return status;
    ENSURE(host != NULL);
    host->next_order = state->next_order;
    host->trouble = state->trouble;
    host->pause_ms = state->pause_ms;
    host->dead_ms = state->dead_ms;
    host->average_ms = state->average_ms;
    host_set_detail(host, state->detail);
    status_ignore(id_from_bytes(message_slice(state->last_result), &host->last_result, NULL));
    (void) snprintf(host->last_job, sizeof host->last_job, "%s", state->last_job);
    (void) snprintf(host->payer, sizeof host->payer, "%s", state->payer);
    host->ended_ms = state->ended_ms;
    host->delay_ms = state->delay_ms;
    host->free_ms = state->free_ms;
    host->leased = id_from_bytes(message_slice(state->lease), &host->lease, NULL) == STATUS_OK;
    /* Due times are not kept: each host is looked at once and then knows its own again. */
    hosts_set_due(hosts, host, 0);
    return STATUS_OK;
}

enum status hosts_load(struct hosts *hosts, struct store *store, struct error *err)
{
    forget_all(hosts);
    return frontier_each_host(store, take_host, hosts, err);
}

void host_save(const struct host *host, struct frontier_store *store)
{
    Xunfang__HostState state = XUNFANG__HOST_STATE__INIT;
    char detail[HOST_DETAIL_MAX], job[HOST_JOB_MAX], payer[HOST_JOB_MAX];

    /* protobuf-c wants its strings writable, so it gets copies. */
    memcpy(detail, host->detail, sizeof detail);
    memcpy(job, host->last_job, sizeof job);
    memcpy(payer, host->payer, sizeof payer);
    state.next_order = host->next_order;
    state.trouble = host->trouble;
    state.pause_ms = host->pause_ms;
    state.dead_ms = host->dead_ms;
    state.average_ms = host->average_ms;
    state.detail = detail;
    state.last_job = job;
    state.last_result = message_bytes(id_slice(&host->last_result));
    state.ended_ms = host->ended_ms;
    state.delay_ms = host->delay_ms;
    state.free_ms = host->free_ms;
    /* Left out otherwise: no id in it is how take_host knows that there is no lease. */
    if (host->leased) {
        state.lease = message_bytes(id_slice(&host->lease));
        state.payer = payer;
    }
    frontier_put_host(store, host->name, &state);
}

/* A clock set back by a day must not leave a host alone for that day. */
static void clamp_to(int64_t *time, int64_t latest)
{
    if (*time > latest)
        *time = latest;
}

void host_clamp(struct host *host, int64_t now_ms, int64_t longest_ms)
{
    clamp_to(&host->pause_ms, now_ms + COURTESY_PAUSE_MAX_MS);
    clamp_to(&host->dead_ms, now_ms + DEAD_MAX_MS);
    clamp_to(&host->ended_ms, now_ms);
    clamp_to(&host->free_ms, now_ms + longest_ms);
}
