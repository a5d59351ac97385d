/*
 * worker_outbox: records on their way to the bus, kept until it takes them. Private to the worker.
 *
 * Use      Any number of outbox_add, then outbox_publish until it is empty. What was published is
 *          forgotten at once: the bus knows what is not acknowledged.
 * Limit    OUTBOX_BYTES_MAX; past it outbox_add answers STATUS_TOO_LARGE. A batch that holds more
 *          than OUTBOX_BYTES_SOFT should be closed first.
 * Order    First in, first out.
 */
#ifndef XUNFANG_BASE_WORKER_OUTBOX_H
#define XUNFANG_BASE_WORKER_OUTBOX_H

#include "base/bus/bus.h"
#include "base/record.h"

enum { OUTBOX_BYTES_SOFT = 4 * 1024 * 1024, OUTBOX_BYTES_MAX = 128 * 1024 * 1024 };

struct outbox {
    struct arena *arena;
    struct letter *head; /* the next to publish */
    struct letter *tail;
    struct buf scratch;
};

CHECKED enum status outbox_init(struct outbox *outbox, struct error *err);
void outbox_fini(struct outbox *outbox);
/* Takes a copy. */
CHECKED enum status outbox_add(struct outbox *outbox, const char *topic, uint32_t partition,
                               const struct record *record, struct error *err);
/* STATUS_OK: all went to the bus; STATUS_AGAIN: its queue is full, the rest is kept. */
CHECKED enum status outbox_publish(struct outbox *outbox, struct bus *bus, struct error *err);
/* Forgets what the bus has not taken. */
void outbox_drop(struct outbox *outbox);
bool outbox_empty(const struct outbox *outbox);
size_t outbox_bytes(const struct outbox *outbox);

#endif
