/*
 * log_socket: framed messages between the log server and its clients over a socket in the data
 * folder.
 *
 * Wire     ZeroMQ ROUTER (server) and DEALER (clients) on ipc://DATA/log.sock; where that path is
 *          longer than a socket address may be, both ends go through an open folder
 *          (/proc/self/fd/N).
 * Access   The socket is made with mode 0600 (and the folder with 0700): this user alone.
 * Message  A header, then maybe a payload. Frames are counted references to immutable bytes, so a
 *          message can be sent again without a copy.
 * Lossy    What was sent may be lost when the connection breaks; log_socket_lost tells, and then
 *          the client renews the socket and sends again. ZeroMQ's own reconnecting is off: it would
 *          mix messages from before and after the break.
 * Limits   LOG_MESSAGE_MAX a frame (a larger one closes the connection), LOG_QUEUE_MAX messages a
 *          queue; at close a server waits LOG_LINGER_MS for what it sent, a client not at all.
 * Threads  A socket belongs to one thread.
 */
#ifndef XUNFANG_BASE_BUS_LOG_SOCKET_H
#define XUNFANG_BASE_BUS_LOG_SOCKET_H

#include "base/util/buf.h"

enum {
    LOG_MESSAGE_MAX = 20 * 1024 * 1024,
    LOG_HEADER_MAX = 1024 * 1024,
    LOG_QUEUE_MAX = 1024,
    LOG_LINGER_MS = 1000,
    LOG_PEER_MAX = 16,
};

struct log_socket;
struct log_frame;

/* Who sent a message, for the way back; meaningless at a client. */
struct log_peer {
    unsigned char bytes[LOG_PEER_MAX];
    size_t size;
};

struct log_message {
    struct log_peer peer;
    struct log_frame *header;
    struct log_frame *payload; /* NULL if there is none */
};

/* Takes the bytes out of `bytes`; NULL when memory is out. */
struct log_frame *log_frame_take(struct buf *bytes);
struct slice log_frame_bytes(const struct log_frame *frame);
/* NULL is fine. */
void log_frame_destroy(struct log_frame *frame);
void log_message_destroy(struct log_message *message);

/* `folder` exists. */
CHECKED enum status log_socket_serve(const char *folder, struct log_socket **socket,
                                     struct error *err);
/* A client; nothing is connected before log_socket_renew. */
CHECKED enum status log_socket_create(const char *folder, struct log_socket **socket,
                                      struct error *err);
void log_socket_close(struct log_socket *socket);

/* Begins a new connection, forgets what was queued on the old one. Fine if nobody listens (yet). */
CHECKED enum status log_socket_renew(struct log_socket *socket, struct error *err);
/* Is the connection broken or not yet there? */
bool log_socket_lost(struct log_socket *socket);

/* Waits until there may be a message or a change of the connection. */
CHECKED enum status log_socket_wait(struct log_socket *socket, int64_t timeout_ms,
                                    struct error *err);
/* The next message, the caller's from now on. STATUS_AGAIN: none; STATUS_INVALID: one of a wrong
 * shape was dropped. `err` is not filled for either. */
CHECKED enum status log_socket_receive(struct log_socket *socket, struct log_message *message,
                                       struct error *err);
/* Queues header (copied) and payload (may be NULL; stays the caller's). STATUS_AGAIN: queue full or
 * the peer is gone. */
CHECKED enum status log_socket_send(struct log_socket *socket, const struct log_peer *peer,
                                    struct slice header, const struct log_frame *payload,
                                    struct error *err);

#endif
