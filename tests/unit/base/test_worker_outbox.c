#include "base/worker_outbox.h"
#include "base/worker_skips.h"
#include "tests/support/worker_kit.h"

static struct kit kit;
static struct outbox outbox;

static int set_up(void **state)
{
    (void) state;
    kit_open(&kit);
    return outbox_init(&outbox, &kit.err) != STATUS_OK;
}

static int tear_down(void **state)
{
    (void) state;
    outbox_fini(&outbox);
    kit_close(&kit);
    return 0;
}

static enum status add(const char *payload)
{
    struct record record = {.key = SLICE("key"), .payload = slice_from(payload)};

    return outbox_add(&outbox, "out", partition_of(record.key, 2), &record, &kit.err);
}

static void test_first_in_first_out(void **state)
{
    struct record out;

    (void) state;
    assert_true(outbox_empty(&outbox));
    assert_int_equal(outbox_publish(&outbox, kit.bus, &kit.err), STATUS_OK);
    assert_int_equal(add("a"), STATUS_OK);
    assert_int_equal(add("b"), STATUS_OK);
    assert_false(outbox_empty(&outbox));
    assert_true(outbox_bytes(&outbox) > 0);
    assert_int_equal(outbox_publish(&outbox, kit.bus, &kit.err), STATUS_OK);
    assert_true(outbox_empty(&outbox));
    assert_int_equal(outbox_bytes(&outbox), 0);
    assert_int_equal(add("c"), STATUS_OK);
    assert_int_equal(outbox_publish(&outbox, kit.bus, &kit.err), STATUS_OK);
    for (uint64_t i = 0; i < 3; i++) {
        assert_true(kit_out(&kit, i, &out));
        assert_int_equal(out.payload.data[0], 'a' + (int) i);
    }
}

static void test_full_queue_keeps_the_rest(void **state)
{
    struct record out;

    (void) state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(add("x"), STATUS_OK);
    bus_world_set_faults(kit.world, (struct bus_faults){.queue_full = 500});
    for (int i = 0; i < 1000 && !outbox_empty(&outbox); i++) {
        enum status status = outbox_publish(&outbox, kit.bus, &kit.err);
        assert_true(status == STATUS_OK || status == STATUS_AGAIN);
    }
    assert_int_equal(kit_out_count(&kit), 20);
    assert_true(kit_out(&kit, 19, &out));
}

static void test_limit(void **state)
{
    char *big = malloc(8 * 1024 * 1024);
    enum status status = STATUS_OK;

    (void) state;
    assert_non_null(big);
    memset(big, 'x', 8 * 1024 * 1024 - 1);
    big[8 * 1024 * 1024 - 1] = '\0';
    for (int i = 0; status == STATUS_OK && i < 100; i++)
        status = add(big);
    assert_int_equal(status, STATUS_TOO_LARGE);
    assert_true(outbox_bytes(&outbox) <= OUTBOX_BYTES_MAX);
    free(big);
}

static void test_skips(void **state)
{
    char topic[] = "urls";
    const struct record_source list[] = {{slice_from(topic), 1, 5}, {SLICE("in"), 0, 0}};
    struct skips skips;

    (void) state;
    assert_int_equal(skips_init(&skips, list, 2, &kit.err), STATUS_OK);
    topic[0] = 'x';
    assert_true(skips_contain(&skips, (struct record_source){SLICE("urls"), 1, 5}));
    assert_true(skips_contain(&skips, (struct record_source){SLICE("in"), 0, 0}));
    assert_false(skips_contain(&skips, (struct record_source){SLICE("urls"), 1, 6}));
    assert_false(skips_contain(&skips, (struct record_source){SLICE("urls"), 2, 5}));
    assert_false(skips_contain(&skips, (struct record_source){SLICE("url"), 1, 5}));
    skips_fini(&skips);
    assert_int_equal(skips_init(&skips, NULL, 0, &kit.err), STATUS_OK);
    assert_false(skips_contain(&skips, list[1]));
    skips_fini(&skips);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_first_in_first_out),
        TEST(test_full_queue_keeps_the_rest),
        TEST(test_limit),
        TEST(test_skips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
