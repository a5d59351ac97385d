#include "base/llm/answers_message.h"

#include "base/message.h"
#include "base/record.h"

/* ---- writing ---- */

enum status answers_message_put(struct slice job, struct id key, const AnswerRecord *message,
                                struct buf *out, struct error *err)
{
    struct record record = {.id = key, .key = id_slice(&key), .job = job};
    struct buf payload;
    enum status status;

    buf_init(&payload, ANSWERS_RECORD_MAX);
    message_pack(&message->base, &payload);
    status = buf_status(&payload, err);
    if (status == STATUS_OK) {
        record.payload = buf_slice(&payload);
        status = record_encode(&record, out, err);
    }
    buf_fini(&payload);
    return status;
}

AnswerCost answers_cost_message(const struct answers_cost *cost)
{
    AnswerCost message = XUNFANG__ANSWER_COST__INIT;

    message.calls = cost->calls;
    message.tokens = cost->tokens;
    message.money = cost->money;
    return message;
}

AnswerUsage answers_usage_message(const struct llm_usage *usage, uint64_t money)
{
    AnswerUsage message = XUNFANG__ANSWER_USAGE__INIT;

    message.calls = usage->calls;
    message.prompt_tokens = usage->prompt_tokens;
    message.completion_tokens = usage->completion_tokens;
    message.cost = money;
    message.latency_ms = usage->latency_ms;
    return message;
}

/* ---- reading ---- */

/* Slots are keys of rows, and life 0 would be everybody's. */
static bool speaker_good(const AnswerSpeaker *speaker)
{
    size_t size = speaker == NULL ? 0 : slice_from(speaker->slot).size;

    return size > 0 && size <= ANSWERS_SLOT_MAX && speaker->life != 0 && speaker->number != 0;
}

static bool claim_good(const AnswerClaim *claim)
{
    return claim->reserve != NULL && claim->caps != NULL && speaker_good(claim->speaker);
}

/* Has it all that the rules look at? */
static bool complete(const AnswerRecord *record)
{
    switch (record->kind_case) {
    case XUNFANG__ANSWER_RECORD__KIND_CLAIM:
        return claim_good(record->claim);
    case XUNFANG__ANSWER_RECORD__KIND_REPLY:
        return record->reply->usage != NULL;
    case XUNFANG__ANSWER_RECORD__KIND_FAILURE:
        return record->failure->usage != NULL;
    case XUNFANG__ANSWER_RECORD__KIND_REFUSAL:
        return record->refusal->caps != NULL && speaker_good(record->refusal->speaker);
    case XUNFANG__ANSWER_RECORD__KIND_RELEASE:
        return true;
    default:
        return false;
    }
}

/* Id and key are one thing here: where they differ, something else made the record. */
static enum status check(const struct record *record, const AnswerRecord *message,
                         struct error *err)
{
    if (!slice_equal(record->key, id_slice(&record->id)))
        return error_set(err, STATUS_INVALID, "an answer's record under a foreign key");
    if (!complete(message))
        return error_set(err, STATUS_INVALID, "an answer's record of kind %d with parts missing",
                         (int) message->kind_case);
    return STATUS_OK;
}

enum status answers_message_read(struct slice bytes, struct arena *arena, struct id *key,
                                 const AnswerRecord **message, struct error *err)
{
    const AnswerRecord *payload;
    struct record record;
    struct error cause = {0};
    enum status status;

    if (bytes.size > ANSWERS_ENVELOPE_MAX)
        return error_set(err, STATUS_INVALID, "an answer's record of %zu bytes", bytes.size);
    status = record_decode(bytes, arena, &record, err);
    if (status != STATUS_OK)
        return status;
    payload = message_unpack(&xunfang__answer_record__descriptor, record.payload, arena, &cause);
    if (payload == NULL)
        return error_set(err, cause.code, "%s", cause.message);
    status = check(&record, payload, err);
    if (status == STATUS_OK) {
        *key = record.id;
        *message = payload;
    }
    return status;
}

uint64_t answers_message_life(const AnswerRecord *record)
{
    switch (record->kind_case) {
    case XUNFANG__ANSWER_RECORD__KIND_CLAIM:
        return record->claim->speaker->life;
    case XUNFANG__ANSWER_RECORD__KIND_REPLY:
        return record->reply->life;
    case XUNFANG__ANSWER_RECORD__KIND_FAILURE:
        return record->failure->life;
    case XUNFANG__ANSWER_RECORD__KIND_REFUSAL:
        return record->refusal->speaker->life;
    case XUNFANG__ANSWER_RECORD__KIND_RELEASE:
        return record->release->life;
    default:
        return 0;
    }
}

/* A record is a stranger's word: its numbers must not run over in any sum. */
static uint64_t bounded(uint64_t number)
{
    return number < ANSWERS_COST_MAX ? number : ANSWERS_COST_MAX;
}

struct answers_cost answers_cost_read(const AnswerCost *message)
{
    return (struct answers_cost){bounded(message->calls), bounded(message->tokens),
                                 bounded(message->money)};
}

struct llm_usage answers_usage_read(const AnswerUsage *message, uint64_t *money)
{
    *money = bounded(message->cost);
    return (struct llm_usage){
        .calls = bounded(message->calls),
        .prompt_tokens = bounded(message->prompt_tokens),
        .completion_tokens = bounded(message->completion_tokens),
        .latency_ms = message->latency_ms < 0 ? 0 : (int64_t) bounded(message->latency_ms),
    };
}
