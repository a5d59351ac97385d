#include "base/bus/bus_kafka_group.h"

#include "base/bus/bus_kafka_offsets.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 100 };

struct kafka_group {
    struct kafka_group_options options;
    pthread_t thread;
    bool running;
    atomic_bool stopping;
};

/* ---- what the group says ---- */

static int find_wish(const struct kafka_group *group, const rd_kafka_topic_partition_t *given)
{
    const rd_kafka_topic_partition_list_t *wishes = group->options.wishes;

    for (int i = 0; i < wishes->cnt; i++)
        if (wishes->elems[i].partition == given->partition &&
            strcmp(wishes->elems[i].topic, given->topic) == 0)
            return i;
    return -1;
}

/* A group shares out whole topics, and a reader may have asked for some partitions of one only. */
static rd_kafka_topic_partition_list_t *choose_wanted(const struct kafka_group *group,
                                                      const rd_kafka_topic_partition_list_t *given)
{
    rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new(given->cnt);

    for (int i = 0; i < given->cnt; i++)
        if (find_wish(group, &given->elems[i]) >= 0)
            (void) rd_kafka_topic_partition_list_add(wanted, given->elems[i].topic,
                                                     given->elems[i].partition);
    return wanted;
}

/* Fetching begins at the place looked up, before the reader knows: the first records are there when
 * it asks for them. */
static enum status take(struct kafka_group *group, rd_kafka_topic_partition_list_t *wanted,
                        struct kafka_grant *grants, size_t *indexes, struct error *err)
{
    struct kafka_asker asker = {group->options.client, group->options.consumer, true};
    rd_kafka_resp_err_t code;
    enum status status = kafka_grants_read(&asker, wanted, grants, err);

    if (status != STATUS_OK)
        return status;
    for (int i = 0; i < wanted->cnt; i++)
        wanted->elems[i].offset = (int64_t) grants[i].offset;
    code = rd_kafka_assign(asker.consumer, wanted);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_fail(&group->options.client->notes, code, err, "take partitions");
    for (int i = 0; i < wanted->cnt; i++)
        indexes[i] = (size_t) find_wish(group, &wanted->elems[i]);
    kafka_share_grant(group->options.share, indexes, grants, (size_t) wanted->cnt);
    return STATUS_OK;
}

static void take_given(struct kafka_group *group, const rd_kafka_topic_partition_list_t *given)
{
    rd_kafka_topic_partition_list_t *wanted = choose_wanted(group, given);
    /* One more than needed: a share may be empty, and calloc of nothing may give NULL. */
    struct kafka_grant *grants = calloc((size_t) wanted->cnt + 1, sizeof *grants);
    size_t *indexes = calloc((size_t) wanted->cnt + 1, sizeof *indexes);
    struct error err;
    enum status status = grants == NULL || indexes == NULL
                             ? error_set(&err, STATUS_NOMEM, "take partitions")
                             : take(group, wanted, grants, indexes, &err);

    if (status != STATUS_OK)
        kafka_share_fail(group->options.share, status, err.message);
    free(grants);
    free(indexes);
    rd_kafka_topic_partition_list_destroy(wanted);
}

/* Within rd_kafka_consumer_poll or rd_kafka_consumer_close; the group waits for our
 * rd_kafka_assign. So the order keeps two owners apart: the reader hears of it and commits a last
 * time, then commits under the old grant are refused here, and only then the partitions are let go.
 * If the membership is lost, somebody else may have them already: then nothing that the reader has
 * yet to commit counts, and nobody waits. */
static void on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t *given, void *opaque)
{
    struct kafka_group *group = ((struct kafka_handle *) opaque)->owner;
    struct kafka_share *share = group->options.share;

    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        take_given(group, given);
        return;
    }
    kafka_share_recall(share);
    if (code == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS && rd_kafka_assignment_lost(rk) == 0)
        (void) kafka_share_await(share, KAFKA_RECALL_MS);
    kafka_share_forfeit(share);
    (void) rd_kafka_assign(rk, NULL);
}

/* A consumer tells of failures that it goes on trying to overcome, and of those that it cannot. A
 * topic that is not there is one that the broker asked has not heard of yet: we have found it. */
static void take_failure(struct kafka_group *group, rd_kafka_resp_err_t code, const char *text)
{
    if (!kafka_passes(code) && code != RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED &&
        code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART &&
        code != RD_KAFKA_RESP_ERR__PARTITION_EOF && kafka_status(code) != STATUS_FENCED)
        kafka_share_fail(group->options.share, kafka_status(code), text);
}

static void *run(void *self)
{
    struct kafka_group *group = self;

    while (!atomic_load(&group->stopping)) {
        /* Rebalances and failures only: records wait in the queues of their partitions. */
        rd_kafka_message_t *message = rd_kafka_consumer_poll(group->options.consumer, POLL_MS);
        (void) rd_kafka_poll(group->options.consumer, 0); /* its complaints */
        if (message == NULL)
            continue;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            take_failure(group, message->err, rd_kafka_message_errstr(message));
        rd_kafka_message_destroy(message);
    }
    return NULL;
}

/* ---- membership ---- */

void kafka_group_configure(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
}

static rd_kafka_resp_err_t subscribe(const struct kafka_group *group)
{
    const rd_kafka_topic_partition_list_t *wishes = group->options.wishes;
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_resp_err_t code;

    for (int i = 0; i < wishes->cnt; i++)
        if (rd_kafka_topic_partition_list_find(topics, wishes->elems[i].topic,
                                               RD_KAFKA_PARTITION_UA) == NULL)
            (void) rd_kafka_topic_partition_list_add(topics, wishes->elems[i].topic,
                                                     RD_KAFKA_PARTITION_UA);
    code = rd_kafka_subscribe(group->options.consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return code;
}

enum status kafka_group_join(const struct kafka_group_options *options, struct kafka_group **group,
                             struct error *err)
{
    struct kafka_group *made = calloc(1, sizeof *made);
    rd_kafka_resp_err_t code;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a reader");
    made->options = *options;
    /* Before there can be a rebalance: on_rebalance finds the group by it. */
    options->handle->owner = made;
    code = subscribe(made);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        free(made);
        return kafka_fail(&options->client->notes, code, err, "join the group");
    }
    made->running = pthread_create(&made->thread, NULL, run, made) == 0;
    if (!made->running) {
        kafka_group_leave(made);
        return error_set(err, STATUS_NOMEM, "no thread for a reader");
    }
    *group = made;
    return STATUS_OK;
}

/* The last rebalance is ours to serve: the thread is gone. */
void kafka_group_leave(struct kafka_group *group)
{
    if (group == NULL)
        return;
    /* First, for the thread may be in a rebalance and wait for a reader that will not look
     * again. */
    kafka_share_close(group->options.share);
    atomic_store(&group->stopping, true);
    if (group->running) {
        rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(group->options.consumer);
        /* Ends the poll that the thread is in. */
        rd_kafka_queue_yield(queue);
        rd_kafka_queue_destroy(queue);
        (void) pthread_join(group->thread, NULL);
    }
    (void) rd_kafka_consumer_close(group->options.consumer);
    free(group);
}
