#include "study/dates.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static int32_t day(int year, int month, int d)
{
    return civil_to_day((struct civil){year, month, d});
}

struct expected {
    const char *text;
    const char *mention; /* the piece of text; NULL: no mention */
    enum date_form form;
    const char *first; /* "" if unresolved */
    const char *last;
};

static void check(const struct expected *e, int32_t published)
{
    struct date_mention m[4];
    size_t count = dates_find(slice_from(e->text), published, m, 4);
    char text[CIVIL_TEXT_SIZE];

    if (e->mention == NULL) {
        assert_int_equal(count, 0);
        return;
    }
    if (count == 0)
        fail_msg("nothing found in %s", e->text);
    assert_true(slice_equal(slice_sub(slice_from(e->text), m[0].offset, m[0].size),
                            slice_from(e->mention)));
    assert_int_equal(m[0].form, e->form);
    assert_string_equal(civil_text(m[0].first, text), e->first);
    assert_string_equal(civil_text(m[0].last, text), e->last);
}

static void test_forms(void **state)
{
    static const struct expected cases[] = {
        {"2023年5月8日上午", "2023年5月8日", DATE_FORM_FULL, "2023-05-08", "2023-05-08"},
        {"２０２３年５月８日", "２０２３年５月８日", DATE_FORM_FULL, "2023-05-08", "2023-05-08"},
        {"二〇二三年五月二十八日", "二〇二三年五月二十八日", DATE_FORM_FULL, "2023-05-28",
         "2023-05-28"},
        {"于2023-5-8在", "2023-5-8", DATE_FORM_FULL, "2023-05-08", "2023-05-08"},
        {"于2023/05/08在", "2023/05/08", DATE_FORM_FULL, "2023-05-08", "2023-05-08"},
        {"于2023.5.8在", "2023.5.8", DATE_FORM_FULL, "2023-05-08", "2023-05-08"},
        {"5月8日上午", "5月8日", DATE_FORM_MONTH_DAY, "2023-05-08", "2023-05-08"},
        {"5月8号", "5月8号", DATE_FORM_MONTH_DAY, "2023-05-08", "2023-05-08"},
        {"五月八日", "五月八日", DATE_FORM_MONTH_DAY, "2023-05-08", "2023-05-08"},
        {"2022年11月,", "2022年11月", DATE_FORM_MONTH, "2022-11-01", "2022-11-30"},
        {"5月份,", "5月份", DATE_FORM_MONTH, "2023-05-01", "2023-05-31"},
        {"去年12月8日", "去年12月8日", DATE_FORM_FULL, "2022-12-08", "2022-12-08"},
        {"今年5月,", "今年5月", DATE_FORM_MONTH, "2023-05-01", "2023-05-31"},
        {"本月8日", "本月8日", DATE_FORM_FULL, "2023-06-08", "2023-06-08"},
        {"上月", "上月", DATE_FORM_MONTH, "2023-05-01", "2023-05-31"},
        {"昨日,考察", "昨日", DATE_FORM_RELATIVE, "2023-06-09", "2023-06-09"},
        {"今天下午", "今天", DATE_FORM_RELATIVE, "2023-06-10", "2023-06-10"},
        {"前天", "前天", DATE_FORM_RELATIVE, "2023-06-08", "2023-06-08"},
        {"日前,考察", "日前", DATE_FORM_VAGUE, "", ""},
        {"近日前往", "近日", DATE_FORM_VAGUE, "", ""},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i], day(2023, 6, 10));
}

static void test_ranges(void **state)
{
    static const struct expected cases[] = {
        {"10月24至25日", "10月24至25日", DATE_FORM_MONTH_DAY, "2022-10-24", "2022-10-25"},
        {"9月10日至13日", "9月10日至13日", DATE_FORM_MONTH_DAY, "2022-09-10", "2022-09-13"},
        {"9月30日—10月2日", "9月30日—10月2日", DATE_FORM_MONTH_DAY, "2022-09-30", "2022-10-02"},
        {"9月30日——10月2日", "9月30日——10月2日", DATE_FORM_MONTH_DAY, "2022-09-30", "2022-10-02"},
        {"5月8-9日", "5月8-9日", DATE_FORM_MONTH_DAY, "2023-05-08", "2023-05-09"},
        {"5月8、9日", "5月8、9日", DATE_FORM_MONTH_DAY, "2023-05-08", "2023-05-09"},
        {"2022年12月30日至1月2日", "2022年12月30日至1月2日", DATE_FORM_FULL, "2022-12-30",
         "2023-01-02"},
        {"5月8日-5日", "5月8日-5日", DATE_FORM_MONTH_DAY, "2023-05-08", "2023-05-08"},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(&cases[i], day(2023, 6, 10));
}

static void test_what_is_no_date(void **state)
{
    static const char *const texts[] = {"",         "3个月", "13月5日", "2月30日",
                                        "15号楼",   "10日",  "8日内",   "12345678901234567890月5日",
                                        "今日头条", "第3名", "2023年",  "〇月一日",
                                        NULL};

    (void) state;
    for (size_t i = 0; texts[i] != NULL; i++) {
        struct date_mention m[2];
        if (dates_find(slice_from(texts[i]), day(2023, 6, 10), m, 2) != 0)
            fail_msg("found a date in %s", texts[i]);
    }
}

static void check_year(const char *text, int32_t published, const char *first)
{
    struct date_mention m[2];
    char shown[CIVIL_TEXT_SIZE];

    assert_int_equal(dates_find(slice_from(text), published, m, 2), 1);
    assert_string_equal(civil_text(m[0].first, shown), first);
}

static void test_years_at_new_year(void **state)
{
    (void) state;
    check_year("12月28日", day(2023, 1, 3), "2022-12-28");
    check_year("1月2日", day(2023, 1, 3), "2023-01-02");
    check_year("1月4日", day(2023, 1, 3), "2023-01-04"); /* one day after is allowed */
    check_year("1月5日", day(2023, 1, 3), "2022-01-05");
    check_year("1月1日", day(2022, 12, 31), "2022-01-01");
    check_year("2月29日", day(2023, 5, 1), "2020-02-29");
    check_year("昨日", day(2023, 1, 1), "2022-12-31");
    check_year("上月8日", day(2023, 1, 9), "2022-12-08");
}

static void test_unknown_publication_day(void **state)
{
    struct date_mention m[4];

    (void) state;
    assert_int_equal(dates_find(SLICE("5月8日到访,昨日返回"), CIVIL_NONE, m, 4), 2);
    assert_int_equal(m[0].first, CIVIL_NONE);
    assert_int_equal(m[0].precision, DATE_PRECISION_NONE);
    assert_int_equal(m[1].precision, DATE_PRECISION_NONE);
    assert_int_equal(dates_find(SLICE("2021年3月1日签约,5月8日回访"), CIVIL_NONE, m, 4), 2);
    assert_int_equal(m[1].first, day(2021, 5, 8));
    assert_int_equal(dates_find(SLICE("2019年,5月8日"), CIVIL_NONE, m, 4), 1);
    assert_int_equal(m[0].first, day(2019, 5, 8));
    assert_int_equal(dates_find(SLICE("去年5月"), CIVIL_NONE, m, 4), 1);
    assert_int_equal(m[0].first, CIVIL_NONE);
}

static void test_lone_days_need_a_month_before(void **state)
{
    struct date_mention m[4];
    struct slice text = SLICE("5月8日抵达,10日上午参观,12日至13日返程,3日内答复");

    (void) state;
    assert_int_equal(dates_find(text, day(2023, 6, 10), m, 4), 3);
    assert_int_equal(m[1].form, DATE_FORM_DAY);
    assert_int_equal(m[1].first, day(2023, 5, 10));
    assert_true(m[2].range);
    assert_int_equal(m[2].last, day(2023, 5, 13));
}

static void test_the_limit_holds(void **state)
{
    struct date_mention m[2];

    (void) state;
    assert_int_equal(dates_find(SLICE("5月1日5月2日5月3日"), day(2023, 6, 10), m, 2), 2);
    assert_int_equal(dates_find(SLICE("5月1日"), day(2023, 6, 10), m, 0), 0);
}

static void test_names(void **state)
{
    (void) state;
    assert_string_equal(date_precision_text(DATE_PRECISION_DAY), "day");
    assert_string_equal(date_precision_text(DATE_PRECISION_NONE), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_what_is_no_date),
        cmocka_unit_test(test_years_at_new_year),
        cmocka_unit_test(test_unknown_publication_day),
        cmocka_unit_test(test_lone_days_need_a_month_before),
        cmocka_unit_test(test_the_limit_holds),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
