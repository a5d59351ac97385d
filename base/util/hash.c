#include "base/util/hash.h"

#include <openssl/evp.h>
#include <string.h>
#include <xxhash.h>

/* struct hash stays incomplete: it is OpenSSL's digest context under our name. */

struct hash *hash_create(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    ENSURE(context != NULL);
    ENSURE(EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    return (struct hash *) context;
}

static void update(struct hash *hash, const void *bytes, size_t size)
{
    ENSURE(EVP_DigestUpdate((EVP_MD_CTX *) hash, bytes, size) == 1);
}

void hash_number(struct hash *hash, uint64_t number)
{
    unsigned char bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char) (number >> (56 - 8 * i));
    update(hash, bytes, sizeof bytes);
}

void hash_bytes(struct hash *hash, struct slice bytes)
{
    if (bytes.size > 0)
        update(hash, bytes.data, bytes.size);
}

void hash_field(struct hash *hash, struct slice field)
{
    hash_number(hash, field.size);
    hash_bytes(hash, field);
}

void hash_finish_sha256(struct hash *hash, unsigned char digest[SHA256_SIZE])
{
    ENSURE(EVP_DigestFinal_ex((EVP_MD_CTX *) hash, digest, NULL) == 1);
    EVP_MD_CTX_free((EVP_MD_CTX *) hash);
}

struct id hash_finish(struct hash *hash)
{
    unsigned char digest[SHA256_SIZE];
    struct id id;

    hash_finish_sha256(hash, digest);
    memcpy(id.bytes, digest, sizeof id.bytes);
    return id;
}

struct id id_of(struct slice a, struct slice b)
{
    struct hash *hash = hash_create();

    hash_field(hash, a);
    hash_field(hash, b);
    return hash_finish(hash);
}

void sha256_of(struct slice bytes, unsigned char digest[SHA256_SIZE])
{
    ENSURE(EVP_Digest(bytes.data, bytes.size, digest, NULL, EVP_sha256(), NULL) == 1);
}

bool id_equal(struct id a, struct id b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

struct slice id_slice(const struct id *id)
{
    return slice_of(id->bytes, sizeof id->bytes);
}

const char *id_text(struct id id, char text[ID_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < ID_SIZE; i++) {
        text[2 * i] = digits[id.bytes[i] >> 4];
        text[2 * i + 1] = digits[id.bytes[i] & 15];
    }
    text[ID_TEXT_SIZE - 1] = '\0';
    return text;
}

enum status id_from_bytes(struct slice bytes, struct id *id, struct error *err)
{
    if (bytes.size != sizeof id->bytes)
        return error_set(err, STATUS_INVALID, "an id of %zu bytes, %d expected", bytes.size,
                         ID_SIZE);
    memcpy(id->bytes, bytes.data, sizeof id->bytes);
    return STATUS_OK;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum status id_from_text(struct slice text, struct id *id, struct error *err)
{
    struct id parsed;

    if (text.size != ID_TEXT_SIZE - 1)
        return error_set(err, STATUS_INVALID, "'%.*s' is not an id of 32 hexadecimal digits",
                         SLICE_ARG(text));
    for (size_t i = 0; i < ID_SIZE; i++) {
        int high = digit_value(text.data[2 * i]);
        int low = digit_value(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return error_set(err, STATUS_INVALID, "'%.*s' is not an id of 32 hexadecimal digits",
                             SLICE_ARG(text));
        parsed.bytes[i] = (unsigned char) (high << 4 | low);
    }
    *id = parsed;
    return STATUS_OK;
}

uint32_t partition_of(struct slice key, uint32_t count)
{
    ENSURE(count > 0);
    return (uint32_t) (XXH3_64bits(key.data, key.size) % count);
}
