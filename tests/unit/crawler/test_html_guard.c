/* html_guard: pages for people pass whole, pages made against the parser are cut. */
#include "crawler/html_guard.h"

#include "base/util/buf.h"
#include "tests/support/cmocka_all.h"

static void check_whole(struct slice text)
{
    assert_int_equal(html_guard(text).size, text.size);
}

static void pages_pass(void **state)
{
    (void) state;
    check_whole(SLICE(""));
    check_whole(SLICE("plain text"));
    check_whole(SLICE("<p class=a id='b c'>x</p><br/><!-- < > -->"));
    check_whole(SLICE("<"));
    check_whole(SLICE("<p a='never closed"));
    check_whole(SLICE("a < b and c > d"));
}

/* "<p>" and a tag of that many attributes of the form given. */
static size_t guarded(const char *attribute, int count)
{
    struct buf text;
    size_t size;

    buf_init(&text, 1 << 20);
    buf_puts(&text, "<p>");
    buf_puts(&text, "<b");
    for (int i = 0; i < count; i++)
        buf_puts(&text, attribute);
    buf_puts(&text, ">");
    size = html_guard(buf_slice(&text)).size;
    size = size == text.size ? 0 : size;
    buf_fini(&text);
    return size;
}

static void attribute_limit(void **state)
{
    static const char *const forms[] = {" a",         " a=b",   " a='b c d'",
                                        " a = \"b\"", "\na= b", " a='x'\t"};

    (void) state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        assert_int_equal(guarded(forms[i], HTML_ATTRIBUTES_MAX), 0);
        assert_int_equal(guarded(forms[i], HTML_ATTRIBUTES_MAX + 1), 3);
    }
}

/* Words inside a value are none: descriptions and scripts run to thousands of them. */
static void long_values_pass(void **state)
{
    struct buf text;

    (void) state;
    buf_init(&text, 1 << 20);
    buf_puts(&text, "<meta content='");
    for (int i = 0; i < 5000; i++)
        buf_puts(&text, "word = \"x\" ");
    buf_puts(&text, "'>");
    check_whole(buf_slice(&text));
    buf_fini(&text);
}

/* Nor are the words of scripts and comments. */
static void scripts_and_comments_pass(void **state)
{
    static const char *const openings[] = {"<script>if (a<b) x", "<STYLE a=b>a<b", "<!-- a<b"};
    struct buf text;

    (void) state;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        buf_reset(&text);
        buf_puts(&text, openings[i]);
        for (int word = 0; word < 5000; word++)
            buf_puts(&text, " word");
        check_whole(buf_slice(&text));
    }
    buf_fini(&text);
    assert_int_equal(guarded("", 0), 0);
}

static void tag_limit(void **state)
{
    struct buf text;

    (void) state;
    buf_init(&text, 1 << 22);
    for (int i = 0; i < HTML_TAGS_MAX; i++)
        buf_puts(&text, "<b>");
    check_whole(buf_slice(&text));
    buf_puts(&text, "text<b>");
    assert_int_equal(html_guard(buf_slice(&text)).size, 3 * HTML_TAGS_MAX + 4);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_pass),       cmocka_unit_test(attribute_limit),
        cmocka_unit_test(long_values_pass), cmocka_unit_test(scripts_and_comments_pass),
        cmocka_unit_test(tag_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
