#include "aggregator/backlog.h"

/* No commit is position 0: all records still lie before the stage. */
static enum status read_partition(struct bus *bus, const struct bus_partition *partition,
                                  const char *owner, uint64_t *records, struct error *err)
{
    uint64_t end = 0, committed = 0;
    enum status status = bus_end(bus, partition->topic, partition->partition, &end, err);

    if (status == STATUS_OK)
        status = bus_committed(bus, owner, partition, &committed, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *records += end > committed ? end - committed : 0;
    return STATUS_OK;
}

/* An input that is not there (its job is being purged) holds nothing up. */
static enum status read_stage(struct bus *bus, const char *topic, const char *owner,
                              uint64_t *records, struct error *err)
{
    uint32_t partitions = 0;
    enum status status = bus_topic_partitions(bus, topic, &partitions, err);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    for (uint32_t i = 0; i < partitions && status == STATUS_OK; i++) {
        const struct bus_partition partition = {topic, i};

        status = read_partition(bus, &partition, owner, records, err);
    }
    return status;
}

enum status backlog_read(struct bus *bus, const struct catalog_run *run, struct backlog *result,
                         struct error *err)
{
    static const struct {
        const char *name;
        enum topic_kind reads;
    } stages[BACKLOG_STAGES] = {
        {"parser", TOPIC_PAGES}, {"classifier", TOPIC_DOCUMENTS}, {"extractor", TOPIC_VISITS}};
    struct backlog backlog = {.count = 0};

    for (size_t i = 0; i < BACKLOG_STAGES; i++) {
        struct topic_name topic = catalog_topic(run, stages[i].reads);
        struct owner_name owner = catalog_owner(run, stages[i].name);
        struct backlog_stage *stage = &backlog.stages[backlog.count];
        enum status status;

        if (!catalog_needs(run, stages[i].name))
            continue;
        backlog.count++;
        stage->name = stages[i].name;
        status = read_stage(bus, topic.text, owner.text, &stage->records, err);
        if (status != STATUS_OK)
            return status;
    }
    *result = backlog;
    return STATUS_OK;
}
