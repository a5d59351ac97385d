#include "crawler/parse_stage.h"

#include "base/message.h"
#include "crawler/fetch_policy.h"
#include "proto/page.pb-c.h"

/* The answer as it came, but for what only the crawl wanted to know of it. */
static enum status restore(const Xunfang__Page *page, struct arena *arena,
                           struct http_response *response, struct error *err)
{
    struct http_header *headers = arena_array(arena, page->n_headers + 1, sizeof *headers);

    if (headers == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a page");
    for (size_t i = 0; i < page->n_headers; i++) {
        headers[i].name = slice_from(page->headers[i]->name);
        headers[i].value = slice_from(page->headers[i]->value);
    }
    *response = (struct http_response){.failure = HTTP_NONE,
                                       .detail = "",
                                       .status = page->http_status,
                                       .headers = headers,
                                       .header_count = page->n_headers,
                                       .body = message_slice(page->body),
                                       .address = page->address,
                                       .ended_ms = page->fetched_ms};
    return STATUS_OK;
}

static enum status parse(const struct page_parser *self, struct task *task,
                         const Xunfang__Page *page, const struct http_response *response,
                         struct error *err)
{
    const struct fetch_page fetched = {self->study, page->request, response};
    Xunfang__Document *document = NULL;
    struct arena *arena = task_arena(task);
    struct slice payload;
    enum status status = fetch_parser_article(self->parser, &fetched, arena, &document, err);

    if (status != STATUS_OK)
        return status;
    payload = message_pack_arena(&document->base, arena);
    if (payload.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a document");
    return task_pass(task, payload, err);
}

/* What lists led to is known from `urls`; reading them again would change nothing that counts. */
static bool is_article(const Xunfang__Page *page)
{
    return page->request != NULL && page->request->kind == XUNFANG__REQUEST__KIND__ARTICLE;
}

static enum status start(void *self, struct task *task, struct error *err)
{
    struct arena *arena = task_arena(task);
    const Xunfang__Page *page =
        message_unpack(&xunfang__page__descriptor, task_record(task)->payload, arena, err);
    struct http_response response;
    struct fetch_verdict verdict = {.outcome = XUNFANG__FETCH_RESULT__OUTCOME__OK};
    enum status status;

    if (page == NULL)
        return STATUS_INVALID;
    if (!is_article(page)) {
        task_pass_over(task);
        return STATUS_OK;
    }
    status = restore(page, arena, &response, err);
    if (status == STATUS_OK)
        status = fetch_policy_judge(page->request, &response, arena, &verdict, err);
    if (status != STATUS_OK)
        return status;
    /* The crawler's rules of today decide, as they would at a fetch; what they refuse is no
     * document, as it was none then. */
    if (verdict.outcome == XUNFANG__FETCH_RESULT__OUTCOME__OK)
        return parse(self, task, page, &response, err);
    task_pass_over(task);
    return STATUS_OK;
}

const struct map_stage parser_stage = {.name = "parser", .max_in_flight = 1, .start = start};
