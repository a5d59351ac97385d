/* url_path: segments and dots. */
#include "crawler/url_path.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static struct buf out;

static const char *path(const char *kept, const char *text)
{
    buf_reset(&out);
    url_path_put(&out, slice_from(kept), slice_from(text));
    return buf_text(&out);
}

static void segments(void **state)
{
    (void) state;
    assert_string_equal(path("", ""), "/");
    assert_string_equal(path("", "a"), "/a");
    assert_string_equal(path("", "a/"), "/a/");
    assert_string_equal(path("", "a//b"), "/a//b");
    assert_string_equal(path("", "a\\b"), "/a/b");
    assert_string_equal(path("/x/y", "a"), "/x/y/a");
    assert_string_equal(path("", "a b{\"}"), "/a%20b%7B%22%7D");
    assert_string_equal(path("", "A%7e%zz"), "/A%7e%zz");
}

static void dots(void **state)
{
    (void) state;
    assert_string_equal(path("", "."), "/");
    assert_string_equal(path("", ".."), "/");
    assert_string_equal(path("", "a/."), "/a/");
    assert_string_equal(path("", "a/./b"), "/a/b");
    assert_string_equal(path("", "a/.."), "/");
    assert_string_equal(path("", "a/../b"), "/b");
    assert_string_equal(path("", "../../b"), "/b");
    assert_string_equal(path("", "a/b/../../../c"), "/c");
    assert_string_equal(path("/x/y", ".."), "/x/");
    assert_string_equal(path("/x/y", "../z"), "/x/z");
    assert_string_equal(path("", "%2e"), "/");
    assert_string_equal(path("", "a/%2E%2e/b"), "/b");
    assert_string_equal(path("", "a/.%2e/b"), "/b");
    assert_string_equal(path("", "..."), "/...");
    assert_string_equal(path("", "%2e%2e%2e"), "/%2e%2e%2e");
    assert_string_equal(path("", ".a"), "/.a");
    assert_string_equal(path("", "a//.."), "/a/");
}

/* What was written before the path is not climbed into. */
static void stops_at_its_start(void **state)
{
    (void) state;
    buf_reset(&out);
    buf_puts(&out, "host/x");
    url_path_put(&out, SLICE(""), SLICE("../../y"));
    assert_string_equal(buf_text(&out), "host/x/y");
}

static void check_folder(const char *of, const char *expected)
{
    struct slice folder = url_path_folder(slice_from(of));

    assert_int_equal(folder.size, strlen(expected));
    assert_memory_equal(folder.data, expected, folder.size);
}

static void folders(void **state)
{
    (void) state;
    check_folder("/a/b", "/a");
    check_folder("/a/b/", "/a/b");
    check_folder("/a", "");
    check_folder("/", "");
}

static int set_up(void **state)
{
    (void) state;
    buf_init(&out, 1000);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    buf_fini(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments),
        cmocka_unit_test(dots),
        cmocka_unit_test(stops_at_its_start),
        cmocka_unit_test(folders),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
