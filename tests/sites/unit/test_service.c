#include "tests/sites/service.h"

#include "tests/sites/page.h"
#include "tests/sites/unit/small_world.h"

static struct service_response ask(struct service *service, uint32_t site, const char *method,
                                   const char *target)
{
    struct service_request request = {.site = site,
                                      .method = slice_from(method),
                                      .target = slice_from(target),
                                      .body = SLICE("")};
    struct service_response response;

    service_answer(service, &request, &response);
    return response;
}

static void test_robots(void **state)
{
    struct world *world = city_world(7, 500, 41);
    struct service *service = service_create(world);
    struct service_response response;

    (void) state;
    assert_int_equal(ask(service, 0, "GET", "/robots.txt").status, 404);
    response = ask(service, 1, "GET", "/robots.txt");
    assert_true(slice_contains(response.body, SLICE("Disallow: /admin/")));
    response = ask(service, 2, "GET", "/robots.txt");
    assert_int_equal(response.status, 200);
    assert_true(slice_contains(response.body, SLICE("<html>")));
    response = ask(service, 4, "GET", "/robots.txt");
    assert_int_equal(response.status, 302);
    assert_string_equal(response.location, "/robots2.txt");
    assert_int_equal(ask(service, 4, "GET", "/robots2.txt").status, 200);
    response = ask(service, 33, "GET", "/robots.txt");
    assert_true(slice_contains(response.body, SLICE("Crawl-delay: 0.05")));
    service_destroy(service);
    world_destroy(world);
}

static void test_routes(void **state)
{
    struct world *world = city_world(7, 500, 41);
    struct service *service = service_create(world);
    struct service_response response;

    (void) state;
    assert_int_equal(ask(service, 0, "GET", "/").status, 200);
    assert_int_equal(ask(service, 0, "GET", "/nothing").status, 404);
    assert_int_equal(ask(service, 0, "GET", "/searchResult").status, 500);
    assert_int_equal(ask(service, 0, "POST", "/searchResult").status, 200);
    response = ask(service, 1, "GET", "/igs/front/search.jhtml?searchWord=x");
    assert_true(slice_starts(slice_from(response.type), SLICE("application/json")));
    assert_int_equal(ask(service, 25, "GET", "/site/search/6784331?keywords=x").status, 200);
    assert_int_equal(ask(service, 25, "GET", "/site/other/6784331?keywords=x").status, 404);
    service_destroy(service);
    world_destroy(world);
}

static void test_documents(void **state)
{
    struct world *world = city_world(7, 3000, 41);
    struct service *service = service_create(world);
    char path[PAGE_PATH_MAX];
    char target[PAGE_PATH_MAX];
    char query[PAGE_PATH_MAX + 8];

    (void) state;
    for (uint32_t i = 0; i < world->document_count; i++) {
        const struct document *document = &world->documents[i];
        struct service_response response =
            ask(service, document->site, "GET", page_path(world, i, path));

        if (document->kind == KIND_DEAD) {
            assert_int_equal(response.status, 404);
        } else if (document->kind == KIND_MOVED) {
            assert_int_equal(response.status, 301);
            assert_string_equal(response.location, page_path(world, document->ref, target));
        } else if (document->kind == KIND_HOME) {
            assert_string_equal(response.location, "/");
        } else {
            assert_int_equal(response.status, 200);
            assert_int_equal(strstr(response.type, "utf-8") == NULL, page_is_gbk(world, i));
        }
    }
    snprintf(query, sizeof query, "%s?a=1", page_path(world, 0, path));
    assert_int_equal(ask(service, world->documents[0].site, "GET", query).status, 404);
    service_destroy(service);
    service_destroy(NULL);
    world_destroy(world);
}

static void test_faults_pass(void **state)
{
    struct world *world = dialect_world(3000, true);
    struct service *service = service_create(world);
    unsigned failed = 0;
    unsigned lasting = 0;
    char path[PAGE_PATH_MAX];

    (void) state;
    for (uint32_t i = 0; i < world->document_count; i++) {
        const struct document *document = &world->documents[i];
        bool faulty = document->kind == KIND_FAULT;

        page_path(world, i, path);
        for (int attempt = 0; attempt < 3; attempt++) {
            struct service_response response = ask(service, document->site, "GET", path);
            bool bad = response.fault != FAULT_NONE;

            failed += !faulty && bad;
            lasting += faulty && bad;
            assert_true(faulty || attempt < 2 || !bad);
            if (response.status == 503 || response.status == 429)
                assert_true(response.retry_after > 0);
        }
    }
    assert_in_range(failed, 30, 150);
    assert_int_equal(lasting, 3 * FAULT_PAGES);
    service_destroy(service);
    world_destroy(world);
}

static void test_faults_repeat(void **state)
{
    struct faults *one = faults_create(7);
    struct faults *two = faults_create(7);
    char target[16];

    (void) state;
    for (int i = 0; i < 3000; i++) {
        snprintf(target, sizeof target, "/%d", i / 3);
        assert_int_equal(faults_next(one, 3, slice_from(target), SLICE("b")),
                         faults_next(two, 3, slice_from(target), SLICE("b")));
    }
    faults_destroy(one);
    faults_destroy(two);
    faults_destroy(NULL);
}

static void test_bomb(void **state)
{
    struct buf bomb;

    (void) state;
    buf_init(&bomb, 1024 * 1024);
    faults_bomb(&bomb);
    assert_int_equal(buf_status(&bomb, NULL), STATUS_OK);
    assert_memory_equal(bomb.data, "\x1f\x8b\x08", 3);
    assert_true(FAULT_BOMB_SIZE / bomb.size > 100);
    buf_fini(&bomb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_robots),        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_documents),     cmocka_unit_test(test_faults_pass),
        cmocka_unit_test(test_faults_repeat), cmocka_unit_test(test_bomb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
