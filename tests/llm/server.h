/*
 * server: the scripted model server on its socket, one thread, epoll.
 *
 * Paths    POST /v1/chat/completions, POST /v1/embeddings; GET /v1/models, /health, /stats.
 * Slots    So many questions are worked on at once, each for `latency_ms`; the others wait in
 *          order, and beyond `queue` of them get 503.
 * Key      If set, questions without "Bearer KEY" get 401. The key is never written to the log.
 * Limits   SERVER_CLIENTS_MAX connections; further ones are closed at once.
 */
#ifndef XUNFANG_TESTS_LLM_SERVER_H
#define XUNFANG_TESTS_LLM_SERVER_H

#include "tests/llm/script.h"
#include "tests/llm/stats.h"

struct server;

enum { SERVER_CLIENTS_MAX = 1024, DRIP_MS = 50 };

struct server_options {
    const char *address;
    uint16_t port; /* 0: any */
    unsigned slots;
    unsigned queue;
    int64_t latency_ms;
    const char *key;       /* NULL: anybody */
    struct script *script; /* these two stay the caller's */
    struct stats *stats;
};

CHECKED enum status server_create(const struct server_options *options, struct server **server,
                                  struct error *err);
/* NULL is fine. */
void server_destroy(struct server *server);
uint16_t server_port(const struct server *server);
/* Until the descriptor `stop` becomes readable. */
CHECKED enum status server_run(struct server *server, int stop, struct error *err);

#endif
