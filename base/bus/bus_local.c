/* The bus of one machine: a client of the log server (log_server.h) in the same data folder. */
#include "base/bus/bus_backend.h"
#include "base/bus/log_outbox.h"
#include "base/bus/log_reader.h"

#include <stdlib.h>
#include <string.h>

struct local_bus {
    struct bus front;
    char *folder;
    struct log_link *link;
    struct log_outbox *outbox;
    uint32_t readers; /* opened so far */
};

struct local_reader {
    struct bus_reader front;
    struct local_bus *bus;
    struct log_reader *reader;
};

static struct local_bus *local_of(const struct bus *bus)
{
    return (struct local_bus *) bus;
}

static struct local_reader *reader_of(const struct bus_reader *reader)
{
    return (struct local_reader *) reader;
}

/* ---- topics ---- */

/* CREATE and DELETE. */
static enum status change_topic(struct bus *bus, Xunfang__LogRequest__KindCase kind,
                                const char *topic, uint32_t partitions, struct error *err)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogTopic body = XUNFANG__LOG_TOPIC__INIT;
    struct log_call *call;
    enum status status;

    body.topic = (char *) topic;
    body.partitions = partitions;
    request.kind_case = kind;
    request.create = &body; /* all kinds about topics share the type */
    status = log_link_ask(local_of(bus)->link, &request, &call, err);
    if (status == STATUS_OK)
        log_call_destroy(call);
    return status;
}

static enum status local_topic_create(struct bus *bus, const char *topic, uint32_t partitions,
                                      struct error *err)
{
    return change_topic(bus, XUNFANG__LOG_REQUEST__KIND_CREATE, topic, partitions, err);
}

/* The outbox has learnt the number of partitions, which a new topic of this name need not have. */
static enum status local_topic_delete(struct bus *bus, const char *topic, struct error *err)
{
    log_outbox_forget(local_of(bus)->outbox, topic);
    return change_topic(bus, XUNFANG__LOG_REQUEST__KIND_DELETE, topic, 0, err);
}

static enum status local_topic_partitions(struct bus *bus, const char *topic, uint32_t *partitions,
                                          struct error *err)
{
    return log_outbox_partitions(local_of(bus)->link, topic, partitions, err);
}

/* Nobody's stage: the end alone. */
static enum status local_end(struct bus *bus, const char *topic, uint32_t partition,
                             uint64_t *offset, struct error *err)
{
    struct bus_partition at = {topic, partition};
    struct log_call *call;
    enum status status = log_reader_look(local_of(bus)->link, &at, "", &call, err);

    if (status != STATUS_OK)
        return status;
    *offset = log_call_reply(call)->opened[0]->end;
    log_call_destroy(call);
    return STATUS_OK;
}

/* A look at the stage's place; unlike opening a reader it fences nobody. */
static enum status local_committed(struct bus *bus, const char *stage,
                                   const struct bus_partition *partition, uint64_t *offset,
                                   struct error *err)
{
    struct log_call *call;
    enum status status = log_reader_look(local_of(bus)->link, partition, stage, &call, err);

    if (status != STATUS_OK)
        return status;
    if (log_call_reply(call)->opened[0]->committed)
        *offset = log_call_reply(call)->opened[0]->offset;
    else
        status = error_set(err, STATUS_NOT_FOUND, "%s never committed %s/%u", stage,
                           partition->topic, partition->partition);
    log_call_destroy(call);
    return status;
}

/* ---- publish ---- */

static enum status local_publish(struct bus *bus, const struct bus_message *message,
                                 struct bus_ticket *ticket, struct error *err)
{
    return log_outbox_put(local_of(bus)->outbox, message, ticket, err);
}

/* Before the wait: what is queued goes out. After it: what was answered is acknowledged, and the
 * window that opened is filled again. */
static enum status local_step(struct bus *bus, int64_t timeout_ms, struct error *err)
{
    struct local_bus *local = local_of(bus);
    enum status status = log_outbox_step(local->outbox, err);

    if (status == STATUS_OK)
        status = log_link_step(local->link, timeout_ms, err);
    return status == STATUS_OK ? log_outbox_step(local->outbox, err) : status;
}

static size_t local_pending(const struct bus *bus)
{
    return log_outbox_pending(local_of(bus)->outbox);
}

/* ---- reading ---- */

/* The number tells this reader's fetches from those of other readers on the same connection. */
static enum status local_reader_open(struct bus *bus, const struct bus_reader_options *options,
                                     struct bus_reader **reader, struct error *err)
{
    struct local_bus *local = local_of(bus);
    struct local_reader *made = calloc(1, sizeof *made);
    enum status status;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "a reader");
    made->bus = local;
    status = log_reader_open(local->link, ++local->readers, options, &made->reader, err);
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    *reader = &made->front;
    return STATUS_OK;
}

static void local_reader_close(struct bus_reader *reader)
{
    log_reader_close(reader_of(reader)->reader);
    free(reader);
}

/* Steps the whole bus, so a caller that only polls gets its acknowledgements, too. */
static enum status local_reader_poll(struct bus_reader *front, int64_t timeout_ms,
                                     struct bus_event *event, struct error *err)
{
    struct local_reader *reader = reader_of(front);
    struct local_bus *bus = reader->bus;
    const struct clock *clock = bus->front.clock;
    int64_t end = clock_mono_ms(clock) + timeout_ms;
    int64_t left = 0; /* the first look takes only what has arrived */
    enum status status;

    for (;;) {
        status = local_step(&bus->front, left, err);
        if (status == STATUS_OK)
            status = log_reader_next(reader->reader, event, err);
        left = end - clock_mono_ms(clock);
        if (status != STATUS_OK || event->kind != BUS_EVENT_NONE || left <= 0)
            return status;
    }
}

static enum status local_reader_seek(struct bus_reader *reader, size_t index, uint64_t offset,
                                     struct error *err)
{
    (void) err;
    log_reader_seek(reader_of(reader)->reader, index, offset);
    return STATUS_OK;
}

static enum status local_reader_pause(struct bus_reader *reader, size_t index, bool paused,
                                      struct error *err)
{
    (void) err;
    log_reader_pause(reader_of(reader)->reader, index, paused);
    return STATUS_OK;
}

static enum status local_reader_commit(struct bus_reader *reader, size_t index, uint64_t offset,
                                       struct slice metadata, struct error *err)
{
    return log_reader_commit(reader_of(reader)->reader, index, offset, metadata, err);
}

/* ---- opening ---- */

/* Also half-opened ones. */
static void local_close(struct bus *bus)
{
    struct local_bus *local = local_of(bus);

    log_outbox_destroy(local->outbox); /* its calls are the link's */
    log_link_close(local->link);
    free(local->folder);
    free(local);
}

static const struct bus_backend local_backend = {
    .name = "local",
    .capabilities = BUS_CAP_DURABLE | BUS_CAP_OWNERS,
    .close = local_close,
    .topic_create = local_topic_create,
    .topic_partitions = local_topic_partitions,
    .topic_delete = local_topic_delete,
    .end = local_end,
    .committed = local_committed,
    .publish = local_publish,
    .step = local_step,
    .pending = local_pending,
    .reader_open = local_reader_open,
    .reader_close = local_reader_close,
    .reader_poll = local_reader_poll,
    .reader_seek = local_reader_seek,
    .reader_pause = local_reader_pause,
    .reader_commit = local_reader_commit,
};

/* The clock is the system's: what is behind the socket lives in real time. */
enum status bus_local_open(const char *directory, const struct bus_options *options,
                           struct bus **bus, struct error *err)
{
    struct local_bus *local = calloc(1, sizeof *local);
    struct log_link_options wish;
    enum status status = STATUS_NOMEM;

    if (local != NULL) {
        bus_init(&local->front, &local_backend, clock_system(), options);
        local->folder = strdup(directory);
    }
    if (local == NULL || local->folder == NULL) {
        error_set(err, STATUS_NOMEM, "open the bus at %s", directory);
        free(local);
        return status;
    }
    wish = (struct log_link_options){.folder = local->folder,
                                     .client = local->front.options.client,
                                     .timeout_ms = local->front.options.timeout_ms,
                                     .clock = local->front.clock};
    status = log_link_open(&wish, &local->link, err);
    if (status == STATUS_OK) {
        local->outbox = log_outbox_create(local->link, local->front.options.queue_bytes);
        if (local->outbox == NULL)
            status = error_set(err, STATUS_NOMEM, "open the bus at %s", directory);
    }
    if (status == STATUS_OK)
        *bus = &local->front;
    else
        local_close(&local->front);
    return status;
}
