#include "study/file.h"

#include "tests/support/cmocka_all.h"
#include "tests/unit/study/temp_dir.h"

static struct temp_dir dir;
static struct arena *arena;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(1 << 20);
    return arena == NULL || temp_dir_create(&dir);
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    temp_dir_destroy(&dir);
    return 0;
}

static void test_content(void **state)
{
    struct slice content;

    (void) state;
    assert_int_equal(file_read(temp_dir_write(&dir, "a", "text\n"), 5, arena, &content, &err),
                     STATUS_OK);
    assert_string_equal(content.data, "text\n");
    assert_int_equal(content.size, 5);
    assert_int_equal(file_read(temp_dir_write(&dir, "b", ""), 5, arena, &content, &err), STATUS_OK);
    assert_int_equal(content.size, 0);
}

static void test_failures(void **state)
{
    struct slice content;

    (void) state;
    assert_int_equal(file_read("/nonexistent/x", 5, arena, &content, &err), STATUS_NOT_FOUND);
    assert_string_equal(err.message, "/nonexistent/x: there is no such file");
    assert_int_equal(file_read(dir.path, 5, arena, &content, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "is a directory"));
    assert_int_equal(file_read(temp_dir_write(&dir, "a", "123456"), 5, arena, &content, &err),
                     STATUS_TOO_LARGE);
    assert_int_equal(file_read("/dev/zero", 1000, arena, &content, &err), STATUS_TOO_LARGE);
    assert_non_null(strstr(err.message, "/dev/zero: is larger than 1000 bytes"));
}

static void test_existence(void **state)
{
    (void) state;
    assert_true(file_exists(temp_dir_write(&dir, "a", "")));
    assert_false(file_exists(dir.path));
    assert_false(file_exists("/nonexistent"));
}

static void test_directories(void **state)
{
    (void) state;
    assert_string_equal(file_directory("a/b/c.yaml", arena), "a/b");
    assert_string_equal(file_directory("c.yaml", arena), ".");
    assert_string_equal(file_directory("/c.yaml", arena), "/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_content, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_existence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_directories, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
