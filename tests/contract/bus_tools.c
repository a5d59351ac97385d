#include "tests/contract/bus_tools.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>

enum { NUMBER_SIZE = 8, STEP_MS = 10, SILENT_POLLS = 10, RECORD_SIZE = 100 };

struct error tool_error;

void tool_expect_at(enum status expected, enum status got, const char *call, const char *file,
                    int line)
{
    if (got == expected)
        return;
    print_error("%s:%d: %s: %s (%s), expected %s\n", file, line, call, status_text(got),
                tool_error.message, status_text(expected));
    _fail(file, line);
}

static void put_number(char *at, uint64_t number)
{
    for (int i = 0; i < NUMBER_SIZE; i++)
        at[i] = (char) (unsigned char) (number >> (56 - 8 * i));
}

static char pattern(uint64_t number, size_t at)
{
    return (char) ('a' + (number + at) % 26);
}

void tool_publish(struct bus *bus, const struct bus_partition *to, uint64_t number, size_t size)
{
    char *value = malloc(size + NUMBER_SIZE);
    struct bus_message message = {.topic = to->topic, .partition = to->partition};
    enum status status;

    assert_non_null(value);
    put_number(value, number);
    for (size_t i = NUMBER_SIZE; i < size; i++)
        value[i] = pattern(number, i);
    message.key = slice_of(value, NUMBER_SIZE);
    message.value = slice_of(value, size);
    while ((status = bus_publish(bus, &message, NULL, &tool_error)) == STATUS_AGAIN)
        tool_ok(bus_step(bus, STEP_MS, &tool_error));
    free(value);
    tool_ok(status);
}

void tool_fill(struct bus *bus, const struct bus_partition *to, uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number < last; number++)
        tool_publish(bus, to, number, RECORD_SIZE);
    tool_ok(bus_flush(bus, TOOL_WAIT_MS, &tool_error));
}

bool tool_is(const struct bus_record *record, uint64_t number, size_t size)
{
    char head[NUMBER_SIZE];

    put_number(head, number);
    if (!slice_equal(record->key, slice_of(head, sizeof head)) || record->value.size != size ||
        !slice_starts(record->value, slice_of(head, sizeof head)))
        return false;
    for (size_t i = NUMBER_SIZE; i < size; i++)
        if (record->value.data[i] != pattern(number, i))
            return false;
    return true;
}

struct bus_event tool_event(struct bus_reader *reader)
{
    struct bus_event event = {.kind = BUS_EVENT_NONE};

    for (int i = 0; i < 100 && event.kind == BUS_EVENT_NONE; i++)
        tool_ok(bus_reader_poll(reader, TOOL_WAIT_MS / 100, &event, &tool_error));
    assert_int_not_equal(event.kind, BUS_EVENT_NONE);
    return event;
}

void tool_assigned(struct bus_reader *reader, size_t count)
{
    bool seen[64] = {false};

    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++) {
        struct bus_event event = tool_event(reader);
        assert_int_equal(event.kind, BUS_EVENT_ASSIGNED);
        assert_true(event.index < count);
        assert_false(seen[event.index]);
        seen[event.index] = true;
    }
}

struct bus_reader *tool_reader(struct bus *bus, const char *stage, const struct bus_partition *from,
                               struct bus_event *assigned)
{
    struct bus_reader_options options = {.stage = stage, .partitions = from, .partition_count = 1};
    struct bus_reader *reader = NULL;
    struct bus_event event;

    tool_ok(bus_reader_open(bus, &options, &reader, &tool_error));
    event = tool_event(reader);
    assert_int_equal(event.kind, BUS_EVENT_ASSIGNED);
    assert_int_equal(event.index, 0);
    if (assigned != NULL)
        *assigned = event;
    return reader;
}

void tool_read(struct bus_reader *reader, uint64_t first, uint64_t last)
{
    while (first < last) {
        struct bus_event event = tool_event(reader);
        assert_int_equal(event.kind, BUS_EVENT_RECORDS);
        assert_true(event.record_count > 0);
        for (size_t i = 0; i < event.record_count; i++) {
            assert_int_equal(event.records[i].offset, first);
            assert_true(tool_is(&event.records[i], first, RECORD_SIZE));
            first++;
        }
        assert_true(event.end >= first);
    }
    assert_int_equal(first, last);
}

void tool_silent(struct bus_reader *reader)
{
    struct bus_event event;

    for (int i = 0; i < SILENT_POLLS; i++) {
        tool_ok(bus_reader_poll(reader, STEP_MS, &event, &tool_error));
        assert_int_equal(event.kind, BUS_EVENT_NONE);
    }
}
