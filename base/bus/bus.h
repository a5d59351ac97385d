/*
 * bus: durable, partitioned logs: create, append, read from an offset, commit.
 *
 * Backends  local ("local:DIR", one machine, a log server), memory (tests, seeded faults), Kafka
 *           ("kafka://HOST:PORT", many machines; bus_kafka.h).
 * Bytes     A bus moves keys and values; base/record gives them meaning. The partition is always
 *           explicit: partition_of(key, count).
 * Order     Records of one partition are read in the order of their offsets, without gaps below
 *           bus_end. An append that was acknowledged survives the death of any process.
 * Repeats   A publish whose acknowledgement was lost may stand in the log twice.
 * Fail-stop After a publish failed for good every later call returns that error: the owner ends,
 *           its supervisor starts it again, and it resumes from its last commit.
 * Threads   A bus and its readers belong to one thread.
 * Never     blocks longer than the timeout given, logs, or drops a record because a reader is slow.
 */
#ifndef XUNFANG_BASE_BUS_BUS_H
#define XUNFANG_BASE_BUS_BUS_H

#include "base/util/slice.h"

struct bus;
struct bus_reader;
struct bus_partition;

enum {
    BUS_TOPIC_MAX = 200,               /* bytes of a topic name: letters, digits, '.', '-', '_' */
    BUS_METADATA_MAX = 64,             /* bytes that ride on a committed offset */
    BUS_PARTITIONS_MAX = 4096,         /* of one topic */
    BUS_RECORD_MAX = 16 * 1024 * 1024, /* key and value together; more is STATUS_TOO_LARGE */
};

/* On a bus with GROUPS a reader names what it would read, and gets a part of it that changes. */
enum bus_capability {
    BUS_CAP_DURABLE = 1 << 0, /* acknowledged records survive every process */
    BUS_CAP_GROUPS = 1 << 1,  /* partitions move between readers by themselves */
    BUS_CAP_OWNERS = 1 << 2,  /* a newer reader of a stage and partition fences older ones */
};

struct bus_options {
    const char *client; /* name in logs and metrics, e.g. "classifier-1" */
    int64_t timeout_ms; /* longest wait for an answer of the bus; 0: 10 s */
    size_t queue_bytes; /* publishes not yet acknowledged; 0: 32 MiB */
};

/* Connects to `url` ("local:DIR", "kafka://HOST:PORT"). STATUS_UNSUPPORTED: no such kind of bus;
 * STATUS_TIMEOUT: nobody answers there. */
CHECKED enum status bus_open(const char *url, const struct bus_options *options, struct bus **bus,
                             struct error *err);
/* Closes; what is not acknowledged may or may not stand in the log. NULL is fine. */
void bus_close(struct bus *bus);
unsigned bus_capabilities(const struct bus *bus);

/* ---- topics ---- */

/* Creates the topic, or finds it with the same partition count; STATUS_INVALID if with another. */
CHECKED enum status bus_topic_create(struct bus *bus, const char *topic, uint32_t partitions,
                                     struct error *err);
/* STATUS_NOT_FOUND: no such topic. */
CHECKED enum status bus_topic_partitions(struct bus *bus, const char *topic, uint32_t *partitions,
                                         struct error *err);
/* Removes the topic with its records and commits; fine if there is none. */
CHECKED enum status bus_topic_delete(struct bus *bus, const char *topic, struct error *err);
/* The offset the next record of this partition will get. */
CHECKED enum status bus_end(struct bus *bus, const char *topic, uint32_t partition,
                            uint64_t *offset, struct error *err);
/* Where `stage` would go on reading: the offset it last committed. Takes no ownership.
 * STATUS_NOT_FOUND: it never committed, or there is no such topic. */
CHECKED enum status bus_committed(struct bus *bus, const char *stage,
                                  const struct bus_partition *partition, uint64_t *offset,
                                  struct error *err);

/* ---- publish ---- */

struct bus_message {
    const char *topic;
    uint32_t partition;
    struct slice key;
    struct slice value;
};

/* Filled when the record is acknowledged; must stay where it is until then. */
struct bus_ticket {
    bool acknowledged;
    uint64_t offset;
};

/* Queues a copy of the message; `ticket` may be NULL. STATUS_AGAIN: the queue is full, step the bus
 * and repeat. STATUS_TOO_LARGE: refused, the bus stays usable. */
CHECKED enum status bus_publish(struct bus *bus, const struct bus_message *message,
                                struct bus_ticket *ticket, struct error *err);
/* Moves the network for at most `timeout_ms`: sends, takes acknowledgements; back as soon as one
 * came. */
CHECKED enum status bus_step(struct bus *bus, int64_t timeout_ms, struct error *err);
/* Waits until everything published is acknowledged. STATUS_TIMEOUT is not final: call again. */
CHECKED enum status bus_flush(struct bus *bus, int64_t timeout_ms, struct error *err);

/* ---- read ---- */

struct bus_partition {
    const char *topic;
    uint32_t partition;
};

struct bus_reader_options {
    /* Owner of the commits ("classifier"). NULL: a mere onlooker, without OPEN and commits, that
     * starts every partition at offset 0. */
    const char *stage;
    const struct bus_partition *partitions; /* copied */
    size_t partition_count;
    size_t max_bytes; /* of one batch; 0: 4 MiB. A larger single record is still delivered. */
};

struct bus_record {
    uint64_t offset;
    struct slice key;
    struct slice value;
};

enum bus_event_kind {
    BUS_EVENT_NONE,     /* nothing within the timeout */
    BUS_EVENT_ASSIGNED, /* this partition is ours from now on: offset and metadata last committed */
    /* No longer ours: drop its work. Until the next poll a last commit may be accepted (a group
     * waits a moment for it), later ones are refused. */
    BUS_EVENT_REVOKED,
    BUS_EVENT_RECORDS, /* a batch of one partition, in order, without gaps */
};

struct bus_event {
    enum bus_event_kind kind;
    size_t index;          /* into the reader's partitions */
    uint64_t offset;       /* ASSIGNED: the next to read (0 if never committed) */
    struct slice metadata; /* ASSIGNED: what the last commit carried; empty if never committed */
    const struct bus_record *records;
    size_t record_count;
    uint64_t end; /* ASSIGNED, RECORDS: bus_end as the bus knew it then */
    bool more;    /* ASSIGNED, REVOKED: another of these two is there to be polled */
};

/* Every partition is announced by one ASSIGNED event before its first records; on a bus with
 * BUS_CAP_GROUPS it may come late, never, or again after a REVOKED. On a bus with
 * BUS_CAP_OWNERS opening takes the partitions from whoever had them. */
CHECKED enum status bus_reader_open(struct bus *bus, const struct bus_reader_options *options,
                                    struct bus_reader **reader, struct error *err);
void bus_reader_close(struct bus_reader *reader);

/* The next event; slices in it are valid until the next call on this reader.
 * A fold seeks right after ASSIGNED; nothing of the partition is delivered before that call
 * returns. */
CHECKED enum status bus_reader_poll(struct bus_reader *reader, int64_t timeout_ms,
                                    struct bus_event *event, struct error *err);
/* Continue this partition at `offset`. */
CHECKED enum status bus_reader_seek(struct bus_reader *reader, size_t index, uint64_t offset,
                                    struct error *err);
/* While paused a partition delivers nothing; the reader must still be polled. */
CHECKED enum status bus_reader_pause(struct bus_reader *reader, size_t index, bool paused,
                                     struct error *err);
/* Synchronous: after STATUS_OK a successor starts at `offset`. STATUS_FENCED: the partition has a
 * newer owner, or the group took it (a REVOKED follows). */
CHECKED enum status bus_reader_commit(struct bus_reader *reader, size_t index, uint64_t offset,
                                      struct slice metadata, struct error *err);

#endif
