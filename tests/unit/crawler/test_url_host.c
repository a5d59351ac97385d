/* url_host: addresses in all their forms, names, IDN. */
#include "crawler/url_host.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>

static char text[256];

/* The serialised host, or "!" and the failure. */
static const char *host(struct slice input)
{
    struct buf out;
    enum status status;

    buf_init(&out, sizeof text - 1);
    status = url_host_parse(input, &out, NULL);
    (void) snprintf(text, sizeof text, "%s%s", status == STATUS_OK ? "" : "!",
                    status == STATUS_OK ? buf_text(&out) : status_text(status));
    buf_fini(&out);
    return text;
}

#define CHECK(input, expected) assert_string_equal(host(SLICE(input)), expected)

static void names(void **state)
{
    (void) state;
    CHECK("WWW.Suzhou.GOV.cn", "www.suzhou.gov.cn");
    CHECK("a..b", "a..b");
    CHECK("a.b.", "a.b.");
    CHECK("%41b", "ab");
    CHECK("a_b-c", "a_b-c");
    CHECK("xn--", "xn--");
    CHECK("", "!invalid input");
    CHECK("a%2Fb", "!invalid input");
    CHECK("a<b", "!invalid input");
    CHECK("a%zz", "!invalid input");
    CHECK("a\0b", "!invalid input");
}

static void international_names(void **state)
{
    (void) state;
    CHECK("苏州。中国", "xn--6rt453f.xn--fiqs8s");
    CHECK("ＡＢ.cn", "ab.cn");
    CHECK("faß.de", "xn--fa-hia.de");
    CHECK("%E8%8B%8F", "xn--ei1a");
    CHECK("\xEF\xBF\xBD", "!invalid input");
    CHECK("\xFF", "!invalid input");
    CHECK("\xC2\xAD", "!invalid input");
    CHECK("１２７.0.0.1", "127.0.0.1");
}

static void ipv4(void **state)
{
    (void) state;
    CHECK("1.2.3.4", "1.2.3.4");
    CHECK("1.2.3.4.", "1.2.3.4");
    CHECK("1.2.772", "1.2.3.4");
    CHECK("1.131844", "1.2.3.4");
    CHECK("16909060", "1.2.3.4");
    CHECK("0x1.02.0X3.4", "1.2.3.4");
    CHECK("0x", "0.0.0.0");
    CHECK("4294967295", "255.255.255.255");
    CHECK("4294967296", "!invalid input");
    CHECK("99999999999999999999999", "!invalid input");
    CHECK("256.1.1.1", "!invalid input");
    CHECK("1.2.3.08", "!invalid input");
    CHECK("1.2.3.4.5", "!invalid input");
    CHECK("1..2.3", "!invalid input");
    CHECK("a.b.0x7f", "!invalid input");
    CHECK("1.2.3.4a", "1.2.3.4a");
}

static void ipv6(void **state)
{
    (void) state;
    CHECK("[::]", "[::]");
    CHECK("[::1]", "[::1]");
    CHECK("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]");
    CHECK("[1:0:0:4:0:0:0:8]", "[1:0:0:4::8]");
    CHECK("[0:0:3:0:0:6:7:8]", "[::3:0:0:6:7:8]");
    CHECK("[1::]", "[1::]");
    CHECK("[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:0]");
    CHECK("[ABCD::EF01]", "[abcd::ef01]");
    CHECK("[::1.2.3.4]", "[::102:304]");
    CHECK("[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:102:304]");
    CHECK("[1:2:3:4:5:6:7:1.2.3.4]", "!invalid input");
    CHECK("[1:2:3:4:5:6:7:8:9]", "!invalid input");
    CHECK("[1:2:3]", "!invalid input");
    CHECK("[1:2:3:4:5:6:7:8::]", "!invalid input");
    CHECK("[:1]", "!invalid input");
    CHECK("[1:]", "!invalid input");
    CHECK("[12345::]", "!invalid input");
    CHECK("[::1.2.3]", "!invalid input");
    CHECK("[::1.2.3.4.5]", "!invalid input");
    CHECK("[::1.2.3.04]", "!invalid input");
    CHECK("[::1.2.3.256]", "!invalid input");
    CHECK("[g::]", "!invalid input");
    CHECK("[::1", "!invalid input");
    CHECK("[]", "!invalid input");
}

static void numeric(void **state)
{
    (void) state;
    assert_true(url_host_is_numeric(SLICE("a.b.1")));
    assert_true(url_host_is_numeric(SLICE("1.")));
    assert_true(url_host_is_numeric(SLICE("x.09")));
    assert_true(url_host_is_numeric(SLICE("x.0xF")));
    assert_false(url_host_is_numeric(SLICE("1.b")));
    assert_false(url_host_is_numeric(SLICE("x.0xg")));
    assert_false(url_host_is_numeric(SLICE("")));
    assert_false(url_host_is_numeric(SLICE("1..")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),   cmocka_unit_test(international_names),
        cmocka_unit_test(ipv4),    cmocka_unit_test(ipv6),
        cmocka_unit_test(numeric),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
