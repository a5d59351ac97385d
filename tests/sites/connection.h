/*
 * connection: the life of one client connection: read a request, answer, keep alive.
 *
 * Shape    Driven by the server's loop: connection_ready when the socket can be read or written,
 *          connection_tick now and then for answers that drip. Both tell whether it lives on.
 * Pipeline Requests behind the one being answered wait in the buffer.
 * Memory   The connection owns its socket and buffers.
 */
#ifndef XUNFANG_SITES_CONNECTION_H
#define XUNFANG_SITES_CONNECTION_H

#include "tests/sites/request_log.h"
#include "tests/sites/service.h"

struct connection;

/* What all connections of a server share. */
struct connection_place {
    const struct world *world;
    struct service *service;
    struct request_log *log; /* may be NULL */
};

/* Takes the non-blocking socket, also when it fails (NULL: no memory). */
struct connection *connection_create(int socket, uint32_t site,
                                     const struct connection_place *place);
/* NULL is fine. Logs a request that is still being answered as broken. */
void connection_destroy(struct connection *connection);

int connection_socket(const struct connection *connection);
/* Reads and writes what it can; false: destroy it. */
bool connection_ready(struct connection *connection);
/* Sends the next byte of a dripping answer; false: destroy it. */
bool connection_tick(struct connection *connection);
/* Does it wait for room to write? */
bool connection_wants_write(const struct connection *connection);

#endif
