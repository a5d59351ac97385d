/* fetcher: leases in, pages, documents and results out, over real sockets. */
#include "tests/unit/crawler/fetch_world.h"

#include "base/util/crash.h"

#define PATHS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void test_article(void **state)
{
    struct world *world = world_open();
    struct record page, document;
    Xunfang__Page *archived;
    Xunfang__Document *read;
    Xunfang__Result *result;

    (void) state;
    world_send(world, world_lease(world, PATHS("/article/1"), 1));
    result = world_wait(world, 0);
    assert_int_equal(result->n_fetches, 1);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(OK));
    assert_int_equal(result->fetches[0]->http_status, 200);
    assert_true(result->fetches[0]->sent_ms > 0);
    assert_true(result->fetches[0]->ended_ms >= result->fetches[0]->sent_ms);
    assert_true(world_record(world, "job.pages", 0, &page));
    assert_true(world_record(world, "job.main.documents", 0, &document));
    assert_true(id_equal(page.id, document.id));
    assert_true(slice_equal(message_slice(result->fetches[0]->request_id), id_slice(&page.id)));
    assert_int_equal(document.outcome, OUTCOME_PASSED);
    assert_true(slice_equal(document.run, SLICE("main")));
    assert_int_equal(document.source_count, 1);
    assert_true(slice_equal(document.sources[0].topic, SLICE("job.pages")));
    assert_int_equal(document.sources[0].offset, 0);
    archived = message_unpack(&xunfang__page__descriptor, page.payload, world->arena, NULL);
    assert_true(slice_equal(message_slice(archived->body), slice_from(article_page)));
    assert_string_equal(archived->address, "127.0.0.1");
    assert_true(archived->n_headers >= 2);
    read = message_unpack(&xunfang__document__descriptor, document.payload, world->arena, NULL);
    assert_string_equal(read->brief->title, "苏州市代表团赴合肥考察");
    assert_string_equal(read->brief->site_city, "苏州");
    assert_true(read->brief->has_date);
    assert_int_equal(read->brief->fingerprint.len, ID_SIZE);
    assert_non_null(strstr(read->body, "学习考察"));
    world_close(world);
}

static void test_outcomes_of_one_lease(void **state)
{
    struct world *world = world_open();
    struct record record;
    Xunfang__Result *result;

    (void) state;
    world_send(world, world_lease(world, PATHS("/none", "/moved", "/article/2"), 3));
    result = world_wait(world, 0);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(NOT_FOUND));
    assert_int_equal(result->fetches[1]->outcome, OUTCOME(MOVED));
    assert_int_equal(result->fetches[1]->n_links, 1);
    assert_non_null(strstr(result->fetches[1]->links[0]->request->url, "/article/9"));
    assert_int_equal(result->fetches[1]->links[0]->request->hops, 1);
    assert_int_equal(result->fetches[2]->outcome, OUTCOME(OK));
    /* Every final answer is archived, only the article is a document. */
    assert_true(world_record(world, "job.pages", 2, &record));
    assert_false(world_record(world, "job.pages", 3, &record));
    assert_false(world_record(world, "job.main.documents", 1, &record));
    world_close(world);
}

static void test_list(void **state)
{
    struct world *world = world_open();
    Xunfang__FetchResult *fetch;
    Xunfang__Request *seed, *next;
    Xunfang__Lease *lease = world_lease(world, PATHS("/list?q=%E5%90%88%E8%82%A5&p=1"), 1);

    (void) state;
    OK_OR_FAIL(
        seeds_request(world->study, &(struct seeds_page){0}, world->arena, &seed, &world_error));
    assert_string_equal(seed->url, lease->items[0]->request->url);
    world_send(world, lease);
    fetch = world_wait(world, 0)->fetches[0];
    assert_int_equal(fetch->outcome, OUTCOME(OK));
    assert_int_equal(fetch->n_hits, 2);
    assert_int_equal(fetch->bad_hits, 1);
    assert_int_equal(fetch->declared_total, 3);
    assert_non_null(strstr(fetch->hits[1]->url, "/article/2"));
    assert_string_equal(fetch->hits[1]->title, "乙");
    assert_int_equal(fetch->hits[1]->rank, 1);
    assert_int_equal(fetch->n_links, 1);
    next = fetch->links[0]->request;
    assert_int_equal(next->page, 1);
    assert_int_equal(next->list, 0);
    assert_non_null(strstr(next->url, "p=2"));
    world_close(world);
}

static void test_list_that_does_not_match(void **state)
{
    struct world *world = world_open();
    Xunfang__FetchResult *fetch;

    (void) state;
    world_send(world, world_lease(world, PATHS("/nolist"), 1));
    fetch = world_wait(world, 0)->fetches[0];
    assert_int_equal(fetch->outcome, OUTCOME(UNREADABLE));
    assert_true(strlen(fetch->detail) > 0);
    world_close(world);
}

static void test_robots(void **state)
{
    struct world *world = world_open();
    Xunfang__FetchResult *fetch;
    struct record record;

    (void) state;
    world_send(world, world_lease(world, PATHS("/robots.txt"), 1));
    fetch = world_wait(world, 0)->fetches[0];
    assert_int_equal(fetch->outcome, OUTCOME(OK));
    assert_true(slice_contains(message_slice(fetch->robots), SLICE("Disallow: /x")));
    assert_false(world_record(world, "job.pages", 0, &record));
    world_close(world);
}

/* What the server saw, over two leases: never closer than the delay. */
static void test_delay(void **state)
{
    struct world *world = world_open();
    const char *const *paths = PATHS("/article/1", "/none", "/article/2", "/none");
    int first = server_count;

    (void) state;
    for (int i = 0; i < 2; i++) {
        world_send(world, world_lease(world, paths, 4));
        (void) world_wait(world, (uint64_t) i);
    }
    assert_int_equal(server_count - first, 8);
    for (int i = first + 1; i < first + 8; i++)
        assert_true(server_log[i].begin_ms - server_log[i - 1].end_ms >= 40);
    world_close(world);
}

static void expect_not_sent(const Xunfang__Result *result, size_t from)
{
    for (size_t i = from; i < result->n_fetches; i++) {
        assert_int_equal(result->fetches[i]->outcome, OUTCOME(NOT_SENT));
        assert_int_equal(result->fetches[i]->sent_ms, 0);
    }
}

static void test_expired_lease(void **state)
{
    struct world *world = world_open();
    Xunfang__Lease *lease = world_lease(world, PATHS("/article/1", "/article/2"), 2);
    int before = server_count;
    Xunfang__Result *result;

    (void) state;
    lease->expires_ms = lease->not_before_ms - 1;
    world_send(world, lease);
    result = world_wait(world, 0);
    expect_not_sent(result, 0);
    assert_string_equal(result->fetches[0]->detail, "the lease has expired");
    assert_int_equal(server_count, before);
    world_close(world);
}

/* Paused, cancelled, purged: what was sent counts, the rest goes back at once. */
static void test_job_closed_between_sends(void **state)
{
    struct world *world = world_open();
    Xunfang__Lease *lease = world_lease(
        world, PATHS("/article/1", "/article/2", "/article/1", "/article/2", "/article/1"), 5);
    struct record record;
    Xunfang__Result *result;

    (void) state;
    lease->delay_ms = 200;
    world_send(world, lease);
    while (!world_record(world, "job.pages", 0, &record))
        OK_OR_FAIL(worker_step(world->worker, 5, &world_error));
    world->job.open = false;
    result = world_wait(world, 0);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(OK));
    assert_int_equal(result->fetches[4]->outcome, OUTCOME(NOT_SENT));
    assert_string_equal(result->fetches[4]->detail, "the job is not open");
    assert_true(clock_wall_ms(clock_system()) < lease->expires_ms);
    world_close(world);
}

/* Given back at once, a lease that this build must not work on would be here again in a moment. */
static void test_job_of_another_build(void **state)
{
    struct world *world = world_open();
    Xunfang__Lease *lease = world_lease(world, PATHS("/article/1"), 1);
    Xunfang__Result *result;

    (void) state;
    world->job.able = false;
    lease->expires_ms = lease->not_before_ms + 300;
    world_send(world, lease);
    result = world_wait(world, 0);
    /* The crawler counts by the monotonic clock, which rounds otherwise than the wall's. */
    assert_true(clock_wall_ms(clock_system()) + 5 >= lease->expires_ms);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(NOT_SENT));
    world_close(world);
}

static void test_expiry_between_sends(void **state)
{
    struct world *world = world_open();
    Xunfang__Lease *lease = world_lease(world, PATHS("/article/1", "/article/2"), 2);
    Xunfang__Result *result;

    (void) state;
    lease->delay_ms = 2000;
    lease->expires_ms = lease->not_before_ms + 500;
    world_send(world, lease);
    result = world_wait(world, 0);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(OK));
    expect_not_sent(result, 1);
    world_close(world);
}

static void test_trouble_ends_the_lease(void **state)
{
    struct world *world = world_open();
    Xunfang__Result *result;
    struct record record;

    (void) state;
    world_send(world, world_lease(world, PATHS("/busy", "/article/1"), 2));
    result = world_wait(world, 0);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(TRY_AGAIN));
    assert_int_equal(result->fetches[0]->retry_after_ms, 7000);
    expect_not_sent(result, 1);
    world_send(world, world_lease(world, PATHS("/reset", "/article/1"), 2));
    result = world_wait(world, 1);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(TRY_AGAIN));
    assert_string_equal(result->fetches[0]->detail, "connection closed without an answer");
    expect_not_sent(result, 1);
    /* What is tried again is not archived. */
    assert_false(world_record(world, "job.pages", 0, &record));
    world_close(world);
}

static void test_addresses(void **state)
{
    struct world *world = world_open();
    Xunfang__Lease *lease = world_lease(world, PATHS("/article/1", "/article/2"), 2);
    int before = server_count;

    (void) state;
    world->study->job.crawl.allow_private_addresses = false;
    world_send(world, lease);
    assert_int_equal(world_wait(world, 0)->fetches[1]->outcome, OUTCOME(BAD_ADDRESS));
    world->study->job.crawl.allow_private_addresses = true;
    lease = world_lease(world, PATHS("/"), 1);
    lease->items[0]->request->url = arena_printf(world->arena, "http://127.0.0.1:1/");
    world_send(world, lease);
    assert_int_equal(world_wait(world, 1)->fetches[0]->outcome, OUTCOME(BAD_ADDRESS));
    assert_int_equal(server_count, before);
    world_close(world);
}

static void test_request_that_cannot_be_sent(void **state)
{
    struct world *world = world_open();
    Xunfang__Lease *lease = world_lease(world, PATHS("/article/1", "/article/2"), 2);
    Xunfang__Result *result;

    (void) state;
    lease->items[0]->request->method = arena_printf(world->arena, "GET /x");
    world_send(world, lease);
    result = world_wait(world, 0);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(REFUSED));
    assert_int_equal(result->fetches[1]->outcome, OUTCOME(OK));
    world_close(world);
}

static void test_nonsense_leases_are_passed_over(void **state)
{
    struct world *world = world_open();
    Xunfang__Lease *lease = world_lease(world, PATHS("/article/1"), 1);

    (void) state;
    lease->job = arena_printf(world->arena, "unknown");
    world_send(world, lease);
    lease->job = arena_printf(world->arena, "job");
    lease->items[0]->request = NULL;
    world_send(world, lease);
    lease->n_items = 0;
    world_send(world, lease);
    world_send(world, world_lease(world, PATHS("/article/1"), 1));
    assert_int_equal(world_wait(world, 0)->fetches[0]->outcome, OUTCOME(OK));
    world_close(world);
}

static void test_drain(void **state)
{
    struct world *world = world_open();
    Xunfang__Result *result;
    int before = server_count;

    (void) state;
    world_send(world, world_lease(world, PATHS("/article/1", "/article/2", "/none"), 3));
    while (server_count == before)
        OK_OR_FAIL(worker_step(world->worker, 5, &world_error));
    worker_drain(world->worker);
    while (!worker_drained(world->worker))
        OK_OR_FAIL(worker_step(world->worker, 5, &world_error));
    result = world_wait(world, 0);
    assert_int_equal(result->fetches[0]->outcome, OUTCOME(OK));
    expect_not_sent(result, 1);
    world_close(world);
}

static void test_destroyed_in_the_middle(void **state)
{
    struct world *world = world_open();
    int before = server_count;

    (void) state;
    world_send(world, world_lease(world, PATHS("/slow", "/article/2"), 2));
    while (server_count == before)
        OK_OR_FAIL(worker_step(world->worker, 5, &world_error));
    worker_destroy(world->worker); /* in either order */
    world->worker = NULL;
    world_close(world);
}

static bool dies(void *self, enum crash_point point)
{
    return point == *(enum crash_point *) self;
}

/* A crash at each point: the result is not there, unless it had been acknowledged before. */
static void test_crash_points(void **state)
{
    static const enum crash_point points[] = {CRASH_FETCH_BEFORE_SEND, CRASH_FETCH_AFTER_RESPONSE,
                                              CRASH_EFFECT_BEFORE_RESULT,
                                              CRASH_EFFECT_AFTER_RESULT};

    (void) state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        struct world *world = world_open();
        enum crash_point point = points[i];
        struct record record;
        enum status status = STATUS_OK;
        world_send(world, world_lease(world, PATHS("/article/1"), 1));
        crash_set_hook(dies, &point);
        for (int n = 0; n < 2000 && status == STATUS_OK; n++)
            status = worker_step(world->worker, 5, &world_error);
        crash_set_hook(NULL, NULL);
        assert_int_equal(status, STATUS_CRASHED);
        assert_int_equal(world_record(world, "urls", 0, &record),
                         point == CRASH_EFFECT_AFTER_RESULT);
        assert_int_equal(world_record(world, "job.main.documents", 0, &record),
                         point == CRASH_EFFECT_BEFORE_RESULT || point == CRASH_EFFECT_AFTER_RESULT);
        world_close(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_article),
        cmocka_unit_test(test_outcomes_of_one_lease),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_list_that_does_not_match),
        cmocka_unit_test(test_robots),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_expired_lease),
        cmocka_unit_test(test_job_closed_between_sends),
        cmocka_unit_test(test_job_of_another_build),
        cmocka_unit_test(test_expiry_between_sends),
        cmocka_unit_test(test_trouble_ends_the_lease),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_request_that_cannot_be_sent),
        cmocka_unit_test(test_nonsense_leases_are_passed_over),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_destroyed_in_the_middle),
        cmocka_unit_test(test_crash_points),
    };

    return cmocka_run_group_tests(tests, server_start, NULL);
}
