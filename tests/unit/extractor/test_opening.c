#include "extractor/opening.h"

#include "tests/support/cmocka_all.h"

static struct error err;

static void test_opening(void **state)
{
    struct extractor extractor = {NULL, NULL, NULL, NULL};
    struct tools *tools = NULL;

    (void) state;
    extractor_close(&extractor);
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
        cmocka_unit_test(test_opening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
