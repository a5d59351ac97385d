#include "extractor/visit_date.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static int32_t on(int year, int month, int day)
{
    return civil_to_day((struct civil){year, month, day});
}

static void test_urls(void **state)
{
    (void) state;
    assert_int_equal(url_day(SLICE("http://x/2023/0907/1.html")), on(2023, 9, 7));
    assert_int_equal(url_day(SLICE("http://x/202406/t20240607_187.shtml")), on(2024, 6, 7));
    assert_int_equal(url_day(SLICE("http://x/art/2025/3/14/art_1_2.html")), on(2025, 3, 14));
    assert_int_equal(url_day(SLICE("http://x/2018-12-19/25396.html")), on(2018, 12, 19));
    assert_int_equal(url_day(SLICE("http://x/2021/1217/id/536866")), on(2021, 12, 17));
}

static void test_urls_without_a_day(void **state)
{
    (void) state;
    assert_int_equal(url_day(SLICE("")), CIVIL_NONE);
    assert_int_equal(url_day(SLICE("http://x/201906/1.html")), CIVIL_NONE);
    assert_int_equal(url_day(SLICE("http://x/536866.html")), CIVIL_NONE);
    assert_int_equal(url_day(SLICE("http://x/2023/1332/")), CIVIL_NONE);
    assert_int_equal(url_day(SLICE("http://x/920240607123/")), CIVIL_NONE);
    assert_int_equal(url_day(SLICE("http://x/1850/01/01/")), CIVIL_NONE);
    assert_int_equal(url_day(SLICE("http://x/2024")), CIVIL_NONE);
}

/* The first sentence of `text` (up to 。) tells the journey. */
static struct visit_date find(const char *text, int32_t published)
{
    const char *stop = strstr(text, "。");
    size_t end = stop == NULL ? strlen(text) : (size_t) (stop - text);

    return visit_date_find(slice_from(text), 0, end, published);
}

static void check(const char *text, int32_t published, int32_t want)
{
    struct visit_date date = find(text, published);

    if (date.day != want)
        fail_msg("%s: got day %d, want %d", text, date.day, want);
    assert_int_equal(date.precision, want == CIVIL_NONE ? DATE_PRECISION_NONE : DATE_PRECISION_DAY);
}

static void test_days(void **state)
{
    int32_t published = on(2023, 5, 10);

    (void) state;
    check("2019年3月4日，代表团来访。", published, on(2019, 3, 4));
    check("5月8日，代表团来访。", published, on(2023, 5, 8));
    check("12月28日，代表团来访。", on(2023, 1, 3), on(2022, 12, 28));
    check("5月8日至9日，代表团来访。", published, on(2023, 5, 8));
    check("昨日，代表团来访。", published, on(2023, 5, 9));
    check("今天上午，代表团来访。", published, on(2023, 5, 10));
    check("日前，代表团来访。", published, CIVIL_NONE);
    check("代表团来访。", published, CIVIL_NONE);
    check("5月8日，代表团来访。", CIVIL_NONE, CIVIL_NONE);
}

static void test_month_only(void **state)
{
    struct visit_date date = find("2023年5月，代表团来访。", on(2023, 6, 1));

    (void) state;
    assert_int_equal(date.day, CIVIL_NONE);
    assert_int_equal(date.precision, DATE_PRECISION_MONTH);
}

static void test_telling_sentence_goes_first(void **state)
{
    static const char text[] = "2018年3月1日成立。5月8日，代表团来访。5月20日将回访";
    size_t begin = (size_t) (strstr(text, "5月8日") - text);
    size_t end = (size_t) (strstr(text, "。5月20日") - text);
    struct visit_date date = visit_date_find(slice_from(text), begin, end, on(2023, 5, 10));

    (void) state;
    assert_int_equal(date.day, on(2023, 5, 8));
}

static void test_next_sentence_if_need_be(void **state)
{
    (void) state;
    check("代表团来访。5月8日，双方座谈", on(2023, 5, 10), on(2023, 5, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_urls_without_a_day),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_month_only),
        cmocka_unit_test(test_telling_sentence_goes_first),
        cmocka_unit_test(test_next_sentence_if_need_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
