/* The program on streams: alone, and with a language model whose replies were recorded. */
#include "classifier/command_classify.h"

#include "base/llm/recording.h"
#include "study/docline.h"
#include "study/prompt.h"
#include "study/tools.h"
#include "tests/unit/classifier/command_kit.h"

/* The built-in model is unsure about the second and the third, which are the same. */
#define SURE     "{\"id\":\"a\",\"title\":\"关于调整医保政策的通知\",\"body\":\"现通知如下。\"}\n"
#define DOUBTFUL "{\"id\":\"b\",\"site_city\":\"常州\",\"body\":\"一行在衢州学习。\",\"x\":1}\n"
#define AGAIN    "{\"id\":\"c\",\"site_city\":\"常州\",\"body\":\"一行在衢州学习。\"}\n"

static const char book[] = SOURCE_DIR "/codebooks/visits/codebook.yaml";

static int run(const char *input, const char *llm, const char *model)
{
    const char *words[ARGUMENTS_MAX] = {"classify", "--codebook", book};
    int count = 3;

    if (llm != NULL) {
        words[count++] = "--llm";
        words[count++] = llm;
    }
    if (model != NULL) {
        words[count++] = "--model";
        words[count++] = model;
    }
    return command_run(command_classify, words, input);
}

/* ---- a recording ---- */

/* The form filled in: the choice that means `means`, nothing in a text. */
static void put_answer(const struct codebook_task *task, const char *means, struct buf *out)
{
    for (size_t i = 0; i < task->ask.form_count; i++) {
        const struct codebook_form *field = &task->ask.form[i];

        buf_printf(out, "%s\"%s\":\"", i == 0 ? "{" : ",", field->name.data);
        for (size_t j = 0; j < field->choice_count; j++)
            if (slice_equal(field->choices[j].means, slice_from(means))) {
                buf_append(out, field->choices[j].name);
                break;
            }
        buf_putc(out, '"');
    }
    buf_putc(out, '}');
}

static void record_prompt(const struct prompt *prompt, const char *line, const char *means,
                          struct recording *recording)
{
    struct arena *arena = arena_create(1 << 20);
    struct asker_question question = {.task = {NULL, 0}};
    struct llm_attempt attempt = {.turns = NULL};
    struct llm_attempt_end end = {.end = LLM_END_REPLY, .sent = true};
    struct source_text source;
    struct docline doc;
    struct error err;
    struct buf text;

    buf_init(&text, 4096);
    put_answer(prompt_task(prompt), means, &text);
    assert_int_equal(docline_parse(slice_from(line), arena, &doc, &err), STATUS_OK);
    source = docline_source(&doc);
    assert_int_equal(prompt_question(prompt, &source, arena, &question, &err), STATUS_OK);
    attempt.turns = question.turns;
    attempt.turn_count = question.turn_count;
    attempt.shape = question.shape;
    attempt.max_tokens = question.max_tokens;
    end.text = buf_slice(&text);
    assert_int_equal(recording_append(recording, "small", &attempt, &end, &err), STATUS_OK);
    buf_fini(&text);
    arena_destroy(arena);
}

/* "replay:FILE" of a recording in which the model says `means` of the doubtful document. */
static const char *record_visit(const char *means)
{
    static char endpoint[160];
    struct recording *recording = NULL;
    struct prompt *prompt = NULL;
    struct tools *tools = NULL;
    struct error err;

    (void) snprintf(endpoint, sizeof endpoint, "replay:%s/%s", dir.path, means);
    assert_int_equal(tools_open(book, false, &tools, &err), STATUS_OK);
    assert_int_equal(
        prompt_create(codebook_find_task(&tools->study->codebook, "visit"), &prompt, &err),
        STATUS_OK);
    assert_int_equal(recording_open(endpoint + strlen("replay:"), &recording, &err), STATUS_OK);
    record_prompt(prompt, DOUBTFUL, means, recording);
    recording_close(recording);
    prompt_destroy(prompt);
    tools_close(tools);
    return endpoint;
}

/* ---- tests ---- */

static void test_alone(void **state)
{
    (void) state;
    assert_int_equal(run(SURE DOUBTFUL, NULL, NULL), 0);
    assert_true(says("\"is_visit\":false,"));
    assert_true(says(",\"x\":1,\"is_visit\":true,\"p_visit\":0."));
    assert_true(says("\"decided_by\":\"model\"}\n"));
    assert_false(says("\"model\":"));
    assert_false(says("\"asked\":"));
    assert_string_equal(errors, "");
}

static void test_bad_lines_do_not_stop_it(void **state)
{
    (void) state;
    assert_int_equal(run("nonsense\n" SURE, NULL, NULL), 1);
    assert_true(says("\"id\":\"a\""));
    assert_non_null(strstr(errors, "xunfang classify: line 1: "));
}

static void test_an_answer_decides(void **state)
{
    (void) state;
    assert_int_equal(run(SURE DOUBTFUL AGAIN, record_visit("no"), "small"), 0);
    assert_true(says("\"decided_by\":\"model\",\"model\":\"visit@"));
    assert_true(says("\"asked\":[]}\n"));
    assert_true(says("\"x\":1,\"is_visit\":false,\"p_visit\":0.4"));
    assert_true(says("\"decided_by\":\"llm\",\"model\":\"small@"));
    assert_true(says("\"asked\":[\"visit\"]}\n{\"id\":\"c\""));
    assert_false(says("\"is_visit\":true"));
    assert_int_equal(run(DOUBTFUL, record_visit("yes"), "small"), 0);
    assert_true(says("\"is_visit\":true"));
}

static void test_without_an_answer_the_builtin_decision_holds(void **state)
{
    char endpoint[160];

    (void) state;
    (void) snprintf(endpoint, sizeof endpoint, "replay:%s", temp_dir_write(&dir, "empty", ""));
    assert_int_equal(run(DOUBTFUL, endpoint, "small"), 0);
    assert_true(says("\"decided_by\":\"model\",\"model\":\"visit@"));
    assert_true(says("\"asked\":[\"visit\""));
}

static void test_wrong_usage(void **state)
{
    (void) state;
    assert_int_equal(run(SURE, "replay:/nowhere/at/all", "small"), 2);
    assert_non_null(strstr(errors, "/nowhere/at/all"));
    assert_int_equal(run(SURE, "http://127.0.0.1:1/v1", NULL), 2);
    assert_non_null(strstr(errors, "--model"));
    assert_string_equal(output, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_bad_lines_do_not_stop_it),
        cmocka_unit_test(test_an_answer_decides),
        cmocka_unit_test(test_without_an_answer_the_builtin_decision_holds),
        cmocka_unit_test(test_wrong_usage),
    };

    return cmocka_run_group_tests(tests, kit_dir, kit_remove);
}
