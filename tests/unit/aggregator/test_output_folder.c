#include "tests/unit/aggregator/folder.h"

#include "aggregator/output_folder.h"
#include "base/util/crash.h"

#include <signal.h>
#include <sys/resource.h>

static struct output_folder *begin(const char *path)
{
    struct output_folder *folder = NULL;
    struct error err;

    if (output_begin(path, &folder, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return folder;
}

static void write_marked(struct output_folder *folder, const char *text)
{
    assert_int_equal(output_write(folder, "measures.json", SLICE("{}"), NULL), STATUS_OK);
    assert_int_equal(output_write(folder, "a.csv", slice_from(text), NULL), STATUS_OK);
    assert_int_equal(output_write(folder, "figures/b.csv", slice_from(text), NULL), STATUS_OK);
}

static void appears_whole_with_its_parents(void **state)
{
    const char *base = folder_make();
    char path[FOLDER_PATH];
    struct output_folder *folder;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out/deep/", base);
    folder = begin(path);
    write_marked(folder, "1");
    assert_false(folder_has(base, "out/deep"));
    assert_true(folder_has(base, "out/deep.part/a.csv"));
    assert_int_equal(output_commit(folder, NULL), STATUS_OK);
    assert_true(folder_has(base, "out/deep/figures/b.csv"));
    assert_false(folder_has(base, "out/deep.part"));
    folder_remove(base);
}

static void replaces_earlier_results(void **state)
{
    const char *base = folder_make();
    char path[FOLDER_PATH];

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    for (int i = 0; i < 3; i++) {
        char text[8];
        struct output_folder *folder = begin(path);

        (void) snprintf(text, sizeof text, "%d", i);
        write_marked(folder, text);
        assert_int_equal(output_commit(folder, NULL), STATUS_OK);
        assert_string_equal(folder_read(base, "out/a.csv"), text);
        assert_false(folder_has(base, "out.part"));
    }
    folder_remove(base);
}

static void an_abort_leaves_the_old_one(void **state)
{
    const char *base = folder_make();
    char path[FOLDER_PATH];
    struct output_folder *folder;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    folder = begin(path);
    write_marked(folder, "old");
    assert_int_equal(output_commit(folder, NULL), STATUS_OK);
    folder = begin(path);
    write_marked(folder, "new");
    output_abort(folder);
    assert_string_equal(folder_read(base, "out/a.csv"), "old");
    assert_false(folder_has(base, "out.part"));
    output_abort(NULL);
    folder_remove(base);
}

static bool dies(void *self, enum crash_point point)
{
    (void) self;
    return point == CRASH_REPORT_BEFORE_RENAME;
}

/* What a crash right before the rename leaves is no results, and the next run replaces it. */
static void a_crash_before_the_rename_changes_nothing(void **state)
{
    const char *base = folder_make();
    char path[FOLDER_PATH], part[FOLDER_PATH + 8];
    struct output_folder *folder;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    folder = begin(path);
    write_marked(folder, "1");
    crash_set_hook(dies, NULL);
    assert_int_equal(output_commit(folder, NULL), STATUS_CRASHED);
    crash_set_hook(NULL, NULL);
    assert_false(folder_has(base, "out"));
    (void) snprintf(part, sizeof part, "%s.part", path);
    assert_int_equal(mkdir(part, 0777), 0); /* as a kill leaves it */
    folder_write(base, "out.part/half.csv", "x");
    folder = begin(path);
    write_marked(folder, "2");
    assert_int_equal(output_commit(folder, NULL), STATUS_OK);
    assert_false(folder_has(base, "out/half.csv"));
    assert_string_equal(folder_read(base, "out/a.csv"), "2");
    folder_remove(base);
}

static void other_peoples_folders_are_left_alone(void **state)
{
    const char *base = folder_make();
    struct output_folder *folder = NULL;
    char path[FOLDER_PATH];
    struct error err;

    (void) state;
    folder_write(base, "thesis.docx", "years of work");
    assert_int_equal(output_begin(base, &folder, &err), STATUS_EXISTS);
    assert_non_null(strstr(err.message, base));
    assert_true(folder_has(base, "thesis.docx"));
    (void) snprintf(path, sizeof path, "%s/thesis.docx", base);
    assert_int_equal(output_begin(path, &folder, &err), STATUS_EXISTS);
    assert_int_equal(output_begin("", &folder, &err), STATUS_USAGE);
    folder_remove(base);
}

/* A limit on the size of files stands for the full disk: the write fails, the old folder stays. */
static void a_full_disk_is_told_and_harms_nothing(void **state)
{
    const char *base = folder_make();
    char path[FOLDER_PATH], large[4096];
    struct output_folder *folder;
    struct rlimit before;
    struct error err;
    enum status status;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    folder = begin(path);
    write_marked(folder, "old");
    assert_int_equal(output_commit(folder, NULL), STATUS_OK);
    folder = begin(path);
    memset(large, 'x', sizeof large);
    (void) signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){64, before.rlim_max}), 0);
    status = output_write(folder, "a.csv", slice_of(large, sizeof large), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_not_equal(status, STATUS_OK);
    assert_non_null(strstr(err.message, "out.part/a.csv"));
    output_abort(folder);
    assert_string_equal(folder_read(base, "out/a.csv"), "old");
    folder_remove(base);
}

static void one_file_is_renamed_into_place(void **state)
{
    const char *base = folder_make();
    char path[FOLDER_PATH];
    struct error err;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/net.gexf", base);
    assert_int_equal(output_file(path, SLICE("abc"), NULL), STATUS_OK);
    assert_string_equal(folder_read(base, "net.gexf"), "abc");
    assert_false(folder_has(base, "net.gexf.part"));
    (void) snprintf(path, sizeof path, "%s/none/net.gexf", base);
    assert_int_not_equal(output_file(path, SLICE("abc"), &err), STATUS_OK);
    assert_non_null(strstr(err.message, "none/net.gexf"));
    folder_remove(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appears_whole_with_its_parents),
        cmocka_unit_test(replaces_earlier_results),
        cmocka_unit_test(an_abort_leaves_the_old_one),
        cmocka_unit_test(a_crash_before_the_rename_changes_nothing),
        cmocka_unit_test(other_peoples_folders_are_left_alone),
        cmocka_unit_test(a_full_disk_is_told_and_harms_nothing),
        cmocka_unit_test(one_file_is_renamed_into_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
