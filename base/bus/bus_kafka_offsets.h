/*
 * bus_kafka_offsets: where partitions end, where a group stands in them, and how it says so.
 *
 * Ends     of many partitions are asked for at once: a look-up by time with the time -1 means the
 *          end in the protocol (ListOffsets), one request a broker.
 * Metadata On Kafka the bytes that ride on a commit are a text that its tools show: printable ASCII
 *          stands as it is, anything else (and what begins with "hex:") as "hex:" and digits.
 * Waiting  What passes by itself (a leader moves, a coordinator loads) is asked again until the
 *          time-out.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_OFFSETS_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_OFFSETS_H

#include "base/bus/bus_kafka_client.h"
#include "base/bus/bus_kafka_share.h"

enum { KAFKA_METADATA_MAX = 2 * BUS_METADATA_MAX + 5 }; /* with its NUL */

/* Who asks. */
struct kafka_asker {
    struct kafka_client *client;
    rd_kafka_t *consumer;
    bool group; /* else an onlooker, who stands at 0 everywhere */
};

/* The place of each partition of `list`, in its order: the offset committed, 0 if none was, and the
 * end. A place beyond the end, of a log that lost its tail, is the end. */
CHECKED enum status kafka_grants_read(const struct kafka_asker *asker,
                                      const rd_kafka_topic_partition_list_t *list,
                                      struct kafka_grant *grants, struct error *err);
/* Where one partition ends, `topic` being its full name, until `deadline`. The client library's own
 * question for it (rd_kafka_query_watermark_offsets) waits for a broker that is gone for ever. */
rd_kafka_resp_err_t kafka_end_ask(rd_kafka_t *rk, const struct bus_partition *partition,
                                  int64_t deadline, uint64_t *end);
/* One commit and its answer. STATUS_AGAIN: the group has no answer now, ask again. */
CHECKED enum status kafka_commit(struct kafka_client *client, rd_kafka_t *consumer,
                                 const rd_kafka_topic_partition_list_t *list, int64_t deadline_ms,
                                 struct error *err);

/* The text of at most BUS_METADATA_MAX bytes. */
void kafka_metadata_write(struct slice bytes, char text[KAFKA_METADATA_MAX]);
/* The bytes of a text; what no xunfang wrote gives as much as fits. Returns their number. */
size_t kafka_metadata_read(struct slice text, char bytes[BUS_METADATA_MAX]);

#endif
