#include "tests/unit/aggregator/fixture.h"

#include "aggregator/xml.h"

static void check(struct slice text, const char *wanted)
{
    struct buf out;

    buf_init(&out, 1000);
    xml_put_text(&out, text);
    assert_string_equal(buf_text(&out), wanted);
    buf_fini(&out);
}

static void markup_is_escaped(void **state)
{
    (void) state;
    check(SLICE("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    check(SLICE("苏州 & 宿州"), "苏州 &amp; 宿州");
    check(SLICE(""), "");
}

static void what_xml_forbids_is_replaced(void **state)
{
    (void) state;
    check(SLICE("a\x01"
                "b\tc\n"),
          "a\xEF\xBF\xBD"
          "b\tc\n");
    check(SLICE("bad \xFF byte"), "bad \xEF\xBF\xBD byte");
    check(SLICE("\xEF\xBF\xBE"), "\xEF\xBF\xBD");
}

static void attributes_are_quoted(void **state)
{
    struct buf out;

    (void) state;
    buf_init(&out, 100);
    xml_put_attribute(&out, "label", SLICE("\"><script>"));
    assert_string_equal(buf_text(&out), " label=\"&quot;&gt;&lt;script&gt;\"");
    buf_fini(&out);
}

/* RFC 4648, section 10. */
static void base64_has_its_test_vectors(void **state)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};

    (void) state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct buf out;

        buf_init(&out, 100);
        xml_put_base64(&out, slice_from(vectors[i][0]));
        assert_string_equal(buf_text(&out), vectors[i][1]);
        buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(what_xml_forbids_is_replaced),
        cmocka_unit_test(attributes_are_quoted),
        cmocka_unit_test(base64_has_its_test_vectors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
