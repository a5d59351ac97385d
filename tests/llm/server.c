#include "tests/llm/server.h"

#include "tests/llm/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64, BACKLOG = 512, ID_STOP = SERVER_CLIENTS_MAX, ID_LISTENER, KEY_MAX = 512 };

struct server {
    struct server_options options;
    int epoll;
    int listener;
    struct client *clients[SERVER_CLIENTS_MAX];
    size_t queue[SERVER_CLIENTS_MAX]; /* places in `clients`, the oldest first */
    size_t queued;
    unsigned busy;
};

static enum status watch(const struct server *server, int descriptor, uint64_t id,
                         struct error *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = id}};

    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        return error_set_errno(err, errno, "epoll");
    return STATUS_OK;
}

static enum status listen_here(struct server *server, struct error *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server->options.port)};
    int on = 1;

    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->listener < 0)
        return error_set_errno(err, errno, "socket");
    if (inet_pton(AF_INET, server->options.address, &address.sin_addr) != 1)
        return error_set(err, STATUS_INVALID, "%s is no IPv4 address", server->options.address);
    (void) setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server->listener, (const struct sockaddr *) &address, sizeof address) != 0 ||
        listen(server->listener, BACKLOG) != 0)
        return error_set_errno(err, errno, "listen on %s:%u", server->options.address,
                               server->options.port);
    return watch(server, server->listener, ID_LISTENER, err);
}

enum status server_create(const struct server_options *options, struct server **server,
                          struct error *err)
{
    struct server *made = calloc(1, sizeof *made);
    enum status status;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a server");
    made->options = *options;
    made->listener = -1;
    made->epoll = epoll_create1(EPOLL_CLOEXEC);
    status = made->epoll < 0 ? error_set_errno(err, errno, "epoll") : listen_here(made, err);
    if (status != STATUS_OK) {
        server_destroy(made);
        return status;
    }
    *server = made;
    return STATUS_OK;
}

void server_destroy(struct server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
        client_destroy(server->clients[i]);
    if (server->listener >= 0)
        close(server->listener);
    if (server->epoll >= 0)
        close(server->epoll);
    free(server);
}

uint16_t server_port(const struct server *server)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;

    (void) getsockname(server->listener, (struct sockaddr *) &address, &size);
    return ntohs(address.sin_port);
}

/* ---- slots and queue ---- */

static void set_busy(struct server *server, unsigned busy)
{
    stats_slots(server->options.stats, busy);
    server->busy = busy;
}

static void begin_work(struct server *server, struct client *client)
{
    int64_t ms = client->behaviour->deed == DEED_SLOW ? client->behaviour->slow_ms
                                                      : server->options.latency_ms;

    client->phase = CLIENT_WORKING;
    client->slot = true;
    client->due_us = client->behaviour->deed == DEED_HANG ? INT64_MAX : stats_now_us() + ms * 1000;
    set_busy(server, server->busy + 1);
}

static void remove_queued(struct server *server, size_t at)
{
    server->queued--;
    memmove(&server->queue[at], &server->queue[at + 1],
            (server->queued - at) * sizeof server->queue[0]);
}

static void fill_slots(struct server *server)
{
    while (server->queued > 0 && server->busy < server->options.slots) {
        struct client *client = server->clients[server->queue[0]];

        remove_queued(server, 0);
        begin_work(server, client);
    }
}

/* The question is over: whole, or because the connection is. */
static void end_question(struct server *server, struct client *client, bool whole)
{
    const struct stats_line line = {.question = client->question.id,
                                    .form = client->question.form,
                                    .deed = client->behaviour->deed,
                                    .status = client->status,
                                    .whole = whole,
                                    .key = client->key,
                                    .asked_us = client->asked_us,
                                    .about = question_data(&client->question)};

    if (client->slot)
        set_busy(server, server->busy - 1);
    client->slot = false;
    client->asked = false;
    stats_ended(server->options.stats, &line);
}

static void drop(struct server *server, size_t at)
{
    struct client *client = server->clients[at];

    for (size_t i = 0; i < server->queued; i++)
        if (server->queue[i] == at) {
            remove_queued(server, i);
            break;
        }
    if (client->asked)
        end_question(server, client, false);
    client_destroy(client);
    server->clients[at] = NULL;
}

/* ---- requests ---- */

static void refuse(struct client *client, unsigned status, const char *why)
{
    client->phase = CLIENT_WRITING;
    client->status = status;
    reply_put_error(status, -1, why, &client->out);
}

/* Fills the reply to an open question. */
static void finish_work(struct client *client)
{
    enum deed deed = client->behaviour->deed;

    client->phase = CLIENT_WRITING;
    client->end = reply_put(&client->question, client->behaviour, &client->out);
    client->status = deed == DEED_STATUS                        ? client->behaviour->status
                     : deed == DEED_RESET || deed == DEED_NOISE ? 0
                                                                : 200;
    client->due_us = client->end == REPLY_DRIP ? stats_now_us() : INT64_MAX;
    if (client->end == REPLY_RESET)
        client_reset_on_close(client);
}

static bool has_key(const struct server *server, struct slice given)
{
    char wanted[KEY_MAX];

    if (server->options.key == NULL)
        return true;
    snprintf(wanted, sizeof wanted, "Bearer %s", server->options.key);
    return slice_equal(given, slice_from(wanted));
}

/* Answers at once where no slot is needed. */
static void begin_question(struct server *server, size_t at)
{
    struct client *client = server->clients[at];
    enum deed deed = client->behaviour->deed;

    client->asked = true;
    client->due_us = INT64_MAX;
    client->asked_us = stats_now_us();
    stats_asked(server->options.stats, client->question.id, deed);
    if (deed == DEED_STATUS || deed == DEED_RESET) {
        finish_work(client);
    } else if (server->busy < server->options.slots) {
        begin_work(server, client);
    } else if (server->queued < server->options.queue && server->queued < SERVER_CLIENTS_MAX) {
        client->phase = CLIENT_QUEUED;
        server->queue[server->queued++] = at;
    } else {
        stats_refused(server->options.stats);
        refuse(client, 503, "the queue is full");
    }
}

static void take_question(struct server *server, size_t at, const struct message *message)
{
    struct client *client = server->clients[at];
    struct error err;

    client->key = message->authorization.size > 0;
    if (!has_key(server, message->authorization)) {
        refuse(client, 401, "wrong key");
        return;
    }
    if (server->options.key != NULL &&
        slice_contains(message->body, slice_from(server->options.key))) {
        refuse(client, 400, "the key stands in the body");
        return;
    }
    if (question_read(message->body, client->arena, &client->question, &err) != STATUS_OK) {
        refuse(client, 400, err.message);
        return;
    }
    client->behaviour = script_next(server->options.script, client->question.user);
    begin_question(server, at);
}

static void put_document(const struct server *server, struct client *client, const char *json)
{
    struct buf body;

    buf_init(&body, REPLY_MAX);
    if (json != NULL)
        buf_puts(&body, json);
    else
        stats_put(server->options.stats, &body);
    client->phase = CLIENT_WRITING;
    reply_put_json(200, buf_slice(&body), &client->out);
    buf_fini(&body);
}

static void take_message(struct server *server, size_t at, const struct message *message)
{
    struct client *client = server->clients[at];
    struct slice target = message->target;

    client->keep_alive = message->keep_alive;
    if (slice_equal(message->method, SLICE("POST")) &&
        (slice_equal(target, SLICE("/v1/chat/completions")) ||
         slice_equal(target, SLICE("/v1/embeddings"))))
        take_question(server, at, message);
    else if (!slice_equal(message->method, SLICE("GET")))
        refuse(client, 405, "not with this method");
    else if (slice_equal(target, SLICE("/stats")))
        put_document(server, client, NULL);
    else if (slice_equal(target, SLICE("/health")))
        put_document(server, client, "{\"status\":\"ok\"}");
    else if (slice_equal(target, SLICE("/v1/models")))
        put_document(server, client,
                     "{\"object\":\"list\",\"data\":[{\"id\":\"scripted\",\"object\":\"model\"}]}");
    else
        refuse(client, 404, "no such path");
}

/* Takes the next request out of the bytes, if a whole one is there. */
static void take(struct server *server, size_t at)
{
    struct client *client = server->clients[at];
    struct message message;
    struct error err;
    enum status status = message_read(buf_slice(&client->in), &message, &err);

    if (status == STATUS_AGAIN)
        return;
    if (status != STATUS_OK) {
        refuse(client, 400, err.message);
        client->end = REPLY_CLOSE;
        return;
    }
    take_message(server, at, &message);
    client->in.size -= message.size;
    memmove(client->in.data, client->in.data + message.size, client->in.size);
}

/* ---- replies ---- */

/* The reply is written; false: so is the connection's end. */
static bool end_reply(struct server *server, struct client *client)
{
    bool keep = client->end == REPLY_KEEP && client->keep_alive;

    if (client->asked)
        end_question(server, client, client->end != REPLY_RESET);
    client_next(client);
    return keep;
}

/* Moves a client as far as it goes; false: drop it. */
static bool move(struct server *server, size_t at)
{
    struct client *client = server->clients[at];

    for (;;) {
        if (client->phase == CLIENT_READING)
            take(server, at);
        if (client->phase != CLIENT_WRITING)
            return true;
        if (!client_flush(client))
            return false;
        if (!client_written(client))
            return true;
        if (client->end == REPLY_ENDLESS) {
            buf_reset(&client->out);
            client->written = 0;
            reply_put_more(client->end, &client->out);
            return true;
        }
        if (client->end == REPLY_DRIP)
            return true;
        if (!end_reply(server, client))
            return false;
    }
}

static void want_write(const struct server *server, size_t at)
{
    struct client *client = server->clients[at];
    bool wanted = client->phase == CLIENT_WRITING && !client_written(client);
    struct epoll_event event = {.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN,
                                .data = {.u64 = at}};

    if (wanted == client->wants_write)
        return;
    client->wants_write = wanted;
    (void) epoll_ctl(server->epoll, EPOLL_CTL_MOD, client->socket, &event);
}

static void serve(struct server *server, size_t at, uint32_t events)
{
    struct client *client = server->clients[at];

    if (client == NULL)
        return;
    if (((events & ~(uint32_t) EPOLLOUT) != 0 && !client_fill(client)) || !move(server, at))
        drop(server, at);
    else
        want_write(server, at);
}

/* ---- time ---- */

static void run_due(struct server *server)
{
    int64_t now = stats_now_us();

    for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
        struct client *client = server->clients[i];

        if (client == NULL || !client->asked || client->due_us > now ||
            client->phase == CLIENT_QUEUED)
            continue;
        if (client->phase == CLIENT_WORKING) {
            finish_work(client);
        } else {
            reply_put_more(client->end, &client->out);
            client->due_us = now + (int64_t) DRIP_MS * 1000;
        }
        serve(server, i, EPOLLOUT);
    }
    fill_slots(server);
}

/* Until the next is due, for epoll_wait. */
static int wait_ms(const struct server *server)
{
    int64_t due = INT64_MAX;
    int64_t left;

    for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++) {
        const struct client *client = server->clients[i];

        if (client != NULL && client->asked && client->phase != CLIENT_QUEUED &&
            client->due_us < due)
            due = client->due_us;
    }
    if (due == INT64_MAX)
        return -1;
    left = due - stats_now_us();
    return left <= 0 ? 0 : (int) (left / 1000 + 1);
}

static void accept_all(struct server *server)
{
    size_t at = 0;
    int socket;
    int on = 1;

    while ((socket = accept(server->listener, NULL, NULL)) >= 0) {
        while (at < SERVER_CLIENTS_MAX && server->clients[at] != NULL)
            at++;
        if (at == SERVER_CLIENTS_MAX) {
            close(socket);
            return;
        }
        (void) fcntl(socket, F_SETFL, O_NONBLOCK);
        (void) fcntl(socket, F_SETFD, FD_CLOEXEC);
        (void) setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        server->clients[at] = client_create(socket);
        if (server->clients[at] != NULL && watch(server, socket, at, NULL) != STATUS_OK)
            drop(server, at);
    }
}

enum status server_run(struct server *server, int stop, struct error *err)
{
    struct epoll_event events[EVENTS];
    enum status status = watch(server, stop, ID_STOP, err);

    while (status == STATUS_OK) {
        int count = epoll_wait(server->epoll, events, EVENTS, wait_ms(server));

        if (count < 0 && errno != EINTR)
            return error_set_errno(err, errno, "epoll");
        for (int i = 0; i < count; i++) {
            uint64_t id = events[i].data.u64;

            if (id == ID_STOP)
                return STATUS_OK;
            if (id == ID_LISTENER)
                accept_all(server);
            else
                serve(server, id, events[i].events);
        }
        run_due(server);
    }
    return status;
}
