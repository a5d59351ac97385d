#include "base/message.h"
#include "proto/envelope.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_round_trip(void **state)
{
    struct arena *arena = arena_create(1 << 16);
    Xunfang__Envelope out = XUNFANG__ENVELOPE__INIT, *in;
    char job[] = "job";
    struct error err;
    struct slice packed;
    struct buf bytes;

    (void) state;
    out.job = job;
    out.schema = 7;
    out.payload = message_bytes(SLICE("a\0b"));
    buf_init(&bytes, 1000);
    message_pack(&out.base, &bytes);
    assert_int_equal(buf_status(&bytes, &err), STATUS_OK);
    packed = message_pack_arena(&out.base, arena);
    assert_true(slice_equal(packed, buf_slice(&bytes)));
    in = message_unpack(&xunfang__envelope__descriptor, packed, arena, &err);
    assert_non_null(in);
    assert_string_equal(in->job, "job");
    assert_int_equal(in->schema, 7);
    assert_true(slice_equal(message_slice(in->payload), SLICE("a\0b")));
    buf_fini(&bytes);
    arena_destroy(arena);
}

static void test_garbage_and_nothing(void **state)
{
    struct arena *arena = arena_create(1 << 16);
    struct error err;

    (void) state;
    assert_null(message_unpack(&xunfang__envelope__descriptor, SLICE("\xff\xff"), arena, &err));
    assert_int_equal(err.code, STATUS_INVALID);
    assert_non_null(message_unpack(&xunfang__envelope__descriptor, slice_of(NULL, 0), arena, &err));
    arena_destroy(arena);
}

static void test_limits(void **state)
{
    struct arena *arena = arena_create(32 * 1024);
    Xunfang__Envelope out = XUNFANG__ENVELOPE__INIT;
    static char large[64 * 1024];
    struct error err;
    struct buf bytes;

    (void) state;
    out.payload = message_bytes(slice_of(large, sizeof large));
    assert_null(message_pack_arena(&out.base, arena).data);
    buf_init(&bytes, 1000);
    message_pack(&out.base, &bytes);
    assert_int_equal(buf_status(&bytes, &err), STATUS_TOO_LARGE);
    buf_fini(&bytes);
    buf_init(&bytes, 100 * 1024);
    message_pack(&out.base, &bytes);
    assert_null(message_unpack(&xunfang__envelope__descriptor, buf_slice(&bytes), arena, &err));
    assert_int_equal(err.code, STATUS_NOMEM);
    buf_fini(&bytes);
    arena_destroy(arena);
}

static void test_text(void **state)
{
    struct arena *arena = arena_create(1 << 16);

    (void) state;
    assert_string_equal(message_text(arena, SLICE("a\0b\0")), "ab");
    assert_string_equal(message_text(arena, slice_of(NULL, 0)), "");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_garbage_and_nothing),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
