/*
 * message: protobuf-c messages in our kinds of memory.
 *
 * Reading  message_unpack builds the message in an arena; it lives as long as that and is never
 *          freed by itself. Unknown fields are skipped by readers and kept by protobuf-c. Writing
 *          message_pack appends the packed bytes to a buf, whose limit and sticky error hold.
 * Memory    The converters make views, no copies: a view lives as long as what it was made from.
 *          Text Protobuf's `string` is a C string here: text behind a NUL is lost, so who packs
 *          foreign text removes NULs first (message_text does).
 */
#ifndef XUNFANG_BASE_MESSAGE_H
#define XUNFANG_BASE_MESSAGE_H

#include "base/util/arena.h"
#include "base/util/buf.h"

#include <protobuf-c/protobuf-c.h>

/* The message in `arena`, to be cast to its type: message_unpack(&xunfang__page__descriptor, …).
 * NULL, and *err filled with STATUS_INVALID, when the bytes are no such message; STATUS_NOMEM when
 * the arena is full. */
CHECKED void *message_unpack(const ProtobufCMessageDescriptor *type, struct slice bytes,
                             struct arena *arena, struct error *err);
/* Appends; check with buf_status. `message` is the `base` member of any message. */
void message_pack(const ProtobufCMessage *message, struct buf *out);
/* The packed bytes, in the arena; data is NULL when it is full. */
struct slice message_pack_arena(const ProtobufCMessage *message, struct arena *arena);

struct slice message_slice(ProtobufCBinaryData bytes);
/* The bytes must not be changed through the result. */
ProtobufCBinaryData message_bytes(struct slice bytes);
/* A C string for a `string` field, NULs left out; NULL when the arena is full. */
CHECKED char *message_text(struct arena *arena, struct slice text);

#endif
