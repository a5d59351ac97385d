/* The copy of the log of answers: what it survives, and when it is thrown away. */
#include "base/llm/answers.h"
#include "base/llm/answers_rows.h"
#include "tests/support/answers_kit.h"

static struct kit kit;

static int set_up(void **state)
{
    (void) state;
    kit_open(&kit);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    kit_close(&kit);
    return 0;
}

static void ask(const char *content, uint64_t claim, const char *text)
{
    kit_claim(&kit, 0, content, 2);
    kit_poll(&kit);
    kit_reply(&kit, 0, content, claim, text);
    kit_poll(&kit);
}

static void assert_text(size_t worker, const char *content, const char *text)
{
    struct answer_entry entry = kit_find(&kit, worker, content);

    assert_int_equal(entry.state, ANSWER_REPLIED);
    assert_true(slice_equal(entry.text, slice_from(text)));
}

static void publish(struct slice value)
{
    const struct bus_message message = {"answers", 0, SLICE("k"), value};
    struct bus *bus = kit_bus(&kit);

    KIT_OK(bus_publish(bus, &message, NULL, &kit.err));
    KIT_OK(bus_flush(bus, 100, &kit.err));
    bus_close(bus);
}

/* ---- going on ---- */

static void test_goes_on_where_it_stood(void **state)
{
    uint64_t writes;

    (void) state;
    kit_start(&kit, 0);
    ask("a", 1, "{\"n\":\"1\"}");
    kit_claim(&kit, 0, "b", 3);
    kit_poll(&kit);
    kit_kill(&kit, 0);
    writes = store_memory_writes(kit.workers[0].store);
    kit_start(&kit, 0);
    assert_false(answers_ready(kit.workers[0].answers));
    kit_poll(&kit);
    assert_true(answers_ready(kit.workers[0].answers));
    /* Nothing was read but the last record, and nothing written. */
    assert_int_equal(store_memory_writes(kit.workers[0].store), writes);
    assert_text(0, "a", "{\"n\":\"1\"}");
    assert_int_equal(answers_totals(kit.workers[0].answers)->held.calls, 3);
    assert_int_equal(answers_totals(kit.workers[0].answers)->used.latency_ms, 5);
    assert_int_equal(answers_totals(kit.workers[0].answers)->replies, 1);
}

/* Whatever is open, given up, failed: a copy that went on is a copy that began anew. */
static void test_same_as_anew(void **state)
{
    const struct answers_totals *old, *anew;

    (void) state;
    kit_start(&kit, 0);
    ask("a", 1, "{}");
    kit_claim(&kit, 0, "b", 3);
    kit_claim(&kit, 0, "c", 3);
    kit_poll(&kit);
    kit_fail(&kit, 0, "b", 2, 0);
    kit_poll(&kit);
    kit_kill(&kit, 0);
    kit_start(&kit, 0);
    kit_poll(&kit);
    kit_claim(&kit, 0, "d", 1);
    kit_poll(&kit);
    kit_start(&kit, 1);
    kit_poll(&kit);
    old = answers_totals(kit.workers[0].answers);
    anew = answers_totals(kit.workers[1].answers);
    assert_memory_equal(old, anew, sizeof *old);
    assert_int_equal(anew->spent.calls, 5);
    assert_int_equal(anew->held.calls, 1);
}

static void test_lost_copy(void **state)
{
    (void) state;
    kit_start(&kit, 0);
    ask("a", 1, "{\"n\":\"1\"}");
    kit_kill(&kit, 0);
    kit_lose_copy(&kit, 0);
    kit_start(&kit, 0);
    assert_false(answers_ready(kit.workers[0].answers));
    kit_poll(&kit);
    assert_true(answers_ready(kit.workers[0].answers));
    assert_text(0, "a", "{\"n\":\"1\"}");
}

static void test_empty_log_is_ready(void **state)
{
    (void) state;
    assert_true(answers_ready(kit_start(&kit, 0)));
}

/* ---- power cuts ---- */

static void test_log_is_shorter(void **state)
{
    (void) state;
    kit_start(&kit, 0);
    ask("a", 1, "{\"n\":\"1\"}");
    ask("b", 2, "{\"n\":\"2\"}");
    kit_kill(&kit, 0);
    bus_world_cut(kit.world, "answers", 0, 2);
    kit_start(&kit, 0);
    kit_poll(&kit);
    assert_text(0, "a", "{\"n\":\"1\"}");
    assert_int_equal(kit_find(&kit, 0, "b").state, ANSWER_NONE);
    assert_int_equal(answers_totals(kit.workers[0].answers)->replies, 1);
    assert_int_equal(answers_totals(kit.workers[0].answers)->spent.calls, 1);
}

/* As long as before, but not the same. */
static void test_log_was_cut_and_grew(void **state)
{
    (void) state;
    kit_start(&kit, 0);
    ask("a", 1, "{\"n\":\"1\"}");
    kit_kill(&kit, 0);
    bus_world_cut(kit.world, "answers", 0, 1);
    kit_start(&kit, 1);
    kit_poll(&kit);
    kit_claim(&kit, 1, "b", 1);
    kit_claim(&kit, 1, "c", 1);
    kit_poll(&kit);
    kit_start(&kit, 0);
    kit_poll(&kit);
    assert_true(answers_ready(kit.workers[0].answers));
    assert_int_equal(kit_find(&kit, 0, "a").state, ANSWER_NONE);
    assert_int_equal(kit_find(&kit, 0, "c").state, ANSWER_THEIRS);
    assert_int_equal(answers_totals(kit.workers[0].answers)->replies, 0);
}

/* The claim is gone, the reply came after the cut: its cost is known by it alone. */
static void test_reply_without_its_claim(void **state)
{
    (void) state;
    kit_start(&kit, 0);
    kit_reply(&kit, 0, "a", 9, "{\"n\":\"1\"}");
    kit_reply(&kit, 0, "a", 9, "{\"n\":\"1\"}");
    kit_poll(&kit);
    assert_text(0, "a", "{\"n\":\"1\"}");
    assert_int_equal(answers_totals(kit.workers[0].answers)->spent.calls, 1);
    assert_int_equal(answers_totals(kit.workers[0].answers)->held.calls, 0);
}

/* ---- bad stores and records ---- */

static void put(struct store *store, enum row_table table, struct slice value)
{
    struct row_key key = row_of_table(table);
    struct store_batch *batch = store_batch_create(store);

    store_batch_put(batch, row_slice(&key), value);
    KIT_OK(store_commit(batch, false, &kit.err));
    store_batch_destroy(batch);
}

static void test_unreadable_copy_is_built_anew(void **state)
{
    const enum row_table tables[] = {ROW_HEAD, ROW_SLOT, ROW_OPEN};

    (void) state;
    kit_start(&kit, 0);
    ask("a", 1, "{\"n\":\"1\"}");
    for (size_t i = 0; i < 3; i++) {
        kit_kill(&kit, 0);
        put(kit.workers[0].store, tables[i], SLICE("\xff\xff\xff"));
        kit_start(&kit, 0);
        kit_poll(&kit);
        assert_text(0, "a", "{\"n\":\"1\"}");
        assert_int_equal(answers_totals(kit.workers[0].answers)->replies, 1);
    }
}

static void test_store_failure_ends_it(void **state)
{
    (void) state;
    kit_start(&kit, 0);
    kit_claim(&kit, 0, "a", 1);
    store_memory_fail(kit.workers[0].store, 1, STATUS_DISK_FULL);
    assert_int_equal(answers_poll(kit.workers[0].answers, 0, &kit.err), STATUS_DISK_FULL);
    store_memory_recover(kit.workers[0].store);
    kit_kill(&kit, 0);
    kit_start(&kit, 0);
    kit_poll(&kit);
    assert_int_equal(answers_totals(kit.workers[0].answers)->held.calls, 1);
}

static void test_garbage_is_left_out(void **state)
{
    char *big = calloc(1, 300 * 1024);

    (void) state;
    assert_non_null(big);
    publish(SLICE("garbage"));
    publish(SLICE(""));
    publish(slice_of(big, 300 * 1024));
    free(big);
    kit_start(&kit, 0);
    ask("a", 1, "{\"n\":\"1\"}");
    assert_text(0, "a", "{\"n\":\"1\"}");
    assert_int_equal(answers_totals(kit.workers[0].answers)->unreadable, 3);
}

static void test_faults_of_the_bus(void **state)
{
    char content[16], text[16];

    (void) state;
    bus_world_set_faults(
        kit.world, (struct bus_faults){.late_ack = 300, .short_batch = 500, .empty_poll = 500});
    kit_start(&kit, 0);
    for (int i = 0; i < 50; i++) {
        (void) snprintf(content, sizeof content, "c%d", i);
        kit_claim(&kit, 0, content, 1);
        for (int j = 0; j < 100 && kit_find(&kit, 0, content).state == ANSWER_QUEUED; j++)
            KIT_OK(answers_poll(kit.workers[0].answers, 10, &kit.err));
        (void) snprintf(text, sizeof text, "{\"n\":\"%d\"}", i);
        kit_reply(&kit, 0, content, (uint64_t) i + 1, text);
    }
    for (int j = 0; j < 100; j++)
        kit_poll(&kit);
    assert_int_equal(answers_totals(kit.workers[0].answers)->replies, 50);
    assert_text(0, "c49", "{\"n\":\"49\"}");
}

static void test_full_bus(void **state)
{
    const struct answer_claim claim = {.reserve = {1, 1, 1}};

    (void) state;
    kit_start(&kit, 0);
    bus_world_set_faults(kit.world, (struct bus_faults){.queue_full = 1000});
    assert_int_equal(answers_claim(kit.workers[0].answers, kit_key("a"), &claim, &kit.err),
                     STATUS_AGAIN);
    assert_int_equal(kit_find(&kit, 0, "a").state, ANSWER_NONE);
    bus_world_set_faults(kit.world, (struct bus_faults){.queue_full = 0});
    kit_claim(&kit, 0, "a", 1);
    kit_poll(&kit);
    assert_int_equal(kit_find(&kit, 0, "a").claim, 1);
}

/* ---- options ---- */

static void test_options(void **state)
{
    struct answers_options options;
    struct answers *answers;
    char slot[ANSWERS_SLOT_MAX + 2];

    (void) state;
    kit_start(&kit, 0);
    KIT_OK(bus_topic_create(kit.workers[0].bus, "two", 2, &kit.err));
    options = kit_options(&kit, 0, "w");
    options.topic = "two";
    assert_int_equal(answers_open(&options, &answers, &kit.err), STATUS_INVALID);
    options.topic = "none";
    assert_int_equal(answers_open(&options, &answers, &kit.err), STATUS_NOT_FOUND);
    options = kit_options(&kit, 0, "w");
    options.life = 0;
    assert_int_equal(answers_open(&options, &answers, &kit.err), STATUS_INVALID);
    memset(slot, 's', sizeof slot);
    slot[sizeof slot - 1] = '\0';
    options = kit_options(&kit, 0, slot);
    assert_int_equal(answers_open(&options, &answers, &kit.err), STATUS_INVALID);
    answers_close(NULL);
}

static void test_longest_slot(void **state)
{
    struct answers_options options;
    struct answers *answers;
    struct store *store = store_open_memory();
    const struct answer_claim claim = {.reserve = {1, 1, 1}};
    char slot[ANSWERS_SLOT_MAX + 1];

    (void) state;
    kit_start(&kit, 0);
    memset(slot, 's', sizeof slot);
    slot[sizeof slot - 1] = '\0';
    options = kit_options(&kit, 0, slot);
    options.store = store;
    options.life = 77;
    KIT_OK(answers_open(&options, &answers, &kit.err));
    KIT_OK(answers_claim(answers, kit_key("a"), &claim, &kit.err));
    KIT_OK(answers_poll(answers, 0, &kit.err));
    answers_close(answers);
    store_close(store);
    kit_poll(&kit);
    assert_int_equal(kit_find(&kit, 0, "a").state, ANSWER_THEIRS);
}

static void test_onlooker(void **state)
{
    struct answers_options options;
    struct answers *answers;
    struct store *store = store_open_memory();

    (void) state;
    kit_start(&kit, 0);
    ask("a", 1, "{}");
    options = kit_options(&kit, 0, "");
    options.store = store;
    options.life = 0;
    options.claim_ms = 0;
    KIT_OK(answers_open(&options, &answers, &kit.err));
    KIT_OK(answers_poll(answers, 0, &kit.err));
    assert_int_equal(answers_totals(answers)->replies, 1);
    answers_close(answers);
    store_close(store);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
    T(goes_on_where_it_stood),
    T(same_as_anew),
    T(lost_copy),
    T(empty_log_is_ready),
    T(log_is_shorter),
    T(log_was_cut_and_grew),
    T(reply_without_its_claim),
    T(unreadable_copy_is_built_anew),
    T(store_failure_ends_it),
    T(garbage_is_left_out),
    T(faults_of_the_bus),
    T(full_bus),
    T(options),
    T(longest_slot),
    T(onlooker),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
