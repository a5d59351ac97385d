/* The rules that a released schema sets, and the reader of .proto files, on small lists. */
#include "tests/schema/schema_check.h"
#include "tests/schema/schema_list.h"

#include "tests/support/cmocka_all.h"

static const char released[] = "# release 1\n"
                               "message A\n"
                               "field A 1 uint32 one count\n"
                               "field A 2 message:B repeated parts\n"
                               "value A.Kind 0 NONE\n"
                               "value A.Kind 1 SOME\n"
                               "reserved A 7\n"
                               "field B 1 string one text\n";

/* The release with one line changed to something else; how many rules that breaks. */
static size_t broken_by(const char *line, const char *now, const char *told)
{
    struct slice rest = slice_from(released);
    struct buf list, findings;
    size_t broken;

    buf_init(&list, 4096);
    buf_init(&findings, 4096);
    while (rest.data != NULL) {
        struct slice one = slice_split(&rest, '\n');
        if (!slice_equal(one, slice_from(line)))
            buf_printf(&list, "%.*s\n", SLICE_ARG(one));
    }
    buf_printf(&list, "%s\n", now);
    broken = schema_check(slice_from(released), buf_slice(&list), &findings);
    assert_true(slice_contains(buf_slice(&findings), slice_from(told)));
    assert_int_equal(findings.size > 0, broken > 0);
    buf_fini(&list);
    buf_fini(&findings);
    return broken;
}

static void test_what_is_free(void **state)
{
    (void) state;
    assert_int_equal(broken_by("", "", ""), 0);
    assert_int_equal(broken_by("", "field A 3 bytes one fresh", ""), 0);
    assert_int_equal(broken_by("", "value A.Kind 2 MORE", ""), 0);
    assert_int_equal(broken_by("", "field C 1 bytes one other", ""), 0);
    assert_int_equal(broken_by("field A 1 uint32 one count", "reserved A 1", ""), 0);
    assert_int_equal(broken_by("value A.Kind 1 SOME", "reserved A.Kind 1", ""), 0);
    assert_int_equal(broken_by("field B 1 string one text", "", ""), 0); /* B is gone altogether */
}

static void test_what_is_not(void **state)
{
    (void) state;
    assert_int_equal(broken_by("field A 1 uint32 one count", "", "not reserved"), 1);
    assert_int_equal(broken_by("field A 1 uint32 one count", "field A 1 uint64 one count",
                               "has become field A 1 uint64"),
                     1);
    assert_int_equal(
        broken_by("field A 1 uint32 one count", "field A 1 uint32 repeated count", "has become"),
        1);
    assert_int_equal(
        broken_by("field A 1 uint32 one count", "field A 1 uint32 one size", "has become"), 1);
    assert_int_equal(
        broken_by("field A 1 uint32 one count", "field A 3 uint32 one count", "not reserved"), 1);
    assert_int_equal(broken_by("field A 2 message:B repeated parts",
                               "field A 2 message:C repeated parts", "has become"),
                     1);
    assert_int_equal(broken_by("value A.Kind 1 SOME", "value A.Kind 1 OTHER", "has become"), 1);
    assert_int_equal(broken_by("reserved A 7", "field A 7 bytes one again", "no longer reserved"),
                     1);
}

/* A number must not be taken for the beginning of a longer one. */
static void test_numbers_are_whole(void **state)
{
    (void) state;
    assert_int_equal(
        broken_by("field A 1 uint32 one count", "field A 11 uint32 one count", "not reserved"), 1);
    assert_int_equal(broken_by("field A 1 uint32 one count", "reserved A 12", "not reserved"), 1);
}

static void test_messages_without_fields(void **state)
{
    struct buf findings;

    (void) state;
    buf_init(&findings, 4096);
    assert_int_equal(schema_check_whole(SLICE("message A\nfield A 1 bytes one x\n"), &findings), 0);
    assert_int_equal(schema_check_whole(SLICE("message A\nfield AB 1 bytes one x\n"), &findings),
                     1);
    assert_true(slice_contains(buf_slice(&findings), SLICE("message A ")));
    buf_fini(&findings);
}

/* ---- files ---- */

static enum status scan(const char *text, struct buf *list)
{
    struct error err;

    buf_init(list, 4096);
    return schema_list_proto(slice_from(text), list, &err);
}

static void test_a_file(void **state)
{
    static const char text[] = "// message Not {\nsyntax = \"proto3\";\n"
                               "message A {  // the first\n  reserved 4, 6 to 8;\n"
                               "  reserved \"old\";\n  enum Kind {\n    NONE = 0;\n"
                               "    reserved 9;\n  }\n  Kind kind = 1;\n"
                               "  oneof what {\n    string message = 2;\n  }\n}\n"
                               "message B {\n}\n";
    struct buf list;

    (void) state;
    assert_int_equal(scan(text, &list), STATUS_OK);
    assert_string_equal(buf_text(&list),
                        "message A\nreserved A 4\nreserved A 6\nreserved A 7\nreserved A 8\n"
                        "reserved A.Kind 9\nmessage B\n");
    buf_fini(&list);
}

/* Deeper than any file of ours. */
#define NESTED                                                                                     \
    "message A { message A { message A { message A { message A { message A { message A { "         \
    "message A { message A {"

static void test_bad_files(void **state)
{
    static const char *const texts[] = {
        "message A",
        "message A {",
        "}",
        "message A { reserved 1",
        "message A { reserved x; }",
        "message A { reserved 5 to 4; }",
        "message A { reserved 1 to 90000; }",
        "message A B {",
        "message A { string x = 1 }",
        NESTED,
    };
    struct buf list;

    (void) state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(scan(texts[i], &list), STATUS_INVALID);
        buf_fini(&list);
    }
}

/* ---- descriptors ---- */

static void test_fields(void **state)
{
    struct buf list;

    (void) state;
    buf_init(&list, SCHEMA_LIST_MAX);
    schema_list_fields(&list);
    assert_true(schema_has(buf_slice(&list), SLICE("field Envelope 1 bytes one id")));
    assert_true(
        schema_has(buf_slice(&list), SLICE("field Envelope 9 message:Source repeated sources")));
    assert_true(
        schema_has(buf_slice(&list), SLICE("field UrlRecord 2 message:Result oneof result")));
    assert_true(schema_has(buf_slice(&list), SLICE("value FetchResult.Outcome 9 NOT_SENT")));
    assert_true(
        schema_has(buf_slice(&list), SLICE("field Report 2 message:Event repeated events")));
    assert_null(schema_find(buf_slice(&list), SLICE("field Nothing ")).data);
    buf_fini(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_free),
        cmocka_unit_test(test_what_is_not),
        cmocka_unit_test(test_numbers_are_whole),
        cmocka_unit_test(test_messages_without_fields),
        cmocka_unit_test(test_a_file),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
