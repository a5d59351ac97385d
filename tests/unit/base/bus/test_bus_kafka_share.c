/* Grants, recalls and commits between a reader and its group, without any Kafka. */
#include "base/bus/bus_kafka_share.h"
#include "tests/support/cmocka_all.h"

#include <pthread.h>
#include <string.h>

static struct kafka_share *share;
static struct error err;

static int begin(void **state)
{
    (void) state;
    share = kafka_share_create(2);
    return share == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void) state;
    kafka_share_destroy(share);
    return 0;
}

static void grant(size_t index, uint64_t offset)
{
    struct kafka_grant made = {.offset = offset, .end = offset + 10};

    kafka_share_grant(share, &index, &made, 1);
}

/* The next news is this; its offset. */
static uint64_t expect(enum bus_event_kind kind, size_t index)
{
    struct kafka_news news;
    bool any = false;

    assert_int_equal(kafka_share_next(share, &news, &any, &err), STATUS_OK);
    assert_true(any);
    assert_int_equal(news.kind, kind);
    assert_int_equal(news.index, index);
    return kind == BUS_EVENT_ASSIGNED ? news.grant.offset : 0;
}

static void expect_nothing(void)
{
    struct kafka_news news;
    bool any = true;

    assert_int_equal(kafka_share_next(share, &news, &any, &err), STATUS_OK);
    assert_false(any);
}

static bool may_commit(size_t index)
{
    if (!kafka_share_commit_begin(share, index))
        return false;
    kafka_share_commit_end(share);
    return true;
}

static void test_grant(void **state)
{
    (void) state;
    expect_nothing();
    assert_false(may_commit(0));
    grant(1, 5);
    grant(0, 7);
    assert_false(may_commit(0)); /* the reader does not know yet where it stands */
    assert_int_equal(expect(BUS_EVENT_ASSIGNED, 0), 7);
    assert_true(may_commit(0));
    assert_int_equal(expect(BUS_EVENT_ASSIGNED, 1), 5);
    expect_nothing();
}

static void test_recall(void **state)
{
    (void) state;
    grant(0, 0);
    (void) expect(BUS_EVENT_ASSIGNED, 0);
    kafka_share_recall(share);
    assert_false(kafka_share_await(share, 0));
    assert_true(may_commit(0)); /* work that was done before the news */
    (void) expect(BUS_EVENT_REVOKED, 0);
    assert_false(kafka_share_await(share, 0));
    assert_true(may_commit(0)); /* the last word */
    expect_nothing();
    assert_true(kafka_share_await(share, 0));
    assert_false(may_commit(0));
    kafka_share_forfeit(share);
    assert_false(may_commit(0));
}

/* The group did not wait: what the reader thinks it has is void, also after a new grant. */
static void test_forfeit(void **state)
{
    (void) state;
    grant(0, 0);
    (void) expect(BUS_EVENT_ASSIGNED, 0);
    kafka_share_recall(share);
    kafka_share_forfeit(share);
    assert_false(may_commit(0));
    assert_true(kafka_share_await(share, 0)); /* nothing left to wait for */
    grant(0, 40);
    assert_false(may_commit(0));
    (void) expect(BUS_EVENT_REVOKED, 0);
    assert_false(may_commit(0));
    assert_int_equal(expect(BUS_EVENT_ASSIGNED, 0), 40);
    assert_true(may_commit(0));
    expect_nothing();
}

/* Forfeited between the news and the look after it. */
static void test_forfeit_while_letting_go(void **state)
{
    (void) state;
    grant(0, 0);
    (void) expect(BUS_EVENT_ASSIGNED, 0);
    kafka_share_recall(share);
    (void) expect(BUS_EVENT_REVOKED, 0);
    kafka_share_forfeit(share);
    assert_false(may_commit(0));
    grant(0, 9);
    assert_int_equal(expect(BUS_EVENT_ASSIGNED, 0), 9);
    assert_true(may_commit(0));
}

static void test_unheard_grant(void **state)
{
    (void) state;
    for (uint64_t i = 0; i < 5; i++) {
        grant(0, i);
        kafka_share_recall(share);
        assert_true(kafka_share_await(share, 0));
        kafka_share_forfeit(share);
    }
    expect_nothing();
    grant(0, 9);
    assert_int_equal(expect(BUS_EVENT_ASSIGNED, 0), 9);
    kafka_share_recall(share);
    kafka_share_forfeit(share);
    grant(0, 11);
    kafka_share_recall(share);
    kafka_share_forfeit(share);
    (void) expect(BUS_EVENT_REVOKED, 0); /* once, though it was recalled twice */
    expect_nothing();
}

static void test_failure(void **state)
{
    struct kafka_news news;
    bool any;

    (void) state;
    kafka_share_fail(share, STATUS_IO, "first");
    kafka_share_fail(share, STATUS_CORRUPT, "second");
    kafka_share_wait(share, 0);
    assert_int_equal(kafka_share_next(share, &news, &any, &err), STATUS_IO);
    assert_string_equal(err.message, "first");
}

static void test_arrivals(void **state)
{
    (void) state;
    kafka_share_wait(share, 1);
    kafka_share_arrived(share, 1);
    kafka_share_wait(share, 60 * 1000); /* back at once: it happened before */
    assert_false(kafka_share_take_arrived(share, 0));
    assert_true(kafka_share_take_arrived(share, 1));
    assert_false(kafka_share_take_arrived(share, 1));
}

static void *await(void *arg)
{
    bool *done = arg;

    *done = kafka_share_await(share, 60 * 1000);
    kafka_share_forfeit(share);
    return NULL;
}

/* The waiting side goes on as soon as the reader has let go; a reader that closes ends the wait. */
static void test_threads(void **state)
{
    pthread_t thread;
    bool done = false;

    (void) state;
    grant(0, 0);
    (void) expect(BUS_EVENT_ASSIGNED, 0);
    kafka_share_recall(share);
    assert_int_equal(pthread_create(&thread, NULL, await, &done), 0);
    assert_true(kafka_share_commit_begin(share, 0));
    (void) expect(BUS_EVENT_REVOKED, 0);
    expect_nothing();
    kafka_share_commit_end(share);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(done);
    grant(0, 0);
    (void) expect(BUS_EVENT_ASSIGNED, 0);
    kafka_share_recall(share);
    assert_int_equal(pthread_create(&thread, NULL, await, &done), 0);
    kafka_share_close(share);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(done);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_grant),         TEST(test_recall),
        TEST(test_forfeit),       TEST(test_forfeit_while_letting_go),
        TEST(test_unheard_grant), TEST(test_failure),
        TEST(test_arrivals),      TEST(test_threads),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
