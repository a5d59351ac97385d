/*
 * log_space: whether the log's disk has room for more, looked at now and then.
 *
 * Why      RocksDB that runs out of space in the middle of a flush has to be opened again; refusing
 *          in good time keeps reads and commits going.
 * When     Every LOG_SPACE_CHECK_MS, or after LOG_SPACE_CHECK_BYTES were added: looking costs a
 *          system call.
 * Unknown  If the system cannot tell, there is room: a write will show.
 */
#ifndef XUNFANG_BASE_BUS_LOG_SPACE_H
#define XUNFANG_BASE_BUS_LOG_SPACE_H

#include "base/util/clock.h"

#include <stdbool.h>
#include <stddef.h>

enum { LOG_SPACE_CHECK_MS = 200, LOG_SPACE_CHECK_BYTES = 1024 * 1024 };

struct log_space {
    const char *path; /* any file or folder on the disk */
    uint64_t least;   /* free bytes below which it is full */
    const struct clock *clock;
    int64_t next_ms; /* of the next look; 0: at once */
    uint64_t added;  /* bytes since the last look */
    bool full;
};

/* Bytes that are about to be written. */
void log_space_add(struct log_space *space, size_t bytes);
bool log_space_full(struct log_space *space);

#endif
