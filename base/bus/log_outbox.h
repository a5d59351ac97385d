/*
 * log_outbox: what a client publishes, on its way to the log server.
 *
 * Parcels  Records of one partition gather in a parcel until it has LOG_PARCEL_BYTES or goes out. A
 *          request carries the oldest parcels; LOG_WINDOW requests may be unanswered, so the server
 *          always has the next one at hand, and the more it lags the fuller the parcels get.
 * Order    Of a partition: that of the calls. After a break of the connection the unanswered
 *          requests go out again in their order, so the log may hold a run twice but never turned
 *          round.
 * Limit    queue_bytes of records without acknowledgement; one larger record alone is taken.
 * Failure  A refused append is returned by log_outbox_step for good; the bus stops then.
 */
#ifndef XUNFANG_BASE_BUS_LOG_OUTBOX_H
#define XUNFANG_BASE_BUS_LOG_OUTBOX_H

#include "base/bus/bus.h"
#include "base/bus/log_link.h"

enum {
    LOG_PARCEL_BYTES = 256 * 1024,
    LOG_WINDOW = 4,
};

struct log_outbox;

/* NULL when memory is out. The link must outlive it. */
struct log_outbox *log_outbox_create(struct log_link *link, size_t queue_bytes);
/* What is not acknowledged may or may not stand in the log. NULL is fine. */
void log_outbox_destroy(struct log_outbox *outbox);

/* Queues a copy. STATUS_AGAIN: full; STATUS_NOT_FOUND: no such topic or partition (asked once a
 * topic). */
CHECKED enum status log_outbox_put(struct log_outbox *outbox, const struct bus_message *message,
                                   struct bus_ticket *ticket, struct error *err);
/* Takes acknowledgements that have arrived and sends what may go out; does not wait. */
CHECKED enum status log_outbox_step(struct log_outbox *outbox, struct error *err);
/* Records without acknowledgement. */
size_t log_outbox_pending(const struct log_outbox *outbox);

/* Asks about this topic again before the next record for it; no effect unless all is
 * acknowledged. */
void log_outbox_forget(struct log_outbox *outbox, const char *topic);

/* Asks the server for the partitions of a topic. */
CHECKED enum status log_outbox_partitions(struct log_link *link, const char *topic,
                                          uint32_t *partitions, struct error *err);

#endif
