/* frontier: what it grants, what it concludes from results. */
#include "tests/unit/crawler/frontier_world.h"

static void test_link_becomes_lease_becomes_final(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;

    (void) state;
    world_article(world, "http://a.cn/1");
    world_article(world, "http://a.cn/2");
    world_article(world, "http://b.cn/1");
    world_run(world, 100);
    lease = world_take_lease(world);
    assert_string_equal(lease->host, "a.cn");
    assert_string_equal(lease->job, "job");
    assert_string_equal(lease->run, "main");
    assert_int_equal(lease->n_items, 2);
    assert_string_equal(lease->items[0]->request->url, "http://a.cn/1");
    assert_string_equal(lease->items[1]->request->url, "http://a.cn/2");
    assert_int_equal(lease->delay_ms, 100);
    assert_int_equal(lease->request_timeout_ms, 5000);
    assert_int_equal(world_state(world, "http://a.cn/1"), URL_LEASED);
    assert_string_equal(world_take_lease(world)->host, "b.cn");
    assert_null(world_take_lease(world));
    world_answer(world, lease, OUTCOME(OK), 200);
    world_run(world, 100);
    assert_int_equal(world_state(world, "http://a.cn/1"), URL_FINAL);
    assert_int_equal(world_state(world, "http://a.cn/2"), URL_FINAL);
    assert_int_equal(world_state(world, "http://b.cn/1"), URL_LEASED);
    world_close(world);
}

static void test_one_lease_a_host_and_delay_between(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;
    Xunfang__Result *result;
    int64_t ended;

    (void) state;
    world->study.job.crawl.delay_ms = 3000;
    for (int i = 0; i < 5; i++)
        world_article(world, arena_printf(world->arena, "http://a.cn/%d", i));
    lease = world_wait_lease(world, 1000);
    assert_int_equal(lease->n_items, 1);
    world_run(world, 500);
    assert_null(world_take_lease(world));
    result = world_result(world, lease, OUTCOME(OK), 200);
    ended = result->fetches[0]->ended_ms;
    world_publish_result(world, lease, result);
    lease = world_wait_lease(world, 5000);
    assert_int_equal(lease->not_before_ms, ended + 3001);
    assert_true(lease->expires_ms > lease->not_before_ms);
    world_close(world);
}

static void test_lost_lease_comes_back(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease, *again;
    int64_t last_end;

    (void) state;
    world_article(world, "http://a.cn/1");
    lease = world_wait_lease(world, 1000);
    last_end = lease->expires_ms + lease->request_timeout_ms;
    world_run(world, last_end - world->clock.now_ms);
    assert_null(world_take_lease(world));
    again = world_wait_lease(world, 3000);
    assert_non_null(again);
    assert_true(again->not_before_ms > last_end + lease->delay_ms);
    assert_string_equal(again->items[0]->request->url, "http://a.cn/1");
    assert_memory_not_equal(again->id.data, lease->id.data, ID_SIZE);
    /* The late result of the first ends it; the second changes nothing any more. */
    world_answer(world, lease, OUTCOME(OK), 200);
    world_run(world, 50);
    assert_int_equal(world_state(world, "http://a.cn/1"), URL_FINAL);
    world_answer(world, again, OUTCOME(TRY_AGAIN), 500);
    world_run(world, 50);
    assert_int_equal(world_state(world, "http://a.cn/1"), URL_FINAL);
    world_close(world);
}

static void test_lease_survives_restart(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;

    (void) state;
    world_article(world, "http://a.cn/1");
    lease = world_wait_lease(world, 1000);
    world_restart(world, false);
    world_run(world, 1000);
    assert_null(world_take_lease(world));
    world_answer(world, lease, OUTCOME(OK), 200);
    world_run(world, 100);
    assert_int_equal(world_state(world, "http://a.cn/1"), URL_FINAL);
    world_close(world);
}

static void test_lost_state_waits_out_leases(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;

    (void) state;
    world_article(world, "http://a.cn/1");
    lease = world_wait_lease(world, 1000);
    world_restart(world, true);
    world_run(world, lease->expires_ms + lease->request_timeout_ms - world->clock.now_ms + 1000);
    assert_null(world_take_lease(world));
    assert_non_null(world_wait_lease(world, 700 * 1000));
    world_close(world);
}

static void test_not_sent_keeps_its_place(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;
    Xunfang__Result *result;

    (void) state;
    world_article(world, "http://a.cn/1");
    world_article(world, "http://a.cn/2");
    lease = world_wait_lease(world, 1000);
    result = world_result(world, lease, OUTCOME(NOT_SENT), 0);
    for (int i = 0; i < 2; i++)
        result->fetches[i]->sent_ms = result->fetches[i]->ended_ms = 0;
    world_article(world, "http://a.cn/3");
    world_publish_result(world, lease, result);
    lease = world_wait_lease(world, 1000);
    assert_int_equal(lease->n_items, 3);
    assert_string_equal(lease->items[0]->request->url, "http://a.cn/1");
    assert_string_equal(lease->items[2]->request->url, "http://a.cn/3");
    world_close(world);
}

static void test_retries_end_in_a_verdict(void **state)
{
    struct world *world = world_open(1);
    int64_t last = 0;

    (void) state;
    world_article(world, "http://a.cn/1");
    for (int i = 0; i < 5; i++) {
        Xunfang__Lease *lease = world_wait_lease(world, 600 * 1000);
        assert_non_null(lease);
        assert_true(lease->not_before_ms - last >= (500 << (i > 0 ? i - 1 : 0)));
        last = lease->not_before_ms;
        world_answer(world, lease, OUTCOME(TRY_AGAIN), 500);
        world_run(world, 20);
        /* The bus may repeat a result; it counts once. */
        world_answer(world, lease, OUTCOME(TRY_AGAIN), 500);
        world_run(world, 20);
    }
    world_run(world, 100);
    assert_int_equal(world_state(world, "http://a.cn/1"), URL_FINAL);
    assert_int_equal(world_count_verdicts(world, XUNFANG__VERDICT__REASON__GAVE_UP), 1);
    assert_null(world_wait_lease(world, 3600 * 1000));
    world_close(world);
}

static void test_retry_after_rests_the_host(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;
    Xunfang__Result *result;
    int64_t ended;

    (void) state;
    world_article(world, "http://a.cn/1");
    world_article(world, "http://a.cn/2");
    lease = world_wait_lease(world, 1000);
    result = world_result(world, lease, OUTCOME(TRY_AGAIN), 429);
    result->n_fetches = 1;
    result->fetches[0]->retry_after_ms = 90000;
    ended = result->fetches[0]->ended_ms;
    world_publish_result(world, lease, result);
    lease = world_wait_lease(world, 600 * 1000);
    assert_true(lease->not_before_ms >= ended + 90000);
    world_close(world);
}

static void test_dead_host_is_given_up(void **state)
{
    struct world *world = world_open(1);
    size_t verdicts = 0;

    (void) state;
    for (int i = 0; i < 300; i++)
        world_article(world, arena_printf(world->arena, "http://a.cn/%d", i));
    for (int i = 0; i < 9; i++) {
        Xunfang__Lease *lease = world_wait_lease(world, 3600 * 1000);
        Xunfang__Result *result;
        assert_non_null(lease);
        result = world_result(world, lease, OUTCOME(TRY_AGAIN), 0);
        result->n_fetches = 1; /* the crawler ends the lease */
        result->fetches[0]->detail = arena_printf(world->arena, "connection refused");
        world_publish_result(world, lease, result);
    }
    world_run(world, 1000);
    world_article(world, "http://a.cn/late");
    world_run(world, 3600 * 1000);
    assert_null(world_take_lease(world));
    verdicts = world_count_verdicts(world, XUNFANG__VERDICT__REASON__GAVE_UP);
    assert_int_equal(verdicts, 301);
    assert_int_equal(world_state(world, "http://a.cn/late"), URL_FINAL);
    assert_int_equal(world_state(world, "http://a.cn/7"), URL_FINAL);
    world_close(world);
}

static void test_blocked_host_names_the_product(void **state)
{
    struct world *world = world_open(1);
    Xunfang__UrlRecord *record;
    bool named = false;

    (void) state;
    world_article(world, "http://a.cn/1");
    world_article(world, "http://a.cn/2");
    for (int i = 0; i < 5; i++) {
        Xunfang__Lease *lease = world_wait_lease(world, 7200 * 1000);
        Xunfang__Result *result;
        assert_non_null(lease);
        result = world_result(world, lease, OUTCOME(BLOCKED), 412);
        result->n_fetches = 1;
        result->fetches[0]->detail = arena_printf(world->arena, "blocked by X (HTTP 412)");
        world_publish_result(world, lease, result);
    }
    world_run(world, 60 * 1000);
    while ((record = world_next_url(world)) != NULL)
        if (record->kind_case == XUNFANG__URL_RECORD__KIND_VERDICT)
            named = strstr(record->verdict->detail, "blocked by X") != NULL;
    assert_true(named);
    assert_int_equal(world_state(world, "http://a.cn/1"), URL_FINAL);
    assert_int_equal(world_state(world, "http://a.cn/2"), URL_FINAL);
    world_close(world);
}

static void test_redirects_become_links(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    world_article(world, "http://a.cn/0");
    for (int i = 1; i <= 6; i++)
        world_redirect(world, world_wait_lease(world, 5000),
                       arena_printf(world->arena, "http://a.cn/%d", i));
    world_run(world, 5000);
    assert_null(world_take_lease(world));
    assert_int_equal(world_count_verdicts(world, XUNFANG__VERDICT__REASON__HOPS), 1);
    assert_int_equal(world_state(world, "http://a.cn/5"), URL_FINAL);
    assert_int_equal(world_state(world, "http://a.cn/6"), URL_FINAL);
    /* A direct link shows a shorter way: now it is fetched after all. */
    world_article(world, "http://a.cn/6");
    assert_string_equal(world_wait_lease(world, 5000)->items[0]->request->url, "http://a.cn/6");
    world_close(world);
}

static void test_shorter_way_runs_down_the_chain(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    world_article(world, "http://a.cn/0");
    for (int i = 1; i <= 6; i++)
        world_redirect(world, world_wait_lease(world, 5000),
                       arena_printf(world->arena, "http://a.cn/%d", i));
    world_run(world, 1000);
    world_article(world, "http://a.cn/3"); /* 3 → 4 → 5 → 6 is short enough */
    assert_string_equal(world_wait_lease(world, 5000)->items[0]->request->url, "http://a.cn/6");
    world_close(world);
}

static void test_max_requests_pauses(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;

    (void) state;
    world->job.max_requests = 3;
    for (int i = 0; i < 10; i++)
        world_article(world, arena_printf(world->arena, "http://a.cn/%d", i));
    lease = world_wait_lease(world, 1000);
    assert_int_equal(lease->n_items, 3);
    world_answer(world, lease, OUTCOME(OK), 200);
    assert_null(world_wait_lease(world, 60 * 1000));
    assert_int_equal(world_state(world, "http://a.cn/5"), URL_QUEUED);
    world->job.max_requests = 5;
    assert_int_equal(world_wait_lease(world, 5000)->n_items, 2);
    world_close(world);
}

static bool never_sure(void *self)
{
    (void) self;
    return false;
}

/* A job that may be there, though nobody can tell now: its records are not passed over. */
static void test_unsure_of_a_job(void **state)
{
    struct world *world = world_open(1);
    struct error err;

    (void) state;
    world->frontier->options.sure = never_sure;
    world->speaker = "nobody";
    world_article(world, "http://a.cn/1");
    for (int i = 0; i < 20 && worker_step(world->worker, 5, &err) == STATUS_OK; i++)
        continue;
    assert_int_equal(worker_step(world->worker, 5, &err), STATUS_TIMEOUT);
    assert_non_null(strstr(err.message, "'nobody'"));
    assert_int_equal(frontier_ignored(world->frontier), 0);
    world_close(world);
}

static void test_hours_and_rest(void **state)
{
    struct world *world = world_open(1);
    uint32_t minute = (uint32_t) ((WORLD_START_MS / 60000 + 8 * 60) % (24 * 60));

    (void) state;
    world->study.job.crawl.hours_from = (minute + 10) % (24 * 60);
    world->study.job.crawl.hours_to = (minute + 20) % (24 * 60);
    world_article(world, "http://a.cn/1");
    assert_null(world_wait_lease(world, 9 * 60 * 1000));
    assert_non_null(world_wait_lease(world, 2 * 60 * 1000));
    world->study.job.crawl.hours_from = 0;
    world->study.job.crawl.hours_to = 24 * 60;
    world->job.active = false;
    world_article(world, "http://b.cn/1");
    assert_null(world_wait_lease(world, 60 * 1000));
    world->job.active = true;
    assert_non_null(world_wait_lease(world, 5000));
    world_close(world);
}

static void test_nonsense_is_passed_over(void **state)
{
    struct world *world = world_open(1);
    Xunfang__UrlRecord empty = XUNFANG__URL_RECORD__INIT;
    Xunfang__Link link = XUNFANG__LINK__INIT;
    Xunfang__Lease *lease;

    (void) state;
    world_publish(world, &empty, SLICE("a.cn"), request_id_of_url(SLICE("x")));
    empty.kind_case = XUNFANG__URL_RECORD__KIND_LINK;
    empty.link = &link;
    world_publish(world, &empty, SLICE("a.cn"), request_id_of_url(SLICE("x")));
    world_article(world, "mailto:somebody");
    world_article(world, arena_printf(world->arena, "http://%0300d.cn/", 7));
    world_article(world, arena_printf(world->arena, "http://a.cn/%0200000d", 7));
    world->speaker = "nobody";
    world_article(world, "http://a.cn/other");
    world_run(world, 100);
    assert_int_equal(frontier_ignored(world->frontier), 6);
    world->speaker = "job";
    world_article(world, "http://a.cn/1");
    lease = world_wait_lease(world, 1000);
    assert_int_equal(lease->n_items, 1);
    world_close(world);
}

/* Hits and redirects that name such URLs must not stop it either. */
static void test_nonsense_in_results(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;
    Xunfang__Result *result;
    Xunfang__Hit hit = XUNFANG__HIT__INIT, *hits = &hit;

    (void) state;
    world_article(world, "http://a.cn/1");
    world_redirect(world, world_wait_lease(world, 1000), "no URL");
    world_list(world, "http://a.cn/list", 0, 0);
    lease = world_wait_lease(world, 1000);
    result = world_result(world, lease, OUTCOME(OK), 200);
    hit.url = arena_printf(world->arena, "http://%0300d.cn/", 7);
    result->fetches[0]->hits = &hits;
    result->fetches[0]->n_hits = 1;
    world_publish_result(world, lease, result);
    world_run(world, 100);
    assert_int_equal(world_state(world, "http://a.cn/1"), URL_FINAL);
    /* What looks like a URL and is none is given up when robots.txt would have to be asked for. */
    world->study.job.crawl.robots = JOB_ROBOTS_OBEY;
    world_article(world, "http://a<b/");
    world_run(world, 1000);
    assert_int_equal(world_state(world, "http://a<b/"), URL_FINAL);
    world_close(world);
}

static void test_clock_set_back(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;

    (void) state;
    world_article(world, "http://a.cn/1");
    world_article(world, "http://b.cn/1");
    lease = world_wait_lease(world, 1000);
    world_answer(world, lease, OUTCOME(TRY_AGAIN), 503);
    world_run(world, 20);
    world->clock.now_ms -= 24 * 3600 * 1000;
    world_restart(world, false);
    assert_non_null(world_take_lease(world));
    /* Neither the pause nor the lease under way may last a day now. */
    assert_non_null(world_wait_lease(world, 3 * 3600 * 1000));
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link_becomes_lease_becomes_final),
        cmocka_unit_test(test_one_lease_a_host_and_delay_between),
        cmocka_unit_test(test_lost_lease_comes_back),
        cmocka_unit_test(test_lease_survives_restart),
        cmocka_unit_test(test_lost_state_waits_out_leases),
        cmocka_unit_test(test_not_sent_keeps_its_place),
        cmocka_unit_test(test_retries_end_in_a_verdict),
        cmocka_unit_test(test_retry_after_rests_the_host),
        cmocka_unit_test(test_dead_host_is_given_up),
        cmocka_unit_test(test_blocked_host_names_the_product),
        cmocka_unit_test(test_redirects_become_links),
        cmocka_unit_test(test_shorter_way_runs_down_the_chain),
        cmocka_unit_test(test_max_requests_pauses),
        cmocka_unit_test(test_unsure_of_a_job),
        cmocka_unit_test(test_hours_and_rest),
        cmocka_unit_test(test_nonsense_is_passed_over),
        cmocka_unit_test(test_nonsense_in_results),
        cmocka_unit_test(test_clock_set_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
