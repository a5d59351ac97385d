#include "extractor/command_extract.h"

#include "tests/support/cmocka_all.h"

static void test_wrong_usage(void **state)
{
    char *unknown[] = {(char *) "extract", (char *) "--nonsense", NULL};
    char *missing[] = {(char *) "extract", (char *) "--codebook", (char *) "/nowhere/c.yaml", NULL};
    char *nobody[] = {(char *) "extract", (char *) "--llm", (char *) "nonsense", NULL};

    (void) state;
    assert_int_equal(command_extract(2, unknown), 2);
    assert_int_equal(command_extract(3, missing), 2);
    assert_int_equal(command_extract(3, nobody), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_usage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
