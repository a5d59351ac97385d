#include "tests/sites/connection.h"

#include "tests/sites/http_message.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    IN_LIMIT = MESSAGE_HEAD_MAX + MESSAGE_BODY_MAX,
    OUT_LIMIT = 2 * 1024 * 1024,
    READ_SIZE = 16 * 1024,
    HUGE_CHUNK = 64 * 1024,
    HUGE_CHUNKS = 3200, /* 200 MiB together */
};

/* What becomes of the connection when the answer is out. */
enum after { AFTER_NEXT, AFTER_CLOSE };

struct connection {
    int socket;
    uint32_t site;
    const struct connection_place *place;
    struct buf in;
    struct buf out;
    size_t sent;          /* of `out` */
    bool answering;       /* a request stands at the front of `in` */
    bool dripping;        /* one byte a tick */
    unsigned huge_chunks; /* still to come behind `out` */
    enum after after;
    struct http_request request; /* its slices point into `in` */
    struct request_line line;
};

struct connection *connection_create(int socket, uint32_t site,
                                     const struct connection_place *place)
{
    struct connection *connection = calloc(1, sizeof *connection);

    if (connection == NULL) {
        close(socket);
        return NULL;
    }
    connection->socket = socket;
    connection->site = site;
    connection->place = place;
    buf_init(&connection->in, IN_LIMIT);
    buf_init(&connection->out, OUT_LIMIT);
    return connection;
}

/* A request that ends without its whole answer. */
static void log_end(struct connection *connection, unsigned status)
{
    connection->line.end_us = request_log_now_us();
    connection->line.status = status;
    request_log_add(connection->place->log, &connection->line);
    connection->answering = false;
}

void connection_destroy(struct connection *connection)
{
    if (connection == NULL)
        return;
    if (connection->answering)
        log_end(connection, 0);
    close(connection->socket);
    buf_fini(&connection->in);
    buf_fini(&connection->out);
    free(connection);
}

int connection_socket(const struct connection *connection)
{
    return connection->socket;
}

bool connection_wants_write(const struct connection *connection)
{
    return !connection->dripping &&
           (connection->sent < connection->out.size || connection->huge_chunks > 0);
}

/* Status line and fields; a cut body still declares its whole length. */
static void put_head(struct connection *connection, const struct service_response *response)
{
    struct buf *out = &connection->out;

    buf_printf(out, "HTTP/1.1 %u %s\r\nServer: nginx\r\nContent-Type: %s\r\n", response->status,
               http_reason(response->status), response->type);
    if (response->location[0] != '\0')
        buf_printf(out, "Location: %s\r\n", response->location);
    if (response->retry_after > 0)
        buf_printf(out, "Retry-After: %u\r\n", response->retry_after);
    if (response->gzip)
        buf_puts(out, "Content-Encoding: gzip\r\n");
    if (response->fault == FAULT_HUGE)
        buf_printf(out, "Content-Length: %llu\r\n",
                   (unsigned long long) HUGE_CHUNK * HUGE_CHUNKS + response->body.size);
    else
        buf_printf(out, "Content-Length: %zu\r\n", response->body.size);
    buf_printf(out, "Connection: %s\r\n\r\n",
               connection->after == AFTER_CLOSE ? "close" : "keep-alive");
}

/* A reset instead of the orderly end of the connection. */
static void arm_reset(const struct connection *connection)
{
    const struct linger reset = {.l_onoff = 1, .l_linger = 0};

    (void) setsockopt(connection->socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

/* False: the connection ends without an answer. */
static bool answer(struct connection *connection)
{
    struct service_request question = {.site = connection->site,
                                       .method = connection->request.method,
                                       .target = connection->request.target,
                                       .body = connection->request.body};
    struct service_response response;

    service_answer(connection->place->service, &question, &response);
    if (response.fault == FAULT_RESET) {
        arm_reset(connection);
        return false;
    }
    connection->after =
        connection->request.keep_alive && response.fault == FAULT_NONE ? AFTER_NEXT : AFTER_CLOSE;
    connection->dripping = response.fault == FAULT_DRIP;
    connection->huge_chunks = response.fault == FAULT_HUGE ? HUGE_CHUNKS : 0;
    put_head(connection, &response);
    if (response.fault == FAULT_CUT)
        response.body.size /= 2;
    if (!slice_equal(connection->request.method, SLICE("HEAD")))
        buf_append(&connection->out, response.body);
    connection->line.status = response.status;
    connection->line.bytes = connection->out.size;
    return connection->out.failure == STATUS_OK;
}

/* What cannot be read ends the connection. */
static bool refuse(struct connection *connection)
{
    buf_puts(&connection->out, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
                               "Connection: close\r\n\r\n");
    connection->after = AFTER_CLOSE;
    connection->request.size = connection->in.size;
    connection->line.method = connection->line.target = SLICE("-");
    connection->line.status = 400;
    connection->line.host = connection->place->world->sites[connection->site].host;
    connection->answering = true;
    return true;
}

/* Starts the answer to the request at the front of `in`, if it is whole. */
static bool start_answer(struct connection *connection)
{
    enum status status = http_request_read(buf_slice(&connection->in), &connection->request, NULL);

    if (status == STATUS_AGAIN)
        return true;
    if (status != STATUS_OK)
        return refuse(connection);
    connection->answering = true;
    connection->line.host = connection->place->world->sites[connection->site].host;
    connection->line.method = connection->request.method;
    connection->line.target = connection->request.target;
    return answer(connection);
}

/* The answer is out: log it and make room for the next request. */
static void end_answer(struct connection *connection)
{
    size_t used = connection->request.size;
    struct slice rest = slice_sub(buf_slice(&connection->in), used, connection->in.size);

    request_log_add(connection->place->log, &connection->line);
    connection->answering = false;
    connection->sent = 0;
    buf_reset(&connection->out);
    if (rest.size > 0)
        connection->line.start_us = request_log_now_us();
    for (size_t i = 0; i < rest.size; i++)
        connection->in.data[i] = rest.data[i];
    buf_truncate(&connection->in, rest.size);
}

/* Refills `out` with text when a huge page has more to come. */
static void refill(struct connection *connection)
{
    char *room;

    buf_reset(&connection->out);
    connection->sent = 0;
    room = buf_reserve(&connection->out, HUGE_CHUNK);
    if (room == NULL)
        return;
    for (size_t i = 0; i < HUGE_CHUNK; i++)
        room[i] = "<p>too much</p>\n"[i % 16];
    buf_added(&connection->out, HUGE_CHUNK);
    connection->huge_chunks--;
}

/* Sends up to `most` bytes; false when the connection is gone. */
static bool send_some(struct connection *connection, size_t most)
{
    while (connection->answering && most > 0) {
        size_t left;
        ssize_t sent;

        if (connection->sent == connection->out.size && connection->huge_chunks > 0)
            refill(connection);
        left = connection->out.size - connection->sent;
        /* Before the send: the client may have the bytes before we are back. */
        connection->line.end_us = request_log_now_us();
        sent = send(connection->socket, connection->out.data + connection->sent,
                    left < most ? left : most, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        connection->sent += (size_t) sent;
        most -= (size_t) sent;
        if (connection->sent < connection->out.size || connection->huge_chunks > 0)
            continue;
        end_answer(connection);
        if (connection->after == AFTER_CLOSE)
            return false;
        if (connection->in.size > 0 && !start_answer(connection))
            return false;
    }
    return true;
}

/* Reads what has arrived; false at the end of the connection. */
static bool receive(struct connection *connection)
{
    char *room = buf_reserve(&connection->in, READ_SIZE);
    ssize_t got;

    if (room == NULL)
        return false;
    got = recv(connection->socket, room, READ_SIZE, 0);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR;
    if (got == 0)
        return false;
    if (connection->in.size == 0)
        connection->line.start_us = request_log_now_us();
    buf_added(&connection->in, (size_t) got);
    return true;
}

bool connection_ready(struct connection *connection)
{
    if (!connection->answering) {
        if (!receive(connection))
            return false;
        if (connection->in.size > 0 && !start_answer(connection))
            return false;
    } else if (!connection_wants_write(connection)) {
        char byte;
        ssize_t got = recv(connection->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

        /* A dripping answer: only the end of the client matters. */
        return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
    }
    return connection->dripping || send_some(connection, SIZE_MAX);
}

bool connection_tick(struct connection *connection)
{
    return !connection->dripping || !connection->answering || send_some(connection, 1);
}
