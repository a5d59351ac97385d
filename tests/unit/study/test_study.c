#include "study/study.h"

#include "study/rules.h"
#include "study/seeds.h"
#include "tests/support/cmocka_all.h"
#include "tests/unit/study/job_files.h"

static struct temp_dir dir;
static const char *job_path;
static struct study *study;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    study = NULL;
    if (temp_dir_create(&dir))
        return 1;
    job_path = job_files_write(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    study_destroy(study);
    temp_dir_destroy(&dir);
    return 0;
}

static enum status load(const char *path)
{
    struct study_source source = {.job_path = path, .data_dir = SOURCE_DIR};

    return study_load(&source, &study, &err);
}

static void load_ok(const char *path)
{
    if (load(path) != STATUS_OK)
        fail_msg("%s", err.message);
}

static void fails(const char *name, const char *text, enum status status, const char *message)
{
    temp_dir_write(&dir, name, text);
    assert_int_equal(load(job_path), status);
    assert_null(study);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static void test_from_the_disk(void **state)
{
    (void) state;
    load_ok(job_path);
    assert_string_equal(study->region.name.data, "small");
    assert_int_equal(study->platform_count, 2);
    assert_ptr_equal(study->region.publishers[0].platform, &study->platforms[0]);
    assert_ptr_equal(study->region.publishers[2].platform, &study->platforms[1]);
    assert_string_equal(study->codebook.name.data, "visits");
    assert_string_equal(study->codebook.directory.data, SOURCE_DIR "/codebooks/visits");
    assert_int_equal(study->codebook.sha256.size, 64);
    assert_int_equal(study->file_count, 5);
    assert_string_equal(study->files[0].name.data, "job.yaml");
    assert_string_equal(study->files[1].name.data, "region.yaml");
    assert_string_equal(study->files[2].name.data, "platforms/page.yaml");
    assert_string_equal(study->files[4].name.data, "visits");
    assert_string_equal(study->files[0].content.data, JOB_TEXT);
}

static void test_the_jobs_directory(void **state)
{
    const struct study_source elsewhere = {.directory = "/srv/job", .data_dir = SOURCE_DIR};
    struct study_source source = elsewhere;
    struct study *again;

    (void) state;
    load_ok(job_path);
    assert_string_equal(study->directory.data, dir.path);
    source.files = study->files;
    source.file_count = study->file_count;
    assert_int_equal(study_load(&source, &again, &err), STATUS_OK);
    assert_string_equal(again->directory.data, "/srv/job");
    study_destroy(again);
}

static void test_what_a_job_asks_must_be_in_its_codebook(void **state)
{
    (void) state;
    fails("job.yaml", JOB_TEXT "llm: {endpoint: http://x/v1, model: m, ask: [{task: weather}]}\n",
          STATUS_INVALID, "job.yaml:6: llm.ask: 'weather' is no task that codebook 'visits' has");
}

static void check_same(const struct study *a, const struct study *b)
{
    assert_int_equal(a->file_count, b->file_count);
    for (size_t i = 0; i < a->file_count; i++) {
        assert_string_equal(a->files[i].name.data, b->files[i].name.data);
        assert_memory_equal(a->files[i].sha256, b->files[i].sha256, SHA256_SIZE);
    }
    assert_int_equal(a->list_count, b->list_count);
    assert_string_equal(gazetteer_version(a->gazetteer), gazetteer_version(b->gazetteer));
    assert_string_equal(a->codebook.sha256.data, b->codebook.sha256.data);
    assert_string_equal(a->codebook.directory.data, b->codebook.directory.data);
}

static void test_from_embedded_files(void **state)
{
    struct study_source source = {.data_dir = SOURCE_DIR};
    struct study *again = NULL;

    (void) state;
    load_ok(job_path);
    source.files = study->files;
    source.file_count = study->file_count;
    assert_int_equal(study_load(&source, &again, &err), STATUS_OK);
    check_same(study, again);
    study_destroy(again);
    source.file_count = 3;
    assert_int_equal(study_load(&source, &again, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "'platforms/post.yaml' is not among the files of the job"));
    source.file_count = 0;
    assert_int_equal(study_load(&source, &again, &err), STATUS_INVALID);
}

static void test_shipped_jobs(void **state)
{
    (void) state;
    load_ok(SOURCE_DIR "/jobs/yrd.yaml");
    assert_int_equal(study->list_count, 1640);
    assert_int_equal(study->region.city_count, 41);
    assert_int_equal(region_city_of_url(&study->region, SLICE("http://www.suzhou.gov.cn/x")), 5);
    study_destroy(study);
    study = NULL;
    load_ok(SOURCE_DIR "/jobs/demo.yaml");
    assert_int_equal(study->list_count, 1640);
    assert_true(rules_all_loopback(&study->region));
    assert_string_equal(study->region.publishers[40].host.data, "127.0.2.41");
    assert_true(study->platform_count >= 19);
    study_destroy(study);
    study = NULL;
    load_ok(SOURCE_DIR "/jobs/demo-llm.yaml");
    assert_int_equal(study->list_count, 1640);
    assert_true(study->job.llm.ask_count > 0);
}

static void test_without_a_job(void **state)
{
    (void) state;
    assert_int_equal(study_load_parts("yrd", NULL, SOURCE_DIR, &study, &err), STATUS_OK);
    assert_int_equal(study->region.city_count, 41);
    assert_string_equal(study->codebook.name.data, "visits");
    study_destroy(study);
    assert_int_equal(study_load_parts(NULL, "visits", SOURCE_DIR, &study, &err), STATUS_OK);
    assert_int_equal(study->region.city_count, 0);
    study_destroy(study);
    study = NULL;
    assert_int_equal(study_load_parts(NULL, "nothing", SOURCE_DIR, &study, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "codebook: 'nothing' is nowhere to be found"));
}

static void test_missing_files(void **state)
{
    (void) state;
    assert_int_equal(load("/nonexistent/job.yaml"), STATUS_NOT_FOUND);
    fails("job.yaml",
          "job: t\nregion: other.yaml\ncodebook: visits\nperiod: {from: 2010-01-01, to: "
          "2023-12-31}\ncrawl: {contact: a}\n",
          STATUS_NOT_FOUND, "job.yaml: region: 'other.yaml' is nowhere to be found (looked at /");
    fails("job.yaml",
          "job: t\nregion: region.yaml\ncodebook: nosuch\nperiod: {from: 2010-01-01, to: "
          "2023-12-31}\ncrawl: {contact: a}\n",
          STATUS_NOT_FOUND, "codebook: 'nosuch' is nowhere");
    fails("region.yaml",
          "region: r\ncities:\n  - name: 苏州\n    publishers:\n      - {site: \"http://a.cn\", "
          "platform: nosuch}\n",
          STATUS_NOT_FOUND,
          "region.yaml:5: publishers.platform: 'platforms/nosuch.yaml' is nowhere");
    fails("region.yaml",
          "region: r\ncities:\n  - {name: 苏州, publishers: [{site: \"http://a.cn\", platform: "
          "../x}]}\n",
          STATUS_INVALID, "publishers.platform: '../x' may have only letters");
    fails("region.yaml", REGION_TEXT "distances: roads.tsv\n", STATUS_NOT_FOUND,
          "region.yaml: distances: 'roads.tsv' is nowhere");
}

static void test_broken_files(void **state)
{
    (void) state;
    fails("platforms/page.yaml", "platform: page\nrequest: [\n", STATUS_INVALID,
          "platforms/page.yaml:3: not YAML");
    fails("platforms/page.yaml", "platform: other\n", STATUS_INVALID, "platforms/page.yaml:1: ");
    fails("region.yaml", "region: r\ncities: 5\n", STATUS_INVALID,
          "region.yaml:2: cities: must be a list, not a text");
    fails("job.yaml", JOB_HEAD "crawl: {contact: a}\nextra: 1\n", STATUS_INVALID,
          "job.yaml:6: extra: unknown field");
}

static void test_a_file_beside_the_region_wins(void **state)
{
    (void) state;
    temp_dir_write(&dir, "platforms/jsearch.yaml",
                   "platform: jsearch\nrequest: {url: \"{site}/mine?{keyword}{page}\"}\n"
                   "response: {kind: html, hits: //li, link: ./a/@href}\n");
    temp_dir_write(
        &dir, "region.yaml",
        "region: r\ncities:\n"
        "  - {name: 苏州, publishers: [{site: \"http://127.0.0.1\", platform: jsearch}]}\n"
        "  - {name: 上海, publishers: [{site: \"http://127.0.0.2\", platform: jrobot}]}\n");
    load_ok(job_path);
    assert_string_equal(study->platforms[0].request.url.data, "{site}/mine?{keyword}{page}");
    assert_string_equal(study->platforms[1].name.data, "jrobot");
}

static void test_loopback_rules(void **state)
{
    static const char outside[] =
        "region: r\ncities:\n"
        "  - {name: 苏州, publishers: [{site: \"http://127.0.0.1\", platform: page}]}\n"
        "  - {name: 上海, publishers: [{site: \"http://www.example.cn\", platform: page}]}\n";

    (void) state;
    fails("job.yaml", JOB_HEAD "crawl: {contact: a}\n", STATUS_INVALID,
          "region.yaml:5: publishers.site: 'http://127.0.2.1:18090' is a loopback or private");
    temp_dir_write(&dir, "region.yaml", outside);
    fails("job.yaml", JOB_HEAD "crawl: {contact: a, delay: 0s, allow_private_addresses: true}\n",
          STATUS_INVALID, "job.yaml:5: crawl.delay: 0s is for tests");
    fails("job.yaml",
          JOB_HEAD "crawl: {contact: a, robots: ignore-for-tests, allow_private_addresses: true}\n",
          STATUS_INVALID, "'www.example.cn' is none (write robots: obey)");
    temp_dir_write(&dir, "region.yaml", REGION_TEXT);
    temp_dir_write(&dir, "job.yaml",
                   JOB_HEAD "crawl: {contact: a, delay: 0s, robots: ignore-for-tests, "
                            "allow_private_addresses: true}\n");
    load_ok(job_path);
}

static void test_ports(void **state)
{
    (void) state;
    temp_dir_write(&dir, "job.yaml",
                   JOB_HEAD "crawl: {contact: a, allow_private_addresses: true, ports: [8443]}\n");
    load_ok(job_path);
    assert_true(rules_port_allowed(study, 80));
    assert_true(rules_port_allowed(study, 443));
    assert_true(rules_port_allowed(study, 18090));
    assert_true(rules_port_allowed(study, 8443));
    assert_false(rules_port_allowed(study, 22));
}

static void test_pairs_of_the_job(void **state)
{
    (void) state;
    temp_dir_write(&dir, "job.yaml", JOB_TEXT "pairs: [[苏州, 宿州], [上海, 苏州]]\n");
    load_ok(job_path);
    assert_int_equal(study->list_count, 5); /* 苏州 has two publishers, 宿州 two names */
    study_destroy(study);
    study = NULL;
    fails("job.yaml", JOB_TEXT "pairs: [[苏州, 杭州]]\n", STATUS_INVALID,
          "job.yaml:6: pairs: '杭州' is no city of region 'small'");
    fails("job.yaml", JOB_TEXT "pairs: [[苏州, 苏州]]\n", STATUS_INVALID,
          "'苏州' is paired with itself");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_from_the_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_jobs_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_a_job_asks_must_be_in_its_codebook, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_from_embedded_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shipped_jobs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_a_job, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_broken_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_beside_the_region_wins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_loopback_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ports, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pairs_of_the_job, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
