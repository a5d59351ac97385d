#include "base/llm/answers_claims.h"

#include "base/llm/answers_budget.h"
#include "base/llm/answers_rows.h"
#include "base/util/map.h"

#include <stdlib.h>
#include <string.h>

struct claims {
    struct map *slots; /* by name */
    struct map *open;  /* by key */
    struct answers_cost held;
    struct arena *arena; /* of one call */
};

/* ---- memory ---- */

struct claims *claims_create(void)
{
    struct claims *claims = calloc(1, sizeof *claims);

    if (claims == NULL)
        return NULL;
    claims->slots = map_create();
    claims->open = map_create();
    claims->arena = arena_create(ANSWERS_ARENA_MAX);
    if (claims->slots == NULL || claims->open == NULL || claims->arena == NULL) {
        claims_destroy(claims);
        return NULL;
    }
    return claims;
}

static void destroy_map(struct map *map)
{
    size_t cursor = 0;
    void *value;

    if (map == NULL)
        return;
    while (map_next(map, &cursor, NULL, &value))
        free(value);
    map_destroy(map);
}

void claims_destroy(struct claims *claims)
{
    if (claims == NULL)
        return;
    destroy_map(claims->slots);
    destroy_map(claims->open);
    arena_destroy(claims->arena);
    free(claims);
}

/* Slots are few and stay. */
static struct claim_slot *add_slot(struct claims *claims, const char *name)
{
    struct claim_slot *slot = calloc(1, sizeof *slot + strlen(name) + 1);

    if (slot == NULL)
        return NULL;
    memcpy(slot->name, name, strlen(name) + 1);
    if (map_put(claims->slots, slice_from(name), slot) != STATUS_OK) {
        free(slot);
        return NULL;
    }
    return slot;
}

/* The slot is known: its word was heard before. */
static enum status add_open(struct claims *claims, struct id key, const AnswerClaim *message,
                            struct error *err)
{
    struct open_claim *claim = calloc(1, sizeof *claim);

    if (claim == NULL || map_put(claims->open, id_slice(&key), claim) != STATUS_OK) {
        free(claim);
        return error_set(err, STATUS_NOMEM, "no memory for a claim");
    }
    *claim = (struct open_claim){
        .key = key,
        .slot = map_get(claims->slots, slice_from(message->speaker->slot)),
        .life = message->speaker->life,
        .number = message->speaker->number,
        .made_ms = message->speaker->made_ms,
        .expires_ms = message->expires_ms,
        .reserve = answers_cost_read(message->reserve),
    };
    claims->held = cost_plus(claims->held, claim->reserve);
    return STATUS_OK;
}

/* No longer open, in memory. */
static void drop_open(struct claims *claims, const struct open_claim *claim)
{
    claims->held = cost_minus(claims->held, claim->reserve);
    free(map_remove(claims->open, id_slice(&claim->key)));
}

/* ---- loading ---- */

/* The row's key is the slot's name, which the message has, too. */
static enum status load_slot(struct claims *claims, struct slice row, struct slice value,
                             struct error *err)
{
    struct claim_slot *slot;
    AnswerSpeaker *speaker;
    void *message;
    enum status status =
        row_unpack(&xunfang__answer_speaker__descriptor, value, claims->arena, &message, err);

    (void) row;
    if (status != STATUS_OK)
        return status;
    speaker = message;
    slot = add_slot(claims, speaker->slot);
    if (slot == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a slot");
    slot->life = speaker->life;
    slot->number = speaker->number;
    return STATUS_OK;
}

/* After the slots: a claim points to its own. */
static enum status load_open(struct claims *claims, struct slice row, struct slice value,
                             struct error *err)
{
    const AnswerClaim *claim;
    void *message;
    struct id key;
    enum status status = row_read_key(row, &key, err);

    if (status == STATUS_OK)
        status =
            row_unpack(&xunfang__answer_claim__descriptor, value, claims->arena, &message, err);
    if (status != STATUS_OK)
        return status;
    claim = message;
    if (claim->speaker == NULL || claim->reserve == NULL ||
        map_get(claims->slots, slice_from(claim->speaker->slot)) == NULL)
        return error_set(err, STATUS_CORRUPT, "an open claim with parts missing");
    return add_open(claims, key, claim, err);
}

typedef enum status load_row(struct claims *claims, struct slice row, struct slice value,
                             struct error *err);

/* Every row of a table; the first that is none ends it. */
static enum status load_table(struct claims *claims, struct store *store, enum row_table table,
                              load_row *load, struct error *err)
{
    struct row_key prefix = row_of_table(table);
    struct store_scan *scan = store_scan_open(store, NULL, row_slice(&prefix), slice_of(NULL, 0));
    enum status loaded = STATUS_OK;
    struct slice row, value;
    enum status status;

    while (scan != NULL && loaded == STATUS_OK && store_scan_next(scan, &row, &value)) {
        arena_reset(claims->arena);
        loaded = load(claims, row, value, err);
    }
    status = store_scan_close(scan, loaded == STATUS_OK ? err : NULL);
    return loaded == STATUS_OK ? status : loaded;
}

enum status claims_load(struct claims *claims, struct store *store, struct error *err)
{
    enum status status = load_table(claims, store, ROW_SLOT, load_slot, err);

    return status == STATUS_OK ? load_table(claims, store, ROW_OPEN, load_open, err) : status;
}

/* ---- slots ---- */

static enum status put_slot(struct store_batch *batch, const struct claim_slot *slot,
                            struct error *err)
{
    struct row_key key = row_of_slot(slot->name);
    AnswerSpeaker message = XUNFANG__ANSWER_SPEAKER__INIT;

    message.slot = (char *) (uintptr_t) slot->name;
    message.life = slot->life;
    message.number = slot->number;
    return row_put(batch, &key, &message.base, err);
}

/* Has this life, which is not the newest, spoken before? */
static enum status knows_life(struct store_batch *batch, const AnswerSpeaker *speaker, bool *known,
                              struct error *err)
{
    struct row_key key = row_of_life(speaker->slot, speaker->life);
    struct buf value;
    enum status status;

    buf_init(&value, 1);
    status = store_batch_get(batch, row_slice(&key), &value, err);
    buf_fini(&value);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *known = status == STATUS_OK;
    return STATUS_OK;
}

/* The life is kept for ever: a late word of it must not be taken for a new one's. */
static enum status begin_life(struct claims *claims, struct store_batch *batch,
                              const AnswerSpeaker *speaker, struct error *err)
{
    struct claim_slot *slot = map_get(claims->slots, slice_from(speaker->slot));
    struct row_key life = row_of_life(speaker->slot, speaker->life);

    if (slot == NULL)
        slot = add_slot(claims, speaker->slot);
    if (slot == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a slot");
    slot->life = speaker->life;
    slot->number = speaker->number;
    store_batch_put(batch, row_slice(&life), SLICE(""));
    return put_slot(batch, slot, err);
}

/* The log may hold a record twice, and late: numbers rise within a life, and a life that another
 * one followed never speaks again. */
enum status claims_speak(struct claims *claims, struct store_batch *batch,
                         const AnswerSpeaker *speaker, enum claim_word *word, struct error *err)
{
    struct claim_slot *slot = map_get(claims->slots, slice_from(speaker->slot));
    bool known = false;
    enum status status;

    if (slot != NULL && slot->life == speaker->life) {
        *word = speaker->number > slot->number ? WORD_COUNTS : WORD_VOID;
        if (*word == WORD_VOID)
            return STATUS_OK;
        slot->number = speaker->number;
        return put_slot(batch, slot, err);
    }
    status = knows_life(batch, speaker, &known, err);
    if (status != STATUS_OK)
        return status;
    *word = known ? WORD_VOID : WORD_FIRST;
    return known ? STATUS_OK : begin_life(claims, batch, speaker, err);
}

uint64_t claims_life(const struct claims *claims, const char *slot)
{
    const struct claim_slot *known = map_get(claims->slots, slice_from(slot));

    return known == NULL ? 0 : known->life;
}

/* ---- claims ---- */

const struct open_claim *claims_get(const struct claims *claims, struct id key)
{
    return map_get(claims->open, id_slice(&key));
}

const struct open_claim *claims_next(const struct claims *claims, size_t *cursor)
{
    void *value;

    return map_next(claims->open, cursor, NULL, &value) ? value : NULL;
}

enum status claims_open(struct claims *claims, struct store_batch *batch, struct id key,
                        const AnswerClaim *claim, struct error *err)
{
    struct row_key row = row_of_key(ROW_OPEN, key);
    enum status status;

    ENSURE(claims_get(claims, key) == NULL);
    status = add_open(claims, key, claim, err);
    return status == STATUS_OK ? row_put(batch, &row, &claim->base, err) : status;
}

/* In the store and in memory; the claim is freed. */
static void delete_open(struct claims *claims, struct store_batch *batch,
                        const struct open_claim *claim)
{
    struct row_key row = row_of_key(ROW_OPEN, claim->key);

    store_batch_delete(batch, row_slice(&row));
    drop_open(claims, claim);
}

/* Its row stays until an end comes, perhaps never: without it a late end could not correct what was
 * charged. */
enum status claims_give_up(struct claims *claims, struct store_batch *batch,
                           const struct open_claim *claim, struct error *err)
{
    struct row_key row = row_of_given_up(claim->key, claim->life, claim->number);
    AnswerCost reserve = answers_cost_message(&claim->reserve);
    enum status status = row_put(batch, &row, &reserve.base, err);

    delete_open(claims, batch, claim);
    return status;
}

/* Once: a repeat of the end finds nothing. */
static enum status settle_given_up(struct claims *claims, struct store_batch *batch,
                                   struct claim_end *end, struct error *err)
{
    struct row_key row = row_of_given_up(end->key, end->life, end->number);
    struct row_source source = {.batch = batch, .arena = claims->arena};
    void *message;
    enum status status;

    arena_reset(claims->arena);
    status = row_get(&source, &row, &xunfang__answer_cost__descriptor, &message, err);
    if (status != STATUS_OK)
        return status;
    end->reserve = answers_cost_read(message);
    end->given_up = true;
    store_batch_delete(batch, row_slice(&row));
    return STATUS_OK;
}

enum status claims_settle(struct claims *claims, struct store_batch *batch, struct claim_end *end,
                          struct error *err)
{
    const struct open_claim *claim = claims_get(claims, end->key);

    if (claim == NULL || claim->life != end->life || claim->number != end->number)
        return settle_given_up(claims, batch, end, err);
    end->reserve = claim->reserve;
    end->given_up = false;
    delete_open(claims, batch, claim);
    return STATUS_OK;
}

struct answers_cost claims_held(const struct claims *claims)
{
    return claims->held;
}
