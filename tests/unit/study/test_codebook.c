#include "study/codebook.h"

#include "study/file.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct arena *arena;
static struct error err;
static struct codebook codebook;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(4 << 20);
    codebook = (struct codebook){0};
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static enum status read_codebook(const char *text)
{
    struct yaml_source source = {slice_from(text), "c.yaml", arena};

    return codebook_read(&source, &codebook, &err);
}

static void fails(const char *text, const char *message)
{
    assert_int_equal(read_codebook(text), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

#define HEAD   "codebook: c\nversion: 2\nkeywords: [a]\nevent_kinds: [{name: visit}]\n"
#define BINARY "tasks:\n- {name: visit, kind: binary, definition: d}\n"

static void test_defaults(void **state)
{
    (void) state;
    assert_int_equal(read_codebook(HEAD BINARY), STATUS_OK);
    assert_true(codebook.include_counties);
    assert_int_equal(codebook_days(codebook.identity.usual_lag_ms), 1);
    assert_int_equal(codebook_days(codebook.identity.join_before_ms), 7);
    assert_int_equal(codebook_days(codebook.identity.join_after_ms), 1);
    assert_int_equal(codebook_days(codebook.identity.chain_gap_ms), 3);
    assert_int_equal(codebook.identity.key_count, 3);
    assert_int_equal(codebook.measures.low_percent, 33);
    assert_true(codebook.event_kinds[0].directed);
    assert_string_equal(codebook.event_kinds[0].actors[0].data, "city");
}

static void test_tasks(void **state)
{
    (void) state;
    assert_int_equal(
        read_codebook(HEAD BINARY "- name: themes\n  kind: labels\n  definition: d\n  gate: visit\n"
                                  "  labels: [{name: x}, {name: y, english: why}]\n"
                                  "  examples: [{text: t, labels: [x, y], because: b}]\n"),
        STATUS_OK);
    assert_int_equal(codebook.task_count, 2);
    assert_int_equal(codebook_find_task(&codebook, "themes")->kind, TASK_LABELS);
    assert_string_equal(codebook_find_task(&codebook, "themes")->labels[1].english.data, "why");
    assert_int_equal(codebook_find_task(&codebook, "themes")->examples[0].label_count, 2);
    assert_null(codebook_find_task(&codebook, "purpose"));
}

static void test_errors(void **state)
{
    (void) state;
    fails("codebook: c\n", "c.yaml:1: version: is missing");
    fails(HEAD, "c.yaml:1: tasks: is missing");
    fails(HEAD BINARY "- {name: visit, kind: binary, definition: d}\n",
          "c.yaml:7: tasks: 'visit' stands there twice");
    fails(HEAD BINARY "- {name: t, kind: label, definition: d}\n",
          "c.yaml:7: tasks: 't' needs two labels or more");
    fails(HEAD BINARY "- {name: t, kind: binary, definition: d, gate: later}\n",
          "c.yaml:7: tasks: 't' has the gate 'later', which is no task before it");
    fails(HEAD BINARY "- {name: t, kind: binary, definition: d, model: ../x}\n",
          "tasks: 't': the model must lie beside the codebook");
    fails(HEAD "tasks:\n- {name: v, kind: binary, definition: d, examples: [{text: t, labels: "
               "maybe}]}\n",
          "c.yaml:6: tasks: 'v', example 1: 'maybe' is none of its labels");
    fails(HEAD BINARY "identity: {usual_lag: 5h}\n",
          "c.yaml:7: identity: durations are whole days");
    fails(HEAD BINARY "measures: {low_percent: 70}\n",
          "c.yaml:7: measures: low_percent must be less than high_percent");
    fails("codebook: ../x\nversion: 1\nkeywords: [a]\nevent_kinds: [{name: visit}]\n" BINARY,
          "c.yaml:1: codebook: '../x' may have no '/'");
}

static void test_the_shipped_codebook(void **state)
{
    struct yaml_source source = {.file = "visits", .arena = arena};
    const struct codebook_task *themes;

    (void) state;
    assert_int_equal(
        file_read(SOURCE_DIR "/codebooks/visits/codebook.yaml", 1 << 20, arena, &source.text, &err),
        STATUS_OK);
    if (codebook_read(&source, &codebook, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    themes = codebook_find_task(&codebook, "themes");
    assert_int_equal(themes->label_count, 8);
    assert_string_equal(themes->labels[1].name.data, "经济发展");
    assert_string_equal(codebook.levels[0].name.data, "principal");
    assert_int_equal(codebook.level_count, 3);
    assert_string_equal(codebook.combine.purpose.data, "cooperative");
    assert_int_equal(codebook_find_task(&codebook, "purpose")->label_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tasks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_shipped_codebook, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
