#include "base/util/status.h"
#include "tests/support/cmocka_all.h"

#include <errno.h>
#include <string.h>

static void test_every_status_has_text_and_verdict(void **state)
{
    (void) state;
    for (int i = STATUS_OK; i <= STATUS_INTERNAL; i++) {
        assert_true(strlen(status_text((enum status) i)) > 1);
        assert_int_equal(status_verdict((enum status) i) == VERDICT_NONE, i == STATUS_OK);
    }
    assert_int_equal(status_verdict(STATUS_TIMEOUT), VERDICT_RETRY);
    assert_int_equal(status_verdict(STATUS_INVALID), VERDICT_DEAD);
    assert_int_equal(status_verdict(STATUS_DISK_FULL), VERDICT_STOP);
}

static void test_message_gets_context_in_front(void **state)
{
    struct error err;

    (void) state;
    assert_int_equal(error_set(&err, STATUS_INVALID, "line %d", 7), STATUS_INVALID);
    assert_int_equal(error_prefix(&err, STATUS_INVALID, "read %s", "job.yaml"), STATUS_INVALID);
    assert_string_equal(err.message, "read job.yaml: line 7");
    assert_int_equal(err.code, STATUS_INVALID);
}

static void test_null_error_is_fine(void **state)
{
    (void) state;
    assert_int_equal(error_set(NULL, STATUS_IO, "x"), STATUS_IO);
    assert_int_equal(error_prefix(NULL, STATUS_IO, "x"), STATUS_IO);
    assert_int_equal(error_set_errno(NULL, EIO, "x"), STATUS_IO);
}

static void test_errno_is_told_and_mapped(void **state)
{
    struct error err;

    (void) state;
    assert_int_equal(error_set_errno(&err, ENOSPC, "write %s", "a"), STATUS_DISK_FULL);
    assert_string_equal(err.message, "write a: No space left on device");
    assert_int_equal(error_set_errno(&err, ENOENT, "open"), STATUS_NOT_FOUND);
    assert_int_equal(error_set_errno(&err, EACCES, "open"), STATUS_IO);
}

static void test_long_messages_are_cut_not_overrun(void **state)
{
    struct error err;
    char longer[2 * ERROR_MESSAGE_MAX];

    (void) state;
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    status_ignore(error_set(&err, STATUS_IO, "%s", longer));
    assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);
    status_ignore(error_prefix(&err, STATUS_IO, "%s", longer));
    assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);
    status_ignore(error_set_errno(&err, EIO, "%s", longer));
    assert_int_equal(strlen(err.message), ERROR_MESSAGE_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status_has_text_and_verdict),
        cmocka_unit_test(test_message_gets_context_in_front),
        cmocka_unit_test(test_null_error_is_fine),
        cmocka_unit_test(test_errno_is_told_and_mapped),
        cmocka_unit_test(test_long_messages_are_cut_not_overrun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
