/* frontier_result: how lists go on and end. */
#include "tests/unit/crawler/frontier_world.h"

/* A list page's result: hits http://h.cn/<first> … and, with `next`, a further page. */
static void answer_list(struct world *world, const Xunfang__Lease *lease, int first, int count,
                        bool next)
{
    Xunfang__Result *result = world_result(world, lease, OUTCOME(OK), 200);
    Xunfang__FetchResult *fetch = result->fetches[0];

    assert_int_equal(lease->n_items, 1);
    fetch->hits = arena_array(world->arena, (size_t) count + 1, sizeof(void *));
    for (int i = 0; i < count; i++) {
        Xunfang__Hit *hit = arena_alloc(world->arena, sizeof *hit);
        xunfang__hit__init(hit);
        hit->url = arena_printf(world->arena, "http://h.cn/%d", first + i);
        fetch->hits[fetch->n_hits++] = hit;
    }
    if (next) {
        Xunfang__Link *link = arena_alloc(world->arena, sizeof *link);
        xunfang__link__init(link);
        link->request = world_request(world,
                                      arena_printf(world->arena, "http://s.cn/?l=%u&p=%u",
                                                   fetch->request->list, fetch->request->page + 1),
                                      XUNFANG__REQUEST__KIND__LIST);
        link->request->list = fetch->request->list;
        link->request->page = fetch->request->page + 1;
        fetch->links = arena_alloc(world->arena, sizeof(void *));
        fetch->links[fetch->n_links++] = link;
    }
    world_publish_result(world, lease, result);
}

/* The next lease of the search host; others are answered with OK. */
static Xunfang__Lease *search_lease(struct world *world)
{
    Xunfang__Lease *lease;

    while ((lease = world_wait_lease(world, 5000)) != NULL) {
        if (strcmp(lease->host, "s.cn") == 0)
            return lease;
        world_answer(world, lease, OUTCOME(OK), 200);
    }
    return NULL;
}

static void test_list_ends_without_hits(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    world_list(world, "http://s.cn/?l=0&p=0", 0, 0);
    answer_list(world, search_lease(world), 0, 10, true);
    answer_list(world, search_lease(world), 10, 3, true);
    answer_list(world, search_lease(world), 0, 0, true);
    assert_null(search_lease(world));
    assert_int_equal(world_state(world, "http://h.cn/12"), URL_FINAL);
    assert_int_equal(world_state(world, "http://h.cn/13"), URL_NEW);
    assert_int_equal(world_state(world, "http://s.cn/?l=0&p=3"), URL_FINAL);
    assert_int_equal(world_count_verdicts(world, XUNFANG__VERDICT__REASON__LIST_END), 1);
    world_close(world);
}

static void test_list_ends_with_known_hits(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    world_list(world, "http://s.cn/?l=0&p=0", 0, 0);
    answer_list(world, search_lease(world), 0, 10, true);
    answer_list(world, search_lease(world), 5, 5, true); /* the last page again */
    assert_null(search_lease(world));
    assert_int_equal(world_count_verdicts(world, XUNFANG__VERDICT__REASON__LIST_END), 1);
    /* Another list does not know them: it goes on with the same hits. */
    world_list(world, "http://s.cn/?l=1&p=0", 1, 0);
    answer_list(world, search_lease(world), 0, 10, true);
    assert_non_null(search_lease(world));
    world_close(world);
}

static void test_list_without_next_page_just_ends(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    world_list(world, "http://s.cn/?l=0&p=0", 0, 0);
    answer_list(world, search_lease(world), 0, 10, false);
    assert_null(search_lease(world));
    assert_int_equal(world_count_verdicts(world, XUNFANG__VERDICT__REASON__LIST_END), 0);
    world_close(world);
}

static void test_list_stops_at_the_limit(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    world->study.job.crawl.max_pages_per_list = 2;
    world_list(world, "http://s.cn/?l=0&p=0", 0, 0);
    answer_list(world, search_lease(world), 0, 5, true);
    answer_list(world, search_lease(world), 5, 5, true);
    assert_null(search_lease(world));
    assert_int_equal(world_count_verdicts(world, XUNFANG__VERDICT__REASON__LIMIT), 1);
    world_close(world);
}

/* A result that stands in the log twice must not make a list look as if it had only known hits. */
static void test_repeated_result_does_not_end_a_list(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;

    (void) state;
    world_list(world, "http://s.cn/?l=0&p=0", 0, 0);
    lease = search_lease(world);
    answer_list(world, lease, 0, 5, true);
    answer_list(world, lease, 0, 5, true);
    assert_non_null(search_lease(world));
    assert_int_equal(world_count_verdicts(world, XUNFANG__VERDICT__REASON__LIST_END), 0);
    world_close(world);
}

static void test_lists_and_articles_take_turns(void **state)
{
    struct world *world = world_open(1);
    Xunfang__Lease *lease;
    size_t lists = 0;

    (void) state;
    for (uint32_t i = 0; i < 40; i++)
        world_article(world, arena_printf(world->arena, "http://s.cn/%u", i));
    for (uint32_t i = 0; i < 40; i++)
        world_list(world, arena_printf(world->arena, "http://s.cn/?l=%u&p=0", i), i, 0);
    world_run(world, 50);
    lease = world_take_lease(world);
    if (lease->n_items < 10) { /* the first came before all were read */
        world_answer(world, lease, OUTCOME(NOT_SENT), 0);
        lease = world_wait_lease(world, 1000);
    }
    for (size_t i = 0; i < lease->n_items; i++)
        lists += lease->items[i]->request->kind == XUNFANG__REQUEST__KIND__LIST ? 1 : 0;
    assert_in_range(lists, lease->n_items / 2 - 1, lease->n_items / 2 + 1);
    world_close(world);
}

/* A hit is a shorter way than five redirects: what lies behind it comes within reach. */
static void test_hit_is_a_shorter_way(void **state)
{
    struct world *world = world_open(1);

    (void) state;
    world_article(world, "http://h.cn/100");
    for (int i = 101; i <= 104; i++)
        world_redirect(world, world_wait_lease(world, 5000),
                       arena_printf(world->arena, "http://h.cn/%d", i));
    world_redirect(world, world_wait_lease(world, 5000), "http://h.cn/3");
    world_redirect(world, world_wait_lease(world, 5000), "http://h.cn/far");
    world_run(world, 1000);
    assert_null(world_take_lease(world));
    world_list(world, "http://s.cn/?l=0&p=0", 0, 0);
    answer_list(world, world_wait_lease(world, 1000), 3, 1, false);
    assert_string_equal(world_wait_lease(world, 5000)->items[0]->request->url, "http://h.cn/far");
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_ends_without_hits),
        cmocka_unit_test(test_list_ends_with_known_hits),
        cmocka_unit_test(test_list_without_next_page_just_ends),
        cmocka_unit_test(test_list_stops_at_the_limit),
        cmocka_unit_test(test_repeated_result_does_not_end_a_list),
        cmocka_unit_test(test_lists_and_articles_take_turns),
        cmocka_unit_test(test_hit_is_a_shorter_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
