/* The client's half against a server that a thread plays by a script. */
#include "base/bus/log_link.h"
#include "base/bus/log_outbox.h"
#include "tests/support/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 10, SCRIPT_MAX = 64, TIMEOUT_MS = 5000 };

/* What the playing server does with each request, one letter a request:
 *   a  answers OK            m  does not answer
 *   x  answers nothing and starts again: the connection breaks
 *   2  answers twice         o  answers with an id nobody used, then OK
 *   f  answers FENCED        u  answers a status there is not
 *   g  answers garbage, then OK */
struct play {
    char folder[128];
    const char *script;
    pthread_t thread;
    char seen[SCRIPT_MAX + 1]; /* kind of each request: its number in the oneof */
    uint64_t ids[SCRIPT_MAX];
    uint64_t payload_sizes[SCRIPT_MAX];
    size_t count;
};

static struct error err;

static void answer(struct log_socket *socket, const struct log_peer *peer, uint64_t id,
                   uint32_t status)
{
    Xunfang__LogReply reply = XUNFANG__LOG_REPLY__INIT;
    Xunfang__LogRun run = XUNFANG__LOG_RUN__INIT;
    Xunfang__LogRun *runs[] = {&run};
    uint8_t bytes[256];

    reply.id = id;
    reply.status = status;
    reply.message = "as the script says";
    reply.partitions = 3;
    reply.n_runs = 1;
    reply.runs = runs;
    run.first = id;
    status_ignore(log_socket_send(
        socket, peer, slice_of(bytes, xunfang__log_reply__pack(&reply, bytes)), NULL, NULL));
}

static void perform(struct log_socket *socket, const struct log_peer *peer, uint64_t id, char act)
{
    if (act == 'g')
        status_ignore(log_socket_send(socket, peer, SLICE("\xff\xff"), NULL, NULL));
    if (act == 'o')
        answer(socket, peer, 999, STATUS_OK);
    if (act == 'f')
        answer(socket, peer, id, STATUS_FENCED);
    if (act == 'u')
        answer(socket, peer, id, 1000);
    if (act == '2')
        answer(socket, peer, id, STATUS_OK);
    if (act != 'm' && act != 'x')
        answer(socket, peer, id, STATUS_OK);
}

static void note(struct play *play, const struct log_message *message, uint64_t *id)
{
    struct slice bytes = log_frame_bytes(message->header);
    Xunfang__LogRequest *request =
        xunfang__log_request__unpack(NULL, bytes.size, (const uint8_t *) bytes.data);

    *id = request->id;
    play->seen[play->count] = (char) ('0' + (int) request->kind_case);
    play->ids[play->count] = request->id;
    play->payload_sizes[play->count] =
        message->payload == NULL ? 0 : log_frame_bytes(message->payload).size;
    xunfang__log_request__free_unpacked(request, NULL);
}

static void *run(void *self)
{
    struct play *play = self;
    struct log_socket *socket = NULL;
    size_t length = strlen(play->script);

    while (play->count < length) {
        struct log_message message;
        uint64_t id;
        char act = play->script[play->count];
        if (socket == NULL && log_socket_serve(play->folder, &socket, NULL) != STATUS_OK)
            return NULL;
        status_ignore(log_socket_wait(socket, WAIT_MS, NULL));
        if (log_socket_receive(socket, &message, NULL) != STATUS_OK)
            continue;
        note(play, &message, &id);
        perform(socket, &message.peer, id, act);
        play->count++;
        log_message_destroy(&message);
        if (act == 'x') {
            log_socket_close(socket);
            socket = NULL;
        }
    }
    log_socket_close(socket);
    return NULL;
}

static void begin(struct play *play, const char *script)
{
    *play = (struct play){.script = script};
    (void) snprintf(play->folder, sizeof play->folder, "/tmp/xunfang-link-XXXXXX");
    assert_non_null(mkdtemp(play->folder));
    assert_int_equal(pthread_create(&play->thread, NULL, run, play), 0);
}

static void end(struct play *play)
{
    assert_int_equal(pthread_join(play->thread, NULL), 0);
    assert_int_equal(rmdir(play->folder), 0);
}

static struct log_link *open_link(struct play *play, int64_t timeout_ms)
{
    struct log_link_options options = {.folder = play->folder,
                                       .client = "test",
                                       .timeout_ms = timeout_ms,
                                       .clock = clock_system()};
    struct log_link *link = NULL;

    assert_int_equal(log_link_open(&options, &link, &err), STATUS_OK);
    return link;
}

static enum status ask(struct log_link *link, struct log_call **call)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogTopic topic = XUNFANG__LOG_TOPIC__INIT;

    topic.topic = "t";
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_COUNT;
    request.count = &topic;
    return log_link_ask(link, &request, call, &err);
}

static struct log_call *send_one(struct log_link *link)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogTopic topic = XUNFANG__LOG_TOPIC__INIT;
    struct log_call *call = NULL;

    topic.topic = "t";
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_COUNT;
    request.count = &topic;
    assert_int_equal(log_link_send(link, &request, NULL, &call, &err), STATUS_OK);
    return call;
}

/* ---- tests ---- */

static void test_ask(void **state)
{
    struct play play;
    struct log_link *link;
    struct log_call *call = NULL;

    (void) state;
    begin(&play, "aaf2oug");
    link = open_link(&play, TIMEOUT_MS);
    assert_int_equal(ask(link, &call), STATUS_OK);
    assert_int_equal(log_call_reply(call)->partitions, 3);
    assert_int_equal(log_call_payload(call).size, 0);
    log_call_destroy(call);
    assert_int_equal(ask(link, &call), STATUS_FENCED);
    assert_string_equal(err.message, "as the script says");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ask(link, &call), STATUS_OK);
        log_call_destroy(call);
    }
    assert_int_equal(ask(link, &call), STATUS_INTERNAL);
    assert_int_equal(ask(link, &call), STATUS_OK);
    log_call_destroy(call);
    log_call_destroy(NULL);
    log_link_close(link);
    end(&play);
}

static bool wait_for(struct log_link *link, struct log_call *call)
{
    for (int i = 0; i < TIMEOUT_MS / WAIT_MS && log_call_reply(call) == NULL; i++)
        assert_int_equal(log_link_step(link, WAIT_MS, &err), STATUS_OK);
    return log_call_reply(call) != NULL;
}

/* The connection breaks at the third of four calls: those without an answer go out again, in
 * order. */
static void test_sent_again(void **state)
{
    struct play play;
    struct log_link *link;
    struct log_call *calls[4];

    (void) state;
    begin(&play, "aamxmaaaa");
    link = open_link(&play, TIMEOUT_MS);
    for (int i = 0; i < 4; i++)
        calls[i] = send_one(link);
    assert_true(wait_for(link, calls[0]) && wait_for(link, calls[2]) && wait_for(link, calls[3]));
    assert_null(log_call_reply(calls[1]));
    /* ids: 1 hello; 2 answered; 3 silent, 4 breaks; then 3 (silent again), 4, 5, … */
    assert_true(play.ids[1] == 2 && play.ids[2] == 3 && play.ids[3] == 4);
    assert_true(play.ids[4] == 3 && play.ids[5] == 4 && play.ids[6] == 5);
    assert_int_equal(log_call_status(calls[3], &err), STATUS_OK);
    log_call_destroy(calls[1]); /* abandoned without an answer */
    for (int i = 0; i < 2; i++) {
        struct log_call *call = NULL;
        assert_int_equal(ask(link, &call), STATUS_OK);
        log_call_destroy(call);
    }
    log_link_close(link); /* with calls open */
    end(&play);
}

static void test_timeout(void **state)
{
    struct play play;
    struct log_link *link;
    struct log_call *call = NULL;

    (void) state;
    begin(&play, "amm");
    link = open_link(&play, 300);
    assert_int_equal(ask(link, &call), STATUS_TIMEOUT);
    assert_non_null(strstr(err.message, "has not answered for 300 ms"));
    assert_non_null(strstr(err.message, play.folder));
    assert_null(call);
    assert_int_equal(ask(link, &call), STATUS_TIMEOUT);
    log_link_close(link);
    end(&play);
}

static void test_nobody(void **state)
{
    struct log_link_options options = {
        .folder = "/nonexistent", .client = "test", .timeout_ms = 50, .clock = clock_system()};
    struct log_link *link = NULL;

    (void) state;
    assert_int_equal(log_link_open(&options, &link, &err), STATUS_TIMEOUT);
    assert_null(link);
    log_link_close(NULL);
}

/* Records gather into parcels while the window is full; each request is acknowledged by itself. */
static void test_outbox(void **state)
{
    struct play play;
    struct log_link *link;
    struct log_outbox *outbox;
    struct bus_ticket tickets[21] = {{.acknowledged = false}};
    struct bus_message message = {"t", 1, SLICE("k"), {NULL, 0}};
    char *bytes = calloc(1, LOG_PARCEL_BYTES / 4);

    (void) state;
    begin(&play, "aaaaaaaaa");
    assert_non_null(bytes);
    message.value = slice_of(bytes, LOG_PARCEL_BYTES / 4);
    link = open_link(&play, TIMEOUT_MS);
    outbox = log_outbox_create(link, 100 * LOG_PARCEL_BYTES);
    for (int i = 0; i < 3; i++)
        assert_int_equal(log_outbox_put(outbox, &message, &tickets[i], &err), STATUS_OK);
    message.partition = 3;
    assert_int_equal(log_outbox_put(outbox, &message, NULL, &err), STATUS_NOT_FOUND);
    message.partition = 1;
    assert_int_equal(log_outbox_pending(outbox), 3);
    assert_false(tickets[0].acknowledged);
    for (int i = 3; i < 21; i++)
        assert_int_equal(log_outbox_put(outbox, &message, &tickets[i], &err), STATUS_OK);
    for (int i = 0; i < 500 && log_outbox_pending(outbox) > 0; i++) {
        assert_int_equal(log_outbox_step(outbox, &err), STATUS_OK);
        assert_int_equal(log_link_step(link, WAIT_MS, &err), STATUS_OK);
    }
    assert_int_equal(log_outbox_pending(outbox), 0);
    for (int i = 0; i < 21; i++)
        assert_true(tickets[i].acknowledged);
    assert_int_equal(tickets[2].offset, tickets[0].offset + 2);
    assert_true(tickets[20].offset > tickets[0].offset);
    log_outbox_destroy(outbox);
    log_link_close(link);
    end(&play);
    assert_string_equal(play.seen, "246666666"); /* hello, count, appends */
    for (size_t i = 2; i < play.count; i++)
        assert_in_range(play.payload_sizes[i], 1, LOG_PARCEL_BYTES);
    free(bytes);
}

/* A refused append is told by every later step, though it came to light in a put. */
static void test_outbox_refused(void **state)
{
    struct play play;
    struct log_link *link;
    struct log_outbox *outbox;
    struct bus_message message = {"t", 1, SLICE("k"), SLICE("v")};
    enum status status = STATUS_OK;

    (void) state;
    begin(&play, "aaf");
    link = open_link(&play, TIMEOUT_MS);
    outbox = log_outbox_create(link, 1000);
    assert_int_equal(log_outbox_put(outbox, &message, NULL, &err), STATUS_OK);
    for (int i = 0; i < 500 && status == STATUS_OK; i++) {
        status = log_outbox_step(outbox, &err);
        assert_int_equal(log_link_step(link, WAIT_MS, &err), STATUS_OK);
    }
    assert_int_equal(status, STATUS_FENCED);
    assert_int_equal(log_outbox_step(outbox, &err), STATUS_FENCED);
    assert_string_equal(err.message, "as the script says");
    log_outbox_destroy(outbox);
    log_outbox_destroy(NULL);
    log_link_close(link);
    end(&play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ask),     cmocka_unit_test(test_sent_again),
        cmocka_unit_test(test_timeout), cmocka_unit_test(test_nobody),
        cmocka_unit_test(test_outbox),  cmocka_unit_test(test_outbox_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
