/* The supervisor and the scraper with real child processes. */
#include "base/scrape.h"
#include "base/supervise.h"
#include "tests/support/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 20000 };

static char notes[] = "/tmp/xunfang-test-supervise-XXXXXX";
static struct error err;

static int set_up(void **state)
{
    int file;

    (void) state;
    memcpy(notes + sizeof notes - 7, "XXXXXX", 6);
    file = mkstemp(notes);
    return file < 0 ? -1 : close(file);
}

static int tear_down(void **state)
{
    (void) state;
    return unlink(notes);
}

static size_t start(struct supervisor *supervisor, const char *name, const char *option,
                    const char *value)
{
    const char *const arguments[] = {"--file", notes, option, value, NULL};
    const struct child_command command = {name, "xunfang-test-child", arguments, NULL};
    size_t index = 99;

    assert_int_equal(supervisor_start(supervisor, &command, &index, &err), STATUS_OK);
    return index;
}

/* Lines in the notes; *marked of them by children that had CRASH_AT. */
static int count_starts(int *marked)
{
    char line[64];
    int starts = 0;
    FILE *file = fopen(notes, "r");

    *marked = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        starts++;
        *marked += strstr(line, "crash-at") != NULL;
    }
    (void) fclose(file);
    return starts;
}

static void test_ready_then_drained(void **state)
{
    struct supervisor *supervisor = supervisor_create();
    size_t index = start(supervisor, "one", NULL, NULL);
    const struct child *child = supervisor_child(supervisor, index);

    (void) state;
    assert_int_equal(child->state, CHILD_STARTING);
    assert_int_equal(supervisor_wait_ready(supervisor, index, WAIT_MS, &err), STATUS_OK);
    assert_non_null(strstr(child->address, "127.0.0.1:"));
    supervisor_drain(supervisor, index, WAIT_MS);
    assert_int_equal(child->state, CHILD_ENDED);
    assert_int_equal(child->pid, 0);
    supervisor_destroy(supervisor);
}

static void test_a_killed_child_starts_again_without_crash_at(void **state)
{
    struct supervisor *supervisor = supervisor_create();
    size_t index;
    int marked;

    (void) state;
    assert_int_equal(setenv("CRASH_AT", "no-such-point", 1), 0);
    index = start(supervisor, "one", NULL, NULL);
    assert_int_equal(supervisor_wait_ready(supervisor, index, WAIT_MS, &err), STATUS_OK);
    assert_int_equal(kill(supervisor_child(supervisor, index)->pid, SIGKILL), 0);
    while (supervisor_child(supervisor, index)->restarts == 0)
        assert_int_equal(supervisor_step(supervisor, 20, &err), STATUS_OK);
    assert_int_equal(supervisor_wait_ready(supervisor, index, WAIT_MS, &err), STATUS_OK);
    assert_int_equal(count_starts(&marked), 2);
    assert_int_equal(marked, 1);
    supervisor_destroy(supervisor); /* kills what runs */
    (void) unsetenv("CRASH_AT");
}

static void test_wrong_usage_is_given_up_at_once(void **state)
{
    struct supervisor *supervisor = supervisor_create();
    enum status status = STATUS_OK;
    int marked;

    (void) state;
    (void) start(supervisor, "hopeless", "--die", "2");
    for (int i = 0; i < 1000 && status == STATUS_OK; i++)
        status = supervisor_step(supervisor, 20, &err);
    assert_int_equal(status, STATUS_CLOSED);
    assert_string_equal(err.message,
                        "hopeless does not stay up (exit status 2); its messages are above");
    assert_int_equal(count_starts(&marked), 1);
    supervisor_destroy(supervisor);
}

static void test_a_child_that_never_gets_ready_is_given_up_in_the_end(void **state)
{
    struct supervisor *supervisor = supervisor_create();
    enum status status = STATUS_OK;
    int marked;

    (void) state;
    (void) start(supervisor, "weak", "--die", "1");
    while (status == STATUS_OK)
        status = supervisor_step(supervisor, 100, &err);
    assert_int_equal(status, STATUS_CLOSED);
    assert_int_equal(count_starts(&marked), SUPERVISE_FAILURES);
    supervisor_destroy(supervisor);
}

static void test_a_missing_program_is_named(void **state)
{
    struct supervisor *supervisor = supervisor_create();
    const char *const arguments[] = {NULL};
    const struct child_command command = {"ghost", "xunfang-no-such", arguments, NULL};
    enum status status;
    size_t index;

    (void) state;
    status = supervisor_start(supervisor, &command, &index, &err);
    for (int i = 0; i < 1000 && status == STATUS_OK; i++)
        status = supervisor_step(supervisor, 20, &err);
    assert_int_equal(status, STATUS_CLOSED);
    assert_non_null(strstr(err.message, "ghost does not stay up (could not be executed)"));
    supervisor_destroy(supervisor);
}

static void test_metrics_of_children_are_put_together(void **state)
{
    struct supervisor *supervisor = supervisor_create();
    size_t a = start(supervisor, "a", NULL, NULL), b = start(supervisor, "b", NULL, NULL);
    struct scrape *scrape;
    struct buf out;

    (void) state;
    assert_int_equal(scrape_create(&scrape, &err), STATUS_OK);
    assert_int_equal(supervisor_wait_ready(supervisor, a, WAIT_MS, &err), STATUS_OK);
    assert_int_equal(supervisor_wait_ready(supervisor, b, WAIT_MS, &err), STATUS_OK);
    assert_int_equal(scrape_round(scrape, supervisor, &err), STATUS_OK);
    assert_true(scrape_sum(scrape, "xunfang_test_child_starts_total", NULL) == 2);
    assert_true(scrape_sum(scrape, "xunfang_test_child_starts_total", "what=\"x\"") == 2);
    assert_true(scrape_sum(scrape, "xunfang_test_child_starts_total", "what=\"y\"") == 0);
    assert_true(scrape_sum(scrape, "xunfang_test_child", NULL) == 0);
    buf_init(&out, 1 << 20);
    scrape_render(scrape, &out);
    assert_non_null(strstr(buf_text(&out),
                           "# TYPE xunfang_test_child_starts counter\n"
                           "# HELP xunfang_test_child_starts Starts.\n"
                           "xunfang_test_child_starts_total{process=\"a\",what=\"x\"} 1\n"
                           "xunfang_test_child_starts_total{process=\"b\",what=\"x\"} 1\n"));
    assert_null(strstr(strstr(buf_text(&out), "# TYPE xunfang_test_child_starts") + 1,
                       "# TYPE xunfang_test_child_starts"));
    assert_true(slice_ends(buf_slice(&out), SLICE("# EOF\n")));
    buf_fini(&out);
    scrape_destroy(scrape);
    supervisor_destroy(supervisor);
}

/* Gauges are of those who live; counters remember the dead. */
static void test_counters_of_ended_lives_are_kept(void **state)
{
    const char *const starts = "xunfang_test_child_starts_total";
    struct supervisor *supervisor = supervisor_create();
    size_t index = start(supervisor, "one", NULL, NULL);
    struct scrape *scrape;

    (void) state;
    assert_int_equal(scrape_create(&scrape, &err), STATUS_OK);
    for (unsigned life = 1; life <= 3; life++) {
        assert_int_equal(supervisor_wait_ready(supervisor, index, WAIT_MS, &err), STATUS_OK);
        assert_int_equal(scrape_round(scrape, supervisor, &err), STATUS_OK);
        assert_true(scrape_sum(scrape, starts, NULL) == 1);
        assert_true(scrape_total(scrape, starts, "what=\"x\"") == life);
        assert_int_equal(kill(supervisor_child(supervisor, index)->pid, SIGKILL), 0);
        while (supervisor_child(supervisor, index)->restarts < life)
            assert_int_equal(supervisor_step(supervisor, 20, &err), STATUS_OK);
        assert_true(scrape_total(scrape, starts, NULL) == life); /* until the next answers */
    }
    scrape_destroy(scrape);
    supervisor_destroy(supervisor);
}

/* One that is given up leaves the others alone, and its place to somebody else. */
static void test_a_lenient_supervisor_goes_on(void **state)
{
    struct supervisor *supervisor = supervisor_create();
    size_t good, hopeless;
    unsigned serial;

    (void) state;
    supervisor_lenient(supervisor);
    hopeless = start(supervisor, "hopeless", "--die", "2");
    good = start(supervisor, "good", NULL, NULL);
    serial = supervisor_child(supervisor, hopeless)->serial;
    while (supervisor_child(supervisor, hopeless)->state != CHILD_ENDED)
        assert_int_equal(supervisor_step(supervisor, 20, &err), STATUS_OK);
    assert_string_equal(supervisor_child(supervisor, hopeless)->failure, "exit status 2");
    assert_int_equal(supervisor_wait_ready(supervisor, good, WAIT_MS, &err), STATUS_OK);
    supervisor_release(supervisor, hopeless);
    assert_string_equal(supervisor_child(supervisor, hopeless)->name, "");
    assert_int_equal(supervisor_step(supervisor, 0, &err), STATUS_OK);
    assert_int_equal(start(supervisor, "next", NULL, NULL), hopeless);
    assert_int_equal(supervisor_count(supervisor), 2);
    assert_string_equal(supervisor_child(supervisor, hopeless)->name, "next");
    assert_int_not_equal(supervisor_child(supervisor, hopeless)->serial, serial);
    supervisor_destroy(supervisor);
}

static void test_stopping_does_not_wait(void **state)
{
    struct supervisor *supervisor = supervisor_create();
    size_t index = start(supervisor, "one", NULL, NULL);
    const struct child *child = supervisor_child(supervisor, index);

    (void) state;
    assert_int_equal(supervisor_wait_ready(supervisor, index, WAIT_MS, &err), STATUS_OK);
    supervisor_stop(supervisor, index);
    assert_int_equal(child->state, CHILD_DRAINING);
    while (child->state != CHILD_ENDED)
        assert_int_equal(supervisor_step(supervisor, 20, &err), STATUS_OK);
    assert_string_equal(child->failure, "");
    supervisor_destroy(supervisor);
}

/* A place changes hands: what was told there is put away; our own series stand beside it. */
static void test_metrics_follow_the_place(void **state)
{
    const char *const starts = "xunfang_test_child_starts_total";
    const char *const none[] = {NULL};
    const struct child_command command = {"b", "xunfang-test-child", none, "job=\"j\""};
    struct supervisor *supervisor = supervisor_create();
    size_t index = start(supervisor, "a", NULL, NULL);
    struct scrape *scrape;
    struct buf out;

    (void) state;
    assert_int_equal(scrape_create(&scrape, &err), STATUS_OK);
    scrape_own(scrape, "parent");
    assert_int_equal(supervisor_wait_ready(supervisor, index, WAIT_MS, &err), STATUS_OK);
    assert_int_equal(scrape_round(scrape, supervisor, &err), STATUS_OK);
    supervisor_drain(supervisor, index, WAIT_MS);
    supervisor_release(supervisor, index);
    assert_int_equal(scrape_round(scrape, supervisor, &err), STATUS_OK);
    assert_true(scrape_sum(scrape, starts, NULL) == 0);
    assert_true(scrape_total(scrape, starts, NULL) == 1);
    assert_int_equal(supervisor_start(supervisor, &command, &index, &err), STATUS_OK);
    assert_int_equal(supervisor_wait_ready(supervisor, index, WAIT_MS, &err), STATUS_OK);
    assert_int_equal(scrape_round(scrape, supervisor, &err), STATUS_OK);
    assert_true(scrape_total(scrape, starts, NULL) == 2);
    buf_init(&out, 1 << 20);
    scrape_render(scrape, &out);
    assert_non_null(strstr(buf_text(&out), "{process=\"b\",job=\"j\",what=\"x\"} 1\n"));
    assert_null(strstr(buf_text(&out), "process=\"a\""));
    assert_non_null(strstr(buf_text(&out), "xunfang_process_open_files{process=\"parent\"} "));
    buf_fini(&out);
    scrape_destroy(scrape);
    supervisor_destroy(supervisor);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_ready_then_drained),
        TEST(test_a_killed_child_starts_again_without_crash_at),
        TEST(test_wrong_usage_is_given_up_at_once),
        TEST(test_a_child_that_never_gets_ready_is_given_up_in_the_end),
        TEST(test_a_missing_program_is_named),
        TEST(test_metrics_of_children_are_put_together),
        TEST(test_counters_of_ended_lives_are_kept),
        TEST(test_a_lenient_supervisor_goes_on),
        TEST(test_stopping_does_not_wait),
        TEST(test_metrics_follow_the_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
