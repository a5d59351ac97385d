/* The server in this process, spoken to by hand: what no well-behaved client does. */
#define _XOPEN_SOURCE 700 /* nftw */

#include "base/bus/log_batch.h"
#include "base/bus/log_link.h"
#include "base/bus/log_server.h"
#include "tests/support/cmocka_all.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 300, STEP_MS = 10 };

static char folder[128];
static struct log_server *server;
static struct log_socket *client;
static struct error err;
static uint64_t last_id;

static void start(uint64_t space_min)
{
    struct log_server_options options = {
        .data = folder, .memory_bytes = 1024 * 1024, .space_min = space_min};

    assert_int_equal(log_server_create(&options, &server, &err), STATUS_OK);
}

static int setup(void **state)
{
    (void) state;
    (void) snprintf(folder, sizeof folder, "/tmp/xunfang-server-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    start(0);
    if (log_socket_create(folder, &client, &err) != STATUS_OK)
        return -1;
    return log_socket_renew(client, &err) == STATUS_OK ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void) info;
    (void) kind;
    (void) walk;
    return remove(path);
}

static int teardown(void **state)
{
    (void) state;
    log_socket_close(client);
    log_server_destroy(server);
    return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- talking ---- */

static void send_bytes(struct slice header, struct slice payload)
{
    struct log_frame *frame = NULL;
    struct buf bytes;

    buf_init(&bytes, SIZE_MAX / 2);
    buf_append(&bytes, payload);
    if (payload.size > 0)
        frame = log_frame_take(&bytes);
    assert_int_equal(log_socket_send(client, NULL, header, frame, &err), STATUS_OK);
    log_frame_destroy(frame);
    buf_fini(&bytes);
}

static void send_request(Xunfang__LogRequest *request, struct slice payload)
{
    uint8_t bytes[4096];

    request->id = ++last_id;
    assert_true(xunfang__log_request__get_packed_size(request) <= sizeof bytes);
    send_bytes(slice_of(bytes, xunfang__log_request__pack(request, bytes)), payload);
}

/* Steps the server until the client has a reply, which the caller frees. */
static Xunfang__LogReply *receive(void)
{
    struct log_message message;
    Xunfang__LogReply *reply;
    struct slice bytes;

    for (int i = 0; log_socket_receive(client, &message, &err) != STATUS_OK; i++) {
        assert_true(i < TRIES);
        assert_int_equal(log_server_step(server, STEP_MS, &err), STATUS_OK);
    }
    bytes = log_frame_bytes(message.header);
    reply = xunfang__log_reply__unpack(NULL, bytes.size, (const uint8_t *) bytes.data);
    assert_non_null(reply);
    log_message_destroy(&message);
    return reply;
}

/* The next reply must have this status and, if it fails, this text in its message. */
static void expect(enum status status, const char *text)
{
    Xunfang__LogReply *reply = receive();

    assert_int_equal(reply->status, status);
    assert_non_null(strstr(reply->message, text));
    xunfang__log_reply__free_unpacked(reply, NULL);
}

static void create(const char *topic)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogTopic body = XUNFANG__LOG_TOPIC__INIT;

    body.topic = (char *) topic;
    body.partitions = 2;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_CREATE;
    request.create = &body;
    send_request(&request, SLICE(""));
    expect(STATUS_OK, "");
}

static struct slice one_record(void)
{
    return slice_of("\0\0\0\1\0\0\0\1kv", 10);
}

static void send_append(uint32_t partition, uint32_t count, uint64_t size, struct slice payload)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogAppend append = XUNFANG__LOG_APPEND__INIT;
    Xunfang__LogRun first = XUNFANG__LOG_RUN__INIT;
    Xunfang__LogRun second = XUNFANG__LOG_RUN__INIT;
    Xunfang__LogRun *runs[] = {&first, &second};

    first.topic = second.topic = "t";
    first.count = 1;
    first.size = one_record().size;
    second.partition = partition;
    second.count = count;
    second.size = size;
    append.n_runs = 2;
    append.runs = runs;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_APPEND;
    request.append = &append;
    send_request(&request, payload);
}

static void send_fetch(uint32_t reader, uint64_t offset, uint32_t wait_ms)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogFetch fetch = XUNFANG__LOG_FETCH__INIT;
    Xunfang__LogPosition position = XUNFANG__LOG_POSITION__INIT;
    Xunfang__LogPosition *positions[] = {&position};

    position.topic = "t";
    position.offset = offset;
    fetch.reader = reader;
    fetch.wait_ms = wait_ms;
    fetch.max_bytes = UINT32_MAX;
    fetch.n_positions = 1;
    fetch.positions = positions;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_FETCH;
    request.fetch = &fetch;
    send_request(&request, SLICE(""));
}

/* ---- tests ---- */

static void test_garbage(void **state)
{
    Xunfang__LogRequest nothing = XUNFANG__LOG_REQUEST__INIT;

    (void) state;
    send_bytes(SLICE("\xff\xff\xff no protobuf"), SLICE(""));
    expect(STATUS_INVALID, "no request");
    send_bytes(SLICE(""), SLICE("")); /* a request of no kind */
    expect(STATUS_UNSUPPORTED, "does not know");
    send_request(&nothing, SLICE("and a payload"));
    expect(STATUS_UNSUPPORTED, "does not know");
    send_bytes(SLICE("\x12\x7f"), SLICE(""));
    expect(STATUS_INVALID, "no request");
    assert_int_equal(log_server_stats(server).garbage, 2);
    assert_int_equal(log_server_stats(server).failed, 4);
    create("t");
    assert_int_equal(log_server_stats(server).failed, 4);
}

static void test_protocol(void **state)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogHello hello = XUNFANG__LOG_HELLO__INIT;

    (void) state;
    hello.client = "newer";
    hello.protocol = LOG_PROTOCOL + 1;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_HELLO;
    request.hello = &hello;
    send_request(&request, SLICE(""));
    expect(STATUS_UNSUPPORTED, "newer speaks 2");
}

/* An append is done whole or not at all, whatever its runs claim. */
static void test_broken_appends(void **state)
{
    char two[20] = {0};
    struct slice both = slice_of(two, sizeof two);

    (void) state;
    memcpy(two, one_record().data, 10);
    memcpy(two + 10, one_record().data, 10);
    create("t");
    send_append(1, 1, 10, one_record());
    expect(STATUS_INVALID, "fewer bytes");
    send_append(1, 1, 9, both);
    expect(STATUS_INVALID, "broken records");
    send_append(1, 2, 10, both);
    expect(STATUS_INVALID, "broken records");
    send_append(1, 0, 10, both);
    expect(STATUS_INVALID, "broken records");
    send_append(2, 1, 10, both);
    expect(STATUS_NOT_FOUND, "none numbered 2");
    send_append(1, 1, UINT64_MAX, both);
    expect(STATUS_INVALID, "fewer bytes");
    send_append(1, 1, 10, SLICE(""));
    expect(STATUS_INVALID, "fewer bytes");
    assert_int_equal(log_server_stats(server).appended_records, 0);
    send_append(1, 1, 10, both);
    expect(STATUS_OK, "");
    assert_int_equal(log_server_stats(server).appended_records, 2);
}

static void test_broken_commits(void **state)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogCommit commit = XUNFANG__LOG_COMMIT__INIT;
    Xunfang__LogPosition position = XUNFANG__LOG_POSITION__INIT;
    uint8_t metadata[BUS_METADATA_MAX + 1] = {0};

    (void) state;
    create("t");
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_COMMIT;
    request.commit = &commit;
    commit.stage = "s";
    send_request(&request, SLICE(""));
    expect(STATUS_INVALID, "without position");
    position.topic = "t";
    commit.position = &position;
    commit.metadata.data = metadata;
    commit.metadata.len = sizeof metadata;
    send_request(&request, SLICE(""));
    expect(STATUS_INVALID, "65 bytes");
    commit.metadata.len = 1;
    send_request(&request, SLICE(""));
    expect(STATUS_OK, ""); /* nobody owns it yet: owner 0 */
    commit.owner = 7;
    send_request(&request, SLICE(""));
    expect(STATUS_FENCED, "newer owner");
    commit.stage = "";
    send_request(&request, SLICE(""));
    expect(STATUS_INVALID, "no name of a stage");
}

static void test_no_positions(void **state)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogFetch fetch = XUNFANG__LOG_FETCH__INIT;
    Xunfang__LogOpen open = XUNFANG__LOG_OPEN__INIT;

    (void) state;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_FETCH;
    request.fetch = &fetch;
    send_request(&request, SLICE(""));
    expect(STATUS_INVALID, "0 partitions");
    open.stage = "s";
    open.take = true;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_OPEN;
    request.open = &open;
    send_request(&request, SLICE(""));
    expect(STATUS_INVALID, "0 partitions");
}

/* A waiting fetch blocks nobody, ends by its deadline, by records, or by a newer one of its
 * reader. */
static void test_waiting(void **state)
{
    Xunfang__LogReply *reply;
    char two[20] = {0};
    uint64_t waiting;

    (void) state;
    memcpy(two, one_record().data, 10);
    memcpy(two + 10, one_record().data, 10);
    create("t");
    send_fetch(1, 0, 30);
    expect(STATUS_OK, ""); /* nothing came in time */
    send_fetch(1, 0, 60 * 1000);
    send_fetch(1, 0, 60 * 1000);
    waiting = last_id;
    create("u");
    assert_int_equal(log_server_stats(server).waiting, 1);
    send_append(0, 1, 10, slice_of(two, sizeof two));
    expect(STATUS_OK, "");
    reply = receive();
    assert_int_equal(reply->id, waiting);
    assert_int_equal(reply->n_runs, 1);
    assert_int_equal(reply->runs[0]->count, 2);
    assert_int_equal(reply->runs[0]->end, 2);
    xunfang__log_reply__free_unpacked(reply, NULL);
    assert_int_equal(log_server_stats(server).waiting, 0);
    assert_int_equal(log_server_stats(server).fetched_records, 2);
}

/* A topic that goes while somebody waits for its records. */
static void test_waiting_for_deleted(void **state)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogTopic body = XUNFANG__LOG_TOPIC__INIT;

    (void) state;
    create("t");
    send_fetch(1, 0, 5000);
    for (int i = 0; log_server_stats(server).waiting == 0; i++) {
        assert_true(i < TRIES);
        assert_int_equal(log_server_step(server, STEP_MS, &err), STATUS_OK);
    }
    body.topic = "t";
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_DELETE;
    request.delete_ = &body;
    send_request(&request, SLICE(""));
    expect(STATUS_OK, "");
    expect(STATUS_NOT_FOUND, "no topic t");
}

/* More free space is asked for than any disk has: appends are refused, everything else goes on. */
static void test_low_space(void **state)
{
    char two[20] = {0};

    (void) state;
    memcpy(two, one_record().data, 10);
    memcpy(two + 10, one_record().data, 10);
    log_server_destroy(server);
    start(UINT64_MAX);
    assert_int_equal(log_socket_renew(client, &err), STATUS_OK);
    create("t");
    send_append(0, 1, 10, slice_of(two, sizeof two));
    expect(STATUS_DISK_FULL, folder);
    send_fetch(1, 0, 0);
    expect(STATUS_OK, "");
    assert_int_equal(log_server_stats(server).appended_records, 0);
}

static void test_second_server(void **state)
{
    struct log_server_options options = {.data = folder};
    struct log_server *second = NULL;

    (void) state;
    assert_int_equal(log_server_create(&options, &second, &err), STATUS_BUSY);
    assert_null(second);
    assert_non_null(strstr(err.message, "in use by another process"));
    create("t"); /* the first one's socket is untouched */
}

static void test_syncs(void **state)
{
    (void) state;
    create("t");
    for (int i = 0; i < TRIES && log_server_stats(server).syncs == 0; i++)
        assert_int_equal(log_server_step(server, STEP_MS, &err), STATUS_OK);
    assert_int_equal(log_server_stats(server).syncs, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_garbage),        TEST(test_protocol),      TEST(test_broken_appends),
        TEST(test_broken_commits), TEST(test_no_positions),  TEST(test_waiting),
        TEST(test_low_space),      TEST(test_second_server), TEST(test_waiting_for_deleted),
        TEST(test_syncs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
