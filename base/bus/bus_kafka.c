/* The Kafka bus as a struct bus_backend: publishing is here, and the way to everything else.
 * Handles and failures: bus_kafka_client.c. What is known of topics: _topics.c, asked of the
 * cluster by _admin.c. Reading: _reader_open.c and _reader.c; who has which partition: _group.c, on
 * a thread of its own, which talks to the reader through _share.c. Where other groups stand:
 * _place.c. */
#include "base/bus/bus_kafka.h"

#include "base/bus/bus_backend.h"
#include "base/bus/bus_kafka_offsets.h"
#include "base/bus/bus_kafka_place.h"
#include "base/bus/bus_kafka_reader.h"

#include <stdlib.h>

struct kafka_bus {
    struct bus front;
    struct kafka_client client;
    struct kafka_topics topics;
    struct error failure; /* of a delivery */
    size_t pending_count; /* without a delivery report */
    size_t pending_bytes;
};

struct reader {
    struct bus_reader front;
    struct kafka_bus *bus;
    struct kafka_reader *inner;
};

static struct kafka_bus *kafka_of(const struct bus *bus)
{
    return (struct kafka_bus *) bus;
}

static struct reader *reader_of(const struct bus_reader *reader)
{
    return (struct reader *) reader;
}

/* ---- topics ---- */

/* An existing topic is as good as a new one if it keeps what is written into it. */
static enum status find_equal(struct kafka_bus *bus, const char *name, uint32_t partitions,
                              struct error *err)
{
    struct kafka_topic *topic;
    enum status status = kafka_topics_find(&bus->topics, name, &topic, err);

    if (status != STATUS_OK || topic->partitions == partitions)
        return status;
    return error_set(err, STATUS_INVALID, "topic %s has %u partitions, not %u", topic->full,
                     topic->partitions, partitions);
}

static enum status kafka_topic_create(struct bus *front, const char *name, uint32_t partitions,
                                      struct error *err)
{
    struct kafka_bus *bus = kafka_of(front);
    char full[KAFKA_NAME_MAX];
    enum status status = bus->topics.admin->create(
        &bus->client, kafka_name(&bus->client, name, full), partitions, err);

    return status == STATUS_EXISTS ? find_equal(bus, name, partitions, err) : status;
}

static enum status kafka_topic_partitions(struct bus *bus, const char *name, uint32_t *partitions,
                                          struct error *err)
{
    struct kafka_topic *topic;
    enum status status = kafka_topics_find(&kafka_of(bus)->topics, name, &topic, err);

    if (status == STATUS_OK)
        *partitions = topic->partitions;
    return status;
}

static enum status kafka_topic_delete(struct bus *front, const char *name, struct error *err)
{
    struct kafka_bus *bus = kafka_of(front);
    char full[KAFKA_NAME_MAX];
    enum status status;

    /* In any case: a deletion that fails here may have been done, and a new topic of this name may
     * have other partitions. */
    kafka_topics_forget(&bus->topics, name);
    status = bus->topics.admin->remove(&bus->client, kafka_name(&bus->client, name, full), err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status kafka_end(struct bus *front, const char *name, uint32_t partition,
                             uint64_t *offset, struct error *err)
{
    struct kafka_bus *bus = kafka_of(front);
    struct bus_partition at = {name, partition};
    struct kafka_topic *topic;
    rd_kafka_resp_err_t code;
    enum status status = kafka_topics_find_partition(&bus->topics, &at, &topic, err);

    if (status != STATUS_OK)
        return status;
    at.topic = topic->full;
    code = kafka_end_ask(bus->client.producer, &at, kafka_deadline(bus->client.timeout_ms), offset);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_fail(&bus->client.notes, code, err, "the end of %s/%u", topic->full,
                          partition);
    return STATUS_OK;
}

static enum status kafka_committed(struct bus *front, const char *stage,
                                   const struct bus_partition *partition, uint64_t *offset,
                                   struct error *err)
{
    struct kafka_bus *bus = kafka_of(front);
    char group[KAFKA_NAME_MAX];
    struct kafka_topic *topic;
    struct bus_partition at;
    enum status status = kafka_topics_find_partition(&bus->topics, partition, &topic, err);

    if (status != STATUS_OK)
        return status;
    at = (struct bus_partition){topic->full, partition->partition};
    return kafka_place_ask(&bus->client, kafka_name(&bus->client, stage, group), &at, offset, err);
}

/* ---- publish ---- */

/* Within rd_kafka_poll. The first failure of a delivery is the bus's. */
static void on_delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    struct kafka_bus *bus = ((struct kafka_handle *) opaque)->owner;
    struct bus_ticket *ticket = message->_private;

    (void) rk;
    bus->pending_count--;
    bus->pending_bytes -= message->len + message->key_len;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && ticket != NULL)
        *ticket = (struct bus_ticket){true, (uint64_t) message->offset};
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && bus->failure.code == STATUS_OK)
        (void) kafka_fail(&bus->client.notes, message->err, &bus->failure,
                          "a record for %s/%d is not acknowledged",
                          rd_kafka_topic_name(message->rkt), message->partition);
}

static enum status refuse(struct kafka_bus *bus, const struct kafka_topic *topic,
                          rd_kafka_resp_err_t code, struct error *err)
{
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return error_set(err, STATUS_AGAIN, "%zu bytes wait for acknowledgement",
                         bus->pending_bytes);
    return kafka_fail(&bus->client.notes, code, err, "publish to %s", topic->full);
}

static enum status kafka_publish(struct bus *front, const struct bus_message *message,
                                 struct bus_ticket *ticket, struct error *err)
{
    struct kafka_bus *bus = kafka_of(front);
    struct bus_partition to = {message->topic, message->partition};
    struct kafka_topic *topic;
    enum status status = kafka_topics_find_partition(&bus->topics, &to, &topic, err);

    if (status != STATUS_OK)
        return status;
    /* The limit may be passed by one record; the library's own queue has room for it
     * (create_producer). */
    if (bus->pending_count > 0 && bus->pending_bytes >= front->options.queue_bytes)
        return refuse(bus, topic, RD_KAFKA_RESP_ERR__QUEUE_FULL, err);
    if (rd_kafka_produce(topic->handle, (int32_t) message->partition, RD_KAFKA_MSG_F_COPY,
                         (void *) message->value.data, message->value.size, message->key.data,
                         message->key.size, ticket) != 0)
        return refuse(bus, topic, rd_kafka_last_error(), err);
    /* Only now: the delivery report comes within rd_kafka_poll, on this thread, so not before
     * this. */
    bus->pending_count++;
    bus->pending_bytes += message->key.size + message->value.size;
    return STATUS_OK;
}

static enum status kafka_step(struct bus *front, int64_t timeout_ms, struct error *err)
{
    struct kafka_bus *bus = kafka_of(front);
    int64_t deadline = kafka_deadline(timeout_ms);
    size_t before = bus->pending_count;

    /* Complaints wake it as well. */
    do
        (void) rd_kafka_poll(bus->client.producer, kafka_left(deadline));
    while (bus->pending_count == before && kafka_left(deadline) > 0);
    if (bus->failure.code != STATUS_OK)
        return error_set(err, bus->failure.code, "%s", bus->failure.message);
    return STATUS_OK;
}

/* While it flushes, the library does not wait for linger.ms. */
static void kafka_hurry(struct bus *front, int64_t timeout_ms)
{
    (void) rd_kafka_flush(kafka_of(front)->client.producer, kafka_left(kafka_deadline(timeout_ms)));
}

static size_t kafka_pending(const struct bus *bus)
{
    return kafka_of(bus)->pending_count;
}

/* ---- reading ---- */

static enum status kafka_reader_open(struct bus *front, const struct bus_reader_options *options,
                                     struct bus_reader **opened, struct error *err)
{
    struct kafka_bus *bus = kafka_of(front);
    struct reader *reader = calloc(1, sizeof *reader);
    enum status status;

    if (reader == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a reader");
    reader->bus = bus;
    status = kafka_reader_create(&bus->topics, options, &reader->inner, err);
    if (status != STATUS_OK) {
        free(reader);
        return status;
    }
    *opened = &reader->front;
    return STATUS_OK;
}

static void kafka_reader_close(struct bus_reader *reader)
{
    kafka_reader_destroy(reader_of(reader)->inner);
    free(reader);
}

/* Takes acknowledgements on the way, for callers that only poll. */
static enum status reader_poll(struct bus_reader *front, int64_t timeout_ms,
                               struct bus_event *event, struct error *err)
{
    struct reader *reader = reader_of(front);
    int64_t deadline = kafka_deadline(timeout_ms);
    enum status status;

    for (;;) {
        status = kafka_step(&reader->bus->front, 0, err);
        if (status == STATUS_OK)
            status = kafka_reader_next(reader->inner, event, err);
        if (status != STATUS_OK || event->kind != BUS_EVENT_NONE || kafka_left(deadline) == 0)
            return status;
        kafka_reader_wait(reader->inner, kafka_left(deadline));
    }
}

static enum status reader_seek(struct bus_reader *reader, size_t index, uint64_t offset,
                               struct error *err)
{
    return kafka_reader_seek(reader_of(reader)->inner, index, offset, err);
}

static enum status reader_pause(struct bus_reader *reader, size_t index, bool paused,
                                struct error *err)
{
    (void) err;
    kafka_reader_pause(reader_of(reader)->inner, index, paused);
    return STATUS_OK;
}

static enum status reader_commit(struct bus_reader *reader, size_t index, uint64_t offset,
                                 struct slice metadata, struct error *err)
{
    return kafka_reader_commit(reader_of(reader)->inner, index, offset, metadata, err);
}

/* ---- opening ---- */

static void kafka_close(struct bus *front)
{
    struct kafka_bus *bus = kafka_of(front);

    /* Handles of topics belong to the producer, so they go before it. */
    kafka_topics_fini(&bus->topics);
    kafka_client_close(&bus->client);
    free(bus);
}

static const struct bus_backend kafka_backend = {
    .name = "kafka",
    .capabilities = BUS_CAP_DURABLE | BUS_CAP_GROUPS,
    .close = kafka_close,
    .topic_create = kafka_topic_create,
    .topic_partitions = kafka_topic_partitions,
    .topic_delete = kafka_topic_delete,
    .end = kafka_end,
    .committed = kafka_committed,
    .publish = kafka_publish,
    .step = kafka_step,
    .hurry = kafka_hurry,
    .pending = kafka_pending,
    .reader_open = kafka_reader_open,
    .reader_close = kafka_reader_close,
    .reader_poll = reader_poll,
    .reader_seek = reader_seek,
    .reader_pause = reader_pause,
    .reader_commit = reader_commit,
};

void bus_kafka_use_admin(struct bus *bus, const struct kafka_admin *admin)
{
    kafka_of(bus)->topics.admin = admin;
}

enum status bus_kafka_open(const char *address, const struct bus_options *options,
                           struct bus **opened, struct error *err)
{
    struct kafka_bus *bus = calloc(1, sizeof *bus);
    enum status status;

    if (bus == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a bus");
    bus_init(&bus->front, &kafka_backend, clock_system(), options);
    /* Before there is a producer: its callbacks find the bus by this. */
    bus->client.handle.owner = bus;
    bus->topics = (struct kafka_topics){.client = &bus->client, .admin = &kafka_admin_cluster};
    status = kafka_client_open(&bus->client, address, &bus->front.options, on_delivered, err);
    if (status != STATUS_OK) {
        free(bus);
        return status;
    }
    *opened = &bus->front;
    return STATUS_OK;
}
