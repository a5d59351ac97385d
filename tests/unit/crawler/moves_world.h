/*
 * moves_world: two frontiers of one group on a bus in memory, each with a state of its own, and a
 * made-up crawler that works on the leases of both, with a watch on every host: no two requests at
 * once, and none sooner than the delay after the end of the one before.
 */
#ifndef XUNFANG_TESTS_MOVES_WORLD_H
#define XUNFANG_TESTS_MOVES_WORLD_H

#include "base/log.h"
#include "base/util/random.h"
#include "crawler/courtesy.h"
#include "tests/unit/crawler/frontier_world.h"

enum { PARTS = 4, HOSTS_MAX_HERE = 16, LEASES_HERE = 64, DELAY_MS = 100, TIMEOUT_MS = 2000 };

struct member {
    const char *name; /* client of its bus */
    struct bus *bus;
    struct store *store;
    struct frontier *frontier;
    struct worker *worker;
    bool asleep; /* it is not stepped */
};

/* A lease that the crawler works on. */
struct job_lease {
    const Xunfang__Lease *lease; /* NULL: free */
    Xunfang__Result *result;
    size_t at;
    int64_t due_ms; /* of the next send, or of the end of the one under way */
    bool sending;
    bool dies;   /* its result never comes */
    size_t left; /* dies: after so many sends */
};

struct moves {
    struct world base;
    struct member members[2];
    struct random random;
    uint64_t read[PARTS]; /* of leases */
    struct job_lease leases[LEASES_HERE];
    int64_t ended_ms[HOSTS_MAX_HERE];
    bool busy[HOSTS_MAX_HERE];
    int64_t slow_ms;         /* a request takes at most so long */
    unsigned die_per_mille;  /* leases on which the crawler dies */
    unsigned late_per_mille; /* leases that are claimed late */
    size_t sends;
    size_t expired;          /* leases that came too late */
    int64_t lease_ms[PARTS]; /* when the last lease was read there */
};

/* ---- members ---- */

HELPER int64_t moves_longest(void *self)
{
    const struct world *world = self;

    return world->study.job.crawl.request_timeout_ms;
}

HELPER void member_start(struct moves *moves, struct member *member)
{
    struct world *world = &moves->base;
    struct bus_options bus_options = {.client = member->name, .timeout_ms = 5000};
    struct frontier_options options = {.clock = &world->clock.clock,
                                       .find_job = world_find_job,
                                       .longest_timeout = moves_longest,
                                       .self = world,
                                       .partitions = PARTS,
                                       .shared = true};
    struct bus_partition inputs[PARTS];
    struct worker_options worker_options = {.clock = &world->clock.clock,
                                            .inputs = inputs,
                                            .input_count = PARTS,
                                            .store = member->store};

    for (uint32_t i = 0; i < PARTS; i++)
        inputs[i] = (struct bus_partition){"urls", i};
    OK_OR_FAIL(bus_memory_open(world->logs, &bus_options, &member->bus, &world_error));
    OK_OR_FAIL(frontier_create(&options, &member->frontier, &world_error));
    worker_options.bus = member->bus;
    OK_OR_FAIL(worker_create_fold(&frontier_stage, member->frontier, &worker_options,
                                  &member->worker, &world_error));
    member->asleep = false;
}

HELPER void member_stop(struct member *member)
{
    worker_destroy(member->worker);
    frontier_destroy(member->frontier);
    bus_close(member->bus);
}

HELPER void moves_give(struct moves *moves, uint32_t part, int member)
{
    const struct bus_partition at = {"urls", part};

    bus_world_give(moves->base.logs, "frontier", &at, moves->members[member].name);
}

/* Every partition is the first member's; the second stands by. */
HELPER struct moves *moves_open(uint64_t seed)
{
    struct moves *moves = calloc(1, sizeof *moves);

    assert_non_null(moves);
    log_open("test", LOG_ERROR);
    world_prepare(&moves->base, seed, PARTS);
    bus_world_set_groups(moves->base.logs);
    random_init(&moves->random, seed);
    moves->base.study.job.crawl.request_timeout_ms = TIMEOUT_MS;
    moves->base.other_study.job.crawl.request_timeout_ms = TIMEOUT_MS;
    moves->slow_ms = 20;
    for (int i = 0; i < 2; i++) {
        moves->members[i].name = i == 0 ? "one" : "two";
        moves->members[i].store = store_open_memory();
        member_start(moves, &moves->members[i]);
        for (uint32_t part = 0; i == 0 && part < PARTS; part++)
            moves_give(moves, part, 0);
    }
    return moves;
}

HELPER void moves_close(struct moves *moves)
{
    for (int i = 0; i < 2; i++) {
        member_stop(&moves->members[i]);
        store_close(moves->members[i].store);
    }
    bus_close(moves->base.outside);
    store_close(moves->base.store);
    bus_world_destroy(moves->base.logs);
    arena_destroy(moves->base.arena);
    free(moves);
}

/* ---- the crawler ---- */

/* Hosts are h0.cn, h1.cn, … */
HELPER size_t host_index(const char *host)
{
    unsigned long index = strtoul(host + 1, NULL, 10);

    assert_true(host[0] == 'h' && index < HOSTS_MAX_HERE);
    return index;
}

HELPER uint32_t host_part(size_t host)
{
    char name[16];

    (void) snprintf(name, sizeof name, "h%zu.cn", host);
    return partition_of(slice_from(name), PARTS);
}

HELPER void take_lease(struct moves *moves, const Xunfang__Lease *lease)
{
    for (size_t i = 0; i < LEASES_HERE; i++) {
        struct job_lease *slot = &moves->leases[i];
        if (slot->lease != NULL)
            continue;
        *slot = (struct job_lease){.lease = lease};
        slot->result = world_result(&moves->base, lease, OUTCOME(NOT_SENT), 0);
        for (size_t k = 0; k < lease->n_items; k++)
            slot->result->fetches[k]->sent_ms = slot->result->fetches[k]->ended_ms = 0;
        slot->due_ms = lease->not_before_ms;
        if (random_chance(&moves->random, moves->late_per_mille))
            slot->due_ms += (int64_t) random_below(&moves->random, COURTESY_LEASE_MS);
        slot->dies = random_chance(&moves->random, moves->die_per_mille);
        slot->left = random_below(&moves->random, lease->n_items + 1);
        return;
    }
    fail_msg("more than %d leases at once", LEASES_HERE);
}

HELPER void read_leases(struct moves *moves)
{
    struct bus_record raw;
    struct record record;

    for (uint32_t part = 0; part < PARTS; part++)
        while (bus_world_record(moves->base.logs, "leases", part, moves->read[part], &raw)) {
            const Xunfang__Lease *lease;
            moves->read[part]++;
            moves->lease_ms[part] = moves->base.clock.now_ms;
            OK_OR_FAIL(record_decode(arena_copy(moves->base.arena, raw.value), moves->base.arena,
                                     &record, &world_error));
            lease = message_unpack(&xunfang__lease__descriptor, record.payload, moves->base.arena,
                                   &world_error);
            assert_non_null(lease);
            take_lease(moves, lease);
        }
}

HELPER void send_request(struct moves *moves, struct job_lease *slot)
{
    Xunfang__FetchResult *fetch = slot->result->fetches[slot->at];
    int64_t now = moves->base.clock.now_ms;
    size_t host = host_index(slot->lease->host);

    if (moves->busy[host])
        fail_msg("h%zu.cn is asked twice at once", host);
    if (moves->ended_ms[host] != 0 && now < moves->ended_ms[host] + DELAY_MS)
        fail_msg("h%zu.cn is asked %d ms after the last answer", host,
                 (int) (now - moves->ended_ms[host]));
    moves->busy[host] = true;
    moves->sends++;
    fetch->sent_ms = now;
    fetch->outcome = OUTCOME(OK);
    fetch->http_status = 200;
    slot->sending = true;
    slot->due_ms = now + 1 + (int64_t) random_below(&moves->random, (uint64_t) moves->slow_ms);
}

HELPER void end_request(struct moves *moves, struct job_lease *slot)
{
    size_t host = host_index(slot->lease->host);
    int64_t now = moves->base.clock.now_ms;

    slot->result->fetches[slot->at++]->ended_ms = now;
    moves->busy[host] = false;
    moves->ended_ms[host] = now;
    slot->sending = false;
    slot->due_ms = now + slot->lease->delay_ms + 1;
}

HELPER void step_lease(struct moves *moves, struct job_lease *slot)
{
    int64_t now = moves->base.clock.now_ms;
    bool late = now >= slot->lease->expires_ms;

    if (slot->sending && now >= slot->due_ms)
        end_request(moves, slot);
    if (slot->sending)
        return;
    if (slot->at < slot->lease->n_items && !late && !(slot->dies && slot->left == 0)) {
        if (now >= slot->due_ms) {
            slot->left -= slot->dies;
            send_request(moves, slot);
        }
        return;
    }
    moves->expired += slot->at == 0 && late;
    if (!slot->dies)
        world_publish_result(&moves->base, slot->lease, slot->result);
    slot->lease = NULL;
}

/* ---- time ---- */

HELPER void moves_run(struct moves *moves, int64_t ms)
{
    int64_t end_ms = moves->base.clock.now_ms + ms;

    while (moves->base.clock.now_ms < end_ms) {
        for (int i = 0; i < 2; i++)
            if (!moves->members[i].asleep)
                OK_OR_FAIL(worker_step(moves->members[i].worker, 0, &world_error));
        read_leases(moves);
        for (size_t i = 0; i < LEASES_HERE; i++)
            if (moves->leases[i].lease != NULL)
                step_lease(moves, &moves->leases[i]);
        clock_manual_advance(&moves->base.clock, 1);
    }
}

/* `count` articles on the host, numbered from `first`. */
HELPER void moves_articles(struct moves *moves, size_t host, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++)
        world_article(&moves->base, arena_printf(moves->base.arena, "http://h%zu.cn/%u", host, i));
}

/* The job's counters in a member's state, over some partitions (a mask). */
HELPER Xunfang__JobState moves_counts(struct moves *moves, int member, unsigned mask)
{
    Xunfang__JobState sum = XUNFANG__JOB_STATE__INIT;
    struct frontier_store view;

    frontier_store_init(&view);
    view.db = moves->members[member].store;
    view.batch = store_batch_create(view.db);
    view.arena = moves->base.arena;
    for (uint32_t part = 0; part < PARTS; part++) {
        const struct job_place place = {slice_from(moves->base.job.name), part};
        Xunfang__JobState *state = NULL;
        OK_OR_FAIL(frontier_get_job(&view, &place, &state, &world_error));
        if (state == NULL || (mask >> part & 1) == 0)
            continue;
        sum.requests += state->requests;
        sum.leased += state->leased;
        sum.known_articles += state->known_articles;
        sum.final_articles += state->final_articles;
    }
    store_batch_destroy(view.batch);
    frontier_store_fini(&view);
    return sum;
}

#endif
