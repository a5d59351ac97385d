/*
 * hash: identities of things that hostile pages may choose.
 *
 * Source  SHA-256 (FIPS 180-4, OpenSSL's), cut to its first 16 bytes: 2^64 work for a collision,
 *         and nobody can aim two pages at one id.
 * Fields  hash_field feeds a length before the bytes, so ("ab","c") and ("a","bc") differ.
 */
#ifndef XUNFANG_BASE_UTIL_HASH_H
#define XUNFANG_BASE_UTIL_HASH_H

#include "base/util/slice.h"

enum { ID_SIZE = 16, ID_TEXT_SIZE = 2 * ID_SIZE + 1, SHA256_SIZE = 32 };

struct id {
    unsigned char bytes[ID_SIZE];
};

struct hash;

/* Never fails but for memory, which ends the process (ENSURE): a hash state is 100 bytes. */
struct hash *hash_create(void);
void hash_field(struct hash *hash, struct slice field);
void hash_number(struct hash *hash, uint64_t number);
/* The bytes alone, without a length. */
void hash_bytes(struct hash *hash, struct slice bytes);
/* The id of all fields; destroys the hash. */
struct id hash_finish(struct hash *hash);
/* SHA-256 of all that was fed, whole; destroys the hash. */
void hash_finish_sha256(struct hash *hash, unsigned char digest[SHA256_SIZE]);

/* The id of one or two fields. */
struct id id_of(struct slice a, struct slice b);
/* SHA-256 of the bytes alone, whole: for files. */
void sha256_of(struct slice bytes, unsigned char digest[SHA256_SIZE]);

bool id_equal(struct id a, struct id b);
struct slice id_slice(const struct id *id);
/* Lower-case hexadecimal and NUL into `text`; returns `text`. */
const char *id_text(struct id id, char text[ID_TEXT_SIZE]);
/* STATUS_INVALID unless `bytes` has ID_SIZE bytes. */
CHECKED enum status id_from_bytes(struct slice bytes, struct id *id, struct error *err);
/* STATUS_INVALID unless 32 hexadecimal digits. */
CHECKED enum status id_from_text(struct slice text, struct id *id, struct error *err);

/* Partition of a key among `count` (> 0): the same on every bus and machine. */
uint32_t partition_of(struct slice key, uint32_t count);

#endif
