/* fetch_parse: next pages by number and by link, pages that cannot be read. */
#include "crawler/fetch_parse.h"

#include "crawler/fetch_policy.h"
#include "tests/unit/crawler/fetch_world.h"

static struct http_response html(const char *body)
{
    return (struct http_response){.status = 200, .body = slice_from(body), .detail = ""};
}

static Xunfang__FetchResult *read_list(struct world *world, Xunfang__Request *request,
                                       const char *body)
{
    struct http_response response = html(body);
    struct fetch_page page = {world->study, request, &response};
    Xunfang__FetchResult *result = arena_alloc(world->arena, sizeof *result);
    struct fetch_parser *parser;

    xunfang__fetch_result__init(result);
    result->request = request;
    OK_OR_FAIL(fetch_parser_create(&parser, &world_error));
    OK_OR_FAIL(fetch_parser_list(parser, &page, world->arena, result, &world_error));
    fetch_parser_destroy(parser);
    return result;
}

static Xunfang__Request *list_request(struct world *world, uint32_t list, uint32_t page)
{
    struct seeds_page wanted = {.list = list, .page = page};
    Xunfang__Request *request;

    OK_OR_FAIL(seeds_request(world->study, &wanted, world->arena, &request, &world_error));
    return request;
}

static void test_next_by_number(void **state)
{
    struct world *world = world_open();
    Xunfang__Request *request = list_request(world, 1, 4);
    Xunfang__FetchResult *result;

    (void) state;
    request->fetch_number = 2;
    result = read_list(world, request, list_page);
    assert_int_equal(result->n_links, 1);
    assert_int_equal(result->links[0]->request->page, 5);
    assert_int_equal(result->links[0]->request->list, 1);
    assert_int_equal(result->links[0]->request->fetch_number, 2);
    assert_non_null(strstr(result->links[0]->request->url, "p=6"));
    assert_int_equal(result->hits[0]->rank, 4 * 2);
    world_close(world);
}

static void test_next_by_link(void **state)
{
    struct world *world = world_open();
    struct platform *platform = world->study->platforms;
    Xunfang__FetchResult *result;

    (void) state;
    platform->response.next = SLICE("//a[@id='n']/@href");
    result = read_list(world, list_request(world, 0, 0),
                       "<div class='l'><a href='/1'>x</a></div><a id='n' href='?page=b'>n</a>");
    assert_int_equal(result->n_links, 1);
    assert_non_null(strstr(result->links[0]->request->url, "?page=b"));
    assert_int_equal(result->links[0]->request->page, 1);
    result = read_list(world, list_request(world, 0, 0), "<div class='l'><a href='/1'>x</a></div>");
    assert_int_equal(result->n_hits, 1);
    assert_int_equal(result->n_links, 0);
    world_close(world);
}

static void test_overlong_hit_is_counted(void **state)
{
    struct world *world = world_open();
    char *body = arena_alloc(world->arena, 8192);
    Xunfang__FetchResult *result;
    size_t size;

    (void) state;
    size = (size_t) snprintf(body, 8192, "<div class='l'><a href='/");
    memset(body + size, 'a', FETCH_URL_MAX + 1);
    (void) snprintf(body + size + FETCH_URL_MAX + 1, 100, "'>x</a></div>");
    result = read_list(world, list_request(world, 0, 0), body);
    assert_int_equal(result->n_hits, 0);
    assert_int_equal(result->bad_hits, 1);
    world_close(world);
}

static void test_unknown_list(void **state)
{
    struct world *world = world_open();
    Xunfang__Request *request = list_request(world, 0, 0);
    Xunfang__FetchResult *result;

    (void) state;
    request->list = 99;
    result = read_list(world, request, list_page);
    assert_int_equal(result->outcome, OUTCOME(UNREADABLE));
    world_close(world);
}

static Xunfang__Document *read_article(struct world *world, const char *url, const char *body)
{
    Xunfang__Request *request = arena_alloc(world->arena, sizeof *request);
    struct http_response response = html(body);
    struct fetch_page page = {world->study, request, &response};
    struct fetch_parser *parser;
    Xunfang__Document *document;

    xunfang__request__init(request);
    request->url = arena_printf(world->arena, "%s", url);
    OK_OR_FAIL(fetch_parser_create(&parser, &world_error));
    OK_OR_FAIL(fetch_parser_article(parser, &page, world->arena, &document, &world_error));
    fetch_parser_destroy(parser);
    return document;
}

static void test_articles(void **state)
{
    struct world *world = world_open();
    char url[64];
    Xunfang__Document *document;

    (void) state;
    (void) snprintf(url, sizeof url, "http://127.0.0.2:%u/x.html", server_port);
    document = read_article(world, url, article_page);
    assert_string_equal(document->brief->site_city, "合肥");
    assert_string_equal(document->brief->url, url);
    assert_true(document->brief->has_date);
    /* A host nobody speaks for; a blank page. */
    document = read_article(world, "http://example.org/", "<html></html>");
    assert_string_equal(document->brief->site_city, "");
    assert_int_equal(document->brief->fingerprint.len, 0);
    assert_false(document->brief->has_date);
    assert_string_equal(document->body, "");
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_by_number),
        cmocka_unit_test(test_next_by_link),
        cmocka_unit_test(test_overlong_hit_is_counted),
        cmocka_unit_test(test_unknown_list),
        cmocka_unit_test(test_articles),
    };

    return cmocka_run_group_tests(tests, server_start, NULL);
}
