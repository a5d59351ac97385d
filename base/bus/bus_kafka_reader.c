/* The path of a record: librdkafka fetches it into the queue of its partition; refill takes up to
 * KAFKA_BATCH_RECORDS messages of one queue into part->held; deliver shows some of them as an
 * event, whose slices point into the messages; the next call of any kind destroys what was shown
 * (enter). The rest of `held` waits for the next turn of its partition. */
#include "base/bus/bus_kafka_reader.h"

#include "base/bus/bus_kafka_reader_parts.h"

#include <string.h>

enum { SEEK_AGAIN_MS = 2, SEEK_SLICE_MS = 1000, COMMIT_AGAIN_MS = 20 };

/* ---- events ---- */

/* What the last event showed is gone with the next call. */
static void enter(struct kafka_reader *reader)
{
    struct kafka_part *part = reader->batch;

    if (part == NULL)
        return;
    for (size_t i = part->held_given; i < part->held_next; i++)
        rd_kafka_message_destroy(part->held[i]);
    part->held_given = part->held_next;
    reader->batch = NULL;
}

static void tell_news(struct kafka_reader *reader, const struct kafka_news *news,
                      struct bus_event *event)
{
    struct kafka_part *part = &reader->parts[news->index];

    /* What is held was fetched under the grant before this one. */
    kafka_part_drop(part);
    part->assigned = news->kind == BUS_EVENT_ASSIGNED;
    /* Fetching began when the group gave it, so its queue may be full already. */
    part->more = part->assigned;
    event->kind = news->kind;
    event->more = news->more;
    event->index = news->index;
    if (!part->assigned)
        return;
    /* A copy, since the event points to the metadata and `news` is the caller's. */
    reader->told = news->grant;
    event->offset = reader->told.offset;
    event->end = reader->told.end;
    event->metadata = slice_of(reader->told.metadata, reader->told.metadata_size);
}

/* A queue brings records, and failures of its partition among them. */
static enum status sort_out(struct kafka_reader *reader, struct kafka_part *part, size_t count,
                            struct error *err)
{
    const rd_kafka_topic_partition_t *place = &reader->places->elems[part->index];
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

    part->held_given = part->held_next = part->held_count = 0;
    for (size_t i = 0; i < count; i++) {
        rd_kafka_message_t *message = part->held[i];
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            part->held[part->held_count++] = message;
            continue;
        }
        /* What passes the library goes on trying by itself. */
        if (!kafka_passes(message->err))
            code = message->err;
        rd_kafka_message_destroy(message);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    return kafka_fail(&reader->client->notes, code, err, "read %s/%d", place->topic,
                      place->partition);
}

/* As the last fetch told, without a question to anybody; never below what we have in hand. */
static uint64_t end_of(struct kafka_reader *reader, const struct kafka_part *part)
{
    const rd_kafka_topic_partition_t *place = &reader->places->elems[part->index];
    uint64_t behind = (uint64_t) part->held[part->held_count - 1]->offset + 1;
    int64_t low;
    int64_t high = 0;

    if (rd_kafka_get_watermark_offsets(reader->consumer, place->topic, place->partition, &low,
                                       &high) != RD_KAFKA_RESP_ERR_NO_ERROR)
        high = 0;
    return high > (int64_t) behind ? (uint64_t) high : behind;
}

/* Half of what was fetched ahead is gone, and there is more in the log. */
static void look_ahead(struct kafka_reader *reader, struct kafka_part *part)
{
    size_t left = rd_kafka_queue_length(part->queue);
    uint64_t behind = (uint64_t) part->held[part->held_count - 1]->offset + 1;

    if (left > part->ahead)
        part->ahead = left;
    if (2 * left > part->ahead)
        return;
    part->ahead = left;
    if (end_of(reader, part) > behind + left)
        kafka_nudge(reader->nudge, part->index);
}

/* The flag is taken down before the look, so what comes in between is not overlooked. */
static enum status refill(struct kafka_reader *reader, struct kafka_part *part, struct error *err)
{
    enum status status;
    ssize_t count;

    if (kafka_share_take_arrived(reader->share, part->index))
        part->more = true;
    if (!part->more)
        return STATUS_OK;
    count = rd_kafka_consume_batch_queue(part->queue, 0, part->held, KAFKA_BATCH_RECORDS);
    part->more = count > 0;
    status = sort_out(reader, part, count > 0 ? (size_t) count : 0, err);
    if (status == STATUS_OK && part->held_count > 0)
        look_ahead(reader, part);
    return status;
}

static void deliver(struct kafka_reader *reader, struct kafka_part *part, struct bus_event *event)
{
    size_t bytes = 0;
    size_t count = 0;

    for (; part->held_next < part->held_count; part->held_next++, count++) {
        const rd_kafka_message_t *message = part->held[part->held_next];
        if (count > 0 && bytes + message->len + message->key_len > reader->max_bytes)
            break;
        bytes += message->len + message->key_len;
        reader->records[count] = (struct bus_record){
            .offset = (uint64_t) message->offset,
            .key = slice_of(message->key, message->key_len),
            .value = slice_of(message->payload, message->len),
        };
    }
    reader->batch = part;
    /* The next look begins behind it, so that a busy partition starves none. */
    reader->cursor = part->index + 1;
    event->kind = BUS_EVENT_RECORDS;
    event->index = part->index;
    event->records = reader->records;
    event->record_count = count;
    event->end = end_of(reader, part);
}

enum status kafka_reader_next(struct kafka_reader *reader, struct bus_event *event,
                              struct error *err)
{
    struct kafka_news news;
    bool any = false;
    enum status status;

    enter(reader);
    event->kind = BUS_EVENT_NONE;
    if (reader->group == NULL)
        (void) rd_kafka_poll(reader->consumer, 0); /* its complaints */
    /* Changes of ownership go before records, so none is shown of a partition that is recalled. */
    status = kafka_share_next(reader->share, &news, &any, err);
    if (status == STATUS_OK && any)
        tell_news(reader, &news, event);
    if (status != STATUS_OK || any)
        return status;
    for (size_t i = 0; i < reader->part_count; i++) {
        struct kafka_part *part = &reader->parts[(reader->cursor + i) % reader->part_count];
        if (!part->assigned || part->paused)
            continue;
        /* Only when all was shown: `held` is filled from its beginning. */
        if (part->held_next == part->held_count)
            status = refill(reader, part, err);
        if (status != STATUS_OK)
            return status;
        if (part->held_next == part->held_count)
            continue;
        deliver(reader, part, event);
        break;
    }
    return STATUS_OK;
}

void kafka_reader_wait(struct kafka_reader *reader, int64_t timeout_ms)
{
    kafka_share_wait(reader->share, timeout_ms);
}

/* ---- places ---- */

static rd_kafka_topic_partition_list_t *list_one(const struct kafka_reader *reader, size_t index,
                                                 uint64_t offset)
{
    const rd_kafka_topic_partition_t *place = &reader->places->elems[index];
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

    rd_kafka_topic_partition_list_add(list, place->topic, place->partition)->offset =
        (int64_t) offset;
    return list;
}

static rd_kafka_resp_err_t ask_seek(struct kafka_reader *reader,
                                    rd_kafka_topic_partition_list_t *list, int left_ms)
{
    rd_kafka_error_t *error = rd_kafka_seek_partitions(
        reader->consumer, list, left_ms < SEEK_SLICE_MS ? left_ms : SEEK_SLICE_MS);
    rd_kafka_resp_err_t code = list->elems[0].err;

    if (error == NULL)
        return code;
    code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
}

/* A partition that was just assigned takes a moment until it is started, and can be moved; so does
 * one of a topic that the client has not heard of yet. */
static bool seek_again(rd_kafka_resp_err_t code, int64_t deadline_ms)
{
    if (kafka_left(deadline_ms) == 0 ||
        (code != RD_KAFKA_RESP_ERR__STATE && code != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION &&
         code != RD_KAFKA_RESP_ERR__IN_PROGRESS && !kafka_passes(code)))
        return false;
    clock_sleep_ms(clock_system(), SEEK_AGAIN_MS);
    return true;
}

enum status kafka_reader_seek(struct kafka_reader *reader, size_t index, uint64_t offset,
                              struct error *err)
{
    const rd_kafka_topic_partition_t *place = &reader->places->elems[index];
    int64_t deadline = kafka_deadline(reader->client->timeout_ms);
    rd_kafka_topic_partition_list_t *list = list_one(reader, index, offset);
    rd_kafka_resp_err_t code;

    enter(reader);
    /* Fetched at the old place. */
    kafka_part_drop(&reader->parts[index]);
    do
        code = ask_seek(reader, list, kafka_left(deadline));
    while (seek_again(code, deadline));
    rd_kafka_topic_partition_list_destroy(list);
    reader->parts[index].more = true;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    return kafka_fail(&reader->client->notes, code, err, "go to %llu of %s/%d",
                      (unsigned long long) offset, place->topic, place->partition);
}

void kafka_reader_pause(struct kafka_reader *reader, size_t index, bool paused)
{
    enter(reader);
    reader->parts[index].paused = paused;
}

/* Between two attempts the group may take the partition, which answers the question. */
static enum status commit_list(struct kafka_reader *reader, size_t index,
                               const rd_kafka_topic_partition_list_t *list, struct error *err)
{
    int64_t deadline = kafka_deadline(reader->client->timeout_ms);
    enum status status;

    for (;;) {
        if (!kafka_share_commit_begin(reader->share, index))
            return error_set(err, STATUS_FENCED, "the group took %s/%d", list->elems[0].topic,
                             list->elems[0].partition);
        status = kafka_commit(reader->client, reader->consumer, list, deadline, err);
        kafka_share_commit_end(reader->share);
        if (status != STATUS_AGAIN)
            return status;
        clock_sleep_ms(clock_system(), COMMIT_AGAIN_MS);
    }
}

enum status kafka_reader_commit(struct kafka_reader *reader, size_t index, uint64_t offset,
                                struct slice metadata, struct error *err)
{
    rd_kafka_topic_partition_list_t *list;
    char text[KAFKA_METADATA_MAX];
    enum status status;

    enter(reader);
    if (reader->group == NULL)
        return error_set(err, STATUS_USAGE, "an onlooker commits nothing");
    list = list_one(reader, index, offset);
    kafka_metadata_write(metadata, text);
    list->elems[0].metadata = text;
    list->elems[0].metadata_size = strlen(text);
    status = commit_list(reader, index, list, err);
    list->elems[0].metadata = NULL; /* it is ours */
    rd_kafka_topic_partition_list_destroy(list);
    return status;
}
