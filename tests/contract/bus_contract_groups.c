#include "tests/contract/bus_contract_groups.h"

#include "tests/contract/bus_contract_read.h"
#include "tests/contract/bus_tools.h"
#include "tests/support/cmocka_all.h"

static const struct bus_partition both[] = {{"numbers", 0}, {"numbers", 1}};

enum { ROUNDS = 3000, ROUND_MS = 10 };

/* One member of the stage, a process as it were. */
struct member {
    struct bus *bus;
    struct bus_reader *reader;
    bool ours[2];
    uint64_t next[2];      /* offset */
    struct slice metadata; /* of the last ASSIGNED; its bytes are gone, its size is not */
    int assigned;          /* events so far */
    int revoked;
    uint64_t last_word[2]; /* committed when asked to let go, if not 0 */
    bool heard[2];         /* was that accepted? */
};

static bool without_groups(void **state)
{
    struct bus *bus = bus_contract_numbers(*state);
    bool without = (bus_capabilities(bus) & BUS_CAP_GROUPS) == 0;

    bus_close(bus);
    return without;
}

static struct member *join(void **state, struct member *member)
{
    struct bus_reader_options options = {
        .stage = "stage", .partitions = both, .partition_count = 2};

    *member = (struct member){.bus = bus_contract_open(*state, NULL)};
    tool_ok(bus_reader_open(member->bus, &options, &member->reader, &tool_error));
    return member;
}

static void leave(struct member *member)
{
    bus_reader_close(member->reader);
    bus_close(member->bus);
}

/* Takes one event, if there is one; records are read in order and without gaps. */
static void turn(struct member *member)
{
    struct bus_event event;

    tool_ok(bus_reader_poll(member->reader, ROUND_MS, &event, &tool_error));
    if (event.kind == BUS_EVENT_ASSIGNED) {
        assert_false(member->ours[event.index]);
        member->ours[event.index] = true;
        member->next[event.index] = event.offset;
        member->metadata = event.metadata;
        member->assigned++;
    }
    if (event.kind == BUS_EVENT_REVOKED) {
        assert_true(member->ours[event.index]);
        member->ours[event.index] = false;
        member->revoked++;
        /* A group may be too far already to listen; mock brokers always are. */
        if (member->last_word[event.index] > 0 &&
            bus_reader_commit(member->reader, event.index, member->last_word[event.index],
                              SLICE("last word"), &tool_error) == STATUS_OK)
            member->heard[event.index] = true;
    }
    if (event.kind == BUS_EVENT_RECORDS) {
        assert_true(member->ours[event.index]);
        for (size_t i = 0; i < event.record_count; i++)
            assert_int_equal(event.records[i].offset, member->next[event.index]++);
    }
}

static int share_of(const struct member *member)
{
    return member->ours[0] + member->ours[1];
}

/* Until the members have so many partitions each; b may be NULL. */
static void settle(struct member *a, int of_a, struct member *b, int of_b)
{
    for (int i = 0; i < ROUNDS; i++) {
        turn(a);
        if (b != NULL)
            turn(b);
        if (share_of(a) == of_a && (b == NULL || share_of(b) == of_b))
            return;
    }
    fail_msg("%d and %d partitions", share_of(a), b == NULL ? 0 : share_of(b));
}

static void test_sharing(void **state)
{
    struct member a;
    struct member b;
    size_t moved;

    if (without_groups(state))
        skip();
    settle(join(state, &a), 2, NULL, 0);
    tool_fill(a.bus, &both[0], 0, 50);
    tool_fill(a.bus, &both[1], 0, 50);
    a.last_word[0] = a.last_word[1] = 7;
    settle(&a, 1, join(state, &b), 1);
    moved = b.ours[0] ? 0 : 1;
    assert_true(a.ours[1 - moved] && !a.ours[moved]);
    assert_true(a.revoked >= 1);
    /* What was said last stands, and who said it has no word any more. */
    assert_int_equal(b.metadata.size, a.heard[moved] ? SLICE("last word").size : 0);
    tool_fails(STATUS_FENCED, bus_reader_commit(a.reader, moved, 9, SLICE("x"), &tool_error));
    tool_ok(bus_reader_commit(b.reader, moved, 20, SLICE("b"), &tool_error));
    while (b.next[moved] < 50 || a.next[1 - moved] < 50) {
        turn(&a);
        turn(&b);
    }
    leave(&b);
    settle(&a, 2, NULL, 0);
    assert_int_equal(a.next[moved], 20);
    leave(&a);
}

/* Whoever does not let go in time loses the partition all the same, and its old work with it. */
static void test_deaf_member(void **state)
{
    struct member a;
    struct member b;
    uint64_t offset = 0;

    if (without_groups(state))
        skip();
    settle(join(state, &a), 2, NULL, 0);
    tool_fill(a.bus, &both[0], 0, 10);
    tool_ok(bus_reader_commit(a.reader, 0, 1, SLICE("a"), &tool_error));
    tool_ok(bus_reader_commit(a.reader, 1, 0, SLICE("a"), &tool_error));
    (void) join(state, &b);
    for (int i = 0; i < ROUNDS && share_of(&b) == 0; i++)
        turn(&b); /* and not a */
    assert_int_equal(share_of(&b), 1);
    for (size_t i = 0; i < 2; i++)
        if (b.ours[i])
            tool_ok(bus_reader_commit(b.reader, i, 5, SLICE("b"), &tool_error));
    /* Neither partition may be committed under the old grant, not even the one that came back. */
    tool_fails(STATUS_FENCED, bus_reader_commit(a.reader, 0, 2, SLICE("a"), &tool_error));
    tool_fails(STATUS_FENCED, bus_reader_commit(a.reader, 1, 2, SLICE("a"), &tool_error));
    settle(&a, 1, &b, 1);
    for (size_t i = 0; i < 2; i++)
        if (b.ours[i]) {
            tool_ok(bus_committed(b.bus, "stage", &both[i], &offset, &tool_error));
            assert_int_equal(offset, 5);
        }
    leave(&a);
    leave(&b);
}

/* Whoever comes after a member that left begins where it stood, at once. */
static void test_handover(void **state)
{
    struct bus_reader_options options = {
        .stage = "single", .partitions = both, .partition_count = 1};
    struct member a = {.bus = bus_contract_open(*state, NULL)};
    struct member b = {.bus = bus_contract_open(*state, NULL)};

    if (without_groups(state)) {
        bus_close(a.bus);
        bus_close(b.bus);
        skip();
    }
    tool_ok(bus_topic_create(a.bus, "numbers", 2, &tool_error));
    tool_ok(bus_reader_open(a.bus, &options, &a.reader, &tool_error));
    settle(&a, 1, NULL, 0);
    tool_ok(bus_reader_commit(a.reader, 0, 0, SLICE("a"), &tool_error));
    leave(&a);
    tool_ok(bus_reader_open(b.bus, &options, &b.reader, &tool_error));
    settle(&b, 1, NULL, 0);
    assert_int_equal(b.metadata.size, 1);
    leave(&b);
}

int bus_contract_run_groups(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bus_contract_setup, bus_contract_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_sharing),
        TEST(test_deaf_member),
        TEST(test_handover),
    };
#undef TEST

    return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
