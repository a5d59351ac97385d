/*
 * Answers from a recording (base/llm/recording.h): nothing is sent, and a question that was never
 * recorded is refused. What stands first counts where a question was recorded twice, except that a
 * whole reply goes before one that was cut off. Answers cost what they cost when they were
 * recorded, so budgets act as they did.
 */
#include "base/llm/recording.h"
#include "base/util/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLAY_OPEN_MAX = 1024, REASON_MAX = 256, SCHEME_SIZE = sizeof "replay:" - 1 };

struct waiting {
    void *owner;
    const struct recording_entry *entry; /* NULL: not recorded */
};

struct replay {
    struct arena *arena; /* all entries, and the names */
    struct map *entries; /* question → struct recording_entry */
    const char *model;
    char reason[REASON_MAX];
    struct waiting waiting[REPLAY_OPEN_MAX]; /* a queue: the oldest first */
    size_t count;
};

static void replay_destroy(void *state)
{
    struct replay *replay = state;

    if (replay == NULL)
        return;
    map_destroy(replay->entries);
    arena_destroy(replay->arena);
    free(replay);
}

static enum status keep_entry(void *self, const struct recording_entry *entry, struct error *err)
{
    struct replay *replay = self;
    const struct recording_entry *known = map_get(replay->entries, id_slice(&entry->question));
    struct recording_entry *kept;

    if (known != NULL && (!known->cut || entry->cut))
        return STATUS_OK;
    kept = arena_alloc(replay->arena, sizeof *kept);
    if (kept == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a recording");
    *kept = *entry;
    kept->text = arena_copy(replay->arena, entry->text);
    kept->served_by = arena_copy(replay->arena, entry->served_by);
    if (kept->text.data == NULL || kept->served_by.data == NULL ||
        map_put(replay->entries, id_slice(&kept->question), kept) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "no memory for a recording");
    return STATUS_OK;
}

static enum status replay_create(const struct llm_options *options, void **state, struct error *err)
{
    const char *path = options->endpoint + SCHEME_SIZE;
    struct replay *replay = calloc(1, sizeof *replay);
    enum status status = STATUS_NOMEM;

    if (replay != NULL) {
        replay->arena = arena_create(RECORDING_FILE_MAX);
        replay->entries = map_create();
    }
    if (replay != NULL && replay->arena != NULL && replay->entries != NULL)
        replay->model = arena_printf(replay->arena, "%s", options->model);
    if (replay == NULL || replay->entries == NULL || replay->model == NULL) {
        replay_destroy(replay);
        return error_set(err, status, "no memory for a recording");
    }
    snprintf(replay->reason, sizeof replay->reason, "not recorded in %s", path);
    status = recording_each(path, keep_entry, replay, err);
    if (status != STATUS_OK) {
        replay_destroy(replay);
        return status;
    }
    *state = replay;
    return STATUS_OK;
}

static enum status replay_submit(void *state, const struct llm_attempt *attempt, struct error *err)
{
    struct replay *replay = state;
    struct id question = recording_question(replay->model, attempt);

    if (replay->count == REPLAY_OPEN_MAX)
        return error_set(err, STATUS_AGAIN, "%d questions are open", REPLAY_OPEN_MAX);
    replay->waiting[replay->count++] =
        (struct waiting){attempt->owner, map_get(replay->entries, id_slice(&question))};
    return STATUS_OK;
}

static void remove_first(struct replay *replay, size_t at)
{
    replay->count--;
    memmove(&replay->waiting[at], &replay->waiting[at + 1],
            (replay->count - at) * sizeof replay->waiting[0]);
}

static void replay_cancel(void *state, const void *owner)
{
    struct replay *replay = state;

    for (size_t i = 0; i < replay->count; i++)
        if (replay->waiting[i].owner == owner) {
            remove_first(replay, i);
            return;
        }
}

static enum status replay_step(void *state, int64_t timeout_ms, struct error *err)
{
    (void) state;
    (void) timeout_ms;
    (void) err;
    return STATUS_OK;
}

static bool replay_next(void *state, struct llm_attempt_end *end)
{
    struct replay *replay = state;
    struct waiting first;

    if (replay->count == 0)
        return false;
    first = replay->waiting[0];
    remove_first(replay, 0);
    if (first.entry == NULL) {
        *end = (struct llm_attempt_end){
            .owner = first.owner, .end = LLM_END_REFUSED, .reason = replay->reason};
        return true;
    }
    *end = (struct llm_attempt_end){.owner = first.owner,
                                    .end = first.entry->cut ? LLM_END_CUT : LLM_END_REPLY,
                                    .sent = true,
                                    .text = first.entry->text,
                                    .served_by = first.entry->served_by,
                                    .reason = first.entry->cut ? "cut off when recorded" : NULL,
                                    .prompt_tokens = first.entry->prompt_tokens,
                                    .completion_tokens = first.entry->completion_tokens};
    return true;
}

const struct llm_backend llm_replay = {
    .scheme = "replay",
    .create = replay_create,
    .destroy = replay_destroy,
    .submit = replay_submit,
    .cancel = replay_cancel,
    .step = replay_step,
    .next = replay_next,
};
