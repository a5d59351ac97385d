/* frontier_robots: robots.txt comes first, and what it says holds. */
#include "tests/unit/crawler/frontier_world.h"

static struct world *obedient_world(void)
{
    struct world *world = world_open(1);

    world->study.job.crawl.robots = JOB_ROBOTS_OBEY;
    return world;
}

static Xunfang__Lease *robots_lease(struct world *world)
{
    Xunfang__Lease *lease = world_wait_lease(world, 3600 * 1000);

    assert_non_null(lease);
    assert_int_equal(lease->n_items, 1);
    assert_int_equal(lease->items[0]->request->kind, XUNFANG__REQUEST__KIND__ROBOTS);
    return lease;
}

static void answer_robots(struct world *world, const Xunfang__Lease *lease, const char *text)
{
    Xunfang__Result *result = world_result(world, lease, OUTCOME(OK), 200);

    result->fetches[0]->robots = message_bytes(slice_from(text));
    world_publish_result(world, lease, result);
}

static void test_file_first_then_obeyed(void **state)
{
    struct world *world = obedient_world();
    Xunfang__Lease *lease;

    (void) state;
    world_article(world, "http://a.cn/private/1");
    world_article(world, "http://a.cn/public/1");
    lease = robots_lease(world);
    assert_string_equal(lease->items[0]->request->url, "http://a.cn/robots.txt");
    assert_string_equal(lease->items[0]->request->robots_origin, "http://a.cn:80");
    world_run(world, 1000);
    assert_null(world_take_lease(world));
    answer_robots(world, lease, "User-agent: *\nDisallow: /private\nCrawl-delay: 0.7\n");
    lease = world_wait_lease(world, 5000);
    assert_int_equal(lease->n_items, 1);
    assert_string_equal(lease->items[0]->request->url, "http://a.cn/public/1");
    assert_int_equal(lease->delay_ms, 700);
    world_run(world, 100);
    assert_int_equal(world_state(world, "http://a.cn/private/1"), URL_FINAL);
    assert_int_equal(world_count_verdicts(world, XUNFANG__VERDICT__REASON__ROBOTS), 1);
    world_close(world);
}

/* The wait before the first page counts from robots.txt, and is the file's own. */
static void test_crawl_delay_holds_from_the_file_on(void **state)
{
    struct world *world = obedient_world();
    Xunfang__Lease *lease;
    Xunfang__Result *result;

    (void) state;
    world_article(world, "http://a.cn/1");
    lease = robots_lease(world);
    result = world_result(world, lease, OUTCOME(OK), 200);
    result->fetches[0]->robots = message_bytes(SLICE("User-agent: xunfang\nCrawl-delay: 9\n"));
    world_publish_result(world, lease, result);
    lease = world_wait_lease(world, 20000);
    assert_true(lease->not_before_ms > result->fetches[0]->ended_ms + 9000);
    assert_int_equal(lease->n_items, 1);
    world_close(world);
}

static void test_no_file_allows(void **state)
{
    struct world *world = obedient_world();

    (void) state;
    world_article(world, "http://a.cn/1");
    world_answer(world, robots_lease(world), OUTCOME(NOT_FOUND), 404);
    assert_string_equal(world_wait_lease(world, 5000)->items[0]->request->url, "http://a.cn/1");
    world_close(world);
}

static void test_unreachable_refuses_and_gives_up(void **state)
{
    struct world *world = obedient_world();
    Xunfang__UrlRecord *record;
    size_t verdicts = 0;

    (void) state;
    world_article(world, "http://a.cn/1");
    world_article(world, "http://a.cn/2");
    for (int i = 0; i < 5; i++)
        world_answer(world, robots_lease(world), OUTCOME(TRY_AGAIN), 503);
    assert_null(world_wait_lease(world, 3600 * 1000));
    while ((record = world_next_url(world)) != NULL)
        if (record->kind_case == XUNFANG__URL_RECORD__KIND_VERDICT) {
            assert_int_equal(record->verdict->reason, XUNFANG__VERDICT__REASON__GAVE_UP);
            assert_string_equal(record->verdict->detail, "robots.txt: HTTP 503");
            verdicts++;
        }
    assert_int_equal(verdicts, 2);
    /* A day later it is asked again. */
    clock_manual_advance(&world->clock, 24 * 3600 * 1000);
    world_article(world, "http://a.cn/3");
    robots_lease(world);
    world_close(world);
}

static void test_good_for_a_day(void **state)
{
    struct world *world = obedient_world();

    (void) state;
    world_article(world, "http://a.cn/1");
    answer_robots(world, robots_lease(world), "");
    world_answer(world, world_wait_lease(world, 5000), OUTCOME(OK), 200);
    world_run(world, 100);
    clock_manual_advance(&world->clock, 23 * 3600 * 1000);
    world_article(world, "http://a.cn/2");
    world_restart(world, false); /* what it says stands in the store */
    world_answer(world, world_wait_lease(world, 5000), OUTCOME(OK), 200);
    world_run(world, 100);
    clock_manual_advance(&world->clock, 2 * 3600 * 1000);
    world_article(world, "http://a.cn/3");
    robots_lease(world);
    world_close(world);
}

static void test_each_origin_has_its_own(void **state)
{
    struct world *world = obedient_world();
    Xunfang__Lease *lease;

    (void) state;
    world_article(world, "http://a.cn/1");
    answer_robots(world, robots_lease(world), "");
    lease = world_wait_lease(world, 5000);
    world_answer(world, lease, OUTCOME(OK), 200);
    world_article(world, "https://a.cn/1");
    lease = robots_lease(world);
    assert_string_equal(lease->items[0]->request->url, "https://a.cn/robots.txt");
    world_article(world, "http://a.cn:8080/1");
    answer_robots(world, lease, "User-agent: *\nDisallow: /\n");
    lease = robots_lease(world);
    assert_string_equal(lease->items[0]->request->url, "http://a.cn:8080/robots.txt");
    world_close(world);
}

/* robots.txt moved to another host: fetched there, by that host's clock, the answer comes back. */
static void test_moved_file(void **state)
{
    struct world *world = obedient_world();
    Xunfang__Lease *lease;

    (void) state;
    world_article(world, "http://a.cn/x/1");
    world_article(world, "http://a.cn/2");
    world_redirect(world, robots_lease(world), "http://b.cn/r.txt");
    lease = robots_lease(world);
    assert_string_equal(lease->host, "b.cn");
    assert_string_equal(lease->items[0]->request->robots_origin, "http://a.cn:80");
    assert_int_equal(lease->items[0]->request->hops, 1);
    answer_robots(world, lease, "User-agent: *\nDisallow: /x\n");
    lease = world_wait_lease(world, 5000);
    assert_int_equal(lease->n_items, 1);
    assert_string_equal(lease->items[0]->request->url, "http://a.cn/2");
    world_close(world);
}

static void test_endlessly_moved_file_allows(void **state)
{
    struct world *world = obedient_world();

    (void) state;
    world_article(world, "http://a.cn/1");
    for (int i = 0; i < 6; i++)
        world_redirect(world, robots_lease(world),
                       arena_printf(world->arena, "http://b%d.cn/robots.txt", i));
    assert_string_equal(world_wait_lease(world, 5000)->items[0]->request->url, "http://a.cn/1");
    world_close(world);
}

static void test_lost_lease_of_a_file(void **state)
{
    struct world *world = obedient_world();
    Xunfang__Lease *lease;

    (void) state;
    world_article(world, "http://a.cn/1");
    robots_lease(world);
    lease = robots_lease(world); /* after the first has expired */
    answer_robots(world, lease, "");
    assert_string_equal(world_wait_lease(world, 5000)->items[0]->request->url, "http://a.cn/1");
    world_close(world);
}

/* It is a request like any other for the job's limit, though it is nobody's page. */
static void test_counts_against_the_limit(void **state)
{
    struct world *world = obedient_world();

    (void) state;
    world->job.max_requests = 2;
    world_article(world, "http://a.cn/1");
    world_article(world, "http://a.cn/2");
    world_article(world, "http://b.cn/1");
    answer_robots(world, robots_lease(world), "");
    answer_robots(world, robots_lease(world), "");
    assert_null(world_wait_lease(world, 60 * 1000));
    world->job.max_requests = 3;
    assert_int_equal(world_wait_lease(world, 5000)->n_items, 1);
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_first_then_obeyed),
        cmocka_unit_test(test_crawl_delay_holds_from_the_file_on),
        cmocka_unit_test(test_no_file_allows),
        cmocka_unit_test(test_unreachable_refuses_and_gives_up),
        cmocka_unit_test(test_good_for_a_day),
        cmocka_unit_test(test_each_origin_has_its_own),
        cmocka_unit_test(test_moved_file),
        cmocka_unit_test(test_endlessly_moved_file_allows),
        cmocka_unit_test(test_lost_lease_of_a_file),
        cmocka_unit_test(test_counts_against_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
