/* frontier_parts: partitions of urls that move between two frontiers. */
#include "crawler/courtesy.h"
#include "tests/unit/crawler/moves_world.h"

#include "base/util/crash.h"

static struct moves *moves;

static int set_up(void **state)
{
    (void) state;
    moves = moves_open(1);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    moves_close(moves);
    return 0;
}

static int64_t now_ms(void)
{
    return moves->base.clock.now_ms;
}

static void give_all(int member)
{
    for (uint32_t part = 0; part < PARTS; part++)
        moves_give(moves, part, member);
}

static size_t leases_read(void)
{
    size_t sum = 0;

    for (uint32_t part = 0; part < PARTS; part++)
        sum += moves->read[part];
    return sum;
}

/* On a cluster that nobody has worked on yet nothing is waited for. */
static void test_first_of_all(void **state)
{
    (void) state;
    moves_articles(moves, 0, 0, 3);
    moves_run(moves, 1000);
    assert_true(moves->sends > 0);
}

/* The longest lease is waited out: not a lease before its end, and then the host's delay. */
static void test_gained(void **state)
{
    uint32_t part = host_part(0);
    int64_t gained_ms;
    size_t read;

    (void) state;
    moves_articles(moves, 0, 0, 200);
    moves_run(moves, 1000);
    moves_give(moves, part, 1);
    gained_ms = now_ms();
    moves_run(moves, 100);
    read = moves->read[part];
    moves_run(moves, COURTESY_LEASE_MS + TIMEOUT_MS + 2 * COURTESY_SKEW_MS - 100 + DELAY_MS -
                         COURTESY_AHEAD_MS - 50);
    assert_int_equal(moves->read[part], read);
    moves_run(moves, 1000);
    assert_true(moves->read[part] > read);
    assert_true(moves->lease_ms[part] >=
                gained_ms + COURTESY_LEASE_MS + TIMEOUT_MS + 2 * COURTESY_SKEW_MS);
    moves_run(moves, 60000);
    assert_int_equal(moves_counts(moves, 1, 1u << part).final_articles, 200);
}

/* Who leaves in order says when his last lease is over: with nothing out that is now. */
static void test_left_in_order(void **state)
{
    const struct bus_partition at = {"urls", host_part(0)};
    int64_t before_ms;
    size_t read;

    (void) state;
    moves_articles(moves, 0, 0, 3);
    moves_run(moves, 3000);
    assert_int_equal(moves->sends, 3);
    bus_world_recall(moves->base.logs, "frontier", &at);
    moves_run(moves, 10);
    moves_give(moves, at.partition, 1);
    moves_articles(moves, 0, 10, 200);
    before_ms = now_ms();
    moves_run(moves, 2500);
    assert_true(moves->lease_ms[at.partition] > before_ms);

    /* With a lease out it is when that one is over, though nobody may answer for it. */
    moves->die_per_mille = 1000;
    moves_run(moves, 4000);
    read = moves->read[at.partition];
    bus_world_recall(moves->base.logs, "frontier", &at);
    moves_run(moves, 10);
    moves->die_per_mille = 0;
    moves_give(moves, at.partition, 0);
    moves_run(moves, COURTESY_LEASE_MS + TIMEOUT_MS + 2 * COURTESY_SKEW_MS + 1000);
    assert_true(moves->read[at.partition] > read);
    moves_run(moves, 30000);
    assert_int_equal(moves_counts(moves, 0, 1u << at.partition).final_articles, 203);
}

/* Who has to wait himself leaves that to his successor. */
static void test_reach_of_a_hold(void **state)
{
    const struct bus_partition at = {"urls", host_part(0)};
    int64_t gained_ms;
    size_t read;

    (void) state;
    moves_articles(moves, 0, 0, 400);
    moves_run(moves, 1000);
    moves_give(moves, at.partition, 1); /* without a word */
    gained_ms = now_ms();
    moves_run(moves, 1000);
    read = moves->read[at.partition];
    bus_world_recall(moves->base.logs, "frontier", &at);
    moves_run(moves, 10);
    moves_give(moves, at.partition, 0); /* in order, in the middle of the hold */
    moves_run(moves, 20000);
    assert_true(moves->read[at.partition] > read);
    assert_true(moves->lease_ms[at.partition] >=
                gained_ms + COURTESY_LEASE_MS + TIMEOUT_MS + 2 * COURTESY_SKEW_MS);
}

/* What comes back before anybody else was sure of it goes on at once. */
static void test_kept(void **state)
{
    const struct bus_partition at = {"urls", host_part(0)};
    size_t read;

    (void) state;
    moves_articles(moves, 0, 0, 200);
    moves_run(moves, 1000);
    bus_world_recall(moves->base.logs, "frontier", &at);
    moves_run(moves, 3000); /* the lease that is out ends, no other follows */
    read = moves->read[at.partition];
    moves_run(moves, 3000);
    assert_int_equal(moves->read[at.partition], read);
    bus_world_move(moves->base.logs, "frontier", &at, false);
    moves_run(moves, 500);
    assert_true(moves->read[at.partition] > read);
}

/* A restart right after the gain still knows that somebody else was there; one on a partition that
 * was ours all the time has nothing to wait for. */
static void test_restarts(void **state)
{
    uint32_t part = host_part(0);
    struct member *two = &moves->members[1];
    int64_t gained_ms;
    size_t read;

    (void) state;
    moves_articles(moves, 0, 0, 400);
    moves_run(moves, 1000);
    give_all(1);
    gained_ms = now_ms();
    moves_run(moves, 3000);
    read = moves->read[part];
    member_stop(two);
    member_start(moves, two);
    moves_run(moves, 12000);
    assert_true(moves->read[part] > read);
    assert_true(moves->lease_ms[part] >=
                gained_ms + COURTESY_LEASE_MS + TIMEOUT_MS + 2 * COURTESY_SKEW_MS);
    read = moves->read[part];
    member_stop(two);
    member_start(moves, two);
    moves_run(moves, 3000);
    assert_true(moves->read[part] > read);
}

/* A state that is lost knows of no lease: all partitions are gained. */
static void test_lost_state(void **state)
{
    uint32_t part = host_part(0);
    struct member *one = &moves->members[0];
    size_t read;

    (void) state;
    moves_articles(moves, 0, 0, 400);
    moves_run(moves, 1000);
    read = moves->read[part];
    member_stop(one);
    OK_OR_FAIL(store_wipe(one->store, &world_error));
    member_start(moves, one);
    moves_run(moves, COURTESY_LEASE_MS + TIMEOUT_MS);
    assert_int_equal(moves->read[part], read);
    moves_run(moves, 3000);
    assert_true(moves->read[part] > read);
}

/* Who slept between reading the clock and sending sends leases that are over. */
static bool sleep_before_send(void *self, enum crash_point point)
{
    int *naps = self;

    if (point != CRASH_FOLD_BEFORE_SEND || *naps == 0)
        return false;
    --*naps;
    moves->members[0].asleep = true;
    give_all(1);
    moves_run(moves, 40000);
    moves->members[0].asleep = false;
    return false;
}

static void test_zombie(void **state)
{
    int naps = 1;

    (void) state;
    for (size_t host = 0; host < 8; host++)
        moves_articles(moves, host, 0, 300);
    moves_run(moves, 1000);
    crash_set_hook(sleep_before_send, &naps);
    moves_run(moves, 3000);
    crash_set_hook(NULL, NULL);
    assert_int_equal(naps, 0);
    assert_true(moves->expired > 0);
    moves_run(moves, 100000);
    assert_int_equal(moves_counts(moves, 1, 15).final_articles, 8 * 300);
    assert_int_equal(moves_counts(moves, 1, 15).leased, 0);
}

/* Counters go where the partition goes, and say what its log says. */
static void test_counters_move(void **state)
{
    Xunfang__JobState before, after;
    uint32_t part = host_part(0);

    (void) state;
    for (size_t host = 0; host < 8; host++)
        moves_articles(moves, host, 0, 30);
    moves_run(moves, 20000);
    before = moves_counts(moves, 0, 1u << part);
    assert_true(before.requests >= 30 && before.known_articles == before.final_articles);
    moves_give(moves, part, 1);
    moves_run(moves, 1000);
    after = moves_counts(moves, 1, 1u << part);
    assert_int_equal(after.requests, before.requests);
    assert_int_equal(after.known_articles, before.known_articles);
    assert_int_equal(after.final_articles, before.final_articles);
    assert_int_equal(moves_counts(moves, 1, 15u & ~(1u << part)).requests, 0);
}

/* Each partition has its part of max_requests; so nothing need be said between frontiers. */
static void test_max_requests(void **state)
{
    size_t sends;

    (void) state;
    moves->base.job.max_requests = 4 * 20 + 3;
    for (size_t host = 0; host < HOSTS_MAX_HERE; host++)
        moves_articles(moves, host, 0, 30);
    moves_give(moves, 1, 1);
    moves_give(moves, 3, 1);
    moves_run(moves, 5000);
    give_all(1);
    moves_run(moves, 40000);
    give_all(0);
    moves_run(moves, 40000);
    sends = moves->sends;
    assert_int_equal(sends, 83); /* every partition has hosts with more than that */
    moves->base.job.max_requests = 84;
    moves_run(moves, 3000);
    assert_int_equal(moves->sends, 84);
}

/* In order or without a word, as members that are awake or asleep take it. */
static void move_one(struct random *random)
{
    const struct bus_partition at = {"urls", (uint32_t) random_below(random, PARTS)};

    if (random_chance(random, 500)) {
        bus_world_recall(moves->base.logs, "frontier", &at);
        moves_run(moves, 5);
    }
    moves_give(moves, at.partition, (int) random_below(random, 2));
}

/* Whatever moves, dies, sleeps or is late: no host is asked too soon, and all gets done. */
static void play(uint64_t seed)
{
    struct random *random;
    size_t before;

    moves_close(moves);
    moves = moves_open(seed);
    random = &moves->random;
    moves->slow_ms = TIMEOUT_MS;
    moves->die_per_mille = 150;
    moves->late_per_mille = 200;
    for (size_t host = 0; host < HOSTS_MAX_HERE; host++)
        moves_articles(moves, host, 0, 12);
    for (int round = 0; round < 60; round++) {
        struct member *member = &moves->members[random_below(random, 2)];
        moves_run(moves, 200 + (int64_t) random_below(random, 6000));
        if (random_chance(random, 150)) {
            member_stop(member);
            if (random_chance(random, 300))
                OK_OR_FAIL(store_wipe(member->store, &world_error));
            member_start(moves, member);
        }
        member->asleep = random_chance(random, 200);
        if (random_chance(random, 400))
            move_one(random);
    }
    moves->members[0].asleep = moves->members[1].asleep = false;
    moves->die_per_mille = moves->late_per_mille = 0;
    moves->slow_ms = 20;
    give_all(0);
    moves_run(moves, 60000);
    before = leases_read();
    moves_run(moves, 5000);
    assert_int_equal(leases_read(), before);
    assert_int_equal(moves_counts(moves, 0, 15).final_articles, HOSTS_MAX_HERE * 12);
    assert_int_equal(moves_counts(moves, 0, 15).leased, 0);
}

static void test_courtesy_over_moves(void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed <= 12; seed++)
        play(seed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_first_of_all),
        TEST(test_gained),
        TEST(test_kept),
        TEST(test_left_in_order),
        TEST(test_reach_of_a_hold),
        TEST(test_restarts),
        TEST(test_lost_state),
        TEST(test_zombie),
        TEST(test_counters_move),
        TEST(test_max_requests),
        TEST(test_courtesy_over_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
