/*
 * answers_rows: how the copy of the log of answers lies in a store. Private to base/llm.
 *
 * Key      One byte, the table; then
 *          HEAD      nothing: position and totals
 *          STATE     key: AnswerState
 *          SLOT      slot: AnswerSpeaker, the newest life and its highest number
 *          LIFE      life, slot: nothing; every life that ever spoke
 *          OPEN      key: AnswerClaim
 *          GIVEN_UP  key, life, number: AnswerCost
 * Values   are packed messages of proto/answer.proto but for HEAD, which is numbers
 *          (base/store/key.h).
 * Failure  Rows that are not so are STATUS_CORRUPT.
 */
#ifndef XUNFANG_BASE_LLM_ANSWERS_ROWS_H
#define XUNFANG_BASE_LLM_ANSWERS_ROWS_H

#include "base/llm/answers_message.h"

enum row_table { ROW_HEAD, ROW_STATE, ROW_SLOT, ROW_LIFE, ROW_OPEN, ROW_GIVEN_UP };

/* A key on the stack. */
struct row_key {
    char bytes[ANSWERS_SLOT_MAX + 64];
    size_t size;
};

struct row_key row_of_table(enum row_table table);
struct row_key row_of_key(enum row_table table, struct id key);
struct row_key row_of_slot(const char *slot);
struct row_key row_of_life(const char *slot, uint64_t life);
struct row_key row_of_given_up(struct id key, uint64_t life, uint64_t number);
struct slice row_slice(const struct row_key *key);
/* The key of a row_of_key. STATUS_CORRUPT: it is none. */
CHECKED enum status row_read_key(struct slice row, struct id *key, struct error *err);

CHECKED enum status row_put(struct store_batch *batch, const struct row_key *key,
                            const ProtobufCMessage *message, struct error *err);
/* The message, in the arena. STATUS_NOT_FOUND: no such row; `err` is not filled then. */
struct row_source {
    struct store *store;
    struct store_batch *batch; /* NULL: the store alone; else its own writes first */
    struct arena *arena;
};
CHECKED enum status row_get(const struct row_source *source, const struct row_key *key,
                            const ProtobufCMessageDescriptor *type, void **message,
                            struct error *err);
CHECKED enum status row_unpack(const ProtobufCMessageDescriptor *type, struct slice value,
                               struct arena *arena, void **message, struct error *err);

/* Where the copy stands, and what it adds up to; all zero if there is no such row. */
struct row_head {
    uint64_t position;            /* offset of the next record */
    struct id last;               /* hash of the record before it */
    struct answers_totals totals; /* but `held` */
};
CHECKED enum status row_get_head(struct store *store, struct row_head *head, struct error *err);
CHECKED enum status row_put_head(struct store_batch *batch, const struct row_head *head,
                                 struct error *err);

#endif
