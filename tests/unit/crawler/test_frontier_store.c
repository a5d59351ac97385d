/* frontier_store and frontier_host: what is written is read back, in the order meant. */
#include "crawler/frontier_host.h"

#include "base/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct frontier_store view;
static struct error err;

static int open_store(void **state)
{
    (void) state;
    frontier_store_init(&view);
    view.db = store_open_memory();
    view.batch = store_batch_create(view.db);
    view.arena = arena_create(1 << 20);
    return view.db == NULL || view.batch == NULL || view.arena == NULL ? -1 : 0;
}

static int close_store(void **state)
{
    (void) state;
    store_batch_destroy(view.batch);
    store_close(view.db);
    arena_destroy(view.arena);
    frontier_store_fini(&view);
    return 0;
}

static struct id number(unsigned char n)
{
    return (struct id){{n}};
}

static void test_urls(void **state)
{
    Xunfang__UrlState out = XUNFANG__URL_STATE__INIT, *in;

    (void) state;
    assert_int_equal(frontier_get_url(&view, SLICE("job"), number(1), &in, &err), STATUS_OK);
    assert_null(in);
    out.attempts = 3;
    frontier_put_url(&view, SLICE("job"), number(1), &out);
    assert_int_equal(frontier_get_url(&view, SLICE("job"), number(1), &in, &err), STATUS_OK);
    assert_int_equal(in->attempts, 3);
    assert_int_equal(frontier_get_url(&view, SLICE("other"), number(1), &in, &err), STATUS_OK);
    assert_null(in);
}

static void put(const char *host, const char *job, int class, uint64_t order, unsigned char n)
{
    struct queue_place place = {slice_from(host), slice_from(job), (enum frontier_class) class,
                                order};

    frontier_put_queued(&view, &place, number(n));
}

static void test_queue_order(void **state)
{
    struct queue_place place = {SLICE("a.cn"), SLICE("j"), CLASS_ARTICLE, 0};
    struct queue_entry entries[8];
    size_t count = 8;

    (void) state;
    put("a.cn", "j", CLASS_ARTICLE, 300, 3);
    put("a.cn", "j", CLASS_ARTICLE, 2, 2);
    put("a.cn", "j", CLASS_ARTICLE, 1, 1);
    put("a.cn", "j", CLASS_LIST, 0, 9);
    put("a.cn", "k", CLASS_ARTICLE, 0, 9);
    put("a.cn.x", "j", CLASS_ARTICLE, 0, 9);
    assert_int_equal(frontier_list_queued(&view, &place, entries, &count, &err), STATUS_OK);
    assert_int_equal(count, 3);
    for (unsigned char i = 0; i < 3; i++)
        assert_int_equal(entries[i].id.bytes[0], i + 1);
    assert_int_equal(entries[2].order, 300);
    place.order = 2;
    count = 1;
    assert_int_equal(frontier_list_queued(&view, &place, entries, &count, &err), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(entries[0].order, 2);
    frontier_delete_queued(&view, &place);
    count = 8;
    assert_int_equal(frontier_list_queued(&view, &place, entries, &count, &err), STATUS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(entries[0].order, 300);
}

static void test_jobs_in_turn(void **state)
{
    struct slice job;

    (void) state;
    put("a.cn", "", CLASS_ROBOTS, 1, 1);
    put("a.cn", "one", CLASS_LIST, 1, 1);
    put("a.cn", "one", CLASS_ARTICLE, 1, 1);
    put("a.cn", "two", CLASS_ARTICLE, 1, 1);
    put("b.cn", "three", CLASS_ARTICLE, 1, 1);
    assert_int_equal(frontier_next_job(&view, SLICE("a.cn"), SLICE(""), &job, &err), STATUS_OK);
    assert_true(slice_equal(job, SLICE("one")));
    assert_int_equal(frontier_next_job(&view, SLICE("a.cn"), job, &job, &err), STATUS_OK);
    assert_true(slice_equal(job, SLICE("two")));
    assert_int_equal(frontier_next_job(&view, SLICE("a.cn"), job, &job, &err), STATUS_OK);
    assert_null(job.data);
}

static void test_waiting_order(void **state)
{
    struct waiting_entry late = {5000, SLICE("j"), number(1)};
    struct waiting_entry early = {-7, SLICE(""), number(2)};
    struct waiting_entry entries[4];
    size_t count = 4;

    (void) state;
    frontier_put_waiting(&view, SLICE("a.cn"), &late);
    frontier_put_waiting(&view, SLICE("a.cn"), &early);
    assert_int_equal(frontier_list_waiting(&view, SLICE("a.cn"), entries, &count, &err), STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].due_ms, -7);
    assert_int_equal(entries[0].job.size, 0);
    assert_true(slice_equal(entries[1].job, SLICE("j")));
    assert_int_equal(entries[1].id.bytes[0], 1);
    frontier_delete_waiting(&view, SLICE("a.cn"), &early);
    count = 4;
    assert_int_equal(frontier_list_waiting(&view, SLICE("a.cn"), entries, &count, &err), STATUS_OK);
    assert_int_equal(count, 1);
}

static void test_hits_are_new_once_a_list(void **state)
{
    bool is_new;

    (void) state;
    assert_int_equal(
        frontier_add_hit(&view, &(struct list_hit){SLICE("j"), 1, number(1)}, &is_new, &err),
        STATUS_OK);
    assert_true(is_new);
    assert_int_equal(
        frontier_add_hit(&view, &(struct list_hit){SLICE("j"), 1, number(1)}, &is_new, &err),
        STATUS_OK);
    assert_false(is_new);
    assert_int_equal(
        frontier_add_hit(&view, &(struct list_hit){SLICE("j"), 2, number(1)}, &is_new, &err),
        STATUS_OK);
    assert_true(is_new);
}

static void test_others(void **state)
{
    Xunfang__OriginState origin = XUNFANG__ORIGIN_STATE__INIT, *origin_in;
    Xunfang__LeaseState lease = XUNFANG__LEASE_STATE__INIT, *lease_in;
    Xunfang__JobState job = XUNFANG__JOB_STATE__INIT, *job_in;
    struct job_place place = {SLICE("j"), 1};
    bool has;

    (void) state;
    origin.http_status = 503;
    frontier_put_origin(&view, SLICE("http://a.cn:80"), &origin);
    assert_int_equal(frontier_get_origin(&view, SLICE("http://a.cn:80"), &origin_in, &err),
                     STATUS_OK);
    assert_int_equal(origin_in->http_status, 503);
    frontier_put_lease(&view, number(1), &lease);
    assert_int_equal(frontier_get_lease(&view, number(1), &lease_in, &err), STATUS_OK);
    assert_non_null(lease_in);
    frontier_delete_lease(&view, number(1));
    assert_int_equal(frontier_get_lease(&view, number(1), &lease_in, &err), STATUS_OK);
    assert_null(lease_in);
    job.requests = 7;
    frontier_put_job(&view, &place, &job);
    assert_int_equal(frontier_get_job(&view, &place, &job_in, &err), STATUS_OK);
    assert_int_equal(job_in->requests, 7);
    place.part = 2;
    assert_int_equal(frontier_get_job(&view, &place, &job_in, &err), STATUS_OK);
    assert_null(job_in); /* another partition, other counters */
    assert_int_equal(frontier_has_mark(view.db, &has, &err), STATUS_OK);
    assert_false(has);
    frontier_put_mark(&view);
    assert_int_equal(store_commit(view.batch, false, &err), STATUS_OK);
    assert_int_equal(frontier_has_mark(view.db, &has, &err), STATUS_OK);
    assert_true(has);
}

static void test_garbage_in_the_state(void **state)
{
    const struct job_place place = {SLICE("x"), 0};
    Xunfang__JobState *job;

    (void) state;
    store_batch_put(view.batch, slice_of("jx\0\1\0\0\0\0", 8), SLICE("\xff\xff\xff"));
    assert_int_equal(frontier_get_job(&view, &place, &job, &err), STATUS_CORRUPT);
}

static void test_hosts_survive(void **state)
{
    struct hosts *hosts = hosts_create(4), *again = hosts_create(4);
    struct host *host, *read;

    (void) state;
    assert_int_equal(hosts_get(hosts, SLICE("a.cn"), &host, &err), STATUS_OK);
    host->next_order = 5;
    host->ended_ms = 100;
    host->delay_ms = 20;
    host->leased = true;
    host->lease = number(9);
    host->free_ms = 300;
    host->trouble = 2;
    host->pause_ms = 400;
    host->dead_ms = 500;
    host->average_ms = 6;
    host_set_detail(host, "refused");
    (void) snprintf(host->last_job, sizeof host->last_job, "j");
    (void) snprintf(host->payer, sizeof host->payer, "k");
    host_save(host, &view);
    assert_int_equal(store_commit(view.batch, false, &err), STATUS_OK);
    assert_int_equal(hosts_load(again, view.db, &err), STATUS_OK);
    read = hosts_first(again);
    assert_true(slice_equal(read->name, SLICE("a.cn")));
    assert_int_equal(read->next_order, 5);
    assert_int_equal(read->ended_ms, 100);
    assert_int_equal(read->delay_ms, 20);
    assert_true(read->leased && id_equal(read->lease, number(9)));
    assert_int_equal(read->free_ms, 300);
    assert_int_equal(read->trouble, 2);
    assert_int_equal(read->pause_ms, 400);
    assert_int_equal(read->dead_ms, 500);
    assert_int_equal(read->average_ms, 6);
    assert_string_equal(read->detail, "refused");
    assert_string_equal(read->last_job, "j");
    assert_string_equal(read->payer, "k");
    assert_int_equal(read->part, partition_of(SLICE("a.cn"), 4));
    assert_int_equal(read->due_ms, 0);
    host_clamp(read, 50, 10);
    assert_int_equal(read->ended_ms, 50);
    assert_int_equal(read->free_ms, 60);
    hosts_destroy(hosts);
    hosts_destroy(again);
}

static void test_the_earliest_host_first(void **state)
{
    struct hosts *hosts = hosts_create(1);
    struct host *host;
    int64_t last = 0;

    (void) state;
    for (unsigned i = 0; i < 500; i++) {
        char name[16];
        (void) snprintf(name, sizeof name, "h%u", i);
        assert_int_equal(hosts_get(hosts, slice_from(name), &host, &err), STATUS_OK);
        assert_int_equal(host->due_ms, HOST_NEVER);
        hosts_set_due(hosts, host, (int64_t) (i * 7919 % 1009));
    }
    assert_int_equal(hosts_count(hosts), 500);
    for (unsigned i = 0; i < 500; i++) {
        host = hosts_first(hosts);
        assert_true(host->due_ms >= last);
        last = host->due_ms;
        hosts_set_due(hosts, host, HOST_NEVER);
    }
    assert_int_equal(hosts_first(hosts)->due_ms, HOST_NEVER);
    hosts_destroy(hosts);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_urls),
        TEST(test_queue_order),
        TEST(test_jobs_in_turn),
        TEST(test_waiting_order),
        TEST(test_hits_are_new_once_a_list),
        TEST(test_others),
        TEST(test_garbage_in_the_state),
        TEST(test_hosts_survive),
        TEST(test_the_earliest_host_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
