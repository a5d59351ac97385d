#include "study/plan.h"

#include "base/json.h"
#include "study/plan_print.h"
#include "tests/support/cmocka_all.h"
#include "tests/unit/study/job_files.h"

static struct temp_dir dir;
static struct study *study;
static struct arena *arena;
static struct plan plan;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    study = NULL;
    arena = arena_create(16 << 20);
    if (arena == NULL || temp_dir_create(&dir))
        return 1;
    (void) job_files_write(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    study_destroy(study);
    arena_destroy(arena);
    temp_dir_destroy(&dir);
    return 0;
}

static enum status make(struct plan_options options)
{
    struct study_source source = {.data_dir = SOURCE_DIR};
    char path[256];

    (void) snprintf(path, sizeof path, "%s/job.yaml", dir.path);
    source.job_path = path;
    if (study_load(&source, &study, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return plan_make(study, &options, arena, &plan, &err);
}

static void test_counts(void **state)
{
    (void) state;
    assert_int_equal(make((struct plan_options){30, 10, 1000, 0, 0}), STATUS_OK);
    assert_int_equal(plan.cities, 3);
    assert_int_equal(plan.publishers, 4);
    assert_int_equal(plan.lists, 11);
    assert_int_equal(plan.documents, 330);
    assert_int_equal(plan.host_count, 4);
    assert_int_equal(plan.requests, 11 * (4 + 30) + 4);
    assert_string_equal(plan.hosts[0].host.data, "127.0.2.1");
    assert_int_equal(plan.hosts[0].lists, 3);
    assert_int_equal(plan.hosts[0].cities, 1);
    assert_int_equal(plan.hosts[0].least_requests, 4);
    assert_int_equal(plan.hosts[0].requests, 3 * 34 + 1);
    assert_int_equal(plan.hosts[0].least_ms, 4 * 2000);
    assert_int_equal(plan.hosts[0].expected_ms, 103 * 2000);
    assert_string_equal(plan.hosts[3].host.data, "127.0.2.2");
    assert_int_equal(plan.model.calls, 0);
    assert_int_equal(plan.warning_count, 0);
}

static void test_hours_and_limits_count(void **state)
{
    (void) state;
    temp_dir_write(&dir, "job.yaml",
                   JOB_HEAD "crawl: {contact: a, allow_private_addresses: true, hours: "
                            "'22:00-04:00', max_pages_per_list: 2, max_requests: 10}\n"
                            "llm: {endpoint: http://x, model: m, budget: {calls: 7}}\n");
    assert_int_equal(make((struct plan_options){30, 10, 1000, 0, 0}), STATUS_OK);
    assert_int_equal(plan.hosts[0].requests, 3 * 32 + 1);
    assert_int_equal(plan.hosts[0].expected_ms, 97 * 2000 * 4);
    assert_int_equal(plan.model.calls, 7);
    assert_int_equal(plan.warning_count, 1);
    assert_non_null(strstr(plan.warnings[0].data, "the job pauses at max_requests 10"));
}

static void test_absurd_assumptions_do_not_overflow(void **state)
{
    (void) state;
    temp_dir_write(&dir, "job.yaml",
                   JOB_HEAD "crawl: {contact: a, allow_private_addresses: true, delay: 1d}\n");
    assert_int_equal(make((struct plan_options){UINT64_MAX, 1, INT64_MAX, 0, 0}), STATUS_OK);
    assert_true(plan.hosts[0].expected_ms > 0);
}

static void test_defaults_are_told(void **state)
{
    (void) state;
    assert_int_equal(make((struct plan_options){0}), STATUS_OK);
    assert_int_equal(plan.assumed.hits_per_list, 450);
    assert_int_equal(plan.assumed.hits_per_page, 10);
    assert_int_equal(plan.assumed.answer_ms, 500);
}

static void test_warnings(void **state)
{
    (void) state;
    temp_dir_write(
        &dir, "region.yaml",
        "region: r\ncities:\n"
        "  - {name: 苏州, publishers: [{site: \"http://127.0.0.1\", platform: page}]}\n"
        "  - {name: 上海, publishers: [{site: \"http://127.0.0.1\", platform: page}]}\n");
    temp_dir_write(&dir, "platforms/page.yaml",
                   "platform: page\nrequest: {url: \"{site}/{keyword}\"}\n"
                   "response: {kind: html, hits: //li, link: ./a/@href}\n");
    assert_int_equal(make((struct plan_options){0}), STATUS_OK);
    assert_int_equal(plan.host_count, 1);
    assert_int_equal(plan.hosts[0].cities, 2);
    assert_int_equal(plan.warning_count, 4);
    assert_non_null(strstr(plan.warnings[0].data, "lines 3 and 4 of the region search the same"));
    assert_non_null(strstr(plan.warnings[1].data, "'127.0.0.1' speaks for two cities"));
    assert_non_null(strstr(plan.warnings[3].data, "platform 'page' has neither {page} nor next"));
}

static void test_bad_requests_are_found(void **state)
{
    (void) state;
    temp_dir_write(&dir, "platforms/page.yaml",
                   "platform: page\nrequest: {url: \"{site}/{keyword}\", keyword_encoding: "
                   "iso-8859-1}\nresponse: {kind: html, hits: //li, link: ./a/@href}\n");
    assert_int_equal(make((struct plan_options){0}), STATUS_INVALID);
    assert_string_equal(err.message, "platform page: '宿州' cannot be written in iso-8859-1");
}

static void test_a_key_that_is_not_there(void **state)
{
    (void) state;
    temp_dir_write(&dir, "job.yaml",
                   JOB_TEXT "llm: {endpoint: http://x, model: m, key_file: keys/llm}\n");
    assert_int_equal(make((struct plan_options){0}), STATUS_OK);
    assert_int_equal(plan.warning_count, 1);
    assert_non_null(strstr(plan.warnings[0].data, "/keys/llm cannot be read on this machine"));
    assert_int_equal(plan.warnings[0].data[sizeof "llm.key_file: " - 1], '/');
}

static void test_a_key_beside_the_job(void **state)
{
    (void) state;
    temp_dir_write(&dir, "llm.key", "secret\n");
    temp_dir_write(&dir, "job.yaml",
                   JOB_TEXT "llm: {endpoint: http://x, model: m, key_file: llm.key}\n");
    assert_int_equal(make((struct plan_options){0}), STATUS_OK);
    assert_int_equal(plan.warning_count, 0);
    for (size_t i = 0; i < study->file_count; i++)
        assert_false(slice_contains(study->files[i].content, SLICE("secret")));
}

static void test_the_model_is_printed(void **state)
{
    const struct json *value = NULL;
    const struct json *model;
    struct buf out;

    (void) state;
    temp_dir_write(&dir, "job.yaml",
                   JOB_TEXT "llm: {endpoint: http://x, model: m, budget: {calls: 7},\n"
                            "  prices: {prompt: 2, completion: 8}, ask: [{task: visit}]}\n");
    assert_int_equal(make((struct plan_options){30, 10, 1000, 50, 20}), STATUS_OK);
    buf_init(&out, 1 << 16);
    plan_print_table(study, &plan, &out);
    assert_non_null(strstr(buf_text(&out), "language model m at http://x, at most about\n"));
    assert_non_null(strstr(buf_text(&out), "the budget for calls is used up by then: 7 of "));
    assert_non_null(strstr(buf_text(&out), "50 % of documents are screened, 20 % of those"));
    buf_reset(&out);
    plan_print_json(study, &plan, &out);
    assert_int_equal(json_parse(buf_slice(&out), arena, &value, &err), STATUS_OK);
    model = json_member(value, "model");
    assert_int_equal(json_int(json_member(value, "model_calls"), 0), 7);
    assert_int_equal(json_int(json_member(model, "calls"), 0), 7);
    assert_int_equal(json_size(json_member(model, "tasks")), 1);
    assert_true(json_int(json_member(model, "tokens"), 0) > 0);
    buf_fini(&out);
}

static void test_printing(void **state)
{
    const struct json *value = NULL;
    struct buf out;

    (void) state;
    assert_int_equal(make((struct plan_options){30, 10, 1000, 0, 0}), STATUS_OK);
    buf_init(&out, 1 << 16);
    plan_print_table(study, &plan, &out);
    assert_non_null(strstr(buf_text(&out), "3 cities, 4 publishers, 11 search lists, 4 hosts\n"));
    assert_non_null(
        strstr(buf_text(&out), "assumed: 30 hits a list, 10 a page, 1000 ms an answer"));
    assert_non_null(
        strstr(buf_text(&out),
               "127.0.2.1       1       3         4        103         0.1         0.1\n"));
    buf_reset(&out);
    plan_print_json(study, &plan, &out);
    assert_int_equal(json_parse(buf_slice(&out), arena, &value, &err), STATUS_OK);
    assert_int_equal(json_int(json_member(value, "lists"), 0), 11);
    assert_int_equal(json_size(json_member(value, "hosts")), 4);
    assert_int_equal(json_size(json_member(value, "warnings")), 0);
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hours_and_limits_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_absurd_assumptions_do_not_overflow, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_defaults_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_warnings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_requests_are_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_key_that_is_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_key_beside_the_job, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_model_is_printed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_printing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
