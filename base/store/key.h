/*
 * key: writes tuples of fields as bytes that sort as the tuples do.
 *
 * Order    Compared as unsigned bytes, keys sort by their first field, then the second, and so on:
 *          numbers by value, texts by bytes with a shorter one before its continuations.
 * Numbers  Big-endian at their full width; signed ones with the sign bit turned over.
 * Texts    Every 0x00 becomes 0x00 0xFF and 0x00 0x01 stands behind the last byte; so a text may
 *          hold any byte, and fields may follow it.
 * Raw      Bytes as they are: ids of a fixed size, or the last field of a key.
 * Use      Put fields into a buf born with KEY_MAX (errors are sticky there). Reading is sticky
 *          too: after the first bad field every read gives zero, and key_done tells.
 * Memory   key_read_raw points into the bytes that are read; key_read_text copies.
 */
#ifndef XUNFANG_BASE_STORE_KEY_H
#define XUNFANG_BASE_STORE_KEY_H

#include "base/util/buf.h"

enum { KEY_MAX = 8 * 1024 };

void key_put_u8(struct buf *key, uint8_t number);
void key_put_u32(struct buf *key, uint32_t number);
void key_put_u64(struct buf *key, uint64_t number);
void key_put_i64(struct buf *key, int64_t number);
void key_put_text(struct buf *key, struct slice text);
void key_put_raw(struct buf *key, struct slice bytes);

struct key_reader {
    struct slice rest;
    bool failed;
};

struct key_reader key_read(struct slice key);
uint8_t key_read_u8(struct key_reader *reader);
uint32_t key_read_u32(struct key_reader *reader);
uint64_t key_read_u64(struct key_reader *reader);
int64_t key_read_i64(struct key_reader *reader);
/* Appends the text to `out`. */
void key_read_text(struct key_reader *reader, struct buf *out);
/* The next `size` bytes; SIZE_MAX: all that is left. */
struct slice key_read_raw(struct key_reader *reader, size_t size);
/* Were all fields there, and nothing behind them? */
bool key_done(const struct key_reader *reader);

/* The smallest bytes above every key that starts with `prefix`; false if there are none (all
 * 0xFF). */
CHECKED bool key_after_prefix(struct slice prefix, struct buf *after);

#endif
