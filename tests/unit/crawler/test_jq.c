/* jq: programs compiled once, run on hostile JSON. */
#include "crawler/jq.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static struct jq_program *make(const char *text)
{
    struct jq_program *program = NULL;

    assert_int_equal(jq_create(slice_from(text), &program, NULL), STATUS_OK);
    return program;
}

static void check_run(struct jq_program *program, const char *json, const char *expected)
{
    struct buf out;

    buf_init(&out, 10000);
    assert_int_equal(jq_run(program, slice_from(json), &out, NULL), STATUS_OK);
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static void check_failure(struct jq_program *program, const char *json, const char *words)
{
    struct error err = {.message = ""};
    struct buf out;

    buf_init(&out, 10000);
    assert_int_equal(jq_run(program, slice_from(json), &out, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, words));
    assert_int_equal(out.size, 0);
    buf_fini(&out);
}

static void values(void **state)
{
    struct jq_program *program = make("[.data[] | .url]");

    (void) state;
    check_run(program, "{\"data\":[{\"url\":\"苏\"},{\"url\":1683518400000}]}",
              "[\"苏\",1683518400000]");
    check_run(program, "{\"data\":[]}", "[]");
    jq_destroy(program);
    program = make(".a[]");
    check_run(program, "{\"a\":[1,2]}", "1");
    check_run(program, "{\"a\":[]}", "null");
    jq_destroy(program);
}

/* A failure leaves the program usable. */
static void failures(void **state)
{
    struct jq_program *program = make(".a[]");

    (void) state;
    check_failure(program, "{\"a\":null}", "iterate over null");
    check_failure(program, "{\"a\":[1", "no JSON");
    check_failure(program, "<html>", "no JSON");
    check_run(program, "{\"a\":[7]}", "7");
    check_failure(program, "{\"a\":1}{}", "no JSON");
    jq_destroy(program);
    jq_destroy(NULL);
}

static void bad_program(void **state)
{
    struct jq_program *program = NULL;
    struct error err = {.message = ""};

    (void) state;
    assert_int_equal(jq_create(SLICE(".a["), &program, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "syntax error"));
    assert_int_equal(jq_create(SLICE("nonsense(1)"), &program, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "nonsense"));
    assert_null(program);
}

static void limits(void **state)
{
    struct jq_program *program = make("length");
    struct buf json, out;

    (void) state;
    buf_init(&json, 1 << 22);
    buf_init(&out, 1000);
    buf_putc(&json, '[');
    for (int i = 0; i < JQ_VALUES_MAX - 10; i++)
        buf_puts(&json, i == 0 ? "1" : ",1");
    buf_putc(&json, ']');
    assert_int_equal(jq_run(program, buf_slice(&json), &out, NULL), STATUS_OK);
    assert_string_equal(buf_text(&out), "299990");
    buf_truncate(&json, json.size - 1);
    for (int i = 0; i < 20; i++)
        buf_puts(&json, ",1");
    buf_putc(&json, ']');
    assert_int_equal(jq_run(program, buf_slice(&json), &out, NULL), STATUS_TOO_LARGE);
    buf_reset(&json);
    for (int i = 0; i < 100000; i++)
        buf_putc(&json, '[');
    assert_int_equal(jq_run(program, buf_slice(&json), &out, NULL), STATUS_INVALID);
    buf_fini(&json);
    buf_fini(&out);
    jq_destroy(program);
}

static void output_limit(void **state)
{
    struct jq_program *program = make(".");
    struct buf out;

    (void) state;
    buf_init(&out, 4);
    assert_int_equal(jq_run(program, SLICE("\"longer\""), &out, NULL), STATUS_TOO_LARGE);
    buf_fini(&out);
    jq_destroy(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values), cmocka_unit_test(failures),     cmocka_unit_test(bad_program),
        cmocka_unit_test(limits), cmocka_unit_test(output_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
