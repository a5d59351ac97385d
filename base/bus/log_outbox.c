#include "base/bus/log_outbox.h"

#include "base/bus/log_batch.h"
#include "base/util/map.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_TICKETS = 16 };

struct parcel;

/* One per partition. The queue is a single list in the order of the calls; lanes only tell which of
 * its parcels may still grow. */
struct lane {
    struct parcel *open; /* takes the next record; NULL: none */
};

struct topic {
    uint32_t partitions;
    char *name;
    struct lane lanes[];
};

struct parcel {
    struct parcel *next;
    struct topic *topic;
    uint32_t partition;
    uint32_t count;
    struct buf records;
    struct bus_ticket **tickets; /* one a record */
    size_t ticket_room;
};

/* A request without an answer. */
struct flight {
    struct log_call *call;
    struct parcel *parcels;
    size_t bytes;
};

struct log_outbox {
    struct log_link *link;
    size_t queue_bytes;
    struct map *topics;
    struct parcel *first; /* not sent, oldest first */
    struct parcel **last;
    size_t first_bytes;                /* of all parcels not sent */
    struct flight flights[LOG_WINDOW]; /* oldest first */
    size_t flight_count;
    size_t pending;
    size_t pending_bytes;
    struct error failure; /* code STATUS_OK: none */
};

/* ---- parcels ---- */

static void parcel_destroy(struct parcel *parcel)
{
    buf_fini(&parcel->records);
    free(parcel->tickets);
    free(parcel);
}

static void parcels_destroy(struct parcel *parcel)
{
    while (parcel != NULL) {
        struct parcel *next = parcel->next;
        parcel_destroy(parcel);
        parcel = next;
    }
}

/* Before the record, so that a failure leaves the parcel as it was. */
static bool add_ticket(struct parcel *parcel, struct bus_ticket *ticket)
{
    if (parcel->count == parcel->ticket_room) {
        size_t room = parcel->ticket_room == 0 ? FIRST_TICKETS : 2 * parcel->ticket_room;
        struct bus_ticket **tickets = realloc(parcel->tickets, room * sizeof(struct bus_ticket *));
        if (tickets == NULL)
            return false;
        parcel->tickets = tickets;
        parcel->ticket_room = room;
    }
    parcel->tickets[parcel->count] = ticket;
    return true;
}

/* The buffer grows with what comes: most parcels stay far below the limit. */
static struct parcel *new_parcel(struct log_outbox *outbox, struct topic *topic, uint32_t partition)
{
    struct parcel *parcel = calloc(1, sizeof *parcel);

    if (parcel == NULL)
        return NULL;
    buf_init(&parcel->records, LOG_PARCEL_BYTES + BUS_RECORD_MAX + LOG_RECORD_HEAD);
    parcel->topic = topic;
    parcel->partition = partition;
    *outbox->last = parcel;
    outbox->last = &parcel->next;
    topic->lanes[partition].open = parcel;
    return parcel;
}

/* ---- topics ---- */

/* Not kept here: topics that are only looked at would fill the map. */
enum status log_outbox_partitions(struct log_link *link, const char *topic, uint32_t *partitions,
                                  struct error *err)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogTopic body = XUNFANG__LOG_TOPIC__INIT;
    struct log_call *call;
    enum status status;

    body.topic = (char *) topic;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_COUNT;
    request.count = &body;
    status = log_link_ask(link, &request, &call, err);
    if (status != STATUS_OK)
        return status;
    *partitions = log_call_reply(call)->partitions;
    log_call_destroy(call);
    return STATUS_OK;
}

static void topic_destroy(struct topic *topic)
{
    free(topic->name);
    free(topic);
}

/* Asks the server about a topic once; one that is deleted later fails at its append. */
static enum status learn_topic(struct log_outbox *outbox, const char *name, struct topic **topic,
                               struct error *err)
{
    struct topic *made;
    uint32_t partitions = 0;
    enum status status = log_outbox_partitions(outbox->link, name, &partitions, err);

    if (status != STATUS_OK)
        return status;
    made = calloc(1, sizeof *made + partitions * sizeof made->lanes[0]);
    if (made == NULL) {
        error_set(err, STATUS_NOMEM, "publish to %s", name);
        return STATUS_NOMEM;
    }
    made->partitions = partitions;
    made->name = strdup(name);
    if (made->name == NULL || map_put(outbox->topics, slice_from(name), made) != STATUS_OK) {
        topic_destroy(made);
        error_set(err, STATUS_NOMEM, "publish to %s", name);
        return STATUS_NOMEM;
    }
    *topic = made;
    return STATUS_OK;
}

void log_outbox_forget(struct log_outbox *outbox, const char *topic)
{
    /* Parcels point to the topic until they are acknowledged. */
    struct topic *found =
        outbox->pending > 0 ? NULL : map_remove(outbox->topics, slice_from(topic));

    if (found != NULL)
        topic_destroy(found);
}

/* Partitions are checked here, where the caller still can do something about it. */
static enum status find_lane(struct log_outbox *outbox, const struct bus_message *message,
                             struct topic **topic, struct error *err)
{
    struct topic *found = map_get(outbox->topics, slice_from(message->topic));
    enum status status = STATUS_OK;

    if (found == NULL)
        status = learn_topic(outbox, message->topic, &found, err);
    if (status != STATUS_OK)
        return status;
    if (message->partition >= found->partitions) {
        error_set(err, STATUS_NOT_FOUND, "topic %s has %u partitions, none numbered %u",
                  message->topic, found->partitions, message->partition);
        return STATUS_NOT_FOUND;
    }
    *topic = found;
    return STATUS_OK;
}

/* ---- sending ---- */

/* Points into the parcel, which lives until its answer. */
static void fill_run(Xunfang__LogRun *run, const struct parcel *parcel)
{
    xunfang__log_run__init(run);
    run->topic = parcel->topic->name;
    run->partition = parcel->partition;
    run->count = parcel->count;
    run->size = parcel->records.size;
}

/* The records of the parcels in one frame; they keep only their tickets. */
static struct log_frame *join_records(struct parcel *parcels, size_t bytes)
{
    struct log_frame *frame;
    struct buf all;

    /* A parcel that goes alone is not copied. */
    if (parcels->next == NULL)
        return log_frame_take(&parcels->records);
    buf_init(&all, bytes);
    for (struct parcel *parcel = parcels; parcel != NULL; parcel = parcel->next)
        buf_append(&all, buf_slice(&parcel->records));
    frame = buf_status(&all, NULL) == STATUS_OK ? log_frame_take(&all) : NULL;
    buf_fini(&all);
    for (struct parcel *parcel = parcels; parcel != NULL; parcel = parcel->next)
        buf_fini(&parcel->records);
    return frame;
}

/* On failure the flight stays without a call; the outbox is broken then and nobody looks at it. */
static enum status send_parcels(struct log_outbox *outbox, struct flight *flight, size_t count,
                                struct error *err)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogAppend append = XUNFANG__LOG_APPEND__INIT;
    Xunfang__LogRun *runs = calloc(count, sizeof *runs);
    Xunfang__LogRun **list = calloc(count, sizeof(Xunfang__LogRun *));
    enum status status = STATUS_NOMEM;
    struct log_frame *frame = NULL;
    struct parcel *parcel = flight->parcels;

    if (runs != NULL && list != NULL) {
        for (size_t i = 0; i < count; i++, parcel = parcel->next) {
            list[i] = &runs[i];
            fill_run(&runs[i], parcel);
        }
        frame = join_records(flight->parcels, flight->bytes);
    }
    append.n_runs = count;
    append.runs = list;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_APPEND;
    request.append = &append;
    if (frame == NULL)
        error_set(err, STATUS_NOMEM, "an append of %zu bytes", flight->bytes);
    else
        status = log_link_send(outbox->link, &request, frame, &flight->call, err);
    /* Packed by now: what may be sent again does not need them. */
    free(runs);
    free(list);
    return status;
}

/* Takes the oldest parcels, about LOG_PARCEL_BYTES of them, off the queue into a request. */
static enum status send_oldest(struct log_outbox *outbox, struct error *err)
{
    struct flight *flight = &outbox->flights[outbox->flight_count];
    struct parcel **at = &outbox->first;
    size_t count = 0;
    size_t bytes = 0;

    while (*at != NULL && (count == 0 || bytes + (*at)->records.size <= LOG_PARCEL_BYTES)) {
        struct lane *lane = &(*at)->topic->lanes[(*at)->partition];
        if (lane->open == *at)
            lane->open = NULL;
        bytes += (*at)->records.size;
        at = &(*at)->next;
        count++;
    }
    flight->parcels = outbox->first;
    flight->call = NULL;
    flight->bytes = bytes;
    outbox->first = *at;
    if (outbox->first == NULL)
        outbox->last = &outbox->first;
    *at = NULL;
    ENSURE(outbox->first_bytes >= bytes && outbox->flight_count < LOG_WINDOW);
    outbox->first_bytes -= bytes;
    outbox->flight_count++;
    return send_parcels(outbox, flight, count, err);
}

/* ---- acknowledgements ---- */

/* Offsets of a run are consecutive. */
static void acknowledge(struct log_outbox *outbox, struct parcel *parcel, uint64_t first)
{
    for (uint32_t i = 0; i < parcel->count; i++)
        if (parcel->tickets[i] != NULL)
            *parcel->tickets[i] = (struct bus_ticket){true, first + i};
    ENSURE(outbox->pending >= parcel->count);
    outbox->pending -= parcel->count;
}

/* A refusal ends the outbox: records behind this one may be on their way, and order would break. */
static enum status land(struct log_outbox *outbox, struct flight *flight, struct error *err)
{
    const Xunfang__LogReply *reply = log_call_reply(flight->call);
    enum status status = log_call_status(flight->call, err);
    size_t i = 0;

    if (status != STATUS_OK)
        return status;
    for (struct parcel *parcel = flight->parcels; parcel != NULL; parcel = parcel->next, i++) {
        if (i >= reply->n_runs)
            return error_set(err, STATUS_INTERNAL, "the log server acknowledged too few runs");
        acknowledge(outbox, parcel, reply->runs[i]->first);
    }
    outbox->pending_bytes -= flight->bytes;
    return STATUS_OK;
}

/* Tickets of what was not acknowledged stay as they are. */
static void flight_destroy(struct flight *flight)
{
    log_call_destroy(flight->call);
    parcels_destroy(flight->parcels);
}

/* From the oldest on: the server answers appends in their order. */
static enum status take_answers(struct log_outbox *outbox, struct error *err)
{
    enum status status = STATUS_OK;
    size_t done = 0;

    while (done < outbox->flight_count && status == STATUS_OK &&
           log_call_reply(outbox->flights[done].call) != NULL) {
        status = land(outbox, &outbox->flights[done], err);
        flight_destroy(&outbox->flights[done]);
        done++;
    }
    outbox->flight_count -= done;
    memmove(outbox->flights, outbox->flights + done,
            outbox->flight_count * sizeof outbox->flights[0]);
    return status;
}

/* Takes answers and sends while the window is open and at least `bytes` are queued. */
static enum status move(struct log_outbox *outbox, size_t bytes, struct error *err)
{
    struct error *failure = &outbox->failure;

    if (failure->code == STATUS_OK)
        failure->code = take_answers(outbox, failure);
    while (failure->code == STATUS_OK && outbox->first != NULL && outbox->first_bytes >= bytes &&
           outbox->flight_count < LOG_WINDOW)
        failure->code = send_oldest(outbox, failure);
    if (failure->code == STATUS_OK)
        return STATUS_OK;
    return error_set(err, failure->code, "%s", failure->message);
}

enum status log_outbox_step(struct log_outbox *outbox, struct error *err)
{
    return move(outbox, 0, err);
}

/* ---- putting ---- */

/* Into the open parcel of its partition, or a new one at the end of the queue. */
static enum status put_record(struct log_outbox *outbox, struct topic *topic,
                              const struct bus_message *message, struct bus_ticket *ticket)
{
    struct parcel *parcel = topic->lanes[message->partition].open;
    size_t size = log_batch_size(message->key, message->value);

    if (parcel != NULL && parcel->records.size + size > LOG_PARCEL_BYTES)
        parcel = NULL;
    if (parcel == NULL)
        parcel = new_parcel(outbox, topic, message->partition);
    if (parcel == NULL || !add_ticket(parcel, ticket))
        return STATUS_NOMEM;
    log_batch_put(&parcel->records, message->key, message->value);
    if (buf_status(&parcel->records, NULL) != STATUS_OK)
        return STATUS_NOMEM;
    parcel->count++;
    outbox->first_bytes += size;
    outbox->pending++;
    outbox->pending_bytes += size;
    return STATUS_OK;
}

enum status log_outbox_put(struct log_outbox *outbox, const struct bus_message *message,
                           struct bus_ticket *ticket, struct error *err)
{
    size_t size = log_batch_size(message->key, message->value);
    struct topic *topic = NULL;
    enum status status;

    if (outbox->pending > 0 && (outbox->pending_bytes >= outbox->queue_bytes ||
                                size > outbox->queue_bytes - outbox->pending_bytes))
        return error_set(err, STATUS_AGAIN, "%zu bytes wait for acknowledgement",
                         outbox->pending_bytes);
    status = find_lane(outbox, message, &topic, err);
    if (status != STATUS_OK)
        return status;
    if (put_record(outbox, topic, message, ticket) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "publish to %s", message->topic);
    /* A full parcel need not wait for the owner's next step. A failure is told there, since it is
     * not this record's. */
    status_ignore(move(outbox, LOG_PARCEL_BYTES, NULL));
    return STATUS_OK;
}

size_t log_outbox_pending(const struct log_outbox *outbox)
{
    return outbox->pending;
}

/* ---- life ---- */

struct log_outbox *log_outbox_create(struct log_link *link, size_t queue_bytes)
{
    struct log_outbox *outbox = calloc(1, sizeof *outbox);

    if (outbox == NULL)
        return NULL;
    outbox->link = link;
    outbox->queue_bytes = queue_bytes;
    outbox->last = &outbox->first;
    outbox->topics = map_create();
    if (outbox->topics == NULL) {
        free(outbox);
        return NULL;
    }
    return outbox;
}

void log_outbox_destroy(struct log_outbox *outbox)
{
    size_t cursor = 0;
    void *topic;

    if (outbox == NULL)
        return;
    for (size_t i = 0; i < outbox->flight_count; i++)
        flight_destroy(&outbox->flights[i]);
    parcels_destroy(outbox->first);
    while (map_next(outbox->topics, &cursor, NULL, &topic))
        topic_destroy(topic);
    map_destroy(outbox->topics);
    free(outbox);
}
