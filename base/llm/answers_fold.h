/*
 * answers_fold: the rules of the log of answers: what each record changes. Private to base/llm.
 *
 * Pure      What a record does follows from the records before it alone, never from a clock or an
 *           option; so all copies of the log agree, whenever they were made.
 * Claim     counts if its word counts (answers_claims.h). Granted if the key has no reply, no
 *           failure of the claim's generation or a newer one, no refusal under its caps, no open
 *           claim, unless that expired before this one was made, and if all fits its caps.
 * End       A reply, failure or release takes its claim's reservation back, and a reply's or
 *           failure's usage is spent. One whose claim is not there any more (it was ended before,
 *           or a power cut took it) is spent only if it changes what is known of the key.
 * Reply     The first is the answer, even a late one.
 * Failure   counts only before a reply, of a newer generation than the last, and not late.
 * Refusal   counts as a claim's word does; not with a reply or an unexpired claim.
 * Use       load; then apply for every record and save into the same batch, and commit.
 * Failure   After one the fold is of no use.
 */
#ifndef XUNFANG_BASE_LLM_ANSWERS_FOLD_H
#define XUNFANG_BASE_LLM_ANSWERS_FOLD_H

#include "base/llm/answers_claims.h"
#include "base/llm/answers_rows.h"

struct answers_fold {
    struct store *store;
    struct claims *claims;
    struct row_head head;
    struct arena *arena; /* of one record */
    void (*changed)(void *self, struct id key);
    void *self;
};

/* Empty; STATUS_NOMEM. */
CHECKED enum status fold_init(struct answers_fold *fold, struct store *store, struct error *err);
void fold_fini(struct answers_fold *fold);
/* What the store has. STATUS_CORRUPT: that is of no use. */
CHECKED enum status fold_load(struct answers_fold *fold, struct error *err);
/* Store and fold are empty again. */
CHECKED enum status fold_wipe(struct answers_fold *fold, struct error *err);

CHECKED enum status fold_apply(struct answers_fold *fold, struct store_batch *batch, struct id key,
                               const AnswerRecord *record, struct error *err);
/* A record that is none. */
void fold_skip(struct answers_fold *fold);
/* The copy stands behind this record now. */
CHECKED enum status fold_save(struct answers_fold *fold, struct store_batch *batch,
                              const struct bus_record *last, struct error *err);

/* Of the whole record as it stands in the log. */
struct id fold_hash(const struct bus_record *record);
/* What is known of the key, in the arena; empty if nothing is. */
CHECKED enum status fold_state(const struct answers_fold *fold, struct id key, struct arena *arena,
                               const AnswerState **state, struct error *err);

#endif
