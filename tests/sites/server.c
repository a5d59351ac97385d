#include "tests/sites/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS = 64,
    BACKLOG = 128,
    ID_STOP = 0,
    ID_SITES = 1, /* + index of the site; connections follow */
    ID_CONNECTIONS = ID_SITES + WORLD_SITES_MAX,
};

struct server {
    const struct connection_place *place;
    int epoll;
    int listeners[WORLD_SITES_MAX];
    uint32_t listener_count;
    struct connection *connections[SERVER_CONNECTIONS_MAX];
    bool writing[SERVER_CONNECTIONS_MAX]; /* registered for EPOLLOUT */
    int64_t last_tick_us;
};

/* Registers for reading; the id tells what it is. */
static enum status watch(struct server *server, int descriptor, uint64_t id, struct error *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = id}};

    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
        return error_set_errno(err, errno, "epoll");
    return STATUS_OK;
}

/* One socket a site: hosts of their own have addresses of their own. */
static enum status listen_on(struct server *server, uint32_t site, struct error *err)
{
    const struct site *where = &server->place->world->sites[site];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(where->port)};
    int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (listener < 0)
        return error_set_errno(err, errno, "socket");
    server->listeners[server->listener_count++] = listener;
    if (inet_pton(AF_INET, where->address, &address.sin_addr) != 1)
        return error_set(err, STATUS_INVALID, "%s is no IPv4 address", where->address);
    (void) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (const struct sockaddr *) &address, sizeof address) != 0 ||
        listen(listener, BACKLOG) != 0)
        return error_set_errno(err, errno, "listen on %s", where->host);
    return watch(server, listener, ID_SITES + site, err);
}

enum status server_create(const struct connection_place *place, struct server **created,
                          struct error *err)
{
    struct server *server = calloc(1, sizeof *server);
    enum status status = STATUS_OK;

    if (server == NULL)
        return error_set(err, STATUS_NOMEM, "server");
    server->place = place;
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll < 0)
        status = error_set_errno(err, errno, "epoll");
    for (uint32_t i = 0; i < place->world->site_count && status == STATUS_OK; i++)
        status = listen_on(server, i, err);
    if (status != STATUS_OK) {
        server_destroy(server);
        return status;
    }
    *created = server;
    return STATUS_OK;
}

void server_destroy(struct server *server)
{
    if (server == NULL)
        return;
    for (int i = 0; i < SERVER_CONNECTIONS_MAX; i++)
        connection_destroy(server->connections[i]);
    for (uint32_t i = 0; i < server->listener_count; i++)
        close(server->listeners[i]);
    if (server->epoll >= 0)
        close(server->epoll);
    free(server);
}

/* Ends a connection; its slot is free again. */
static void drop(struct server *server, uint32_t slot)
{
    connection_destroy(server->connections[slot]);
    server->connections[slot] = NULL;
    server->writing[slot] = false;
}

/* A new connection takes the first free slot. */
static void adopt(struct server *server, int socket, uint32_t site)
{
    uint32_t slot = 0;
    int on = 1;

    while (slot < SERVER_CONNECTIONS_MAX && server->connections[slot] != NULL)
        slot++;
    if (slot == SERVER_CONNECTIONS_MAX) {
        close(socket);
        return;
    }
    (void) setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    server->connections[slot] = connection_create(socket, site, server->place);
    if (server->connections[slot] != NULL &&
        watch(server, socket, ID_CONNECTIONS + slot, NULL) != STATUS_OK)
        drop(server, slot);
}

/* Until the queue of the listener is empty. */
static void accept_all(struct server *server, uint32_t site)
{
    int socket;

    while ((socket = accept(server->listeners[site], NULL, NULL)) >= 0) {
        (void) fcntl(socket, F_SETFL, O_NONBLOCK);
        (void) fcntl(socket, F_SETFD, FD_CLOEXEC);
        adopt(server, socket, site);
    }
}

/* Asks for EPOLLOUT only while an answer waits for room. */
static void update_interest(struct server *server, uint32_t slot)
{
    bool write = connection_wants_write(server->connections[slot]);
    struct epoll_event event = {.events = write ? EPOLLIN | EPOLLOUT : EPOLLIN,
                                .data = {.u64 = ID_CONNECTIONS + slot}};

    if (write == server->writing[slot])
        return;
    server->writing[slot] = write;
    (void) epoll_ctl(server->epoll, EPOLL_CTL_MOD, connection_socket(server->connections[slot]),
                     &event);
}

/* The slot may have been emptied by an earlier event of the same round. */
static void serve(struct server *server, uint32_t slot)
{
    if (server->connections[slot] == NULL)
        return;
    if (connection_ready(server->connections[slot]))
        update_interest(server, slot);
    else
        drop(server, slot);
}

/* Every SERVER_TICK_MS: slow answers go on, the log reaches the disk. */
static void tick(struct server *server)
{
    int64_t now = request_log_now_us();

    if (now - server->last_tick_us < (int64_t) SERVER_TICK_MS * 1000)
        return;
    server->last_tick_us = now;
    for (uint32_t i = 0; i < SERVER_CONNECTIONS_MAX; i++) {
        if (server->connections[i] != NULL && !connection_tick(server->connections[i]))
            drop(server, i);
    }
    request_log_flush(server->place->log);
}

enum status server_run(struct server *server, int stop, struct error *err)
{
    struct epoll_event events[EVENTS];
    enum status status = watch(server, stop, ID_STOP, err);

    while (status == STATUS_OK) {
        int count = epoll_wait(server->epoll, events, EVENTS, SERVER_TICK_MS);

        if (count < 0 && errno != EINTR)
            return error_set_errno(err, errno, "epoll");
        for (int i = 0; i < count; i++) {
            uint64_t id = events[i].data.u64;

            if (id == ID_STOP)
                return STATUS_OK;
            if (id < ID_CONNECTIONS)
                accept_all(server, (uint32_t) (id - ID_SITES));
            else
                serve(server, (uint32_t) (id - ID_CONNECTIONS));
        }
        tick(server);
    }
    return status;
}
