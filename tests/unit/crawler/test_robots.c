/* robots: RFC 9309, tolerance, limits. */
#include "crawler/robots.h"

#include "base/util/buf.h"
#include "tests/unit/crawler/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool allows_bytes(struct slice text, const char *agent, const char *url)
{
    struct robots *robots = NULL;
    bool allowed;

    assert_int_equal(robots_create(text, slice_from(agent), &robots, NULL), STATUS_OK);
    allowed = robots_allows(robots, slice_from(url));
    robots_destroy(robots);
    return allowed;
}

static bool allows(const char *text, const char *url)
{
    return allows_bytes(slice_from(text), "xunfang", url);
}

static int64_t delay(const char *text)
{
    struct robots *robots = NULL;
    int64_t ms;

    assert_int_equal(robots_create(slice_from(text), SLICE("xunfang/1.0"), &robots, NULL),
                     STATUS_OK);
    ms = robots_crawl_delay_ms(robots);
    robots_destroy(robots);
    return ms;
}

static void groups(void **state)
{
    const char *text = "User-agent: *\nDisallow: /a\n\nUser-agent: Xunfang\nDisallow: /b\n"
                       "User-agent: other\nUser-agent: xunfang\nDisallow: /c\n";

    (void) state;
    assert_true(allows(text, "http://h/a"));
    assert_false(allows(text, "http://h/b"));
    assert_false(allows(text, "http://h/c"));
    assert_false(allows_bytes(slice_from(text), "third", "http://h/a"));
    assert_true(allows_bytes(slice_from(text), "third", "http://h/b"));
    /* A group of our own without rules frees us from those of "*". */
    assert_true(allows("User-agent: *\nDisallow: /\nUser-agent: xunfang\nAllow:\n", "http://h/a"));
    assert_true(allows("Disallow: /\n", "http://h/a"));
    assert_true(allows("", "http://h/a"));
}

static void patterns(void **state)
{
    const char *text = "User-agent: *\nDisallow: /*?\nDisallow: /x*y*z$\nDisallow: /end$\n"
                       "Allow: /search?ok\nDisallow: /*.doc$\n";

    (void) state;
    assert_false(allows(text, "http://h/a?b"));
    assert_true(allows(text, "http://h/search?ok=1"));
    assert_false(allows(text, "http://h/x1y2z"));
    assert_true(allows(text, "http://h/x1y2z3"));
    assert_false(allows(text, "http://h/xyzyz"));
    assert_false(allows(text, "http://h/end"));
    assert_true(allows(text, "http://h/ending"));
    assert_false(allows(text, "http://h/a.doc.doc"));
    assert_true(allows(text, "http://h/a.docx"));
    assert_false(allows(text, "/end#part"));
    assert_false(allows("User-agent: *\nDisallow: *\n", "http://h/"));
    assert_false(allows("User-agent: *\nDisallow: $\nDisallow: /\n", "http://h"));
    assert_false(allows("User-agent: *\nDisallow: /搜\n", "http://h/%E6%90%9C"));
    assert_false(allows("User-agent: *\nDisallow: /%e6%90%9c\n", "http://h/%E6%90%9C"));
    assert_true(allows("User-agent: *\nDisallow: /\n", "http://h/robots.txt"));
}

/* A matcher that backs up at each star would need hours for this. */
static void hostile_pattern(void **state)
{
    struct buf text, url;

    (void) state;
    buf_init(&text, 1 << 20);
    buf_init(&url, 1 << 20);
    buf_puts(&text, "User-agent: *\nDisallow: /");
    for (int i = 0; i < 900; i++)
        buf_puts(&text, "*a");
    buf_puts(&text, "b\n");
    buf_puts(&url, "http://h/");
    for (int i = 0; i < 16000; i++)
        buf_putc(&url, 'a');
    assert_true(allows(buf_text(&text), buf_text(&url)));
    buf_fini(&text);
    buf_fini(&url);
}

static void tolerance(void **state)
{
    static const char utf16[] = "\xFF\xFEU\0s\0e\0r\0-\0a\0g\0e\0n\0t\0:\0*\0\n\0D\0i\0s\0a\0l\0l\0"
                                "o\0w\0:\0/\0p\0";

    (void) state;
    assert_false(allows("\xEF\xBB\xBFUser-agent: *\nDisallow: /p", "http://h/p"));
    assert_false(allows_bytes(slice_of(utf16, sizeof utf16 - 1), "xunfang", "http://h/p"));
    assert_false(allows("user-agent:*\rdisallow:/p\r", "http://h/p"));
    assert_false(allows("  USER-AGENT : * # all\r\n\tDisallow : /p # no\r\n", "http://h/p"));
    assert_true(allows("<!DOCTYPE html><pre>\nUser-agent: *\nDisallow: /\n</pre>", "http://h/p"));
    assert_true(allows("\n\n  <html>\nUser-agent: *\nDisallow: /\n", "http://h/p"));
    assert_true(allows("User-agent: *\nDisallow: /p q r\nnonsense here too\n", "http://h/x"));
    assert_false(allows_bytes(SLICE("User-agent: *\n\0\nDisallow: /p\n"), "x", "http://h/p"));
}

static void crawl_delays(void **state)
{
    (void) state;
    assert_int_equal(delay("User-agent: *\nCrawl-delay: 2\nDisallow: /x\n"), 2000);
    assert_int_equal(delay("User-agent: xunfang\nCrawl-delay: 0.5\nUser-agent: *\n"), 500);
    assert_int_equal(delay("User-agent: *\nCrawl-delay: 9\nAllow: /\nUser-agent: xunfang\n"
                           "Disallow: /x\n"),
                     -1);
    assert_int_equal(delay("User-agent: *\nCrawl-delay: soon\n"), -1);
    assert_int_equal(delay("User-agent: *\nCrawl-delay: 99999999999999999999\n"), 86400000);
    assert_int_equal(delay("Crawl-delay: 5\n"), -1);
}

static void size_limit(void **state)
{
    struct robots *robots = NULL;
    struct buf text;
    size_t before;

    (void) state;
    buf_init(&text, 4 << 20);
    buf_puts(&text, "User-agent: *\nDisallow: /first\n");
    while (text.size < ROBOTS_SIZE_MAX)
        buf_puts(&text, "# nothing to see\n");
    buf_puts(&text, "Disallow: /last\n");
    assert_int_equal(robots_create(buf_slice(&text), SLICE("xunfang"), &robots, NULL), STATUS_OK);
    assert_false(robots_allows(robots, SLICE("/first")));
    assert_true(robots_allows(robots, SLICE("/last")));
    robots_destroy(robots);

    buf_reset(&text);
    buf_puts(&text, "User-agent: *\nDisallow: ");
    before = text.size;
    buf_putc(&text, '/');
    for (int i = 0; i < ROBOTS_RULE_MAX; i++)
        buf_putc(&text, 'x');
    assert_int_equal(robots_create(buf_slice(&text), SLICE("xunfang"), &robots, NULL), STATUS_OK);
    assert_true(robots_allows(robots, slice_sub(buf_slice(&text), before, text.size)));
    robots_destroy(robots);
    buf_fini(&text);
    robots_destroy(NULL);
}

static void rfc9309_suite(void **state)
{
    struct suite suite;
    const struct json *tests;

    (void) state;
    if (!suite_open(&suite, "robots/rfc9309_cases.json"))
        skip();
    tests = suite_json(&suite);
    assert_int_equal(json_size(tests), 72);
    for (size_t i = 0; i < json_size(tests); i++) {
        const struct json *test = json_element(tests, i);
        bool allowed = allows_bytes(suite_text(test, "robots"), suite_text(test, "agent").data,
                                    suite_text(test, "url").data);
        if (allowed != json_truth(json_member(test, "allowed"), false))
            fail_msg("%.*s", SLICE_ARG(suite_text(test, "id")));
    }
    suite_close(&suite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups),          cmocka_unit_test(patterns),
        cmocka_unit_test(hostile_pattern), cmocka_unit_test(tolerance),
        cmocka_unit_test(crawl_delays),    cmocka_unit_test(size_limit),
        cmocka_unit_test(rfc9309_suite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
