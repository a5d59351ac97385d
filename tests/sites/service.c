#include "tests/sites/service.h"

#include "tests/sites/listing.h"
#include "tests/sites/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_LIMIT = 1024 * 1024, RETRY_AFTER = 1 };

struct service {
    const struct world *world;
    struct faults *faults; /* NULL unless the world has them */
    struct encoder *encoder;
    struct arena *arena;
    struct buf text;  /* an answer in UTF-8 */
    struct buf bytes; /* the same in GBK */
};

struct service *service_create(const struct world *world)
{
    struct service *service = calloc(1, sizeof *service);

    if (service == NULL)
        return NULL;
    service->world = world;
    buf_init(&service->text, BODY_LIMIT);
    buf_init(&service->bytes, BODY_LIMIT);
    service->arena = arena_create(STORY_ARENA);
    service->encoder = encoder_create();
    if (world->options.faults)
        service->faults = faults_create(world->options.seed);
    if (service->arena == NULL || service->encoder == NULL ||
        (world->options.faults && service->faults == NULL)) {
        service_destroy(service);
        return NULL;
    }
    return service;
}

void service_destroy(struct service *service)
{
    if (service == NULL)
        return;
    faults_destroy(service->faults);
    encoder_destroy(service->encoder);
    arena_destroy(service->arena);
    buf_fini(&service->text);
    buf_fini(&service->bytes);
    free(service);
}

/* The text written so far becomes the body, in GBK if asked. */
static void finish(struct service *service, struct service_response *response, bool gbk)
{
    response->body = buf_slice(&service->text);
    if (!gbk)
        return;
    encoder_to_gbk(service->encoder, response->body, &service->bytes);
    response->body = buf_slice(&service->bytes);
}

/* 404 with a page for people. */
static void answer_missing(struct service *service, struct service_response *response)
{
    response->status = 404;
    page_missing(&service->text);
    finish(service, response, false);
}

/* The target is a path: sites are lazy. */
static void redirect(struct service_response *response, unsigned status, const char *target)
{
    response->status = status;
    snprintf(response->location, sizeof response->location, "%s", target);
}

/* Five kinds of robots.txt, and one site that asks for a slower pace. */
static void answer_robots(struct service *service, const struct service_request *request,
                          struct service_response *response, bool moved)
{
    uint32_t kind = moved ? 1 : request->site % 5;
    const struct site *site = &service->world->sites[request->site];
    struct slice city = service->world->places.cities[site->city].name;

    response->type = "text/plain";
    if (slice_equal(city, SLICE("黄山"))) {
        buf_puts(&service->text, "User-agent: *\nCrawl-delay: 0.05\nDisallow: /manage/\n");
    } else if (kind == 0) {
        response->type = "text/html; charset=utf-8";
        answer_missing(service, response);
        return;
    } else if (kind == 1) {
        buf_puts(&service->text, "User-agent: *\nDisallow: /admin/\n"
                                 "Disallow: /jsearchfront/visit/\n");
    } else if (kind == 2) {
        response->type = "text/html; charset=utf-8";
        page_missing(&service->text);
    } else if (kind == 3) {
        buf_puts(&service->text, "\xEF\xBB\xBFUser-agent: Baiduspider\nDisallow: /\n\n"
                                 "user-agent: *\nDisallow: /user/ # members\n");
    } else {
        redirect(response, 302, "/robots2.txt");
    }
    finish(service, response, false);
}

/* A page of a list, in the dialect's method, type and encoding. */
static void answer_search(struct service *service, const struct service_request *request,
                          struct service_response *response, struct slice query)
{
    const struct site *site = &service->world->sites[request->site];
    const struct dialect *dialect = dialect_find(site->dialect);
    struct listing_question question;

    if (slice_equal(request->method, SLICE("POST")) != (dialect->input != INPUT_QUERY)) {
        response->status = 500;
        buf_puts(&service->text, "<html><body>500 Internal Server Error</body></html>");
        finish(service, response, false);
        return;
    }
    question = listing_ask(service->world, dialect, query, request->body, service->encoder);
    listing_render(service->world, request->site, question, service->arena, &service->text);
    if (dialect->kind != ANSWER_HTML)
        response->type = "application/json;charset=UTF-8";
    else if (dialect->gbk)
        response->type = "text/html";
    finish(service, response, dialect->gbk);
}

/* A page that never arrives whole; the connection does the breaking. */
static void answer_lasting(struct service *service, uint32_t number,
                           struct service_response *response)
{
    response->fault = faults_lasting(service->world->documents[number].ref);
    if (response->fault == FAULT_BOMB) {
        response->gzip = true;
        faults_bomb(&service->text);
    } else {
        buf_puts(&service->text, "<html><head><title>考察</title></head><body><p>一页坏掉的网页，"
                                 "它的编码与声明不符。</p></body></html>");
    }
    finish(service, response, response->fault == FAULT_CHARSET);
}

/* A page, or what stands in its place. */
static void answer_document(struct service *service, uint32_t number,
                            struct service_response *response)
{
    const struct document *document = &service->world->documents[number];
    char path[PAGE_PATH_MAX];
    bool gbk = page_is_gbk(service->world, number);

    switch (document->kind) {
    case KIND_DEAD:
        answer_missing(service, response);
        break;
    case KIND_MOVED:
        redirect(response, 301, page_path(service->world, document->ref, path));
        break;
    case KIND_HOME:
        redirect(response, 302, "/");
        break;
    case KIND_FAULT:
        answer_lasting(service, number, response);
        break;
    default:
        page_render(service->world, number, service->arena, &service->text);
        /* Old servers do not say the charset; the page does. */
        if (gbk)
            response->type = "text/html";
        finish(service, response, gbk);
    }
}

/* True if the fault is the whole answer; others break the real one on its way. */
static bool passing_fault(struct service *service, const struct service_request *request,
                          struct service_response *response)
{
    enum fault fault = service->faults == NULL ? FAULT_NONE
                                               : faults_next(service->faults, request->site,
                                                             request->target, request->body);

    response->fault = fault;
    if (fault != FAULT_UNAVAILABLE && fault != FAULT_TOO_MANY)
        return false;
    response->status = fault == FAULT_UNAVAILABLE ? 503 : 429;
    response->retry_after = RETRY_AFTER;
    buf_puts(&service->text, "<html><body>busy</body></html>");
    finish(service, response, false);
    return true;
}

/* The search of some products has a page number in its path. */
static bool is_search(const struct service *service, uint32_t site, struct slice path)
{
    const struct dialect *dialect = dialect_find(service->world->sites[site].dialect);
    struct slice known = slice_from(dialect->path);

    return slice_equal(path, known) || (slice_ends(known, SLICE("/")) && slice_starts(path, known));
}

void service_answer(struct service *service, const struct service_request *request,
                    struct service_response *response)
{
    struct slice query = request->target;
    struct slice path = slice_split(&query, '?');
    uint32_t number;

    memset(response, 0, sizeof *response);
    response->status = 200;
    response->type = "text/html; charset=utf-8";
    arena_reset(service->arena);
    buf_reset(&service->text);
    buf_reset(&service->bytes);
    if (passing_fault(service, request, response))
        return;
    if (slice_equal(path, SLICE("/robots.txt")) || slice_equal(path, SLICE("/robots2.txt"))) {
        answer_robots(service, request, response, path.size > SLICE("/robots.txt").size);
    } else if (is_search(service, request->site, path)) {
        answer_search(service, request, response, query);
    } else if (query.data == NULL && page_find(service->world, request->site, path, &number)) {
        answer_document(service, number, response);
    } else if (slice_equal(path, SLICE("/"))) {
        page_home(service->world, request->site, service->arena, &service->text);
        finish(service, response, false);
    } else {
        answer_missing(service, response);
    }
}
