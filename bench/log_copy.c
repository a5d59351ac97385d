/*
 * log_copy: puts the logs of a run from one bus on another, several times over.
 *
 * usage: log_copy FROM TO JOB RUN PARTITIONS COPIES KIND…      (documents, visits or reports)
 *
 * What a worker does can then be measured alone, over a log as long as the measurement needs. The
 * run stands in the other bus's `control` with its files and with PARTITIONS partitions; copies
 * after the first have ids of their own, else they would be repeats. Seeds and seals are left out.
 */
#include "base/message.h"
#include "base/publish.h"
#include "study/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP_MS = 1000,
    WAIT_MS = 60 * 1000,
    RECORD_MEMORY = 32 * 1024 * 1024,
    URL_PARTITIONS = 16,
};

struct copying {
    struct bus *from;
    struct bus *to;
    const char *job;
    const char *run;
    uint32_t partitions;
    uint64_t copies;
    struct publish_target target;
    struct arena *arena;
    uint64_t published;
};

static void check(enum status status, const struct error *err)
{
    if (status == STATUS_OK)
        return;
    (void) fprintf(stderr, "log_copy: %s\n", err->message);
    exit(1);
}

static struct bus *open_bus(const char *url)
{
    struct bus_options options = {.client = "log-copy", .timeout_ms = WAIT_MS};
    struct bus *bus;
    struct error err;

    check(bus_open(url, &options, &bus, &err), &err);
    return bus;
}

/* ---- the run ---- */

static void announce(struct bus *bus, const Xunfang__JobSubmitted *submitted, uint32_t partitions)
{
    Xunfang__Cluster cluster = XUNFANG__CLUSTER__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    Xunfang__JobSubmitted changed = *submitted;
    struct error err;

    cluster.url_partitions = URL_PARTITIONS;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_CLUSTER;
    record.cluster = &cluster;
    check(catalog_announce(bus, &record, &err), &err);
    changed.partitions = partitions;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_SUBMITTED;
    record.submitted = &changed;
    check(catalog_announce(bus, &record, &err), &err);
}

static void create_logs(const struct copying *copying)
{
    static const enum topic_kind kinds[] = {TOPIC_PAGES, TOPIC_ANSWERS, TOPIC_DOCUMENTS,
                                            TOPIC_VISITS, TOPIC_REPORTS};
    struct error err;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct topic_name name = topic_name(kinds[i], copying->job, copying->run);
        uint32_t count = kinds[i] == TOPIC_ANSWERS ? 1 : copying->partitions;
        check(bus_topic_create(copying->to, name.text, count, &err), &err);
    }
}

static void copy_run(const struct copying *copying)
{
    struct catalog *source;
    struct catalog *copy;
    const struct catalog_run *run;
    struct error err;

    check(catalog_open(copying->from, &source, &err), &err);
    check(catalog_open(copying->to, &copy, &err), &err);
    run = catalog_find(source, copying->job, copying->run);
    if (run == NULL)
        check(error_set(&err, STATUS_NOT_FOUND, "no run '%s' of job '%s'", copying->run,
                        copying->job),
              &err);
    create_logs(copying);
    if (catalog_find(copy, copying->job, copying->run) == NULL)
        announce(copying->to, run->submitted, copying->partitions);
    catalog_close(copy);
    catalog_close(source);
}

/* ---- its records ---- */

static void copy_record(struct copying *copying, const struct bus_record *raw)
{
    struct record record;
    struct id id;
    struct error err;

    arena_reset(copying->arena);
    check(record_decode(raw->value, copying->arena, &record, &err), &err);
    record.source_count = 0;
    for (uint64_t copy = 0; copy < copying->copies; copy++) {
        if (copy > 0) {
            struct hash *hash = hash_create();
            hash_field(hash, raw->key);
            hash_number(hash, copy);
            id = hash_finish(hash);
            record.id = id;
            record.key = id_slice(&id);
        }
        check(publish_record(&copying->target, &record, &err), &err);
        copying->published++;
    }
}

static void copy_partition(struct copying *copying, const char *topic, uint32_t number)
{
    struct bus_partition partition = {topic, number};
    struct bus_reader_options options = {.partitions = &partition, .partition_count = 1};
    struct bus_reader *reader;
    struct bus_event event;
    struct error err;
    uint64_t end;

    check(bus_end(copying->from, topic, number, &end, &err), &err);
    check(bus_reader_open(copying->from, &options, &reader, &err), &err);
    for (uint64_t at = 0; at < end;) {
        check(bus_reader_poll(reader, STEP_MS, &event, &err), &err);
        for (size_t i = 0; event.kind == BUS_EVENT_RECORDS && i < event.record_count; i++) {
            copy_record(copying, &event.records[i]);
            at = event.records[i].offset + 1;
        }
    }
    bus_reader_close(reader);
}

static void copy_log(struct copying *copying, enum topic_kind kind)
{
    struct topic_name topic = topic_name(kind, copying->job, copying->run);
    struct error err;
    uint32_t count;

    copying->target.topic = topic.text;
    copying->target.partitions = copying->partitions;
    check(bus_topic_partitions(copying->from, topic.text, &count, &err), &err);
    for (uint32_t i = 0; i < count; i++)
        copy_partition(copying, topic.text, i);
    check(bus_flush(copying->to, WAIT_MS, &err), &err);
}

static enum topic_kind kind_of(const char *text)
{
    if (strcmp(text, "documents") == 0)
        return TOPIC_DOCUMENTS;
    if (strcmp(text, "visits") == 0)
        return TOPIC_VISITS;
    if (strcmp(text, "reports") == 0)
        return TOPIC_REPORTS;
    (void) fprintf(stderr, "log_copy: '%s' is no kind of log to copy\n", text);
    exit(2);
}

int main(int argc, char **argv)
{
    struct copying copying = {0};
    struct buf scratch;

    if (argc < 8) {
        (void) fprintf(stderr, "usage: log_copy FROM TO JOB RUN PARTITIONS COPIES KIND…\n");
        return 2;
    }
    copying.from = open_bus(argv[1]);
    copying.to = open_bus(argv[2]);
    copying.job = argv[3];
    copying.run = argv[4];
    copying.partitions = (uint32_t) strtoul(argv[5], NULL, 10);
    copying.copies = strtoull(argv[6], NULL, 10);
    copying.arena = arena_create(RECORD_MEMORY);
    if (copying.arena == NULL)
        return 1;
    buf_init(&scratch, RECORD_MEMORY);
    copying.target = (struct publish_target){.bus = copying.to, .scratch = &scratch};
    copy_run(&copying);
    for (int i = 7; i < argc; i++)
        copy_log(&copying, kind_of(argv[i]));
    (void) fprintf(stderr, "%llu records\n", (unsigned long long) copying.published);
    buf_fini(&scratch);
    arena_destroy(copying.arena);
    bus_close(copying.to);
    bus_close(copying.from);
    return 0;
}
