#include "extractor/commands.h"

#include "tests/support/cmocka_all.h"

static struct error err;

static void test_wrong_usage(void **state)
{
    char *unknown[] = {(char *) "extract", (char *) "--nonsense", NULL};
    char *missing[] = {(char *) "extract", (char *) "--codebook", (char *) "/nowhere/c.yaml", NULL};

    (void) state;
    assert_int_equal(command_extract(2, unknown), 2);
    assert_int_equal(command_extract(3, missing), 2);
}

static void test_opening(void **state)
{
    struct extractor extractor = {NULL, NULL, NULL, NULL};
    struct tools *tools = NULL;

    (void) state;
    assert_int_equal(tools_open(SOURCE_DIR "/codebooks/visits/codebook.yaml", false, &tools, &err),
                     STATUS_OK);
    assert_int_equal(extractor_open(tools, &extractor, &err), STATUS_OK);
    assert_ptr_equal(extractor.reader, tools->reader);
    assert_non_null(extractor.titles);
    assert_non_null(extractor.departments);
    extractor_close(&extractor);
    assert_null(extractor.titles);
    tools_close(tools);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_usage),
        cmocka_unit_test(test_opening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
