/* That a topic is made, that its partitions have leaders and that every broker has heard of it are
 * three moments, some of them seconds apart. What is answered in between looks like a topic that
 * does not exist or has no partitions, so create, remove and vet ask again until the last of
 * them. */
#include "base/bus/bus_kafka_admin.h"

#include "base/bus/bus_kafka_question.h"
#include "base/util/slice.h"

#include <stdio.h>
#include <string.h>

enum {
    REPLICAS_MAX = 3, /* one broker may die, and two still have every record */
    LOOK_AGAIN_MS = 20,
    ANY_BROKER = -1,
    ONE_BROKER_MS = 2000, /* a certain broker, which may be dead, is not waited for any longer */
};

/* ---- metadata ---- */

/* By a handle of the topic, since a question about all topics would bring the whole cluster's. */
static enum status ask_metadata(struct kafka_client *client, const char *topic,
                                const struct rd_kafka_metadata **metadata, struct error *err)
{
    rd_kafka_topic_t *handle =
        topic == NULL ? NULL : rd_kafka_topic_new(client->producer, topic, NULL);
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(client->producer, 0, handle, metadata, client->timeout_ms);

    if (handle != NULL)
        rd_kafka_topic_destroy(handle);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    return kafka_fail(&client->notes, code, err, "topic %s", topic == NULL ? "list" : topic);
}

/* Partitions that have a leader; *code is the topic's own failure. */
static uint32_t count_led(const struct rd_kafka_metadata *metadata, uint32_t *partitions,
                          rd_kafka_resp_err_t *code)
{
    const struct rd_kafka_metadata_topic *topic = &metadata->topics[0];
    uint32_t led = 0;

    *partitions = 0;
    *code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (metadata->topic_cnt != 1)
        return 0;
    *code = topic->err;
    *partitions = (uint32_t) topic->partition_cnt;
    for (int i = 0; i < topic->partition_cnt; i++)
        if (topic->partitions[i].leader >= 0)
            led++;
    return led;
}

static enum status look(struct kafka_client *client, const char *topic, uint32_t *partitions,
                        uint32_t *led, struct error *err)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code;
    enum status status = ask_metadata(client, topic, &metadata, err);

    if (status != STATUS_OK)
        return status;
    *led = count_led(metadata, partitions, &code);
    rd_kafka_metadata_destroy(metadata);
    /* Partitions whose leader is just moving are a matter of *led, not a failure. */
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || kafka_passes(code))
        return STATUS_OK;
    return kafka_fail(&client->notes, code, err, "topic %s", topic);
}

/* A topic that exists has partitions; until the broker asked has heard of them it says none. */
static enum status cluster_describe(struct kafka_client *client, const char *topic,
                                    uint32_t *partitions, struct error *err)
{
    int64_t deadline = kafka_deadline(client->timeout_ms);
    uint32_t count = 0;
    uint32_t led;
    enum status status;

    for (;;) {
        status = look(client, topic, &count, &led, err);
        if (status != STATUS_OK)
            return status;
        if (count > 0)
            break;
        if (kafka_left(deadline) == 0)
            return error_set(err, STATUS_TIMEOUT, "topic %s: the cluster does not tell", topic);
        clock_sleep_ms(clock_system(), LOOK_AGAIN_MS);
    }
    *partitions = count;
    return STATUS_OK;
}

/* ---- what each broker knows ---- */

static rd_kafka_resp_err_t resource_error(rd_kafka_event_t *answer)
{
    size_t count = 0;
    const rd_kafka_ConfigResource_t **resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(answer), &count);

    return count == 1 ? rd_kafka_ConfigResource_error(resources[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
}

/* Begins `question`, which is to be ended in any case, to this broker. */
static rd_kafka_resp_err_t ask_settings(struct question *question, struct kafka_client *client,
                                        const char *topic, int32_t broker, int64_t wait_ms)
{
    rd_kafka_ConfigResource_t *wish = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_resp_err_t code;

    question_begin(question, client, client->producer, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    if (broker != ANY_BROKER)
        (void) rd_kafka_AdminOptions_set_broker(question->options, broker, NULL, 0);
    question->deadline_ms = kafka_deadline(wait_ms);
    rd_kafka_DescribeConfigs(question->rk, &wish, 1, question->options, question->queue);
    code = question_wait(question);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        code = resource_error(question->answer);
    rd_kafka_ConfigResource_destroy(wish);
    return code;
}

/* Does it still say what it will not say for long? Whatever else it answers is its own trouble. */
static bool behind(struct kafka_client *client, const char *topic, int32_t broker, bool there)
{
    struct question question;
    rd_kafka_resp_err_t code = ask_settings(&question, client, topic, broker, ONE_BROKER_MS);

    question_end(&question);
    return code == (there ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* A change reaches one broker after the other, and the next question may go to any. What a broker
 * that does not answer knows is nobody's concern until it is back. */
static enum status await_everywhere(struct kafka_client *client, const char *topic, bool there,
                                    int64_t deadline, struct error *err)
{
    const struct rd_kafka_metadata *metadata;
    enum status status = ask_metadata(client, NULL, &metadata, err);

    if (status != STATUS_OK)
        return status;
    for (int i = 0; i < metadata->broker_cnt; i++)
        while (behind(client, topic, metadata->brokers[i].id, there) && kafka_left(deadline) > 0)
            clock_sleep_ms(clock_system(), LOOK_AGAIN_MS);
    rd_kafka_metadata_destroy(metadata);
    return STATUS_OK;
}

/* ---- creating and removing ---- */

static enum status count_replicas(struct kafka_client *client, int *replicas, struct error *err)
{
    const struct rd_kafka_metadata *metadata;
    enum status status = ask_metadata(client, NULL, &metadata, err);

    if (status != STATUS_OK)
        return status;
    /* More replicas than brokers would be refused. */
    *replicas = metadata->broker_cnt < REPLICAS_MAX ? metadata->broker_cnt : REPLICAS_MAX;
    rd_kafka_metadata_destroy(metadata);
    return STATUS_OK;
}

/* The logs are the archive: nothing in them may go but by a purge, so retention has no limit.
 * "producer": the broker keeps the compression of the producer instead of packing records again. */
static void configure(rd_kafka_NewTopic_t *topic, int replicas)
{
    char most[24];

    (void) snprintf(most, sizeof most, "%d", (int) KAFKA_RECORD_MAX);
    (void) rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "delete");
    (void) rd_kafka_NewTopic_set_config(topic, "retention.ms", "-1");
    (void) rd_kafka_NewTopic_set_config(topic, "retention.bytes", "-1");
    (void) rd_kafka_NewTopic_set_config(topic, "compression.type", "producer");
    (void) rd_kafka_NewTopic_set_config(topic, "max.message.bytes", most);
    /* Of two replicas both would have to be there: one broker away, and nothing could be
     * appended. */
    if (replicas == REPLICAS_MAX)
        (void) rd_kafka_NewTopic_set_config(topic, "min.insync.replicas", "2");
}

/* One topic's failure within an answer. */
static rd_kafka_resp_err_t topic_error(const rd_kafka_topic_result_t **results, size_t count)
{
    return count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
}

static enum status ask_create(struct kafka_client *client, const char *name, uint32_t partitions,
                              int replicas, struct error *err)
{
    struct question question;
    char why[KAFKA_NOTE_MAX];
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(name, (int) partitions, replicas, why, sizeof why);
    const rd_kafka_topic_result_t **results;
    rd_kafka_resp_err_t code;
    size_t count;

    if (topic == NULL)
        return error_set(err, STATUS_INVALID, "topic %s: %s", name, why);
    configure(topic, replicas);
    question_begin(&question, client, client->producer, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_CreateTopics(question.rk, &topic, 1, question.options, question.queue);
    code = question_wait(&question);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        results = rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(question.answer), &count);
        code = topic_error(results, count);
    }
    question_end(&question);
    rd_kafka_NewTopic_destroy(topic);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return error_set(err, STATUS_EXISTS, "topic %s exists", name);
    return kafka_fail(&client->notes, code, err, "create topic %s", name);
}

static enum status await_leaders(struct kafka_client *client, const char *topic,
                                 uint32_t partitions, int64_t deadline, struct error *err)
{
    uint32_t found = 0;
    uint32_t led = 0;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && led < partitions) {
        status = look(client, topic, &found, &led, err);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK; /* the broker asked has not heard of it yet */
        if (status == STATUS_OK && kafka_left(deadline) == 0)
            return error_set(err, STATUS_TIMEOUT, "topic %s: %u of %u partitions have a leader",
                             topic, led, partitions);
        if (led < partitions)
            clock_sleep_ms(clock_system(), LOOK_AGAIN_MS);
    }
    return status;
}

/* Only what is not there yet is a matter of the controller, which may be away. */
static enum status find_or_create(struct kafka_client *client, const char *topic,
                                  uint32_t partitions, struct error *err)
{
    uint32_t found = 0;
    uint32_t led = 0;
    int replicas = 0;
    enum status status;

    /* A look any broker can answer. */
    if (look(client, topic, &found, &led, NULL) == STATUS_OK && found > 0)
        return error_set(err, STATUS_EXISTS, "topic %s exists", topic);
    status = count_replicas(client, &replicas, err);
    return status == STATUS_OK ? ask_create(client, topic, partitions, replicas, err) : status;
}

/* One that exists may have been made by somebody else a moment ago. */
static enum status cluster_create(struct kafka_client *client, const char *topic,
                                  uint32_t partitions, struct error *err)
{
    int64_t deadline = kafka_deadline(client->timeout_ms);
    struct error found;
    enum status status = find_or_create(client, topic, partitions, err);

    if (status == STATUS_OK)
        status = await_leaders(client, topic, partitions, deadline, err);
    if (status == STATUS_OK)
        return await_everywhere(client, topic, true, deadline, err);
    /* Still STATUS_EXISTS when everybody knows it: the caller compares the partitions. */
    if (status == STATUS_EXISTS &&
        await_everywhere(client, topic, true, deadline, &found) != STATUS_OK)
        return error_set(err, found.code, "%s", found.message);
    return status;
}

static enum status ask_delete(struct kafka_client *client, const char *name, struct error *err)
{
    struct question question;
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
    const rd_kafka_topic_result_t **results;
    rd_kafka_resp_err_t code;
    size_t count;

    question_begin(&question, client, client->producer, RD_KAFKA_ADMIN_OP_DELETETOPICS);
    rd_kafka_DeleteTopics(question.rk, &topic, 1, question.options, question.queue);
    code = question_wait(&question);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        results = rd_kafka_DeleteTopics_result_topics(
            rd_kafka_event_DeleteTopics_result(question.answer), &count);
        code = topic_error(results, count);
    }
    question_end(&question);
    rd_kafka_DeleteTopic_destroy(topic);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return STATUS_OK;
    return kafka_fail(&client->notes, code, err, "delete topic %s", name);
}

static enum status cluster_remove(struct kafka_client *client, const char *topic, struct error *err)
{
    int64_t deadline = kafka_deadline(client->timeout_ms);
    enum status status = ask_delete(client, topic, err);
    uint32_t found;
    uint32_t led;

    if (status != STATUS_OK)
        return status;
    /* The broker that is asked may not have heard of it yet; STATUS_NOT_FOUND is the aim. */
    while ((status = look(client, topic, &found, &led, err)) == STATUS_OK) {
        if (kafka_left(deadline) == 0)
            return error_set(err, STATUS_TIMEOUT, "topic %s is still there", topic);
        clock_sleep_ms(clock_system(), LOOK_AGAIN_MS);
    }
    return status == STATUS_NOT_FOUND ? await_everywhere(client, topic, false, deadline, err)
                                      : status;
}

/* ---- vetting ---- */

/* A finite time in milliseconds, in words. */
static const char *in_days(const char *value, char text[48])
{
    uint64_t ms;

    if (slice_to_uint(slice_from(value), 0, UINT64_MAX, &ms, NULL) != STATUS_OK)
        (void) snprintf(text, 48, "some time");
    else if (ms % 86400000 == 0)
        (void) snprintf(text, 48, "%llu d", (unsigned long long) ms / 86400000);
    else
        (void) snprintf(text, 48, "%llu s", (unsigned long long) ms / 1000);
    return text;
}

static enum status vet_setting(const char *topic, const char *name, const char *value,
                               struct error *err)
{
    char text[48];
    uint64_t bytes = 0;

    if (strcmp(name, "retention.ms") == 0 && strcmp(value, "-1") != 0)
        return error_set(err, STATUS_INVALID, "topic %s loses data after %s: set retention.ms=-1",
                         topic, in_days(value, text));
    if (strcmp(name, "retention.bytes") == 0 && strcmp(value, "-1") != 0)
        return error_set(err, STATUS_INVALID,
                         "topic %s loses data after %s bytes: set retention.bytes=-1", topic,
                         value);
    if (strcmp(name, "cleanup.policy") == 0 && strcmp(value, "delete") != 0)
        return error_set(err, STATUS_INVALID,
                         "topic %s drops records (cleanup.policy=%s): set cleanup.policy=delete",
                         topic, value);
    if (strcmp(name, "max.message.bytes") == 0 &&
        slice_to_uint(slice_from(value), KAFKA_RECORD_MAX, UINT64_MAX, &bytes, NULL) != STATUS_OK)
        return error_set(err, STATUS_INVALID,
                         "topic %s takes records up to %s bytes: set max.message.bytes=%d", topic,
                         value, (int) KAFKA_RECORD_MAX);
    /* librdkafka refuses answers of more than 100 MB, so a record near that could not be read. */
    if (strcmp(name, "max.message.bytes") == 0 && bytes > KAFKA_READ_MAX)
        return error_set(err, STATUS_INVALID,
                         "topic %s takes records up to %s bytes, more than a reader takes: set "
                         "max.message.bytes=%d",
                         topic, value, (int) KAFKA_RECORD_MAX);
    return STATUS_OK;
}

static enum status vet_answer(const char *topic, const rd_kafka_event_t *answer, struct error *err)
{
    size_t count = 0;
    const rd_kafka_ConfigResource_t **resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result((rd_kafka_event_t *) answer), &count);
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[0], &count);
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        /* Brokers do not show the value of a sensitive setting. */
        if (value != NULL)
            status = vet_setting(topic, rd_kafka_ConfigEntry_name(entries[i]), value, err);
    }
    return status;
}

/* The broker that has just told us who there is. Left to itself the library asks the controller. */
static int32_t answering_broker(struct kafka_client *client)
{
    const struct rd_kafka_metadata *metadata;
    int32_t broker = ANY_BROKER;

    if (ask_metadata(client, NULL, &metadata, NULL) != STATUS_OK)
        return ANY_BROKER;
    broker = metadata->orig_broker_id;
    rd_kafka_metadata_destroy(metadata);
    return broker;
}

/* A broker that has not heard of a new topic yet, or goes away meanwhile, is asked again. */
static enum status cluster_vet(struct kafka_client *client, const char *topic, struct error *err)
{
    int64_t deadline = kafka_deadline(client->timeout_ms);
    rd_kafka_resp_err_t code;
    enum status status = STATUS_OK;
    bool again;

    /* With a third of the time each, so that another broker can be asked when this one dies. */
    do {
        struct question question;
        code = ask_settings(&question, client, topic, answering_broker(client),
                            client->timeout_ms / 3);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            status = vet_answer(topic, question.answer, err);
        question_end(&question);
        again = (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || kafka_passes(code) ||
                 code == RD_KAFKA_RESP_ERR__TIMED_OUT) &&
                kafka_left(deadline) > 0;
        if (again)
            clock_sleep_ms(clock_system(), LOOK_AGAIN_MS);
    } while (again);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return status;
    return kafka_fail(&client->notes, code, err, "the settings of topic %s", topic);
}

const struct kafka_admin kafka_admin_cluster = {
    .create = cluster_create,
    .describe = cluster_describe,
    .vet = cluster_vet,
    .remove = cluster_remove,
};
