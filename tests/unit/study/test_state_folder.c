/* What is kept below DATA/state, and forgotten. */
#include "study/state_folder.h"

#include "tests/support/cmocka_all.h"
#include "tests/unit/study/temp_dir.h"

static struct temp_dir dir;
static struct state_place place;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    place = (struct state_place){dir.path, "j", "main", 2};
    return temp_dir_create(&dir);
}

static int tear_down(void **state)
{
    (void) state;
    temp_dir_destroy(&dir);
    return 0;
}

/* A folder with two files, like a store. Its path is valid until the next call. */
static const char *make_store(const char *name)
{
    static char made[256];
    char file[300];
    struct buf path;

    buf_init(&path, 256);
    assert_int_equal(state_path(&place, name, &path, &err), STATUS_OK);
    (void) snprintf(made, sizeof made, "%s", buf_text(&path));
    buf_fini(&path);
    assert_int_equal(mkdir(made, 0700), 0);
    for (int i = 0; i < 2; i++) {
        FILE *out;
        (void) snprintf(file, sizeof file, "%s/%d.sst", made, i);
        out = fopen(file, "w");
        assert_non_null(out);
        (void) fclose(out);
    }
    return made;
}

static bool exists(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0;
}

static void check_path(const char *name, const char *expected)
{
    char whole[128];
    struct buf path;

    buf_init(&path, 256);
    assert_int_equal(state_path(&place, name, &path, &err), STATUS_OK);
    (void) snprintf(whole, sizeof whole, "%s/state/%s", dir.path, expected);
    assert_string_equal(buf_text(&path), whole);
    buf_fini(&path);
}

static void test_names(void **state)
{
    (void) state;
    check_path("aggregator", "aggregator-j.main-2");
    place.job = NULL;
    check_path("frontier", "frontier-2");
}

static void test_a_folder_that_cannot_be(void **state)
{
    struct buf path;

    (void) state;
    place.data = "/nowhere/at/all";
    buf_init(&path, 256);
    assert_int_not_equal(state_path(&place, "aggregator", &path, &err), STATUS_OK);
    assert_non_null(strstr(err.message, "cannot create /nowhere/at/all/state"));
    buf_fini(&path);
}

static void test_forgetting(void **state)
{
    char answers[256], fold[256], other[256], neighbour[256];

    (void) state;
    assert_int_equal(state_forget(&place, "classifier", &err), STATUS_OK); /* nothing there */
    (void) snprintf(answers, sizeof answers, "%s", make_store("answers-classifier"));
    (void) snprintf(fold, sizeof fold, "%s", make_store("classifier"));
    (void) snprintf(other, sizeof other, "%s", make_store("answers-extractor"));
    place.index = 3;
    (void) snprintf(neighbour, sizeof neighbour, "%s", make_store("classifier"));
    place.index = 2;
    assert_int_equal(state_forget(&place, "classifier", &err), STATUS_OK);
    assert_false(exists(answers));
    assert_false(exists(fold));
    assert_true(exists(other));     /* another stage's */
    assert_true(exists(neighbour)); /* another worker's */
    assert_int_equal(state_forget(&place, "extractor", &err), STATUS_OK);
    place.index = 3;
    assert_int_equal(state_forget(&place, "classifier", &err), STATUS_OK);
}

static void test_what_is_no_store_stays(void **state)
{
    char inner[300];

    (void) state;
    (void) snprintf(inner, sizeof inner, "%s/deep", make_store("classifier"));
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_not_equal(state_forget(&place, "classifier", &err), STATUS_OK);
    assert_non_null(strstr(err.message, "cannot remove"));
    assert_true(exists(inner));
    assert_int_equal(rmdir(inner), 0);
    assert_int_equal(state_forget(&place, "classifier", &err), STATUS_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_names),
        TEST(test_a_folder_that_cannot_be),
        TEST(test_forgetting),
        TEST(test_what_is_no_store_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
