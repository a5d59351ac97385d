/* page_day: days in figures, in texts, fields and URLs. */
#include "crawler/page_day.h"

#include "base/util/civil.h"
#include "tests/support/cmocka_all.h"

static char text[CIVIL_TEXT_SIZE];

static const char *in_text(const char *input)
{
    return civil_text(page_day_in(slice_from(input), NULL, NULL), text);
}

static const char *of_field(const char *input)
{
    return civil_text(page_day_of_field(slice_from(input)), text);
}

static const char *of_url(const char *input)
{
    return civil_text(page_day_of_url(slice_from(input)), text);
}

static void forms(void **state)
{
    (void) state;
    assert_string_equal(in_text("发布日期：2023-05-08 10:30"), "2023-05-08");
    assert_string_equal(in_text("2023/5/8"), "2023-05-08");
    assert_string_equal(in_text("[2023.05.08]"), "2023-05-08");
    assert_string_equal(in_text("2023年5月8日"), "2023-05-08");
    assert_string_equal(in_text("2023 年 5 月 8 日"), "2023-05-08");
    assert_string_equal(in_text("2023年05月08"), "2023-05-08");
    assert_string_equal(in_text("2023-05-08T10:30:00+08:00"), "2023-05-08");
}

static void passed_over(void **state)
{
    (void) state;
    assert_string_equal(in_text("2023-02-30"), "");
    assert_string_equal(in_text("2023-13-01, 2023-12-01"), "2023-12-01");
    assert_string_equal(in_text("1989-05-08"), "");
    assert_string_equal(in_text("2101-05-08"), "");
    assert_string_equal(in_text("5月8日"), "");
    assert_string_equal(in_text("12023-05-08"), "");
    assert_string_equal(in_text("2023-05-081"), "");
    assert_string_equal(in_text("2023-05/08"), "");
    assert_string_equal(in_text("10.20.30.40"), "");
    assert_string_equal(in_text("2004年12月11－12日"), "");
    assert_string_equal(in_text("2004年12月11日至15日；2004年12月1日发布"), "2004-12-01");
    assert_string_equal(in_text(""), "");
}

static void place(void **state)
{
    size_t offset = 0, size = 0;

    (void) state;
    assert_int_not_equal(page_day_in(SLICE("ab 2023-5-8 c"), &offset, &size), CIVIL_NONE);
    assert_int_equal(offset, 3);
    assert_int_equal(size, 8);
    assert_int_equal(page_day_in(SLICE("nothing"), &offset, &size), CIVIL_NONE);
    assert_int_equal(offset, 3);
}

static void fields(void **state)
{
    (void) state;
    assert_string_equal(of_field("时间:2023-05-08"), "2023-05-08");
    assert_string_equal(of_field("20230508"), "2023-05-08");
    assert_string_equal(of_field(" 1683518400000 "), "2023-05-08");
    assert_string_equal(of_field("1683475199999"), "2023-05-07");
    assert_string_equal(of_field("1683475200000"), "2023-05-08");
    assert_string_equal(of_field("946656000000"), "2000-01-01");
    assert_string_equal(of_field("1683518400"), "");
    assert_string_equal(of_field("9999999999999"), "");
    assert_string_equal(of_field("20231301"), "");
    assert_string_equal(of_field("昨天"), "");
    assert_string_equal(of_field(""), "");
}

static void urls(void **state)
{
    (void) state;
    assert_string_equal(of_url("http://h/art/2023/7/14/art_43336_3137962.html"), "2023-07-14");
    assert_string_equal(of_url("http://h/zwgk/tzgg/202607/t20260717_5878580.html"), "2026-07-17");
    assert_string_equal(of_url("https://h/mhjydxal/20211202/0f.html"), "2021-12-02");
    assert_string_equal(of_url("http://h/2023-07-14/a.html"), "2023-07-14");
    assert_string_equal(of_url("http://h/szyw/202310/0f.shtml"), "");
    assert_string_equal(of_url("http://h/zfxxgk/public/24521/48127231.html"), "");
    assert_string_equal(of_url("http://h/2023/1227/c22313a211379/page.htm"), "2023-12-27");
    assert_string_equal(of_url("http://h/2023/1327/a"), "");
    assert_string_equal(of_url("http://h/2023/122/a"), "");
    assert_string_equal(of_url("http://h/a?d=/2023/7/14/"), "");
    assert_string_equal(of_url("http://h/20211302/"), "");
    assert_string_equal(of_url("http://h/202112021/"), "");
    assert_string_equal(of_url("/2023/7/14/a"), "2023-07-14");
    assert_string_equal(of_url(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),  cmocka_unit_test(passed_over), cmocka_unit_test(place),
        cmocka_unit_test(fields), cmocka_unit_test(urls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
