/* What a newer version says about a request stays with it in the frontier: into every lease, over a
 * failure, and over a restart from the stored state. */
#include "tests/unit/crawler/frontier_world.h"

enum { LATER = 1000 };

static void expect_later(const Xunfang__Lease *lease)
{
    const ProtobufCMessage *request;

    assert_non_null(lease);
    assert_int_equal(lease->n_items, 1);
    request = &lease->items[0]->request->base;
    assert_int_equal(request->n_unknown_fields, 1);
    assert_int_equal(request->unknown_fields[0].tag, LATER);
    assert_int_equal(request->unknown_fields[0].len, 1);
    assert_int_equal(request->unknown_fields[0].data[0], 7);
}

static void test_leases(void **state)
{
    uint8_t seven[] = {7};
    ProtobufCMessageUnknownField later = {LATER, PROTOBUF_C_WIRE_TYPE_VARINT, 1, seven};
    struct world *world = world_open(1);
    Xunfang__Request *request =
        world_request(world, "http://a.example/1", XUNFANG__REQUEST__KIND__ARTICLE);
    Xunfang__Lease *lease;

    (void) state;
    request->base.n_unknown_fields = 1;
    request->base.unknown_fields = &later;
    world_link(world, request);
    lease = world_wait_lease(world, 5000);
    expect_later(lease);
    world_answer(world, lease, XUNFANG__FETCH_RESULT__OUTCOME__TRY_AGAIN, 503);
    world_run(world, 100);
    world_restart(world, false);
    expect_later(world_wait_lease(world, 60000));
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
