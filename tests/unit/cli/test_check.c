#include "cli/check.h"

#include "cli/command.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs the command with standard error caught; returns its exit status. */
static int run(const char *argument, char *message, size_t size)
{
    char *words[] = {"check", (char *) argument, NULL};
    char path[] = "/tmp/xunfang-check-XXXXXX";
    int file = mkstemp(path);
    int saved = dup(STDERR_FILENO);
    int status;
    ssize_t got;

    assert_true(file >= 0 && saved >= 0 && unlink(path) == 0);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    status = check_command(argument == NULL ? 1 : 2, words);
    (void) fflush(stderr);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    got = pread(file, message, size - 1, 0);
    message[got < 0 ? 0 : got] = 0;
    close(file);
    close(saved);
    return status;
}

static void test_wrong_usage(void **state)
{
    char message[600];

    (void) state;
    assert_int_equal(run(NULL, message, sizeof message), EXIT_USAGE);
    assert_non_null(strstr(message, "which job? (xunfang check JOB.yaml)"));
    assert_int_equal(run("--nonsense", message, sizeof message), EXIT_USAGE);
    assert_non_null(strstr(message, "nonsense"));
}

static void test_bad_files(void **state)
{
    char message[600];

    (void) state;
    assert_int_equal(run("/nonexistent/job.yaml", message, sizeof message), EXIT_USAGE);
    assert_string_equal(message, "xunfang check: /nonexistent/job.yaml: there is no such file\n");
    assert_int_equal(run(SOURCE_DIR "/regions/demo.yaml", message, sizeof message), EXIT_USAGE);
    assert_non_null(strstr(message, "/regions/demo.yaml:4: cities: unknown field"));
    assert_int_equal(run(SOURCE_DIR, message, sizeof message), EXIT_USAGE);
    assert_non_null(strstr(message, "is a directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_usage),
        cmocka_unit_test(test_bad_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
