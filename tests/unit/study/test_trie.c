#include "study/trie.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static struct error err;

static struct trie *build(const char *const *texts, size_t count)
{
    struct trie_key keys[16] = {0};
    struct trie *trie = NULL;

    for (size_t i = 0; i < count; i++)
        keys[i] = (struct trie_key){slice_from(texts[i]), (uint32_t) (10 + i)};
    if (trie_build(keys, count, &trie, &err) != STATUS_OK)
        return NULL;
    return trie;
}

static void test_longest_match(void **state)
{
    static const char *const texts[] = {"ab", "abcd", "b", "上", "上海", "上海市"};
    struct trie *trie = build(texts, 6);
    uint32_t value = 0;

    (void) state;
    assert_non_null(trie);
    assert_int_equal(trie_match(trie, SLICE("abcx"), 0, &value), 2);
    assert_int_equal(value, 10);
    assert_int_equal(trie_match(trie, SLICE("abcd"), 0, &value), 4);
    assert_int_equal(value, 11);
    assert_int_equal(trie_match(trie, SLICE("xab"), 0, &value), 0);
    assert_int_equal(trie_match(trie, SLICE("xab"), 1, &value), 2);
    assert_int_equal(trie_match(trie, SLICE("上海市区"), 0, &value), 9);
    assert_int_equal(value, 15);
    assert_int_equal(trie_match(trie, SLICE("上\xE6"), 0, &value), 3);
    assert_int_equal(trie_match(trie, SLICE(""), 0, &value), 0);
    trie_destroy(trie);
}

static void test_whole_text(void **state)
{
    static const char *const texts[] = {"ab", "abcd"};
    struct trie *trie = build(texts, 2);
    uint32_t value = 0;

    (void) state;
    assert_true(trie_find(trie, SLICE("abcd"), &value));
    assert_int_equal(value, 11);
    assert_false(trie_find(trie, SLICE("abc"), &value));
    assert_false(trie_find(trie, SLICE("abcde"), &value));
    assert_false(trie_find(trie, SLICE(""), &value));
    trie_destroy(trie);
}

static void test_empty(void **state)
{
    struct trie *trie = build(NULL, 0);
    uint32_t value;

    (void) state;
    assert_non_null(trie);
    assert_int_equal(trie_match(trie, SLICE("a"), 0, &value), 0);
    trie_destroy(trie);
    trie_destroy(NULL);
}

static void test_keys_must_be_sorted(void **state)
{
    static const char *const wrong[] = {"b", "a"};
    static const char *const twice[] = {"a", "a"};
    static const char *const empty[] = {"", "a"};

    (void) state;
    assert_null(build(wrong, 2));
    assert_int_equal(err.code, STATUS_INVALID);
    assert_non_null(strstr(err.message, "key 1 'a'"));
    assert_null(build(twice, 2));
    assert_null(build(empty, 2));
}

/* More keys than the first block of nodes holds; each is found again. */
static void test_growth(void **state)
{
    enum { COUNT = 3000 };
    static char texts[COUNT][8];
    static struct trie_key keys[COUNT];
    struct trie *trie = NULL;
    uint32_t value = 0;

    (void) state;
    for (uint32_t i = 0; i < COUNT; i++) {
        (void) snprintf(texts[i], sizeof texts[i], "k%05u", i);
        keys[i] = (struct trie_key){slice_from(texts[i]), i};
    }
    assert_int_equal(trie_build(keys, COUNT, &trie, &err), STATUS_OK);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_true(trie_find(trie, slice_from(texts[i]), &value));
        assert_int_equal(value, i);
    }
    trie_destroy(trie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longest_match), cmocka_unit_test(test_whole_text),
        cmocka_unit_test(test_empty),         cmocka_unit_test(test_keys_must_be_sorted),
        cmocka_unit_test(test_growth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
