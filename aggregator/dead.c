/*
 * Two small datasets hold nothing but the chosen outcomes: of reports, whose dead documents are the
 * answer, and of visits, which only tell in which stage a document died.
 */
#include "aggregator/dead.h"

#include "aggregator/dataset_log.h"
#include "base/json.h"
#include "base/message.h"
#include "base/publish.h"
#include "study/intake.h"

#include <stdlib.h>
#include <string.h>

enum { FLUSH_MS = 30000 };

/* ---- finding ---- */

/* Into `self`, a dataset; of a report that died the brief says which page it was. */
static enum status on_outcome(void *self, const struct log_place *place,
                              const struct record *record, struct arena *arena, struct error *err)
{
    struct dataset *dataset = self;
    struct document *document = dataset_document(dataset, record->id);

    (void) place;
    (void) arena;
    if (document == NULL)
        return dataset_status(dataset, err);
    if (document_takes(document, record->outcome)) {
        document->outcome = (uint8_t) record->outcome;
        document->reason = strings_put(dataset->strings, record->reason);
    }
    return dataset_status(dataset, err);
}

static enum status on_report(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    enum status status = on_outcome(self, place, record, arena, err);
    const Xunfang__Report *report;

    if (status != STATUS_OK || record->outcome != OUTCOME_DEAD)
        return status;
    report = message_unpack(&xunfang__report__descriptor, record->payload, arena, NULL);
    if (report != NULL && report->brief != NULL)
        dataset_put_brief(self, dataset_document(self, record->id), report->brief);
    return dataset_status(self, err);
}

static enum status read_outcomes(const struct job_source *source, enum topic_kind kind,
                                 struct dataset *dataset, struct error *err)
{
    const struct log_handler handler = {.on_record = kind == TOPIC_REPORTS ? on_report : on_outcome,
                                        .self = dataset};

    return job_read_now(source, kind, &handler, err);
}

/* Ids, not arrival, give the order: two runs list alike. */
static int by_id(const void *a, const void *b)
{
    return memcmp(((const struct document *) a)->id.bytes, ((const struct document *) b)->id.bytes,
                  ID_SIZE);
}

/* Whoever died first: the extractor passes a dead classifier's record on with the same outcome. */
static const char *stage_of(const struct dead *dead, struct id id)
{
    size_t index = idtable_find(&dead->visits->by_id, id);

    return index != SIZE_MAX && dataset_at(dead->visits, index)->outcome == OUTCOME_DEAD
               ? "classifier"
               : "extractor";
}

static void print_one(const struct dead *dead, const struct document *document, bool json,
                      struct buf *out)
{
    struct slice reason = dataset_text(dead->reports, document->reason);
    struct slice url = dataset_text(dead->reports, document->url);
    const char *stage = stage_of(dead, document->id);
    char id[ID_TEXT_SIZE];

    (void) id_text(document->id, id);
    if (!json) {
        buf_printf(out, "%s  %-10s  %.*s  %.*s\n", id, stage, SLICE_ARG(reason), SLICE_ARG(url));
        return;
    }
    buf_printf(out, "{\"id\":\"%s\",\"stage\":\"%s\",\"reason\":", id, stage);
    json_put_text(out, reason);
    buf_puts(out, ",\"url\":");
    json_put_text(out, url.size > 0 ? url : (struct slice){NULL, 0});
    buf_puts(out, "}\n");
}

static enum status collect(struct dead *dead, struct error *err)
{
    size_t count = dead->reports->documents.count;

    dead->documents = calloc(count + 1, sizeof *dead->documents);
    if (dead->documents == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for %zu documents", count);
    for (size_t i = 0; i < count; i++)
        if (dataset_at(dead->reports, i)->outcome == OUTCOME_DEAD)
            dead->documents[dead->count++] = *dataset_at(dead->reports, i);
    qsort(dead->documents, dead->count, sizeof *dead->documents, by_id);
    return STATUS_OK;
}

enum status dead_find(const struct job_source *source, struct dead *dead, struct error *err)
{
    enum status status;

    *dead =
        (struct dead){.source = source, .reports = dataset_create(), .visits = dataset_create()};
    if (dead->reports == NULL || dead->visits == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to start");
    status = read_outcomes(source, TOPIC_REPORTS, dead->reports, err);
    if (status == STATUS_OK)
        status = read_outcomes(source, TOPIC_VISITS, dead->visits, err);
    return status == STATUS_OK ? collect(dead, err) : status;
}

void dead_fini(struct dead *dead)
{
    dataset_destroy(dead->reports);
    dataset_destroy(dead->visits);
    free(dead->documents);
    *dead = (struct dead){0};
}

void dead_print(const struct dead *dead, bool json, struct buf *out)
{
    for (size_t i = 0; i < dead->count; i++)
        print_one(dead, &dead->documents[i], json, out);
}

/* ---- trying again ---- */

struct redrive {
    const struct dead *dead;
    struct idset wanted;
    struct idset appended;
    struct publish_target target;
    struct intake intake;
};

/* A document may stand in the log twice; it is tried again once. Only its generation is new: for
 * that a question whose failure is remembered is asked again, and the aggregator waits for another
 * outcome. */
static enum status on_document(void *self, const struct log_place *place,
                               const struct record *record, struct arena *arena, struct error *err)
{
    struct redrive *redrive = self;
    struct record again = *record;
    bool fresh = false;
    enum status status;

    (void) place;
    (void) arena;
    if (!idset_has(&redrive->wanted, record->id))
        return STATUS_OK;
    status = idset_add(&redrive->appended, record->id, &fresh, err);
    if (status != STATUS_OK || !fresh)
        return status;
    again.generation = redrive->intake.generation;
    status = publish_record(&redrive->target, &again, err);
    /* The sign of life keeps others from taking the generation over while a long log is read
     * (docs/decisions/0014). */
    return status == STATUS_OK ? intake_alive(&redrive->intake, err) : status;
}

/* Only after every record is acknowledged may control speak of them; then the generation is open,
 * and the aggregator waits for these documents. */
static enum status append_all(struct redrive *redrive, struct log_range *range, struct error *err)
{
    const struct job_source *source = redrive->dead->source;
    const struct log_handler handler = {.on_record = on_document, .self = redrive};
    struct buf scratch;
    enum status status =
        log_range_now(source->bus, source->topics[TOPIC_DOCUMENTS].text, range, err);

    buf_init(&scratch, BUS_RECORD_MAX);
    redrive->target = (struct publish_target){.bus = source->bus,
                                              .topic = range->topic,
                                              .partitions = range->partitions,
                                              .scratch = &scratch};
    if (status == STATUS_OK)
        status = log_range_read(source->bus, range, &handler, err);
    if (status == STATUS_OK)
        status = bus_flush(source->bus, FLUSH_MS, err);
    if (status == STATUS_OK)
        status = intake_end(&redrive->intake, redrive->appended.ids.count, err);
    else
        intake_give_up(&redrive->intake);
    buf_fini(&scratch);
    return status;
}

/* The generation is claimed before the log is read: an intake that is under way is refused at once,
 * not after minutes of work. */
enum status dead_redrive(const struct dead *dead, size_t *count, struct error *err)
{
    const struct catalog_run *run = dead->source->run;
    struct redrive redrive = {.dead = dead};
    struct log_range *range;
    enum status status = STATUS_OK;

    range = calloc(1, sizeof *range);
    if (range == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to read a log");
    idset_init(&redrive.wanted);
    idset_init(&redrive.appended);
    for (size_t i = 0; i < dead->count && status == STATUS_OK; i++)
        status = idset_add(&redrive.wanted, dead->documents[i].id, NULL, err);
    if (status == STATUS_OK)
        status = intake_begin(dead->source->bus, dead->source->catalog, run, &redrive.intake, err);
    if (status == STATUS_OK)
        status = append_all(&redrive, range, err);
    if (status == STATUS_OK)
        *count = redrive.appended.ids.count;
    idset_fini(&redrive.wanted);
    idset_fini(&redrive.appended);
    free(range);
    return status;
}
