#include "base/yaml.h"

#include "base/util/buf.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct arena *arena;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(64 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static enum status parse_slice(struct slice text, const struct yaml_node **root)
{
    struct yaml_source source = {text, "x.yaml", arena};

    return yaml_parse(&source, root, &err);
}

static const struct yaml_node *parse(const char *text)
{
    const struct yaml_node *root = NULL;

    if (parse_slice(slice_from(text), &root) != STATUS_OK)
        fail_msg("%s", err.message);
    return root;
}

static void fails(const char *text, enum status status, const char *message)
{
    const struct yaml_node *root = NULL;

    assert_int_equal(parse_slice(slice_from(text), &root), status);
    assert_null(root);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static void test_tree_with_lines(void **state)
{
    const struct yaml_node *root = parse("# remark\n"
                                         "job: example\n"
                                         "period: {from: 2010-01-01, to: '2023'}\n"
                                         "cities:\n"
                                         "  - 苏州\n"
                                         "  - [a, b]\n"
                                         "empty:\n");
    const struct yaml_node *cities;

    (void) state;
    assert_int_equal(root->type, YAML_MAP);
    assert_int_equal(root->count, 4);
    assert_string_equal(yaml_member(root, "job")->text.data, "example");
    assert_int_equal(yaml_member(root, "job")->line, 2);
    assert_int_equal(yaml_member(yaml_member(root, "period"), "to")->line, 3);
    assert_true(yaml_member(yaml_member(root, "period"), "to")->quoted);
    assert_false(yaml_member(yaml_member(root, "period"), "from")->quoted);
    cities = yaml_member(root, "cities");
    assert_int_equal(cities->type, YAML_LIST);
    assert_int_equal(cities->count, 2);
    assert_string_equal(cities->first->text.data, "苏州");
    assert_int_equal(cities->first->line, 5);
    assert_int_equal(cities->first->next->count, 2);
    assert_int_equal(yaml_member(root, "empty")->type, YAML_NULL);
    assert_null(yaml_member(root, "nothing"));
    assert_null(yaml_member(cities, "job"));
    assert_null(yaml_member(NULL, "job"));
}

static void test_null_words(void **state)
{
    (void) state;
    assert_int_equal(parse("")->type, YAML_NULL);
    assert_int_equal(parse("~")->type, YAML_NULL);
    assert_int_equal(parse("null")->type, YAML_NULL);
    assert_int_equal(parse("'null'")->type, YAML_TEXT);
    assert_int_equal(parse("''")->type, YAML_TEXT);
    assert_int_equal(parse("\xEF\xBB\xBFjob: x\n")->type, YAML_MAP);
}

static void test_folded_text(void **state)
{
    const struct yaml_node *root = parse("a: >-\n  one\n  two\nb: |\n  x\n  y\n");

    (void) state;
    assert_string_equal(yaml_member(root, "a")->text.data, "one two");
    assert_string_equal(yaml_member(root, "b")->text.data, "x\ny\n");
}

static void test_errors_name_file_and_line(void **state)
{
    (void) state;
    fails("a: 1\nb: 2\na: 3\n", STATUS_INVALID, "x.yaml:3: 'a' stands here twice");
    fails("a: [1, 2\nb: 3\n", STATUS_INVALID, "x.yaml:2: not YAML");
    fails("a: 'open\n", STATUS_INVALID, "not YAML");
    fails("a:\n\t- b\n", STATUS_INVALID, "x.yaml:2");
    fails("a: 1\n---\nb: 2\n", STATUS_INVALID, "x.yaml:2: a second document");
    fails("? [a, b]\n: c\n", STATUS_INVALID, "x.yaml:1: a list or map cannot be a key");
    fails("a: \xFF\xFE\n", STATUS_INVALID, "is not UTF-8 text");
    fails("a: \"x\\0y\"\n", STATUS_INVALID, "x.yaml:1: a NUL character");
}

static void test_nothing_unfolds(void **state)
{
    (void) state;
    fails("a: &x 1\nb: *x\n", STATUS_UNSUPPORTED, "x.yaml:1: anchors");
    fails("a: *x\n", STATUS_UNSUPPORTED, "x.yaml:1: anchors");
    fails("a: !!binary eHg=\n", STATUS_UNSUPPORTED, "tags");
    fails("a: &l [1]\n", STATUS_UNSUPPORTED, "anchors");
    fails("a: &m {b: 1}\n", STATUS_UNSUPPORTED, "anchors");
}

static void test_depth_has_a_limit(void **state)
{
    struct buf text;

    (void) state;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < YAML_DEPTH_MAX; i++)
        buf_putc(&text, '[');
    for (int i = 0; i < YAML_DEPTH_MAX; i++)
        buf_putc(&text, ']');
    assert_int_equal(parse(buf_text(&text))->type, YAML_LIST);
    buf_reset(&text);
    for (int i = 0; i <= YAML_DEPTH_MAX; i++)
        buf_putc(&text, '[');
    fails(buf_text(&text), STATUS_TOO_LARGE, "x.yaml:1: nested too deeply");
    buf_fini(&text);
}

static void test_counts_have_limits(void **state)
{
    struct buf text;

    (void) state;
    buf_init(&text, 8 << 20);
    for (int i = 0; i <= YAML_KEYS_MAX; i++)
        buf_printf(&text, "k%d: 1\n", i);
    fails(buf_text(&text), STATUS_TOO_LARGE, "too many keys in one map");
    buf_reset(&text);
    for (int i = 0; i <= YAML_NODES_MAX; i++)
        buf_puts(&text, "- 1\n");
    fails(buf_text(&text), STATUS_TOO_LARGE, "too many values");
    buf_reset(&text);
    while (text.size <= YAML_BYTES_MAX)
        buf_puts(&text, "# a remark of no use\n");
    fails(buf_text(&text), STATUS_TOO_LARGE, "x.yaml: ");
    buf_fini(&text);
}

static void test_memory_runs_out(void **state)
{
    const struct yaml_node *root;
    struct arena *small = arena_create(64);
    struct yaml_source source = {SLICE("a: [b, c]"), "x.yaml", small};

    (void) state;
    assert_int_equal(yaml_parse(&source, &root, &err), STATUS_NOMEM);
    arena_destroy(small);
}

static void test_type_names(void **state)
{
    (void) state;
    assert_string_equal(yaml_type_text(YAML_NULL), "null");
    assert_string_equal(yaml_type_text(YAML_MAP), "a map");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tree_with_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_null_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folded_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors_name_file_and_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_unfolds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_depth_has_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_counts_have_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_memory_runs_out, set_up, tear_down),
        cmocka_unit_test(test_type_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
