#include "cli/job_file.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static struct error err;

static void test_a_name_is_taken_as_it_is(void **state)
{
    struct job_name name;

    (void) state;
    assert_int_equal(job_file_name("yrd_2019", &name, &err), STATUS_OK);
    assert_string_equal(name.text, "yrd_2019");
    assert_int_equal(job_file_name("no name", &name, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "job name 'no name'"));
}

static void test_of_a_file_the_name_is_read(void **state)
{
    struct job_name name;

    (void) state;
    assert_int_equal(job_file_name(SOURCE_DIR "/jobs/demo.yaml", &name, &err), STATUS_OK);
    assert_string_equal(name.text, "demo");
    assert_int_equal(job_file_name("/no/such/job.yaml", &name, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "/no/such/job.yaml"));
}

static void test_a_missing_file_is_a_wrong_one(void **state)
{
    struct study *study = NULL;

    (void) state;
    assert_int_equal(job_file_load("/no/such/job.yaml", &study, NULL), STATUS_INVALID);
    assert_null(study);
    assert_int_equal(job_file_load(SOURCE_DIR "/jobs/demo.yaml", &study, &err), STATUS_OK);
    assert_string_equal(study->job.name.data, "demo");
    study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_is_taken_as_it_is),
        cmocka_unit_test(test_of_a_file_the_name_is_read),
        cmocka_unit_test(test_a_missing_file_is_a_wrong_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
