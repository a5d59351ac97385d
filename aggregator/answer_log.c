#include "aggregator/answer_log.h"

#include "base/message.h"
#include "proto/answer.pb-c.h"

static uint32_t put(struct answer_log *log, const char *text)
{
    return strings_put(log->strings, slice_from(text));
}

/* What tells a claim from all others of its key. */
struct claim_name {
    uint64_t life;
    uint64_t number;
};

/* A claim can be ended more than once, by a worker that repeats after a crash or by a late end of
 * one that was given up: only its first end costs. */
static enum status add_usage(struct answer_log *log, struct id key, const struct claim_name *claim,
                             const Xunfang__AnswerUsage *usage, struct error *err)
{
    /* The struct is two numbers without padding, so its bytes are its value. */
    struct id end = id_of(id_slice(&key), slice_of(claim, sizeof *claim));
    bool fresh = false;
    enum status status = idset_add(&log->ends, end, &fresh, err);

    if (status != STATUS_OK || !fresh || usage == NULL)
        return status;
    log->used.calls += usage->calls;
    log->used.tokens += usage->prompt_tokens + usage->completion_tokens;
    log->used.money += usage->cost;
    return STATUS_OK;
}

/* 0 is no cap at all, so it is larger than any. Caps differ between claims when a job is replayed
 * with another budget: the check must not fail a run that kept to the larger one. */
static uint64_t larger_cap(bool first, uint64_t a, uint64_t b)
{
    if (!first && (a == 0 || b == 0))
        return 0;
    return a > b ? a : b;
}

/* Whether it was granted is not asked here: its caps are the job's in any case. */
static void take_claim(struct answer_log *log, const Xunfang__AnswerClaim *claim)
{
    bool first = log->claims++ == 0;
    struct answers_cost caps = {0, 0, 0};

    if (claim->caps != NULL)
        caps = (struct answers_cost){claim->caps->calls, claim->caps->tokens, claim->caps->money};
    log->caps.calls = larger_cap(first, log->caps.calls, caps.calls);
    log->caps.tokens = larger_cap(first, log->caps.tokens, caps.tokens);
    log->caps.money = larger_cap(first, log->caps.money, caps.money);
}

/* Failed, refused and open keys get no row: nobody may name them as answers. */
static enum status add_row(struct answer_log *log, struct id key, struct answer_row **row,
                           struct error *err)
{
    *row = rows_add(&log->rows);
    if (*row == NULL)
        return rows_status(&log->rows, "answers", err);
    (*row)->key = key;
    return idtable_add(&log->by_key, err);
}

/* Whatever comes after the first reply changes nothing about the answer. */
static enum status take_reply(struct answer_log *log, struct id key,
                              const Xunfang__AnswerReply *reply, struct error *err)
{
    size_t index = idtable_find(&log->by_key, key);
    const struct claim_name claim = {reply->life, reply->claim};
    struct answer_row *row = NULL;
    enum status status = add_usage(log, key, &claim, reply->usage, err);

    if (status != STATUS_OK)
        return status;
    if (index != SIZE_MAX) {
        row = rows_at(&log->rows, index);
        row->replies++;
        return STATUS_OK;
    }
    status = add_row(log, key, &row, err);
    if (status != STATUS_OK)
        return status;
    log->replied++;
    row->replies = 1;
    row->task = put(log, reply->task);
    row->model = put(log, reply->model);
    row->prompt = put(log, reply->prompt);
    row->text = put(log, reply->text);
    return strings_status(log->strings, err);
}

static enum status take_failure(struct answer_log *log, struct id key,
                                const Xunfang__AnswerFailure *failure, struct error *err)
{
    const struct claim_name claim = {failure->life, failure->claim};

    return add_usage(log, key, &claim, failure->usage, err);
}

static enum status on_record(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    struct answer_log *log = self;
    const Xunfang__AnswerRecord *message =
        message_unpack(&xunfang__answer_record__descriptor, record->payload, arena, NULL);

    (void) place;
    if (message == NULL) {
        log->bad++;
        return STATUS_OK;
    }
    if (message->kind_case == XUNFANG__ANSWER_RECORD__KIND_REPLY)
        return take_reply(log, record->id, message->reply, err);
    if (message->kind_case == XUNFANG__ANSWER_RECORD__KIND_FAILURE)
        return take_failure(log, record->id, message->failure, err);
    if (message->kind_case == XUNFANG__ANSWER_RECORD__KIND_CLAIM)
        take_claim(log, message->claim);
    return STATUS_OK;
}

/* An envelope that cannot be read may have been a reply: it is no detail. */
static void on_bad(void *self, const struct log_place *place)
{
    struct answer_log *log = self;

    (void) place;
    log->bad++;
}

enum status answer_log_read(const struct job_source *source, struct answer_log *log,
                            struct error *err)
{
    const struct log_handler handler = {.on_record = on_record, .on_bad = on_bad, .self = log};
    enum status status;

    *log = (struct answer_log){.strings = strings_create()};
    rows_init(&log->rows, sizeof(struct answer_row), ANSWER_LOG_MAX);
    idtable_init(&log->by_key, &log->rows);
    idset_init(&log->ends);
    if (log->strings == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for answers");
    status = job_read_now(source, TOPIC_ANSWERS, &handler, err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

void answer_log_fini(struct answer_log *log)
{
    rows_fini(&log->rows);
    idtable_fini(&log->by_key);
    idset_fini(&log->ends);
    strings_destroy(log->strings);
    log->strings = NULL;
}

const struct answer_row *answer_log_find(const struct answer_log *log, struct id key)
{
    size_t index = idtable_find(&log->by_key, key);

    return index == SIZE_MAX ? NULL : rows_at(&log->rows, index);
}

struct slice answer_log_text(const struct answer_log *log, uint32_t name)
{
    return strings_get(log->strings, name);
}
