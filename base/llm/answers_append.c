#include "base/llm/answers_private.h"
#include "base/message.h"

/* ---- bytes ---- */

/* A copy for a `string` field; NULL and *full when memory is out. */
static char *text(struct answers *answers, struct slice bytes, bool *full)
{
    char *copy = message_text(answers->arena, bytes);

    *full = *full || copy == NULL;
    return copy;
}

/* `reserve` is a claim's; else NULL. What is on its way is known before it can come back. */
static enum status send(struct answers *answers, struct id key, struct slice value,
                        const struct answers_cost *reserve, struct error *err)
{
    const struct bus_message message = {answers->topic, 0, id_slice(&key), value};
    enum status status = flight_add(answers->flight, key, reserve, err);

    if (status != STATUS_OK)
        return status;
    status = bus_publish(answers->bus, &message, NULL, err);
    if (status != STATUS_OK)
        flight_land(answers->flight, key, reserve != NULL);
    return status;
}

/* An onlooker has no name to speak under. */
static enum status append(struct answers *answers, struct id key, const AnswerRecord *record,
                          const struct answers_cost *reserve, struct error *err)
{
    struct buf value;
    enum status status;

    ENSURE(answers->slot[0] != '\0');
    buf_init(&value, ANSWERS_ENVELOPE_MAX);
    status = answers_message_put(slice_from(answers->job), key, record, &value, err);
    if (status == STATUS_OK)
        status = send(answers, key, buf_slice(&value), reserve, err);
    buf_fini(&value);
    return status;
}

/* The number is used up only if the record was queued: a gap would do no harm, a repeat would. */
static AnswerSpeaker speaker(const struct answers *answers)
{
    AnswerSpeaker message = XUNFANG__ANSWER_SPEAKER__INIT;

    message.slot = answers->slot;
    message.life = answers->life;
    message.number = answers->number + 1;
    message.made_ms = clock_wall_ms(answers->clock);
    return message;
}

/* ---- records ---- */

/* The caps go along: every reader, whatever its own job file says now, grants by those of the one
 * who claims, and so all of them decide alike. */
enum status answers_claim(struct answers *answers, struct id key, const struct answer_claim *claim,
                          struct error *err)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerClaim message = XUNFANG__ANSWER_CLAIM__INIT;
    AnswerCost reserve = answers_cost_message(&claim->reserve);
    AnswerCost caps = answers_cost_message(&answers->caps);
    AnswerSpeaker word = speaker(answers);
    enum status status;

    message.speaker = &word;
    message.expires_ms = word.made_ms + answers->claim_ms;
    message.generation = claim->generation;
    message.reserve = &reserve;
    message.caps = &caps;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_CLAIM;
    record.claim = &message;
    status = append(answers, key, &record, &claim->reserve, err);
    if (status == STATUS_OK)
        answers->number++;
    return status;
}

enum status answers_refuse(struct answers *answers, struct id key, const char *cap,
                           struct error *err)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerRefusal message = XUNFANG__ANSWER_REFUSAL__INIT;
    AnswerCost caps = answers_cost_message(&answers->caps);
    AnswerSpeaker word = speaker(answers);
    enum status status;

    message.reason = (char *) (uintptr_t) cap;
    message.caps = &caps;
    message.speaker = &word;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_REFUSAL;
    record.refusal = &message;
    status = append(answers, key, &record, NULL, err);
    if (status == STATUS_OK)
        answers->number++;
    return status;
}

enum status answers_reply(struct answers *answers, struct id key, const struct answer_reply *reply,
                          struct error *err)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerReply message = XUNFANG__ANSWER_REPLY__INIT;
    AnswerUsage usage = answers_usage_message(&reply->usage, reply->money);
    bool full = false;

    arena_reset(answers->arena);
    message.task = text(answers, reply->question->task, &full);
    message.model = text(answers, reply->question->model, &full);
    message.prompt = text(answers, reply->question->prompt, &full);
    message.text = text(answers, reply->text, &full);
    message.served_by = text(answers, reply->served_by, &full);
    message.usage = &usage;
    message.life = answers->life;
    message.claim = reply->claim;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_REPLY;
    record.reply = &message;
    if (full)
        return error_set(err, STATUS_NOMEM, "no memory for an answer");
    return append(answers, key, &record, NULL, err);
}

enum status answers_fail(struct answers *answers, struct id key,
                         const struct answer_failure *failure, struct error *err)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerFailure message = XUNFANG__ANSWER_FAILURE__INIT;
    AnswerUsage usage = answers_usage_message(&failure->usage, failure->money);
    bool full = false;

    arena_reset(answers->arena);
    message.reason = text(answers, failure->reason, &full);
    message.generation = failure->generation;
    message.usage = &usage;
    message.life = answers->life;
    message.claim = failure->claim;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_FAILURE;
    record.failure = &message;
    if (full)
        return error_set(err, STATUS_NOMEM, "no memory for an answer");
    return append(answers, key, &record, NULL, err);
}

/* No speaker: an end is known by life and claim, and counts also when the life is over. */
enum status answers_release(struct answers *answers, struct id key, uint64_t claim,
                            struct error *err)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerRelease message = XUNFANG__ANSWER_RELEASE__INIT;

    message.life = answers->life;
    message.claim = claim;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_RELEASE;
    record.release = &message;
    return append(answers, key, &record, NULL, err);
}
