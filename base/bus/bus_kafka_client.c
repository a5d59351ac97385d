/* A failure has up to three tellers: the code that librdkafka returns, what it says in its log at
 * about that time, and what OpenSSL found in a certificate. The last two are noted when they come,
 * on whatever thread, and kafka_fail puts them behind the code. */
#include "base/bus/bus_kafka_client.h"

#include "base/bus/bus_kafka_trust.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

enum {
    OPEN_SLICE_MS = 100, /* between looks whether the credentials were refused */
    ASK_AGAIN_MS = 20,
};

/* ---- time ---- */

int64_t kafka_deadline(int64_t timeout_ms)
{
    return clock_mono_ms(clock_system()) + timeout_ms;
}

int kafka_left(int64_t deadline_ms)
{
    int64_t left = deadline_ms - clock_mono_ms(clock_system());

    if (left < 0)
        return 0;
    return left > INT32_MAX ? INT32_MAX : (int) left;
}

/* ---- failures ---- */

/* `advice` if this is a refusal. */
static void note(struct kafka_notes *notes, const char *text, const char *advice)
{
    (void) pthread_mutex_lock(&notes->lock);
    /* What was refused first explains all that follows. */
    if (notes->advice == NULL)
        (void) snprintf(notes->text, sizeof notes->text, "%s", text);
    if (advice != NULL && !notes->accepted) {
        notes->advice = advice;
        notes->refusals++;
    }
    (void) pthread_mutex_unlock(&notes->lock);
}

/* On any thread. The text begins with the thread's name in brackets, which helps nobody. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    const struct kafka_handle *handle = rd_kafka_opaque(rk);
    const char *end = text[0] == '[' ? strstr(text, "]: ") : NULL;

    /* A broker that wants TLS or a password and gets neither only hangs up: that is no error. */
    if (level <= LOG_ERR || strcmp(facility, "FAIL") == 0)
        note(handle->notes, end == NULL ? text : end + 3, NULL);
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    const struct kafka_handle *handle = opaque;

    (void) rk;
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION)
        note(handle->notes, reason,
             "set security.protocol, sasl.mechanism, sasl.username and sasl.password as the "
             "cluster wants them");
    if (code == RD_KAFKA_RESP_ERR__SSL)
        note(handle->notes, reason, "set security.protocol and ssl.* as the cluster wants them");
}

/* On any thread; `code` is what OpenSSL found, and stays. */
/* NOLINTNEXTLINE(readability-function-size): librdkafka dictates the parameters. */
static int on_certificate(rd_kafka_t *rk, const char *broker, int32_t id, int *code, int depth,
                          const char *bytes, size_t size, char *text, size_t text_size,
                          void *opaque)
{
    const struct kafka_handle *handle = opaque;

    (void) rk, (void) id, (void) depth, (void) bytes, (void) size;
    if (*code == 0)
        return 1;
    kafka_trust_explain(*code, broker, text, text_size);
    /* The text has its advice in it already; "" and not NULL, since it is a refusal. */
    note(handle->notes, text, "");
    return 0;
}

/* Codes with two underscores are the library's own, the others come from a broker. */
bool kafka_passes(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__RETRY:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE:
        return true;
    default:
        return false;
    }
}

bool kafka_ask_again(rd_kafka_resp_err_t code, int64_t deadline_ms, int64_t settle_ms)
{
    /* A topic that does not exist and one that this broker has not heard of give the same answer.
     * So it is asked for again, but for a shorter time than what is sure to pass. */
    bool unheard = code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
                   code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
                   code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;

    if (!unheard && !kafka_passes(code))
        return false;
    if (kafka_left(unheard && settle_ms < deadline_ms ? settle_ms : deadline_ms) == 0)
        return false;
    clock_sleep_ms(clock_system(), ASK_AGAIN_MS);
    return true;
}

enum status kafka_status(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return STATUS_OK;
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
        return STATUS_TIMEOUT;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return STATUS_NOT_FOUND;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE:
        return STATUS_TOO_LARGE;
    /* The group went on without us. */
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
        return STATUS_FENCED;
    /* Records that should be there are gone, or broken. With auto.offset.reset=error the library
     * tells of the first as __AUTO_OFFSET_RESET. */
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
        return STATUS_CORRUPT;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
        return STATUS_USAGE;
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
        return STATUS_UNSUPPORTED;
    default:
        return kafka_passes(code) ? STATUS_NETWORK : STATUS_IO;
    }
}

enum status kafka_fail(struct kafka_notes *notes, rd_kafka_resp_err_t code, struct error *err,
                       const char *format, ...)
{
    char text[KAFKA_NOTE_MAX];
    char last[KAFKA_NOTE_MAX];
    enum status status = kafka_status(code);
    const char *advice;
    va_list arguments;

    va_start(arguments, format);
    (void) vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void) pthread_mutex_lock(&notes->lock);
    advice = notes->advice;
    memcpy(last, notes->text, sizeof last);
    (void) pthread_mutex_unlock(&notes->lock);
    /* At the start nothing works after a refusal, so it explains any code; be_accepted ends
     * that. */
    if (advice != NULL)
        return error_set(err, STATUS_USAGE, "%s: %s%s%s", text, last, advice[0] == '\0' ? "" : ": ",
                         advice);
    /* What the network last complained about says nothing about a refusal of the cluster. */
    if (last[0] == '\0' ||
        (status != STATUS_TIMEOUT && status != STATUS_NETWORK && status != STATUS_USAGE))
        return error_set(err, status, "%s: %s", text, rd_kafka_err2str(code));
    return error_set(err, status, "%s: %s (%s)", text, rd_kafka_err2str(code), last);
}

/* ---- configurations ---- */

enum status kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                           struct error *err)
{
    char why[KAFKA_NOTE_MAX];

    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "the Kafka client: %s", why);
}

static enum status set_common(const struct kafka_client *client, rd_kafka_conf_t *conf,
                              struct error *err)
{
    static const struct kafka_default common[] = {
        {"socket.nagle.disable", "true"},
        {"socket.keepalive.enable", "true"},
        {"allow.auto.create.topics", "false"},
        {"reconnect.backoff.max.ms", "1000"},
        /* Else 2.0.2 connects 2,000 times a second to a broker that is gone and has work queued. */
        {"enable.sparse.connections", "false"},
    };
    enum status status = kafka_conf_set(conf, "bootstrap.servers", client->address.servers, err);

    if (status == STATUS_OK)
        status = kafka_conf_set(conf, "client.id", client->name, err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof common / sizeof common[0]; i++)
        status = kafka_conf_set(conf, common[i].name, common[i].value, err);
    return status;
}

enum status kafka_conf_create(const struct kafka_client *client, struct kafka_handle *handle,
                              const struct kafka_default *defaults, rd_kafka_conf_t **conf,
                              struct error *err)
{
    rd_kafka_conf_t *made = rd_kafka_conf_new();
    enum status status = set_common(client, made, err);

    for (; status == STATUS_OK && defaults->name != NULL; defaults++)
        status = kafka_conf_set(made, defaults->name, defaults->value, err);
    for (size_t i = 0; status == STATUS_OK && i < client->address.setting_count; i++)
        status = kafka_conf_set(made, client->address.settings[i].name,
                                client->address.settings[i].value, err);
    if (status != STATUS_OK) {
        rd_kafka_conf_destroy(made);
        return status;
    }
    rd_kafka_conf_set_opaque(made, handle);
    rd_kafka_conf_set_log_cb(made, on_log);
    rd_kafka_conf_set_error_cb(made, on_error);
    /* Fails only if the library was built without TLS. */
    (void) rd_kafka_conf_set_ssl_cert_verify_cb(made, on_certificate);
    *conf = made;
    return STATUS_OK;
}

enum status kafka_handle_create(rd_kafka_type_t type, rd_kafka_conf_t *conf, rd_kafka_t **rk,
                                struct error *err)
{
    char why[KAFKA_NOTE_MAX];
    rd_kafka_t *made = rd_kafka_new(type, conf, why, sizeof why);

    if (made == NULL) {
        rd_kafka_conf_destroy(conf);
        return error_set(err, STATUS_INVALID, "the Kafka client: %s", why);
    }
    *rk = made;
    return STATUS_OK;
}

const char *kafka_name(const struct kafka_client *client, const char *name,
                       char text[KAFKA_NAME_MAX])
{
    (void) snprintf(text, KAFKA_NAME_MAX, "%s%s", client->address.prefix, name);
    return text;
}

/* ---- the producer ---- */

/* The queue of the library is larger than ours, which is the one that refuses. */
static enum status create_producer(struct kafka_client *client, const struct bus_options *options,
                                   kafka_delivered *delivered, struct error *err)
{
    struct kafka_default defaults[] = {
        {"compression.codec", "zstd"},
        {"linger.ms", "2"},
        /* No limit by number; bytes are limited, by us. */
        {"queue.buffering.max.messages", "0"},
        {"queue.buffering.max.kbytes", ""},
        {"message.max.bytes", ""},
        {NULL, ""},
    };
    rd_kafka_conf_t *conf = NULL;
    char timeout[24];
    enum status status;

    (void) snprintf(defaults[3].value, sizeof defaults[3].value, "%zu",
                    (options->queue_bytes + 2 * (size_t) KAFKA_RECORD_MAX) / 1024);
    (void) snprintf(defaults[4].value, sizeof defaults[4].value, "%d", (int) KAFKA_RECORD_MAX);
    (void) snprintf(timeout, sizeof timeout, "%d", client->timeout_ms);
    status = kafka_conf_create(client, &client->handle, defaults, &conf, err);
    if (status != STATUS_OK)
        return status;
    /* After the settings of the user, since the promises of bus.h rest on these: the order of one
     * publisher, and an end for what is not acknowledged in time. */
    status = kafka_conf_set(conf, "enable.idempotence", "true", err);
    if (status == STATUS_OK)
        status = kafka_conf_set(conf, "message.timeout.ms", timeout, err);
    if (status != STATUS_OK) {
        rd_kafka_conf_destroy(conf);
        return status;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    return kafka_handle_create(RD_KAFKA_PRODUCER, conf, &client->producer, err);
}

enum status kafka_need_looker(struct kafka_client *client, struct error *err)
{
    const struct kafka_default none = {NULL, ""};
    char name[KAFKA_NAME_MAX];
    rd_kafka_conf_t *conf = NULL;
    enum status status;

    if (client->looker != NULL) {
        (void) rd_kafka_poll(client->looker, 0); /* its complaints */
        return STATUS_OK;
    }
    status = kafka_conf_create(client, &client->handle, &none, &conf, err);
    if (status != STATUS_OK)
        return status;
    /* It never subscribes, so no group of this name comes to be. */
    status = kafka_conf_set(conf, "group.id", kafka_name(client, "xunfang-looker", name), err);
    if (status == STATUS_OK)
        return kafka_handle_create(RD_KAFKA_CONSUMER, conf, &client->looker, err);
    rd_kafka_conf_destroy(conf);
    return status;
}

void kafka_drop_looker(struct kafka_client *client)
{
    if (client->looker != NULL)
        rd_kafka_destroy_flags(client->looker, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    client->looker = NULL;
}

static bool refused(struct kafka_notes *notes)
{
    bool answer;

    (void) pthread_mutex_lock(&notes->lock);
    answer = notes->refusals >= KAFKA_REFUSALS;
    (void) pthread_mutex_unlock(&notes->lock);
    return answer;
}

static void be_accepted(struct kafka_notes *notes)
{
    (void) pthread_mutex_lock(&notes->lock);
    notes->accepted = true;
    notes->advice = NULL;
    (void) pthread_mutex_unlock(&notes->lock);
}

/* A question that any broker can answer. */
static enum status wait_for_broker(struct kafka_client *client, struct error *err)
{
    int64_t deadline = kafka_deadline(client->timeout_ms);
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code;

    for (;;) {
        int left = kafka_left(deadline);
        code = rd_kafka_metadata(client->producer, 0, NULL, &metadata,
                                 left < OPEN_SLICE_MS ? left : OPEN_SLICE_MS);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            rd_kafka_metadata_destroy(metadata);
            be_accepted(&client->notes);
            return STATUS_OK;
        }
        /* on_error, which counts the refusals, is called within this. */
        (void) rd_kafka_poll(client->producer, 0);
        if (refused(&client->notes))
            return kafka_fail(&client->notes, RD_KAFKA_RESP_ERR__AUTHENTICATION, err,
                              "kafka://%s refuses us", client->address.servers);
        if (left == 0)
            return kafka_fail(&client->notes, RD_KAFKA_RESP_ERR__TIMED_OUT, err,
                              "no broker at kafka://%s", client->address.servers);
    }
}

/* A message stands in the log or not; nobody waits for those on their way. */
void kafka_client_close(struct kafka_client *client)
{
    if (client->producer != NULL) {
        (void) rd_kafka_purge(client->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                                    RD_KAFKA_PURGE_F_NON_BLOCKING);
        rd_kafka_destroy(client->producer);
    }
    kafka_drop_looker(client);
    kafka_address_fini(&client->address);
    (void) pthread_mutex_destroy(&client->notes.lock);
}

enum status kafka_client_open(struct kafka_client *client, const char *address,
                              const struct bus_options *options, kafka_delivered *delivered,
                              struct error *err)
{
    enum status status =
        kafka_address_read(address, getenv("XUNFANG_KAFKA_OPTIONS"), &client->address, err);

    if (status != STATUS_OK)
        return status;
    client->notes = (struct kafka_notes){0};
    (void) pthread_mutex_init(&client->notes.lock, NULL);
    client->handle.notes = &client->notes;
    client->producer = client->looker = NULL;
    client->timeout_ms = (int) options->timeout_ms;
    (void) snprintf(client->name, sizeof client->name, "%s", options->client);
    status = create_producer(client, options, delivered, err);
    if (status == STATUS_OK)
        status = wait_for_broker(client, err);
    if (status != STATUS_OK)
        kafka_client_close(client);
    return status;
}
