/*
 * The OpenAI interface over base/http: one POST an attempt, no streaming, since an answer is of no
 * use before its end. A refusal that another time or place may lift is BUSY, what may have cost the
 * server work is FAILED, and what will be the same next time is REFUSED.
 */
#include "base/http/http.h"
#include "base/http/retry_after.h"
#include "base/llm/llm_backend.h"
#include "base/llm/openai_reply.h"
#include "base/llm/openai_request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_MAX = 4096,
    ENDPOINT_MAX = 1024,
    REASON_MAX = 512,
    NAMES_MAX = 64 * 1024,
    VECTORS_BODY_MAX = 16 * 1024 * 1024, /* 20 characters a number at the largest */
    ANSWER_ARENA_MAX = 8 * 1024 * 1024,
    PAUSE_MOST_MS = 5 * 60 * 1000,
};

struct flight {
    void *owner; /* NULL: free */
    size_t text_count;
    size_t request_bytes;
};

struct openai {
    struct http *http;
    const char *model; /* like the strings below in `arena` */
    const char *endpoint;
    const char *chat_url;
    const char *embed_url;
    const char *authorization; /* NULL: no key */
    enum llm_constraint constraint;
    struct arena *arena;
    struct arena *answer; /* of the attempt end that was given last */
    const struct http_response *response;
    char reason[REASON_MAX];
    struct flight flights[LLM_CONCURRENCY_MAX];
};

/* ---- opening ---- */

static enum status check_endpoint(struct slice endpoint, struct error *err)
{
    struct slice rest = endpoint;

    if (slice_starts(endpoint, SLICE("http://")))
        rest = slice_sub(endpoint, 7, SIZE_MAX);
    else if (slice_starts(endpoint, SLICE("https://")))
        rest = slice_sub(endpoint, 8, SIZE_MAX);
    if (rest.size == endpoint.size || endpoint.size > ENDPOINT_MAX || rest.size == 0 ||
        rest.data[0] == '/')
        return error_set(err, STATUS_INVALID, "endpoint '%.*s' is no http:// or https:// address",
                         SLICE_ARG(endpoint));
    for (size_t i = 0; i < rest.size; i++)
        if ((unsigned char) rest.data[i] <= ' ' || (unsigned char) rest.data[i] >= 0x7F ||
            strchr("@?#", rest.data[i]) != NULL)
            return error_set(err, STATUS_INVALID,
                             "endpoint: no blanks, user, query or fragment; a key is read from "
                             "key_file");
    return STATUS_OK;
}

/* Never repeats what it read: it may be half a key. */
static enum status read_key(const char *path, char line[KEY_MAX], struct error *err)
{
    FILE *file = fopen(path, "re");
    size_t size;
    struct slice key;

    if (file == NULL)
        return error_set_errno(err, errno, "key file %s", path);
    size = fread(line, 1, KEY_MAX - 1, file);
    (void) fclose(file);
    line[size] = '\0';
    line[strcspn(line, "\n")] = '\0';
    key = slice_trim(slice_from(line));
    if (key.size == 0)
        return error_set(err, STATUS_INVALID, "key file %s: its first line is empty", path);
    if (size == KEY_MAX - 1 && strlen(line) == size)
        return error_set(err, STATUS_INVALID, "key file %s: a key of %d bytes and more", path,
                         KEY_MAX - 1);
    for (size_t i = 0; i < key.size; i++)
        if (key.data[i] <= ' ' || key.data[i] >= 0x7F)
            return error_set(err, STATUS_INVALID,
                             "key file %s: the key holds more than printable "
                             "ASCII",
                             path);
    memmove(line, key.data, key.size);
    line[key.size] = '\0';
    return STATUS_OK;
}

static enum status set_key(struct openai *openai, const char *path, struct error *err)
{
    char line[KEY_MAX];
    enum status status;

    if (path == NULL)
        return STATUS_OK;
    status = read_key(path, line, err);
    if (status != STATUS_OK)
        return status == STATUS_NOMEM ? status : STATUS_INVALID;
    openai->authorization = arena_printf(openai->arena, "Bearer %s", line);
    if (openai->authorization == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a key");
    return STATUS_OK;
}

static enum status set_names(struct openai *openai, const struct llm_options *options,
                             struct error *err)
{
    struct slice endpoint = slice_from(options->endpoint);
    enum status status = check_endpoint(endpoint, err);

    if (status != STATUS_OK)
        return status;
    while (slice_ends(endpoint, SLICE("/")))
        endpoint.size--;
    openai->model = arena_printf(openai->arena, "%s", options->model);
    openai->endpoint = arena_copy(openai->arena, endpoint).data;
    openai->chat_url = arena_printf(openai->arena, "%.*s/chat/completions", SLICE_ARG(endpoint));
    openai->embed_url = arena_printf(openai->arena, "%.*s/embeddings", SLICE_ARG(endpoint));
    if (openai->model == NULL || openai->endpoint == NULL || openai->chat_url == NULL ||
        openai->embed_url == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a language model's client");
    return set_key(openai, options->key_file, err);
}

static void openai_destroy(void *state)
{
    struct openai *openai = state;

    if (openai == NULL)
        return;
    http_destroy(openai->http);
    arena_destroy(openai->answer);
    arena_destroy(openai->arena);
    free(openai);
}

static enum status openai_create(const struct llm_options *options, void **state, struct error *err)
{
    struct http_options http = {.clock = options->clock, .max_transfers = LLM_CONCURRENCY_MAX};
    struct openai *openai = calloc(1, sizeof *openai);
    enum status status;

    if (openai == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a language model's client");
    openai->constraint = options->constraint;
    openai->arena = arena_create(NAMES_MAX);
    openai->answer = arena_create(ANSWER_ARENA_MAX);
    status = openai->arena == NULL || openai->answer == NULL
                 ? error_set(err, STATUS_NOMEM, "no memory for a language model's client")
                 : set_names(openai, options, err);
    if (status == STATUS_OK)
        status = http_create(&http, &openai->http, err);
    if (status != STATUS_OK) {
        openai_destroy(openai);
        return status;
    }
    *state = openai;
    return STATUS_OK;
}

/* ---- sending ---- */

static struct flight *find_flight(struct openai *openai, const void *owner)
{
    for (size_t i = 0; i < LLM_CONCURRENCY_MAX; i++)
        if (openai->flights[i].owner == owner)
            return &openai->flights[i];
    return NULL;
}

static enum status send_body(struct openai *openai, const struct llm_attempt *attempt,
                             struct slice body, struct error *err)
{
    struct flight *flight = find_flight(openai, NULL);
    struct http_header headers[] = {{SLICE("Content-Type"), SLICE("application/json")},
                                    {SLICE("Accept"), SLICE("application/json")},
                                    {SLICE("Authorization"), slice_from(openai->authorization)}};
    struct http_request request = {
        .method = "POST",
        .url = slice_from(attempt->text_count > 0 ? openai->embed_url : openai->chat_url),
        .body = body,
        .headers = headers,
        .header_count = openai->authorization == NULL ? 2 : 3,
        .user_agent = "xunfang/" XUNFANG_VERSION,
        .timeout_ms = attempt->timeout_ms,
        .max_body = attempt->text_count > 0 ? VECTORS_BODY_MAX : LLM_REPLY_MAX,
        .owner = flight};
    enum status status;

    if (flight == NULL)
        return error_set(err, STATUS_AGAIN, "%d questions are under way", LLM_CONCURRENCY_MAX);
    status = http_submit(openai->http, &request, err);
    if (status == STATUS_OK)
        *flight = (struct flight){attempt->owner, attempt->text_count, body.size};
    return status;
}

static enum status openai_submit(void *state, const struct llm_attempt *attempt, struct error *err)
{
    struct openai *openai = state;
    struct buf body;
    enum status status;

    buf_init(&body, OPENAI_REQUEST_MAX);
    if (attempt->text_count > 0)
        openai_put_embed(&body, openai->model, attempt);
    else
        openai_put_chat(&body, openai->model, openai->constraint, attempt);
    status = buf_status(&body, err);
    if (status == STATUS_OK)
        status = send_body(openai, attempt, buf_slice(&body), err);
    buf_fini(&body);
    return status;
}

static void openai_cancel(void *state, const void *owner)
{
    struct openai *openai = state;
    struct flight *flight = find_flight(openai, owner);

    if (flight == NULL)
        return;
    http_cancel(openai->http, flight);
    flight->owner = NULL;
}

static enum status openai_step(void *state, int64_t timeout_ms, struct error *err)
{
    return http_step(((struct openai *) state)->http, timeout_ms, err);
}

/* ---- how it ended ---- */

static void end_without_answer(struct openai *openai, struct llm_attempt_end *end)
{
    const struct http_response *response = openai->response;
    bool sent = response->address[0] != '\0'; /* known only once the request went out */

    end->end = sent ? LLM_END_FAILED : LLM_END_BUSY;
    if (response->failure == HTTP_BAD_URL)
        end->end = LLM_END_REFUSED;
    end->sent = sent;
    end->overload = sent && response->failure == HTTP_TIMEOUT;
    end->stale = response->stale;
    (void) snprintf(openai->reason, REASON_MAX, "%s: %s%s%s", openai->endpoint,
                    http_failure_text(response->failure), response->detail[0] == '\0' ? "" : ": ",
                    response->detail);
}

static const char *advice(unsigned status)
{
    if (status == 401 || status == 403)
        return ", check key_file";
    if (status == 404)
        return ", check endpoint and model";
    if (status >= 300 && status < 400)
        return ", redirects are not followed: check endpoint";
    return "";
}

static void end_with_error(struct openai *openai, struct llm_attempt_end *end)
{
    const struct http_response *response = openai->response;
    unsigned status = response->status;
    const char *said = openai_read_error(response->body, openai->answer);
    int64_t wait = retry_after_ms(http_find_header(response, "Retry-After"), response->ended_ms);

    if (status == 429 || status == 503 || status == 529)
        end->end = LLM_END_BUSY;
    else if (status >= 500 || status == 408 || status < 300)
        end->end = LLM_END_FAILED;
    else
        end->end = LLM_END_REFUSED;
    end->sent = end->end == LLM_END_FAILED;
    end->overload = end->end == LLM_END_BUSY;
    end->wait_ms = end->end != LLM_END_BUSY ? 0 : wait < PAUSE_MOST_MS ? wait : PAUSE_MOST_MS;
    (void) snprintf(openai->reason, REASON_MAX, "HTTP %u from %s%s%s%s", status, openai->endpoint,
                    advice(status), said[0] == '\0' ? "" : ": ", said);
}

/* Budgets must hold where a server does not count: Chinese takes about a token for two bytes, other
 * text less. */
static uint64_t counted(uint64_t tokens, size_t bytes)
{
    return tokens != OPENAI_UNKNOWN ? tokens : (bytes + 1) / 2;
}

static void end_with_reply(struct openai *openai, const struct flight *flight,
                           struct llm_attempt_end *end)
{
    struct slice body = openai->response->body;
    struct openai_reply reply = {.complete = false};
    struct error why = {0};
    enum status status =
        flight->text_count > 0
            ? openai_read_vectors(body, flight->text_count, openai->answer, &reply, &why)
            : openai_read_chat(body, openai->answer, &reply, &why);

    end->sent = true;
    if (status != STATUS_OK) {
        end->end = LLM_END_FAILED;
        (void) snprintf(openai->reason, REASON_MAX, "%s: %s", openai->endpoint, why.message);
        return;
    }
    end->end = reply.complete ? LLM_END_REPLY : LLM_END_CUT;
    end->text = reply.text;
    end->vectors = reply.vectors;
    end->dimension = reply.dimension;
    end->served_by = reply.served_by;
    end->prompt_tokens = counted(reply.prompt_tokens, flight->request_bytes);
    end->completion_tokens = counted(reply.completion_tokens, reply.text.size);
    if (!reply.complete)
        (void) snprintf(openai->reason, REASON_MAX, "the reply ended early (%.*s)",
                        SLICE_ARG(reply.finish));
}

static void forget_last(struct openai *openai)
{
    if (openai->response != NULL)
        http_release(openai->http, openai->response);
    openai->response = NULL;
    arena_reset(openai->answer);
    openai->reason[0] = '\0';
}

static bool openai_next(void *state, struct llm_attempt_end *end)
{
    struct openai *openai = state;
    struct flight *flight;

    forget_last(openai);
    openai->response = http_next(openai->http);
    if (openai->response == NULL)
        return false;
    flight = openai->response->owner;
    *end = (struct llm_attempt_end){.owner = flight->owner, .reason = openai->reason};
    if (openai->response->failure != HTTP_NONE)
        end_without_answer(openai, end);
    else if (openai->response->status != 200)
        end_with_error(openai, end);
    else
        end_with_reply(openai, flight, end);
    flight->owner = NULL;
    return true;
}

const struct llm_backend llm_openai = {
    .scheme = "http",
    .embeds = true,
    .create = openai_create,
    .destroy = openai_destroy,
    .submit = openai_submit,
    .cancel = openai_cancel,
    .step = openai_step,
    .next = openai_next,
};
