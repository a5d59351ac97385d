#include "tests/sites/grammar.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static struct slice value_of(void *self, struct slice name)
{
    (void) self;
    return slice_equal(name, SLICE("city")) ? SLICE("[苏州|苏州]市") : (struct slice){NULL, 0};
}

static struct grammar *grammar_of(struct slice file)
{
    struct grammar *grammar = NULL;

    assert_int_equal(grammar_create(&file, 1, &grammar, NULL), STATUS_OK);
    return grammar;
}

static void assert_expands(struct slice rules, struct slice frame, const char *expected)
{
    struct grammar *grammar = grammar_of(rules);
    struct grammar_scope scope = {.value = value_of};
    struct buf out;

    buf_init(&out, 4096);
    grammar_expand(grammar, &scope, frame, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
    grammar_destroy(grammar);
}

static void test_frames(void **state)
{
    struct slice rules = SLICE("# a comment\n@who\n\n王{title}\n@title\n市长\n@loop\nx{loop}\n");

    (void) state;
    assert_expands(rules, SLICE("plain"), "plain");
    assert_expands(rules, SLICE("{who}到{city}"), "王市长到苏州市");
    assert_expands(rules, SLICE("[a[b|b]|ab]c"), "abc");
    assert_expands(rules, SLICE("[|]"), "");
    assert_expands(rules, SLICE("{#7-7}天"), "7天");
    assert_expands(rules, SLICE("{nobody} {#a-b} {#9-1} {open"), "{nobody} {#a-b} {#9-1} {open");
    assert_expands(rules, SLICE("[never closed"), "never closed");
    assert_expands(rules, SLICE("{loop}"), "xxxxxxxxxxx");
}

static void test_choices_follow_the_seed(void **state)
{
    struct grammar *grammar = grammar_of(SLICE("@r\n1\n2\n3\n"));
    char texts[2][64];
    bool seen[4] = {false};

    (void) state;
    for (int round = 0; round < 2; round++) {
        struct grammar_scope scope = {.value = NULL};
        struct buf out;

        random_init(&scope.random, 42);
        buf_init(&out, sizeof texts[0]);
        for (int i = 0; i < 20; i++)
            grammar_rule(grammar, &scope, SLICE("r"), &out);
        snprintf(texts[round], sizeof texts[round], "%s", buf_text(&out));
        buf_fini(&out);
    }
    assert_string_equal(texts[0], texts[1]);
    for (int i = 0; i < 20; i++)
        seen[texts[0][i] - '0'] = true;
    assert_true(seen[1] && seen[2] && seen[3]);
    grammar_destroy(grammar);
}

static void test_rules(void **state)
{
    struct grammar *grammar = grammar_of(SLICE("@r\n1\n@empty\n"));
    struct grammar_scope scope = {.value = NULL};
    struct buf out;

    (void) state;
    buf_init(&out, 16);
    grammar_rule(grammar, &scope, SLICE("empty"), &out);
    grammar_rule(grammar, &scope, SLICE("unknown"), &out);
    assert_int_equal(out.size, 0);
    assert_true(grammar_has(grammar, SLICE("empty")));
    assert_false(grammar_has(grammar, SLICE("unknown")));
    buf_fini(&out);
    grammar_destroy(grammar);
}

static void test_bad_file(void **state)
{
    struct slice file = SLICE("# fine\nan orphan\n@r\n");
    struct grammar *grammar = NULL;
    struct error err;

    (void) state;
    assert_int_equal(grammar_create(&file, 1, &grammar, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "line 2"));
    assert_null(grammar);
    grammar_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_choices_follow_the_seed),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_bad_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
