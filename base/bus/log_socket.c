#include "base/bus/log_socket.h"

#include <zmq.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FOLDER_MAX = 4000,
    ADDRESS_SIZE = FOLDER_MAX + 64,
    SOCKET_PATH_MAX = 100, /* of the 107 bytes an address may have */
    FRAMES_MAX = 3,        /* peer, header, payload */
    EVENT_SIZE = 6,        /* of a monitor's first frame: kind, value */
    SIGNALS_MAX = 100,     /* interruptions of one send */
    SOCKET_MASK = 0177,    /* leaves mode 0600 */
    /* As good as never. ZeroMQ's own "never" (-1) would throw away what the old connection
     * brought. */
    RECONNECT_NEVER_MS = 24 * 3600 * 1000,
};

struct log_frame {
    zmq_msg_t message;
};

struct log_socket {
    char folder[FOLDER_MAX];
    int folder_fd; /* -1 unless the path is long */
    bool server;
    void *context;
    void *socket;
    void *monitor; /* a client's: tells when the connection comes and goes */
    unsigned renewals;
    bool connected;
};

/* ---- frames ---- */

static void free_bytes(void *data, void *hint)
{
    (void) hint;
    free(data);
}

/* ZeroMQ frees the bytes when the last copy has gone out, from its own thread. */
struct log_frame *log_frame_take(struct buf *bytes)
{
    struct log_frame *frame = malloc(sizeof *frame);
    size_t size = 0;
    char *data = frame == NULL ? NULL : buf_take(bytes, &size);

    if (data == NULL || zmq_msg_init_data(&frame->message, data, size, free_bytes, NULL) != 0) {
        free(data);
        free(frame);
        return NULL;
    }
    return frame;
}

struct slice log_frame_bytes(const struct log_frame *frame)
{
    zmq_msg_t *message = (zmq_msg_t *) &frame->message; /* zmq asks for more than it needs */

    return slice_of(zmq_msg_data(message), zmq_msg_size(message));
}

void log_frame_destroy(struct log_frame *frame)
{
    if (frame == NULL)
        return;
    (void) zmq_msg_close(&frame->message);
    free(frame);
}

void log_message_destroy(struct log_message *message)
{
    log_frame_destroy(message->header);
    log_frame_destroy(message->payload);
    *message = (struct log_message){.header = NULL};
}

/* ---- opening ---- */

/* zmq_strerror knows ZeroMQ's own numbers and the system's. */
static enum status failed(const struct log_socket *socket, const char *action, struct error *err)
{
    int cause = zmq_errno();
    enum status status = cause == ENOMEM ? STATUS_NOMEM : STATUS_NETWORK;

    error_set(err, status, "%s %s/log.sock: %s", action, socket->folder, zmq_strerror(cause));
    return status;
}

/* Where the socket lies, as an address short enough for the system. */
static enum status find_address(struct log_socket *socket, char address[ADDRESS_SIZE],
                                struct error *err)
{
    if (strlen(socket->folder) + sizeof "/log.sock" <= SOCKET_PATH_MAX) {
        (void) snprintf(address, ADDRESS_SIZE, "ipc://%s/log.sock", socket->folder);
        return STATUS_OK;
    }
    if (socket->folder_fd < 0)
        socket->folder_fd = open(socket->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (socket->folder_fd < 0)
        return error_set_errno(err, errno, "open folder %s", socket->folder);
    (void) snprintf(address, ADDRESS_SIZE, "ipc:///proc/self/fd/%d/log.sock", socket->folder_fd);
    return STATUS_OK;
}

static bool set_number(void *socket, int option, int number)
{
    return zmq_setsockopt(socket, option, &number, sizeof number) == 0;
}

/* On every socket, before it binds or connects: later it would not count. */
static bool set_limits(void *socket, bool server)
{
    int64_t most = LOG_MESSAGE_MAX;

    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0 &&
           set_number(socket, ZMQ_SNDHWM, LOG_QUEUE_MAX) &&
           set_number(socket, ZMQ_RCVHWM, LOG_QUEUE_MAX) &&
           set_number(socket, ZMQ_RECONNECT_IVL, RECONNECT_NEVER_MS) &&
           set_number(socket, ZMQ_LINGER, server ? LOG_LINGER_MS : 0);
}

enum status log_socket_create(const char *folder, struct log_socket **socket, struct error *err)
{
    struct log_socket *made;

    if (strlen(folder) >= FOLDER_MAX) {
        error_set(err, STATUS_INVALID, "a data folder's path is longer than %d bytes",
                  FOLDER_MAX - 1);
        return STATUS_INVALID;
    }
    made = calloc(1, sizeof *made);
    if (made == NULL) {
        error_set(err, STATUS_NOMEM, "a socket for %s", folder);
        return STATUS_NOMEM;
    }
    memcpy(made->folder, folder, strlen(folder) + 1);
    made->folder_fd = -1;
    made->context = zmq_ctx_new();
    if (made->context == NULL) {
        enum status status = failed(made, "open", err);
        free(made);
        return status;
    }
    *socket = made;
    return STATUS_OK;
}

enum status log_socket_serve(const char *folder, struct log_socket **socket, struct error *err)
{
    struct log_socket *made = NULL;
    char address[ADDRESS_SIZE];
    enum status status = log_socket_create(folder, &made, err);
    mode_t mask;

    if (status != STATUS_OK)
        return status;
    made->server = true;
    status = find_address(made, address, err);
    if (status != STATUS_OK)
        goto out;
    made->socket = zmq_socket(made->context, ZMQ_ROUTER);
    if (made->socket == NULL || !set_limits(made->socket, true)) {
        status = failed(made, "open", err);
        goto out;
    }
    /* The mode has to hold from the first moment, so not by a chmod afterwards. */
    mask = umask(SOCKET_MASK);
    if (zmq_bind(made->socket, address) != 0)
        status = failed(made, "listen at", err);
    (void) umask(mask);
out:
    if (status == STATUS_OK)
        *socket = made;
    else
        log_socket_close(made);
    return status;
}

/* A client's queue goes with it; the server's lingers. The monitor stops before its other end
 * closes: ZeroMQ's own thread, with an event for nobody, would wait for ever and hold the monitor's
 * lock. */
static void drop_connection(struct log_socket *socket)
{
    if (socket->monitor != NULL)
        (void) zmq_socket_monitor(socket->socket, NULL, 0);
    if (socket->socket != NULL)
        (void) zmq_close(socket->socket);
    if (socket->monitor != NULL)
        (void) zmq_close(socket->monitor);
    socket->socket = socket->monitor = NULL;
    socket->connected = false;
}

void log_socket_close(struct log_socket *socket)
{
    char path[ADDRESS_SIZE];
    bool listening;

    if (socket == NULL)
        return;
    listening = socket->server && socket->socket != NULL;
    drop_connection(socket);
    (void) zmq_ctx_term(socket->context);
    if (listening) {
        (void) snprintf(path, sizeof path, "%s/log.sock", socket->folder);
        (void) unlink(path);
    }
    if (socket->folder_fd >= 0)
        (void) close(socket->folder_fd);
    free(socket);
}

/* A fresh name each time: the old monitor may still be closing in the background. The reading end
 * comes first, so that there never is an event without a reader. */
static enum status watch(struct log_socket *socket, struct error *err)
{
    char name[64];
    int events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
                 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;

    (void) snprintf(name, sizeof name, "inproc://monitor-%u", socket->renewals++);
    socket->monitor = zmq_socket(socket->context, ZMQ_PAIR);
    if (socket->monitor == NULL || !set_number(socket->monitor, ZMQ_LINGER, 0) ||
        zmq_connect(socket->monitor, name) != 0 ||
        zmq_socket_monitor(socket->socket, name, events) != 0)
        return failed(socket, "watch", err);
    return STATUS_OK;
}

enum status log_socket_renew(struct log_socket *socket, struct error *err)
{
    char address[ADDRESS_SIZE];
    enum status status;

    ENSURE(!socket->server);
    drop_connection(socket);
    /* A long path's folder may not exist yet: as good as a server that is not there. */
    if (find_address(socket, address, NULL) != STATUS_OK)
        return STATUS_OK;
    socket->socket = zmq_socket(socket->context, ZMQ_DEALER);
    if (socket->socket == NULL || !set_limits(socket->socket, false))
        return failed(socket, "open", err);
    status = watch(socket, err);
    if (status == STATUS_OK && zmq_connect(socket->socket, address) != 0)
        status = failed(socket, "connect to", err);
    return status;
}

/* ---- events of the connection ---- */

/* One event; false if there is none. */
/* ZeroMQ sends an event as two frames: six bytes with kind and value, and an address. */
static bool next_event(void *monitor, uint16_t *kind)
{
    zmq_msg_t part;
    bool found = false;
    int more;

    do {
        (void) zmq_msg_init(&part);
        if (zmq_msg_recv(&part, monitor, ZMQ_DONTWAIT) < 0) {
            (void) zmq_msg_close(&part);
            return found;
        }
        if (!found && zmq_msg_size(&part) == EVENT_SIZE) {
            memcpy(kind, zmq_msg_data(&part), sizeof *kind);
            found = true;
        }
        more = zmq_msg_more(&part);
        (void) zmq_msg_close(&part);
    } while (more);
    return found;
}

bool log_socket_lost(struct log_socket *socket)
{
    uint16_t kind;

    while (socket->monitor != NULL && next_event(socket->monitor, &kind))
        socket->connected = kind == ZMQ_EVENT_CONNECTED;
    return !socket->connected;
}

enum status log_socket_wait(struct log_socket *socket, int64_t timeout_ms, struct error *err)
{
    zmq_pollitem_t items[2] = {{.socket = socket->socket, .events = ZMQ_POLLIN},
                               {.socket = socket->monitor, .events = ZMQ_POLLIN}};
    int count = socket->monitor == NULL ? 1 : 2;

    if (socket->socket == NULL)
        count = 0;
    if (zmq_poll(items, count, (long) timeout_ms) < 0 && zmq_errno() != EINTR)
        return failed(socket, "wait at", err);
    (void) log_socket_lost(socket); /* an event left there would end every later wait at once */
    return STATUS_OK;
}

/* ---- messages ---- */

/* Receives one part into a new frame. */
/* Parts of one message arrive together, so only the first can say "none". */
static enum status receive_part(struct log_socket *socket, struct log_frame **frame, bool *more,
                                struct error *err)
{
    struct log_frame *part = malloc(sizeof *part);

    if (part == NULL)
        return error_set(err, STATUS_NOMEM, "a message's frame");
    (void) zmq_msg_init(&part->message);
    if (zmq_msg_recv(&part->message, socket->socket, ZMQ_DONTWAIT) < 0) {
        enum status status = STATUS_AGAIN;
        if (zmq_errno() != EAGAIN && zmq_errno() != EINTR)
            status = failed(socket, "receive at", err);
        log_frame_destroy(part);
        return status;
    }
    *more = zmq_msg_more(&part->message) != 0;
    *frame = part;
    return STATUS_OK;
}

/* All parts of one message; those past `room` are dropped but counted. */
static enum status receive_parts(struct log_socket *socket, struct log_frame *parts[FRAMES_MAX],
                                 size_t *count, struct error *err)
{
    bool more = true;

    *count = 0;
    while (more) {
        struct log_frame *part = NULL;
        enum status status = receive_part(socket, &part, &more, err);
        if (status != STATUS_OK)
            return status;
        if (*count < FRAMES_MAX)
            parts[*count] = part;
        else
            log_frame_destroy(part);
        (*count)++;
    }
    return STATUS_OK;
}

/* ZeroMQ names peers with five bytes of its own choice. */
static bool set_peer(struct log_peer *peer, struct slice bytes)
{
    if (bytes.size > sizeof peer->bytes)
        return false;
    memcpy(peer->bytes, bytes.data, bytes.size);
    peer->size = bytes.size;
    return true;
}

enum status log_socket_receive(struct log_socket *socket, struct log_message *message,
                               struct error *err)
{
    struct log_frame *parts[FRAMES_MAX] = {NULL};
    struct log_peer peer = {.size = 0};
    size_t first = socket->server ? 1 : 0;
    size_t count = 0;
    enum status status;

    if (socket->socket == NULL)
        return STATUS_AGAIN;
    status = receive_parts(socket, parts, &count, err);
    if (status == STATUS_OK && (count < first + 1 || count > first + 2 ||
                                (socket->server && !set_peer(&peer, log_frame_bytes(parts[0])))))
        status = STATUS_INVALID;
    if (status != STATUS_OK) {
        for (size_t i = 0; i < FRAMES_MAX; i++)
            log_frame_destroy(parts[i]);
        return status;
    }
    if (socket->server)
        log_frame_destroy(parts[0]);
    *message = (struct log_message){.peer = peer,
                                    .header = parts[first],
                                    .payload = count > first + 1 ? parts[first + 1] : NULL};
    return STATUS_OK;
}

/* DONTWAIT everywhere: a reader that does not read must not stop the server. */
static enum status send_bytes(struct log_socket *socket, struct slice bytes, int flags,
                              struct error *err)
{
    int sent = -1;

    for (int i = 0; i < SIGNALS_MAX && sent < 0 && (i == 0 || zmq_errno() == EINTR); i++)
        sent = zmq_send(socket->socket, bytes.data, bytes.size, flags | ZMQ_DONTWAIT);
    if (sent >= 0)
        return STATUS_OK;
    if (zmq_errno() == EAGAIN || zmq_errno() == EHOSTUNREACH)
        return error_set(err, STATUS_AGAIN, "the queue of a connection is full");
    return failed(socket, "send to", err);
}

static enum status send_frame(struct log_socket *socket, const struct log_frame *frame,
                              struct error *err)
{
    zmq_msg_t copy;
    int sent = -1;

    (void) zmq_msg_init(&copy);
    if (zmq_msg_copy(&copy, (zmq_msg_t *) &frame->message) != 0)
        return failed(socket, "send to", err);
    for (int i = 0; i < SIGNALS_MAX && sent < 0 && (i == 0 || zmq_errno() == EINTR); i++)
        sent = zmq_msg_send(&copy, socket->socket, ZMQ_DONTWAIT);
    if (sent >= 0)
        return STATUS_OK;
    (void) zmq_msg_close(&copy);
    return failed(socket, "send to", err);
}

/* Either all parts are queued or, when the queue is full, not even the first. */
enum status log_socket_send(struct log_socket *socket, const struct log_peer *peer,
                            struct slice header, const struct log_frame *payload, struct error *err)
{
    int flags = payload == NULL ? 0 : ZMQ_SNDMORE;
    enum status status = STATUS_OK;

    if (socket->socket == NULL)
        return error_set(err, STATUS_AGAIN, "not connected");
    if (socket->server)
        status = send_bytes(socket, slice_of(peer->bytes, peer->size), ZMQ_SNDMORE, err);
    if (status == STATUS_OK)
        status = send_bytes(socket, header, flags, err);
    if (status == STATUS_OK && payload != NULL)
        status = send_frame(socket, payload, err);
    return status;
}
