/*
 * A record becomes a change of one row (complete_state.h): an id's row is read from the batch,
 * flags are set, and the difference goes to the sums. So a record that stands in a log twice finds
 * its flags set and moves nothing (only ingested records are counted one by one). Whether a job is
 * complete is then a question to the sums alone, asked by the tick.
 */
#include "aggregator/complete.h"

#include "aggregator/complete_seal.h"
#include "aggregator/dataset_log.h"
#include "base/message.h"
#include "base/metrics.h"
#include "base/util/crash.h"
#include "proto/control.pb-c.h"
#include "study/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 200, COMPLETE_MEMORY_MAX = 256 << 20, NAME_BYTES = 128 };

struct complete {
    char job[NAME_BYTES];
    char run[NAME_BYTES];
    char documents_run[NAME_BYTES];
    struct complete_options options;
    struct progress progress;
    struct arena *arena; /* of one record */
};

/* ---- progress for people ---- */

static const struct metric_family progress_family = {
    .name = "xunfang_progress",
    .kind = METRIC_GAUGE,
    .help =
        "How far the job is: known and final URLs and lists, documents, outcomes, visits, events.",
    .labels = {"what"},
};

/* Gauges, not counters: a rebuild starts them over. */
static void show(const struct progress *progress)
{
    const struct {
        const char *what;
        uint64_t value;
    } rows[] = {
        {"lists_known", progress->lists_known},
        {"lists_final", progress->lists_final},
        {"lists_bad", progress->lists_bad},
        {"list_pages", progress->list_pages},
        {"urls_known", progress->urls_known},
        {"urls_final", progress->urls_final},
        {"documents", progress->documents},
        {"outcomes", progress->outcomes},
        {"visits", progress->visits},
        {"events", progress->events},
        {"dead", progress->dead},
        {"remaining", progress_remaining(progress)},
        {"sealed", progress->sealed},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        metric_set(metric_series(&progress_family, rows[i].what, NULL, NULL),
                   (double) rows[i].value);
}

/* ---- life ---- */

struct complete *complete_create(const struct complete_options *options)
{
    struct complete *complete = calloc(1, sizeof *complete);

    if (complete == NULL)
        return NULL;
    complete->arena = arena_create(COMPLETE_MEMORY_MAX);
    if (complete->arena == NULL) {
        free(complete);
        return NULL;
    }
    (void) snprintf(complete->job, sizeof complete->job, "%s", options->job);
    (void) snprintf(complete->run, sizeof complete->run, "%s", options->run);
    (void) snprintf(complete->documents_run, sizeof complete->documents_run, "%s",
                    options->documents_run == NULL ? options->run : options->documents_run);
    complete->options = *options;
    complete->options.job = complete->job;
    complete->options.run = complete->run;
    complete->options.documents_run = complete->documents_run;
    return complete;
}

void complete_destroy(struct complete *complete)
{
    if (complete == NULL)
        return;
    arena_destroy(complete->arena);
    free(complete);
}

const struct progress *complete_progress(const struct complete *complete)
{
    return &complete->progress;
}

/* Memory follows the store: the sums of the last batch written. What was applied after it and lost
 * is read again, since the offsets stand in the same batch. */
static enum status load(void *self, struct store *store, struct error *err)
{
    struct complete *complete = self;
    enum status status = progress_load(store, &complete->progress, err);

    if (status == STATUS_OK)
        show(&complete->progress);
    return status;
}

/* ---- one id's row ---- */

/* What a record adds to a row: flags to set, numbers to raise. */
struct change {
    unsigned flags;
    uint32_t list;
    uint32_t wanted;
    bool ends; /* sets FINAL with `end_flags`, unless it ended before */
    unsigned end_flags;
};

/* The first end of a request counts: a later result changes neither its flags nor what it wants. */
static enum status change_row(struct complete *complete, struct store_batch *batch, struct id id,
                              const struct change *change, struct error *err)
{
    struct request_change rows = {0};
    struct request_row *row = &rows.row;
    enum status status = request_row_get(batch, id, &rows.old, err);

    if (status != STATUS_OK)
        return status;
    *row = rows.old;
    row->flags |= (uint16_t) change->flags;
    if (change->flags & REQUEST_LIST)
        row->list = change->list;
    if (change->ends && !(rows.old.flags & REQUEST_FINAL)) {
        row->flags |= (uint16_t) (REQUEST_FINAL | change->end_flags);
        if (change->wanted > row->wanted)
            row->wanted = change->wanted;
    }
    return request_row_put(batch, id, &rows, &complete->progress, err);
}

/* NULL with STATUS_OK: no such message, which tells a fold nothing. It must not stop the job
 * either: a fold that fails on a record fails on it for ever. `verify` counts such records. */
static const void *unpack(struct complete *complete, const ProtobufCMessageDescriptor *type,
                          const struct record *record, enum status *status, struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    const void *message = message_unpack(type, record->payload, complete->arena, &cause);

    *status = STATUS_OK;
    if (message == NULL && cause.code == STATUS_NOMEM)
        *status = error_set(err, STATUS_NOMEM, "%s", cause.message);
    return message;
}

/* ---- urls ---- */

static unsigned kind_flags(const Xunfang__Request *request)
{
    return request->kind == XUNFANG__REQUEST__KIND__LIST ? REQUEST_LIST : 0;
}

/* A robots.txt is fetched for the crawl's own sake. */
static bool counts(const Xunfang__Request *request)
{
    return request != NULL && request->kind != XUNFANG__REQUEST__KIND__ROBOTS;
}

/* Only a link without a parent is a seed, and only links of urls are: see know_links. */
static enum status know(struct complete *complete, struct store_batch *batch, struct id id,
                        const Xunfang__Link *link, struct error *err)
{
    struct change change = {.flags = REQUEST_KNOWN};

    if (!counts(link->request))
        return STATUS_OK;
    change.flags |= kind_flags(link->request);
    change.list = link->request->list;
    if (link->parent.len == 0)
        change.flags |= REQUEST_SEED;
    return change_row(complete, batch, id, &change, err);
}

/* A result's links carry no parent of their own: they are no seeds. */
static enum status know_links(struct complete *complete, struct store_batch *batch,
                              const Xunfang__FetchResult *fetch, struct error *err)
{
    const struct change article = {.flags = REQUEST_KNOWN};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < fetch->n_links && status == STATUS_OK; i++) {
        const Xunfang__Request *request = fetch->links[i]->request;
        struct change change = {.flags = REQUEST_KNOWN};

        if (!counts(request))
            continue;
        change.flags |= kind_flags(request);
        change.list = request->list;
        status = change_row(complete, batch, request_id(request), &change, err);
    }
    for (size_t i = 0; i < fetch->n_hits && status == STATUS_OK; i++) {
        struct id id;

        if (id_from_bytes(message_slice(fetch->hits[i]->request_id), &id, NULL) == STATUS_OK)
            status = change_row(complete, batch, id, &article, err);
    }
    return status;
}

/* A list page that moved is no gap: its target is known from the same record and must end
 * itself. */
static enum status take_fetch(struct complete *complete, struct store_batch *batch,
                              const Xunfang__FetchResult *fetch, struct error *err)
{
    bool ok = fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__OK;
    bool moved = fetch->outcome == XUNFANG__FETCH_RESULT__OUTCOME__MOVED;
    struct change change = {.ends = fetch_is_final(fetch)};
    enum status status;
    struct id id;

    if (!counts(fetch->request) ||
        id_from_bytes(message_slice(fetch->request_id), &id, NULL) != STATUS_OK)
        return STATUS_OK;
    change.flags = REQUEST_KNOWN | kind_flags(fetch->request);
    change.list = fetch->request->list;
    if (change.flags & REQUEST_LIST) {
        change.end_flags = ok || moved ? 0 : REQUEST_BAD;
    } else if (ok) {
        change.end_flags = REQUEST_OK;
        change.wanted = 1;
    }
    status = change_row(complete, batch, id, &change, err);
    return status == STATUS_OK ? know_links(complete, batch, fetch, err) : status;
}

static enum status take_result(struct complete *complete, struct store_batch *batch,
                               const Xunfang__Result *result, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < result->n_fetches && status == STATUS_OK; i++)
        status = take_fetch(complete, batch, result->fetches[i], err);
    return status;
}

/* The end of a list by the frontier's word (only known hits) is how lists should end. */
static enum status take_verdict(struct complete *complete, struct store_batch *batch,
                                const Xunfang__Verdict *verdict, struct error *err)
{
    struct change change = {.ends = true};
    struct id id;

    if (!counts(verdict->request) ||
        id_from_bytes(message_slice(verdict->request_id), &id, NULL) != STATUS_OK)
        return STATUS_OK;
    change.flags = REQUEST_KNOWN | kind_flags(verdict->request);
    change.list = verdict->request->list;
    if ((change.flags & REQUEST_LIST) && verdict->reason != XUNFANG__VERDICT__REASON__LIST_END)
        change.end_flags = REQUEST_BAD;
    return change_row(complete, batch, id, &change, err);
}

static enum status take_url(struct complete *complete, struct store_batch *batch,
                            const struct record *record, struct error *err)
{
    const Xunfang__UrlRecord *message;
    enum status status;

    if (!slice_equal(record->job, slice_from(complete->job)))
        return STATUS_OK;
    message = unpack(complete, &xunfang__url_record__descriptor, record, &status, err);
    if (message == NULL)
        return status;
    switch (message->kind_case) {
    case XUNFANG__URL_RECORD__KIND_LINK:
        return know(complete, batch, record->id, message->link, err);
    case XUNFANG__URL_RECORD__KIND_RESULT:
        return take_result(complete, batch, message->result, err);
    case XUNFANG__URL_RECORD__KIND_VERDICT:
        return take_verdict(complete, batch, message->verdict, err);
    default:
        return STATUS_OK;
    }
}

/* ---- documents and reports ---- */

/* An ingested document has no fetch behind it, and a redriven one's was answered for long ago: its
 * own generation says what it wants. A crawled one wants 0 by its ok fetch already; whichever of
 * the two records is read first, the larger number stays. */
static enum status take_document(struct complete *complete, struct store_batch *batch,
                                 const struct record *record, struct error *err)
{
    struct request_change rows = {0};
    struct request_row *row = &rows.row;
    enum status status = request_row_get(batch, record->id, &rows.old, err);

    if (status != STATUS_OK)
        return status;
    *row = rows.old;
    row->flags |= REQUEST_DOCUMENT;
    if (row->wanted < record->generation + 1)
        row->wanted = record->generation + 1;
    status = request_row_put(batch, record->id, &rows, &complete->progress, err);
    if (status != STATUS_OK || record->generation == 0)
        return status;
    return ingest_row_add(batch,
                          &(struct ingest_change){.generation = record->generation, .read = 1},
                          &complete->progress, err);
}

/* A newer generation's outcome answers for all older ones. So an old outcome that is repeated late
 * never makes a redriven document look answered: it wants one of the new generation. */
static void answer_row(const struct record *record, const Xunfang__Report *report,
                       struct request_row *row)
{
    bool passed = record->outcome == OUTCOME_PASSED;
    bool good = passed || record->outcome == OUTCOME_DROPPED;

    if (row->answered < record->generation + 1)
        row->answered = record->generation + 1;
    /* The first good outcome stays; a dead one gives way to it. */
    if (!good || (row->flags & REQUEST_GOOD))
        return;
    row->flags |= REQUEST_GOOD;
    if (passed || slice_starts(record->reason, SLICE("no event")))
        row->flags |= REQUEST_VISIT;
    if (passed && report != NULL)
        row->events = (uint16_t) (report->n_events < UINT16_MAX ? report->n_events : UINT16_MAX);
}

static enum status take_report(struct complete *complete, struct store_batch *batch,
                               const struct record *record, struct error *err)
{
    struct request_change rows = {0};
    struct request_row *row = &rows.row;
    const Xunfang__Report *report = NULL;
    enum status status = request_row_get(batch, record->id, &rows.old, err);

    if (status != STATUS_OK)
        return status;
    /* Only the number of events is looked at: an unreadable report still is an outcome. */
    if (record->outcome == OUTCOME_PASSED)
        report = unpack(complete, &xunfang__report__descriptor, record, &status, err);
    if (status != STATUS_OK)
        return status;
    *row = rows.old;
    answer_row(record, report, row);
    return request_row_put(batch, record->id, &rows, &complete->progress, err);
}

/* ---- control ---- */

static void raise_to(uint64_t *number, uint64_t least)
{
    if (*number < least)
        *number = least;
}

/* Is this generation one of the run's? */
static bool is_within(const struct complete *complete, uint32_t generation)
{
    return complete->options.generations == 0 || generation < complete->options.generations;
}

/* Does this ingest (or redrive) add to the documents that this run reads? Announcements of a
 * generation that is open already are repeats, or come from an intake that was overtaken
 * (docs/decisions/0014): they must not be counted twice. */
static bool adds(const struct complete *complete, const Xunfang__Ingested *ingested)
{
    return strcmp(ingested->job, complete->job) == 0 &&
           strcmp(ingested->run, complete->documents_run) == 0 &&
           is_within(complete, ingested->generation) &&
           ingested->generation > complete->progress.generation;
}

static bool seals(const struct complete *complete, const Xunfang__Sealed *sealed)
{
    return strcmp(sealed->job, complete->job) == 0 && strcmp(sealed->run, complete->run) == 0;
}

static void take_seeded(struct complete *complete, const Xunfang__JobSeeded *seeded)
{
    /* Seeds stand in urls for all runs of a job, whichever run they were written for. */
    if (strcmp(seeded->job, complete->job) != 0 || !is_within(complete, seeded->generation))
        return;
    raise_to(&complete->progress.seeds_announced, seeded->seeds);
    raise_to(&complete->progress.seeded, (uint64_t) seeded->generation + 1);
    raise_to(&complete->progress.generation, seeded->generation);
}

/* A repeated announcement of a generation is none: see adds. */
static enum status take_ingested(struct complete *complete, struct store_batch *batch,
                                 const Xunfang__Ingested *ingested, struct error *err)
{
    const struct ingest_change change = {.generation = ingested->generation,
                                         .announced = ingested->documents};

    complete->progress.generation = ingested->generation;
    return ingest_row_add(batch, &change, &complete->progress, err);
}

static enum status take_control(struct complete *complete, struct store_batch *batch,
                                const struct record *record, struct error *err)
{
    enum status status;
    const Xunfang__ControlRecord *message =
        unpack(complete, &xunfang__control_record__descriptor, record, &status, err);

    if (message == NULL)
        return status;
    if (message->kind_case == XUNFANG__CONTROL_RECORD__KIND_SEEDED) {
        take_seeded(complete, message->seeded);
    } else if (message->kind_case == XUNFANG__CONTROL_RECORD__KIND_INGESTED &&
               adds(complete, message->ingested)) {
        return take_ingested(complete, batch, message->ingested, err);
    } else if (message->kind_case == XUNFANG__CONTROL_RECORD__KIND_SEALED &&
               seals(complete, message->sealed)) {
        raise_to(&complete->progress.sealed, (uint64_t) message->sealed->generation + 1);
    }
    return STATUS_OK;
}

/* ---- the stage ---- */

static enum status apply(void *self, struct fold_batch *batch, size_t input,
                         const struct record *record, struct error *err)
{
    struct complete *complete = self;
    const struct complete_options *options = &complete->options;
    size_t documents = options->url_partitions, reports = documents + options->partitions;
    size_t control = reports + options->partitions;
    struct store_batch *store = fold_store(batch);
    enum status status;

    /* What a replay's source got after the pin would want outcomes that this run never makes: it
     * would never be complete. */
    if (input >= documents && input < control && !is_within(complete, record->generation))
        return STATUS_OK;
    arena_reset(complete->arena);
    if (input < documents)
        status = take_url(complete, store, record, err);
    else if (input < reports)
        status = take_document(complete, store, record, err);
    else if (input < control)
        status = take_report(complete, store, record, err);
    else
        status = take_control(complete, store, record, err);
    if (status != STATUS_OK)
        return status;
    progress_put(store, &complete->progress);
    show(&complete->progress);
    return STATUS_OK;
}

/* Runs only after catching up, so an old seal is known before a new one is thought of. */
static enum status tick(void *self, struct fold_batch *batch, struct error *err)
{
    struct complete *complete = self;
    const struct seal seal = {
        .job = complete->job,
        .run = complete->run,
        .url_partitions = complete->options.url_partitions,
        .partitions = complete->options.partitions,
        .documents = complete->options.documents,
        .reports = complete->options.reports,
        .generation = (uint32_t) complete->progress.generation,
        .gaps = complete->progress.lists_bad + complete->progress.dead,
        .made_ms = fold_wall_ms(batch),
    };
    enum status status;

    if (!progress_complete(&complete->progress))
        return STATUS_OK;
    arena_reset(complete->arena);
    /* Dead here, the next start finds the same sums and seals; dead after it but before the batch
     * is written, it seals again with the same id, which readers know as a repeat. */
    status = crash_here(CRASH_SEAL_BEFORE_PUBLISH, err);
    if (status == STATUS_OK)
        status = seal_emit(&seal, batch, complete->arena, err);
    if (status != STATUS_OK)
        return status;
    /* It comes back through control; until then no second one is made. */
    complete->progress.sealed = complete->progress.generation + 1;
    progress_put(fold_store(batch), &complete->progress);
    show(&complete->progress);
    return STATUS_OK;
}

const struct fold_stage complete_stage = {
    .name = "aggregator", .apply = apply, .tick = tick, .tick_ms = TICK_MS, .load = load};
