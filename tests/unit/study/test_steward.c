/* A steward over a memory bus, with real children that do nothing. */
#include "study/steward.h"

#include "study/state_folder.h"
#include "tests/unit/study/control_fixture.h"
#include "tests/unit/study/temp_dir.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STEPS_MAX = 2000, STEP_MS = 10, RETRY_MS = 50 };

static char notes[] = "/tmp/xunfang-test-steward-XXXXXX";
static struct temp_dir data;
static const struct daemon_settings settings = {
    .bus = "memory", .data = data.path, .index = 3, .log_level = "error"};
static struct steward *steward;
static bool unable; /* what the build says about runs of the job "picky" */

static enum status able(void *self, const struct catalog_run *run, struct error *cause)
{
    (void) self;
    if (unable && strcmp(run->job, "picky") == 0)
        return error_set(cause, STATUS_UNSUPPORTED, "wants more");
    return STATUS_OK;
}

static int set_up(void **state)
{
    struct steward_options options = {.stage = "classifier",
                                      .program = "xunfang-test-child",
                                      .settings = &settings,
                                      .able = able,
                                      .retry_ms = RETRY_MS,
                                      .drain_ms = 200};
    int file;

    if (control_open(state) != 0 || temp_dir_create(&data) != 0)
        return -1;
    memcpy(notes + sizeof notes - 7, "XXXXXX", 6);
    file = mkstemp(notes);
    (void) setenv("XUNFANG_TEST_CHILD_FILE", notes, 1);
    options.catalog = catalog;
    return file < 0 || close(file) != 0 || steward_create(&options, &steward, &err) != STATUS_OK;
}

static int tear_down(void **state)
{
    steward_destroy(steward);
    (void) unlink(notes);
    temp_dir_destroy(&data);
    return control_close(state);
}

static void step(void)
{
    refresh();
    assert_int_equal(steward_step(steward, STEP_MS, &err), STATUS_OK);
}

static void until_working(size_t count)
{
    for (int i = 0; i < STEPS_MAX && steward_working(steward) != count; i++)
        step();
    assert_int_equal(steward_working(steward), count);
}

/* Starts of children whose note is this line. */
static int starts(const char *line)
{
    FILE *file = fopen(notes, "r");
    char text[128];
    int count = 0;

    assert_non_null(file);
    while (fgets(text, sizeof text, file) != NULL) {
        text[strcspn(text, "\n")] = '\0';
        count += strcmp(text, line) == 0;
    }
    (void) fclose(file);
    return count;
}

static void until_started(const char *line, int count)
{
    for (int i = 0; i < STEPS_MAX && starts(line) < count; i++)
        step();
    assert_int_equal(starts(line), count);
}

/* `part` of the reason; NULL: until there is none. */
static void until_reason(const struct catalog_run *run, const char *part)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        const char *reason = steward_reason(steward, run);
        if (part == NULL ? reason == NULL : reason != NULL && strstr(reason, part) != NULL)
            return;
        step();
    }
    fail_msg("never the reason %s", part == NULL ? "(none)" : part);
}

static void test_a_child_for_each_run_that_needs_it(void **state)
{
    (void) state;
    step();
    assert_int_equal(steward_working(steward), 0);
    announce_run("a", "main", "", "");
    announce_run("a", "extract", "main", "main"); /* reads the visits of another */
    announce_run("b", "main", "", "");
    announce_run("c", "main", "", "");
    announce_sealed("c", "main", 0);
    until_working(2);
    until_started("start a.main-3", 1);
    until_started("start b.main-3", 1);
    assert_int_equal(starts("start a.extract-3"), 0);
    assert_int_equal(starts("start c.main-3"), 0);
}

static void test_children_end_and_begin_with_their_run(void **state)
{
    (void) state;
    announce_run("a", "main", "", "");
    announce_run("b", "main", "", "");
    until_started("start a.main-3", 1);
    until_started("start b.main-3", 1);
    announce_sealed("a", "main", 0);
    until_working(1);
    announce_ingested("a", "main", 1); /* a new generation */
    until_started("start a.main-3", 2);
    assert_int_equal(steward_working(steward), 2);
    assert_int_equal(command("a", "", ACTION(PAUSE)), STATUS_OK);
    until_working(1);
    assert_int_equal(command("a", "", ACTION(RESUME)), STATUS_OK);
    until_started("start a.main-3", 3);
    assert_int_equal(command("a", "", ACTION(CANCEL)), STATUS_OK);
    assert_int_equal(command("b", "", ACTION(PURGE)), STATUS_OK);
    until_working(0);
    assert_int_equal(starts("start b.main-3"), 1);
}

static void test_a_run_this_build_cannot_work_on_waits(void **state)
{
    const struct catalog_run *picky;

    (void) state;
    unable = true;
    announce_run("picky", "main", "", "");
    announce_run("b", "main", "", "");
    picky = run_of("picky", "main");
    until_reason(picky, "wants more");
    until_working(1);
    assert_null(steward_reason(steward, run_of("b", "main")));
    for (int i = 0; i < 2 * RETRY_MS / STEP_MS; i++)
        step();
    assert_int_equal(starts("start picky.main-3"), 0);
    unable = false; /* another build would be another process; a file may come back */
    until_started("start picky.main-3", 1);
    until_reason(picky, NULL);
    assert_int_equal(steward_working(steward), 2);
}

static void test_a_child_that_does_not_stay_up_is_tried_again(void **state)
{
    const struct catalog_run *weak;

    (void) state;
    announce_run("die-2", "main", "", ""); /* wrong usage: given up at once */
    announce_run("b", "main", "", "");
    weak = run_of("die-2", "main");
    until_reason(weak, "its worker does not stay up (exit status 2)");
    until_started("start die-2.main-3", 3);
    until_reason(weak, "does not stay up");
    until_started("start b.main-3", 1);
    assert_int_equal(command("die-2", "", ACTION(PAUSE)), STATUS_OK);
    until_reason(weak, NULL); /* nobody waits for it now */
    assert_int_equal(steward_working(steward), 1);
}

static void test_no_more_than_so_many_at_once(void **state)
{
    static char names[STEWARD_RUNS_MAX + 2][8];

    (void) state;
    for (int i = 0; i < STEWARD_RUNS_MAX + 2; i++) {
        (void) snprintf(names[i], sizeof names[i], "j%d", i);
        announce_run(names[i], "main", "", "");
    }
    until_working(STEWARD_RUNS_MAX);
    step();
    assert_string_equal(steward_reason(steward, run_of(names[STEWARD_RUNS_MAX], "main")),
                        "16 runs are worked on at once: waits for one to end");
    assert_null(steward_reason(steward, run_of("j0", "main")));
    announce_sealed("j0", "main", 0);
    until_started("start j16.main-3", 1);
    assert_non_null(steward_reason(steward, run_of(names[STEWARD_RUNS_MAX + 1], "main")));
}

static void test_a_child_that_does_not_hear_is_killed(void **state)
{
    (void) state;
    announce_run("deaf", "main", "", "");
    until_started("start deaf.main-3", 1);
    until_reason(run_of("deaf", "main"), NULL);
    for (int i = 0; i < 20; i++) /* it is ready */
        step();
    announce_sealed("deaf", "main", 0);
    until_working(0);
}

static void test_a_purged_run_leaves_nothing(void **state)
{
    struct state_place place = {settings.data, "a", "main", settings.index};
    struct stat found;
    struct buf path;

    (void) state;
    buf_init(&path, 256);
    assert_int_equal(state_path(&place, "answers-classifier", &path, &err), STATUS_OK);
    assert_int_equal(mkdir(buf_text(&path), 0700), 0);
    announce_run("a", "main", "", "");
    until_started("start a.main-3", 1);
    assert_int_equal(command("a", "", ACTION(PAUSE)), STATUS_OK);
    until_working(0);
    step();
    assert_int_equal(stat(buf_text(&path), &found), 0);
    assert_int_equal(command("a", "", ACTION(PURGE)), STATUS_OK);
    step();
    assert_int_not_equal(stat(buf_text(&path), &found), 0);
    buf_fini(&path);
}

static void test_draining_ends_all(void **state)
{
    (void) state;
    announce_run("a", "main", "", "");
    announce_run("b", "main", "", "");
    until_working(2);
    steward_drain(steward);
    until_working(0);
    announce_run("c", "main", "", "");
    step();
    assert_int_equal(steward_working(steward), 0);
}

int main(void)
{
#define LIFE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIFE(test_a_child_for_each_run_that_needs_it),
        LIFE(test_children_end_and_begin_with_their_run),
        LIFE(test_a_run_this_build_cannot_work_on_waits),
        LIFE(test_a_child_that_does_not_stay_up_is_tried_again),
        LIFE(test_no_more_than_so_many_at_once),
        LIFE(test_a_child_that_does_not_hear_is_killed),
        LIFE(test_a_purged_run_leaves_nothing),
        LIFE(test_draining_ends_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
