/* slots against simulated servers: what the limit comes to, and what that does to the server. */
#include "tests/unit/base/llm/slots_sim.h"

#include "tests/support/cmocka_all.h"

enum { MOST = 64 };

static void seed(struct sim *sim, uint64_t number)
{
    random_init(&sim->random, number);
}

/* ---- one client, enough to ask ---- */

static void test_32_slots(void **state)
{
    struct sim *sim = sim_new((struct sim_server){.slots = 32, .service_ms = 200}, 1, MOST);
    uint64_t busy;
    int64_t begun;

    (void) state;
    sim_answer(sim, 2000);
    begun = sim->now_ms;
    busy = sim->busy_ms;
    sim_answer(sim, 8000);
    assert_true(sim_busy(sim, 0, 0) >= 970);
    assert_true(sim_busy(sim, begun, busy) >= 990);
    assert_in_range(slots_limit(&sim->clients[0]), 32, 45);
}

static void test_scattered_answers(void **state)
{
    (void) state;
    for (unsigned scatter = 20; scatter <= 100; scatter += 40)
        for (uint64_t number = 1; number <= 10; number++) {
            struct sim *sim = sim_new(
                (struct sim_server){.slots = 32, .service_ms = 200, .scatter = scatter}, 1, MOST);
            seed(sim, number);
            sim_answer(sim, 10000);
            assert_true(sim_busy(sim, 0, 0) >= (scatter == 100 ? 840 : 940));
        }
}

static void test_any_number_of_slots(void **state)
{
    static const unsigned counts[] = {1, 2, 3, 5, 8, 12, 24, 48, 60};

    (void) state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct sim *sim = sim_new(
            (struct sim_server){.slots = counts[i], .service_ms = 300, .scatter = 20}, 1, MOST);
        uint64_t busy;
        int64_t begun;
        sim_answer(sim, 200UL * counts[i]);
        begun = sim->now_ms;
        busy = sim->busy_ms;
        sim_answer(sim, 600UL * counts[i]);
        assert_true(sim_busy(sim, begun, busy) >= 930);
        assert_in_range(slots_limit(&sim->clients[0]), counts[i], counts[i] * 3 / 2 + 4);
    }
}

/* llama.cpp with two slots on two cores: each slows the other down, answers take seconds. */
static void test_small_batching_server(void **state)
{
    const struct sim_server server = {
        .slots = 2, .service_ms = 4000, .scatter = 50, .crowding = 300};

    (void) state;
    for (uint64_t number = 1; number <= 10; number++) {
        struct sim *sim = sim_new(server, 1, MOST);
        seed(sim, number);
        sim_answer(sim, 300);
        assert_true(sim_busy(sim, 0, 0) >= 990);
        assert_true(sim->most_limit <= 8);
        assert_true(slots_limit(&sim->clients[0]) <= 6);
        assert_int_equal(sim->timed_out, 0);
    }
}

/* A large one: sixty-four at once, each making the others a little slower. */
static void test_large_batching_server(void **state)
{
    struct sim *sim =
        sim_new((struct sim_server){.slots = 64, .service_ms = 1000, .scatter = 50, .crowding = 20},
                1, 128);

    (void) state;
    sim_answer(sim, 10000);
    /* All 64 busy would be 28.3 a second. */
    assert_true(sim->answered * 1000 / (uint64_t) sim->now_ms >= 25);
    assert_true(slots_limit(&sim->clients[0]) <= 100);
}

static void test_never_over_the_limit_given(void **state)
{
    (void) state;
    for (unsigned most = 1; most <= 9; most++) {
        struct sim *sim =
            sim_new((struct sim_server){.slots = 32, .service_ms = 50, .scatter = 30}, 1, most);
        sim_answer(sim, 3000);
        assert_int_equal(sim->most_limit, most);
        assert_true(sim->most_open <= most);
        assert_true(slots_limit(&sim->clients[0]) >= (most + 1) / 2);
    }
}

/* ---- servers that refuse, hang, change ---- */

static void test_refusing_server(void **state)
{
    (void) state;
    for (uint64_t number = 1; number <= 5; number++) {
        struct sim *sim = sim_new(
            (struct sim_server){.slots = 8, .service_ms = 300, .scatter = 50, .refuse_over = 8}, 1,
            MOST);
        seed(sim, number);
        sim_answer(sim, 4000);
        assert_true(sim_busy(sim, 0, 0) >= 850);
        assert_true(sim->refused > 0 && sim->refused <= 60);
    }
}

static void test_hanging_server(void **state)
{
    struct sim *sim = sim_new((struct sim_server){.slots = 32, .service_ms = 200}, 1, MOST);
    uint64_t busy;
    int64_t begun;

    (void) state;
    sim_answer(sim, 3000);
    assert_true(slots_limit(&sim->clients[0]) >= 32);
    sim->server.hangs = true;
    sim_wait(sim, 30 * 60 * 1000);
    assert_int_equal(slots_limit(&sim->clients[0]), 1);
    assert_true(sim->timed_out < 300);
    /* And back again. */
    sim->server.hangs = false;
    sim_wait(sim, 120 * 1000);
    begun = sim->now_ms;
    busy = sim->busy_ms;
    sim_wait(sim, 30 * 1000);
    assert_true(sim_busy(sim, begun, busy) >= 950);
}

static void test_one_time_out_is_one_cut(void **state)
{
    struct slots slots;

    (void) state;
    slots_init(&slots, MOST, 60000, 0);
    for (int i = 0; i < SLOTS_FIRST; i++)
        slots_sent(&slots, 0);
    for (int i = 0; i < SLOTS_FIRST; i++)
        slots_ended(&slots, 60000, 0, SLOTS_TIMED_OUT);
    assert_int_equal(slots_limit(&slots), SLOTS_FIRST / 2);
    /* Sent after the cut: a new sign. */
    slots_sent(&slots, 60000);
    slots_ended(&slots, 60001, 60000, SLOTS_TIMED_OUT);
    assert_int_equal(slots_limit(&slots), 1);
    slots_sent(&slots, 60002);
    slots_ended(&slots, 60003, 60002, SLOTS_TIMED_OUT);
    assert_int_equal(slots_limit(&slots), 1);
}

/* Loading its model: that says nothing about how much it can do. */
static void test_refusing_all_is_no_crowd(void **state)
{
    struct slots slots;

    (void) state;
    slots_init(&slots, MOST, 60000, 0);
    for (int i = 0; i < 50; i++) {
        slots_sent(&slots, i);
        slots_ended(&slots, i, i, SLOTS_REFUSED);
    }
    assert_int_equal(slots_limit(&slots), SLOTS_FIRST);
    slots_sent(&slots, 100);
    slots_ended(&slots, 200, 100, SLOTS_ANSWERED);
    for (int i = 200; i < 250; i++) {
        slots_sent(&slots, i);
        slots_ended(&slots, i, i, SLOTS_REFUSED);
    }
    assert_int_equal(slots_limit(&slots), SLOTS_FIRST / 2);
}

static void test_server_that_changes(void **state)
{
    struct sim *sim =
        sim_new((struct sim_server){.slots = 32, .service_ms = 200, .scatter = 20}, 1, MOST);
    uint64_t busy;
    int64_t begun;

    (void) state;
    sim_answer(sim, 3000);
    sim->server.slots = 8;
    sim_wait(sim, 240 * 1000);
    assert_in_range(slots_limit(&sim->clients[0]), 8, 20);
    sim->server.slots = 48;
    sim_wait(sim, 240 * 1000);
    begun = sim->now_ms;
    busy = sim->busy_ms;
    sim_wait(sim, 30 * 1000);
    assert_true(sim_busy(sim, begun, busy) >= 930);
}

static void test_slow_server_gets_one_at_a_time(void **state)
{
    struct sim *sim = sim_new((struct sim_server){.slots = 1, .service_ms = 25000}, 1, MOST);

    (void) state;
    sim_wait(sim, 3 * 3600 * 1000);
    assert_true(slots_limit(&sim->clients[0]) <= 2);
    assert_true(sim->timed_out < 20);
}

/* ---- little to ask, several who ask ---- */

static void test_little_demand_changes_nothing(void **state)
{
    struct sim *sim = sim_new((struct sim_server){.slots = 32, .service_ms = 200}, 1, MOST);

    (void) state;
    sim->demand = 1;
    sim_answer(sim, 500);
    assert_int_equal(slots_limit(&sim->clients[0]), SLOTS_FIRST);
    sim->demand = 0;
    sim_answer(sim, 2000);
    assert_true(slots_limit(&sim->clients[0]) >= 32);
}

static void test_several_workers_at_a_small_server(void **state)
{
    const struct sim_server server = {
        .slots = 2, .service_ms = 1500, .scatter = 50, .crowding = 300};

    (void) state;
    for (unsigned clients = 2; clients <= 8; clients += 2) {
        struct sim *sim = sim_new(server, clients, MOST);
        seed(sim, clients);
        sim_wait(sim, 3600 * 1000);
        assert_true(sim_busy(sim, 0, 0) >= 990);
        assert_int_equal(sim->timed_out, 0);
        assert_true(sim->most_open <= 48);
        for (unsigned i = 0; i < clients; i++)
            assert_true(sim->answered_by[i] > sim->answered / clients / 4);
    }
}

static void test_several_workers_at_a_large_server(void **state)
{
    struct sim *sim =
        sim_new((struct sim_server){.slots = 32, .service_ms = 200, .scatter = 50}, 4, MOST);

    (void) state;
    sim_answer(sim, 20000);
    assert_true(sim_busy(sim, 0, 0) >= 950);
    assert_true(sim->most_open <= 4 * MOST);
}

static void test_counts(void **state)
{
    struct slots slots;

    (void) state;
    slots_init(&slots, MOST, 60000, 0);
    assert_int_equal(slots_limit(&slots), SLOTS_FIRST);
    assert_int_equal(slots_free(&slots), SLOTS_FIRST);
    for (int i = 0; i < 6; i++)
        slots_sent(&slots, 0);
    assert_int_equal(slots_in_flight(&slots), 6);
    assert_int_equal(slots_free(&slots), 0);
    for (int i = 0; i < 6; i++)
        slots_ended(&slots, 5, 0, SLOTS_NEITHER);
    assert_int_equal(slots_in_flight(&slots), 0);
    assert_int_equal(slots_limit(&slots), SLOTS_FIRST);
}

/* A recording answers in no time at all. */
static void test_no_latency(void **state)
{
    struct slots slots;

    (void) state;
    slots_init(&slots, MOST, 60000, 0);
    for (int i = 0; i < 10000; i++) {
        unsigned sent = 0;
        for (; slots_free(&slots) > 0; sent++)
            slots_sent(&slots, i / 100);
        for (; sent > 0; sent--)
            slots_ended(&slots, i / 100, i / 100, SLOTS_ANSWERED);
    }
    assert_in_range(slots_limit(&slots), 1, MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_32_slots),
        cmocka_unit_test(test_scattered_answers),
        cmocka_unit_test(test_any_number_of_slots),
        cmocka_unit_test(test_small_batching_server),
        cmocka_unit_test(test_large_batching_server),
        cmocka_unit_test(test_never_over_the_limit_given),
        cmocka_unit_test(test_refusing_server),
        cmocka_unit_test(test_hanging_server),
        cmocka_unit_test(test_one_time_out_is_one_cut),
        cmocka_unit_test(test_refusing_all_is_no_crowd),
        cmocka_unit_test(test_server_that_changes),
        cmocka_unit_test(test_slow_server_gets_one_at_a_time),
        cmocka_unit_test(test_little_demand_changes_nothing),
        cmocka_unit_test(test_several_workers_at_a_small_server),
        cmocka_unit_test(test_several_workers_at_a_large_server),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_no_latency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
