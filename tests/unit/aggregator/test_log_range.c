#include "tests/unit/aggregator/logs.h"

#include "aggregator/log_range.h"

struct seen {
    uint64_t next[LOG_PARTITIONS];
    uint64_t records;
    uint64_t bad;
    uint64_t stop_at;
};

static enum status on_record(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    struct seen *seen = self;

    (void) record;
    (void) arena;
    assert_int_equal(place->offset, seen->next[place->partition]++);
    if (++seen->records == seen->stop_at)
        return error_set(err, STATUS_TOO_LARGE, "enough");
    return STATUS_OK;
}

static void on_bad(void *self, const struct log_place *place)
{
    struct seen *seen = self;

    seen->next[place->partition]++;
    seen->bad++;
}

static void fill(struct logs *logs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct record record = {.id = id_of(SLICE("r"), slice_of(&i, sizeof i)),
                                .key = SLICE("k"),
                                .schema = RECORD_SCHEMA};
        logs_put(logs, TOPIC_PAGES, &record, (uint32_t) (i % LOG_PARTITIONS));
    }
}

static void reads_exactly_the_range(void **state)
{
    static struct log_range range;
    struct logs logs;
    struct seen seen = {{0}, 0, 0, 0};
    const struct log_handler handler = {.on_record = on_record, .on_bad = on_bad, .self = &seen};

    (void) state;
    logs_open(&logs);
    fill(&logs, 100);
    assert_int_equal(log_range_now(logs.bus, "test.pages", &range, NULL), STATUS_OK);
    assert_int_equal(range.partitions, LOG_PARTITIONS);
    assert_int_equal(range.ends[0], 50);
    fill(&logs, 40); /* what comes later is not of the range */
    range.ends[1] = 7;
    assert_int_equal(log_range_read(logs.bus, &range, &handler, NULL), STATUS_OK);
    assert_int_equal(seen.next[0], 50);
    assert_int_equal(seen.next[1], 7);
    logs_close(&logs);
}

static void faults_of_the_bus_change_nothing(void **state)
{
    static struct log_range range;
    struct logs logs;
    struct seen seen = {{0}, 0, 0, 0};
    const struct log_handler handler = {.on_record = on_record, .on_bad = on_bad, .self = &seen};

    (void) state;
    logs_open(&logs);
    fill(&logs, 300);
    bus_world_set_faults(logs.world, (struct bus_faults){.short_batch = 500, .empty_poll = 300});
    assert_int_equal(log_range_now(logs.bus, "test.pages", &range, NULL), STATUS_OK);
    assert_int_equal(log_range_read(logs.bus, &range, &handler, NULL), STATUS_OK);
    assert_int_equal(seen.records, 300);
    logs_close(&logs);
}

static void nothing_to_read_is_done_at_once(void **state)
{
    static struct log_range range;
    struct logs logs;
    const struct log_handler handler = {.on_record = on_record, .self = NULL};

    (void) state;
    logs_open(&logs);
    assert_int_equal(log_range_now(logs.bus, "test.pages", &range, NULL), STATUS_OK);
    assert_int_equal(log_range_read(logs.bus, &range, &handler, NULL), STATUS_OK);
    assert_int_equal(log_range_now(logs.bus, "nowhere", &range, NULL), STATUS_NOT_FOUND);
    logs_close(&logs);
}

static void a_range_beyond_the_end_times_out(void **state)
{
    static struct log_range range;
    struct logs logs;
    struct seen seen = {{0}, 0, 0, 0};
    const struct log_handler handler = {.on_record = on_record, .self = &seen};
    struct error err;

    (void) state;
    logs_open(&logs);
    fill(&logs, 4);
    assert_int_equal(log_range_now(logs.bus, "test.pages", &range, NULL), STATUS_OK);
    range.ends[0] += 5;
    assert_int_equal(log_range_read(logs.bus, &range, &handler, &err), STATUS_TIMEOUT);
    assert_non_null(strstr(err.message, "test.pages"));
    logs_close(&logs);
}

static void bad_envelopes_are_told_apart(void **state)
{
    static struct log_range range;
    struct logs logs;
    struct seen seen = {{0}, 0, 0, 0};
    const struct log_handler handler = {.on_record = on_record, .on_bad = on_bad, .self = &seen};
    struct bus_message garbage = {.topic = "test.pages", .value = SLICE("\xFF\xFF")};

    (void) state;
    logs_open(&logs);
    assert_int_equal(bus_publish(logs.bus, &garbage, NULL, NULL), STATUS_OK);
    assert_int_equal(bus_flush(logs.bus, 1000, NULL), STATUS_OK);
    fill(&logs, 2);
    assert_int_equal(log_range_now(logs.bus, "test.pages", &range, NULL), STATUS_OK);
    assert_int_equal(log_range_read(logs.bus, &range, &handler, NULL), STATUS_OK);
    assert_int_equal(seen.bad, 1);
    assert_int_equal(seen.records, 2);
    logs_close(&logs);
}

static enum status on_bytes(void *self, const struct log_place *place,
                            const struct bus_record *bytes, struct error *err)
{
    struct seen *seen = self;

    (void) err;
    assert_int_equal(place->offset, bytes->offset);
    assert_int_equal(place->offset, seen->next[place->partition]++);
    assert_true(bytes->value.size > 0);
    return STATUS_OK;
}

/* Partition 0 is left out altogether; garbage comes like everything else. */
static void raw_bytes_of_some_partitions(void **state)
{
    static struct log_range range;
    struct logs logs;
    struct seen seen = {{0}, 0, 0, 0};
    const struct log_handler handler = {.on_bytes = on_bytes, .self = &seen};
    struct bus_message garbage = {
        .topic = "test.pages", .partition = 1, .value = SLICE("\xFF\xFF")};

    (void) state;
    logs_open(&logs);
    assert_int_equal(bus_publish(logs.bus, &garbage, NULL, NULL), STATUS_OK);
    assert_int_equal(bus_flush(logs.bus, 1000, NULL), STATUS_OK);
    fill(&logs, 6);
    assert_int_equal(log_range_now(logs.bus, "test.pages", &range, NULL), STATUS_OK);
    range.ends[0] = 0;
    assert_int_equal(log_range_read(logs.bus, &range, &handler, NULL), STATUS_OK);
    assert_int_equal(seen.next[0], 0);
    assert_int_equal(seen.next[1], 4);
    logs_close(&logs);
}

static void a_failing_handler_ends_it(void **state)
{
    static struct log_range range;
    struct logs logs;
    struct seen seen = {{0}, 0, 0, 3};
    const struct log_handler handler = {.on_record = on_record, .self = &seen};
    struct error err;

    (void) state;
    logs_open(&logs);
    fill(&logs, 10);
    assert_int_equal(log_range_now(logs.bus, "test.pages", &range, NULL), STATUS_OK);
    assert_int_equal(log_range_read(logs.bus, &range, &handler, &err), STATUS_TOO_LARGE);
    assert_string_equal(err.message, "reading test.pages: enough");
    assert_int_equal(seen.records, 3);
    logs_close(&logs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_exactly_the_range),
        cmocka_unit_test(faults_of_the_bus_change_nothing),
        cmocka_unit_test(nothing_to_read_is_done_at_once),
        cmocka_unit_test(a_range_beyond_the_end_times_out),
        cmocka_unit_test(bad_envelopes_are_told_apart),
        cmocka_unit_test(raw_bytes_of_some_partitions),
        cmocka_unit_test(a_failing_handler_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
