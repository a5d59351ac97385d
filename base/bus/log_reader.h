/*
 * log_reader: what a client reads from the log server: positions, fetches ahead, commits.
 *
 * Ahead    While the owner works on one batch the next fetch is on its way or answered: one fetch
 *          covers all partitions and waits at the server until there is a record. At most about
 *          twice LOG_READ_BYTES lie here, plus one large record.
 * Pause    Batches of a paused partition are kept; if they fill all the room, they are dropped and
 *          fetched again later.
 * Blocking Nothing waits but opening and committing; log_reader_next gives what is here.
 * Contract The rest is that of struct bus_reader in bus.h.
 */
#ifndef XUNFANG_BASE_BUS_LOG_READER_H
#define XUNFANG_BASE_BUS_LOG_READER_H

#include "base/bus/bus.h"
#include "base/bus/log_link.h"

enum {
    LOG_READ_BYTES = 1024 * 1024, /* of one fetch, if max_bytes is not less */
    LOG_READ_WAIT_MS = 2000,      /* how long a fetch waits at the server */
    LOG_READ_RECORDS = 1024,      /* most records of one event */
};

struct log_reader;

/* `number` tells this reader from others of the same link. */
CHECKED enum status log_reader_open(struct log_link *link, uint32_t number,
                                    const struct bus_reader_options *options,
                                    struct log_reader **reader, struct error *err);
void log_reader_close(struct log_reader *reader);

/* The next event, or BUS_EVENT_NONE: then log_link_step brings more. What the last event pointed to
 * is gone. */
CHECKED enum status log_reader_next(struct log_reader *reader, struct bus_event *event,
                                    struct error *err);
void log_reader_seek(struct log_reader *reader, size_t index, uint64_t offset);
void log_reader_pause(struct log_reader *reader, size_t index, bool paused);
CHECKED enum status log_reader_commit(struct log_reader *reader, size_t index, uint64_t offset,
                                      struct slice metadata, struct error *err);

/* Asks for the end of one partition and where `stage` ("": nobody) stands, without taking it. */
CHECKED enum status log_reader_look(struct log_link *link, const struct bus_partition *partition,
                                    const char *stage, struct log_call **call, struct error *err);

#endif
