/* frontier_turn and frontier_lease: whose turn it is on a host that several jobs want. */
#include "tests/unit/crawler/frontier_world.h"

static void link_as(struct world *world, const char *job, const char *url)
{
    world->speaker = job;
    world_article(world, url);
    world->speaker = "job";
}

/* Results are the lease's job's. */
static void answer_as_leased(struct world *world, const Xunfang__Lease *lease, int outcome,
                             unsigned http_status)
{
    world->speaker = lease->job;
    world_answer(world, lease, outcome, http_status);
    world->speaker = "job";
}

static void test_jobs_take_turns_on_one_clock(void **state)
{
    struct world *world = world_open(1);
    int64_t ended = 0;
    size_t leases[2] = {0, 0};

    (void) state;
    world->study.job.crawl.delay_ms = 3000; /* one request a lease */
    world->other_study.job.crawl.delay_ms = 1000;
    for (int i = 0; i < 6; i++) {
        link_as(world, "job", arena_printf(world->arena, "http://a.cn/%d", i));
        link_as(world, "other", arena_printf(world->arena, "http://a.cn/%d", i));
    }
    for (int i = 0; i < 6; i++) {
        Xunfang__Lease *lease = world_wait_lease(world, 20000);
        bool other = strcmp(lease->job, "other") == 0;
        assert_int_equal(lease->delay_ms, other ? 1000 : 3000);
        /* The more careful delay holds behind its own requests, too. */
        assert_true(ended == 0 || lease->not_before_ms > ended + (i > 0 ? 3000 : 0));
        ended = lease->not_before_ms + 2 + ((int64_t) lease->n_items - 1) * 1002;
        leases[other]++;
        answer_as_leased(world, lease, OUTCOME(OK), 200);
        world_run(world, 20);
    }
    assert_int_equal(leases[0], 3);
    assert_int_equal(leases[1], 3);
    world_close(world);
}

static void test_same_url_is_each_jobs_own(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;

    (void) state;
    link_as(world, "job", "http://a.cn/1");
    link_as(world, "other", "http://a.cn/1");
    lease = world_wait_lease(world, 1000);
    answer_as_leased(world, lease, OUTCOME(OK), 200);
    assert_string_not_equal(world_wait_lease(world, 5000)->job, lease->job);
    world_close(world);
}

/* robots.txt of an origin is fetched once, whoever asked first. */
static void test_jobs_share_robots(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;
    size_t files = 0, pages = 0;

    (void) state;
    world->study.job.crawl.robots = JOB_ROBOTS_OBEY;
    world->other_study.job.crawl.robots = JOB_ROBOTS_OBEY;
    link_as(world, "job", "http://a.cn/1");
    link_as(world, "other", "http://a.cn/2");
    while ((lease = world_wait_lease(world, 5000)) != NULL) {
        if (lease->items[0]->request->kind == XUNFANG__REQUEST__KIND__ROBOTS)
            files++;
        else
            pages += lease->n_items;
        answer_as_leased(world, lease, OUTCOME(OK), 200);
    }
    assert_int_equal(files, 1);
    assert_int_equal(pages, 2);
    world_close(world);
}

static void test_paused_job_does_not_hold_up_the_other(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;

    (void) state;
    world->job.active = false;
    link_as(world, "job", "http://a.cn/1");
    link_as(world, "other", "http://a.cn/2");
    lease = world_wait_lease(world, 5000);
    assert_string_equal(lease->job, "other");
    answer_as_leased(world, lease, OUTCOME(OK), 200);
    assert_null(world_wait_lease(world, 10000));
    world->job.active = true;
    assert_string_equal(world_wait_lease(world, 5000)->job, "job");
    world_close(world);
}

static const struct crawl_job *find_many(void *self, struct slice name)
{
    struct world *world = self;

    /* A hundred jobs that somebody cancelled, and one that nobody did. */
    return slice_equal(name, SLICE("z")) ? &world->other : &world->job;
}

/* However many jobs are at rest: the one that may go on is found. */
static void test_many_jobs_at_rest(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    world->frontier->options.find_job = find_many;
    world->job.active = false;
    world->other.name = "z";
    for (int i = 0; i < 100; i++)
        link_as(world, arena_printf(world->arena, "j%03d", i), "http://a.cn/1");
    link_as(world, "z", "http://a.cn/1");
    assert_string_equal(world_wait_lease(world, 5000)->job, "z");
    world_close(world);
}

/* At most so many leases are under way, on however many hosts. */
static void test_leases_under_way_are_limited(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *first;
    size_t count = 1;

    (void) state;
    for (int i = 0; i < 300; i++)
        world_article(world, arena_printf(world->arena, "http://h%d.cn/", i));
    first = world_wait_lease(world, 1000);
    world_run(world, 500);
    while (world_take_lease(world) != NULL)
        count++;
    assert_int_equal(count, 256);
    answer_as_leased(world, first, OUTCOME(OK), 200);
    assert_non_null(world_wait_lease(world, 500));
    world_run(world, 500);
    assert_null(world_take_lease(world));
    world_close(world);
}

/* After its day a host that was given up gets another chance. */
static void test_dead_host_comes_back(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    for (int i = 0; i < 20; i++)
        world_article(world, arena_printf(world->arena, "http://a.cn/%d", i));
    for (int i = 0; i < 9; i++) {
        Xunfang__Lease *lease = world_wait_lease(world, 3600 * 1000);
        Xunfang__Result *result = world_result(world, lease, OUTCOME(TRY_AGAIN), 0);
        result->n_fetches = 1;
        world_publish_result(world, lease, result);
    }
    world_run(world, 1000);
    assert_int_equal(world_state(world, "http://a.cn/19"), URL_FINAL);
    clock_manual_advance(&world->clock, 24 * 3600 * 1000);
    world_article(world, "http://a.cn/new");
    assert_non_null(world_wait_lease(world, 5000));
    assert_int_equal(world_state(world, "http://a.cn/new"), URL_LEASED);
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_take_turns_on_one_clock),
        cmocka_unit_test(test_same_url_is_each_jobs_own),
        cmocka_unit_test(test_jobs_share_robots),
        cmocka_unit_test(test_paused_job_does_not_hold_up_the_other),
        cmocka_unit_test(test_many_jobs_at_rest),
        cmocka_unit_test(test_leases_under_way_are_limited),
        cmocka_unit_test(test_dead_host_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
