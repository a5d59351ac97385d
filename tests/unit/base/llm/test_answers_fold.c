/* The rules of the log of answers, record by record. */
#include "base/llm/answers_fold.h"

#include "base/store/store_memory.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct store *store;
static struct answers_fold fold;
static struct arena *arena;
static struct error err;
static size_t told;

static void on_change(void *self, struct id key)
{
    (void) self;
    (void) key;
    told++;
}

static int set_up(void **state)
{
    (void) state;
    store = store_open_memory();
    arena = arena_create(1 << 20);
    told = 0;
    if (fold_init(&fold, store, &err) != STATUS_OK || fold_load(&fold, &err) != STATUS_OK)
        return 1;
    fold.changed = on_change;
    return store == NULL || arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    fold_fini(&fold);
    store_close(store);
    arena_destroy(arena);
    return 0;
}

/* ---- records ---- */

static struct id key_of(const char *name)
{
    return id_of(SLICE("key"), slice_from(name));
}

/* Through bytes, as from the log; one batch each. */
static void apply(const char *name, const AnswerRecord *record)
{
    static uint64_t offset;
    struct store_batch *batch = store_batch_create(store);
    struct bus_record last = {.offset = offset++, .key = SLICE("k")};
    const AnswerRecord *read;
    struct buf bytes;
    struct id key;

    buf_init(&bytes, 1 << 20);
    arena_reset(arena);
    assert_int_equal(answers_message_put(SLICE("job"), key_of(name), record, &bytes, &err),
                     STATUS_OK);
    last.value = buf_slice(&bytes);
    assert_int_equal(answers_message_read(last.value, arena, &key, &read, &err), STATUS_OK);
    assert_true(id_equal(key, key_of(name)));
    assert_int_equal(fold_apply(&fold, batch, key, read, &err), STATUS_OK);
    assert_int_equal(fold_save(&fold, batch, &last, &err), STATUS_OK);
    assert_int_equal(store_commit(batch, false, &err), STATUS_OK);
    store_batch_destroy(batch);
    buf_fini(&bytes);
}

struct claim {
    const char *slot;
    uint64_t life;
    uint64_t number;
    int64_t made_ms; /* expires 100 later */
    uint32_t generation;
    uint64_t calls;
    uint64_t cap;
    const char *reason; /* a refusal's */
};

static void claim(const char *name, struct claim from)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerClaim message = XUNFANG__ANSWER_CLAIM__INIT;
    AnswerSpeaker speaker = XUNFANG__ANSWER_SPEAKER__INIT;
    AnswerCost reserve = XUNFANG__ANSWER_COST__INIT, caps = XUNFANG__ANSWER_COST__INIT;

    speaker.slot = (char *) (uintptr_t) from.slot;
    speaker.life = from.life;
    speaker.number = from.number;
    speaker.made_ms = from.made_ms;
    reserve.calls = from.calls;
    caps.calls = from.cap;
    message.speaker = &speaker;
    message.reserve = &reserve;
    message.caps = &caps;
    message.generation = from.generation;
    message.expires_ms = from.made_ms + 100;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_CLAIM;
    record.claim = &message;
    apply(name, &record);
}

static void refuse(const char *name, struct claim from)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerRefusal message = XUNFANG__ANSWER_REFUSAL__INIT;
    AnswerSpeaker speaker = XUNFANG__ANSWER_SPEAKER__INIT;
    AnswerCost caps = XUNFANG__ANSWER_COST__INIT;

    speaker.slot = (char *) (uintptr_t) from.slot;
    speaker.life = from.life;
    speaker.number = from.number;
    speaker.made_ms = from.made_ms;
    caps.calls = from.cap;
    message.reason = (char *) (uintptr_t) (from.reason == NULL ? "calls" : from.reason);
    message.caps = &caps;
    message.speaker = &speaker;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_REFUSAL;
    record.refusal = &message;
    apply(name, &record);
}

static void reply(const char *name, uint64_t life, uint64_t number, const char *text)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerReply message = XUNFANG__ANSWER_REPLY__INIT;
    AnswerUsage usage = XUNFANG__ANSWER_USAGE__INIT;

    usage.calls = 1;
    message.text = (char *) (uintptr_t) text;
    message.life = life;
    message.claim = number;
    message.usage = &usage;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_REPLY;
    record.reply = &message;
    apply(name, &record);
}

static void fail_at(const char *name, uint64_t life, uint64_t number, uint32_t generation)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerFailure message = XUNFANG__ANSWER_FAILURE__INIT;
    AnswerUsage usage = XUNFANG__ANSWER_USAGE__INIT;

    usage.calls = 1;
    message.reason = (char *) (uintptr_t) "why";
    message.life = life;
    message.claim = number;
    message.generation = generation;
    message.usage = &usage;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_FAILURE;
    record.failure = &message;
    apply(name, &record);
}

static void release(const char *name, uint64_t life, uint64_t number)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerRelease message = XUNFANG__ANSWER_RELEASE__INIT;

    message.life = life;
    message.claim = number;
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_RELEASE;
    record.release = &message;
    apply(name, &record);
}

static const AnswerState *state_of(const char *name)
{
    const AnswerState *state;

    assert_int_equal(fold_state(&fold, key_of(name), arena, &state, &err), STATUS_OK);
    return state;
}

/* Who has the key: the life; 0: nobody. */
static uint64_t owner(const char *name)
{
    const struct open_claim *open = claims_get(fold.claims, key_of(name));

    return open == NULL ? 0 : open->life;
}

static void assert_budget(uint64_t held, uint64_t spent)
{
    assert_int_equal(fold.head.totals.held.calls, held);
    assert_int_equal(fold.head.totals.spent.calls, spent);
}

/* ---- granting ---- */

static void test_first_claim_owns(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .made_ms = 0, .calls = 2});
    claim("a", (struct claim){"y", 2, 1, .made_ms = 99, .calls = 2});
    assert_int_equal(owner("a"), 1);
    assert_budget(2, 0);
    claim("a", (struct claim){"y", 2, 2, .made_ms = 100, .calls = 3});
    assert_int_equal(owner("a"), 2);
    assert_budget(3, 2);
}

static void test_no_claim_of_an_answered_key(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 2});
    reply("a", 1, 1, "{}");
    claim("a", (struct claim){"y", 2, 1, .calls = 2});
    assert_int_equal(owner("a"), 0);
    assert_budget(0, 1);
}

static void test_claims_and_generations(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .generation = 1, .calls = 2});
    fail_at("a", 1, 1, 1);
    claim("a", (struct claim){"y", 2, 1, .generation = 1, .calls = 2});
    assert_int_equal(owner("a"), 0);
    claim("a", (struct claim){"y", 2, 2, .generation = 2, .calls = 2});
    assert_int_equal(owner("a"), 2);
}

static void test_caps_are_the_claims(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 4, .cap = 4});
    claim("b", (struct claim){"x", 1, 2, .calls = 1, .cap = 4});
    assert_int_equal(owner("b"), 0);
    claim("b", (struct claim){"x", 1, 3, .calls = 1, .cap = 5});
    assert_int_equal(owner("b"), 1);
    assert_budget(5, 0);
    reply("a", 1, 1, "{}");
    assert_budget(1, 1);
    claim("c", (struct claim){"x", 1, 4, .calls = 3, .cap = 4});
    assert_int_equal(owner("c"), 0);
    claim("c", (struct claim){"x", 1, 5, .calls = 2, .cap = 4});
    assert_int_equal(owner("c"), 1);
}

/* ---- words ---- */

static void test_repeats_do_not_count(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 2});
    fail_at("a", 1, 1, 0);
    /* The same claim once more, for a newer generation even: its number was heard. */
    claim("a", (struct claim){"x", 1, 1, .generation = 1, .calls = 2});
    assert_int_equal(owner("a"), 0);
    fail_at("a", 1, 1, 0);
    assert_budget(0, 1);
}

static void test_new_life_ends_the_old(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 2});
    claim("b", (struct claim){"x", 1, 2, .calls = 2});
    claim("c", (struct claim){"y", 3, 1, .calls = 2});
    told = 0;
    claim("d", (struct claim){"x", 2, 1, .calls = 1});
    assert_int_equal(told, 3); /* a, b, d */
    assert_int_equal(owner("a"), 0);
    assert_int_equal(owner("b"), 0);
    assert_int_equal(owner("c"), 3);
    assert_budget(3, 4);
    /* Nothing a life says counts once there was a newer one. */
    claim("e", (struct claim){"x", 1, 3, .calls = 2});
    assert_int_equal(owner("e"), 0);
    assert_budget(3, 4);
    assert_int_equal(claims_life(fold.claims, "x"), 2);
}

static void test_a_refused_claim_speaks_too(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 2});
    claim("b", (struct claim){"x", 2, 1, .calls = 2, .cap = 1});
    assert_int_equal(owner("b"), 0);
    assert_int_equal(owner("a"), 0);
    assert_budget(0, 2);
}

/* ---- ends ---- */

static void test_late_reply_settles(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 4});
    claim("a", (struct claim){"y", 2, 1, .made_ms = 100, .calls = 4});
    assert_budget(4, 4);
    reply("a", 1, 1, "{\"late\":1}");
    assert_budget(4, 1);
    assert_string_equal(state_of("a")->reply->text, "{\"late\":1}");
    reply("a", 1, 1, "{\"late\":1}");
    assert_budget(4, 1);
    reply("a", 2, 1, "{\"second\":1}");
    assert_budget(0, 2);
    assert_string_equal(state_of("a")->reply->text, "{\"late\":1}");
    assert_int_equal(fold.head.totals.replies, 1);
    assert_int_equal(fold.head.totals.used.calls, 2);
}

static void test_late_release_settles(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 4});
    claim("b", (struct claim){"x", 2, 1, .calls = 4});
    assert_budget(4, 4);
    release("a", 1, 1);
    assert_budget(4, 0);
    release("a", 1, 1);
    assert_budget(4, 0);
}

static void test_release_of_others_does_nothing(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 4});
    release("a", 2, 1);
    release("a", 1, 2);
    release("b", 1, 1);
    assert_int_equal(owner("a"), 1);
    assert_budget(4, 0);
}

static void test_failure_stays_under_a_reply(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 1});
    fail_at("a", 1, 1, 2);
    assert_int_equal(fold.head.totals.failures, 1);
    claim("a", (struct claim){"x", 1, 2, .generation = 3, .calls = 1});
    reply("a", 1, 2, "{}");
    assert_int_equal(state_of("a")->failure->generation, 2);
    assert_int_equal(fold.head.totals.failures, 0);
    assert_int_equal(fold.head.totals.replies, 1);
    /* And none comes after it. */
    fail_at("a", 9, 9, 7);
    assert_int_equal(state_of("a")->failure->generation, 2);
    assert_budget(0, 2);
}

static void test_older_failure_changes_nothing(void **state)
{
    (void) state;
    fail_at("a", 1, 1, 5);
    fail_at("a", 1, 2, 4);
    assert_int_equal(state_of("a")->failure->generation, 5);
    fail_at("a", 1, 3, 6);
    assert_int_equal(state_of("a")->failure->generation, 6);
    assert_int_equal(fold.head.totals.failures, 1);
}

/* ---- refusals ---- */

static void test_refusals(void **state)
{
    (void) state;
    refuse("a", (struct claim){"x", 1, 1, .cap = 5});
    assert_int_equal(fold.head.totals.refusals, 1);
    claim("a", (struct claim){"y", 2, 1, .calls = 1, .cap = 5});
    assert_int_equal(owner("a"), 0);
    claim("a", (struct claim){"y", 2, 2, .calls = 1, .cap = 6});
    assert_int_equal(owner("a"), 2);
    reply("a", 2, 2, "{}");
    assert_int_equal(fold.head.totals.refusals, 0);
    refuse("a", (struct claim){"x", 1, 2, .cap = 7});
    assert_int_equal(state_of("a")->refusal->caps->calls, 5);
    /* One more under the same caps says nothing new, under others it does. */
    refuse("b", (struct claim){"x", 1, 3, .cap = 5, .reason = "calls"});
    refuse("b", (struct claim){"y", 2, 3, .cap = 5, .reason = "tokens"});
    assert_string_equal(state_of("b")->refusal->reason, "calls");
    refuse("b", (struct claim){"y", 2, 4, .cap = 6, .reason = "tokens"});
    assert_string_equal(state_of("b")->refusal->reason, "tokens");
}

static void test_refusal_and_claims(void **state)
{
    (void) state;
    claim("a", (struct claim){"x", 1, 1, .calls = 1});
    refuse("a", (struct claim){"y", 2, 1, .made_ms = 99, .cap = 1});
    assert_null(state_of("a")->refusal);
    assert_int_equal(owner("a"), 1);
    refuse("a", (struct claim){"y", 2, 2, .made_ms = 100, .cap = 1});
    assert_non_null(state_of("a")->refusal);
    assert_int_equal(owner("a"), 0);
    assert_budget(0, 1);
}

/* ---- what is no record ---- */

static void assert_unreadable(const AnswerRecord *record)
{
    const AnswerRecord *read;
    struct buf bytes;
    struct id key;

    buf_init(&bytes, 1 << 20);
    assert_int_equal(answers_message_put(SLICE("job"), key_of("a"), record, &bytes, &err),
                     STATUS_OK);
    assert_int_equal(answers_message_read(buf_slice(&bytes), arena, &key, &read, &err),
                     STATUS_INVALID);
    buf_fini(&bytes);
}

static void test_incomplete_records(void **state)
{
    AnswerRecord record = XUNFANG__ANSWER_RECORD__INIT;
    AnswerClaim message = XUNFANG__ANSWER_CLAIM__INIT;
    AnswerSpeaker speaker = XUNFANG__ANSWER_SPEAKER__INIT;
    AnswerCost cost = XUNFANG__ANSWER_COST__INIT;
    AnswerReply bare = XUNFANG__ANSWER_REPLY__INIT;
    char slot[ANSWERS_SLOT_MAX + 2];

    (void) state;
    assert_unreadable(&record);
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_CLAIM;
    record.claim = &message;
    assert_unreadable(&record);
    message.reserve = &cost;
    message.caps = &cost;
    message.speaker = &speaker;
    assert_unreadable(&record);
    memset(slot, 's', sizeof slot);
    slot[sizeof slot - 1] = '\0';
    speaker.slot = slot;
    speaker.life = 1;
    speaker.number = 1;
    assert_unreadable(&record);
    record.kind_case = XUNFANG__ANSWER_RECORD__KIND_REPLY;
    record.reply = &bare;
    assert_unreadable(&record);
}

static void test_monstrous_numbers_are_bounded(void **state)
{
    (void) state;
    for (uint64_t i = 1; i <= 100; i++)
        claim(i % 2 == 0 ? "a" : "b", (struct claim){"x", i, 1, .calls = UINT64_MAX});
    assert_true(fold.head.totals.spent.calls == 99 * ANSWERS_COST_MAX);
    assert_true(fold.head.totals.held.calls == ANSWERS_COST_MAX);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
    T(first_claim_owns),
    T(no_claim_of_an_answered_key),
    T(claims_and_generations),
    T(caps_are_the_claims),
    T(repeats_do_not_count),
    T(new_life_ends_the_old),
    T(a_refused_claim_speaks_too),
    T(late_reply_settles),
    T(late_release_settles),
    T(release_of_others_does_nothing),
    T(failure_stays_under_a_reply),
    T(older_failure_changes_nothing),
    T(refusals),
    T(refusal_and_claims),
    T(incomplete_records),
    T(monstrous_numbers_are_bounded),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
