#include "study/tools.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static struct error err;

static void test_shipped(void **state)
{
    struct tools *tools = NULL;
    struct buf path;

    (void) state;
    assert_int_equal(tools_open(SOURCE_DIR "/codebooks/visits/codebook.yaml", true, &tools, &err),
                     STATUS_OK);
    assert_non_null(tools->judge);
    buf_init(&path, 4096);
    assert_int_equal(tools_path(tools, "titles.tsv", &path, &err), STATUS_OK);
    assert_true(slice_ends(buf_slice(&path), SLICE("visits/titles.tsv")));
    buf_fini(&path);
    tools_close(tools);
    tools_close(NULL);
}

static void test_lent_study(void **state)
{
    struct tools *tools = NULL;
    struct study *study = NULL;

    (void) state;
    assert_int_equal(study_load_parts(NULL, SOURCE_DIR "/codebooks/visits/codebook.yaml",
                                      SOURCE_DIR, &study, &err),
                     STATUS_OK);
    assert_int_equal(tools_open_study(study, false, &tools, &err), STATUS_OK);
    assert_null(tools->judge);
    assert_ptr_equal(tools->study, study);
    tools_close(tools);
    assert_true(study->codebook.keyword_count > 0); /* still there */
    study_destroy(study);
}

static void test_no_such_codebook(void **state)
{
    struct tools *tools = NULL;

    (void) state;
    assert_int_not_equal(tools_open("/nowhere/codebook.yaml", true, &tools, &err), STATUS_OK);
    assert_null(tools);
    assert_non_null(strstr(err.message, "/nowhere/codebook.yaml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_lent_study),
        cmocka_unit_test(test_no_such_codebook),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
