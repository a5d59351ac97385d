#include "tests/contract/kafka_mock.h"

#include "base/bus/bus_kafka.h"
#include "base/bus/bus_kafka_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kafka_mock {
    rd_kafka_t *host; /* whose threads the brokers are */
    rd_kafka_mock_cluster_t *cluster;
};

static struct kafka_mock *mock_now; /* the table's functions take no argument of ours */

struct kafka_mock *kafka_mock_create(int brokers)
{
    struct kafka_mock *mock = calloc(1, sizeof *mock);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[200];

    if (mock == NULL)
        return NULL;
    (void) rd_kafka_conf_set(conf, "log_level", "3", why, sizeof why);
    mock->host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    mock->cluster = rd_kafka_mock_cluster_new(mock->host, brokers);
    mock_now = mock;
    return mock;
}

void kafka_mock_destroy(struct kafka_mock *mock)
{
    rd_kafka_mock_cluster_destroy(mock->cluster);
    rd_kafka_destroy(mock->host);
    free(mock);
}

rd_kafka_mock_cluster_t *kafka_mock_cluster(struct kafka_mock *mock)
{
    return mock->cluster;
}

/* ---- topics ---- */

static enum status mock_describe(struct kafka_client *client, const char *topic,
                                 uint32_t *partitions, struct error *err)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(client->producer, 1, NULL, &metadata, client->timeout_ms);
    enum status status = error_set(err, STATUS_NOT_FOUND, "no topic %s", topic);

    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_fail(&client->notes, code, err, "list topics");
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (strcmp(metadata->topics[i].topic, topic) == 0) {
            *partitions = (uint32_t) metadata->topics[i].partition_cnt;
            status = STATUS_OK;
        }
    rd_kafka_metadata_destroy(metadata);
    return status;
}

static enum status mock_create(struct kafka_client *client, const char *topic, uint32_t partitions,
                               struct error *err)
{
    rd_kafka_resp_err_t code =
        rd_kafka_mock_topic_create(mock_now->cluster, topic, (int) partitions, 1);

    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return error_set(err, STATUS_EXISTS, "topic %s exists", topic);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
               ? STATUS_OK
               : kafka_fail(&client->notes, code, err, "create %s", topic);
}

static enum status mock_vet(struct kafka_client *client, const char *topic, struct error *err)
{
    (void) client;
    (void) topic;
    (void) err;
    return STATUS_OK;
}

static enum status mock_remove(struct kafka_client *client, const char *topic, struct error *err)
{
    (void) client;
    return error_set(err, STATUS_UNSUPPORTED, "mock brokers keep %s", topic);
}

enum status kafka_mock_open(struct kafka_mock *mock, const char *settings,
                            const struct bus_options *options, struct bus **bus, struct error *err)
{
    static const struct kafka_admin table = {
        .create = mock_create, .describe = mock_describe, .vet = mock_vet, .remove = mock_remove};
    char address[1000];
    enum status status;

    (void) snprintf(address, sizeof address, "%s%s%s",
                    rd_kafka_mock_cluster_bootstraps(mock->cluster), settings == NULL ? "" : "?",
                    settings == NULL ? "" : settings);
    status = bus_kafka_open(address, options, bus, err);
    if (status == STATUS_OK)
        bus_kafka_use_admin(*bus, &table);
    return status;
}
