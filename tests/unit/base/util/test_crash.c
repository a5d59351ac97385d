#include "base/util/crash.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool second_time(void *self, enum crash_point point)
{
    return point == CRASH_MAP_AFTER_PUBLISH && ++*(int *) self == 2;
}

/* Exit status of a child that passes one point three times under CRASH_AT=wish. */
static int child_status(const char *wish)
{
    pid_t pid = fork();
    int how;

    if (pid == 0) {
        int passed = 0;
        assert_int_equal(setenv("CRASH_AT", wish, 1), 0);
        for (; passed < 3 && crash_here(CRASH_FETCH_BEFORE_SEND, NULL) == STATUS_OK; passed++)
            continue;
        _exit(passed);
    }
    assert_int_equal(waitpid(pid, &how, 0), pid);
    return WEXITSTATUS(how);
}

/* First, since the choice is read once a process: children inherit an unread environment. */
static void test_the_environment_chooses_a_point(void **state)
{
    (void) state;
    assert_int_equal(child_status("fetch-before-send"), 137);
    assert_int_equal(child_status("fetch-before-send:3"), 137);
    assert_int_equal(child_status("fetch-before-send:4"), 3);
    assert_int_equal(child_status("fetch-after-response"), 3);
    assert_int_equal(child_status("no-such-point"), 3);
    assert_int_equal(child_status("fetch-before-send:x"), 3);
}

static void test_a_hook_returns_crashed(void **state)
{
    struct error err;
    int count = 0;

    (void) state;
    crash_set_hook(second_time, &count);
    assert_int_equal(crash_here(CRASH_MAP_AFTER_PUBLISH, &err), STATUS_OK);
    assert_int_equal(crash_here(CRASH_MAP_AFTER_COMMIT, &err), STATUS_OK);
    assert_int_equal(crash_here(CRASH_MAP_AFTER_PUBLISH, &err), STATUS_CRASHED);
    assert_string_equal(err.message, "crash point map-after-publish");
    crash_set_hook(NULL, NULL);
    assert_int_equal(crash_here(CRASH_MAP_AFTER_PUBLISH, &err), STATUS_OK);
}

static void test_names_are_lower_case_and_hyphened(void **state)
{
    (void) state;
    for (int i = 0; i < CRASH_POINT_COUNT; i++) {
        const char *name = crash_point_name((enum crash_point) i);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        assert_true(strlen(crash_point_text((enum crash_point) i)) > 10);
    }
    assert_null(crash_point_name(CRASH_POINT_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_environment_chooses_a_point),
        cmocka_unit_test(test_a_hook_returns_crashed),
        cmocka_unit_test(test_names_are_lower_case_and_hyphened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
