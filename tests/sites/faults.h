/*
 * faults: what goes wrong on purpose, the same way every time.
 *
 * Passing  About 2 % of all requests fail their first one or two attempts and then succeed, so a
 *          patient crawler ends with the same documents. Which ones follows from the seed and the
 *          request alone.
 * Lasting  FAULT_PAGES hits never arrive whole (KIND_FAULT of world.h); they are no documents.
 * Memory   One counter for each request that fails, nothing for others.
 * Threads  One thread.
 */
#ifndef XUNFANG_SITES_FAULTS_H
#define XUNFANG_SITES_FAULTS_H

#include "base/util/buf.h"

enum { FAULT_PAGES = 6 };

enum fault {
    FAULT_NONE,
    FAULT_UNAVAILABLE, /* 503 with Retry-After */
    FAULT_TOO_MANY,    /* 429 with Retry-After */
    FAULT_RESET,       /* the connection is reset without an answer */
    FAULT_CUT,         /* half of the body, then the end */
    FAULT_DRIP,        /* a byte now and then */
    FAULT_HUGE,        /* 200 MB of text */
    FAULT_BOMB,        /* gzip that unpacks to 64 MB */
    FAULT_CHARSET,     /* GBK bytes under a header that says UTF-8 */
};

struct faults;

/* NULL when memory is out. */
struct faults *faults_create(uint64_t seed);
/* NULL is fine. */
void faults_destroy(struct faults *faults);

/* What happens to this attempt of a request, told by its site, target and body. */
enum fault faults_next(struct faults *faults, uint32_t site, struct slice target,
                       struct slice body);
/* Of the lasting fault `index` (below FAULT_PAGES). */
enum fault faults_lasting(uint32_t index);

/* Appends the gzip file of FAULT_BOMB_SIZE zero bytes. */
enum { FAULT_BOMB_SIZE = 1 + 258 * 262144 };
void faults_bomb(struct buf *out);

#endif
