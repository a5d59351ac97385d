#include "study/catalog.h"

#include "base/message.h"
#include "base/publish.h"

#include <stdlib.h>
#include <string.h>

enum {
    CATALOG_RECORD_MAX = 8 * 1024 * 1024,
    CATALOG_ENVELOPE_MAX = 1024,
    CATALOG_MEMORY_MAX = 256 * 1024 * 1024,
    CATALOG_FLUSH_MS = 30000,
    CATALOG_OPEN_MS = 30000,
    CATALOG_POLL_MS = 500,
    /* How long records that are known to be there may be silent: long at the start, when nothing
     * works without them; short later, as whoever refreshes has other work meanwhile. */
    CATALOG_SILENCE_MS = 2000,
};

struct catalog {
    struct bus *bus;
    struct bus_reader *reader;
    struct arena *memory; /* every unpacked record, for good */
    struct catalog_run runs[CATALOG_RUNS_MAX];
    size_t run_count;
    uint32_t url_partitions;
    /* The next offset of `control`: what stands below it is taken, once. */
    uint64_t position;
    /* Records that an operator told a fold to go over; parallel to the stage each is meant for. */
    struct record_source skips[CATALOG_SKIPS_MAX];
    const char *skip_stages[CATALOG_SKIPS_MAX];
    size_t skip_count;
    const char *purged[CATALOG_RUNS_MAX]; /* whole jobs */
    size_t purged_count;
};

static struct catalog_run *find_run(struct catalog *catalog, const char *job, const char *run)
{
    for (size_t i = 0; i < catalog->run_count; i++)
        if (strcmp(catalog->runs[i].job, job) == 0 && strcmp(catalog->runs[i].run, run) == 0)
            return &catalog->runs[i];
    return NULL;
}

static bool is_name(const char *text)
{
    return topic_check_name("run", slice_from(text), NULL) == STATUS_OK;
}

/* Whose names make no topics is no job of ours. */
static bool has_names(const Xunfang__JobSubmitted *submitted)
{
    const char *const others[] = {submitted->pages_run, submitted->documents_run,
                                  submitted->visits_run, submitted->reports_run};
    bool good = is_name(submitted->job) && is_name(submitted->run);

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        good = good && (others[i][0] == '\0' || is_name(others[i]));
    return good;
}

static void on_submitted(struct catalog *catalog, const Xunfang__JobSubmitted *submitted)
{
    /* The first submission counts, so of two at once every reader of the log takes the same one. */
    if (!has_names(submitted) || find_run(catalog, submitted->job, submitted->run) != NULL ||
        catalog->run_count == CATALOG_RUNS_MAX || catalog_purged(catalog, submitted->job))
        return;
    catalog->runs[catalog->run_count++] = (struct catalog_run){.job = submitted->job,
                                                               .run = submitted->run,
                                                               .submitted = submitted,
                                                               .generation = submitted->generation};
}

static void open_generation(struct catalog_run *run, uint32_t generation)
{
    if (generation <= run->generation)
        return;
    run->generation = generation;
    /* What was sealed was the generation before; the run is open again until its next seal. */
    run->sealed = NULL;
    if (run->claim != NULL && run->claim->generation <= generation)
        run->claim = NULL;
}

/* Generations that were claimed are never claimed again: whatever stands in the log with the number
 * of one given up must not count for another. */
static void on_ingest_begun(struct catalog *catalog, const Xunfang__IngestBegun *begun)
{
    struct catalog_run *run = find_run(catalog, begun->job, begun->run);
    bool again;

    if (run == NULL || catalog_is_replay(run))
        return;
    /* The token tells a sign of life of the same intake from another one that claims the same
     * number. */
    again = run->claim != NULL && begun->generation == run->claim->generation &&
            slice_equal(message_slice(begun->token), message_slice(run->claim->token));
    if (again) {
        run->claim = begun->made_ms == 0 ? NULL : begun;
    } else if (begun->made_ms != 0 && begun->generation > run->generation &&
               begun->generation > run->claimed) {
        run->claim = begun;
        run->claimed = begun->generation;
    }
}

static void on_seeded(struct catalog *catalog, const Xunfang__JobSeeded *seeded)
{
    struct catalog_run *run = find_run(catalog, seeded->job, seeded->run);

    if (run == NULL || run->seeded)
        return;
    run->seeded = true;
    run->seeds = seeded->seeds;
}

static void on_ingested(struct catalog *catalog, const Xunfang__Ingested *ingested)
{
    struct catalog_run *run = find_run(catalog, ingested->job, ingested->run);

    if (run == NULL || catalog_is_replay(run) || ingested->generation <= run->generation)
        return;
    run->ingested += ingested->documents;
    open_generation(run, ingested->generation);
}

static void on_sealed(struct catalog *catalog, const Xunfang__Sealed *sealed)
{
    struct catalog_run *run = find_run(catalog, sealed->job, sealed->run);

    /* A seal of an older generation came late: an aggregator made it before it read of the new
     * one. */
    if (run != NULL && run->sealed == NULL && sealed->generation == run->generation)
        run->sealed = sealed;
}

static void on_skip(struct catalog *catalog, const Xunfang__Skip *skip)
{
    if (catalog->skip_count == CATALOG_SKIPS_MAX)
        return;
    catalog->skips[catalog->skip_count] =
        (struct record_source){slice_from(skip->topic), skip->partition, skip->offset};
    catalog->skip_stages[catalog->skip_count++] = skip->stage;
}

/* The state after the command, which is the state before it where it means nothing. */
static enum run_state after(enum run_state state, Xunfang__JobCommand__Action action)
{
    switch (action) {
    case XUNFANG__JOB_COMMAND__ACTION__PAUSE:
        return state == RUN_OPEN ? RUN_PAUSED : state;
    case XUNFANG__JOB_COMMAND__ACTION__RESUME:
        return state == RUN_PAUSED ? RUN_OPEN : state;
    case XUNFANG__JOB_COMMAND__ACTION__CANCEL:
        return state == RUN_PURGED ? state : RUN_CANCELLED;
    case XUNFANG__JOB_COMMAND__ACTION__PURGE:
        return RUN_PURGED;
    default:
        return state; /* of a newer version */
    }
}

static bool names(const struct catalog_run *run, const char *job, const char *name)
{
    return strcmp(run->job, job) == 0 && (name[0] == '\0' || strcmp(run->run, name) == 0);
}

static void on_command(struct catalog *catalog, const Xunfang__JobCommand *command)
{
    bool found = false;

    for (size_t i = 0; i < catalog->run_count; i++) {
        struct catalog_run *run = &catalog->runs[i];
        enum run_state state = after(run->state, command->action);

        if (!names(run, command->job, command->run))
            continue;
        found = true;
        /* Only a word that changed something: a purge that is repeated must not wait its time
         * anew. */
        if (state != run->state)
            run->command_ms = command->made_ms;
        run->state = state;
    }
    /* Only of jobs that were there: else a slip in a name would take that name from everybody. */
    if (found && command->action == XUNFANG__JOB_COMMAND__ACTION__PURGE &&
        command->run[0] == '\0' && !catalog_purged(catalog, command->job))
        catalog->purged[catalog->purged_count++] = command->job;
}

static void apply(struct catalog *catalog, const Xunfang__ControlRecord *record)
{
    switch (record->kind_case) {
    case XUNFANG__CONTROL_RECORD__KIND_CLUSTER:
        if (catalog->url_partitions == 0)
            catalog->url_partitions = record->cluster->url_partitions;
        break;
    case XUNFANG__CONTROL_RECORD__KIND_SUBMITTED:
        on_submitted(catalog, record->submitted);
        break;
    case XUNFANG__CONTROL_RECORD__KIND_SEEDED:
        on_seeded(catalog, record->seeded);
        break;
    case XUNFANG__CONTROL_RECORD__KIND_INGESTED:
        on_ingested(catalog, record->ingested);
        break;
    case XUNFANG__CONTROL_RECORD__KIND_SEALED:
        on_sealed(catalog, record->sealed);
        break;
    case XUNFANG__CONTROL_RECORD__KIND_SKIP:
        on_skip(catalog, record->skip);
        break;
    case XUNFANG__CONTROL_RECORD__KIND_COMMAND:
        on_command(catalog, record->command);
        break;
    case XUNFANG__CONTROL_RECORD__KIND_INGEST_BEGUN:
        on_ingest_begun(catalog, record->ingest_begun);
        break;
    case XUNFANG__CONTROL_RECORD__KIND__NOT_SET:
    case _XUNFANG__CONTROL_RECORD__KIND__CASE_IS_INT_SIZE:
        break; /* a kind of a newer version: not ours to judge */
    }
}

static enum status take(struct catalog *catalog, const struct bus_record *raw, struct error *err)
{
    /* Copied, since the bus's bytes are gone with the next poll and messages point into them for
     * good. */
    struct slice bytes = arena_copy(catalog->memory, raw->value);
    const Xunfang__ControlRecord *message;
    struct record record;
    enum status status;

    if (bytes.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the log control");
    status = record_decode(bytes, catalog->memory, &record, err);
    if (status == STATUS_INVALID)
        return STATUS_OK; /* garbage in the log is no job */
    if (status != STATUS_OK)
        return status;
    message =
        message_unpack(&xunfang__control_record__descriptor, record.payload, catalog->memory, err);
    if (message != NULL)
        apply(catalog, message);
    return STATUS_OK;
}

/* The next records, or none within `timeout_ms`. */
static enum status read_some(struct catalog *catalog, int64_t timeout_ms, bool *found,
                             struct error *err)
{
    struct bus_event event;
    enum status status = bus_reader_poll(catalog->reader, timeout_ms, &event, err);

    if (status != STATUS_OK)
        return status;
    *found = event.kind != BUS_EVENT_NONE;
    if (event.kind != BUS_EVENT_RECORDS)
        return STATUS_OK;
    for (size_t i = 0; i < event.record_count && status == STATUS_OK; i++)
        status = take(catalog, &event.records[i], err);
    catalog->position = event.records[event.record_count - 1].offset + 1;
    return status;
}

/* What is known to be there comes at once, or its broker is away: whoever works meanwhile must not
 * stand still for that. */
static enum status read_to(struct catalog *catalog, uint64_t end, int64_t silence_ms,
                           struct error *err)
{
    int64_t silent_ms = 0;
    enum status status = STATUS_OK;

    while (status == STATUS_OK && catalog->position < end) {
        bool found = false;

        status = read_some(catalog, CATALOG_POLL_MS, &found, err);
        silent_ms = found ? 0 : silent_ms + CATALOG_POLL_MS;
        if (status == STATUS_OK && silent_ms >= silence_ms)
            return error_set(err, STATUS_TIMEOUT, "control is not read on from %llu of %llu",
                             (unsigned long long) catalog->position, (unsigned long long) end);
    }
    return status;
}

static enum status refresh(struct catalog *catalog, int64_t timeout_ms, int64_t silence_ms,
                           struct error *err)
{
    struct topic_name control = topic_name(TOPIC_CONTROL, NULL, NULL);
    uint64_t before = catalog->position;
    uint64_t end;
    bool found = true;
    enum status status = bus_end(catalog->bus, control.text, 0, &end, err);

    if (status == STATUS_OK)
        status = read_to(catalog, end, silence_ms, err);
    /* An event may bring no records: then the wait goes on, until something new stands there. */
    while (status == STATUS_OK && timeout_ms > 0 && found && catalog->position == before)
        status = read_some(catalog, timeout_ms, &found, err);
    return status;
}

enum status catalog_refresh(struct catalog *catalog, int64_t timeout_ms, struct error *err)
{
    return refresh(catalog, timeout_ms, CATALOG_SILENCE_MS, err);
}

enum status catalog_open(struct bus *bus, struct catalog **result, struct error *err)
{
    struct topic_name control = topic_name(TOPIC_CONTROL, NULL, NULL);
    struct bus_partition partition = {control.text, 0};
    struct bus_reader_options options = {.partitions = &partition, .partition_count = 1};
    struct catalog *catalog;
    enum status status = bus_topic_create(bus, control.text, 1, err);

    if (status != STATUS_OK)
        return status;
    catalog = calloc(1, sizeof *catalog);
    if (catalog != NULL)
        catalog->memory = arena_create(CATALOG_MEMORY_MAX);
    if (catalog == NULL || catalog->memory == NULL) {
        free(catalog);
        return error_set(err, STATUS_NOMEM, "no memory for the catalogue of jobs");
    }
    catalog->bus = bus;
    status = bus_reader_open(bus, &options, &catalog->reader, err);
    if (status == STATUS_OK)
        status = refresh(catalog, 0, CATALOG_OPEN_MS, err);
    if (status != STATUS_OK) {
        catalog_close(catalog);
        return status;
    }
    *result = catalog;
    return STATUS_OK;
}

void catalog_close(struct catalog *catalog)
{
    if (catalog == NULL)
        return;
    if (catalog->reader != NULL)
        bus_reader_close(catalog->reader);
    arena_destroy(catalog->memory);
    free(catalog);
}

const struct catalog_run *catalog_find(const struct catalog *catalog, const char *job,
                                       const char *run)
{
    /* find_run changes nothing; its result is only read through ours. */
    return find_run((struct catalog *) (uintptr_t) catalog, job, run);
}

size_t catalog_run_count(const struct catalog *catalog)
{
    return catalog->run_count;
}

const struct catalog_run *catalog_run_at(const struct catalog *catalog, size_t index)
{
    ENSURE(index < catalog->run_count);
    return &catalog->runs[index];
}

uint32_t catalog_url_partitions(const struct catalog *catalog)
{
    return catalog->url_partitions;
}

const struct record_source *catalog_skips(const struct catalog *catalog, const char *stage,
                                          size_t *count)
{
    struct record_source *found =
        arena_array(catalog->memory, catalog->skip_count + 1, sizeof *found);

    *count = 0;
    for (size_t i = 0; found != NULL && i < catalog->skip_count; i++)
        if (strcmp(catalog->skip_stages[i], stage) == 0)
            found[(*count)++] = catalog->skips[i];
    return found;
}

const struct catalog_run *catalog_crawl(const struct catalog *catalog, const char *job)
{
    for (size_t i = 0; i < catalog->run_count; i++)
        if (strcmp(catalog->runs[i].job, job) == 0 && !catalog_is_replay(&catalog->runs[i]))
            return &catalog->runs[i];
    return NULL;
}

bool catalog_purged(const struct catalog *catalog, const char *job)
{
    for (size_t i = 0; i < catalog->purged_count; i++)
        if (strcmp(catalog->purged[i], job) == 0)
            return true;
    return false;
}

/* ---- writing ---- */

enum status catalog_announce(struct bus *bus, const Xunfang__ControlRecord *message,
                             struct error *err)
{
    struct topic_name control = topic_name(TOPIC_CONTROL, NULL, NULL);
    struct record record = {.schema = RECORD_SCHEMA, .key = SLICE("control")};
    struct buf payload, scratch;
    const struct publish_target target = {bus, control.text, 1, &scratch};
    enum status status;

    buf_init(&payload, CATALOG_RECORD_MAX);
    buf_init(&scratch, CATALOG_RECORD_MAX + CATALOG_ENVELOPE_MAX);
    message_pack(&message->base, &payload);
    record.payload = buf_slice(&payload);
    /* From the content: repeats have equal ids. Commands differ by their time. */
    record.id = id_of(record.payload, record.key);
    status = buf_status(&payload, err);
    if (status == STATUS_OK)
        status = publish_record(&target, &record, err);
    if (status == STATUS_OK)
        status = bus_flush(bus, CATALOG_FLUSH_MS, err);
    buf_fini(&payload);
    buf_fini(&scratch);
    return status;
}

/* protobuf-c's fields are not const, but packing only reads them. */
static char *packed(const char *text)
{
    return (char *) (uintptr_t) text;
}

static enum status check_command(const struct catalog *catalog,
                                 const struct catalog_command *command, struct error *err)
{
    const bool one = command->run[0] != '\0';
    const struct catalog_run *last = NULL;

    for (size_t i = 0; i < catalog->run_count; i++) {
        const struct catalog_run *run = &catalog->runs[i];

        if (!names(run, command->job, command->run))
            continue;
        last = run;
        if (run->state < RUN_CANCELLED ||
            (run->state == RUN_CANCELLED && command->action == XUNFANG__JOB_COMMAND__ACTION__PURGE))
            return STATUS_OK;
    }
    if (last == NULL)
        return error_set(err, STATUS_USAGE, "no job '%s'%s%s%s on this bus", command->job,
                         one ? " with a run '" : "", one ? command->run : "", one ? "'" : "");
    return error_set(err, STATUS_USAGE, "job '%s'%s%s%s is %s: that is for good", command->job,
                     one ? ", run '" : "", one ? command->run : "", one ? "'," : "",
                     run_state_text(last->state));
}

enum status catalog_command(struct bus *bus, const struct catalog *catalog,
                            const struct catalog_command *command, struct error *err)
{
    Xunfang__JobCommand message = XUNFANG__JOB_COMMAND__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;
    enum status status = check_command(catalog, command, err);

    if (status != STATUS_OK)
        return status;
    message.job = packed(command->job);
    message.run = packed(command->run);
    message.action = command->action;
    message.made_ms = command->made_ms;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_COMMAND;
    record.command = &message;
    return catalog_announce(bus, &record, err);
}
