#include "base/bus/bus_kafka_topics.h"

#include <stdlib.h>
#include <string.h>

static void topic_destroy(struct kafka_topic *topic)
{
    if (topic->handle != NULL)
        rd_kafka_topic_destroy(topic->handle);
    free(topic->name);
    free(topic->full);
    free(topic);
}

static struct kafka_topic **find(struct kafka_topics *topics, const char *name)
{
    struct kafka_topic **at = &topics->first;

    while (*at != NULL && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

static enum status learn(struct kafka_topics *topics, const char *name, const char *full,
                         struct error *err)
{
    struct kafka_topic *topic = calloc(1, sizeof *topic);
    uint32_t partitions = 0;
    enum status status;

    if (topic == NULL)
        return error_set(err, STATUS_NOMEM, "topic %s", full);
    /* Vetted before anything is written: a topic that loses data is refused, not used. */
    status = topics->admin->describe(topics->client, full, &partitions, err);
    if (status == STATUS_OK)
        status = topics->admin->vet(topics->client, full, err);
    if (status == STATUS_OK) {
        topic->partitions = partitions;
        topic->name = strdup(name);
        topic->full = strdup(full);
        topic->handle = rd_kafka_topic_new(topics->client->producer, full, NULL);
        if (topic->name == NULL || topic->full == NULL || topic->handle == NULL)
            status = error_set(err, STATUS_NOMEM, "topic %s", full);
    }
    if (status != STATUS_OK) {
        topic_destroy(topic);
        return status;
    }
    topic->next = topics->first;
    topics->first = topic;
    return STATUS_OK;
}

enum status kafka_topics_find(struct kafka_topics *topics, const char *name,
                              struct kafka_topic **topic, struct error *err)
{
    struct kafka_topic **at = find(topics, name);
    struct kafka_topic *found = *at;
    char full[KAFKA_NAME_MAX];
    enum status status = STATUS_OK;

    if (found == NULL) {
        status = learn(topics, name, kafka_name(topics->client, name, full), err);
    } else if (found != topics->first) {
        *at = found->next; /* to the front: the next question is about it again */
        found->next = topics->first;
        topics->first = found;
    }
    if (status == STATUS_OK)
        /* It is the first in any case: learn puts new ones there. */
        *topic = topics->first;
    return status;
}

enum status kafka_topics_find_partition(struct kafka_topics *topics,
                                        const struct bus_partition *partition,
                                        struct kafka_topic **topic, struct error *err)
{
    struct kafka_topic *found;
    enum status status = kafka_topics_find(topics, partition->topic, &found, err);

    if (status != STATUS_OK)
        return status;
    if (partition->partition >= found->partitions)
        return error_set(err, STATUS_NOT_FOUND, "no partition %s/%u", found->full,
                         partition->partition);
    *topic = found;
    return STATUS_OK;
}

void kafka_topics_forget(struct kafka_topics *topics, const char *name)
{
    struct kafka_topic **at = find(topics, name);
    struct kafka_topic *found = *at;

    if (found == NULL)
        return;
    *at = found->next;
    topic_destroy(found);
}

void kafka_topics_fini(struct kafka_topics *topics)
{
    while (topics->first != NULL) {
        struct kafka_topic *topic = topics->first;
        topics->first = topic->next;
        topic_destroy(topic);
    }
}
