/* url: parsing by the standard, the crawl key, origins. */
#include "crawler/url.h"

#include "tests/unit/crawler/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(64 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static const char *text_of(struct slice text)
{
    return arena_copy(arena, text).data;
}

/* href, or the name of the failure. */
static const char *href(const char *input, const char *base)
{
    struct url url, base_url;
    enum status status;

    if (base != NULL)
        assert_int_equal(url_parse(slice_from(base), NULL, arena, &base_url, NULL), STATUS_OK);
    status = url_parse(slice_from(input), base == NULL ? NULL : &base_url, arena, &url, NULL);
    return status == STATUS_OK ? text_of(url.href) : status_text(status);
}

static const char *key(const char *input)
{
    struct slice key;
    enum status status =
        url_canonical(slice_from(input), (struct slice){NULL, 0}, arena, &key, NULL);

    return status == STATUS_OK ? text_of(key) : status_text(status);
}

static void plain_urls(void **state)
{
    (void) state;
    assert_string_equal(href("HTTP://WWW.Example.COM:80/A/b?C#d", NULL),
                        "http://www.example.com/A/b?C#d");
    assert_string_equal(href("https://a:443", NULL), "https://a/");
    assert_string_equal(href("https://a:80", NULL), "https://a:80/");
    assert_string_equal(href("http://a/b/../c/./d/%2e%2E/e", NULL), "http://a/c/e");
    assert_string_equal(href("http://a/../../x", NULL), "http://a/x");
    assert_string_equal(href("http://a/b/..", NULL), "http://a/");
    assert_string_equal(href("http://a/b/.", NULL), "http://a/b/");
    assert_string_equal(href(" \thttp://a\n/b ", NULL), "http://a/b");
    assert_string_equal(href("http:\\\\a\\b", NULL), "http://a/b");
    assert_string_equal(href("http://a/搜索?q=苏州#顶", NULL),
                        "http://a/%E6%90%9C%E7%B4%A2?q=%E8%8B%8F%E5%B7%9E#%E9%A1%B6");
    assert_string_equal(href("http://a?b", NULL), "http://a/?b");
    assert_string_equal(href("http://u:p@a@b/", NULL), "http://u:p%40a@b/");
}

static void hosts(void **state)
{
    (void) state;
    assert_string_equal(href("http://0x7f.1/", NULL), "http://127.0.0.1/");
    assert_string_equal(href("http://2130706433/", NULL), "http://127.0.0.1/");
    assert_string_equal(href("http://017700000001/", NULL), "http://127.0.0.1/");
    assert_string_equal(href("http://1.2.3.256/", NULL), "invalid input");
    assert_string_equal(href("http://1.2.3.4.5/", NULL), "invalid input");
    assert_string_equal(href("http://[::ffff:127.0.0.1]/", NULL), "http://[::ffff:7f00:1]/");
    assert_string_equal(href("http://[1:0:0:2:0:0:0:3]:8080/", NULL), "http://[1:0:0:2::3]:8080/");
    assert_string_equal(href("http://[1::2::3]/", NULL), "invalid input");
    assert_string_equal(href("http://[::1", NULL), "invalid input");
    assert_string_equal(href("http://寻访.中国/", NULL), "http://xn--eeto52i.xn--fiqs8s/");
    assert_string_equal(href("http://a b/", NULL), "invalid input");
    assert_string_equal(href("http://a%00b/", NULL), "invalid input");
    assert_string_equal(href("http:///", NULL), "invalid input");
    assert_string_equal(href("http://a:65536/", NULL), "invalid input");
    assert_string_equal(href("http://a:/", NULL), "http://a/");
}

static void relative_urls(void **state)
{
    const char *base = "https://h:8443/a/b/c?q#f";

    (void) state;
    assert_string_equal(href("", base), "https://h:8443/a/b/c?q");
    assert_string_equal(href("d", base), "https://h:8443/a/b/d");
    assert_string_equal(href("../d", base), "https://h:8443/a/d");
    assert_string_equal(href("/d", base), "https://h:8443/d");
    assert_string_equal(href("//o/d", base), "https://o/d");
    assert_string_equal(href("?x", base), "https://h:8443/a/b/c?x");
    assert_string_equal(href("#x", base), "https://h:8443/a/b/c?q#x");
    assert_string_equal(href("https:d", base), "https://h:8443/a/b/d");
    assert_string_equal(href("http:d", base), "http://d/");
    assert_string_equal(href("d", NULL), "invalid input");
    assert_string_equal(href("mailto:a@b", base), "not supported");
    assert_string_equal(href("javascript:void(0)", base), "not supported");
}

static void keys(void **state)
{
    (void) state;
    assert_string_equal(key("http://u:p@A.cn:80/x#top"), "http://a.cn/x");
    assert_string_equal(key("http://a.cn/x?"), "http://a.cn/x");
    assert_string_equal(key("http://a.cn/X?b=2&a=1"), "http://a.cn/X?b=2&a=1");
    assert_string_equal(key("http://a.cn/%7ename/%e5%ad"), "http://a.cn/~name/%E5%AD");
    assert_string_equal(key("http://a.cn/%2f?a=%26"), "http://a.cn/%2F?a=%26");
    assert_string_equal(key("ftp://a.cn/"), "not supported");
}

/* A decoded byte must not complete a new escape, or a key's key would differ. */
static void keys_are_stable(void **state)
{
    static const char *const inputs[] = {"http://a/%%32e",    "http://a/%a%32",
                                         "http://a/%2%35",    "http://a/%25%32%35",
                                         "http://a/?%%37%45", "http://a/%2e%2e/%%32e%%32e/b"};

    (void) state;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        const char *once = key(inputs[i]);
        assert_string_equal(key(once), once);
    }
}

static void parts(void **state)
{
    struct url url;

    (void) state;
    assert_int_equal(url_parse(SLICE("https://u@h/p?q#f"), NULL, arena, &url, NULL), STATUS_OK);
    assert_string_equal(text_of(url.scheme), "https");
    assert_string_equal(text_of(url.user), "u");
    assert_string_equal(text_of(url.host), "h");
    assert_int_equal(url.port, 443);
    assert_string_equal(text_of(url.path), "/p");
    assert_string_equal(text_of(url.query), "q");
    assert_string_equal(text_of(url.fragment), "f");
    assert_string_equal(text_of(url_origin(&url, arena)), "https://h:443");
    assert_int_equal(url_parse(SLICE("http://h:8080"), NULL, arena, &url, NULL), STATUS_OK);
    assert_null(url.query.data);
    assert_null(url.fragment.data);
    assert_string_equal(text_of(url_origin(&url, arena)), "http://h:8080");
}

static void limits(void **state)
{
    struct error err;
    struct url url = {.port = 7};
    struct buf text;

    (void) state;
    buf_init(&text, (size_t) URL_MAX * 2);
    buf_puts(&text, "http://a/");
    while (text.size < URL_MAX)
        buf_putc(&text, 'x');
    assert_int_equal(url_parse(buf_slice(&text), NULL, arena, &url, &err), STATUS_OK);
    buf_putc(&text, 'x');
    assert_int_equal(url_parse(buf_slice(&text), NULL, arena, &url, &err), STATUS_TOO_LARGE);
    buf_reset(&text);
    buf_puts(&text, "http://");
    while (text.size < URL_HOST_MAX + 8)
        buf_putc(&text, 'x');
    assert_int_equal(url_parse(buf_slice(&text), NULL, arena, &url, &err), STATUS_TOO_LARGE);
    buf_reset(&text);
    buf_puts(&text, "http://a/");
    while (text.size < URL_MAX)
        buf_puts(&text, "ä");
    assert_int_equal(
        url_canonical(slice_sub(buf_slice(&text), 0, URL_MAX), SLICE(""), arena, &url.host, &err),
        STATUS_TOO_LARGE);
    buf_fini(&text);
}

static void failure_leaves_the_output(void **state)
{
    struct url url = {.port = 7};
    struct arena *tiny = arena_create(8);
    struct error err;

    (void) state;
    assert_int_equal(url_parse(SLICE("http://a b/"), NULL, arena, &url, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "a b"));
    assert_int_equal(url_parse(SLICE("http://a/"), NULL, tiny, &url, &err), STATUS_NOMEM);
    assert_int_equal(url.port, 7);
    arena_destroy(tiny);
}

/* One case of the suite: 'a' alike, 'd' different, 'w' wrongly accepted. */
static char run_case(const struct json *test)
{
    struct url url, base;
    struct slice base_text = suite_text(test, "base");
    enum status status = STATUS_OK;

    if (base_text.data != NULL)
        status = url_parse(base_text, NULL, arena, &base, NULL);
    if (status == STATUS_OK)
        status = url_parse(suite_text(test, "input"), base_text.data == NULL ? NULL : &base, arena,
                           &url, NULL);
    if (json_truth(json_member(test, "failure"), false))
        return status == STATUS_OK ? 'w' : 'a';
    return status == STATUS_OK && slice_equal(url.href, suite_text(test, "href")) ? 'a' : 'd';
}

static void web_platform_suite(void **state)
{
    struct suite suite;
    const struct json *tests;
    size_t alike = 0;

    (void) state;
    if (!suite_open(&suite, "url/http_subset.json"))
        skip();
    tests = suite_json(&suite);
    assert_int_equal(json_size(tests), 446);
    for (size_t i = 0; i < json_size(tests); i++) {
        char verdict = run_case(json_element(tests, i));
        if (verdict != 'a')
            print_message("%c %.*s\n", verdict,
                          SLICE_ARG(suite_text(json_element(tests, i), "input")));
        assert_int_not_equal(verdict, 'w');
        alike += verdict == 'a';
    }
    suite_close(&suite);
    assert_int_equal(alike, 446);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_urls),
        cmocka_unit_test(hosts),
        cmocka_unit_test(relative_urls),
        cmocka_unit_test(keys),
        cmocka_unit_test(keys_are_stable),
        cmocka_unit_test(parts),
        cmocka_unit_test(limits),
        cmocka_unit_test(failure_leaves_the_output),
        cmocka_unit_test(web_platform_suite),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
