#include "tests/sites/faults.h"

#include "base/util/hash.h"
#include "base/util/map.h"
#include "base/util/random.h"

#include <stdlib.h>
#include <string.h>

enum { FAULTY_PER_MILLE = 20, ATTEMPTS_MAX = 2, TURNS = 262144 };

/* CRC-32 of FAULT_BOMB_SIZE zero bytes (RFC 1952), which gzip puts at the end. */
#define BOMB_CRC 0x3455d026u

struct faults {
    uint64_t seed;
    struct map *attempts; /* hash of a failing request → how many times it was seen, as a pointer */
};

struct faults *faults_create(uint64_t seed)
{
    struct faults *faults = calloc(1, sizeof *faults);

    if (faults == NULL)
        return NULL;
    faults->seed = seed;
    faults->attempts = map_create();
    if (faults->attempts == NULL) {
        free(faults);
        return NULL;
    }
    return faults;
}

void faults_destroy(struct faults *faults)
{
    if (faults == NULL)
        return;
    map_destroy(faults->attempts);
    free(faults);
}

/* Equal requests share a counter. */
static struct id request_id(uint32_t site, struct slice target, struct slice body)
{
    struct hash *hash = hash_create();

    hash_number(hash, site);
    hash_field(hash, target);
    hash_field(hash, body);
    return hash_finish(hash);
}

/* How many times the request was seen before; counts this one. */
static uintptr_t count_attempt(struct faults *faults, struct id id)
{
    uintptr_t before = (uintptr_t) map_get(faults->attempts, id_slice(&id));

    /* Out of memory: the request succeeds early, which no test minds. */
    status_ignore(map_put(faults->attempts, id_slice(&id), (void *) (before + 1)));
    return before;
}

enum fault faults_next(struct faults *faults, uint32_t site, struct slice target, struct slice body)
{
    static const enum fault kinds[] = {FAULT_UNAVAILABLE, FAULT_UNAVAILABLE, FAULT_TOO_MANY,
                                       FAULT_RESET,       FAULT_RESET,       FAULT_CUT,
                                       FAULT_CUT,         FAULT_UNAVAILABLE};
    struct id id = request_id(site, target, body);
    struct random random;
    uint64_t number;

    memcpy(&number, id.bytes, sizeof number);
    random_init(&random, number ^ faults->seed);
    if (!random_chance(&random, FAULTY_PER_MILLE))
        return FAULT_NONE;
    if (count_attempt(faults, id) > random_below(&random, ATTEMPTS_MAX))
        return FAULT_NONE;
    return kinds[random_below(&random, sizeof kinds / sizeof kinds[0])];
}

enum fault faults_lasting(uint32_t index)
{
    static const enum fault lasting[FAULT_PAGES] = {FAULT_HUGE,  FAULT_BOMB, FAULT_CHARSET,
                                                    FAULT_RESET, FAULT_DRIP, FAULT_CUT};

    return lasting[index % FAULT_PAGES];
}

/* Bits of a deflate stream (RFC 1951), least significant first. */
struct bits {
    struct buf *out;
    unsigned pending;
    unsigned count;
};

static void put_bit(struct bits *bits, unsigned bit)
{
    bits->pending |= bit << bits->count++;
    if (bits->count == 8) {
        buf_putc(bits->out, (char) bits->pending);
        bits->pending = 0;
        bits->count = 0;
    }
}

/* A Huffman code goes out from its most significant bit. */
static void put_code(struct bits *bits, unsigned code, unsigned size)
{
    while (size-- > 0)
        put_bit(bits, code >> size & 1);
}

static void put_number(struct buf *out, uint32_t number)
{
    for (int shift = 0; shift < 32; shift += 8)
        buf_putc(out, (char) (number >> shift & 0xff));
}

void faults_bomb(struct buf *out)
{
    static const char header[] = {0x1f, (char) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    struct bits bits = {.out = out};

    buf_append(out, slice_of(header, sizeof header));
    put_code(&bits, 6, 3);    /* last block, fixed codes: bits 1 1 0 */
    put_code(&bits, 0x30, 8); /* the literal 0 */
    for (int i = 0; i < TURNS; i++)
        put_code(&bits, 0xc5 << 5, 13); /* length 258 from distance 1 */
    put_code(&bits, 0, 7);              /* end of block */
    while (bits.count > 0)
        put_bit(&bits, 0);
    put_number(out, BOMB_CRC);
    put_number(out, FAULT_BOMB_SIZE);
}
