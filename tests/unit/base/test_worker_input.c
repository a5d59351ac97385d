#include "base/worker_input.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static const struct bus_partition partitions[] = {{"a", 0}, {"b", 7}};
static struct input *inputs;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    inputs = inputs_create(partitions, 2);
    return inputs == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    inputs_destroy(inputs, 2);
    return 0;
}

static void fill(uint64_t first, size_t count)
{
    char text[] = "0123456789";
    struct bus_record records[10];
    struct bus_event event = {.records = records, .record_count = count, .end = first + count};

    for (size_t i = 0; i < count; i++)
        records[i] = (struct bus_record){first + i, slice_of(text + i, 1), slice_of(text, i)};
    assert_int_equal(input_fill(&inputs[1], &event, &err), STATUS_OK);
    memset(text, 'x', sizeof text); /* the reader's bytes are gone */
}

static void test_backlog(void **state)
{
    (void) state;
    input_assign(&inputs[1], 5, 8, (struct mark){.kind = MARK_CLEAN}, 100);
    assert_null(input_peek(&inputs[1]));
    fill(5, 3);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(inputs[1].next, 5 + i);
        assert_int_equal(input_peek(&inputs[1])->offset, 5 + i);
        assert_int_equal(input_peek(&inputs[1])->key.data[0], '0' + (int) i);
        assert_true(slice_equal(input_peek(&inputs[1])->value, slice_of("0123456789", i)));
        input_take(&inputs[1]);
    }
    assert_null(input_peek(&inputs[1]));
    assert_int_equal(inputs[1].next, 8);
    fill(8, 1);
    input_revoke(&inputs[1]);
    assert_null(input_peek(&inputs[1]));
    assert_false(inputs[1].assigned);
}

static void test_gap_is_corrupt(void **state)
{
    struct bus_record record = {6, {NULL, 0}, {NULL, 0}};
    struct bus_event event = {.records = &record, .record_count = 1, .end = 7};

    (void) state;
    input_assign(&inputs[1], 5, 7, (struct mark){.kind = MARK_CLEAN}, 100);
    assert_int_equal(input_fill(&inputs[1], &event, &err), STATUS_CORRUPT);
    assert_string_equal(err.message, "b/7 goes on at 6 where 5 was expected");
}

static void test_careful_window(void **state)
{
    (void) state;
    input_assign(&inputs[1], 5, 100, (struct mark){.kind = MARK_CLEAN}, 10);
    assert_false(input_careful(&inputs[1]));
    input_assign(&inputs[1], 5, 100, (struct mark){.kind = MARK_RUNNING}, 10);
    assert_true(input_careful(&inputs[1]));
    assert_int_equal(inputs[1].careful_until, 15);
    assert_int_equal(inputs[1].tries, 0);
    input_assign(&inputs[1], 5, 8, (struct mark){.kind = MARK_TRY, .tries = 2}, 10);
    assert_int_equal(inputs[1].careful_until, 8);
    assert_int_equal(inputs[1].tries, 2);
    /* An empty partition has no first window. */
    input_assign(&inputs[1], 5, 5, (struct mark){.kind = MARK_RUNNING}, 10);
    assert_false(input_careful(&inputs[1]));
}

static void test_position(void **state)
{
    struct record_source at = input_position(&inputs[1], 42);

    (void) state;
    assert_true(slice_equal(at.topic, SLICE("b")));
    assert_int_equal(at.partition, 7);
    assert_int_equal(at.offset, 42);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_backlog),
        TEST(test_gap_is_corrupt),
        TEST(test_careful_window),
        TEST(test_position),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
