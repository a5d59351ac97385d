#include "base/llm/answers_fold.h"

#include "base/llm/answers_budget.h"

/* One record at work. */
struct work {
    struct answers_fold *fold;
    struct store_batch *batch;
    struct id key;
    AnswerState *state; /* in the fold's arena; points into the record, too */
};

/* ---- opening ---- */

enum status fold_init(struct answers_fold *fold, struct store *store, struct error *err)
{
    *fold = (struct answers_fold){.store = store};
    fold->claims = claims_create();
    fold->arena = arena_create(ANSWERS_ARENA_MAX);
    if (fold->claims != NULL && fold->arena != NULL)
        return STATUS_OK;
    fold_fini(fold);
    return error_set(err, STATUS_NOMEM, "no memory for answers");
}

void fold_fini(struct answers_fold *fold)
{
    claims_destroy(fold->claims);
    arena_destroy(fold->arena);
    fold->claims = NULL;
    fold->arena = NULL;
}

enum status fold_load(struct answers_fold *fold, struct error *err)
{
    enum status status = row_get_head(fold->store, &fold->head, err);

    if (status == STATUS_OK)
        status = claims_load(fold->claims, fold->store, err);
    fold->head.totals.held = claims_held(fold->claims);
    return status;
}

/* The new table first: without memory for it the old copy stays whole. */
enum status fold_wipe(struct answers_fold *fold, struct error *err)
{
    struct claims *claims = claims_create();

    if (claims == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for answers");
    claims_destroy(fold->claims);
    fold->claims = claims;
    fold->head = (struct row_head){.position = 0};
    return store_wipe(fold->store, err);
}

/* ---- states ---- */

/* A key nobody spoke of has an empty state. */
static enum status read_state(const struct row_source *source, struct id key, AnswerState **state,
                              struct error *err)
{
    struct row_key row = row_of_key(ROW_STATE, key);
    void *message;
    enum status status = row_get(source, &row, &xunfang__answer_state__descriptor, &message, err);

    if (status == STATUS_NOT_FOUND) {
        message = arena_alloc(source->arena, sizeof(AnswerState));
        if (message == NULL) {
            error_set(err, STATUS_NOMEM, "no memory for an answer");
            return STATUS_NOMEM;
        }
        xunfang__answer_state__init(message);
        status = STATUS_OK;
    }
    if (status == STATUS_OK)
        *state = message;
    return status;
}

enum status fold_state(const struct answers_fold *fold, struct id key, struct arena *arena,
                       const AnswerState **state, struct error *err)
{
    struct row_source source = {.store = fold->store, .arena = arena};
    AnswerState *found;
    enum status status = read_state(&source, key, &found, err);

    if (status == STATUS_OK)
        *state = found;
    return status;
}

/* The total the key counts in; NULL: in none. */
static uint64_t *total_of(struct work *work)
{
    struct answers_totals *totals = &work->fold->head.totals;

    if (work->state->reply != NULL)
        return &totals->replies;
    if (work->state->failure != NULL)
        return &totals->failures;
    return work->state->refusal != NULL ? &totals->refusals : NULL;
}

/* Each key counts in one total, by what is known of it. */
static enum status put_state(struct work *work, uint64_t *total_before, struct error *err)
{
    struct row_key row = row_of_key(ROW_STATE, work->key);

    if (total_before != NULL)
        --*total_before;
    ++*total_of(work);
    return row_put(work->batch, &row, &work->state->base, err);
}

/* During the batch: who is told looks later, when the batch is in the store. */
static void tell(const struct work *work, struct id key)
{
    if (work->fold->changed != NULL)
        work->fold->changed(work->fold->self, key);
}

/* ---- claims ---- */

/* Its cost may have come about: spent for good, unless its end comes late. */
static enum status give_up(struct work *work, const struct open_claim *claim, struct error *err)
{
    struct answers_totals *totals = &work->fold->head.totals;

    totals->spent = cost_plus(totals->spent, claim->reserve);
    tell(work, claim->key);
    return claims_give_up(work->fold->claims, work->batch, claim, err);
}

/* Claims of the slot's older lives. Giving up changes the table, so the walk starts anew; there are
 * at most as many as one worker has questions in flight. */
static enum status give_up_older(struct work *work, const AnswerSpeaker *speaker, struct error *err)
{
    enum status status = STATUS_OK;
    const struct open_claim *claim;
    size_t cursor = 0;

    while (status == STATUS_OK && (claim = claims_next(work->fold->claims, &cursor)) != NULL) {
        if (!slice_equal(slice_from(claim->slot->name), slice_from(speaker->slot)) ||
            claim->life == speaker->life)
            continue;
        status = give_up(work, claim, err);
        cursor = 0;
    }
    return status;
}

/* Hears the word; an open claim of the key that it outlived is given up. */
static enum status hear(struct work *work, const AnswerSpeaker *speaker, bool *counts,
                        struct error *err)
{
    const struct open_claim *open;
    enum claim_word word;
    enum status status = claims_speak(work->fold->claims, work->batch, speaker, &word, err);

    if (status == STATUS_OK && word == WORD_FIRST)
        status = give_up_older(work, speaker, err);
    if (status != STATUS_OK)
        return status;
    *counts = word != WORD_VOID;
    open = claims_get(work->fold->claims, work->key);
    if (*counts && open != NULL && open->expires_ms <= speaker->made_ms)
        status = give_up(work, open, err);
    return status;
}

/* A refusal is about a budget: under another one the question is open again. */
static bool same_caps(const AnswerCost *a, const AnswerCost *b)
{
    return a->calls == b->calls && a->tokens == b->tokens && a->money == b->money;
}

/* Given-up claims are in `spent`, so that no death makes room. */
static bool within_caps(const struct answers_totals *totals, const AnswerClaim *claim)
{
    const struct answers_cost caps = {claim->caps->calls, claim->caps->tokens, claim->caps->money};
    struct answers_cost sum = cost_plus(totals->spent, totals->held);

    sum = cost_plus(sum, answers_cost_read(claim->reserve));
    return cost_over(&sum, &caps) == NULL;
}

/* What the header says; the open claim, if it had expired, is gone by now. */
static bool granted(const struct work *work, const AnswerClaim *claim)
{
    const AnswerState *state = work->state;

    if (state->reply != NULL || claims_get(work->fold->claims, work->key) != NULL)
        return false;
    if (state->failure != NULL && state->failure->generation >= claim->generation)
        return false;
    if (state->refusal != NULL && same_caps(state->refusal->caps, claim->caps))
        return false;
    return within_caps(&work->fold->head.totals, claim);
}

/* Even one that is not granted was spoken, and ends what its life outlived. */
static enum status apply_claim(struct work *work, const AnswerClaim *claim, struct error *err)
{
    bool counts = false;
    enum status status = hear(work, claim->speaker, &counts, err);

    if (status == STATUS_OK && counts) {
        work->fold->head.totals.held = claims_held(work->fold->claims);
        if (granted(work, claim))
            status = claims_open(work->fold->claims, work->batch, work->key, claim, err);
    }
    return status;
}

/* ---- ends ---- */

/* Twice: against the caps, and for people. */
static void spend(struct answers_totals *totals, const AnswerUsage *message)
{
    uint64_t money;
    struct llm_usage usage = answers_usage_read(message, &money);

    totals->spent = cost_plus(totals->spent, cost_of_usage(&usage, money));
    totals->used.calls += usage.calls;
    totals->used.prompt_tokens += usage.prompt_tokens;
    totals->used.completion_tokens += usage.completion_tokens;
    totals->used.latency_ms += usage.latency_ms;
    totals->used_money += money;
}

/* `usage` may be NULL: nothing was asked. `news`: the record changes what is known. */
static enum status end_claim(struct work *work, struct claim_end *end, const AnswerUsage *usage,
                             bool news, struct error *err)
{
    struct answers_totals *totals = &work->fold->head.totals;
    enum status status;

    end->key = work->key;
    status = claims_settle(work->fold->claims, work->batch, end, err);
    /* The whole reservation was charged when it was given up: now the true cost takes its place. */
    if (status == STATUS_OK && end->given_up)
        totals->spent = cost_minus(totals->spent, end->reserve);
    if (usage != NULL && (status == STATUS_OK || (status == STATUS_NOT_FOUND && news)))
        spend(totals, usage);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* What was paid for is kept even if another reply stood there first; only its text is not. */
static enum status apply_reply(struct work *work, AnswerReply *reply, struct error *err)
{
    struct claim_end end = {.life = reply->life, .number = reply->claim};
    uint64_t *before = total_of(work);
    bool news = work->state->reply == NULL;
    enum status status = end_claim(work, &end, reply->usage, news, err);

    if (status != STATUS_OK || !news)
        return status;
    work->state->reply = reply;
    return put_state(work, before, err);
}

static enum status apply_failure(struct work *work, AnswerFailure *failure, struct error *err)
{
    const AnswerFailure *known = work->state->failure;
    struct claim_end end = {.life = failure->life, .number = failure->claim};
    uint64_t *before = total_of(work);
    bool news =
        work->state->reply == NULL && (known == NULL || known->generation < failure->generation);
    enum status status = end_claim(work, &end, failure->usage, news, err);

    /* A late one is nobody's outcome: whoever took the key over has the word. */
    if (status != STATUS_OK || !news || end.given_up)
        return status;
    work->state->failure = failure;
    return put_state(work, before, err);
}

/* Somebody who asks has found room: the refuser looked at an older state of the log. */
static enum status apply_refusal(struct work *work, AnswerRefusal *refusal, struct error *err)
{
    uint64_t *before = total_of(work);
    bool counts = false;
    enum status status = hear(work, refusal->speaker, &counts, err);

    if (status != STATUS_OK || !counts || work->state->reply != NULL ||
        claims_get(work->fold->claims, work->key) != NULL)
        return status;
    if (work->state->refusal != NULL && same_caps(work->state->refusal->caps, refusal->caps))
        return STATUS_OK; /* for the first one's reason */
    work->state->refusal = refusal;
    return put_state(work, before, err);
}

/* ---- records ---- */

static enum status dispatch(struct work *work, const AnswerRecord *record, struct error *err)
{
    struct claim_end end;

    switch (record->kind_case) {
    case XUNFANG__ANSWER_RECORD__KIND_CLAIM:
        return apply_claim(work, record->claim, err);
    case XUNFANG__ANSWER_RECORD__KIND_REPLY:
        return apply_reply(work, record->reply, err);
    case XUNFANG__ANSWER_RECORD__KIND_FAILURE:
        return apply_failure(work, record->failure, err);
    case XUNFANG__ANSWER_RECORD__KIND_REFUSAL:
        return apply_refusal(work, record->refusal, err);
    case XUNFANG__ANSWER_RECORD__KIND_RELEASE:
        end = (struct claim_end){.life = record->release->life, .number = record->release->claim};
        return end_claim(work, &end, NULL, false, err);
    default:
        return STATUS_OK; /* answers_message_read let no other pass */
    }
}

enum status fold_apply(struct answers_fold *fold, struct store_batch *batch, struct id key,
                       const AnswerRecord *record, struct error *err)
{
    struct row_source source = {.batch = batch, .arena = fold->arena};
    struct work work = {.fold = fold, .batch = batch, .key = key};
    enum status status;

    /* Through the batch: an earlier record of it may be about the same key. */
    arena_reset(fold->arena);
    status = read_state(&source, key, &work.state, err);
    if (status == STATUS_OK)
        status = dispatch(&work, record, err);
    fold->head.totals.held = claims_held(fold->claims);
    tell(&work, key);
    return status;
}

void fold_skip(struct answers_fold *fold)
{
    fold->head.totals.unreadable++;
}

struct id fold_hash(const struct bus_record *record)
{
    return id_of(record->key, record->value);
}

enum status fold_save(struct answers_fold *fold, struct store_batch *batch,
                      const struct bus_record *last, struct error *err)
{
    fold->head.position = last->offset + 1;
    fold->head.last = fold_hash(last);
    return row_put_head(batch, &fold->head, err);
}
