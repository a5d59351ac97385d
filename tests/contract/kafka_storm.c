#include "tests/contract/kafka_storm.h"

#include "base/worker.h"
#include "tests/contract/bus_tools.h"
#include "tests/support/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PARTITIONS = 6,
    MEMBERS = 3,
    ROUND_MS = 2000,
    LOOK_MS = 100,
    NUMBERS_A_LOOK = 10,
    NUMBERS_MAX = 60 * 1000,
    STEP_MS = 20,
    HANDLER_MS = 1,
    ARENA_MAX = 1024 * 1024,
    DRAIN_LOOKS = 400, /* before members that do not drain fail the test */
};

static const char stage[] = "squares";

/* ---- a member ---- */

static volatile sig_atomic_t asked_to_end;

static void on_term(int signal)
{
    (void) signal;
    asked_to_end = 1;
}

/* The outcome is a function of the input alone. */
static enum status square(void *self, struct task *task, struct error *err)
{
    char text[32];
    uint64_t number;
    enum status status = slice_to_uint(task_record(task)->payload, 0, NUMBERS_MAX, &number, err);

    (void) self;
    if (status != STATUS_OK)
        return status;
    clock_sleep_ms(clock_system(), HANDLER_MS);
    (void) snprintf(text, sizeof text, "%llu", (unsigned long long) (number * number));
    return task_pass(task, slice_from(text), err);
}

static enum status live(struct bus *bus, struct error *err)
{
    static const struct map_stage map = {.name = stage, .max_in_flight = 1, .start = square};
    struct bus_partition inputs[PARTITIONS];
    struct worker_options options = {.bus = bus,
                                     .clock = clock_system(),
                                     .inputs = inputs,
                                     .input_count = PARTITIONS,
                                     .output = "outcomes",
                                     .window = 32};
    struct worker *worker = NULL;
    bool draining = false;
    enum status status;

    for (uint32_t i = 0; i < PARTITIONS; i++)
        inputs[i] = (struct bus_partition){"numbers", i};
    status = worker_create_map(&map, NULL, &options, &worker, err);
    while (status == STATUS_OK && !worker_drained(worker)) {
        if (asked_to_end && !draining) {
            worker_drain(worker);
            draining = true;
        }
        status = worker_step(worker, STEP_MS, err);
    }
    worker_destroy(worker);
    return status;
}

int kafka_storm_member(const char *address)
{
    struct bus_options options = {.client = "member"};
    struct bus *bus = NULL;
    struct error err;
    enum status status;

    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void) signal(SIGTERM, on_term);
    status = bus_open(address, &options, &bus, &err);
    if (status == STATUS_OK)
        status = live(bus, &err);
    if (status != STATUS_OK)
        (void) fprintf(stderr, "member %d: %s\n", (int) getpid(), err.message);
    bus_close(bus);
    return status == STATUS_OK ? 0 : 1;
}

/* ---- the storm ---- */

struct storm {
    const char *address;
    struct bus *bus;
    pid_t members[MEMBERS];
    pid_t asleep; /* 0: nobody */
    unsigned numbers;
    uint64_t committed[PARTITIONS];
};

static struct id id_of_number(unsigned number)
{
    char text[16];

    (void) snprintf(text, sizeof text, "%u", number);
    return id_of(SLICE("number"), slice_from(text));
}

static void publish_number(struct storm *storm)
{
    struct id id = id_of_number(storm->numbers);
    struct record record = {.id = id, .key = id_slice(&id), .job = SLICE("storm")};
    struct bus_message message = {.topic = "numbers", .key = record.key};
    char text[16];
    struct buf bytes;

    (void) snprintf(text, sizeof text, "%u", storm->numbers++);
    record.payload = slice_from(text);
    buf_init(&bytes, 4096);
    tool_ok(record_encode(&record, &bytes, &tool_error));
    message.value = buf_slice(&bytes);
    message.partition = partition_of(message.key, PARTITIONS);
    tool_ok(bus_publish(storm->bus, &message, NULL, &tool_error));
    buf_fini(&bytes);
}

static pid_t start_member(const struct storm *storm)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        (void) execl("/proc/self/exe", "/proc/self/exe", KAFKA_STORM_MEMBER, storm->address,
                     (char *) NULL);
        _exit(127);
    }
    return pid;
}

/* What the stage has committed never goes back. */
static void look(struct storm *storm)
{
    for (uint32_t i = 0; i < PARTITIONS; i++) {
        struct bus_partition partition = {"numbers", i};
        uint64_t offset = 0;
        enum status status = bus_committed(storm->bus, stage, &partition, &offset, &tool_error);
        if (status == STATUS_NOT_FOUND)
            offset = 0;
        else
            tool_ok(status);
        if (offset < storm->committed[i])
            fail_msg("the place in %u went back from %llu to %llu", i,
                     (unsigned long long) storm->committed[i], (unsigned long long) offset);
        storm->committed[i] = offset;
    }
}

static void let_pass(struct storm *storm, int64_t ms)
{
    int64_t end = clock_mono_ms(clock_system()) + ms;

    while (clock_mono_ms(clock_system()) < end) {
        for (int i = 0; i < NUMBERS_A_LOOK && storm->numbers < NUMBERS_MAX; i++)
            publish_number(storm);
        tool_ok(bus_step(storm->bus, LOOK_MS, &tool_error));
        look(storm);
    }
}

static int end_member(pid_t pid, int signal)
{
    int ended = 0;

    assert_int_equal(kill(pid, signal), 0);
    assert_int_equal(waitpid(pid, &ended, 0), pid);
    return ended;
}

static void wake(struct storm *storm)
{
    if (storm->asleep != 0)
        (void) kill(storm->asleep, SIGCONT);
    storm->asleep = 0;
}

/* In turn one dies, one leaves and one sleeps: for two rounds, which is beyond its session. Who is
 * gone is replaced. */
static void strike(struct storm *storm, int round)
{
    pid_t *member = &storm->members[(round / 3 + round % 3) % MEMBERS];

    switch (round % 3) {
    case 0:
        (void) end_member(*member, SIGKILL);
        *member = start_member(storm);
        break;
    case 1:
        wake(storm);
        assert_int_equal(end_member(*member, SIGTERM), 0);
        *member = start_member(storm);
        break;
    default:
        storm->asleep = *member;
        (void) kill(*member, SIGSTOP);
    }
}

/* ---- what it left ---- */

static uint64_t end_of(struct storm *storm, const char *topic, uint32_t partition)
{
    uint64_t end = 0;

    tool_ok(bus_end(storm->bus, topic, partition, &end, &tool_error));
    return end;
}

static void finish(struct storm *storm)
{
    bool behind = true;

    wake(storm);
    for (int i = 0; behind && i < DRAIN_LOOKS; i++) {
        tool_ok(bus_flush(storm->bus, TOOL_WAIT_MS, &tool_error));
        clock_sleep_ms(clock_system(), LOOK_MS);
        look(storm);
        behind = false;
        for (uint32_t p = 0; p < PARTITIONS; p++)
            behind |= storm->committed[p] < end_of(storm, "numbers", p);
    }
    assert_false(behind);
    for (int i = 0; i < MEMBERS; i++)
        assert_int_equal(end_member(storm->members[i], SIGTERM), 0);
    look(storm);
}

/* The number whose outcome this is. */
static unsigned check_outcome(const struct bus_record *found, struct arena *arena)
{
    struct record record;
    uint64_t square;
    uint64_t number = 0;

    tool_ok(record_decode(found->value, arena, &record, &tool_error));
    assert_int_equal(record.outcome, OUTCOME_PASSED);
    tool_ok(slice_to_uint(record.payload, 0, UINT64_MAX, &square, &tool_error));
    while (number * number < square)
        number++;
    assert_int_equal(number * number, square);
    assert_true(number < NUMBERS_MAX);
    assert_true(id_equal(record.id, id_of_number((unsigned) number)));
    return (unsigned) number;
}

static unsigned read_outcomes(struct storm *storm, unsigned char *times)
{
    struct arena *arena = arena_create(ARENA_MAX);
    unsigned read = 0;

    for (uint32_t p = 0; p < PARTITIONS; p++) {
        struct bus_partition partition = {"outcomes", p};
        struct bus_reader *reader = tool_reader(storm->bus, NULL, &partition, NULL);
        uint64_t end = end_of(storm, "outcomes", p);
        for (uint64_t at = 0; at < end;) {
            struct bus_event event = tool_event(reader);
            for (size_t i = 0; i < event.record_count; i++, at++, read++) {
                times[check_outcome(&event.records[i], arena)]++;
                arena_reset(arena);
            }
        }
        bus_reader_close(reader);
    }
    arena_destroy(arena);
    return read;
}

static void check(struct storm *storm)
{
    unsigned char *times = calloc(NUMBERS_MAX, 1);
    unsigned read;

    assert_non_null(times);
    read = read_outcomes(storm, times);
    for (unsigned i = 0; i < storm->numbers; i++)
        if (times[i] == 0)
            fail_msg("number %u of %u is lost", i, storm->numbers);
    print_message("%u numbers, %u outcomes\n", storm->numbers, read);
    free(times);
}

void kafka_storm(const char *address, int rounds)
{
    struct bus_options options = {.client = "storm"};
    struct storm storm = {.address = address};

    tool_ok(bus_open(address, &options, &storm.bus, &tool_error));
    tool_ok(bus_topic_create(storm.bus, "numbers", PARTITIONS, &tool_error));
    tool_ok(bus_topic_create(storm.bus, "outcomes", PARTITIONS, &tool_error));
    for (int i = 0; i < MEMBERS; i++)
        storm.members[i] = start_member(&storm);
    for (int round = 0; round < rounds; round++) {
        let_pass(&storm, ROUND_MS);
        strike(&storm, round);
    }
    let_pass(&storm, ROUND_MS);
    finish(&storm);
    check(&storm);
    bus_close(storm.bus);
}
