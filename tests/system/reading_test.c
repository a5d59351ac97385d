/*
 * The shipped platforms and the crawler's readers on the simulated sites, without sockets: every
 * page of every list of the demo, and every article, must come out as the sites meant it.
 */
#include "base/util/civil.h"
#include "crawler/article.h"
#include "crawler/search_page.h"
#include "study/seeds.h"
#include "tests/sites/page.h"
#include "tests/sites/service.h"
#include "tests/sites/story.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENTS = 6000, ARENA_SIZE = 64 << 20, SHOWN_MAX = 8, PAGES_MAX = 200 };

static struct world *world;
static struct service *service;
static struct arena *arena;
static struct study *study;
static struct search_page_reader *list_readers[WORLD_SITES_MAX];
static struct article_reader *article_readers[WORLD_SITES_MAX];

static void build_world(void)
{
    struct world_options options = {.seed = 11, .documents = DOCUMENTS};
    char address[16];

    assert_int_equal(world_create(options, &world, NULL), STATUS_OK);
    for (int i = 0; i < world->places.city_count; i++) {
        snprintf(address, sizeof address, "127.0.2.%d", i + 1);
        assert_int_equal(world_add_site(world, address, 18080, world->places.cities[i].name,
                                        world->places.cities[i].dialect, NULL),
                         STATUS_OK);
    }
    assert_int_equal(world_build(world, NULL), STATUS_OK);
    service = service_create(world);
    assert_non_null(service);
}

static void load_study(void)
{
    struct study_source source = {.job_path = SOURCE_DIR "/jobs/demo.yaml", .data_dir = SOURCE_DIR};
    struct error err;

    if (study_load(&source, &study, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* One reader of each kind for every site, by its platform. */
static void create_readers(void)
{
    for (uint32_t site = 0; site < world->site_count; site++) {
        const struct platform *platform = study->region.publishers[site].platform;

        assert_int_equal(search_page_reader_create(platform, &list_readers[site], NULL), STATUS_OK);
        assert_int_equal(article_reader_create(platform, &article_readers[site], NULL), STATUS_OK);
    }
}

static void destroy_readers(void)
{
    for (uint32_t site = 0; site < world->site_count; site++) {
        search_page_reader_destroy(list_readers[site]);
        article_reader_destroy(article_readers[site]);
    }
}

/* The answer of the site that the URL names, as the crawler would get it. */
static struct service_response answer(struct slice url, const char *method, struct slice body)
{
    struct service_request request = {.method = slice_from(method), .body = body};
    struct service_response response;
    struct slice host = slice_sub(url, SLICE("http://").size, url.size);
    size_t slash = slice_find(host, SLICE("/"));

    request.target = slice_sub(host, slash, host.size);
    host = slice_sub(host, 0, slash);
    while (!slice_equal(slice_from(world->sites[request.site].host), host))
        assert_true(++request.site < world->site_count);
    service_answer(service, &request, &response);
    return response;
}

/* How many of the hits are the list's, from rank `from` on and in order. */
static size_t count_right(const struct search_page *page, uint32_t site, int city, size_t from)
{
    uint32_t count;
    const uint32_t *expected = world_hits(world, site, city, &count);
    struct buf url;
    size_t right = 0;

    buf_init(&url, 512);
    for (size_t i = 0; i < page->hit_count && from + i < count; i++) {
        buf_reset(&url);
        page_url(world, expected[from + i], &url);
        right += slice_equal(page->hits[i].url, buf_slice(&url)) &&
                 page->hits[i].day == world->documents[expected[from + i]].day + TRIP_EPOCH &&
                 slice_equal(page->hits[i].title, story_title(world, expected[from + i], arena));
    }
    buf_fini(&url);
    return right;
}

/* Reads the list to its end; returns the hits that came out right. */
static size_t read_list(uint32_t list, size_t expected)
{
    const struct study_list *entry = &study->lists[list];
    const struct platform *platform = study->region.publishers[entry->publisher].platform;
    int city = places_find(&world->places, entry->keyword);
    struct seeds_page place = {.list = list};
    size_t right = 0;

    for (size_t seen = 0; seen < expected && place.page < PAGES_MAX; place.page++) {
        Xunfang__Request *request;
        struct search_page page;
        struct error err = {0};
        struct service_response response;

        if (seeds_request(study, &place, arena, &request, &err) != STATUS_OK)
            fail_msg("list %u: %s", list, err.message);
        response = answer(slice_from(request->url), request->method,
                          slice_of(request->body.data, request->body.len));
        struct search_page_input input = {.bytes = response.body,
                                          .url = slice_from(request->url),
                                          .content_type = slice_from(response.type),
                                          .page = place.page};
        /* The service's buffers are reused; the reader copies what it keeps into the arena. */
        assert_int_equal(
            search_page_read(list_readers[entry->publisher], &input, arena, &page, &err),
            STATUS_OK);
        if (page.state != SEARCH_PAGE_HITS)
            break;
        right += count_right(&page, entry->publisher, city, seen);
        seen += page.hit_count;
        place.next = page.next;
        if (platform->response.next.size > 0 && page.next.size == 0)
            break;
    }
    return right;
}

static void test_lists(void **state)
{
    size_t wrong = 0;

    (void) state;
    assert_int_equal(study->list_count, world->site_count * (world->site_count - 1));
    for (uint32_t list = 0; list < study->list_count; list++) {
        const struct study_list *entry = &study->lists[list];
        uint32_t expected;
        size_t right;

        (void) world_hits(world, entry->publisher, places_find(&world->places, entry->keyword),
                          &expected);
        arena_reset(arena);
        right = read_list(list, expected);
        if (right != expected && wrong++ < SHOWN_MAX)
            printf("site %u (%.*s) for %.*s: %zu of %u right\n", (unsigned) entry->publisher + 1,
                   SLICE_ARG(world->sites[entry->publisher].dialect), SLICE_ARG(entry->keyword),
                   right, (unsigned) expected);
    }
    assert_int_equal(wrong, 0);
}

/* Without white space of any kind, as the fingerprint takes it. */
static struct slice squeeze(struct slice text)
{
    struct buf out;
    struct slice copy;

    buf_init(&out, ARENA_SIZE);
    for (size_t i = 0; i < text.size; i++) {
        struct slice rest = slice_sub(text, i, text.size);

        if (slice_starts(rest, SLICE("\u3000")))
            i += 2;
        else if (slice_starts(rest, SLICE("\u00a0")))
            i += 1;
        else if (strchr(" \t\r\n", text.data[i]) == NULL)
            buf_putc(&out, text.data[i]);
    }
    copy = arena_copy(arena, buf_slice(&out));
    buf_fini(&out);
    return copy;
}

static struct slice body_of(const struct story *story)
{
    struct buf out;
    struct slice copy;

    buf_init(&out, ARENA_SIZE);
    for (size_t i = 0; i < story->count; i++)
        buf_append(&out, story->paragraphs[i]);
    copy = squeeze(buf_slice(&out));
    buf_fini(&out);
    return copy;
}

/* What is wrong with the page as it was read; NULL if nothing. */
static const char *fault_of(uint32_t number, const struct article *article)
{
    int32_t day =
        page_has_date(world, number) ? world->documents[number].day + TRIP_EPOCH : CIVIL_NONE;
    struct story story;

    story_tell(world, number, arena, &story);
    if (!slice_equal(squeeze(article->title), squeeze(story.title)))
        return "title";
    if (article->day != day)
        return "date";
    return slice_equal(squeeze(article->body), body_of(&story)) ? NULL : "body";
}

static void test_articles(void **state)
{
    size_t wrong[STYLE_EXAMPLE + 1] = {0};
    size_t sum = 0;

    (void) state;
    for (uint32_t i = 0; i < world->page_count; i++) {
        const struct document *document = &world->documents[i];
        struct article article;
        struct service_response response;
        struct buf url;
        const char *fault;

        arena_reset(arena);
        buf_init(&url, 512);
        page_url(world, i, &url);
        response = answer(buf_slice(&url), "GET", SLICE(""));
        struct article_input input = {.html = response.body,
                                      .url = buf_slice(&url),
                                      .content_type = slice_from(response.type)};
        assert_int_equal(
            article_read(article_readers[document->site], &input, arena, &article, NULL),
            STATUS_OK);
        fault = fault_of(i, &article);
        if (fault != NULL && wrong[document->style]++ < SHOWN_MAX)
            printf("%s: wrong %s (style %u, date rule %s, body rule %s): %.*s | %.*s\n",
                   buf_text(&url), fault, (unsigned) document->style, article.date_rule,
                   article.body_rule, SLICE_ARG(article.title),
                   SLICE_ARG(slice_sub(article.body, 0, 120)));
        sum += fault != NULL;
        buf_fini(&url);
    }
    assert_int_equal(sum, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_articles),
    };
    int failed;

    arena = arena_create(ARENA_SIZE);
    build_world();
    load_study();
    create_readers();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    destroy_readers();
    study_destroy(study);
    service_destroy(service);
    world_destroy(world);
    arena_destroy(arena);
    return failed;
}
