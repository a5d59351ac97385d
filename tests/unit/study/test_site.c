#include "study/site.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static struct arena *arena;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(1 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static void check_site(const char *text, const char *canonical, const char *host, uint16_t port)
{
    struct site site;

    if (site_parse(slice_from(text), arena, &site, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_string_equal(site.text.data, canonical);
    assert_string_equal(site.host.data, host);
    assert_int_equal(site.port, port);
}

static void test_good_sites(void **state)
{
    (void) state;
    check_site("http://WWW.Suzhou.GOV.cn/", "http://www.suzhou.gov.cn", "www.suzhou.gov.cn", 80);
    check_site("HTTPS://a.cn:443", "https://a.cn", "a.cn", 443);
    check_site("http://127.0.2.1:18090", "http://127.0.2.1:18090", "127.0.2.1", 18090);
    check_site("https://a.cn:80/sub/dir//", "https://a.cn:80/sub/dir", "a.cn", 80);
    check_site("http://[::1]:8080", "http://[::1]:8080", "[::1]", 8080);
    check_site("http://xn--fiqs8s.cn", "http://xn--fiqs8s.cn", "xn--fiqs8s.cn", 80);
    check_site("http://a.cn:", "http://a.cn", "a.cn", 80);
}

static void fails(const char *text, const char *message)
{
    struct site site;

    assert_int_equal(site_parse(slice_from(text), arena, &site, &err), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static void test_bad_sites(void **state)
{
    (void) state;
    fails("www.suzhou.gov.cn", "'www.suzhou.gov.cn' must begin with http:// or https://");
    fails("ftp://a.cn", "must begin with http");
    fails("http://", "no good host name");
    fails("http://a..cn", "no good host name");
    fails("http://苏州.cn", "no good host name");
    fails("http://user@a.cn", "no good host name");
    fails("http://1.2.3.400", "no good host name");
    fails("http://0x7f000001.1", "no good host name");
    fails("http://a.cn:0", "a port that is none");
    fails("http://a.cn:70000", "a port that is none");
    fails("http://a.cn/x?q=1", "more than a site");
    fails("http://a.cn#x", "more than a site");
}

static void test_kinds_of_hosts(void **state)
{
    static const struct {
        const char *host;
        enum host_kind kind;
    } cases[] = {
        {"127.0.0.1", HOST_LOOPBACK},
        {"127.255.1.2", HOST_LOOPBACK},
        {"[::1]", HOST_LOOPBACK},
        {"localhost", HOST_LOOPBACK},
        {"a.localhost", HOST_LOOPBACK},
        {"10.1.2.3", HOST_PRIVATE},
        {"172.16.0.1", HOST_PRIVATE},
        {"172.31.0.1", HOST_PRIVATE},
        {"172.32.0.1", HOST_PUBLIC},
        {"192.168.1.1", HOST_PRIVATE},
        {"169.254.1.1", HOST_PRIVATE},
        {"100.64.0.1", HOST_PRIVATE},
        {"100.128.0.1", HOST_PUBLIC},
        {"0.0.0.0", HOST_PRIVATE},
        {"8.8.8.8", HOST_PUBLIC},
        {"[fd00::1]", HOST_PRIVATE},
        {"[fe80::1]", HOST_PRIVATE},
        {"[::]", HOST_PRIVATE},
        {"[::ffff:127.0.0.1]", HOST_LOOPBACK},
        {"[2001:db8::1]", HOST_PUBLIC},
        {"www.suzhou.gov.cn", HOST_PUBLIC},
        {"notlocalhost", HOST_PUBLIC},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (site_host_kind(slice_from(cases[i].host)) != cases[i].kind)
            fail_msg("%s", cases[i].host);
}

static void test_suffixes(void **state)
{
    (void) state;
    assert_true(site_covers(SLICE("suzhou.gov.cn"), SLICE("www.suzhou.gov.cn")));
    assert_true(site_covers(SLICE("suzhou.gov.cn"), SLICE("SUZHOU.gov.cn")));
    assert_false(site_covers(SLICE("suzhou.gov.cn"), SLICE("xsuzhou.gov.cn")));
    assert_false(site_covers(SLICE("www.suzhou.gov.cn"), SLICE("suzhou.gov.cn")));
    assert_false(site_covers(SLICE(""), SLICE("a.cn")));
}

static void check_url(const char *url, const char *host, uint16_t port)
{
    struct slice found;
    uint16_t number;

    assert_true(site_of_url(slice_from(url), &found, &number));
    assert_true(slice_equal(found, slice_from(host)));
    assert_int_equal(number, port);
}

static void test_hosts_of_urls(void **state)
{
    struct slice host;
    uint16_t port;

    (void) state;
    check_url("http://a.cn/x", "a.cn", 80);
    check_url("https://a.cn:8443?q", "a.cn", 8443);
    check_url("http://user:pw@a.cn:81/", "a.cn", 81);
    check_url("http://[::1]:9/", "[::1]", 9);
    check_url("http://a.cn#http://b.cn/", "a.cn", 80);
    check_url("http://a.cn\\@b.cn/", "a.cn", 80);
    assert_false(site_of_url(SLICE("ftp://a.cn/"), &host, &port));
    assert_false(site_of_url(SLICE("http:///x"), &host, &port));
    assert_false(site_of_url(SLICE(""), &host, &port));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good_sites, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_sites, set_up, tear_down),
        cmocka_unit_test(test_kinds_of_hosts),
        cmocka_unit_test(test_suffixes),
        cmocka_unit_test(test_hosts_of_urls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
