/*
 * server: the sites on their sockets, one thread, epoll.
 *
 * Sites    Each listens on its own address and port, as hosts of their own would.
 * Limits   SERVER_CONNECTIONS_MAX connections; further ones are closed at once.
 * End      server_run returns when the descriptor `stop` becomes readable.
 */
#ifndef XUNFANG_SITES_SERVER_H
#define XUNFANG_SITES_SERVER_H

#include "tests/sites/connection.h"

enum { SERVER_CONNECTIONS_MAX = 1024, SERVER_TICK_MS = 200 };

struct server;

/* Listens on every site of the world; STATUS_IO names the address that cannot be had. The place
 * must outlive the server. */
CHECKED enum status server_create(const struct connection_place *place, struct server **server,
                                  struct error *err);
/* NULL is fine. */
void server_destroy(struct server *server);
CHECKED enum status server_run(struct server *server, int stop, struct error *err);

#endif
