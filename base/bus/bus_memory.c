#include "base/bus/bus_memory.h"

#include "base/bus/bus_world.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_BATCH_BYTES = 4 * 1024 * 1024, LATE_ACK_MS = 60 }; /* virtual time */

/* A publish whose acknowledgement has not come. */
struct pending {
    struct pending *next;
    struct bus_ticket *ticket;
    uint64_t offset;
    size_t bytes;
    int64_t due_ms;  /* INT64_MAX: never */
    int64_t sent_ms; /* the time-out of the bus counts from here */
};

struct memory_bus {
    struct bus front;
    struct bus_backend backend; /* a copy: its capabilities are the world's */
    struct bus_world *world;
    struct pending *pending; /* oldest first */
    struct pending **last;   /* where the next one goes */
    size_t pending_count;
    size_t pending_bytes;
};

struct part {
    struct topic *topic;
    uint32_t partition;
    struct claim *claim; /* NULL: an onlooker's */
    uint64_t owner;      /* the claim's number when it became ours; 0: it is not */
    uint64_t next;       /* offset */
    bool assigned;       /* as the reader was told last */
    bool paused;
};

struct memory_reader {
    struct bus_reader front;
    struct bus_world *world;
    const char *client; /* of the bus, which outlives it */
    size_t max_bytes;
    size_t cursor;            /* part to look at first: none starves */
    struct bus_record *batch; /* of the last event, the bytes behind */
    size_t part_count;
    struct part parts[];
};

/* ---- topics ---- */

static struct bus_world *world_of(const struct bus *bus)
{
    return ((const struct memory_bus *) bus)->world;
}

static enum status memory_topic_create(struct bus *bus, const char *name, uint32_t partitions,
                                       struct error *err)
{
    return world_add_topic(world_of(bus), name, partitions, err);
}

static enum status memory_topic_partitions(struct bus *bus, const char *name, uint32_t *partitions,
                                           struct error *err)
{
    const struct topic *topic = world_topic(world_of(bus), name);

    if (topic == NULL)
        return error_set(err, STATUS_NOT_FOUND, "no topic %s", name);
    *partitions = topic->log_count;
    return STATUS_OK;
}

static enum status memory_topic_delete(struct bus *bus, const char *name, struct error *err)
{
    (void) err;
    world_remove_topic(world_of(bus), name);
    return STATUS_OK;
}

static enum status memory_end(struct bus *bus, const char *topic, uint32_t partition,
                              uint64_t *offset, struct error *err)
{
    const struct log *log = world_log(world_of(bus), topic, partition, err);

    if (log == NULL)
        return STATUS_NOT_FOUND;
    *offset = log->count;
    return STATUS_OK;
}

static enum status memory_committed(struct bus *bus, const char *stage,
                                    const struct bus_partition *partition, uint64_t *offset,
                                    struct error *err)
{
    struct slice metadata;

    if (bus_world_commit(world_of(bus), stage, partition, offset, &metadata))
        return STATUS_OK;
    return error_set(err, STATUS_NOT_FOUND, "%s never committed %s/%u", stage, partition->topic,
                     partition->partition);
}

/* ---- publish ---- */

/* When the acknowledgement comes: with the next step, late, or never. */
static int64_t draw_due(struct bus_world *world, bool lost)
{
    int64_t now = world->clock->now_ms;

    if (lost || random_chance(&world->random, world->faults.lost_ack))
        return INT64_MAX;
    if (random_chance(&world->random, world->faults.late_ack))
        return now + 1 + (int64_t) random_below(&world->random, LATE_ACK_MS);
    return now;
}

static enum status check_room(const struct memory_bus *bus, struct error *err)
{
    struct bus_world *world = bus->world;

    if (++world->publishes == world->fail_at)
        return error_set(err, world->fail_with, "publish %llu of the bus in memory fails on order",
                         (unsigned long long) world->publishes);
    if (random_chance(&world->random, world->faults.queue_full) ||
        (bus->pending != NULL && bus->pending_bytes >= bus->front.options.queue_bytes))
        return error_set(err, STATUS_AGAIN, "%zu bytes wait for acknowledgement",
                         bus->pending_bytes);
    return STATUS_OK;
}

static enum status memory_publish(struct bus *front, const struct bus_message *message,
                                  struct bus_ticket *ticket, struct error *err)
{
    struct memory_bus *bus = (struct memory_bus *) front;
    struct log *log = world_log(bus->world, message->topic, message->partition, err);
    struct pending *pending;
    enum status status;
    bool lost;

    if (log == NULL)
        return STATUS_NOT_FOUND;
    status = check_room(bus, err);
    if (status != STATUS_OK)
        return status;
    pending = calloc(1, sizeof *pending);
    lost = random_chance(&bus->world->random, bus->world->faults.lost_publish);
    if (pending == NULL || (!lost && log_append(log, message) != STATUS_OK)) {
        free(pending);
        return error_set(err, STATUS_NOMEM, "no memory to publish to %s", message->topic);
    }
    *pending = (struct pending){
        .ticket = ticket,
        .offset = log->count - 1,
        .bytes = message->key.size + message->value.size,
        .due_ms = draw_due(bus->world, lost),
        .sent_ms = bus->world->clock->now_ms,
    };
    *bus->last = pending;
    bus->last = &pending->next;
    bus->pending_count++;
    bus->pending_bytes += pending->bytes;
    return STATUS_OK;
}

static void acknowledge(struct memory_bus *bus, struct pending **at)
{
    struct pending *pending = *at;

    *at = pending->next;
    if (bus->last == &pending->next)
        bus->last = at;
    bus->pending_count--;
    bus->pending_bytes -= pending->bytes;
    if (pending->ticket != NULL)
        *pending->ticket = (struct bus_ticket){true, pending->offset};
    free(pending);
}

/* Brings what is due; *next_ms is when the next thing will happen. */
static enum status settle(struct memory_bus *bus, int64_t *next_ms, struct error *err)
{
    int64_t now = bus->world->clock->now_ms;

    *next_ms = INT64_MAX;
    for (struct pending **at = &bus->pending; *at != NULL;) {
        struct pending *pending = *at;
        int64_t limit = pending->sent_ms + bus->front.options.timeout_ms;
        if (pending->due_ms <= now) {
            acknowledge(bus, at);
            continue;
        }
        if (limit <= now)
            return error_set(err, STATUS_TIMEOUT, "a publish was not acknowledged in %lld ms",
                             (long long) bus->front.options.timeout_ms);
        if (*next_ms > limit)
            *next_ms = limit;
        if (*next_ms > pending->due_ms)
            *next_ms = pending->due_ms;
        at = &pending->next;
    }
    return STATUS_OK;
}

static enum status memory_step(struct bus *front, int64_t timeout_ms, struct error *err)
{
    struct memory_bus *bus = (struct memory_bus *) front;
    struct clock_manual *clock = bus->world->clock;
    size_t before = bus->pending_count;
    int64_t next_ms;
    enum status status = settle(bus, &next_ms, err);

    if (status != STATUS_OK || bus->pending_count < before || timeout_ms <= 0)
        return status;
    clock_manual_advance(clock, next_ms - clock->now_ms < timeout_ms ? next_ms - clock->now_ms
                                                                     : timeout_ms);
    return settle(bus, &next_ms, err);
}

static size_t memory_pending(const struct bus *bus)
{
    return ((const struct memory_bus *) bus)->pending_count;
}

/* ---- reading ---- */

static enum status open_part(const struct memory_reader *reader, const char *stage,
                             const struct bus_partition *wish, struct part *part, struct error *err)
{
    struct bus_world *world = reader->world;
    struct topic *topic = world_topic(world, wish->topic);

    if (topic == NULL || wish->partition >= topic->log_count)
        return error_set(err, STATUS_NOT_FOUND, "no partition %s/%u", wish->topic, wish->partition);
    part->topic = topic;
    part->partition = wish->partition;
    if (stage == NULL)
        return STATUS_OK;
    part->claim = world_claim(world, stage, topic, wish->partition);
    if (part->claim == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a reader");
    if (!claim_elsewhere(part->claim, reader->client, 0))
        part->owner = ++part->claim->owner;
    return STATUS_OK;
}

static void memory_reader_close(struct bus_reader *front)
{
    struct memory_reader *reader = (struct memory_reader *) front;

    free(reader->batch);
    free(reader);
}

static enum status memory_reader_open(struct bus *bus, const struct bus_reader_options *options,
                                      struct bus_reader **opened, struct error *err)
{
    size_t count = options->partition_count;
    struct memory_reader *reader = calloc(1, sizeof *reader + count * sizeof(struct part));
    enum status status = STATUS_OK;

    if (reader == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a reader");
    reader->world = world_of(bus);
    reader->client = bus->options.client;
    reader->max_bytes = options->max_bytes == 0 ? DEFAULT_BATCH_BYTES : options->max_bytes;
    reader->part_count = count;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = open_part(reader, options->stage, &options->partitions[i], &reader->parts[i], err);
    if (status != STATUS_OK) {
        memory_reader_close(&reader->front);
        return status;
    }
    *opened = &reader->front;
    return STATUS_OK;
}

/* A change of ownership that this reader has not heard of yet. */
static bool news(const char *client, struct part *part, struct bus_event *event)
{
    struct claim *claim = part->claim;

    if (claim != NULL && (claim->away || claim_elsewhere(claim, client, part->owner))) {
        bool had = part->assigned;
        part->assigned = false;
        if (!claim->recalled)
            part->owner = 0;
        event->kind = BUS_EVENT_REVOKED;
        return had;
    }
    if (part->assigned)
        return false;
    if (claim != NULL && part->owner == 0)
        part->owner = ++claim->owner;
    part->assigned = true;
    part->next = claim == NULL ? 0 : claim->offset;
    event->kind = BUS_EVENT_ASSIGNED;
    event->offset = part->next;
    event->metadata =
        claim == NULL ? slice_of(NULL, 0) : slice_of(claim->metadata, claim->metadata_size);
    event->end = part->topic->logs[part->partition].count;
    return true;
}

/* How many records the next batch of this part holds, and their bytes. */
static size_t choose_batch(struct memory_reader *reader, const struct part *part, size_t *bytes)
{
    const struct log *log = &part->topic->logs[part->partition];
    size_t most = SIZE_MAX;
    size_t count = 0;

    *bytes = 0;
    if (random_chance(&reader->world->random, reader->world->faults.short_batch))
        most = 1 + random_below(&reader->world->random, 3);
    for (uint64_t at = part->next; at < log->count && count < most; at++, count++) {
        size_t size = log->records[at]->key_size + log->records[at]->value_size;
        if (count > 0 && *bytes + size > reader->max_bytes)
            break;
        *bytes += size;
    }
    return count;
}

static char *put(char *room, struct slice *bytes)
{
    if (bytes->size > 0)
        memcpy(room, bytes->data, bytes->size);
    bytes->data = room;
    return room + bytes->size;
}

static enum status deliver(struct memory_reader *reader, struct part *part, struct bus_event *event,
                           struct error *err)
{
    const struct log *log = &part->topic->logs[part->partition];
    size_t bytes;
    size_t count = choose_batch(reader, part, &bytes);
    char *room;

    reader->batch = malloc(count * sizeof *reader->batch + bytes + 1);
    if (reader->batch == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a batch of %zu records", count);
    room = (char *) (reader->batch + count);
    for (size_t i = 0; i < count; i++) {
        reader->batch[i] = log_view(log, part->next + i);
        room = put(room, &reader->batch[i].key);
        room = put(room, &reader->batch[i].value);
    }
    part->next += count;
    event->kind = BUS_EVENT_RECORDS;
    event->records = reader->batch;
    event->record_count = count;
    event->end = log->count;
    return STATUS_OK;
}

/* What the last event pointed to is gone with the next call. */
static struct memory_reader *enter(struct bus_reader *front)
{
    struct memory_reader *reader = (struct memory_reader *) front;

    free(reader->batch);
    reader->batch = NULL;
    return reader;
}

static bool has_records(const struct part *part)
{
    return part->assigned && !part->paused && part->next < part->topic->logs[part->partition].count;
}

/* Who was told of a recall and polls again has said it. */
static void end_last_words(struct memory_reader *reader)
{
    for (size_t i = 0; i < reader->part_count; i++) {
        struct part *part = &reader->parts[i];
        if (part->assigned || part->claim == NULL || !part->claim->recalled || part->owner == 0)
            continue;
        part->owner = 0;
        part->claim->owner++;
        part->claim->recalled = false;
    }
}

static enum status memory_reader_poll(struct bus_reader *front, int64_t timeout_ms,
                                      struct bus_event *event, struct error *err)
{
    struct memory_reader *reader = enter(front);
    bool empty = random_chance(&reader->world->random, reader->world->faults.empty_poll);

    end_last_words(reader);
    for (size_t i = 0; i < reader->part_count; i++) {
        event->index = i;
        if (news(reader->client, &reader->parts[i], event))
            return STATUS_OK;
    }
    for (size_t i = 0; !empty && i < reader->part_count; i++) {
        size_t index = (reader->cursor + i) % reader->part_count;
        if (!has_records(&reader->parts[index]))
            continue;
        event->index = index;
        reader->cursor = index + 1;
        return deliver(reader, &reader->parts[index], event, err);
    }
    event->kind = BUS_EVENT_NONE;
    clock_manual_advance(reader->world->clock, timeout_ms > 0 ? timeout_ms : 0);
    return STATUS_OK;
}

static enum status memory_reader_seek(struct bus_reader *front, size_t index, uint64_t offset,
                                      struct error *err)
{
    (void) err;
    enter(front)->parts[index].next = offset;
    return STATUS_OK;
}

static enum status memory_reader_pause(struct bus_reader *front, size_t index, bool paused,
                                       struct error *err)
{
    (void) err;
    enter(front)->parts[index].paused = paused;
    return STATUS_OK;
}

static enum status memory_reader_commit(struct bus_reader *front, size_t index, uint64_t offset,
                                        struct slice metadata, struct error *err)
{
    struct memory_reader *reader = enter(front);
    struct part *part = &reader->parts[index];
    struct claim *claim = part->claim;

    if (claim == NULL)
        return error_set(err, STATUS_USAGE, "an onlooker commits nothing");
    if (claim->owner != part->owner || claim_elsewhere(claim, reader->client, part->owner))
        return error_set(err, STATUS_FENCED, "%s/%u of %s belongs to owner %llu, not %llu",
                         part->topic->name, part->partition, claim->stage,
                         (unsigned long long) claim->owner, (unsigned long long) part->owner);
    claim->committed = true;
    claim->offset = offset;
    claim->metadata_size = metadata.size;
    if (metadata.size > 0)
        memcpy(claim->metadata, metadata.data, metadata.size);
    return STATUS_OK;
}

/* ---- opening ---- */

static void memory_close(struct bus *front)
{
    struct memory_bus *bus = (struct memory_bus *) front;

    while (bus->pending != NULL) {
        struct pending *pending = bus->pending;
        bus->pending = pending->next;
        free(pending);
    }
    free(bus);
}

static const struct bus_backend memory_backend = {
    .name = "memory",
    .capabilities = BUS_CAP_DURABLE | BUS_CAP_OWNERS,
    .close = memory_close,
    .topic_create = memory_topic_create,
    .topic_partitions = memory_topic_partitions,
    .topic_delete = memory_topic_delete,
    .end = memory_end,
    .committed = memory_committed,
    .publish = memory_publish,
    .step = memory_step,
    .pending = memory_pending,
    .reader_open = memory_reader_open,
    .reader_close = memory_reader_close,
    .reader_poll = memory_reader_poll,
    .reader_seek = memory_reader_seek,
    .reader_pause = memory_reader_pause,
    .reader_commit = memory_reader_commit,
};

enum status bus_memory_open(struct bus_world *world, const struct bus_options *options,
                            struct bus **opened, struct error *err)
{
    struct memory_bus *bus = calloc(1, sizeof *bus);

    if (bus == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a bus");
    bus->backend = memory_backend;
    if (world->groups)
        bus->backend.capabilities = BUS_CAP_DURABLE | BUS_CAP_GROUPS;
    bus_init(&bus->front, &bus->backend, &world->clock->clock, options);
    bus->world = world;
    bus->last = &bus->pending;
    *opened = &bus->front;
    return STATUS_OK;
}
