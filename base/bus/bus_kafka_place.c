#include "base/bus/bus_kafka_place.h"

#include "base/bus/bus_kafka_question.h"

enum { ASK_FIRST_MS = 1000 }; /* then twice as long, and so on */

static rd_kafka_resp_err_t read_group(rd_kafka_event_t *answer, int64_t *offset)
{
    const rd_kafka_topic_partition_list_t *partitions;
    const rd_kafka_group_result_t **groups;
    size_t count = 0;

    groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(answer), &count);
    if (count != 1)
        return RD_KAFKA_RESP_ERR_UNKNOWN;
    if (rd_kafka_group_result_error(groups[0]) != NULL)
        return rd_kafka_error_code(rd_kafka_group_result_error(groups[0]));
    partitions = rd_kafka_group_result_partitions(groups[0]);
    if (partitions == NULL || partitions->cnt != 1)
        return RD_KAFKA_RESP_ERR_UNKNOWN;
    *offset = partitions->elems[0].offset;
    return partitions->elems[0].err;
}

static rd_kafka_resp_err_t ask_group(const struct kafka_client *client, const char *group,
                                     const struct bus_partition *partition, int timeout_ms,
                                     int64_t *offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_ListConsumerGroupOffsets_t *wish;
    struct question question;
    rd_kafka_resp_err_t code;

    (void) rd_kafka_topic_partition_list_add(list, partition->topic,
                                             (int32_t) partition->partition);
    wish = rd_kafka_ListConsumerGroupOffsets_new(group, list);
    rd_kafka_topic_partition_list_destroy(list);
    question_begin(&question, client, client->looker, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    /* Shorter than the request's own time-out: the library would go on asking a wrong
     * coordinator. */
    question.deadline_ms = kafka_deadline(timeout_ms);
    rd_kafka_ListConsumerGroupOffsets(question.rk, &wish, 1, question.options, question.queue);
    code = question_wait(&question);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = read_group(question.answer, offset);
    question_end(&question);
    rd_kafka_ListConsumerGroupOffsets_destroy(wish);
    return code;
}

/* librdkafka 2.0.2 asks the coordinator that it once found for as long as it is asked, even if that
 * answers that it is none any more, or not at all. */
static bool led_astray(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
           code == RD_KAFKA_RESP_ERR__TRANSPORT;
}

enum status kafka_place_ask(struct kafka_client *client, const char *group,
                            const struct bus_partition *partition, uint64_t *offset,
                            struct error *err)
{
    int64_t deadline = kafka_deadline(client->timeout_ms);
    int64_t settle = kafka_deadline(KAFKA_SETTLE_MS);
    int64_t found = RD_KAFKA_OFFSET_INVALID;
    int slice = ASK_FIRST_MS;
    rd_kafka_resp_err_t code;

    do {
        int left = kafka_left(deadline);
        enum status status = kafka_need_looker(client, err);
        if (status != STATUS_OK)
            return status;
        code = ask_group(client, group, partition, left < slice ? left : slice, &found);
        if (code == RD_KAFKA_RESP_ERR__TIMED_OUT)
            slice *= 2;
        if (led_astray(code))
            kafka_drop_looker(client);
    } while (kafka_ask_again(code, deadline, settle));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_fail(&client->notes, code, err, "the place of %s in %s/%u", group,
                          partition->topic, partition->partition);
    /* A group that never committed is no error to the broker: it answers an offset below 0. */
    if (found < 0)
        return error_set(err, STATUS_NOT_FOUND, "%s never committed %s/%u", group, partition->topic,
                         partition->partition);
    *offset = (uint64_t) found;
    return STATUS_OK;
}
