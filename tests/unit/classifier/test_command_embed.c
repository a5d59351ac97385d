/* The program on streams, with a model that takes the place of base/llm/llm.c here. */
#include "classifier/command_embed.h"

#include "base/llm/llm.h"
#include "tests/unit/classifier/command_kit.h"

#include <math.h>

enum { OPEN_MAX = 4, ASKED_MAX = 64 };

/* Says of a text how many bytes it has, and refuses texts with 坏 in them; the latest first. */
static struct {
    struct llm_options options;
    struct {
        void *owner;
        float vector[3];
        bool bad;
    } open[OPEN_MAX];
    size_t open_count;
    size_t most_open;
    char texts[ASKED_MAX][256];
    size_t asked;
    struct llm_answer answer;
    bool destroyed;
} fake;

enum status llm_create(const struct llm_options *options, struct llm **llm, struct error *err)
{
    fake.options = *options;
    if (strncmp(options->endpoint, "http://", 7) != 0)
        return error_set(err, STATUS_INVALID, "no endpoint");
    *llm = (struct llm *) &fake;
    return STATUS_OK;
}

void llm_destroy(struct llm *llm)
{
    fake.destroyed = llm == (struct llm *) &fake;
}

enum status llm_embed(struct llm *llm, const struct llm_embed_question *question, struct error *err)
{
    struct slice text = question->texts[0];

    assert_ptr_equal(llm, &fake);
    assert_int_equal(question->text_count, 1);
    if (fake.open_count == OPEN_MAX)
        return error_set(err, STATUS_AGAIN, "enough are open");
    (void) snprintf(fake.texts[fake.asked++], sizeof fake.texts[0], "%.*s", SLICE_ARG(text));
    fake.open[fake.open_count].owner = question->owner;
    fake.open[fake.open_count].bad = slice_contains(text, SLICE("坏"));
    fake.open[fake.open_count].vector[0] = (float) text.size;
    fake.open[fake.open_count].vector[1] = slice_contains(text, SLICE("无穷")) ? INFINITY : 0.1F;
    fake.open[fake.open_count].vector[2] = -1.5e-7F;
    fake.open_count++;
    if (fake.open_count > fake.most_open)
        fake.most_open = fake.open_count;
    return STATUS_OK;
}

enum status llm_step(struct llm *llm, int64_t timeout_ms, struct error *err)
{
    (void) timeout_ms;
    (void) err;
    assert_ptr_equal(llm, &fake);
    return STATUS_OK;
}

/* Ends nothing while more may come: so several are open at once. */
const struct llm_answer *llm_next(struct llm *llm)
{
    static unsigned calls;
    size_t last = fake.open_count;

    assert_ptr_equal(llm, &fake);
    if (last == 0 || calls++ % 8 < 6)
        return NULL;
    fake.answer =
        (struct llm_answer){.owner = fake.open[last - 1].owner,
                            .outcome = fake.open[last - 1].bad ? LLM_UNAVAILABLE : LLM_ANSWERED,
                            .reason = "HTTP 500",
                            .vectors = fake.open[last - 1].vector,
                            .vector_count = 1,
                            .dimension = 3};
    return &fake.answer;
}

void llm_release(struct llm *llm, const struct llm_answer *answer)
{
    assert_ptr_equal(llm, &fake);
    assert_ptr_equal(answer, &fake.answer);
    fake.open_count--;
}

static int run(const char *input, const char *option, const char *value)
{
    const char *words[] = {"embed", "--llm", "http://x/v1", "--model", "e5", option, value, NULL};

    memset(&fake, 0, sizeof fake);
    return command_run(command_embed, words, input);
}

#define DOC(id, text) "{\"id\":\"" id "\",\"body\":\"" text "\"}\n"

static void test_lines_in_their_order(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("a", "1") DOC("b", "22") DOC("c", "333") DOC("d", "4444")
                             DOC("e", "55555") DOC("f", "666666"),
                         NULL, NULL),
                     0);
    assert_ptr_equal(output, strstr(output, "{\"id\":\"a\",\"body\":\"1\",\"embedding\":[1,0.1"));
    assert_true(says("-1.50000005e-07]}\n{\"id\":\"b\",\"body\":\"22\",\"embedding\":[2,"));
    assert_true(says("\"666666\",\"embedding\":[6,"));
    assert_string_equal(errors, "");
    assert_true(fake.most_open > 1);
    assert_string_equal(fake.options.model, "e5");
    assert_int_equal(fake.options.concurrency, 16);
    assert_true(fake.destroyed);
}

static void test_title_and_body_within_the_limit(void **state)
{
    static const char doc[] = "{\"id\":\"a\",\"title\":\"标题\",\"body\":\"正文一二三\"}\n";

    (void) state;
    assert_int_equal(run(doc, NULL, NULL), 0);
    assert_string_equal(fake.texts[0], "标题\n正文一二三");
    assert_int_equal(run(doc, "--max-chars", "5"), 0);
    assert_string_equal(fake.texts[0], "标题\n正文");
    assert_int_equal(run(doc, "--max-chars", "1"), 0);
    assert_string_equal(fake.texts[0], "标");
}

static void test_a_document_without_text(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("a", " ") DOC("b", "1"), NULL, NULL), 0);
    assert_true(says("\"body\":\" \",\"embedding\":null}\n"));
    assert_int_equal(fake.asked, 1);
}

static void test_an_older_embedding_is_replaced(void **state)
{
    (void) state;
    assert_int_equal(run("{\"id\":\"a\",\"embedding\":[7],\"body\":\"1\"}\n", NULL, NULL), 0);
    assert_true(says("{\"id\":\"a\",\"body\":\"1\",\"embedding\":[1,"));
    assert_false(says("[7]"));
}

static void test_failures_are_bad_lines(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("a", "坏") DOC("b", "无穷") DOC("c", "1"), NULL, NULL), 1);
    assert_non_null(strstr(errors, "line 1: model: HTTP 500"));
    assert_non_null(strstr(errors, "line 2: number 1 of the embedding"));
    assert_ptr_equal(output, strstr(output, "{\"id\":\"c\""));
}

static void test_wrong_usage(void **state)
{
    const char *no_model[] = {"embed", "--llm", "http://x/v1", NULL};
    const char *no_url[] = {"embed", "--llm", "x", "--model", "e5", NULL};

    (void) state;
    assert_int_equal(command_run(command_embed, no_model, ""), 2);
    assert_non_null(strstr(errors, "--model"));
    assert_int_equal(command_run(command_embed, no_url, ""), 2);
    assert_non_null(strstr(errors, "no endpoint"));
    assert_int_equal(run("", "--max-chars", "0"), 2);
    assert_int_equal(run("", "--concurrency", "100000"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_in_their_order),
        cmocka_unit_test(test_title_and_body_within_the_limit),
        cmocka_unit_test(test_a_document_without_text),
        cmocka_unit_test(test_an_older_embedding_is_replaced),
        cmocka_unit_test(test_failures_are_bad_lines),
        cmocka_unit_test(test_wrong_usage),
    };

    return cmocka_run_group_tests(tests, kit_dir, kit_remove);
}
