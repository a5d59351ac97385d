/*
 * bus_kafka_client: handles of librdkafka with our settings, and its failures in our words. The
 * one place that includes its header.
 *
 * Handles  A client has one producer, which also answers questions about topics; each reader makes
 *          a consumer with kafka_conf_create. The opaque of every handle is a struct kafka_handle.
 * Logs     librdkafka writes none: its last complaint is noted, from any thread, and stands behind
 *          the message of a failure ("…: Connect to 127.0.0.1:9092 failed: Connection refused").
 *          Of what the cluster refuses at the start (passwords, certificates) the first complaint
 *          stays, with the settings to look at.
 * Order    Our defaults, then the user's settings, then what bus.h rests on: the last wins.
 * Threads  The notes have a lock; everything else belongs to the bus's thread.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_CLIENT_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_CLIENT_H

#include "base/bus/bus.h"
#include "base/bus/bus_kafka_options.h"
#include "base/util/clock.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>

enum {
    KAFKA_NOTE_MAX = 300,
    KAFKA_REFUSALS = 2, /* one may be a broker that dies while we shake hands */
    KAFKA_RECORD_MAX = BUS_RECORD_MAX + 64 * 1024, /* with what the protocol puts around it */
    KAFKA_READ_MAX = 90 * 1000 * 1000, /* the library refuses answers of more than 100 MB */
    KAFKA_SETTLE_MS = 3000,            /* until every broker has heard of a new topic */
    KAFKA_NAME_MAX = KAFKA_PREFIX_MAX + BUS_TOPIC_MAX + 2,
};

struct kafka_notes {
    pthread_mutex_t lock;
    char text[KAFKA_NOTE_MAX]; /* "": no complaint yet; the first refusal, or else the last */
    const char *advice;        /* what to set, since credentials or certificates were refused */
    int refusals;
    bool accepted; /* a broker has answered: from here on nothing is a refusal */
};

struct kafka_handle {
    struct kafka_notes *notes;
    void *owner; /* of the callbacks */
};

struct kafka_client {
    struct kafka_address address;
    struct kafka_notes notes;
    struct kafka_handle handle; /* the producer's */
    rd_kafka_t *producer;
    rd_kafka_t *looker; /* NULL until kafka_need_looker */
    char name[64];
    int timeout_ms;
};

/* A setting of ours that a user may change. */
struct kafka_default {
    const char *name;
    char value[24];
};

typedef void kafka_delivered(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque);

/* Makes the producer and waits for a broker. `options` have their defaults; `delivered` is called
 * within rd_kafka_poll with client->handle as opaque. On failure nothing is left to close. */
CHECKED enum status kafka_client_open(struct kafka_client *client, const char *address,
                                      const struct bus_options *options, kafka_delivered *delivered,
                                      struct error *err);
void kafka_client_close(struct kafka_client *client);

/* Makes client->looker: a consumer that reads nothing, to ask where groups stand. librdkafka 2.0.2
 * falls over its own group, which a producer has not, when the answer is that the coordinator has
 * moved. */
CHECKED enum status kafka_need_looker(struct kafka_client *client, struct error *err);
/* The next that is needed knows nothing of what this one has found. */
void kafka_drop_looker(struct kafka_client *client);

/* A configuration with what all handles share, `count` defaults and the user's settings. */
CHECKED enum status kafka_conf_create(const struct kafka_client *client,
                                      struct kafka_handle *handle,
                                      const struct kafka_default *defaults, rd_kafka_conf_t **conf,
                                      struct error *err);
CHECKED enum status kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                                   struct error *err);
/* Takes `conf`, also on failure. */
CHECKED enum status kafka_handle_create(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                                        rd_kafka_t **rk, struct error *err);

/* Prefix and name: a topic's or a group's name on the cluster. */
const char *kafka_name(const struct kafka_client *client, const char *name,
                       char text[KAFKA_NAME_MAX]);

enum status kafka_status(rd_kafka_resp_err_t code);
/* Does it pass by itself, as when a leader moves? */
bool kafka_passes(rd_kafka_resp_err_t code);
/* Waits a moment and says whether to ask again, until `deadline_ms` what passes, and until
 * `settle_ms` whether a topic is there that some brokers have not heard of yet. */
bool kafka_ask_again(rd_kafka_resp_err_t code, int64_t deadline_ms, int64_t settle_ms);
/* Fills *err: the text, what `code` means, the last complaint; returns its status. */
enum status kafka_fail(struct kafka_notes *notes, rd_kafka_resp_err_t code, struct error *err,
                       const char *format, ...) PRINTF_LIKE(4, 5);

/* Milliseconds on the monotonic clock, and what is left until then: at least 0. */
int64_t kafka_deadline(int64_t timeout_ms);
int kafka_left(int64_t deadline_ms);

#endif
