#include "tests/sites/truth.h"

#include "tests/sites/page.h"
#include "tests/sites/unit/small_world.h"

#include <stdlib.h>

/* The whole truth as text; the caller frees it. */
static char *truth_of(const struct world *world)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    assert_int_equal(truth_write(world, file, NULL), STATUS_OK);
    fclose(file);
    return text;
}

static size_t lines_with(struct slice text, struct slice part)
{
    size_t count = 0;

    while (text.data != NULL)
        count += slice_contains(slice_split(&text, '\n'), part);
    return count;
}

static void test_equal_every_time(void **state)
{
    struct world *one = city_world(7, 800, 41);
    struct world *two = city_world(7, 800, 41);
    char *a = truth_of(one);
    char *b = truth_of(two);

    (void) state;
    assert_string_equal(a, b);
    free(a);
    free(b);
    world_destroy(one);
    world_destroy(two);
}

static void test_lines(void **state)
{
    struct world *world = city_world(7, 800, 9);
    char *truth = truth_of(world);
    struct slice text = slice_from(truth);

    (void) state;
    assert_int_equal(lines_with(text, SLICE("{\"type\":\"meta\"")), 1);
    assert_int_equal(lines_with(text, SLICE("{\"type\":\"list\"")), 9 * 8);
    assert_int_equal(lines_with(text, SLICE("{\"type\":\"document\"")), 800);
    assert_int_equal(lines_with(text, SLICE("{\"type\":\"dead_end\"")),
                     world->document_count - world->page_count);
    assert_int_equal(lines_with(text, SLICE("\"date\":null,\"title\"")) > 0, true);
    free(truth);
    world_destroy(world);
}

static bool has_kind(struct slice line, struct slice kind)
{
    return slice_contains(line, kind);
}

static void test_documents(void **state)
{
    struct world *world = city_world(7, 2000, 41);
    char *truth = truth_of(world);
    struct slice text = slice_from(truth);

    (void) state;
    while (text.data != NULL) {
        struct slice line = slice_split(&text, '\n');
        bool visit = has_kind(line, SLICE("\"kind\":\"visit\""));

        if (visit) {
            assert_true(slice_contains(line, SLICE("\"is_visit\":true")));
            assert_true(slice_contains(line, SLICE("\"words\":true")));
            assert_true(slice_contains(line, SLICE("\"events\":[{\"origin\":\"")));
        }
        if (has_kind(line, SLICE("\"kind\":\"blank\"")))
            assert_true(slice_contains(line, SLICE("\"blank\":true")));
        if (has_kind(line, SLICE("\"kind\":\"inspection\"")) ||
            has_kind(line, SLICE("\"kind\":\"weather\"")))
            assert_true(slice_contains(line, SLICE("\"is_visit\":false,")));
    }
    free(truth);
    world_destroy(world);
}

static void test_full_disk(void **state)
{
    struct world *world = city_world(7, 100, 3);
    FILE *file = fopen("/dev/full", "w");
    struct error err;

    (void) state;
    assert_int_equal(truth_write(world, file, &err), STATUS_DISK_FULL);
    fclose(file);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_every_time),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_full_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
