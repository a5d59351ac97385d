/* What rules leave open or contradictory, and what they do not. */
#include "extractor/doubt.h"

#include "tests/unit/extractor/extract_fixture.h"

static enum doubt doubt_in(const char *site, const char *title, const char *body)
{
    struct named named;

    fixture_read(site, title, body);
    named_read(fixture.gazetteer, &fixture.reading, CIVIL_NONE, &named);
    return doubt_about(&extractor, &fixture.trip, &named);
}

static void test_clear(void **state)
{
    (void) state;
    assert_int_equal(doubt_in("常州", "无锡市代表团来我市考察", "5月8日，一行来常州。"),
                     DOUBT_NONE);
    assert_int_equal(doubt_in("常州", "我市代表团赴无锡、苏州学习", ""), DOUBT_NONE);
}

static void test_open(void **state)
{
    (void) state;
    /* A joint meeting: no verb tells who travelled. */
    assert_int_equal(doubt_in("", "松江区、昭通市协作联席会议",
                              "昨日下午，松江区与昭通市的领导讲话。会上签订协议书。"),
                     DOUBT_OPEN);
    assert_string_equal(fixture_legs(), "");
}

static void test_nothing_to_answer_with(void **state)
{
    (void) state;
    /* One city is named, and nobody knows whose 我县 is. */
    assert_int_equal(doubt_in("", "肥东县领导来我县考察学习", "肥东县一行来我县。"), DOUBT_NONE);
    assert_string_equal(fixture_legs(), "");
    assert_int_equal(doubt_in("", "考察学习", "双方座谈。"), DOUBT_NONE);
}

static void test_settled_without_legs(void **state)
{
    (void) state;
    /* A journey within one prefecture, and one that nobody has made. */
    assert_int_equal(doubt_in("常州", "武进区赴新北区学习", "无锡的做法也有介绍。"), DOUBT_NONE);
    assert_int_equal(doubt_in("常州", "关于赴南京考察的通知", "拟赴南京。"), DOUBT_NONE);
    assert_string_equal(fixture_legs(), "");
}

static void test_both_ways(void **state)
{
    struct region_city cities[1] = {{.name = SLICE("常州")}};
    const struct region region = {.cities = cities, .city_count = 1};
    const struct city *changzhou = gazetteer_find_city(fixture.gazetteer, SLICE("常州"));
    const struct city *wuxi = gazetteer_find_city(fixture.gazetteer, SLICE("无锡"));
    const struct trip trip = {
        .legs = {{{.city = changzhou}, {.city = wuxi}}, {{.city = wuxi}, {.city = changzhou}}},
        .leg_count = 2};
    const struct named named = {.cities = {{changzhou, NULL}, {wuxi, NULL}}, .count = 2};

    (void) state;
    assert_int_equal(doubt_about(&extractor, &trip, &named), DOUBT_BOTH_WAYS);
    cities[0].city = changzhou;
    extractor.region = &region; /* of which only one of them is a part */
    assert_int_equal(doubt_about(&extractor, &trip, &named), DOUBT_NONE);
    extractor.region = NULL;
}

static void test_region(void **state)
{
    struct region_city cities[2] = {{.name = SLICE("上海")}, {.name = SLICE("常州")}};
    const struct region region = {.cities = cities, .city_count = 2};

    (void) state;
    cities[0].city = gazetteer_find_city(fixture.gazetteer, SLICE("上海"));
    cities[1].city = gazetteer_find_city(fixture.gazetteer, SLICE("常州"));
    extractor.region = &region;
    /* 昭通 is not in the region: no answer could give a leg. */
    assert_int_equal(doubt_in("", "松江区、昭通市协作联席会议", "领导讲话。"), DOUBT_NONE);
    assert_int_equal(doubt_in("", "松江区、常州市协作联席会议", "领导讲话。"), DOUBT_OPEN);
    extractor.region = NULL;
}

static void test_names(void **state)
{
    (void) state;
    assert_string_equal(doubt_text(DOUBT_NONE), "none");
    assert_string_equal(doubt_text(DOUBT_OPEN), "open");
    assert_string_equal(doubt_text(DOUBT_BOTH_WAYS), "both_ways");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clear),
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_nothing_to_answer_with),
        cmocka_unit_test(test_settled_without_legs),
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_region),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, extract_open, extract_close);
}
