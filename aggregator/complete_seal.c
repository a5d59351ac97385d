#include "aggregator/complete_seal.h"

#include "base/message.h"
#include "proto/control.pb-c.h"
#include "study/topics.h"

enum { SEALED_TOPICS = 3 };

/* The partitions of one topic, which stand from `first` on among the fold's inputs. */
struct sealed_topic {
    const char *name;
    size_t first;
    size_t count;
};

static Xunfang__SealedRange *range_of(const struct sealed_topic *topic, struct fold_batch *batch,
                                      struct arena *arena)
{
    Xunfang__SealedRange *range = arena_alloc(arena, sizeof *range);
    uint64_t *ends = arena_array(arena, topic->count, sizeof *ends);

    if (range == NULL || ends == NULL)
        return NULL;
    xunfang__sealed_range__init(range);
    /* Where the fold has read to, not where the logs end: what came meanwhile is not in the sums
     * that called the job complete, and would make two reports of one seal differ. */
    for (size_t i = 0; i < topic->count; i++)
        ends[i] = fold_offset(batch, topic->first + i);
    /* Generated structs have no const; packing only reads. */
    range->topic = (char *) (uintptr_t) topic->name;
    range->ends = ends;
    range->n_ends = topic->count;
    return range;
}

/* data is NULL when the arena is full. */
static struct slice pack(const struct seal *seal, Xunfang__SealedRange **ranges,
                         struct arena *arena)
{
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__Sealed sealed = XUNFANG__SEALED__INIT;

    sealed.job = (char *) (uintptr_t) seal->job;
    sealed.run = (char *) (uintptr_t) seal->run;
    sealed.generation = seal->generation;
    sealed.made_ms = seal->made_ms;
    sealed.ranges = ranges;
    sealed.n_ranges = SEALED_TOPICS;
    sealed.state = seal->gaps == 0
                       ? arena_printf(arena, "complete")
                       : arena_printf(arena, "gaps: %llu", (unsigned long long) seal->gaps);
    if (sealed.state == NULL)
        return (struct slice){NULL, 0};
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SEALED;
    record.sealed = &sealed;
    return message_pack_arena(&record.base, arena);
}

/* The same for whoever seals this generation, and however often. */
static struct id seal_id(const struct seal *seal)
{
    struct hash *hash = hash_create();

    hash_field(hash, SLICE("sealed"));
    hash_field(hash, slice_from(seal->job));
    hash_field(hash, slice_from(seal->run));
    hash_number(hash, seal->generation);
    return hash_finish(hash);
}

enum status seal_emit(const struct seal *seal, struct fold_batch *batch, struct arena *arena,
                      struct error *err)
{
    size_t urls = seal->url_partitions, both = urls + seal->partitions;
    struct topic_name url_log = topic_name(TOPIC_URLS, NULL, NULL);
    struct topic_name control = topic_name(TOPIC_CONTROL, NULL, NULL);
    const struct sealed_topic topics[SEALED_TOPICS] = {{url_log.text, 0, urls},
                                                       {seal->documents, urls, seal->partitions},
                                                       {seal->reports, both, seal->partitions}};
    /* One key for all of control, so its one partition keeps the order of all records. */
    struct record record = {.id = seal_id(seal),
                            .key = SLICE("control"),
                            .job = slice_from(seal->job),
                            .run = slice_from(seal->run),
                            .schema = RECORD_SCHEMA,
                            .generation = seal->generation};
    Xunfang__SealedRange *ranges[SEALED_TOPICS];

    for (int i = 0; i < SEALED_TOPICS; i++) {
        ranges[i] = range_of(&topics[i], batch, arena);
        if (ranges[i] == NULL)
            return error_set(err, STATUS_NOMEM, "no memory for the seal");
    }
    record.payload = pack(seal, ranges, arena);
    if (record.payload.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the seal");
    return fold_emit(batch, control.text, &record, err);
}
