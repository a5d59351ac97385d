/* A reader is one consumer with a queue for each partition. With a stage it joins a group, whose
 * thread assigns what is given; an onlooker starts every partition by hand and stays out of
 * groups. */
#include "base/bus/bus_kafka_group.h"
#include "base/bus/bus_kafka_reader_parts.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    FETCH_BYTES = 1024 * 1024,     /* of one partition in one answer */
    BATCH_BYTES = 4 * 1024 * 1024, /* unless the caller says */
    AHEAD_RECORDS = 100 * 1000,    /* of all partitions; the library's own overhead is bounded so */
    AHEAD_RECORDS_MIN = 1000,
    AHEAD_BYTES_MIN = 256 * 1024, /* of one partition */
};

/* ---- opening ---- */

/* Called with the queue locked. */
static void on_arrived(rd_kafka_t *rk, void *opaque)
{
    const struct kafka_part *part = opaque;

    (void) rk;
    /* Nothing of the library may be called here; the share has a lock of its own, which is never
     * held during a call of the library. */
    kafka_share_arrived(part->reader->share, part->index);
}

static size_t share_of(size_t whole, size_t parts, size_t least)
{
    return whole / parts > least ? whole / parts : least;
}

static enum status set_group(rd_kafka_conf_t *conf, const struct kafka_client *client,
                             const char *stage, struct error *err)
{
    char name[KAFKA_NAME_MAX];

    kafka_group_configure(conf);
    return kafka_conf_set(conf, "group.id", kafka_name(client, stage, name), err);
}

/* What bus.h rests on; set after the settings of the user. */
static enum status set_promises(rd_kafka_conf_t *conf, struct error *err)
{
    static const struct kafka_default promises[] = {
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "error"},
        {"partition.assignment.strategy", "range"},
    };
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < sizeof promises / sizeof promises[0]; i++)
        status = kafka_conf_set(conf, promises[i].name, promises[i].value, err);
    return status;
}

static enum status create_consumer(struct kafka_reader *reader, const char *stage,
                                   struct error *err)
{
    /* With queues of their own the library counts what it fetches ahead by partition. */
    size_t bytes = share_of(KAFKA_AHEAD_BYTES, reader->part_count, AHEAD_BYTES_MIN);
    size_t records = share_of(AHEAD_RECORDS, reader->part_count, AHEAD_RECORDS_MIN);
    struct kafka_default defaults[] = {
        {"queued.max.messages.kbytes", ""},
        {"queued.min.messages", ""},
        {"fetch.message.max.bytes", ""},
        {"fetch.error.backoff.ms", "100"},
        {"fetch.wait.max.ms",
         "100"}, /* a partition that was just given waits for the last answer */
        /* After a session the group gives a dead machine's partitions to others; with a heartbeat
         * its members hear that something moves. */
        {"session.timeout.ms", "10000"},
        {"heartbeat.interval.ms", "1000"},
        {"topic.metadata.refresh.interval.ms",
         "5000"}, /* a topic that one broker knew nothing of */
        /* The library's default is false: a broken record would come through as data. */
        {"check.crcs", "true"},
        {NULL, ""},
    };
    rd_kafka_conf_t *conf = NULL;
    enum status status;

    (void) snprintf(defaults[0].value, sizeof defaults[0].value, "%zu", bytes / 1024);
    (void) snprintf(defaults[1].value, sizeof defaults[1].value, "%zu", records);
    (void) snprintf(defaults[2].value, sizeof defaults[2].value, "%zu",
                    bytes < FETCH_BYTES ? bytes : (size_t) FETCH_BYTES);
    status = kafka_conf_create(reader->client, &reader->handle, defaults, &conf, err);
    if (status != STATUS_OK)
        return status;
    status = set_promises(conf, err);
    if (status == STATUS_OK && stage != NULL)
        status = set_group(conf, reader->client, stage, err);
    if (status != STATUS_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    return kafka_handle_create(RD_KAFKA_CONSUMER, conf, &reader->consumer, err);
}

/* Forwarding is taken off before the partition is ever assigned, so that no record takes the way
 * through the group's thread. */
static enum status open_part(struct kafka_reader *reader, size_t index, struct error *err)
{
    const rd_kafka_topic_partition_t *place = &reader->places->elems[index];
    struct kafka_part *part = &reader->parts[index];

    part->reader = reader;
    part->index = index;
    part->held = calloc(KAFKA_BATCH_RECORDS, sizeof(rd_kafka_message_t *));
    part->queue = rd_kafka_queue_get_partition(reader->consumer, place->topic, place->partition);
    if (part->held == NULL || part->queue == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a reader");
    rd_kafka_queue_forward(part->queue, NULL);
    rd_kafka_queue_cb_event_enable(part->queue, on_arrived, part);
    return STATUS_OK;
}

static enum status start_part(struct kafka_reader *reader, size_t index, struct error *err)
{
    const rd_kafka_topic_partition_t *place = &reader->places->elems[index];
    rd_kafka_topic_t *handle = rd_kafka_topic_new(reader->consumer, place->topic, NULL);

    if (handle == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a reader");
    if (rd_kafka_consume_start(handle, place->partition, 0) != 0) {
        rd_kafka_topic_destroy(handle);
        return kafka_fail(&reader->client->notes, rd_kafka_last_error(), err, "read %s/%d",
                          place->topic, place->partition);
    }
    reader->parts[index].handle = handle;
    return STATUS_OK;
}

static enum status look_on(struct kafka_reader *reader, struct error *err)
{
    struct kafka_asker asker = {reader->client, reader->consumer, false};
    struct kafka_grant *grants = calloc(reader->part_count, sizeof *grants);
    enum status status;

    if (grants == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a reader");
    status = kafka_grants_read(&asker, reader->places, grants, err);
    for (size_t i = 0; status == STATUS_OK && i < reader->part_count; i++) {
        status = start_part(reader, i, err);
        if (status == STATUS_OK)
            kafka_share_grant(reader->share, &i, &grants[i], 1);
    }
    free(grants);
    return status;
}

static enum status start(struct kafka_reader *reader, const struct bus_reader_options *options,
                         struct error *err)
{
    struct kafka_group_options wish = {
        .client = reader->client,
        .handle = &reader->handle,
        .share = reader->share,
        .wishes = reader->places,
    };
    enum status status = create_consumer(reader, options->stage, err);

    if (status == STATUS_OK) {
        reader->nudge = kafka_nudge_create(reader->consumer, reader->places);
        if (reader->nudge == NULL)
            status = error_set(err, STATUS_NOMEM, "no memory for a reader");
    }
    for (size_t i = 0; status == STATUS_OK && i < reader->part_count; i++)
        status = open_part(reader, i, err);
    if (status != STATUS_OK)
        return status;
    if (options->stage == NULL)
        return look_on(reader, err);
    wish.consumer = reader->consumer;
    return kafka_group_join(&wish, &reader->group, err);
}

static enum status list_places(struct kafka_reader *reader, struct kafka_topics *topics,
                               const struct bus_reader_options *options, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < options->partition_count; i++) {
        struct kafka_topic *topic;
        status = kafka_topics_find_partition(topics, &options->partitions[i], &topic, err);
        if (status == STATUS_OK)
            (void) rd_kafka_topic_partition_list_add(reader->places, topic->full,
                                                     (int32_t) options->partitions[i].partition);
    }
    return status;
}

enum status kafka_reader_create(struct kafka_topics *topics,
                                const struct bus_reader_options *options,
                                struct kafka_reader **reader, struct error *err)
{
    size_t count = options->partition_count;
    struct kafka_reader *made = calloc(1, sizeof *made + count * sizeof(struct kafka_part));
    enum status status;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a reader");
    made->client = topics->client;
    made->handle.notes = &topics->client->notes;
    made->max_bytes = options->max_bytes == 0 ? BATCH_BYTES : options->max_bytes;
    made->part_count = count;
    made->places = rd_kafka_topic_partition_list_new((int) count);
    made->share = kafka_share_create(count);
    made->records = calloc(KAFKA_BATCH_RECORDS, sizeof *made->records);
    status = made->share == NULL || made->records == NULL
                 ? error_set(err, STATUS_NOMEM, "no memory for a reader")
                 : list_places(made, topics, options, err);
    if (status == STATUS_OK)
        status = start(made, options, err);
    if (status != STATUS_OK) {
        kafka_reader_destroy(made);
        return status;
    }
    *reader = made;
    return STATUS_OK;
}

/* ---- closing ---- */

void kafka_part_drop(struct kafka_part *part)
{
    for (size_t i = part->held_given; i < part->held_count; i++)
        rd_kafka_message_destroy(part->held[i]);
    part->held_given = part->held_next = part->held_count = 0;
}

static void close_part(struct kafka_part *part)
{
    kafka_part_drop(part);
    free(part->held);
    if (part->queue != NULL) {
        rd_kafka_queue_cb_event_enable(part->queue, NULL, NULL);
        rd_kafka_queue_destroy(part->queue);
    }
}

static void stop_part(struct kafka_part *part, int32_t partition)
{
    if (part->handle == NULL)
        return;
    (void) rd_kafka_consume_stop(part->handle, partition);
    rd_kafka_topic_destroy(part->handle);
}

void kafka_reader_destroy(struct kafka_reader *reader)
{
    if (reader == NULL)
        return;
    /* From the outside in: the nudge asks by the consumer; messages, queues and topic handles
     * belong to it; the thread of the group, which polls it, fills the share. */
    kafka_nudge_destroy(reader->nudge);
    for (size_t i = 0; i < reader->part_count; i++)
        close_part(&reader->parts[i]);
    kafka_group_leave(reader->group);
    for (size_t i = 0; i < reader->part_count; i++)
        stop_part(&reader->parts[i], (int32_t) reader->places->elems[i].partition);
    if (reader->consumer != NULL)
        rd_kafka_destroy(reader->consumer);
    rd_kafka_topic_partition_list_destroy(reader->places);
    kafka_share_destroy(reader->share);
    free(reader->records);
    free(reader);
}
