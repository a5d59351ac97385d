/* The envelope: what goes in comes out; what is no envelope is refused. */
#include "base/record.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct buf bytes;
static struct error err;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(8 * 1024 * 1024);
    buf_init(&bytes, 1024 * 1024);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    buf_fini(&bytes);
    return 0;
}

static struct record sample(void)
{
    return (struct record){
        .id = id_of(SLICE("a"), SLICE("b")),
        .key = SLICE("key\0with NUL"),
        .job = SLICE("长三角"),
        .run = SLICE("main"),
        .generation = 4,
        .outcome = OUTCOME_DROPPED,
        .reason = SLICE("period: 2019"),
        .sources = {{SLICE("pages"), 3, 77}, {SLICE("documents"), 0, UINT64_MAX}},
        .source_count = 2,
        .payload = SLICE("\x00\xFF payload"),
    };
}

static void test_round_trip(void **state)
{
    struct record in = sample();
    struct record out;

    (void) state;
    assert_int_equal(record_encode(&in, &bytes, &err), STATUS_OK);
    assert_int_equal(record_decode(buf_slice(&bytes), arena, &out, &err), STATUS_OK);
    assert_true(id_equal(in.id, out.id));
    assert_true(slice_equal(in.key, out.key));
    assert_true(slice_equal(in.job, out.job));
    assert_true(slice_equal(in.run, out.run));
    assert_int_equal(out.schema, RECORD_SCHEMA);
    assert_int_equal(out.generation, 4);
    assert_int_equal(out.outcome, OUTCOME_DROPPED);
    assert_true(slice_equal(in.reason, out.reason));
    assert_int_equal(out.source_count, 2);
    assert_true(slice_equal(out.sources[0].topic, SLICE("pages")));
    assert_int_equal(out.sources[0].partition, 3);
    assert_int_equal(out.sources[0].offset, 77);
    assert_true(out.sources[1].offset == UINT64_MAX);
    assert_true(slice_equal(in.payload, out.payload));
}

static void test_empty_fields(void **state)
{
    struct record in = {.id = id_of(SLICE("x"), SLICE("y"))};
    struct record out;

    (void) state;
    assert_int_equal(record_encode(&in, &bytes, &err), STATUS_OK);
    assert_int_equal(record_decode(buf_slice(&bytes), arena, &out, &err), STATUS_OK);
    assert_int_equal(out.key.size + out.job.size + out.run.size + out.reason.size, 0);
    assert_int_equal(out.payload.size + out.source_count, 0);
    assert_int_equal(out.outcome, OUTCOME_NONE);
}

static void test_encode_appends(void **state)
{
    struct record in = sample();

    (void) state;
    buf_puts(&bytes, "before");
    assert_int_equal(record_encode(&in, &bytes, &err), STATUS_OK);
    assert_true(slice_starts(buf_slice(&bytes), SLICE("before")));
}

static void test_garbage(void **state)
{
    static const char *const garbage[] = {"", "\xFF\xFF\xFF", "\x0A\x7F", "no protobuf at all"};
    struct record out = {.generation = 99};

    (void) state;
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
        assert_int_equal(record_decode(slice_from(garbage[i]), arena, &out, &err), STATUS_INVALID);
    assert_int_equal(out.generation, 99);
}

/* Every beginning of a record is refused or decodes to something; none reads beyond its end. */
static void test_truncated(void **state)
{
    struct record in = sample();
    struct record out;

    (void) state;
    assert_int_equal(record_encode(&in, &bytes, &err), STATUS_OK);
    for (size_t size = 0; size < bytes.size; size++) {
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, bytes.data, size);
        arena_reset(arena);
        status_ignore(record_decode(slice_of(copy, size), arena, &out, &err));
        free(copy);
    }
}

static void test_bad_id_and_schema(void **state)
{
    struct record in = sample();
    struct record out;

    (void) state;
    in.schema = RECORD_SCHEMA + 1;
    assert_int_equal(record_encode(&in, &bytes, &err), STATUS_OK);
    assert_int_equal(record_decode(buf_slice(&bytes), arena, &out, &err), STATUS_INVALID);
    /* Field 1 with 3 bytes, field 5 (schema) with 1. */
    assert_int_equal(record_decode(SLICE("\x0A\x03"
                                         "abc\x28\x01"),
                                   arena, &out, &err),
                     STATUS_INVALID);
    /* No schema at all. */
    assert_int_equal(record_decode(SLICE("\x0A\x10"
                                         "0123456789abcdef"),
                                   arena, &out, &err),
                     STATUS_INVALID);
    /* An outcome nobody knows. */
    assert_int_equal(record_decode(SLICE("\x0A\x10"
                                         "0123456789abcdef\x28\x01\x38\x63"),
                                   arena, &out, &err),
                     STATUS_INVALID);
}

static void test_too_many_sources(void **state)
{
    struct record out;

    (void) state;
    buf_puts(&bytes, "\x0A\x10"
                     "0123456789abcdef\x28\x01");
    for (int i = 0; i <= RECORD_SOURCES_MAX; i++)
        buf_append(&bytes, SLICE("\x4A\x00"));
    assert_int_equal(record_decode(buf_slice(&bytes), arena, &out, &err), STATUS_INVALID);
}

/* Two bytes a source would ask for forty bytes each: refused before the memory is gone. */
static void test_unfolding(void **state)
{
    struct record out;

    (void) state;
    for (int i = 0; i < 400000; i++)
        buf_append(&bytes, SLICE("\x4A\x00"));
    assert_int_equal(record_decode(buf_slice(&bytes), arena, &out, &err), STATUS_INVALID);
    assert_true(arena_used(arena) < 20 * bytes.size);
}

static void test_limits(void **state)
{
    static char text[70 * 1024];
    struct record in = sample();
    struct buf small;

    (void) state;
    buf_init(&small, 10);
    assert_int_equal(record_encode(&in, &small, &err), STATUS_TOO_LARGE);
    buf_fini(&small);
    memset(text, 'x', sizeof text);
    in.reason = slice_of(text, sizeof text);
    assert_int_equal(record_encode(&in, &bytes, &err), STATUS_TOO_LARGE);
}

static void test_full_arena_is_no_garbage(void **state)
{
    struct arena *tiny = arena_create(16);
    struct record in = sample();
    struct record out;

    (void) state;
    assert_int_equal(record_encode(&in, &bytes, &err), STATUS_OK);
    assert_int_equal(record_decode(buf_slice(&bytes), tiny, &out, &err), STATUS_NOMEM);
    arena_destroy(tiny);
}

/* ---- a newer version's fields ---- */

/* A record as a newer version writes it: field 100 in the envelope, 101 in its only source. */
static void put_newer(void)
{
    buf_append(&bytes, SLICE("\x0A\x10"
                             "0123456789abcdef\x28\x01"));
    buf_append(&bytes, SLICE("\x4A\x0D\x0A\x05pages\x10\x02\xAA\x06\x01x"));
    buf_append(&bytes, SLICE("\xA2\x06\x05later"));
}

static void test_newer_fields_travel_on(void **state)
{
    struct record first, second;

    (void) state;
    put_newer();
    assert_int_equal(record_decode(buf_slice(&bytes), arena, &first, &err), STATUS_OK);
    assert_int_equal(first.beyond.count, 1);
    assert_int_equal(first.sources_beyond[0].count, 1);
    assert_int_equal(first.sources[0].partition, 2);
    first.generation = 9;
    buf_reset(&bytes);
    assert_int_equal(record_encode(&first, &bytes, &err), STATUS_OK);
    assert_true(slice_contains(buf_slice(&bytes), SLICE("\xA2\x06\x05later")));
    assert_true(slice_contains(buf_slice(&bytes), SLICE("\xAA\x06\x01x")));
    assert_int_equal(record_decode(buf_slice(&bytes), arena, &second, &err), STATUS_OK);
    assert_int_equal(second.generation, 9);
    assert_int_equal(second.beyond.count, 1);
    assert_int_equal(second.sources_beyond[0].count, 1);
}

static void test_without_newer_fields(void **state)
{
    struct record in = sample();
    struct record out;

    (void) state;
    assert_int_equal(record_encode(&in, &bytes, &err), STATUS_OK);
    assert_int_equal(record_decode(buf_slice(&bytes), arena, &out, &err), STATUS_OK);
    assert_int_equal(out.beyond.count, 0);
    for (int i = 0; i < RECORD_SOURCES_MAX; i++)
        assert_int_equal(out.sources_beyond[i].count, 0);
}

static void test_outcome_text(void **state)
{
    (void) state;
    assert_string_equal(outcome_text(OUTCOME_NONE), "none");
    assert_string_equal(outcome_text(OUTCOME_DEAD), "dead");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_round_trip),
        TEST(test_empty_fields),
        TEST(test_encode_appends),
        TEST(test_garbage),
        TEST(test_truncated),
        TEST(test_bad_id_and_schema),
        TEST(test_too_many_sources),
        TEST(test_unfolding),
        TEST(test_limits),
        TEST(test_full_arena_is_no_garbage),
        TEST(test_outcome_text),
        TEST(test_newer_fields_travel_on),
        TEST(test_without_newer_fields),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
