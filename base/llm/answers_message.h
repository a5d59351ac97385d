/*
 * answers_message: records of the log of answers as bytes, and back. Private to base/llm.
 *
 * Envelope  id and key are the question's key; the job's name, no run; the payload an AnswerRecord
 *           (proto/answer.proto).
 * Strict    What is read has a kind with all the parts the rules look at, so they need not. Texts
 *           are never NULL. A record that is not so is left out by every reader alike.
 * Memory    What is read lies in the arena and in the bytes.
 */
#ifndef XUNFANG_BASE_LLM_ANSWERS_MESSAGE_H
#define XUNFANG_BASE_LLM_ANSWERS_MESSAGE_H

#include "base/llm/answers.h"
#include "base/util/arena.h"

#include "proto/answer.pb-c.h"

typedef Xunfang__AnswerRecord AnswerRecord;
typedef Xunfang__AnswerSpeaker AnswerSpeaker;
typedef Xunfang__AnswerClaim AnswerClaim;
typedef Xunfang__AnswerReply AnswerReply;
typedef Xunfang__AnswerFailure AnswerFailure;
typedef Xunfang__AnswerRefusal AnswerRefusal;
typedef Xunfang__AnswerRelease AnswerRelease;
typedef Xunfang__AnswerUsage AnswerUsage;
typedef Xunfang__AnswerCost AnswerCost;
typedef Xunfang__AnswerState AnswerState;

/* Of one record; a reply is at most SHAPE_TEXT_MAX, everything else is short. */
enum {
    ANSWERS_RECORD_MAX = 64 * 1024,
    ANSWERS_ENVELOPE_MAX = 128 * 1024, /* with one around it */
    ANSWERS_ARENA_MAX = 8 * 1024 * 1024,
};

/* Appends the envelope's bytes to `out`. */
CHECKED enum status answers_message_put(struct slice job, struct id key, const AnswerRecord *record,
                                        struct buf *out, struct error *err);
/* STATUS_INVALID: no such record, for whatever reason but memory. */
CHECKED enum status answers_message_read(struct slice bytes, struct arena *arena, struct id *key,
                                         const AnswerRecord **record, struct error *err);
/* Of the process that appended it. */
uint64_t answers_message_life(const AnswerRecord *record);

AnswerCost answers_cost_message(const struct answers_cost *cost);
/* Numbers above ANSWERS_COST_MAX are taken for that, so that sums cannot run over. */
#define ANSWERS_COST_MAX ((uint64_t) 1 << 40)
struct answers_cost answers_cost_read(const AnswerCost *message);
AnswerUsage answers_usage_message(const struct llm_usage *usage, uint64_t money);
struct llm_usage answers_usage_read(const AnswerUsage *message, uint64_t *money);

#endif
