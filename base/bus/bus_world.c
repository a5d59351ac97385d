/* What survives the processes of a simulation, in lists: worlds are small, and searched by name.
 * Faults are drawn in bus_memory.c, from the one generator here, so that a seed fixes them all. */
#include "base/bus/bus_world.h"

#include <stdlib.h>
#include <string.h>

/* ---- life ---- */

struct bus_world *bus_world_create(uint64_t seed, struct clock_manual *clock)
{
    struct bus_world *world = calloc(1, sizeof *world);

    if (world == NULL)
        return NULL;
    world->clock = clock;
    random_init(&world->random, seed);
    return world;
}

static void log_cut(struct log *log, size_t count)
{
    while (log->count > count)
        free(log->records[--log->count]);
}

static void topic_destroy(struct topic *topic)
{
    for (uint32_t i = 0; i < topic->log_count; i++) {
        log_cut(&topic->logs[i], 0);
        free(topic->logs[i].records);
    }
    free(topic->name);
    free(topic);
}

/* Removes claims on `topic`; NULL: all. */
static void drop_claims(struct bus_world *world, const struct topic *topic)
{
    for (struct claim **at = &world->claims; *at != NULL;) {
        struct claim *claim = *at;
        if (topic != NULL && claim->topic != topic) {
            at = &claim->next;
            continue;
        }
        *at = claim->next;
        free(claim->stage);
        free(claim);
    }
}

void bus_world_destroy(struct bus_world *world)
{
    if (world == NULL)
        return;
    drop_claims(world, NULL);
    while (world->topics != NULL) {
        struct topic *topic = world->topics;
        world->topics = topic->next;
        topic_destroy(topic);
    }
    free(world);
}

void bus_world_set_faults(struct bus_world *world, struct bus_faults faults)
{
    world->faults = faults;
}

/* ---- inside: for bus_memory.c ---- */

struct topic *world_topic(const struct bus_world *world, const char *name)
{
    struct topic *topic = world->topics;

    while (topic != NULL && strcmp(topic->name, name) != 0)
        topic = topic->next;
    return topic;
}

struct log *world_log(const struct bus_world *world, const char *name, uint32_t partition,
                      struct error *err)
{
    struct topic *topic = world_topic(world, name);

    if (topic != NULL && partition < topic->log_count)
        return &topic->logs[partition];
    error_set(err, STATUS_NOT_FOUND, "no partition %s/%u", name, partition);
    return NULL;
}

static struct claim *find_claim(const struct bus_world *world, const char *stage, const char *topic,
                                uint32_t partition)
{
    struct claim *claim = world->claims;

    while (claim != NULL && (claim->partition != partition || strcmp(claim->stage, stage) != 0 ||
                             strcmp(claim->topic->name, topic) != 0))
        claim = claim->next;
    return claim;
}

struct bus_record log_view(const struct log *log, uint64_t offset)
{
    const struct log_record *record = log->records[offset];

    return (struct bus_record){
        .offset = offset,
        .key = slice_of(record->bytes, record->key_size),
        .value = slice_of(record->bytes + record->key_size, record->value_size),
    };
}

static struct topic *topic_create(const char *name, uint32_t partitions)
{
    struct topic *topic = calloc(1, sizeof *topic + partitions * sizeof(struct log));

    if (topic == NULL)
        return NULL;
    topic->log_count = partitions;
    topic->name = strdup(name);
    if (topic->name != NULL)
        return topic;
    free(topic);
    return NULL;
}

enum status world_add_topic(struct bus_world *world, const char *name, uint32_t partitions,
                            struct error *err)
{
    struct topic *topic = world_topic(world, name);

    if (topic != NULL && topic->log_count != partitions)
        return error_set(err, STATUS_INVALID, "topic %s has %u partitions, not %u", name,
                         topic->log_count, partitions);
    if (topic != NULL)
        return STATUS_OK;
    topic = topic_create(name, partitions);
    if (topic == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for topic %s", name);
    topic->next = world->topics;
    world->topics = topic;
    return STATUS_OK;
}

void world_remove_topic(struct bus_world *world, const char *name)
{
    struct topic *topic = world_topic(world, name);
    struct topic **at = &world->topics;

    if (topic == NULL)
        return;
    /* Claims point to their topic, so they go first. */
    drop_claims(world, topic);
    while (*at != topic)
        at = &(*at)->next;
    *at = topic->next;
    topic_destroy(topic);
}

enum status log_append(struct log *log, const struct bus_message *message)
{
    struct log_record *record = malloc(sizeof *record + message->key.size + message->value.size);

    if (record == NULL)
        return STATUS_NOMEM;
    if (log->count == log->capacity) {
        size_t capacity = log->capacity == 0 ? 16 : log->capacity * 2;
        struct log_record **records = realloc(log->records, capacity * sizeof(struct log_record *));
        if (records == NULL) {
            free(record);
            return STATUS_NOMEM;
        }
        log->records = records;
        log->capacity = capacity;
    }
    record->key_size = message->key.size;
    record->value_size = message->value.size;
    if (message->key.size > 0)
        memcpy(record->bytes, message->key.data, message->key.size);
    if (message->value.size > 0)
        memcpy(record->bytes + message->key.size, message->value.data, message->value.size);
    /* Only the array of pointers moves when it grows: views of records stay good. */
    log->records[log->count++] = record;
    return STATUS_OK;
}

struct claim *world_claim(struct bus_world *world, const char *stage, struct topic *topic,
                          uint32_t partition)
{
    struct claim *claim = find_claim(world, stage, topic->name, partition);

    if (claim != NULL)
        return claim;
    claim = calloc(1, sizeof *claim);
    if (claim == NULL)
        return NULL;
    claim->stage = strdup(stage);
    if (claim->stage == NULL) {
        free(claim);
        return NULL;
    }
    claim->topic = topic;
    claim->partition = partition;
    claim->next = world->claims;
    world->claims = claim;
    return claim;
}

bool claim_elsewhere(const struct claim *claim, const char *client, uint64_t owner)
{
    /* Given to nobody in particular: it is the newest opener's. */
    if (claim->member[0] == '\0')
        return false;
    /* A client that was started again has the same name: then the number tells the old one. */
    return strcmp(claim->member, client) != 0 || (owner != 0 && owner != claim->owner);
}

/* ---- from outside ---- */

bool bus_world_record(const struct bus_world *world, const char *topic, uint32_t partition,
                      uint64_t offset, struct bus_record *record)
{
    const struct log *log = world_log(world, topic, partition, NULL);

    if (log == NULL || offset >= log->count)
        return false;
    *record = log_view(log, offset);
    return true;
}

bool bus_world_commit(const struct bus_world *world, const char *stage,
                      const struct bus_partition *partition, uint64_t *offset,
                      struct slice *metadata)
{
    const struct claim *claim = find_claim(world, stage, partition->topic, partition->partition);

    if (claim == NULL || !claim->committed)
        return false;
    *offset = claim->offset;
    *metadata = slice_of(claim->metadata, claim->metadata_size);
    return true;
}

void bus_world_cut(struct bus_world *world, const char *topic, uint32_t partition, uint64_t offset)
{
    struct log *log = world_log(world, topic, partition, NULL);

    ENSURE(log != NULL);
    log_cut(log, offset);
    /* As a group on Kafka: a place beyond the end is the end (kafka_grants_read). */
    for (struct claim *claim = world->claims; claim != NULL; claim = claim->next)
        if (claim->partition == partition && strcmp(claim->topic->name, topic) == 0 &&
            claim->offset > log->count)
            claim->offset = log->count;
}

static struct claim *must_find(struct bus_world *world, const char *stage,
                               const struct bus_partition *partition)
{
    struct claim *claim = find_claim(world, stage, partition->topic, partition->partition);

    ENSURE(claim != NULL);
    return claim;
}

void bus_world_steal(struct bus_world *world, const char *stage,
                     const struct bus_partition *partition)
{
    must_find(world, stage, partition)->owner++;
}

void bus_world_move(struct bus_world *world, const char *stage,
                    const struct bus_partition *partition, bool away)
{
    struct claim *claim = must_find(world, stage, partition);

    claim->away = away;
    claim->recalled = false;
    /* Refuses commits at once, though the reader hears of it with its next poll. */
    claim->owner++;
}

void bus_world_give(struct bus_world *world, const char *stage,
                    const struct bus_partition *partition, const char *client)
{
    struct topic *topic = world_topic(world, partition->topic);
    struct claim *claim;

    ENSURE(world->groups && topic != NULL && strlen(client) < sizeof claim->member);
    claim = world_claim(world, stage, topic, partition->partition);
    ENSURE(claim != NULL);
    memcpy(claim->member, client, strlen(client) + 1);
    claim->away = claim->recalled = false;
}

void bus_world_recall(struct bus_world *world, const char *stage,
                      const struct bus_partition *partition)
{
    struct claim *claim = must_find(world, stage, partition);

    /* The number stays, so that a last commit is taken; the poll after that raises it
     * (end_last_words). */
    claim->away = claim->recalled = true;
}

void bus_world_set_groups(struct bus_world *world)
{
    world->groups = true;
}

void bus_world_fail(struct bus_world *world, uint64_t nth, enum status status)
{
    world->fail_at = nth == 0 ? 0 : world->publishes + nth;
    world->fail_with = status;
}

uint64_t bus_world_publishes(const struct bus_world *world)
{
    return world->publishes;
}
