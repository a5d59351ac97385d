#include "base/bus/log_socket.h"
#include "tests/support/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 200, WAIT_MS = 20, FLAPS = 50 };

static char folder[512];
static struct log_socket *server;
static struct log_socket *client;
static struct error err;

static int setup(void **state)
{
    (void) state;
    (void) snprintf(folder, sizeof folder, "/tmp/xunfang-socket-XXXXXX");
    server = client = NULL;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    char path[600];

    (void) state;
    log_socket_close(client);
    log_socket_close(server);
    (void) snprintf(path, sizeof path, "%s/log.sock", folder);
    (void) unlink(path);
    return rmdir(folder);
}

static void connect_both(void)
{
    assert_int_equal(log_socket_serve(folder, &server, &err), STATUS_OK);
    assert_int_equal(log_socket_create(folder, &client, &err), STATUS_OK);
    assert_int_equal(log_socket_renew(client, &err), STATUS_OK);
}

static struct log_message receive(struct log_socket *socket)
{
    struct log_message message = {.header = NULL};
    enum status status = STATUS_AGAIN;

    for (int i = 0; i < TRIES && status == STATUS_AGAIN; i++) {
        status = log_socket_receive(socket, &message, &err);
        if (status == STATUS_AGAIN)
            assert_int_equal(log_socket_wait(socket, WAIT_MS, &err), STATUS_OK);
    }
    assert_int_equal(status, STATUS_OK);
    return message;
}

static struct log_frame *frame_of(const char *text)
{
    struct log_frame *frame;
    struct buf bytes;

    buf_init(&bytes, 1000);
    buf_puts(&bytes, text);
    frame = log_frame_take(&bytes);
    assert_non_null(frame);
    assert_int_equal(bytes.size, 0);
    return frame;
}

static void test_there_and_back(void **state)
{
    struct log_frame *payload = frame_of("payload");
    struct log_message message;

    (void) state;
    connect_both();
    assert_int_equal(log_socket_receive(server, &message, &err), STATUS_AGAIN);
    for (int i = 0; i < 2; i++) /* the frame may go out again */
        assert_int_equal(log_socket_send(client, NULL, SLICE("header"), payload, &err), STATUS_OK);
    log_frame_destroy(payload);
    for (int i = 0; i < 2; i++) {
        message = receive(server);
        assert_true(slice_equal(log_frame_bytes(message.header), SLICE("header")));
        assert_true(slice_equal(log_frame_bytes(message.payload), SLICE("payload")));
        assert_int_equal(log_socket_send(server, &message.peer, SLICE("answer"), NULL, &err),
                         STATUS_OK);
        log_message_destroy(&message);
        message = receive(client);
        assert_true(slice_equal(log_frame_bytes(message.header), SLICE("answer")));
        assert_null(message.payload);
        log_message_destroy(&message);
    }
    assert_false(log_socket_lost(client));
}

static void test_mode(void **state)
{
    char path[600];
    struct stat info;

    (void) state;
    connect_both();
    (void) snprintf(path, sizeof path, "%s/log.sock", folder);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static bool becomes_lost(bool lost)
{
    for (int i = 0; i < TRIES; i++) {
        if (log_socket_lost(client) == lost)
            return true;
        assert_int_equal(log_socket_wait(client, WAIT_MS, &err), STATUS_OK);
    }
    return false;
}

/* Nobody there; then somebody; gone; there again. Only renewing brings the client back. */
static void test_lost(void **state)
{
    struct log_message message;

    (void) state;
    assert_int_equal(log_socket_create(folder, &client, &err), STATUS_OK);
    assert_true(log_socket_lost(client));
    assert_int_equal(log_socket_send(client, NULL, SLICE("x"), NULL, &err), STATUS_AGAIN);
    assert_int_equal(log_socket_receive(client, &message, &err), STATUS_AGAIN);
    assert_int_equal(log_socket_wait(client, 1, &err), STATUS_OK);
    assert_int_equal(log_socket_renew(client, &err), STATUS_OK);
    assert_true(log_socket_lost(client));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(log_socket_serve(folder, &server, &err), STATUS_OK);
        assert_int_equal(log_socket_renew(client, &err), STATUS_OK);
        assert_true(becomes_lost(false));
        assert_int_equal(log_socket_send(client, NULL, SLICE("hello"), NULL, &err), STATUS_OK);
        message = receive(server);
        log_message_destroy(&message);
        log_socket_close(server);
        server = NULL;
        assert_true(becomes_lost(true));
    }
}

/* A path longer than a socket's address may be works all the same. */
static void test_long_path(void **state)
{
    char parts[512];
    struct log_message message;
    int made = 0;

    (void) state;
    (void) snprintf(parts, sizeof parts, "%s", folder);
    while (strlen(folder) < 200) {
        (void) strncat(folder, "/a-folder-of-30-characters-xxx", 31);
        assert_int_equal(mkdir(folder, 0700), 0);
        made++;
    }
    connect_both();
    assert_int_equal(log_socket_send(client, NULL, SLICE("far"), NULL, &err), STATUS_OK);
    message = receive(server);
    assert_true(slice_equal(log_frame_bytes(message.header), SLICE("far")));
    log_message_destroy(&message);
    log_socket_close(client);
    log_socket_close(server);
    server = client = NULL;
    for (; made > 0; made--) {
        assert_int_equal(rmdir(folder), 0); /* empty: the server has taken its socket away */
        *strrchr(folder, '/') = '\0';
    }
    assert_string_equal(folder, parts);
}

static void *flap(void *self)
{
    struct log_socket *flapping = NULL;

    (void) self;
    for (int i = 0; i < FLAPS; i++) {
        if (log_socket_serve(folder, &flapping, NULL) == STATUS_OK)
            log_socket_close(flapping);
    }
    return NULL;
}

/* Connections come and go while the client renews and closes its end: nobody waits for nobody. */
static void test_flapping(void **state)
{
    pthread_t thread;

    (void) state;
    assert_int_equal(pthread_create(&thread, NULL, flap, NULL), 0);
    for (int i = 0; i < 3 * FLAPS; i++) {
        assert_int_equal(log_socket_create(folder, &client, &err), STATUS_OK);
        for (int j = 0; j < 5; j++) {
            assert_int_equal(log_socket_renew(client, &err), STATUS_OK);
            status_ignore(log_socket_send(client, NULL, SLICE("x"), NULL, NULL));
            if (j % 2 == 0)
                assert_int_equal(log_socket_wait(client, 1, &err), STATUS_OK);
        }
        log_socket_close(client);
        client = NULL;
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_bad_folders(void **state)
{
    char most[5000];

    (void) state;
    memset(most, 'f', sizeof most);
    most[sizeof most - 1] = '\0';
    assert_int_equal(log_socket_create(most, &client, &err), STATUS_INVALID);
    assert_int_equal(log_socket_serve("/nonexistent/folder", &server, &err), STATUS_NETWORK);
    assert_non_null(strstr(err.message, "/nonexistent/folder/log.sock"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_there_and_back), TEST(test_mode),      TEST(test_lost),
        TEST(test_flapping),       TEST(test_long_path), TEST(test_bad_folders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
