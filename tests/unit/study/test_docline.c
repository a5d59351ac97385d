#include "study/docline.h"

#include "base/util/civil.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct docline doc;
static struct error err;

static int open_arena(void **state)
{
    (void) state;
    arena = arena_create(1 << 20);
    return arena == NULL;
}

static int close_arena(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static enum status parse(const char *line)
{
    arena_reset(arena);
    return docline_parse(slice_from(line), arena, &doc, &err);
}

static void test_members(void **state)
{
    (void) state;
    assert_int_equal(
        parse("{\"id\":\"a\",\"url\":\"http://x/\",\"site_city\":\"常州\",\"title\":null,"
              "\"date\":\"2023-05-08\",\"body\":\"文\",\"is_visit\":false}"),
        STATUS_OK);
    assert_true(slice_equal(doc.id, SLICE("a")));
    assert_true(slice_equal(doc.site_city, SLICE("常州")));
    assert_null(doc.title.data);
    assert_null(doc.query_city.data);
    assert_int_equal(doc.day, civil_to_day((struct civil){2023, 5, 8}));
    assert_true(doc.has_visit);
    assert_false(doc.is_visit);
}

static void test_unknown_stays_unknown(void **state)
{
    (void) state;
    assert_int_equal(parse("{\"id\":\"a\",\"body\":\"\",\"date\":null,\"is_visit\":null}"),
                     STATUS_OK);
    assert_int_equal(doc.day, CIVIL_NONE);
    assert_false(doc.has_visit);
}

static void test_bad_lines(void **state)
{
    static const struct {
        const char *line;
        const char *message;
    } cases[] = {
        {"", ""},
        {"x", ""},
        {"[]", "no JSON object"},
        {"{\"body\":\"\"}", "\"id\" is missing"},
        {"{\"id\":\"a\"}", "\"body\" is missing"},
        {"{\"id\":1,\"body\":\"\"}", "\"id\" is no text"},
        {"{\"id\":\"a\",\"body\":\"\",\"date\":\"5月8日\"}", "\"date\""},
        {"{\"id\":\"a\",\"body\":\"\",\"date\":\"2023-02-30\"}", "\"date\""},
        {"{\"id\":\"a\",\"body\":\"\",\"is_visit\":\"yes\"}", "\"is_visit\""},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse(cases[i].line), STATUS_INVALID);
        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].line, err.message, cases[i].message);
    }
}

static void test_output_keeps_the_rest(void **state)
{
    static const char *const answered[] = {"is_visit", "events", NULL};
    struct buf out;

    (void) state;
    buf_init(&out, 4096);
    assert_int_equal(
        parse("{\"is_visit\":true,\"id\":\"a\",\"body\":\"文\",\"x\":[1,2],\"events\":[]}"),
        STATUS_OK);
    docline_begin(&out, &doc, answered);
    docline_key(&out, "is_visit");
    buf_puts(&out, "false");
    docline_key(&out, "purpose");
    docline_text(&out, SLICE(""));
    docline_end(&out);
    assert_string_equal(buf_text(&out), "{\"id\":\"a\",\"body\":\"文\",\"x\":[1,2],"
                                        "\"is_visit\":false,\"purpose\":null}\n");
    buf_fini(&out);
}

static void test_output_of_answers_alone(void **state)
{
    static const char *const answered[] = {"id", "body", NULL};
    struct buf out;

    (void) state;
    buf_init(&out, 4096);
    assert_int_equal(parse("{\"id\":\"a\",\"body\":\"\"}"), STATUS_OK);
    docline_begin(&out, &doc, answered);
    docline_key(&out, "n");
    buf_puts(&out, "1");
    docline_end(&out);
    assert_string_equal(buf_text(&out), "{\"n\":1}\n");
    buf_fini(&out);
}

/* ---- the loop ---- */

static enum status echo(void *self, const struct docline *line, struct arena *memory,
                        struct buf *out, struct error *error)
{
    (void) self;
    (void) memory;
    if (slice_equal(line->id, SLICE("refused")))
        return error_set(error, STATUS_INVALID, "not this one");
    if (slice_equal(line->id, SLICE("fatal")))
        return error_set(error, STATUS_NOMEM, "out of memory");
    buf_append(out, line->id);
    buf_putc(out, '\n');
    return STATUS_OK;
}

static enum status run(const char *input, char **output, char **errors)
{
    struct docline_job job = {.name = "test", .handler = echo};
    size_t sizes[2];
    enum status status;

    job.in = fmemopen((char *) input, strlen(input), "r");
    job.out = open_memstream(output, &sizes[0]);
    job.errors = open_memstream(errors, &sizes[1]);
    status = docline_run(&job, &err);
    fclose(job.in);
    fclose(job.out);
    fclose(job.errors);
    return status;
}

static void test_run(void **state)
{
    char *output;
    char *errors;

    (void) state;
    assert_int_equal(run("{\"id\":\"a\",\"body\":\"\"}\n\nbad\n{\"id\":\"refused\",\"body\":\"\"}\n"
                         "{\"id\":\"b\",\"body\":\"\"}",
                         &output, &errors),
                     STATUS_INVALID);
    assert_string_equal(output, "a\nb\n");
    assert_non_null(strstr(errors, "test: line 3: "));
    assert_non_null(strstr(errors, "test: line 4: not this one"));
    assert_non_null(strstr(err.message, "2 of 5"));
    free(output);
    free(errors);
}

static void test_run_ends_on_trouble(void **state)
{
    char *output;
    char *errors;

    (void) state;
    assert_int_equal(
        run("{\"id\":\"fatal\",\"body\":\"\"}\n{\"id\":\"b\",\"body\":\"\"}\n", &output, &errors),
        STATUS_NOMEM);
    assert_string_equal(output, "");
    free(output);
    free(errors);
}

static void test_run_all_good(void **state)
{
    char *output;
    char *errors;

    (void) state;
    assert_int_equal(run("{\"id\":\"a\",\"body\":\"\"}\n", &output, &errors), STATUS_OK);
    assert_string_equal(output, "a\n");
    assert_string_equal(errors, "");
    free(output);
    free(errors);
}

static void test_source(void **state)
{
    struct source_text source;

    (void) state;
    assert_int_equal(
        parse("{\"id\":\"a\",\"url\":\"http://x/\",\"site_city\":\"常州\",\"title\":\"题\","
              "\"date\":\"2023-05-08\",\"body\":\"文\"}"),
        STATUS_OK);
    source = docline_source(&doc);
    assert_true(slice_equal(source.title, SLICE("题")));
    assert_true(slice_equal(source.body, SLICE("文")));
    assert_true(slice_equal(source.url, SLICE("http://x/")));
    assert_true(slice_equal(source.site_city, SLICE("常州")));
    assert_int_equal(source.day, civil_to_day((struct civil){2023, 5, 8}));
    assert_int_equal(parse("{\"id\":\"a\",\"body\":\"\"}"), STATUS_OK);
    source = docline_source(&doc);
    assert_int_equal(source.title.size, 0);
    assert_int_equal(source.day, CIVIL_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_unknown_stays_unknown),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_output_keeps_the_rest),
        cmocka_unit_test(test_output_of_answers_alone),
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_run_ends_on_trouble),
        cmocka_unit_test(test_run_all_good),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
