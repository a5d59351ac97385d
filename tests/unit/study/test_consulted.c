/* What was asked about a document, joined over the stages. */
#include "study/consulted.h"

#include "tests/support/cmocka_all.h"

static struct arena *arena;
static struct error err;
static const struct id key = {{1, 2, 3}};

static int open_arena(void **state)
{
    (void) state;
    arena = arena_create(1 << 20);
    return arena == NULL;
}

static int close_arena(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static void test_nothing_asked(void **state)
{
    const struct consulted nothing = {.task_count = 0};
    Xunfang__Consulted *message = (Xunfang__Consulted *) &nothing;

    (void) state;
    assert_int_equal(consulted_join(NULL, &nothing, arena, &message, &err), STATUS_OK);
    assert_null(message);
}

static void test_ends(void **state)
{
    struct consulted consulted = {.task_count = 0};
    Xunfang__Consulted *message = NULL;

    (void) state;
    consulted_note(&consulted, "visit", ASKED_ANSWERED, key);
    consulted_note(&consulted, "purpose", ASKED_FAILED, key);
    consulted_note(&consulted, "themes", ASKED_REFUSED, key);
    assert_int_equal(consulted_join(NULL, &consulted, arena, &message, &err), STATUS_OK);
    assert_int_equal(message->n_tasks, 3);
    assert_string_equal(message->tasks[2], "themes");
    assert_int_equal(message->n_ends, 3);
    assert_int_equal(message->ends[0], XUNFANG__CONSULTED__END__ANSWERED);
    assert_int_equal(message->ends[1], XUNFANG__CONSULTED__END__FAILED);
    assert_int_equal(message->ends[2], XUNFANG__CONSULTED__END__REFUSED);
    assert_int_equal(message->failed, 1);
    assert_int_equal(message->refused, 1);
    assert_int_equal(message->n_answers, 1);
    assert_int_equal(message->answers[0].len, ID_SIZE);
    assert_memory_equal(message->answers[0].data, key.bytes, ID_SIZE);
}

static void test_two_stages(void **state)
{
    struct consulted first = {.task_count = 0};
    struct consulted second = {.task_count = 0};
    const struct consulted nothing = {.task_count = 0};
    Xunfang__Consulted *before = NULL;
    Xunfang__Consulted *message = NULL;

    (void) state;
    consulted_note(&first, "visit", ASKED_ANSWERED, key);
    consulted_note(&first, "themes", ASKED_FAILED, key);
    consulted_note(&second, "events", ASKED_ANSWERED, key);
    assert_int_equal(consulted_join(NULL, &first, arena, &before, &err), STATUS_OK);
    assert_int_equal(consulted_join(before, &second, arena, &message, &err), STATUS_OK);
    assert_int_equal(message->n_tasks, 3);
    assert_string_equal(message->tasks[0], "visit");
    assert_string_equal(message->tasks[2], "events");
    assert_int_equal(message->n_ends, 3);
    assert_int_equal(message->n_answers, 2);
    assert_int_equal(message->failed, 1);
    /* A stage that asks nothing hands on what it got. */
    assert_int_equal(consulted_join(before, &nothing, arena, &message, &err), STATUS_OK);
    assert_int_equal(message->n_tasks, 2);
    assert_int_equal(message->failed, 1);
}

/* What a newer stage before said beside it is not for this one to drop. */
static void test_newer_fields_travel_on(void **state)
{
    uint8_t later[] = {7};
    ProtobufCMessageUnknownField field = {100, PROTOBUF_C_WIRE_TYPE_VARINT, 1, later};
    Xunfang__Consulted before = XUNFANG__CONSULTED__INIT;
    struct consulted own = {.task_count = 0};
    Xunfang__Consulted *message = NULL;

    (void) state;
    before.base.unknown_fields = &field;
    before.base.n_unknown_fields = 1;
    consulted_note(&own, "events", ASKED_ANSWERED, key);
    assert_int_equal(consulted_join(&before, &own, arena, &message, &err), STATUS_OK);
    assert_int_equal(message->n_tasks, 1);
    assert_int_equal(message->base.n_unknown_fields, 1);
    assert_int_equal(message->base.unknown_fields[0].tag, 100);
}

static void test_no_memory(void **state)
{
    struct arena *small = arena_create(64);
    struct consulted consulted = {.task_count = 0};
    Xunfang__Consulted *message = NULL;

    (void) state;
    consulted_note(&consulted, "visit", ASKED_ANSWERED, key);
    assert_int_equal(consulted_join(NULL, &consulted, small, &message, &err), STATUS_NOMEM);
    assert_null(message);
    arena_destroy(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_asked), cmocka_unit_test(test_ends),
        cmocka_unit_test(test_two_stages),    cmocka_unit_test(test_newer_fields_travel_on),
        cmocka_unit_test(test_no_memory),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
