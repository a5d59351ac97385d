/* Places, persons, short forms and publishers in a text. */
#include "tests/unit/study/reader_fixture.h"

#include <string.h>

/* The places of the last reading as "广州|广州 凤凰县|湘西", name in the text and city. */
static const char *places(void)
{
    static char text[1024];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < fixture.reading.count; i++) {
        const struct token *token = &fixture.reading.tokens[i];
        struct slice name = slice_sub(fixture.reading.text, token->offset, token->size);
        struct slice city = token->city == NULL ? SLICE("-") : token->city->short_name;

        if (token->kind == TOKEN_PLACE)
            used += (size_t) snprintf(text + used, sizeof text - used, "%s%.*s|%.*s",
                                      used == 0 ? "" : " ", SLICE_ARG(name), SLICE_ARG(city));
    }
    return text;
}

static void check(const char *site, const char *title, const char *want)
{
    fixture_read(site, title, "");
    if (strcmp(places(), want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", title, places(), want);
}

static void test_joined_names(void **state)
{
    (void) state;
    check("", "湖南省凤凰县考察团", "湖南省凤凰县|湘西");
    check("", "浙江省湖州市吴兴区政务办", "浙江省湖州市吴兴区|湖州");
    check("", "赴广州佛山学习", "广州|广州 佛山|佛山");
    check("", "上海市浦东新区", "上海市浦东新区|上海");
    check("", "赴江苏考察", "江苏|-");
}

static void test_namesakes(void **state)
{
    (void) state;
    check("", "南京市鼓楼区一行", "南京市鼓楼区|南京");
    check("徐州", "鼓楼区一行", "鼓楼区|徐州");
    check("", "鼓楼区一行赴福州市考察", "鼓楼区|福州 福州市|福州");
    check("", "鼓楼区一行", "鼓楼区|-");
}

static void test_words_and_persons(void **state)
{
    (void) state;
    check("", "加强合作，推进和平发展，利用资源", "");
    check("", "院长宁波一行", "");
    check("", "程永康在无锡考察 市政协主席程永康", "无锡|无锡");
    check("", "宣传部部长白伟", "");
    check("", "省政协委员赴黄山视察", "黄山|黄山");
    check("", "绍兴大学党委书记", "");
    check("", "推动跨境电商水平提升", "");
    check("", "高新区一行", "");
}

static void test_short_forms(void **state)
{
    (void) state;
    fixture_read("扬州", "县党政代表团来邮考察", "");
    assert_string_equal(places(), "邮|扬州");
    fixture_read("宁波", "代表团来甬考察", "");
    assert_string_equal(places(), "甬|宁波");
    fixture_read("常州", "代表团来坛考察", ""); /* 金坛 */
    assert_string_equal(places(), "坛|常州");
    fixture_read("常州", "来年来访来自各地", "");
    assert_string_equal(places(), "");
}

static void test_unknown_short_form_is_own(void **state)
{
    bool own = false;

    (void) state;
    fixture_read("常州", "代表团来奉考察", "");
    for (size_t i = 0; i < fixture.reading.count; i++)
        own = own || (fixture.reading.tokens[i].cue == CUE_OWN &&
                      fixture.reading.tokens[i].city == fixture.reading.site);
    assert_true(own);
}

static void check_site(struct source_text source, const char *want)
{
    assert_int_equal(
        reader_read(fixture.reader, &source, fixture.arena, &fixture.reading, &fixture.err),
        STATUS_OK);
    if (want == NULL)
        assert_null(fixture.reading.site);
    else
        assert_true(slice_equal(fixture.reading.site->short_name, slice_from(want)));
}

static void test_publishers(void **state)
{
    struct source_text source = fixture_source("", "", "");

    (void) state;
    check_site(source, NULL);
    source.url = SLICE("https://dag.changzhou.gov.cn/html/1.html");
    check_site(source, "常州");
    source.url = SLICE("http://notchangzhou.gov.cn:80/x");
    check_site(source, NULL);
    source.body = SLICE("徐州日报讯 2月3日，代表团来访。");
    check_site(source, "徐州");
    source.body = SLICE("我市（滕州）党政考察团到蚌埠。");
    check_site(source, "枣庄");
    source.site_city = SLICE("南京");
    check_site(source, "南京");
    source.site_city = SLICE("无此城");
    source.body = SLICE("");
    check_site(source, NULL);
}

static void test_text_is_joined(void **state)
{
    (void) state;
    fixture_read("", "题", "文");
    assert_true(slice_equal(fixture.reading.text, SLICE("题\n文")));
    assert_int_equal(fixture.reading.title_size, 3);
}

static void test_cut_between_characters(void **state)
{
    char body[READING_BODY_MAX + 64];
    size_t used = 0;

    (void) state;
    body[used++] = 'a';
    while (used + 3 < sizeof body) {
        memcpy(body + used, "市", 3);
        used += 3;
    }
    body[used] = '\0';
    fixture_read("", "", body);
    assert_true(slice_ends(fixture.reading.text, SLICE("市")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joined_names),
        cmocka_unit_test(test_namesakes),
        cmocka_unit_test(test_words_and_persons),
        cmocka_unit_test(test_short_forms),
        cmocka_unit_test(test_unknown_short_form_is_own),
        cmocka_unit_test(test_publishers),
        cmocka_unit_test(test_text_is_joined),
        cmocka_unit_test(test_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
