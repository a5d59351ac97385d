/* frontier_count: what each job has had, and how scarce leases are shared. */
#include "crawler/frontier_count.h"
#include "tests/unit/crawler/frontier_world.h"

static void link_hosts(struct world *world, const char *job, unsigned first, unsigned count)
{
    world->speaker = job;
    for (unsigned i = first; i < first + count; i++)
        world_article(world, arena_printf(world->arena, "http://h%u.cn/", i));
}

/* Reads the leases there are; leases[0] of "job", leases[1] of "other". */
static void count_leases(struct world *world, size_t leases[2])
{
    const Xunfang__Lease *lease;

    while ((lease = world_take_lease(world)) != NULL)
        leases[strcmp(lease->job, "other") == 0]++;
}

/* The second job finds half of the leases, however many hosts the first one has. */
static void test_scarce_leases_are_shared(void **state)
{
    struct world *world = world_open(1);
    size_t leases[2] = {0, 0};

    (void) state;
    link_hosts(world, "job", 0, 400);
    link_hosts(world, "other", 400, 200);
    world_run(world, 1000);
    count_leases(world, leases);
    assert_int_equal(leases[0], 128);
    assert_int_equal(leases[1], 128);
    world_close(world);
}

/* A job that has nothing more to ask for takes nothing from the others. */
static void test_alone_it_has_them_all(void **state)
{
    struct world *world = world_open(1);
    size_t leases[2] = {0, 0};
    Xunfang__Lease *lease;

    (void) state;
    link_hosts(world, "other", 400, 1);
    lease = world_wait_lease(world, 1000);
    world_answer(world, lease, OUTCOME(OK), 200);
    link_hosts(world, "job", 0, 400);
    world_run(world, 1000);
    count_leases(world, leases);
    assert_int_equal(leases[0], 256);
    world_close(world);
}

/* Nor does one that is paused. */
static void test_paused_job_reserves_nothing(void **state)
{
    struct world *world = world_open(1);
    size_t leases[2] = {0, 0};

    (void) state;
    world->other.active = false;
    link_hosts(world, "other", 400, 50);
    link_hosts(world, "job", 0, 400);
    world_run(world, 1000);
    count_leases(world, leases);
    assert_int_equal(leases[0], 256);
    world_close(world);
}

/* After a restart the leases under way are counted for whom they were granted. */
static void test_restart_keeps_the_shares(void **state)
{
    struct world *world = world_open(1);
    size_t leases[2] = {0, 0};
    struct job_count *count;
    size_t cursor = 0, sum = 0;

    (void) state;
    link_hosts(world, "job", 0, 300);
    link_hosts(world, "other", 300, 300);
    world_run(world, 1000);
    world_restart(world, false);
    world_run(world, 500);
    count_leases(world, leases);
    assert_int_equal(leases[0] + leases[1], 256);
    while ((count = frontier_count_next(world->frontier, &cursor)) != NULL) {
        assert_int_equal(count->leases, 128);
        sum += count->leases;
    }
    assert_int_equal(sum, world->frontier->leases);
    world_close(world);
}

/* The parts of a limit are even, and together the whole. */
static void test_parts_of_the_limit(void **state)
{
    struct part parts[5] = {{.ours = true}, {.ours = true}, {.ours = false}, {.ours = true}};
    struct frontier frontier = {.part_count = 5, .parts = parts, .options = {.shared = true}};
    struct crawl_job job = {.max_requests = 12};
    struct job_count *count = calloc(1, sizeof *count + 5 * sizeof count->parts[0]);
    uint64_t sum = 0;

    (void) state;
    assert_non_null(count);
    for (uint32_t i = 0; i < 5; i++) {
        uint64_t left = frontier_count_left(&frontier, count, &job, i);
        assert_in_range(left, 2, 3);
        sum += left;
    }
    assert_int_equal(sum, 12);
    count->parts[0].requests = 1;
    count->parts[0].leased = 1;
    assert_int_equal(frontier_count_left(&frontier, count, &job, 0), 1);
    count->parts[0].leased = 7;
    assert_int_equal(frontier_count_left(&frontier, count, &job, 0), 0);
    count->parts[0].requests = 3;
    assert_false(frontier_count_spent(&frontier, count, &job)); /* and nothing waits */
    count->parts[0].known[1] = 5;
    assert_true(frontier_count_spent(&frontier, count, &job));
    parts[0].ours = false;
    assert_false(frontier_count_spent(&frontier, count, &job));
    count->parts[1].requests = 4;
    count->parts[2].requests = 8;
    assert_int_equal(frontier_count_sum(&frontier, count).requests, 4);
    frontier.options.shared = false; /* one machine: what is ours shares one limit */
    assert_int_equal(frontier_count_left(&frontier, count, &job, 3), 8);
    count->parts[3].requests = 8;
    assert_true(frontier_count_spent(&frontier, count, &job));
    free(count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scarce_leases_are_shared),
        cmocka_unit_test(test_alone_it_has_them_all),
        cmocka_unit_test(test_paused_job_reserves_nothing),
        cmocka_unit_test(test_restart_keeps_the_shares),
        cmocka_unit_test(test_parts_of_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
