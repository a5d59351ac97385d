/* Who visits whom, on texts made for the purpose. */
#include "tests/unit/study/reader_fixture.h"

#include <string.h>

struct trip_case {
    const char *site; /* "": unknown */
    const char *title;
    const char *body;
    const char *legs;
};

static void check(const struct trip_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fixture_read(cases[i].site, cases[i].title, cases[i].body);
        if (strcmp(fixture_legs(), cases[i].legs) != 0)
            fail_msg("%s | %s: got \"%s\", want \"%s\"", cases[i].title, cases[i].body,
                     fixture_legs(), cases[i].legs);
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

static void test_directions(void **state)
{
    static const struct trip_case cases[] = {
        {"常州", "我市党政代表团赴无锡学习考察", "", "常州>无锡"},
        {"常州", "无锡市党政代表团来我市考察", "", "无锡>常州"},
        {"常州", "无锡市党政代表团来常考察", "", "无锡>常州"},
        {"常州", "丁一率队前往苏州学习", "5月8日，市长丁一率队前往苏州市学习。", "常州>苏州"},
        {"常州", "市长会见苏州市代表团", "", "苏州>常州"},
        {"常州", "苏州市考察团考察武进", "", "苏州>常州"},
        {"", "", "5月8日，嘉兴市代表团在衢州考察，衢州市市长陪同。", "嘉兴>衢州"},
        {"", "", "昨天上午，宁波市与前来考察的云和县党政代表团座谈。", "丽水>宁波"},
        {"上海", "市长会见张三率领的台州代表团", "", "台州>上海"},
        {"佳木斯", "上海市徐汇区经贸考察团赴我市进行考察", "", "上海>佳木斯"},
    };

    (void) state;
    CHECK(cases);
}

static void test_several_hosts(void **state)
{
    static const struct trip_case cases[] = {
        {"韶关", "韶关城建档案馆赴广州、佛山和中山学习取经", "", "韶关>广州 韶关>佛山 韶关>中山"},
        {"滁州", "县党政考察团赴东海、南京经开区、庐江学习考察", "",
         "滁州>连云港 滁州>南京 滁州>合肥"},
        {"宣城", "党校赴怀远五河明光天长学习", "", "宣城>蚌埠 宣城>滁州"},
        {"上海", "代表团赴云南考察", "7月13日，上海市代表团前往云南普洱市和西双版纳州考察。",
         "上海>普洱 上海>西双版纳"},
        {"", "", "中山市调研组在安徽三市（滁州、芜湖）调研。", "中山>滁州 中山>芜湖"},
        {"盘锦", "鞍山市、铁岭市考察组来盘锦交流", "", "鞍山>盘锦 铁岭>盘锦"},
    };

    (void) state;
    CHECK(cases);
}

static void test_no_journey(void **state)
{
    static const struct trip_case cases[] = {
        {"常州", "武进区行政审批局赴新北区学习", "", ""},
        {"常州", "关于组织赴南京考察学习的通知", "", ""},
        {"常州", "市党政代表团将赴蚌埠考察", "拟于下月赴蚌埠。", ""},
        {"常州", "广东省统计局来常考察", "2月27日，广东省统计局副局长到常州考察。", ""},
        {"蚌埠", "淮安某某生物集团来我市考察", "淮安某某生物集团总经理一行来我市考察。", ""},
        {"泰州", "市第一中学迎来绍兴同行", "绍兴大学党委书记一行来我市考察。", ""},
        {"马鞍山", "区域联席会议在我市举行", "市民政局收看电视电话会议，会上丽水作交流。", ""},
        {"常州", "工作总结", "全年先后组织百人次赴温州等地考察学习。", ""},
        {"温州", "四平党政代表团来温考察", "四平团此前到金华对接，昨天来温州考察。", "四平>温州"},
    };

    (void) state;
    CHECK(cases);
    fixture_read("常州", "武进区行政审批局赴常州市新北区学习", "武进区行政审批局到新北区学习。");
    assert_true(fixture.trip.same_city);
}

static void test_provincial_delegation_with_a_city(void **state)
{
    static const struct trip_case cases[] = {
        {"", "", "新疆供销社副主任和阿克苏地区供销社人员到宁波考察。", "阿克苏>宁波"},
    };

    (void) state;
    CHECK(cases);
}

static void test_own_party_is_found(void **state)
{
    static const struct trip_case cases[] = {
        {"", "保定市党政考察团来我市参观", "保定市长带党政考察团到唐山，副市长陪同。", "保定>唐山"},
        {"", "", "我市（滕州）党政考察团到蚌埠考察。", "枣庄>蚌埠"},
        {"扬州", "米脂县党政代表团来邮考察", "", "榆林>扬州"},
        {"安庆", "湘潭市党政代表团来宜考察", "", "湘潭>安庆"},
        {"宜春", "芜湖市人大常委会来宜学习", "", "芜湖>宜春"},
        {"", "襄阳市一行来黄考察", "襄阳市住建局一行来黄调研，黄石市住建局陪同。", "襄阳>黄石"},
    };

    (void) state;
    CHECK(cases);
}

static void test_history_of_divisions(void **state)
{
    struct source_text source = fixture_source("常州", "枞阳县考察团来我市考察", "");

    (void) state;
    source.day = civil_to_day((struct civil){2012, 5, 8});
    assert_int_equal(
        reader_read(fixture.reader, &source, fixture.arena, &fixture.reading, &fixture.err),
        STATUS_OK);
    trip_read(&fixture.reading, &fixture.trip);
    assert_string_equal(fixture_legs(), "安庆>常州");
    source.day = civil_to_day((struct civil){2018, 5, 8});
    assert_int_equal(
        reader_read(fixture.reader, &source, fixture.arena, &fixture.reading, &fixture.err),
        STATUS_OK);
    trip_read(&fixture.reading, &fixture.trip);
    assert_string_equal(fixture_legs(), "铜陵>常州");
}

static void test_evidence_is_a_span(void **state)
{
    static const char body[] = "本报讯。 5月8日，市长率队赴苏州市考察 。随后返回。";
    struct slice span;

    (void) state;
    fixture_read("常州", "市长出访", body);
    span =
        slice_sub(fixture.reading.text, fixture.trip.begin, fixture.trip.end - fixture.trip.begin);
    assert_true(slice_equal(span, SLICE("5月8日，市长率队赴苏州市考察")));
    assert_true(slice_contains(slice_from(body), span));
    assert_string_equal(fixture_legs(), "常州>苏州");
}

static void test_evidence_is_bounded(void **state)
{
    char title[4096] = "";

    (void) state;
    for (size_t i = 0; i < 60; i++)
        (void) snprintf(title + i * 60, sizeof title - i * 60, "%s",
                        "我市党政代表团赴苏州市学习考察产业发展，       ");
    fixture_read("常州", title, "5月8日。");
    assert_true(fixture.trip.end <= fixture.reading.title_size);
    assert_true(fixture.trip.end - fixture.trip.begin <= TRIP_EVIDENCE_MAX);
    assert_true(fixture.trip.end > fixture.trip.begin);
}

static void test_nothing_at_all(void **state)
{
    (void) state;
    fixture_read("", "", "");
    assert_int_equal(fixture.trip.leg_count, 0);
    assert_int_equal(fixture.trip.begin, fixture.trip.end);
    fixture_read("常州", "\xff\xfe", "\x80赴\xe5");
    assert_int_equal(fixture.trip.leg_count, 0);
}

static void test_limits_hold(void **state)
{
    char body[READING_BODY_MAX * 2];
    size_t used = 0;

    (void) state;
    while (used + 16 < sizeof body)
        used += (size_t) snprintf(body + used, sizeof body - used, "赴苏州、无锡");
    fixture_read("常州", "我市赴外考察", body);
    assert_true(fixture.reading.count <= READING_TOKENS_MAX);
    assert_true(fixture.reading.text.size <= READING_BODY_MAX + 64);
    assert_string_equal(fixture_legs(), "常州>苏州 常州>无锡");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directions),
        cmocka_unit_test(test_several_hosts),
        cmocka_unit_test(test_no_journey),
        cmocka_unit_test(test_provincial_delegation_with_a_city),
        cmocka_unit_test(test_own_party_is_found),
        cmocka_unit_test(test_history_of_divisions),
        cmocka_unit_test(test_evidence_is_a_span),
        cmocka_unit_test(test_evidence_is_bounded),
        cmocka_unit_test(test_nothing_at_all),
        cmocka_unit_test(test_limits_hold),
    };

    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
