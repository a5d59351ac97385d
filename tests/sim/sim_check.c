/* What must hold at the end, read from the logs and stores from outside. */
#include "sim.h"

#include "base/util/map.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_LIMIT = 1024 * 1024 };

static const struct slice nothing = {NULL, 0};

/* ---- states ---- */

struct id check_state(struct store *store)
{
    struct store_scan *scan = store_scan_open(store, NULL, nothing, nothing);
    struct hash *hash = hash_create();
    struct slice key, value;

    while (store_scan_next(scan, &key, &value)) {
        if (key.data[0] == '\0')
            continue;
        hash_field(hash, key);
        hash_field(hash, value);
    }
    ENSURE(store_scan_close(scan, NULL) == STATUS_OK);
    return hash_finish(hash);
}

/* The row of an item in a fold's state; empty if there is none. */
static void get_row(struct store *store, char table, unsigned item, struct buf *row)
{
    struct id id = sim_item_id(item);
    char key[1 + ID_SIZE];

    key[0] = table;
    memcpy(key + 1, id.bytes, ID_SIZE);
    status_ignore(store_get(store, slice_of(key, sizeof key), row, NULL));
}

bool check_complete(struct sim *sim)
{
    bool complete = true;
    struct buf row;

    buf_init(&row, 1024);
    for (unsigned item = 0; complete && item < SIM_ITEMS; item++) {
        get_row(sim->source_store, 'i', item, &row);
        complete = slice_starts(buf_slice(&row), SLICE("done"));
        get_row(sim->counter_store, 'o', item, &row);
        complete = complete && row.size > 0;
    }
    buf_fini(&row);
    return complete;
}

static void check_fate(struct sim *sim, unsigned item, struct slice row)
{
    static const char *const wanted[] = {
        [FATE_PASSED] = "passed||value ",
        [FATE_DROPPED] = "dropped|odd: one in seven|brief",
        [FATE_HOPELESS] = "dead|timed out: nobody answers",
        [FATE_INVALID] = "dead|invalid input: item",
        [FATE_CRASH] = "dead|crash|",
    };

    if (!slice_starts(row, slice_from(wanted[sim_fate(item)])))
        sim_broken(sim, "item %u became %.*s", item, SLICE_ARG(row));
}

static void check_fates(struct sim *sim)
{
    struct buf row;

    buf_init(&row, 1024);
    for (unsigned item = 0; item < SIM_ITEMS; item++) {
        get_row(sim->counter_store, 'o', item, &row);
        check_fate(sim, item, buf_slice(&row));
    }
    buf_fini(&row);
}

/* ---- logs ---- */

/* Decodes a record of a log; false past its end. */
static bool read_record(struct sim *sim, const char *topic, uint32_t partition, uint64_t offset,
                        struct record *record)
{
    struct arena *arena;
    struct bus_record bytes;

    if (!bus_world_record(sim->world, topic, partition, offset, &bytes))
        return false;
    arena = arena_create(ARENA_LIMIT);
    ENSURE(arena != NULL);
    if (record_decode(bytes.value, arena, record, NULL) != STATUS_OK)
        sim_broken(sim, "%s/%u/%" PRIu64 " does not decode", topic, partition, offset);
    record->key = bytes.key;
    record->job = record->run = record->reason = record->payload = nothing;
    for (size_t i = 0; i < record->source_count; i++)
        record->sources[i].topic = slice_equal(record->sources[i].topic, SLICE("pages"))
                                       ? SLICE("pages")
                                       : SLICE("leases");
    arena_destroy(arena);
    return true;
}

static uint64_t log_end(struct sim *sim, const char *topic, uint32_t partition)
{
    struct bus_record bytes;
    uint64_t end = 0;

    while (bus_world_record(sim->world, topic, partition, end, &bytes))
        end++;
    return end;
}

/* Each outcome is of a page that says so, under the page's own identity; each page has one. */
static void check_outcomes(struct sim *sim)
{
    static unsigned outcomes[SIM_PARTITIONS][SIM_LEASES_MAX];
    struct record outcome, page;

    memset(outcomes, 0, sizeof outcomes);
    for (uint32_t p = 0; p < SIM_PARTITIONS; p++)
        for (uint64_t at = 0; read_record(sim, "outcomes", p, at, &outcome); at++) {
            struct record_source source = outcome.sources[outcome.source_count - 1];
            if (!slice_equal(source.topic, SLICE("pages")) || outcome.source_count != 2 ||
                !read_record(sim, "pages", source.partition, source.offset, &page)) {
                sim_broken(sim, "outcome %u/%" PRIu64 " comes from nowhere", p, at);
                return;
            }
            if (!id_equal(outcome.id, page.id) || !slice_equal(outcome.key, page.key) ||
                outcome.generation != page.generation)
                sim_broken(sim, "outcome %u/%" PRIu64 " is not its page's", p, at);
            outcomes[source.partition][source.offset % SIM_LEASES_MAX]++;
        }
    for (uint32_t p = 0; p < SIM_PARTITIONS; p++)
        for (uint64_t at = 0; at < log_end(sim, "pages", p); at++)
            if (outcomes[p][at % SIM_LEASES_MAX] == 0)
                sim_broken(sim, "page %u/%" PRIu64 " has no outcome", p, at);
}

/* What a fold emitted is in the log before its state says so. */
static void check_echoes(struct sim *sim)
{
    for (unsigned item = 0; item < SIM_ITEMS; item++) {
        struct id id = sim_item_id(item);
        struct record echo;
        bool found = false;
        for (uint32_t p = 0; !found && p < SIM_PARTITIONS; p++)
            for (uint64_t at = 0; !found && read_record(sim, "echo", p, at, &echo); at++)
                found = id_equal(echo.id, id);
        if (!found)
            sim_broken(sim, "item %u has no echo", item);
    }
}

/* What goes out only after the state is written is never sent again by a successor, who reads that
 * state: no lease stands in the log twice, unless the source forgot everything in between. */
static void check_leases(struct sim *sim)
{
    struct map *seen = map_create();
    struct record record;

    ENSURE(seen != NULL);
    for (uint32_t p = 0; !sim->source_wiped && p < SIM_PARTITIONS; p++)
        for (uint64_t at = 0; read_record(sim, "leases", p, at, &record); at++) {
            if (map_get(seen, id_slice(&record.id)) != NULL)
                sim_broken(sim, "lease %u/%" PRIu64 " stands there twice", p, at);
            ENSURE(map_put(seen, id_slice(&record.id), sim) == STATUS_OK);
        }
    map_destroy(seen);
}

/* Everybody left clean, at the end of everything. */
static void check_commits(struct sim *sim)
{
    static const struct {
        const char *stage, *topic;
    } rows[] = {
        {"source", "work"}, {"fetcher", "leases"}, {"judge", "pages"}, {"counter", "outcomes"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint32_t p = 0; p < SIM_PARTITIONS; p++) {
            struct bus_partition partition = {rows[i].topic, p};
            struct slice mark = nothing;
            uint64_t offset = 0;
            if (!bus_world_commit(sim->world, rows[i].stage, &partition, &offset, &mark) ||
                !slice_starts(mark, SLICE("clean")) || offset != log_end(sim, rows[i].topic, p))
                sim_broken(sim, "%s left %s/%u at %" PRIu64 " %.*s", rows[i].stage, rows[i].topic,
                           p, offset, SLICE_ARG(mark));
        }
}

void check_end(struct sim *sim)
{
    check_fates(sim);
    check_outcomes(sim);
    check_echoes(sim);
    check_leases(sim);
    check_commits(sim);
}
