#include "base/bus/log_waits.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct log_wait make_wait(unsigned char peer, uint32_t reader, int64_t deadline_ms)
{
    Xunfang__LogRequest source = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogFetch fetch = XUNFANG__LOG_FETCH__INIT;
    struct log_wait wait = {.deadline_ms = deadline_ms};
    uint8_t bytes[64];
    size_t size;

    fetch.reader = reader;
    source.kind_case = XUNFANG__LOG_REQUEST__KIND_FETCH;
    source.fetch = &fetch;
    size = xunfang__log_request__pack(&source, bytes);
    wait.request = xunfang__log_request__unpack(NULL, size, bytes);
    wait.peer.bytes[0] = peer;
    wait.peer.size = 1;
    return wait;
}

static bool add(struct log_waits *waits, unsigned char peer, uint32_t reader, int64_t deadline_ms)
{
    struct log_wait wait = make_wait(peer, reader, deadline_ms);
    bool added = log_waits_add(waits, &wait);

    if (!added)
        xunfang__log_request__free_unpacked(wait.request, NULL);
    return added;
}

static void test_deadline(void **state)
{
    struct log_waits waits;

    (void) state;
    assert_int_equal(log_waits_init(&waits, NULL), STATUS_OK);
    assert_true(log_waits_deadline(&waits) == INT64_MAX);
    assert_true(add(&waits, 1, 1, 500));
    assert_true(add(&waits, 2, 1, 300));
    assert_true(add(&waits, 3, 1, 400));
    assert_int_equal(log_waits_deadline(&waits), 300);
    xunfang__log_request__free_unpacked(log_waits_take(&waits, 1).request, NULL);
    assert_int_equal(log_waits_deadline(&waits), 400);
    assert_int_equal(waits.count, 2);
    log_waits_fini(&waits);
}

static void test_replace(void **state)
{
    struct log_waits waits;
    struct log_peer peer = {.bytes = {1}, .size = 1};

    (void) state;
    assert_int_equal(log_waits_init(&waits, NULL), STATUS_OK);
    assert_true(add(&waits, 1, 7, 1));
    assert_true(add(&waits, 1, 8, 2));
    assert_true(add(&waits, 2, 7, 3));
    log_waits_replace(&waits, &peer, 7);
    assert_int_equal(waits.count, 2);
    assert_int_equal(log_waits_deadline(&waits), 2);
    log_waits_replace(&waits, &peer, 9);
    assert_int_equal(waits.count, 2);
    peer.size = 0;
    log_waits_replace(&waits, &peer, 8);
    assert_int_equal(waits.count, 2);
    log_waits_fini(&waits);
}

static void test_limit(void **state)
{
    struct log_waits waits;

    (void) state;
    assert_int_equal(log_waits_init(&waits, NULL), STATUS_OK);
    for (uint32_t i = 0; i < LOG_WAITS_MAX; i++)
        assert_true(add(&waits, 1, i, i));
    assert_false(add(&waits, 1, LOG_WAITS_MAX, 0));
    assert_int_equal(waits.count, LOG_WAITS_MAX);
    log_waits_fini(&waits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
