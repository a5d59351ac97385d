/* The front of every bus: what no backend should have to check (names, sizes, whether the bus has
 * failed for good) is checked here once; then the call goes to the backend's table. */
#include "base/bus/bus.h"

#include "base/bus/bus_backend.h"
#include "base/bus/bus_kafka.h"

#include <string.h>

enum { BUS_DEFAULT_TIMEOUT_MS = 10 * 1000, BUS_DEFAULT_QUEUE = 32 * 1024 * 1024 };

/* ---- opening ---- */

struct kind {
    const char *scheme;
    const char *form; /* of its URLs, for people */
    enum status (*open)(const char *rest, const struct bus_options *options, struct bus **bus,
                        struct error *err);
};

/* A new bus is a struct bus_backend and a row here. */
static const struct kind kinds[] = {
    {"local:", "local:DIR", bus_local_open},
    {"kafka://", "kafka://HOST:PORT", bus_kafka_open},
};

enum status bus_open(const char *url, const struct bus_options *options, struct bus **bus,
                     struct error *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t size = strlen(kinds[i].scheme);
        if (strncmp(url, kinds[i].scheme, size) != 0)
            continue;
        if (url[size] == '\0')
            return error_set(err, STATUS_INVALID, "\"%s\" is incomplete: %s", url, kinds[i].form);
        return kinds[i].open(url + size, options, bus, err);
    }
    return error_set(err, STATUS_UNSUPPORTED,
                     "no kind of bus for \"%s\": local:DIR and kafka://HOST:PORT are known", url);
}

void bus_init(struct bus *bus, const struct bus_backend *backend, const struct clock *clock,
              const struct bus_options *options)
{
    bus->backend = backend;
    bus->clock = clock;
    bus->options = options == NULL ? (struct bus_options){0} : *options;
    if (bus->options.client == NULL)
        bus->options.client = "xunfang";
    if (bus->options.timeout_ms == 0)
        bus->options.timeout_ms = BUS_DEFAULT_TIMEOUT_MS;
    if (bus->options.queue_bytes == 0)
        bus->options.queue_bytes = BUS_DEFAULT_QUEUE;
    bus->failure.code = STATUS_OK;
}

void bus_close(struct bus *bus)
{
    if (bus != NULL)
        bus->backend->close(bus);
}

unsigned bus_capabilities(const struct bus *bus)
{
    return bus->backend->capabilities;
}

/* ---- checks ---- */

static bool topic_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
}

static enum status check_topic(const char *topic, struct error *err)
{
    size_t size = 0;

    while (size <= BUS_TOPIC_MAX && topic_byte(topic[size]))
        size++;
    if (size == 0 || size > BUS_TOPIC_MAX || topic[size] != '\0')
        return error_set(err, STATUS_INVALID,
                         "\"%.*s\" is no topic name: 1 to %d of letters, digits, '.', '-', '_'",
                         BUS_TOPIC_MAX, topic, (int) BUS_TOPIC_MAX);
    return STATUS_OK;
}

/* After a failure for good nothing reaches the backend any more. */
static enum status check_alive(const struct bus *bus, struct error *err)
{
    if (bus->failure.code == STATUS_OK)
        return STATUS_OK;
    return error_set(err, bus->failure.code, "%s", bus->failure.message);
}

static enum status check(const struct bus *bus, const char *topic, struct error *err)
{
    enum status status = check_alive(bus, err);

    return status == STATUS_OK ? check_topic(topic, err) : status;
}

/* ---- topics ---- */

enum status bus_topic_create(struct bus *bus, const char *topic, uint32_t partitions,
                             struct error *err)
{
    enum status status = check(bus, topic, err);

    if (status != STATUS_OK)
        return status;
    if (partitions == 0 || partitions > BUS_PARTITIONS_MAX)
        return error_set(err, STATUS_INVALID, "topic %s with %u partitions: 1 to %d are allowed",
                         topic, partitions, (int) BUS_PARTITIONS_MAX);
    return bus->backend->topic_create(bus, topic, partitions, err);
}

enum status bus_topic_partitions(struct bus *bus, const char *topic, uint32_t *partitions,
                                 struct error *err)
{
    enum status status = check(bus, topic, err);

    return status == STATUS_OK ? bus->backend->topic_partitions(bus, topic, partitions, err)
                               : status;
}

enum status bus_topic_delete(struct bus *bus, const char *topic, struct error *err)
{
    enum status status = check(bus, topic, err);

    return status == STATUS_OK ? bus->backend->topic_delete(bus, topic, err) : status;
}

enum status bus_end(struct bus *bus, const char *topic, uint32_t partition, uint64_t *offset,
                    struct error *err)
{
    enum status status = check(bus, topic, err);

    return status == STATUS_OK ? bus->backend->end(bus, topic, partition, offset, err) : status;
}

enum status bus_committed(struct bus *bus, const char *stage, const struct bus_partition *partition,
                          uint64_t *offset, struct error *err)
{
    enum status status = check(bus, partition->topic, err);

    if (status == STATUS_OK)
        status = check_topic(stage, err);
    return status == STATUS_OK ? bus->backend->committed(bus, stage, partition, offset, err)
                               : status;
}

/* ---- publish ---- */

/* Failures of a single publish that leave the bus usable. */
static bool passing(enum status status)
{
    return status == STATUS_AGAIN || status == STATUS_TOO_LARGE || status == STATUS_INVALID ||
           status == STATUS_NOT_FOUND;
}

static enum status stop(struct bus *bus, enum status status, const struct error *cause,
                        struct error *err)
{
    bus->failure = *cause;
    bus->failure.code = status;
    return error_set(err, status, "%s", cause->message);
}

enum status bus_publish(struct bus *bus, const struct bus_message *message,
                        struct bus_ticket *ticket, struct error *err)
{
    struct error cause = {0};
    enum status status = check(bus, message->topic, err);

    if (status != STATUS_OK)
        return status;
    /* The second size is subtracted, not added: the sum of two sizes may wrap. */
    if (message->key.size > BUS_RECORD_MAX ||
        message->value.size > BUS_RECORD_MAX - message->key.size)
        return error_set(err, STATUS_TOO_LARGE, "a record of %zu bytes for %s: %d are allowed",
                         message->key.size + message->value.size, message->topic,
                         (int) BUS_RECORD_MAX);
    if (ticket != NULL)
        ticket->acknowledged = false;
    status = bus->backend->publish(bus, message, ticket, &cause);
    if (status == STATUS_OK)
        return STATUS_OK;
    return passing(status) ? error_set(err, status, "%s", cause.message)
                           : stop(bus, status, &cause, err);
}

enum status bus_step(struct bus *bus, int64_t timeout_ms, struct error *err)
{
    struct error cause = {0};
    enum status status = check_alive(bus, err);

    if (status != STATUS_OK)
        return status;
    status = bus->backend->step(bus, timeout_ms, &cause);
    return status == STATUS_OK ? STATUS_OK : stop(bus, status, &cause, err);
}

/* What is left of the time for a step; none if nothing is waited for any more. */
static int64_t hurry(struct bus *bus, int64_t deadline)
{
    int64_t left = deadline - clock_mono_ms(bus->clock);

    if (bus->backend->hurry == NULL || left <= 0)
        return left > 0 ? left : 0;
    /* The step that follows is needed even if nothing is pending any more: only a step turns a
     * failed delivery into the failure of the bus. */
    bus->backend->hurry(bus, left);
    left = deadline - clock_mono_ms(bus->clock);
    return left > 0 && bus->backend->pending(bus) > 0 ? left : 0;
}

enum status bus_flush(struct bus *bus, int64_t timeout_ms, struct error *err)
{
    int64_t deadline = clock_mono_ms(bus->clock) + timeout_ms;
    enum status status = check_alive(bus, err);

    while (status == STATUS_OK && bus->backend->pending(bus) > 0) {
        status = bus_step(bus, hurry(bus, deadline), err);
        if (status != STATUS_OK || bus->backend->pending(bus) == 0)
            break;
        /* After the step, so a flush without any time still takes what has arrived. */
        if (clock_mono_ms(bus->clock) >= deadline)
            return error_set(err, STATUS_TIMEOUT, "%zu records not acknowledged within %lld ms",
                             bus->backend->pending(bus), (long long) timeout_ms);
    }
    return status;
}

/* ---- read ---- */

enum status bus_reader_open(struct bus *bus, const struct bus_reader_options *options,
                            struct bus_reader **reader, struct error *err)
{
    enum status status = check_alive(bus, err);

    if (status == STATUS_OK && options->partition_count == 0)
        status = error_set(err, STATUS_USAGE, "a reader without partitions");
    if (status == STATUS_OK && options->stage != NULL)
        status = check_topic(options->stage, err);
    for (size_t i = 0; status == STATUS_OK && i < options->partition_count; i++)
        status = check_topic(options->partitions[i].topic, err);
    if (status == STATUS_OK)
        status = bus->backend->reader_open(bus, options, reader, err);
    if (status != STATUS_OK)
        return status;
    (*reader)->bus = bus;
    (*reader)->partition_count = options->partition_count;
    return STATUS_OK;
}

void bus_reader_close(struct bus_reader *reader)
{
    if (reader != NULL)
        reader->bus->backend->reader_close(reader);
}

enum status bus_reader_poll(struct bus_reader *reader, int64_t timeout_ms, struct bus_event *event,
                            struct error *err)
{
    /* An event of our own: the caller's stays as it is on failure, whatever the backend has
     * written. The failure of a reader does not end the bus; only `publish` and `step` do. */
    struct bus_event found = {.kind = BUS_EVENT_NONE};
    enum status status = check_alive(reader->bus, err);

    if (status == STATUS_OK)
        status = reader->bus->backend->reader_poll(reader, timeout_ms, &found, err);
    if (status == STATUS_OK)
        *event = found;
    return status;
}

enum status bus_reader_seek(struct bus_reader *reader, size_t index, uint64_t offset,
                            struct error *err)
{
    enum status status = check_alive(reader->bus, err);

    ENSURE(index < reader->partition_count);
    return status == STATUS_OK ? reader->bus->backend->reader_seek(reader, index, offset, err)
                               : status;
}

enum status bus_reader_pause(struct bus_reader *reader, size_t index, bool paused,
                             struct error *err)
{
    enum status status = check_alive(reader->bus, err);

    ENSURE(index < reader->partition_count);
    return status == STATUS_OK ? reader->bus->backend->reader_pause(reader, index, paused, err)
                               : status;
}

enum status bus_reader_commit(struct bus_reader *reader, size_t index, uint64_t offset,
                              struct slice metadata, struct error *err)
{
    enum status status = check_alive(reader->bus, err);

    ENSURE(index < reader->partition_count);
    if (status != STATUS_OK)
        return status;
    if (metadata.size > BUS_METADATA_MAX)
        return error_set(err, STATUS_TOO_LARGE, "commit metadata of %zu bytes: %d are allowed",
                         metadata.size, (int) BUS_METADATA_MAX);
    return reader->bus->backend->reader_commit(reader, index, offset, metadata, err);
}
