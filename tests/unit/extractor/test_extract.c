/* Whole events: parties, titles, level, date, evidence. */
#include "tests/unit/extractor/extract_fixture.h"

static bool equals(struct slice text, const char *want)
{
    return slice_equal(text, slice_from(want));
}

static int32_t on(int year, int month, int day)
{
    return civil_to_day((struct civil){year, month, day});
}

static void test_a_visit(void **state)
{
    static const char body[] =
        "本报讯 5月8日，无锡市委书记张三、市长李四率党政代表团来常州考察，市委书记王五陪同。";
    const struct event *event;

    (void) state;
    extract_text("常州", "无锡市党政代表团来我市考察", body, on(2023, 5, 10));
    assert_int_equal(extraction.count, 1);
    event = &extraction.events[0];
    assert_true(equals(event->origin_city, "无锡"));
    assert_true(equals(event->host_city, "常州"));
    assert_true(equals(event->origin_dept, "市委、市政府"));
    assert_int_equal(event->date.day, on(2023, 5, 8));
    assert_string_equal(event->level, "principal");
    assert_string_equal(joined(&event->visitors), "市委书记|市长");
    assert_string_equal(joined(&event->hosts), "市委书记");
    assert_true(slice_contains(slice_from(body), event->evidence));
    assert_true(slice_contains(event->evidence, SLICE("率党政代表团来常州考察")));
}

static void test_a_bureau(void **state)
{
    const struct event *event;

    (void) state;
    extract_text("常州", "市档案局赴苏州学习", "近日，市档案局副局长张三率队赴苏州市档案局学习。",
                 on(2023, 5, 10));
    assert_int_equal(extraction.count, 1);
    event = &extraction.events[0];
    assert_true(equals(event->origin_dept, "市档案馆"));
    assert_true(equals(event->host_dept, "市档案馆"));
    assert_string_equal(event->level, "department");
    assert_int_equal(event->date.day, CIVIL_NONE);
    assert_int_equal(event->date.precision, DATE_PRECISION_NONE);
}

static void test_a_county_city(void **state)
{
    const struct event *event;

    (void) state;
    extract_text("泰州", "常熟市党政考察团来我市考察",
                 "11月14日，常熟市委书记张三率党政考察团来泰州考察，副市长李四陪同。",
                 on(2023, 11, 15));
    event = &extraction.events[0];
    assert_true(equals(event->origin_city, "苏州"));
    assert_true(equals(event->origin_dept, "常熟市委、市政府"));
    assert_string_equal(event->level, "department");
}

static void test_a_deputy(void **state)
{
    (void) state;
    extract_text("南京", "我市党政代表团赴苏州学习",
                 "今天下午，我市党政代表团在副市长张三带领下，赴苏州市学习考察。", on(2023, 5, 10));
    assert_int_equal(extraction.count, 1);
    assert_string_equal(extraction.events[0].level, "deputy");
    assert_int_equal(extraction.events[0].date.day, on(2023, 5, 10));
}

static void test_reception(void **state)
{
    const struct event *event;

    (void) state;
    extract_text("上海", "市长会见台州代表团",
                 "11月20日，上海市市长张三会见台州市长李四率领的代表团。", on(2023, 11, 21));
    event = &extraction.events[0];
    assert_true(equals(event->origin_city, "台州"));
    assert_true(equals(event->host_city, "上海"));
    assert_string_equal(joined(&event->hosts), "市长");
    assert_string_equal(event->level, "principal");
}

static void test_order_of_events(void **state)
{
    (void) state;
    extract_text("韶关", "市城建档案馆赴中山、佛山、广州学习", "", CIVIL_NONE);
    assert_int_equal(extraction.count, 3);
    assert_true(equals(extraction.events[0].host_city, "广州")); /* 440100 440600 442000 */
    assert_true(equals(extraction.events[1].host_city, "佛山"));
    assert_true(equals(extraction.events[2].host_city, "中山"));
}

static void test_region(void **state)
{
    struct region_city cities[2] = {{.name = SLICE("常州")}, {.name = SLICE("苏州")}};
    const struct region region = {.cities = cities, .city_count = 2};

    (void) state;
    cities[0].city = gazetteer_find_city(fixture.gazetteer, SLICE("常州"));
    cities[1].city = gazetteer_find_city(fixture.gazetteer, SLICE("苏州"));
    extractor.region = &region;
    extract_text("常州", "我市代表团赴深圳、苏州考察", "", CIVIL_NONE);
    extractor.region = NULL;
    assert_int_equal(extraction.count, 1);
    assert_true(equals(extraction.events[0].host_city, "苏州"));
}

static void test_day_of_the_url(void **state)
{
    static struct judgement judgement;
    struct source_text source =
        fixture_source("常州", "我市代表团赴苏州考察", "5月8日，代表团赴苏州考察。");

    (void) state;
    source.url = SLICE("http://x/2021/0510/1.html");
    assert_int_equal(
        reader_read(fixture.reader, &source, fixture.arena, &judgement.reading, &fixture.err),
        STATUS_OK);
    trip_read(&judgement.reading, &judgement.trip);
    assert_int_equal(extract_events(&extractor, &(struct extract_input){&source, &judgement, NULL},
                                    fixture.arena, &extraction, &fixture.err),
                     STATUS_OK);
    assert_int_equal(extraction.events[0].date.day, on(2021, 5, 8));
}

static void test_no_legs_no_events(void **state)
{
    (void) state;
    extract_text("常州", "", "", CIVIL_NONE);
    assert_int_equal(extraction.count, 0);
    extract_text("常州", "武进区赴新北区学习", "", CIVIL_NONE);
    assert_int_equal(extraction.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_visit),
        cmocka_unit_test(test_a_bureau),
        cmocka_unit_test(test_a_county_city),
        cmocka_unit_test(test_a_deputy),
        cmocka_unit_test(test_reception),
        cmocka_unit_test(test_order_of_events),
        cmocka_unit_test(test_region),
        cmocka_unit_test(test_day_of_the_url),
        cmocka_unit_test(test_no_legs_no_events),
    };

    return cmocka_run_group_tests(tests, extract_open, extract_close);
}
