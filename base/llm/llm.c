#include "base/llm/llm.h"

#include "base/llm/llm_private.h"

#include <stdlib.h>
#include <string.h>

enum {
    LLM_MAGIC = 0x4c6c6d00,
    DEFAULT_TIMEOUT_MS = 60 * 1000,
    DEFAULT_PATIENCE_MS = 10 * 60 * 1000,
    DEFAULT_CONCURRENCY = 64,
    DEFAULT_FIRST_WAIT_MS = 500,
    DEFAULT_MOST_WAIT_MS = 30 * 1000,
    QUEUE_LEAST = 4,
};

const char *llm_outcome_text(enum llm_outcome outcome)
{
    static const char *const texts[] = {
#define X(name, text) text,
        LLM_OUTCOMES(X)
#undef X
    };

    ENSURE((size_t) outcome < sizeof texts / sizeof texts[0]);
    return texts[outcome];
}

/* ---- opening ---- */

static struct llm_options with_defaults(const struct llm_options *given)
{
    struct llm_options options = *given;

    if (options.timeout_ms <= 0)
        options.timeout_ms = DEFAULT_TIMEOUT_MS;
    if (options.patience_ms <= 0)
        options.patience_ms = DEFAULT_PATIENCE_MS;
    if (options.concurrency == 0)
        options.concurrency = DEFAULT_CONCURRENCY;
    if (options.concurrency > LLM_CONCURRENCY_MAX)
        options.concurrency = LLM_CONCURRENCY_MAX;
    if (options.retry.attempts == 0)
        options.retry =
            (struct retry_policy){DEFAULT_FIRST_WAIT_MS, DEFAULT_MOST_WAIT_MS, LLM_CALLS_MAX};
    return options;
}

/* Backend and recording; what is made stays in *llm for llm_destroy. */
static enum status open_ways(struct llm *llm, const struct llm_options *options, struct error *err)
{
    enum status status;

    if (options->model == NULL || options->model[0] == '\0')
        return error_set(err, STATUS_INVALID, "a language model needs a name");
    if (options->endpoint == NULL)
        return error_set(err, STATUS_INVALID, "a language model needs an endpoint");
    llm->model = strdup(options->model);
    if (llm->model == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a language model's client");
    status = llm->backend->create(options, &llm->state, err);
    if (status == STATUS_OK && options->record != NULL)
        status = recording_open(options->record, &llm->recording, err);
    return status;
}

enum status llm_create_over(const struct llm_backend *backend, const struct llm_options *given,
                            struct llm **result, struct error *err)
{
    struct llm_options options = with_defaults(given);
    struct llm *llm = calloc(1, sizeof *llm);
    enum status status;

    if (llm == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a language model's client");
    llm->magic = LLM_MAGIC;
    llm->clock = options.clock;
    llm->retry = options.retry;
    llm->timeout_ms = options.timeout_ms;
    llm->patience_ms = options.patience_ms;
    llm->backend = backend;
    slots_init(&llm->slots, options.concurrency, options.timeout_ms, clock_mono_ms(llm->clock));
    breaker_init(&llm->breaker);
    llm_meter_init(&llm->meter);
    status = open_ways(llm, &options, err);
    if (status == STATUS_OK)
        *result = llm;
    else
        llm_destroy(llm);
    return status;
}

enum status llm_create(const struct llm_options *options, struct llm **llm, struct error *err)
{
    static const struct llm_backend *const backends[] = {&llm_openai, &llm_replay};
    struct slice rest = slice_from(options->endpoint);
    struct slice scheme = slice_split(&rest, ':');

    if (slice_equal(scheme, SLICE("https")))
        scheme = SLICE("http");
    for (size_t i = 0; rest.data != NULL && i < sizeof backends / sizeof backends[0]; i++)
        if (slice_equal(scheme, slice_from(backends[i]->scheme)))
            return llm_create_over(backends[i], options, llm, err);
    return error_set(err, STATUS_INVALID,
                     "endpoint '%s': neither http://HOST:PORT/v1, https:// nor replay:FILE",
                     options->endpoint == NULL ? "" : options->endpoint);
}

void llm_destroy(struct llm *llm)
{
    if (llm == NULL)
        return;
    ENSURE(llm->magic == LLM_MAGIC);
    for (size_t i = 0; i < llm->open_count; i++)
        pending_destroy(llm->open[i]);
    if (llm->state != NULL)
        llm->backend->destroy(llm->state);
    recording_close(llm->recording);
    free(llm->model);
    llm->magic = 0;
    free(llm);
}

const char *llm_model(const struct llm *llm)
{
    return llm->model;
}

/* ---- asking ---- */

static size_t count_state(const struct llm *llm, enum pending_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < llm->open_count; i++)
        count += llm->open[i]->state == state;
    return count;
}

size_t llm_room(const struct llm *llm)
{
    size_t ready = count_state(llm, PENDING_READY);
    size_t room = slots_free(&llm->slots);
    int64_t now = clock_mono_ms(llm->clock);

    if (!breaker_allows(&llm->breaker, now))
        return 0;
    if (breaker_state(&llm->breaker, now) != BREAKER_CLOSED && room > 1)
        room = 1;
    return room > ready ? room - ready : 0;
}

size_t llm_open(const struct llm *llm)
{
    return llm->open_count;
}

bool llm_troubled(const struct llm *llm)
{
    return breaker_state(&llm->breaker, clock_mono_ms(llm->clock)) != BREAKER_CLOSED;
}

/* Beyond what is in flight half as many again may stand ready. Questions that wait for a second try
 * keep nobody out, but for memory. */
static enum status check_room(const struct llm *llm, struct error *err)
{
    size_t queued = count_state(llm, PENDING_READY) + slots_in_flight(&llm->slots);
    size_t limit = slots_limit(&llm->slots);
    size_t most = limit + (limit / 2 > QUEUE_LEAST ? limit / 2 : QUEUE_LEAST);

    if (queued >= most || llm->open_count == LLM_OPEN_MAX ||
        llm->open_bytes > LLM_OPEN_BYTES - LLM_PROMPT_MAX)
        return error_set(err, STATUS_AGAIN, "%zu questions are open", llm->open_count);
    return STATUS_OK;
}

static void add(struct llm *llm, struct pending *pending)
{
    int64_t now = clock_mono_ms(llm->clock);

    pending->seed = (uint64_t) now ^ (llm->asked++ << 40);
    pending->deadline_ms = now + llm->patience_ms;
    llm->open[llm->open_count++] = pending;
    llm->open_bytes += pending->bytes;
}

enum status llm_ask(struct llm *llm, const struct llm_question *question, struct error *err)
{
    struct pending *pending = NULL;
    enum status status;

    ENSURE(llm->magic == LLM_MAGIC);
    status = check_room(llm, err);
    if (status == STATUS_OK)
        status = pending_create_chat(question, &pending, err);
    if (status == STATUS_OK)
        add(llm, pending);
    return status;
}

enum status llm_embed(struct llm *llm, const struct llm_embed_question *question, struct error *err)
{
    struct pending *pending = NULL;
    enum status status;

    ENSURE(llm->magic == LLM_MAGIC);
    if (!llm->backend->embeds)
        return error_set(err, STATUS_UNSUPPORTED, "'%s:' gives no embeddings",
                         llm->backend->scheme);
    status = check_room(llm, err);
    if (status == STATUS_OK)
        status = pending_create_embed(question, &pending, err);
    if (status == STATUS_OK)
        add(llm, pending);
    return status;
}

enum status llm_step(struct llm *llm, int64_t timeout_ms, struct error *err)
{
    int64_t next, now;
    enum status status;

    ENSURE(llm->magic == LLM_MAGIC);
    status = llm_flow_send(llm, err);
    if (status != STATUS_OK)
        return status;
    next = llm_flow_next_ms(llm);
    now = clock_mono_ms(llm->clock);
    if (llm->ended > 0 || next <= now)
        timeout_ms = 0;
    else if (next - now < timeout_ms)
        timeout_ms = next - now;
    status = llm->backend->step(llm->state, timeout_ms, err);
    if (status == STATUS_OK)
        status = llm_flow_collect(llm, err);
    if (status == STATUS_OK)
        status = llm_flow_send(llm, err);
    /* What was submitted just now leaves before the caller turns to other things. */
    if (status == STATUS_OK)
        status = llm->backend->step(llm->state, 0, err);
    llm_meter_state(&llm->meter, slots_in_flight(&llm->slots), slots_limit(&llm->slots),
                    breaker_state(&llm->breaker, clock_mono_ms(llm->clock)));
    return status;
}

/* ---- giving back ---- */

static void forget(struct llm *llm, size_t at)
{
    struct pending *pending = llm->open[at];

    llm->open_bytes -= pending->bytes;
    llm->open_count--;
    memmove(&llm->open[at], &llm->open[at + 1], (llm->open_count - at) * sizeof(struct pending *));
    pending_destroy(pending);
}

void llm_cancel(struct llm *llm, const void *owner)
{
    size_t at = 0;

    while (at < llm->open_count) {
        struct pending *pending = llm->open[at];
        if (pending->answer.owner != owner || pending->handed_out) {
            at++;
            continue;
        }
        if (pending->state == PENDING_FLYING)
            llm_flow_cancel(llm, pending);
        llm->ended -= pending->state == PENDING_ENDED;
        forget(llm, at);
    }
}

const struct llm_answer *llm_next(struct llm *llm)
{
    for (size_t i = 0; llm->ended > 0 && i < llm->open_count; i++) {
        struct pending *pending = llm->open[i];
        if (pending->state != PENDING_ENDED || pending->handed_out)
            continue;
        pending->handed_out = true;
        llm->ended--;
        return &pending->answer;
    }
    return NULL;
}

void llm_release(struct llm *llm, const struct llm_answer *answer)
{
    size_t at = 0;

    while (at < llm->open_count && &llm->open[at]->answer != answer)
        at++;
    ENSURE(at < llm->open_count && llm->open[at]->handed_out);
    forget(llm, at);
}
