#include "cli/replay_same.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static struct study *source, *with;
static struct error err;

static int set_up(void **state)
{
    const struct study_source demo = {.job_path = SOURCE_DIR "/jobs/demo.yaml"};

    (void) state;
    if (study_load(&demo, &source, &err) != STATUS_OK)
        return -1;
    return study_load(&demo, &with, &err) == STATUS_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void) state;
    study_destroy(source);
    study_destroy(with);
    source = with = NULL;
    return 0;
}

static void assert_refused(const char *field)
{
    char prefix[100];

    (void) snprintf(prefix, sizeof prefix, "new.yaml: %s: ", field);
    assert_int_equal(replay_check_same(source, with, "new.yaml", &err), STATUS_INVALID);
    assert_int_equal(strncmp(err.message, prefix, strlen(prefix)), 0);
}

static void test_what_reads_the_documents_may_change(void **state)
{
    (void) state;
    assert_int_equal(replay_check_same(source, with, "new.yaml", &err), STATUS_OK);
    with->files[0].sha256[0] ^= 1;                    /* the job file */
    with->files[with->file_count - 1].sha256[0] ^= 1; /* the codebook */
    with->job.period.from++;
    with->job.llm.model = SLICE("qwen");
    with->job.codebook = SLICE("mine");
    with->job.region = SLICE("./a-copy.yaml");
    assert_int_equal(replay_check_same(source, with, "new.yaml", &err), STATUS_OK);
}

static void test_another_job(void **state)
{
    (void) state;
    with->job.name = SLICE("other");
    assert_refused("job");
    assert_non_null(strstr(err.message, "is 'other', the run to be replayed is of 'demo'"));
}

static void test_another_region_or_platform(void **state)
{
    (void) state;
    for (size_t i = 1; i + 1 < with->file_count; i++) {
        with->files[i].sha256[7] ^= 1;
        assert_refused("region");
        assert_non_null(strstr(err.message, with->files[i].name.data));
        with->files[i].sha256[7] ^= 1;
    }
    with->file_count--;
    assert_refused("region");
}

static void test_other_pairs(void **state)
{
    (void) state;
    with->list_count--;
    assert_refused("pairs");
    with->list_count++;
    with->lists[3].query_city++;
    assert_refused("pairs");
}

/* Every member of `crawl`, changed alone, is noticed under its own name. */
static void test_every_field_of_crawl(void **state)
{
    static const uint64_t ports[] = {8080};
    struct job_crawl *crawl = &with->job.crawl;
    const struct job_crawl kept = with->job.crawl;

    (void) state;
#define CHANGED(field, change)                                                                     \
    do {                                                                                           \
        change;                                                                                    \
        assert_refused("crawl." field);                                                            \
        *crawl = kept;                                                                             \
    } while (0)
    CHANGED("contact", crawl->contact = SLICE("somebody@example.org"));
    CHANGED("delay", crawl->delay_ms++);
    CHANGED("request_timeout", crawl->request_timeout_ms--);
    CHANGED("robots", crawl->robots = JOB_ROBOTS_IGNORE_FOR_TESTS);
    CHANGED("allow_private_addresses", crawl->allow_private_addresses ^= 1);
    CHANGED("max_pages_per_list", crawl->max_pages_per_list++);
    CHANGED("max_body", crawl->max_body++);
    CHANGED("max_requests", crawl->max_requests++);
    CHANGED("hours", crawl->hours = SLICE("22:00-06:00"));
    CHANGED("ports", (crawl->ports = ports, crawl->port_count = 1));
    assert_int_equal(replay_check_same(source, with, "new.yaml", &err), STATUS_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_reads_the_documents_may_change),
        TEST(test_another_job),
        TEST(test_another_region_or_platform),
        TEST(test_other_pairs),
        TEST(test_every_field_of_crawl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
