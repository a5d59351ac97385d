/* The bus in memory: its faults, its time, and the front's checks through it. (What every bus must
 * do is tested in tests/contract.) */
#include "base/bus/bus_memory.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct clock_manual manual;
static struct bus_world *world;
static struct bus *bus;
static struct error err;
static const struct bus_partition part = {"t", 0};

static int set_up(void **state)
{
    const struct bus_options options = {.timeout_ms = 1000, .queue_bytes = 100};

    (void) state;
    clock_manual_init(&manual, 0);
    world = bus_world_create(7, &manual);
    assert_int_equal(bus_memory_open(world, &options, &bus, &err), STATUS_OK);
    assert_int_equal(bus_topic_create(bus, "t", 2, &err), STATUS_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    bus_close(bus);
    bus_world_destroy(world);
    return 0;
}

static enum status publish(const char *text, struct bus_ticket *ticket)
{
    struct bus_message message = {"t", 0, SLICE("k"), slice_from(text)};

    return bus_publish(bus, &message, ticket, &err);
}

static struct bus_reader *open_reader(const char *stage)
{
    const struct bus_reader_options options = {
        .stage = stage, .partitions = &part, .partition_count = 1, .max_bytes = 10};
    struct bus_reader *reader;

    assert_int_equal(bus_reader_open(bus, &options, &reader, &err), STATUS_OK);
    return reader;
}

static struct bus_event poll_one(struct bus_reader *reader)
{
    struct bus_event event;

    assert_int_equal(bus_reader_poll(reader, 0, &event, &err), STATUS_OK);
    return event;
}

/* ---- faults ---- */

static void test_ack_comes_with_a_step(void **state)
{
    struct bus_ticket ticket;

    (void) state;
    assert_int_equal(publish("a", &ticket), STATUS_OK);
    assert_false(ticket.acknowledged);
    assert_int_equal(bus_flush(bus, 0, &err), STATUS_OK);
    assert_true(ticket.acknowledged);
    assert_int_equal(manual.now_ms, 0);
}

static void test_late_ack(void **state)
{
    struct bus_ticket ticket;

    (void) state;
    bus_world_set_faults(world, (struct bus_faults){.late_ack = 1000});
    assert_int_equal(publish("a", &ticket), STATUS_OK);
    assert_int_equal(bus_flush(bus, 0, &err), STATUS_TIMEOUT);
    assert_false(ticket.acknowledged);
    assert_int_equal(bus_flush(bus, 500, &err), STATUS_OK);
    assert_true(ticket.acknowledged);
    assert_in_range(manual.now_ms, 1, 100);
}

static void test_lost_ack_fails_for_good(void **state)
{
    struct bus_record record;
    uint64_t end;

    (void) state;
    bus_world_set_faults(world, (struct bus_faults){.lost_ack = 1000});
    assert_int_equal(publish("a", NULL), STATUS_OK);
    assert_int_equal(bus_flush(bus, 400, &err), STATUS_TIMEOUT);
    assert_int_equal(bus_flush(bus, 400, &err), STATUS_TIMEOUT);
    assert_int_equal(bus_step(bus, 400, &err), STATUS_TIMEOUT);
    assert_int_equal(manual.now_ms, 1000);
    assert_true(bus_world_record(world, "t", 0, 0, &record));
    assert_true(slice_equal(record.value, SLICE("a")));
    /* Nothing goes on with this bus. */
    assert_int_equal(publish("b", NULL), STATUS_TIMEOUT);
    assert_int_equal(bus_end(bus, "t", 0, &end, &err), STATUS_TIMEOUT);
}

static void test_lost_publish(void **state)
{
    struct bus_record record;

    (void) state;
    bus_world_set_faults(world, (struct bus_faults){.lost_publish = 1000});
    assert_int_equal(publish("a", NULL), STATUS_OK);
    assert_int_equal(bus_step(bus, 2000, &err), STATUS_TIMEOUT);
    assert_false(bus_world_record(world, "t", 0, 0, &record));
}

static void test_full_queue(void **state)
{
    char text[101];

    (void) state;
    memset(text, 'x', 100);
    text[100] = '\0';
    assert_int_equal(publish(text, NULL), STATUS_OK);
    assert_int_equal(publish("b", NULL), STATUS_AGAIN);
    assert_int_equal(bus_step(bus, 0, &err), STATUS_OK);
    assert_int_equal(publish("b", NULL), STATUS_OK);
}

static void test_publish_fails_on_order(void **state)
{
    (void) state;
    bus_world_fail(world, 2, STATUS_IO);
    assert_int_equal(publish("a", NULL), STATUS_OK);
    assert_int_equal(publish("b", NULL), STATUS_IO);
    assert_int_equal(publish("c", NULL), STATUS_IO);
    assert_int_equal(bus_world_publishes(world), 2);
}

static void test_short_batches_and_empty_polls(void **state)
{
    struct bus_reader *reader = open_reader(NULL);
    uint64_t seen = 0;
    unsigned batches = 0, empty = 0;

    (void) state;
    for (int i = 0; i < 30; i++) {
        assert_int_equal(publish("v", NULL), STATUS_OK);
        assert_int_equal(bus_flush(bus, 10, &err), STATUS_OK);
    }
    bus_world_set_faults(world, (struct bus_faults){.short_batch = 1000, .empty_poll = 500});
    while (seen < 30) {
        struct bus_event event = poll_one(reader);
        empty += event.kind == BUS_EVENT_NONE;
        for (size_t i = 0; i < event.record_count; i++)
            assert_int_equal(event.records[i].offset, seen++);
        batches += event.kind == BUS_EVENT_RECORDS;
    }
    assert_true(batches >= 10);
    assert_true(empty > 0);
    bus_reader_close(reader);
}

static void test_same_seed_same_faults(void **state)
{
    char ways[2][64] = {{0}};

    (void) state;
    for (int run = 0; run < 2; run++) {
        struct bus_world *other = bus_world_create(99, &manual);
        struct bus *other_bus;
        struct bus_message message = {"t", 0, SLICE("k"), SLICE("v")};
        assert_int_equal(bus_memory_open(other, NULL, &other_bus, &err), STATUS_OK);
        assert_int_equal(bus_topic_create(other_bus, "t", 1, &err), STATUS_OK);
        bus_world_set_faults(other, (struct bus_faults){.queue_full = 500});
        for (int i = 0; i < 60; i++)
            ways[run][i] = bus_publish(other_bus, &message, NULL, &err) == STATUS_OK ? 'o' : '-';
        bus_close(other_bus);
        bus_world_destroy(other);
    }
    assert_string_equal(ways[0], ways[1]);
    assert_non_null(strchr(ways[0], 'o'));
    assert_non_null(strchr(ways[0], '-'));
}

/* ---- from outside ---- */

static void test_move_and_cut(void **state)
{
    struct bus_reader *reader = open_reader("stage");
    struct slice mark;
    uint64_t offset;

    (void) state;
    assert_int_equal(poll_one(reader).kind, BUS_EVENT_ASSIGNED);
    assert_int_equal(publish("a", NULL), STATUS_OK);
    assert_int_equal(publish("b", NULL), STATUS_OK);
    assert_int_equal(bus_reader_commit(reader, 0, 2, SLICE("m"), &err), STATUS_OK);
    bus_world_move(world, "stage", &part, true);
    assert_int_equal(poll_one(reader).kind, BUS_EVENT_REVOKED);
    assert_int_equal(poll_one(reader).kind, BUS_EVENT_NONE);
    assert_int_equal(bus_reader_commit(reader, 0, 1, SLICE("x"), &err), STATUS_FENCED);
    bus_world_cut(world, "t", 0, 1);
    assert_true(bus_world_commit(world, "stage", &part, &offset, &mark));
    assert_int_equal(offset, 1);
    assert_true(slice_equal(mark, SLICE("m")));
    bus_world_move(world, "stage", &part, false);
    assert_int_equal(poll_one(reader).kind, BUS_EVENT_ASSIGNED);
    assert_int_equal(bus_reader_commit(reader, 0, 1, SLICE("x"), &err), STATUS_OK);
    bus_reader_close(reader);
}

static void test_waiting_moves_the_clock(void **state)
{
    struct bus_reader *reader = open_reader(NULL);
    struct bus_event event;

    (void) state;
    assert_int_equal(poll_one(reader).kind, BUS_EVENT_ASSIGNED);
    assert_int_equal(bus_reader_poll(reader, 70, &event, &err), STATUS_OK);
    assert_int_equal(manual.now_ms, 70);
    bus_reader_close(reader);
}

/* ---- the front ---- */

static void test_bad_names(void **state)
{
    char name[BUS_TOPIC_MAX + 2];
    uint32_t count;

    (void) state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(bus_topic_create(bus, name, 1, &err), STATUS_INVALID);
    name[BUS_TOPIC_MAX] = '\0';
    assert_int_equal(bus_topic_create(bus, name, 1, &err), STATUS_OK);
    assert_int_equal(bus_topic_create(bus, "", 1, &err), STATUS_INVALID);
    assert_int_equal(bus_topic_create(bus, "a/b", 1, &err), STATUS_INVALID);
    assert_int_equal(bus_topic_create(bus, "日志", 1, &err), STATUS_INVALID);
    assert_int_equal(bus_topic_create(bus, "x", 0, &err), STATUS_INVALID);
    assert_int_equal(bus_topic_create(bus, "x", BUS_PARTITIONS_MAX + 1, &err), STATUS_INVALID);
    assert_int_equal(bus_topic_partitions(bus, "a b", &count, &err), STATUS_INVALID);
}

static void test_urls(void **state)
{
    struct bus *opened = NULL;

    (void) state;
    assert_int_equal(bus_open("pigeon:coop", NULL, &opened, &err), STATUS_UNSUPPORTED);
    assert_non_null(strstr(err.message, "pigeon:coop"));
    assert_int_equal(bus_open("local:", NULL, &opened, &err), STATUS_INVALID);
    assert_null(opened);
    bus_close(NULL);
    bus_reader_close(NULL);
}

static void test_committed_takes_no_ownership(void **state)
{
    struct bus_reader *reader = open_reader("stage");
    uint64_t offset = 77;

    (void) state;
    assert_int_equal(poll_one(reader).kind, BUS_EVENT_ASSIGNED);
    assert_int_equal(bus_committed(bus, "stage", &part, &offset, &err), STATUS_NOT_FOUND);
    assert_int_equal(offset, 77);
    assert_int_equal(bus_reader_commit(reader, 0, 0, SLICE(""), &err), STATUS_OK);
    assert_int_equal(bus_committed(bus, "stage", &part, &offset, &err), STATUS_OK);
    assert_int_equal(offset, 0);
    assert_int_equal(bus_committed(bus, "other", &part, &offset, &err), STATUS_NOT_FOUND);
    assert_int_equal(bus_reader_commit(reader, 0, 1, SLICE(""), &err), STATUS_OK);
    bus_reader_close(reader);
}

static void test_long_metadata(void **state)
{
    struct bus_reader *reader = open_reader("stage");
    char text[BUS_METADATA_MAX + 1] = {0};

    (void) state;
    assert_int_equal(bus_reader_commit(reader, 0, 0, slice_of(text, sizeof text), &err),
                     STATUS_TOO_LARGE);
    assert_int_equal(bus_reader_commit(reader, 0, 0, slice_of(text, BUS_METADATA_MAX), &err),
                     STATUS_OK);
    bus_reader_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ack_comes_with_a_step),
        TEST(test_late_ack),
        TEST(test_lost_ack_fails_for_good),
        TEST(test_lost_publish),
        TEST(test_full_queue),
        TEST(test_publish_fails_on_order),
        TEST(test_short_batches_and_empty_polls),
        TEST(test_same_seed_same_faults),
        TEST(test_move_and_cut),
        TEST(test_waiting_moves_the_clock),
        TEST(test_bad_names),
        TEST(test_urls),
        TEST(test_committed_takes_no_ownership),
        TEST(test_long_metadata),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
