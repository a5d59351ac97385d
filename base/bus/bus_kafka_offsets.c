#include "base/bus/bus_kafka_offsets.h"

#include <string.h>

enum { END_BY_TIME = -1, ASK_FIRST_MS = 1000 };

static const char hex_mark[] = "hex:";

/* ---- metadata ---- */

/* What happens to begin with the mark counts as unreadable: as it is it would be taken for
 * digits. */
static bool readable(struct slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i] < ' ' || bytes.data[i] > '~')
            return false;
    return !slice_starts(bytes, slice_from(hex_mark));
}

/* Always fits: bus.c lets at most BUS_METADATA_MAX bytes through. */
void kafka_metadata_write(struct slice bytes, char text[KAFKA_METADATA_MAX])
{
    static const char digits[] = "0123456789abcdef";
    size_t size = 0;

    if (readable(bytes)) {
        if (bytes.size > 0)
            memcpy(text, bytes.data, bytes.size);
        text[bytes.size] = '\0';
        return;
    }
    memcpy(text, hex_mark, sizeof hex_mark - 1);
    size = sizeof hex_mark - 1;
    for (size_t i = 0; i < bytes.size; i++) {
        text[size++] = digits[(unsigned char) bytes.data[i] >> 4];
        text[size++] = digits[(unsigned char) bytes.data[i] & 15];
    }
    text[size] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t kafka_metadata_read(struct slice text, char bytes[BUS_METADATA_MAX])
{
    size_t size = 0;

    if (!slice_starts(text, slice_from(hex_mark))) {
        size = text.size < BUS_METADATA_MAX ? text.size : BUS_METADATA_MAX;
        if (size > 0)
            memcpy(bytes, text.data, size);
        return size;
    }
    for (size_t i = sizeof hex_mark - 1; i + 1 < text.size && size < BUS_METADATA_MAX; i += 2) {
        int high = hex_value(text.data[i]);
        int low = hex_value(text.data[i + 1]);
        if (high < 0 || low < 0)
            break;
        bytes[size++] = (char) (unsigned char) (16 * high + low);
    }
    return size;
}

/* ---- places ---- */

static rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++)
        if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return list->elems[i].err;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* The library looks for the leaders once and then asks these until the time-out, though others lead
 * a dead one's partitions within seconds; so it gets short time-outs, each longer than the last. */
static rd_kafka_resp_err_t ask_ends(rd_kafka_t *consumer, rd_kafka_topic_partition_list_t *list,
                                    int64_t deadline)
{
    int64_t settle = kafka_deadline(KAFKA_SETTLE_MS);
    int slice = ASK_FIRST_MS;
    rd_kafka_resp_err_t code;

    do {
        int left = kafka_left(deadline);

        for (int i = 0; i < list->cnt; i++) {
            /* The question stands where the answer was written the last time. */
            list->elems[i].offset = END_BY_TIME;
            list->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
        }
        code = rd_kafka_offsets_for_times(consumer, list, left < slice ? left : slice);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            code = first_error(list);
        if (code == RD_KAFKA_RESP_ERR__TIMED_OUT)
            slice *= 2;
    } while (kafka_ask_again(code, deadline, settle));
    return code;
}

rd_kafka_resp_err_t kafka_end_ask(rd_kafka_t *rk, const struct bus_partition *partition,
                                  int64_t deadline, uint64_t *end)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t code;

    (void) rd_kafka_topic_partition_list_add(list, partition->topic,
                                             (int32_t) partition->partition);
    code = ask_ends(rk, list, deadline);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        *end = (uint64_t) list->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

static rd_kafka_resp_err_t ask_places(rd_kafka_t *consumer, rd_kafka_topic_partition_list_t *list,
                                      int64_t deadline)
{
    int64_t settle = kafka_deadline(KAFKA_SETTLE_MS);
    rd_kafka_resp_err_t code;

    do {
        code = rd_kafka_committed(consumer, list, kafka_left(deadline));
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            code = first_error(list);
    } while (kafka_ask_again(code, deadline, settle));
    return code;
}

/* Places before ends: what is appended in between only moves the ends. */
enum status kafka_grants_read(const struct kafka_asker *asker,
                              const rd_kafka_topic_partition_list_t *list,
                              struct kafka_grant *grants, struct error *err)
{
    int64_t deadline = kafka_deadline(asker->client->timeout_ms);
    /* Copies, since answers are written into the list that asks. */
    rd_kafka_topic_partition_list_t *places = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (asker->group && list->cnt > 0)
        code = ask_places(asker->consumer, places, deadline);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR && list->cnt > 0)
        code = ask_ends(asker->consumer, ends, deadline);
    for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *place = &places->elems[i];
        grants[i] = (struct kafka_grant){.end = (uint64_t) ends->elems[i].offset};
        /* Below 0: the group never committed this partition. */
        if (!asker->group || place->offset < 0)
            continue;
        grants[i].offset = (uint64_t) place->offset;
        if (grants[i].offset > grants[i].end)
            grants[i].offset = grants[i].end;
        grants[i].metadata_size = kafka_metadata_read(
            slice_of(place->metadata, place->metadata_size), grants[i].metadata);
    }
    rd_kafka_topic_partition_list_destroy(places);
    rd_kafka_topic_partition_list_destroy(ends);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    return kafka_fail(&asker->client->notes, code, err, "places in %d partitions of %s", list->cnt,
                      list->elems[0].topic);
}

/* ---- commits ---- */

/* With a queue of our own for the answer: rd_kafka_commit would wait for it without any limit. */
static rd_kafka_resp_err_t ask_commit(rd_kafka_t *consumer,
                                      const rd_kafka_topic_partition_list_t *list, int timeout_ms)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(consumer);
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(consumer, list, queue, NULL, NULL);
    rd_kafka_event_t *answer = NULL;

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        answer = rd_kafka_queue_poll(queue, timeout_ms);
        code = answer == NULL ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(answer);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = first_error(rd_kafka_event_topic_partition_list(answer));
    if (answer != NULL)
        rd_kafka_event_destroy(answer);
    rd_kafka_queue_destroy(queue);
    return code;
}

enum status kafka_commit(struct kafka_client *client, rd_kafka_t *consumer,
                         const rd_kafka_topic_partition_list_t *list, int64_t deadline_ms,
                         struct error *err)
{
    rd_kafka_resp_err_t code = ask_commit(consumer, list, kafka_left(deadline_ms));

    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    if (kafka_passes(code) && kafka_left(deadline_ms) > 0)
        return STATUS_AGAIN;
    return kafka_fail(&client->notes, code, err, "commit of %s/%d", list->elems[0].topic,
                      list->elems[0].partition);
}
