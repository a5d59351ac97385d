/* search_field: links, redirectors, totals, words for nothing. */
#include "crawler/search_field.h"

#include "base/util/buf.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct arena *arena;

/* The key, or the failure's text. */
static const char *link(const char *text, const char *param, const char *base_text)
{
    struct url base;
    struct slice key;
    enum status status;

    if (base_text != NULL)
        assert_int_equal(url_parse(slice_from(base_text), NULL, arena, &base, NULL), STATUS_OK);
    status = search_field_link(slice_from(text), slice_from(param),
                               base_text == NULL ? NULL : &base, arena, &key);
    return status == STATUS_OK ? arena_copy(arena, key).data : status_text(status);
}

static void links(void **state)
{
    (void) state;
    assert_string_equal(link(" http://A/x#y ", NULL, NULL), "http://a/x");
    assert_string_equal(link("../x.html", NULL, "http://a/b/c/"), "http://a/b/x.html");
    assert_string_equal(link("x", NULL, NULL), "invalid input");
    assert_string_equal(link("", NULL, "http://a/"), "invalid input");
    assert_string_equal(link("javascript:go(1)", NULL, "http://a/"), "not supported");
}

static void redirectors(void **state)
{
    const char *base = "http://s/jsearchfront/";

    (void) state;
    assert_string_equal(
        link("visit/link.do?url=http%3A%2F%2Fa.cn%2Fx%3Fb%3D1%26c&q=2&title=t", "url", base),
        "http://a.cn/x?b=1&c");
    assert_string_equal(link("visit/link.do?q=2&url=http://a.cn/x", "url", base), "http://a.cn/x");
    assert_string_equal(link("http://a.cn/y?myurl=http://b/", "url", base),
                        "http://a.cn/y?myurl=http://b/");
    assert_string_equal(link("http://a.cn/plain", "url", base), "http://a.cn/plain");
    assert_string_equal(link("visit/link.do?url=", "url", base), "invalid input");
    assert_string_equal(link("visit/link.do?url=%2Fart%2F1", "url", base), "http://s/art/1");
    assert_string_equal(link("visit/link.do?q=1#url=http://b/", "url", base),
                        "http://s/jsearchfront/visit/link.do?q=1");
}

static void too_long(void **state)
{
    struct buf text;

    (void) state;
    buf_init(&text, 1 << 20);
    buf_puts(&text, "http://a/");
    for (int i = 0; i < URL_MAX; i++)
        buf_putc(&text, 'x');
    assert_string_equal(link(buf_text(&text), NULL, NULL), "over its limit");
    buf_fini(&text);
}

static uint64_t total(const char *text)
{
    uint64_t value = UINT64_MAX;

    return search_field_total(slice_from(text), &value) ? value : UINT64_MAX;
}

static void totals(void **state)
{
    (void) state;
    assert_int_equal(total("约有 1,234 项"), 1234);
    assert_int_equal(total("0"), 0);
    assert_int_equal(total("第1页，共20页"), 1);
    assert_int_equal(total("12,"), 12);
    assert_int_equal(total("3.7"), 3);
    assert_int_equal(total(""), UINT64_MAX);
    assert_int_equal(total("无"), UINT64_MAX);
    assert_true(total("99999999999999999999999999") > UINT32_MAX);
}

static void nothing(void **state)
{
    (void) state;
    assert_true(search_field_says_nothing(SLICE("<p>抱歉，没有找到相关结果</p>")));
    assert_true(search_field_says_nothing(SLICE("共0条")));
    assert_false(search_field_says_nothing(SLICE("共 20 个结果")));
    assert_false(search_field_says_nothing(SLICE("")));
}

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(16 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links),  cmocka_unit_test(redirectors), cmocka_unit_test(too_long),
        cmocka_unit_test(totals), cmocka_unit_test(nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
