/*
 * Readers are looked up by the platform's address: a study keeps its platforms in one place for as
 * long as it lives, and studies of running jobs are never unloaded.
 */
#include "crawler/fetch_parse.h"

#include "base/message.h"
#include "base/util/civil.h"
#include "base/util/map.h"
#include "crawler/article.h"
#include "crawler/fetch_policy.h"
#include "crawler/search_page.h"
#include "study/request.h"
#include "study/seeds.h"
#include "study/site.h"
#include "study/text.h"

#include <stdlib.h>

enum { READERS_MAX = 4096 };

struct fetch_parser {
    struct map *lists;    /* platform's address → struct search_page_reader */
    struct map *articles; /* likewise → struct article_reader */
};

enum status fetch_parser_create(struct fetch_parser **result, struct error *err)
{
    struct fetch_parser *parser = calloc(1, sizeof *parser);

    if (parser != NULL) {
        parser->lists = map_create();
        parser->articles = map_create();
    }
    if (parser == NULL || parser->lists == NULL || parser->articles == NULL) {
        fetch_parser_destroy(parser);
        return error_set(err, STATUS_NOMEM, "no memory for reading pages");
    }
    *result = parser;
    return STATUS_OK;
}

void fetch_parser_destroy(struct fetch_parser *parser)
{
    void *reader;
    size_t cursor;

    if (parser == NULL)
        return;
    for (cursor = 0; parser->lists != NULL && map_next(parser->lists, &cursor, NULL, &reader);)
        search_page_reader_destroy(reader);
    for (cursor = 0;
         parser->articles != NULL && map_next(parser->articles, &cursor, NULL, &reader);)
        article_reader_destroy(reader);
    map_destroy(parser->lists);
    map_destroy(parser->articles);
    free(parser);
}

/* A platform's address as a key; NULL, for no platform, is one, too. */
struct reader_key {
    uintptr_t address;
};

static struct slice key_of(const struct reader_key *key)
{
    return slice_of(&key->address, sizeof key->address);
}

/* ---- lists ---- */

static enum status list_reader(struct fetch_parser *parser, const struct platform *platform,
                               struct search_page_reader **reader, struct error *err)
{
    struct reader_key key = {(uintptr_t) platform};
    enum status status;

    *reader = map_get(parser->lists, key_of(&key));
    if (*reader != NULL)
        return STATUS_OK;
    status = search_page_reader_create(platform, reader, err);
    if (status != STATUS_OK)
        return status;
    if (map_size(parser->lists) < READERS_MAX &&
        map_put(parser->lists, key_of(&key), *reader) == STATUS_OK)
        return STATUS_OK;
    search_page_reader_destroy(*reader);
    return error_set(err, STATUS_NOMEM, "no memory for reading lists");
}

/* The finding is for people: it names what the platform's description no longer fits. */
static enum status unreadable(Xunfang__FetchResult *result, const char *finding,
                              struct arena *arena, struct error *err)
{
    result->outcome = XUNFANG__FETCH_RESULT__OUTCOME__UNREADABLE;
    result->detail = message_text(arena, slice_from(finding));
    return result->detail == NULL ? error_set(err, STATUS_NOMEM, "no memory for a list")
                                  : STATUS_OK;
}

static Xunfang__Hit *make_hit(const struct search_hit *from, uint32_t rank, struct arena *arena)
{
    Xunfang__Hit *hit = arena_alloc(arena, sizeof *hit);
    struct id *id = arena_alloc(arena, sizeof *id);

    if (hit == NULL || id == NULL)
        return NULL;
    xunfang__hit__init(hit);
    *id = request_id_of_url(from->url);
    hit->rank = rank;
    hit->url = message_text(arena, from->url);
    hit->request_id = message_bytes(id_slice(id));
    /* Titles of lists are for people; a cut one does no harm. */
    hit->title = message_text(arena, slice_sub(from->title, 0, FETCH_TITLE_MAX));
    hit->has_date = from->day != CIVIL_NONE;
    hit->date = hit->has_date ? from->day : 0;
    return hit->url == NULL || hit->title == NULL ? NULL : hit;
}

static enum status fill_hits(const struct search_page *page, uint32_t number, struct arena *arena,
                             Xunfang__FetchResult *result, struct error *err)
{
    result->hits = arena_array(arena, page->hit_count + 1, sizeof(Xunfang__Hit *));
    result->bad_hits = (uint32_t) page->bad_hits;
    result->declared_total = page->has_total ? page->total : 0;
    if (result->hits == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a list");
    for (size_t i = 0; i < page->hit_count; i++) {
        uint32_t rank = (uint32_t) (number * page->hit_count + i);
        Xunfang__Hit *hit;
        if (!fetch_policy_accepts(page->hits[i].url)) {
            result->bad_hits++;
            continue;
        }
        hit = make_hit(&page->hits[i], rank, arena);
        if (hit == NULL)
            return error_set(err, STATUS_NOMEM, "no memory for a list");
        result->hits[result->n_hits++] = hit;
    }
    return STATUS_OK;
}

/* Can the platform tell how to ask for the page behind this one? Then *wanted is that page. */
static bool has_next(const struct fetch_page *page, const struct platform *platform,
                     struct slice link, struct seeds_page *wanted)
{
    *wanted = (struct seeds_page){.list = page->request->list, .page = page->request->page + 1};
    if (platform->response.next.size == 0)
        return platform_has_page_numbers(platform);
    wanted->next = link;
    return link.size > 0 && fetch_policy_accepts(link);
}

static enum status fill_next(const struct fetch_page *page, const struct seeds_page *wanted,
                             struct arena *arena, Xunfang__FetchResult *result, struct error *err)
{
    Xunfang__Request *next = NULL;
    enum status status = seeds_request(page->study, wanted, arena, &next, err);

    if (status == STATUS_INVALID)
        return unreadable(result, err->message, arena, err);
    if (status != STATUS_OK)
        return status;
    result->links = arena_alloc(arena, sizeof(Xunfang__Link *));
    if (result->links != NULL)
        result->links[0] = arena_alloc(arena, sizeof(Xunfang__Link));
    if (result->links == NULL || result->links[0] == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a list");
    xunfang__link__init(result->links[0]);
    next->fetch_number = page->request->fetch_number;
    result->links[0]->request = next;
    result->n_links = 1;
    return STATUS_OK;
}

enum status fetch_parser_list(struct fetch_parser *parser, const struct fetch_page *page,
                              struct arena *arena, Xunfang__FetchResult *result, struct error *err)
{
    struct search_page_input input = {.bytes = page->response->body,
                                      .url = slice_from(page->request->url),
                                      .content_type =
                                          http_find_header(page->response, "Content-Type"),
                                      .page = page->request->page};
    struct search_page_reader *reader;
    const struct platform *platform;
    struct seeds_page wanted;
    struct search_page found;
    enum status status;

    if (page->request->list >= page->study->list_count)
        return unreadable(result, "a list that the job does not have", arena, err);
    platform = seeds_publisher(page->study, page->request->list)->platform;
    status = list_reader(parser, platform, &reader, err);
    /* A platform that is described wrongly loses its lists; it does not stop the crawler. */
    if (status == STATUS_INVALID)
        return unreadable(result, err->message, arena, err);
    if (status == STATUS_OK)
        status = search_page_read(reader, &input, arena, &found, err);
    if (status == STATUS_TOO_LARGE)
        return unreadable(result, err->message, arena, err);
    if (status != STATUS_OK)
        return status;
    if (found.state == SEARCH_PAGE_UNMATCHED)
        return unreadable(result, found.finding, arena, err);
    status = fill_hits(&found, page->request->page, arena, result, err);
    if (status != STATUS_OK || !has_next(page, platform, found.next, &wanted))
        return status;
    return fill_next(page, &wanted, arena, result, err);
}

/* ---- articles ---- */

static enum status article_reader(struct fetch_parser *parser, const struct platform *platform,
                                  struct article_reader **reader, struct error *err)
{
    struct reader_key key = {(uintptr_t) platform};
    enum status status;

    *reader = map_get(parser->articles, key_of(&key));
    if (*reader != NULL)
        return STATUS_OK;
    status = article_reader_create(platform, reader, err);
    if (status != STATUS_OK)
        return status;
    if (map_size(parser->articles) < READERS_MAX &&
        map_put(parser->articles, key_of(&key), *reader) == STATUS_OK)
        return STATUS_OK;
    article_reader_destroy(*reader);
    return error_set(err, STATUS_NOMEM, "no memory for reading articles");
}

/* The platform of the publisher that speaks for the page's host: its selectors come first. */
static const struct platform *platform_of(const struct study *study, struct slice url)
{
    struct slice host;
    uint16_t port;
    int publisher = REGION_NONE;

    if (site_of_url(url, &host, &port))
        publisher = region_publisher_of(&study->region, host, port);
    return publisher == REGION_NONE ? NULL : study->region.publishers[publisher].platform;
}

/* Nobody's page, or two cities', has no city: the extractor then reads it from the text alone. */
static struct slice city_of(const struct study *study, struct slice url)
{
    int city = region_city_of_url(&study->region, url);

    return city == REGION_NONE ? slice_of("", 0) : study->region.cities[city].name;
}

/* What every log down to the last carries along. */
static Xunfang__Brief *make_brief(const struct fetch_page *page, const struct article *article,
                                  struct arena *arena)
{
    Xunfang__Brief *brief = arena_alloc(arena, sizeof *brief);
    struct id *fingerprint = arena_alloc(arena, sizeof *fingerprint);

    if (brief == NULL || fingerprint == NULL)
        return NULL;
    xunfang__brief__init(brief);
    brief->url = page->request->url;
    brief->site_city = message_text(arena, city_of(page->study, slice_from(page->request->url)));
    brief->title = message_text(arena, article->title);
    brief->has_date = article->day != CIVIL_NONE;
    brief->date = brief->has_date ? article->day : 0;
    /* No fingerprint says that the page is blank, title or not. */
    if (!text_is_blank(article->body)) {
        *fingerprint = text_fingerprint(article->title, article->body);
        brief->fingerprint = message_bytes(id_slice(fingerprint));
    }
    return brief->site_city == NULL || brief->title == NULL ? NULL : brief;
}

static enum status make_document(const struct fetch_page *page, const struct article *article,
                                 struct arena *arena, Xunfang__Document **result, struct error *err)
{
    Xunfang__Document *document = arena_alloc(arena, sizeof *document);

    if (document == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a document");
    xunfang__document__init(document);
    document->brief = make_brief(page, article, arena);
    document->body = message_text(arena, article->body);
    document->charset = message_text(arena, slice_from(article->charset));
    document->date_rule = message_text(arena, slice_from(article->date_rule));
    if (document->brief == NULL || document->body == NULL || document->charset == NULL ||
        document->date_rule == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a document");
    *result = document;
    return STATUS_OK;
}

enum status fetch_parser_article(struct fetch_parser *parser, const struct fetch_page *page,
                                 struct arena *arena, Xunfang__Document **document,
                                 struct error *err)
{
    struct slice url = slice_from(page->request->url);
    struct article_input input = {.html = page->response->body,
                                  .url = url,
                                  .content_type = http_find_header(page->response, "Content-Type")};
    struct article_reader *reader;
    struct article article;
    enum status status = article_reader(parser, platform_of(page->study, url), &reader, err);

    if (status == STATUS_OK)
        status = article_read(reader, &input, arena, &article, err);
    return status == STATUS_OK ? make_document(page, &article, arena, document, err) : status;
}
