/*
 * client: one connection of the scripted server: bytes in, bytes out, and the question between.
 *
 * Phases   READING → (QUEUED →) WORKING → WRITING → READING; other requests go to WRITING at once.
 * Memory   The client owns its socket and buffers; the question lives in its arena until
 *          client_next.
 */
#ifndef XUNFANG_TESTS_LLM_CLIENT_H
#define XUNFANG_TESTS_LLM_CLIENT_H

#include "tests/llm/message.h"
#include "tests/llm/reply.h"

enum client_phase { CLIENT_READING, CLIENT_QUEUED, CLIENT_WORKING, CLIENT_WRITING };

struct client {
    int socket;
    enum client_phase phase;
    struct buf in;
    struct buf out;
    size_t written; /* of out */
    struct arena *arena;
    bool asked; /* a question is open, with these: */
    struct question question;
    const struct behaviour *behaviour;
    int64_t asked_us;
    int64_t due_us; /* WORKING, or dripping: when to go on; INT64_MAX: never */
    bool key;
    bool keep_alive;
    bool slot;
    unsigned status; /* of the reply; 0: none */
    enum reply_end end;
    bool wants_write; /* registered for EPOLLOUT */
};

/* Takes the non-blocking socket, also when it fails (NULL: no memory). */
struct client *client_create(int socket);
/* NULL is fine. */
void client_destroy(struct client *client);
/* Reads what is there; false: the other side is gone, or sends more than a message may have. */
bool client_fill(struct client *client);
/* Writes what goes; false: the other side is gone. */
bool client_flush(struct client *client);
bool client_written(const struct client *client);
/* Forgets the reply and the question. */
void client_next(struct client *client);
/* The next close sends RST. */
void client_reset_on_close(const struct client *client);

#endif
