#include "base/bus/log_reader.h"

#include "base/bus/log_batch.h"

#include <stdlib.h>
#include <string.h>

struct part {
    char *topic;
    uint32_t partition;
    uint64_t owner;    /* from the server; goes with every commit */
    uint64_t position; /* the next record to deliver */
    uint64_t next;     /* the next record to fetch */
    uint64_t end;      /* when it was opened */
    size_t metadata_size;
    char metadata[BUS_METADATA_MAX];
    bool announced; /* the owner has seen ASSIGNED */
    bool paused;
    bool asked; /* in the fetch that is on its way */
};

/* An answered fetch, kept as long as a batch points into it. */
struct arrival {
    struct log_call *call;
    size_t users;
};

/* Records of one partition, not delivered yet. */
struct batch {
    struct batch *next;
    struct arrival *arrival;
    size_t index;
    uint64_t first;
    uint64_t count;
    struct slice bytes;
    uint64_t end;
};

struct log_reader {
    struct log_link *link;
    uint32_t number;
    char *stage; /* NULL: an onlooker */
    size_t fetch_bytes;
    struct log_call *fetch; /* NULL: none on its way */
    size_t *fetched;        /* its positions: index of the part */
    size_t first_asked;     /* the part the next fetch begins with */
    struct batch *batches;  /* in the order of arrival */
    struct batch **last;
    size_t batch_bytes;
    struct arrival *current; /* what the last event points into */
    struct bus_record records[LOG_READ_RECORDS];
    size_t part_count;
    struct part parts[];
};

/* ---- batches ---- */

/* The last user frees: the queue, or the event the owner still reads. */
static void release(struct arrival *arrival)
{
    if (arrival == NULL || --arrival->users > 0)
        return;
    log_call_destroy(arrival->call);
    free(arrival);
}

/* Takes the batch at *at out of the queue. */
/* Keeps `last` right when the batch is the last one. */
static void remove_batch(struct log_reader *reader, struct batch **at)
{
    struct batch *batch = *at;

    *at = batch->next;
    if (reader->last == &batch->next)
        reader->last = at;
    reader->batch_bytes -= batch->bytes.size;
    release(batch->arrival);
    free(batch);
}

/* Drops what was fetched of a part; it will be fetched again from its position. */
static void drop_ahead(struct log_reader *reader, size_t index)
{
    for (struct batch **at = &reader->batches; *at != NULL;) {
        if ((*at)->index == index)
            remove_batch(reader, at);
        else
            at = &(*at)->next;
    }
    reader->parts[index].next = reader->parts[index].position;
}

/* `next` runs ahead of `position` by what lies here. */
static enum status add_batch(struct log_reader *reader, struct arrival *arrival, size_t index,
                             const Xunfang__LogRun *run, struct slice bytes)
{
    struct batch *batch = calloc(1, sizeof *batch);

    if (batch == NULL)
        return STATUS_NOMEM;
    *batch = (struct batch){.arrival = arrival,
                            .index = index,
                            .first = run->first,
                            .count = run->count,
                            .bytes = bytes,
                            .end = run->end};
    arrival->users++;
    reader->parts[index].next += run->count;
    *reader->last = batch;
    reader->last = &batch->next;
    reader->batch_bytes += bytes.size;
    return STATUS_OK;
}

/* ---- fetching ---- */

/* Gives up the fetch that is on its way; the next one replaces it at the server, too. */
static void abandon_fetch(struct log_reader *reader)
{
    log_call_destroy(reader->fetch);
    reader->fetch = NULL;
    for (size_t i = 0; i < reader->part_count; i++)
        reader->parts[i].asked = false;
}

static enum status take_runs(struct log_reader *reader, struct arrival *arrival, struct error *err)
{
    const Xunfang__LogReply *reply = log_call_reply(arrival->call);
    struct slice payload = log_call_payload(arrival->call);
    enum status status = STATUS_OK;

    for (size_t i = 0; i < reply->n_runs && status == STATUS_OK; i++) {
        const Xunfang__LogRun *run = reply->runs[i];
        struct slice bytes = slice_sub(payload, 0, run->size);
        size_t index;
        if (run->position >= reader->part_count)
            return error_set(err, STATUS_INTERNAL, "the log server answered what nobody asked");
        index = reader->fetched[run->position];
        status = log_batch_check(bytes, run->count, err);
        /* What was asked for before a seek is not wanted any more. */
        if (status == STATUS_OK && reader->parts[index].next == run->first)
            status = add_batch(reader, arrival, index, run, bytes);
        payload = slice_sub(payload, bytes.size, SIZE_MAX);
    }
    return status;
}

/* The reply stays whole; batches point into it until the last of them is gone. */
static enum status take_fetch(struct log_reader *reader, struct error *err)
{
    struct arrival *arrival;
    enum status status;

    if (reader->fetch == NULL || log_call_reply(reader->fetch) == NULL)
        return STATUS_OK;
    status = log_call_status(reader->fetch, err);
    arrival = status == STATUS_OK ? calloc(1, sizeof *arrival) : NULL;
    if (arrival == NULL) {
        abandon_fetch(reader);
        return status == STATUS_OK ? error_set(err, STATUS_NOMEM, "a fetch") : status;
    }
    *arrival = (struct arrival){.call = reader->fetch, .users = 1};
    reader->fetch = NULL;
    abandon_fetch(reader);
    status = take_runs(reader, arrival, err);
    release(arrival);
    return status;
}

/* Lists the parts that are not paused in `positions`; returns how many. */
/* Beginning behind the part that was served last, so that a busy one cannot starve the others. */
static size_t list_positions(struct log_reader *reader, Xunfang__LogPosition *positions,
                             Xunfang__LogPosition **list)
{
    size_t count = 0;

    for (size_t i = 0; i < reader->part_count; i++) {
        size_t index = (reader->first_asked + i) % reader->part_count;
        struct part *part = &reader->parts[index];
        if (part->paused)
            continue;
        xunfang__log_position__init(&positions[count]);
        positions[count].topic = part->topic;
        positions[count].partition = part->partition;
        positions[count].offset = part->next;
        list[count] = &positions[count];
        part->asked = true;
        reader->fetched[count++] = index;
    }
    return count;
}

static enum status send_fetch(struct log_reader *reader, struct error *err)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogFetch fetch = XUNFANG__LOG_FETCH__INIT;
    Xunfang__LogPosition *positions = calloc(reader->part_count, sizeof *positions);
    Xunfang__LogPosition **list = calloc(reader->part_count, sizeof(Xunfang__LogPosition *));
    enum status status = STATUS_OK;

    if (positions == NULL || list == NULL) {
        status = error_set(err, STATUS_NOMEM, "a fetch");
        goto out;
    }
    fetch.reader = reader->number;
    fetch.max_bytes = (uint32_t) reader->fetch_bytes;
    fetch.wait_ms = LOG_READ_WAIT_MS;
    fetch.n_positions = list_positions(reader, positions, list);
    fetch.positions = list;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_FETCH;
    request.fetch = &fetch;
    if (fetch.n_positions > 0)
        status = log_link_send(reader->link, &request, NULL, &reader->fetch, err);
    if (status == STATUS_OK && reader->fetch != NULL)
        log_call_allow(reader->fetch, LOG_READ_WAIT_MS);
out:
    free(positions);
    free(list);
    return status;
}

/* ---- events ---- */

/* Nothing is fetched before all are announced, so a seek right after costs nothing. */
static bool announce(struct log_reader *reader, struct bus_event *event)
{
    for (size_t i = 0; i < reader->part_count; i++) {
        struct part *part = &reader->parts[i];
        if (part->announced)
            continue;
        part->announced = true;
        event->kind = BUS_EVENT_ASSIGNED;
        event->index = i;
        event->offset = part->position;
        event->metadata = slice_of(part->metadata, part->metadata_size);
        event->end = part->end;
        return true;
    }
    return false;
}

/* The oldest batch whose part is not paused; NULL if none. */
static struct batch **find_batch(struct log_reader *reader)
{
    struct batch **at = &reader->batches;

    while (*at != NULL && reader->parts[(*at)->index].paused)
        at = &(*at)->next;
    return *at == NULL ? NULL : at;
}

/* Delivers the first records of the batch; all of it but when they are very many. */
static void deliver(struct log_reader *reader, struct batch **at, struct bus_event *event)
{
    struct batch *batch = *at;
    struct slice rest = batch->bytes;
    struct bus_record *record = reader->records;
    size_t count = 0;

    while (count < LOG_READ_RECORDS && log_batch_next(&rest, &record->key, &record->value)) {
        record->offset = batch->first + count++;
        record++;
    }
    ENSURE(count > 0 && batch->first == reader->parts[batch->index].position);
    reader->current = batch->arrival;
    reader->current->users++;
    reader->parts[batch->index].position = batch->first + count;
    reader->first_asked = (batch->index + 1) % reader->part_count;
    *event = (struct bus_event){.kind = BUS_EVENT_RECORDS,
                                .index = batch->index,
                                .records = reader->records,
                                .record_count = count,
                                .end = batch->end};
    reader->batch_bytes -= batch->bytes.size - rest.size;
    batch->bytes = rest;
    batch->first += count;
    batch->count -= count;
    if (batch->count == 0)
        remove_batch(reader, at);
}

/* Paused parts hold all the room: the others go first. */
static void make_room(struct log_reader *reader)
{
    if (reader->batch_bytes < reader->fetch_bytes)
        return;
    for (size_t i = 0; i < reader->part_count; i++)
        if (reader->parts[i].paused)
            drop_ahead(reader, i);
}

enum status log_reader_next(struct log_reader *reader, struct bus_event *event, struct error *err)
{
    struct batch **at;
    enum status status;

    release(reader->current);
    reader->current = NULL;
    event->kind = BUS_EVENT_NONE;
    if (announce(reader, event))
        return STATUS_OK;
    status = take_fetch(reader, err);
    if (status != STATUS_OK)
        return status;
    at = find_batch(reader);
    if (at != NULL)
        deliver(reader, at, event);
    else
        make_room(reader);
    /* Sent before the owner works on the event, so the next batch is here when it comes back. */
    if (reader->fetch == NULL && reader->batch_bytes < reader->fetch_bytes)
        status = send_fetch(reader, err);
    return status;
}

/* What is on its way was asked for at the old place: it is given up with the fetch. */
void log_reader_seek(struct log_reader *reader, size_t index, uint64_t offset)
{
    struct part *part = &reader->parts[index];

    part->position = offset;
    drop_ahead(reader, index);
    abandon_fetch(reader);
}

void log_reader_pause(struct log_reader *reader, size_t index, bool paused)
{
    struct part *part = &reader->parts[index];

    part->paused = paused;
    if (!paused && !part->asked)
        abandon_fetch(reader);
}

/* ---- opening and committing ---- */

enum status log_reader_look(struct log_link *link, const struct bus_partition *partition,
                            const char *stage, struct log_call **call, struct error *err)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogOpen open = XUNFANG__LOG_OPEN__INIT;
    Xunfang__LogPosition position = XUNFANG__LOG_POSITION__INIT;
    Xunfang__LogPosition *list[] = {&position};
    enum status status;

    position.topic = (char *) partition->topic;
    position.partition = partition->partition;
    open.stage = (char *) stage;
    open.n_partitions = 1;
    open.partitions = list;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_OPEN;
    request.open = &open;
    status = log_link_ask(link, &request, call, err);
    if (status != STATUS_OK || log_call_reply(*call)->n_opened == 1)
        return status;
    log_call_destroy(*call);
    return error_set(err, STATUS_INTERNAL, "the log server did not answer what was asked");
}

/* A stage that never committed has offset 0 and no metadata. */
static void take_opened(struct part *part, const Xunfang__LogOpened *opened)
{
    size_t size = opened->metadata.len;

    part->owner = opened->owner;
    part->position = part->next = opened->offset;
    part->end = opened->end;
    part->metadata_size = size < BUS_METADATA_MAX ? size : BUS_METADATA_MAX;
    if (size > 0)
        memcpy(part->metadata, opened->metadata.data, part->metadata_size);
}

/* Takes all partitions, or looks at them. */
/* One request for all, so a reader of many partitions opens in one round trip. */
static enum status open_parts(struct log_reader *reader, Xunfang__LogPosition *positions,
                              Xunfang__LogPosition **list, struct error *err)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogOpen open = XUNFANG__LOG_OPEN__INIT;
    struct log_call *call;
    const Xunfang__LogReply *reply;
    enum status status;

    if (reader->stage != NULL)
        open.stage = reader->stage;
    open.take = reader->stage != NULL;
    open.n_partitions = list_positions(reader, positions, list);
    open.partitions = list;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_OPEN;
    request.open = &open;
    status = log_link_ask(reader->link, &request, &call, err);
    if (status != STATUS_OK)
        return status;
    reply = log_call_reply(call);
    for (size_t i = 0; i < reader->part_count && i < reply->n_opened; i++)
        take_opened(&reader->parts[i], reply->opened[i]);
    if (reply->n_opened != reader->part_count)
        status = error_set(err, STATUS_INTERNAL, "the log server did not open what was asked");
    log_call_destroy(call);
    abandon_fetch(reader);
    return status;
}

/* part_count grows as parts are filled, so closing a half-made reader frees what is there. */
static enum status copy_options(struct log_reader *reader, const struct bus_reader_options *options,
                                struct error *err)
{
    reader->fetched = calloc(options->partition_count, sizeof reader->fetched[0]);
    reader->stage = options->stage == NULL ? NULL : strdup(options->stage);
    if (reader->fetched == NULL || (options->stage != NULL && reader->stage == NULL))
        return error_set(err, STATUS_NOMEM, "a reader");
    for (size_t i = 0; i < options->partition_count; i++) {
        reader->parts[i].topic = strdup(options->partitions[i].topic);
        reader->parts[i].partition = options->partitions[i].partition;
        if (reader->parts[i].topic == NULL)
            return error_set(err, STATUS_NOMEM, "a reader");
        reader->part_count++;
    }
    return STATUS_OK;
}

enum status log_reader_open(struct log_link *link, uint32_t number,
                            const struct bus_reader_options *options, struct log_reader **reader,
                            struct error *err)
{
    size_t count = options->partition_count;
    struct log_reader *made = calloc(1, sizeof *made + count * sizeof made->parts[0]);
    Xunfang__LogPosition *positions = calloc(count, sizeof *positions);
    Xunfang__LogPosition **list = calloc(count, sizeof(Xunfang__LogPosition *));
    enum status status = STATUS_NOMEM;

    if (made == NULL || positions == NULL || list == NULL) {
        error_set(err, STATUS_NOMEM, "a reader");
        free(made);
        goto out;
    }
    made->link = link;
    made->number = number;
    made->last = &made->batches;
    made->fetch_bytes = options->max_bytes > 0 && options->max_bytes < LOG_READ_BYTES
                            ? options->max_bytes
                            : LOG_READ_BYTES;
    status = copy_options(made, options, err);
    if (status == STATUS_OK)
        status = open_parts(made, positions, list, err);
    if (status == STATUS_OK)
        *reader = made;
    else
        log_reader_close(made);
out:
    free(positions);
    free(list);
    return status;
}

void log_reader_close(struct log_reader *reader)
{
    abandon_fetch(reader);
    release(reader->current);
    while (reader->batches != NULL)
        remove_batch(reader, &reader->batches);
    for (size_t i = 0; i < reader->part_count; i++)
        free(reader->parts[i].topic);
    free(reader->fetched);
    free(reader->stage);
    free(reader);
}

enum status log_reader_commit(struct log_reader *reader, size_t index, uint64_t offset,
                              struct slice metadata, struct error *err)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogCommit commit = XUNFANG__LOG_COMMIT__INIT;
    Xunfang__LogPosition position = XUNFANG__LOG_POSITION__INIT;
    const struct part *part = &reader->parts[index];
    struct log_call *call;
    enum status status;

    if (reader->stage == NULL)
        return error_set(err, STATUS_USAGE, "an onlooker commits nothing");
    position.topic = part->topic;
    position.partition = part->partition;
    position.offset = offset;
    commit.stage = reader->stage;
    commit.position = &position;
    commit.owner = part->owner;
    commit.metadata.len = metadata.size;
    commit.metadata.data = (uint8_t *) metadata.data;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_COMMIT;
    request.commit = &commit;
    status = log_link_ask(reader->link, &request, &call, err);
    if (status == STATUS_OK)
        log_call_destroy(call);
    return status;
}
