#include "base/bus/log_space.h"
#include "tests/support/cmocka_all.h"

static struct log_space make(struct clock_manual *clock, const char *path, uint64_t least)
{
    clock_manual_init(clock, 1000);
    return (struct log_space){.path = path, .least = least, .clock = &clock->clock};
}

static void test_room(void **state)
{
    struct clock_manual clock;
    struct log_space space = make(&clock, "/", 1);

    (void) state;
    assert_false(log_space_full(&space));
    space = make(&clock, "/", UINT64_MAX);
    assert_true(log_space_full(&space));
    space = make(&clock, "/nonexistent", UINT64_MAX);
    assert_false(log_space_full(&space));
}

/* Between two looks the answer stays: by time, and by bytes. */
static void test_looks_now_and_then(void **state)
{
    struct clock_manual clock;
    struct log_space space = make(&clock, "/", UINT64_MAX);

    (void) state;
    assert_true(log_space_full(&space));
    space.least = 1; /* as if room had been made */
    assert_true(log_space_full(&space));
    clock_manual_advance(&clock, LOG_SPACE_CHECK_MS - 1);
    assert_true(log_space_full(&space));
    clock_manual_advance(&clock, 1);
    assert_false(log_space_full(&space));
    space.least = UINT64_MAX;
    log_space_add(&space, LOG_SPACE_CHECK_BYTES - 1);
    assert_false(log_space_full(&space));
    log_space_add(&space, 1);
    assert_true(log_space_full(&space));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_looks_now_and_then),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
