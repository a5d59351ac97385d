#include "tests/unit/classifier/small_corpus.h"

static void test_labels(void **state)
{
    struct corpus *corpus = small_load();
    const struct gold *visit = &corpus_at(corpus, 0)->gold;
    const struct gold *none = &corpus_at(corpus, 1)->gold;

    (void) state;
    assert_int_equal(corpus_size(corpus), SMALL_SIZE);
    assert_true(visit->is_visit);
    assert_true(visit->cooperative);
    assert_true(gold_has_theme(visit, SLICE("经济发展")));
    assert_false(gold_has_theme(visit, SLICE("公共服务")));
    assert_true(gold_has_event(visit, SLICE("无锡"), SLICE("常州")));
    assert_false(gold_has_event(visit, SLICE("常州"), SLICE("无锡")));
    assert_false(none->is_visit);
    assert_int_equal(none->event_count, 0);
    corpus_destroy(corpus);
    corpus_destroy(NULL);
}

static void refuse(const char *text, const char *message)
{
    struct temp_dir dir;
    struct corpus *corpus = NULL;

    assert_int_equal(temp_dir_create(&dir), 0);
    assert_int_equal(corpus_load(temp_dir_write(&dir, "x", text), &corpus, &fixture.err),
                     STATUS_INVALID);
    if (strstr(fixture.err.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", fixture.err.message, message);
    assert_null(corpus);
    temp_dir_destroy(&dir);
}

static void test_bad_files(void **state)
{
    struct corpus *corpus = NULL;

    (void) state;
    refuse("", "empty");
    refuse("\n\nx\n", "line 3");
    refuse("{\"id\":\"a\",\"body\":\"\"}\n", "line 1: no \"gold\"");
    refuse("{\"id\":\"a\",\"body\":\"\",\"gold\":{\"is_visit\":true,\"events\":[{}]}}\n",
           "lacks a city");
    assert_int_equal(corpus_load("/nowhere/gold", &corpus, &fixture.err), STATUS_NOT_FOUND);
}

static void test_union_over_events(void **state)
{
    struct temp_dir dir;
    struct corpus *corpus = NULL;
    const struct gold *gold;

    (void) state;
    assert_int_equal(temp_dir_create(&dir), 0);
    assert_int_equal(
        corpus_load(temp_dir_write(
                        &dir, "x",
                        "{\"id\":\"a\",\"body\":\"\",\"gold\":{\"is_visit\":true,\"events\":["
                        "{\"origin_city\":\"甲\",\"host_city\":\"乙\",\"themes\":[\"一\",\"二\"],"
                        "\"purpose\":\"learning\"},{\"origin_city\":\"甲\",\"host_city\":\"丙\","
                        "\"themes\":[\"二\",\"三\"],\"purpose\":\"cooperative\"},{\"origin_city\":"
                        "\"甲\",\"host_city\":\"丙\"}]}}\n"),
                    &corpus, &fixture.err),
        STATUS_OK);
    gold = &corpus_at(corpus, 0)->gold;
    assert_int_equal(gold->event_count, 2);
    assert_int_equal(gold->theme_count, 3);
    assert_true(gold->cooperative);
    corpus_destroy(corpus);
    temp_dir_destroy(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_union_over_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
