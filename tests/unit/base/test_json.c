#include "base/json.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct arena *arena;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(1 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static const struct json *parsed(const char *text)
{
    const struct json *value = NULL;

    assert_int_equal(json_parse(slice_from(text), arena, &value, &err), STATUS_OK);
    return value;
}

static void test_reads_every_kind(void **state)
{
    const struct json *value = parsed("{\"a\":[1,2.5,true,null],\"b\":\"苏州\",\"c\":-7}");

    (void) state;
    assert_int_equal(json_kind(value), JSON_KIND_OBJECT);
    assert_int_equal(json_size(value), 3);
    assert_int_equal(json_size(json_member(value, "a")), 4);
    assert_int_equal(json_int(json_element(json_member(value, "a"), 0), 0), 1);
    assert_true(json_double(json_element(json_member(value, "a"), 1), 0) == 2.5);
    assert_int_equal(json_int(json_element(json_member(value, "a"), 1), 9), 9);
    assert_true(json_truth(json_element(json_member(value, "a"), 2), false));
    assert_int_equal(json_kind(json_element(json_member(value, "a"), 3)), JSON_KIND_NULL);
    assert_null(json_element(json_member(value, "a"), 4));
    assert_true(slice_equal(json_text(json_member(value, "b")), SLICE("苏州")));
    assert_null(json_text(json_member(value, "c")).data);
    assert_int_equal(json_kind(json_member(value, "absent")), JSON_KIND_NULL);
    assert_int_equal(json_size(NULL), 0);
}

static void test_errors_name_the_place(void **state)
{
    static const char *const wrong[] = {"{\"a\":1,\"a\":2}", "[1,]", "{} x", "\"\xff\"", "", "nul"};
    const struct json *value = NULL;

    (void) state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(json_parse(slice_from(wrong[i]), arena, &value, &err), STATUS_INVALID);
        assert_non_null(strstr(err.message, "not JSON: line "));
    }
    assert_null(value);
}

static void test_members_are_walked_in_the_order_of_the_text(void **state)
{
    const struct json *object = parsed("{\"z\":1,\"a\":2,\"m\":3}"), *value;
    char seen[8] = "";
    void *cursor = NULL;
    struct slice key;

    (void) state;
    while (json_next_member(object, &cursor, &key, &value))
        strncat(seen, key.data, key.size);
    assert_string_equal(seen, "zam");
    cursor = NULL;
    assert_false(json_next_member(parsed("[1]"), &cursor, &key, &value));
}

static void check_text(struct slice text, const char *expected)
{
    struct buf out;

    buf_init(&out, 1000);
    json_put_text(&out, text);
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static void test_text_is_written_in_one_fixed_form(void **state)
{
    (void) state;
    check_text(SLICE("a\"b\\c/苏"), "\"a\\\"b\\\\c/苏\"");
    check_text(SLICE("\n\r\t\b\f\x01\x7f"), "\"\\n\\r\\t\\b\\f\\u0001\x7f\"");
    check_text(slice_of("a\0b", 3), "\"a\\u0000b\"");
    check_text(SLICE("x\xff\xe8\x8b y"), "\"x\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD y\"");
    check_text(SLICE("\xed\xa0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    check_text(SLICE("\xf0\xa0\x80\x80"), "\"\xf0\xa0\x80\x80\"");
    check_text(SLICE(""), "\"\"");
    check_text(slice_from(NULL), "null");
}

static void test_what_was_read_is_written_again(void **state)
{
    struct buf out;

    (void) state;
    buf_init(&out, 1000);
    json_put_value(&out, parsed("{ \"b\" : [1, 2.5, 0.9997, \"苏\"], \"a\" : null }"));
    assert_string_equal(buf_text(&out), "{\"b\":[1,2.5,0.9997,\"苏\"],\"a\":null}");
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_every_kind),
        cmocka_unit_test(test_errors_name_the_place),
        cmocka_unit_test(test_members_are_walked_in_the_order_of_the_text),
        cmocka_unit_test(test_text_is_written_in_one_fixed_form),
        cmocka_unit_test(test_what_was_read_is_written_again),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
