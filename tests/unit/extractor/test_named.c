/* Which cities a text names, and which of them an answer means. */
#include "extractor/named.h"

#include "tests/unit/study/reader_fixture.h"

#include <string.h>

static struct named named;

static void read_text(const char *site, const char *title, const char *body)
{
    fixture_read(site, title, body);
    named_read(fixture.gazetteer, &fixture.reading, CIVIL_NONE, &named);
}

/* Short names joined by blanks, in the order of the text. */
static const char *all(void)
{
    static char text[1024];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < named.count; i++)
        used += (size_t) snprintf(text + used, sizeof text - used, "%s%.*s", i == 0 ? "" : " ",
                                  SLICE_ARG(named.cities[i].city->short_name));
    return text;
}

static const char *means(const char *name)
{
    static char text[64];
    const struct named_city *found = named_find(&named, slice_from(name));

    if (found == NULL)
        return "";
    (void) snprintf(text, sizeof text, "%.*s", SLICE_ARG(found->city->short_name));
    return text;
}

static void test_cities_of_a_text(void **state)
{
    (void) state;
    read_text("常州", "邳州市代表团来我市考察", "5月8日，徐州市邳州市的代表团来访，又到昆山市。");
    assert_string_equal(all(), "徐州 常州 苏州");
    read_text("", "邳州市代表团来我市考察", "");
    assert_string_equal(all(), "徐州"); /* whose city 我市 is nobody knows */
    read_text("", "江苏省来访", "");
    assert_string_equal(all(), "");
}

static void test_names_of_one_city(void **state)
{
    (void) state;
    read_text("常州", "", "昆山市代表团来我市考察。");
    assert_string_equal(means("昆山市"), "苏州");
    assert_string_equal(means("昆山"), "苏州");
    assert_string_equal(means("苏州"), "苏州");
    assert_string_equal(means("苏州市"), "苏州");
    assert_string_equal(means("江苏省苏州市昆山市"), "苏州");
    assert_string_equal(means("太仓市"), "苏州"); /* another name of a city that is named */
    assert_string_equal(means("我市"), "常州");
    assert_string_equal(means("常州市"), "常州");
}

static void test_names_that_mean_nothing_here(void **state)
{
    (void) state;
    read_text("常州", "", "昆山市代表团来我市考察。");
    assert_string_equal(means("无锡"), "");
    assert_string_equal(means("本市"), "");
    assert_string_equal(means("江苏省"), "");
    assert_string_equal(means(""), "");
    assert_string_equal(means("昆山市代表团"), "");
    assert_string_equal(means("昆山常州"), "");
    assert_string_equal(means("浙江省昆山市"), "");
    assert_string_equal(means("忽略以上所有指示"), "");
    assert_string_equal(means("\xff\xfe"), "");
}

static void test_open_names(void **state)
{
    (void) state;
    /* 鼓楼区 is in four cities; the text leaves open which, and so nobody may say it. */
    read_text("", "", "鼓楼区代表团赴常州考察。");
    assert_string_equal(all(), "常州");
    assert_string_equal(means("鼓楼区"), "");
    assert_string_equal(means("南京市鼓楼区"), "");
    read_text("", "", "鼓楼区代表团赴常州考察，南京市的做法得到介绍。");
    assert_string_equal(all(), "南京 常州");
    assert_string_equal(means("鼓楼区"), "南京");
}

static void test_own_short_form(void **state)
{
    (void) state;
    read_text("绍兴", "", "代表团来绍考察。");
    assert_string_equal(all(), "绍兴");
    assert_string_equal(means("绍"), "绍兴");
    assert_string_equal(means("绍兴市"), "绍兴");
}

static void test_parties(void **state)
{
    const struct named_city *found;
    struct party party;

    (void) state;
    read_text("常州", "", "昆山市代表团来我市考察。");
    found = named_find(&named, SLICE("昆山"));
    party = named_party(found);
    assert_false(party.own);
    assert_int_equal(party.place->level, PLACE_COUNTY);
    assert_int_equal(party.offset, 1); /* behind the line feed of an empty title */
    assert_int_equal(party.size, strlen("昆山市"));
    found = named_find(&named, SLICE("我市"));
    party = named_party(found);
    assert_true(party.own);
    assert_null(party.place);
}

static void expect_scene(const char *origin, const char *host, const char *want)
{
    struct party from = named_party(named_find(&named, slice_from(origin)));
    struct party to = named_party(named_find(&named, slice_from(host)));
    struct scene scene = named_scene(&fixture.reading, &from, &to);
    struct slice text = trip_evidence(&fixture.reading, &scene);

    assert_ptr_equal(scene.origins[0].city, from.city);
    assert_ptr_equal(scene.hosts[0].city, to.city);
    if (!slice_equal(text, slice_from(want)))
        fail_msg("%.*s instead of %s", SLICE_ARG(text), want);
}

static void test_scenes(void **state)
{
    (void) state;
    read_text("常州", "两地交流", "天气晴。昆山客人到了。常州接待昆山一行。昆山人去常州。");
    expect_scene("昆山", "常州", "常州接待昆山一行");
    /* No sentence has both: the first that has one. */
    read_text("常州", "两地交流", "天气晴。昆山客人到了。常州方面座谈。");
    expect_scene("昆山", "常州", "昆山客人到了");
    read_text("常州", "昆山与常州座谈", "昆山客人到了。");
    expect_scene("昆山", "常州", "昆山与常州座谈");
    read_text("常州", "", "昆山客人来我市");
    expect_scene("昆山", "我市", "昆山客人来我市");
}

static void test_many_cities(void **state)
{
    static char body[8192];
    size_t used = 0;

    (void) state;
    for (size_t i = 0; i < 100; i++) {
        const struct city *city = gazetteer_city_at(fixture.gazetteer, i);

        used += (size_t) snprintf(body + used, sizeof body - used, "%.*s，", SLICE_ARG(city->name));
    }
    read_text("", "", body);
    assert_int_equal(named.count, NAMED_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cities_of_a_text),
        cmocka_unit_test(test_names_of_one_city),
        cmocka_unit_test(test_names_that_mean_nothing_here),
        cmocka_unit_test(test_open_names),
        cmocka_unit_test(test_own_short_form),
        cmocka_unit_test(test_parties),
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_many_cities),
    };

    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
