/* A seat is free, then granted but untold, then held; recalled, then letting go, and free again. A
 * forfeit takes what was recalled without the reader's hearing of it; news that still wait tell it
 * later, and until then its commits are refused. */
#include "base/bus/bus_kafka_share.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct seat {
    struct kafka_grant grant;
    bool arrived;
    bool held;       /* granted and not forfeited */
    bool untold;     /* the reader has not heard of the grant */
    bool recalled;   /* asked back; the reader has not heard of it */
    bool letting_go; /* the reader has heard of it and may commit until its next look */
};

struct kafka_share {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct error failure;
    bool woken;        /* something for the reader since its last wait */
    bool committing;   /* one at a time: the reader belongs to one thread */
    bool closed;       /* the reader looks no more */
    size_t news;       /* seats that are untold or recalled */
    size_t letting_go; /* seats that are */
    size_t count;
    struct seat seats[];
};

struct kafka_share *kafka_share_create(size_t count)
{
    struct kafka_share *share = calloc(1, sizeof *share + count * sizeof(struct seat));
    pthread_condattr_t monotonic;

    if (share == NULL)
        return NULL;
    share->count = count;
    (void) pthread_condattr_init(&monotonic);
    /* Someone may set the wall clock in the middle of a wait. */
    (void) pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void) pthread_mutex_init(&share->lock, NULL);
    (void) pthread_cond_init(&share->changed, &monotonic);
    (void) pthread_condattr_destroy(&monotonic);
    return share;
}

void kafka_share_destroy(struct kafka_share *share)
{
    if (share == NULL)
        return;
    (void) pthread_cond_destroy(&share->changed);
    (void) pthread_mutex_destroy(&share->lock);
    free(share);
}

static void enter(struct kafka_share *share)
{
    (void) pthread_mutex_lock(&share->lock);
}

/* Both sides wait at one condition: there are two of them at most. */
static void leave(struct kafka_share *share, bool tell)
{
    if (tell)
        (void) pthread_cond_broadcast(&share->changed);
    (void) pthread_mutex_unlock(&share->lock);
}

static struct timespec moment_in(int64_t timeout_ms)
{
    struct timespec moment;

    (void) clock_gettime(CLOCK_MONOTONIC, &moment);
    moment.tv_sec += (time_t) (timeout_ms / 1000);
    moment.tv_nsec += (long) (timeout_ms % 1000) * 1000000;
    if (moment.tv_nsec >= 1000000000) {
        moment.tv_sec++;
        moment.tv_nsec -= 1000000000;
    }
    return moment;
}

/* ---- from librdkafka's side ---- */

void kafka_share_arrived(struct kafka_share *share, size_t index)
{
    enter(share);
    share->seats[index].arrived = true;
    share->woken = true;
    leave(share, true);
}

void kafka_share_grant(struct kafka_share *share, const size_t *indexes,
                       const struct kafka_grant *grants, size_t count)
{
    enter(share);
    for (size_t i = 0; i < count; i++) {
        struct seat *seat = &share->seats[indexes[i]];
        /* `news` counts seats, not changes: a recall with a grant behind it is one. */
        if (!seat->untold && !seat->recalled)
            share->news++;
        seat->grant = grants[i];
        seat->held = seat->untold = true;
    }
    share->woken = true;
    leave(share, true);
}

void kafka_share_recall(struct kafka_share *share)
{
    enter(share);
    for (size_t i = 0; i < share->count; i++) {
        struct seat *seat = &share->seats[i];
        if (!seat->held)
            continue;
        /* Merged: the reader never heard of this grant, and need not hear of its end. */
        if (seat->untold) {
            seat->held = seat->untold = false;
            if (!seat->recalled)
                share->news--;
            continue;
        }
        if (!seat->recalled && !seat->letting_go) {
            seat->recalled = true;
            share->news++;
        }
    }
    share->woken = true;
    leave(share, true);
}

static bool awaited(const struct kafka_share *share)
{
    if (share->letting_go > 0)
        return true;
    for (size_t i = 0; i < share->count && share->news > 0; i++)
        if (share->seats[i].recalled && share->seats[i].held)
            return true;
    return false;
}

bool kafka_share_await(struct kafka_share *share, int64_t timeout_ms)
{
    struct timespec until = moment_in(timeout_ms);
    bool done;

    enter(share);
    while (!(done = !awaited(share)) && !share->closed)
        if (pthread_cond_timedwait(&share->changed, &share->lock, &until) != 0)
            break;
    leave(share, false);
    return done;
}

void kafka_share_forfeit(struct kafka_share *share)
{
    enter(share);
    while (share->committing)
        (void) pthread_cond_wait(&share->changed, &share->lock);
    for (size_t i = 0; i < share->count; i++)
        /* A grant still untold is younger than the recall, which took all that there were. */
        if (!share->seats[i].untold)
            share->seats[i].held = false;
    leave(share, false);
}

void kafka_share_fail(struct kafka_share *share, enum status status, const char *text)
{
    enter(share);
    if (share->failure.code == STATUS_OK)
        (void) error_set(&share->failure, status, "%s", text);
    share->woken = true;
    leave(share, true);
}

/* ---- from the reader's side ---- */

/* The last look told of a recall; whoever looks again has committed what it wanted to. */
static void let_go(struct kafka_share *share)
{
    for (size_t i = 0; i < share->count && share->letting_go > 0; i++)
        if (share->seats[i].letting_go) {
            share->seats[i].letting_go = false;
            share->seats[i].held = share->seats[i].untold;
            share->letting_go--;
        }
}

/* A recall goes before the grant that may stand behind it. */
static void tell(struct kafka_share *share, struct seat *seat, struct kafka_news *news)
{
    if (seat->recalled) {
        news->kind = BUS_EVENT_REVOKED;
        seat->recalled = false;
        /* With a new grant behind the recall the old one was forfeited: there is nothing to let
         * go. */
        seat->letting_go = seat->held && !seat->untold;
        share->letting_go += seat->letting_go;
    } else {
        news->kind = BUS_EVENT_ASSIGNED;
        news->grant = seat->grant;
        seat->untold = false;
    }
    if (!seat->untold)
        share->news--;
}

enum status kafka_share_next(struct kafka_share *share, struct kafka_news *news, bool *any,
                             struct error *err)
{
    enum status status;
    bool gone;

    enter(share);
    gone = share->letting_go > 0;
    let_go(share);
    status = share->failure.code;
    if (status != STATUS_OK)
        (void) error_set(err, status, "%s", share->failure.message);
    *any = false;
    for (size_t i = 0; status == STATUS_OK && share->news > 0 && i < share->count; i++) {
        struct seat *seat = &share->seats[i];
        if (!seat->recalled && !seat->untold)
            continue;
        news->index = i;
        tell(share, seat, news);
        news->more = share->news > 0;
        *any = true;
        break;
    }
    /* Whoever recalled waits for that. */
    leave(share, gone);
    return status;
}

bool kafka_share_take_arrived(struct kafka_share *share, size_t index)
{
    bool arrived;

    enter(share);
    arrived = share->seats[index].arrived;
    share->seats[index].arrived = false;
    leave(share, false);
    return arrived;
}

void kafka_share_wait(struct kafka_share *share, int64_t timeout_ms)
{
    struct timespec until = moment_in(timeout_ms);

    enter(share);
    while (!share->woken)
        if (pthread_cond_timedwait(&share->changed, &share->lock, &until) != 0)
            break;
    share->woken = false;
    leave(share, false);
}

bool kafka_share_commit_begin(struct kafka_share *share, size_t index)
{
    bool ours;

    enter(share);
    /* An untold grant is not the one that the work was done for. */
    ours = share->seats[index].held && !share->seats[index].untold;
    share->committing = ours;
    leave(share, false);
    return ours;
}

void kafka_share_commit_end(struct kafka_share *share)
{
    enter(share);
    share->committing = false;
    leave(share, true);
}

void kafka_share_close(struct kafka_share *share)
{
    enter(share);
    share->closed = true;
    leave(share, true);
}
