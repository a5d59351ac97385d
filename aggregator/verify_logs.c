#include "aggregator/verify_logs.h"

#include "aggregator/event_tables.h"

#include <stdio.h>

struct log_sets {
    struct idset pages;
    struct idset documents;
    struct idset visits;
    struct idset reports;
    struct idset fetched; /* articles whose result is ok */
};

static enum status on_record(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    (void) place;
    (void) arena;
    return idset_add(self, record->id, NULL, err);
}

static enum status read_ids(const struct job_source *source, enum topic_kind kind,
                            struct idset *ids, struct error *err)
{
    const struct log_handler handler = {.on_record = on_record, .self = ids};

    return job_read_log(source, kind, &handler, err);
}

/* Of the sealed range. */
static enum status take_fetched(const struct dataset *dataset, struct idset *fetched,
                                struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < dataset->documents.count && status == STATUS_OK; i++)
        if (dataset_at(dataset, i)->flags & DOCUMENT_FETCHED)
            status = idset_add(fetched, dataset_at(dataset, i)->id, NULL, err);
    return status;
}

static void check_within(struct verify *verify, const char *check, const struct idset *inner,
                         const struct idset *outer)
{
    char text[ID_TEXT_SIZE] = "";
    struct id example;
    size_t missing = idset_missing(inner, outer, &example);

    if (missing > 0)
        (void) id_text(example, text);
    verify_none(verify, check, missing, text);
}

/* Only numbers and one example are told: a list of a million ids helps nobody. Sets, not counts: a
 * lost document and a doubled one would cancel each other out in sums. */
static void check_sets(const struct log_sets *sets, struct verify *verify)
{
    check_within(verify, "every ok fetch has a page", &sets->fetched, &sets->pages);
    check_within(verify, "every ok fetch has a document", &sets->fetched, &sets->documents);
    check_within(verify, "every document has an outcome of the classifier", &sets->documents,
                 &sets->visits);
    check_within(verify, "every document has an outcome of the extractor", &sets->documents,
                 &sets->reports);
    check_within(verify, "every outcome of the extractor has one of the classifier", &sets->reports,
                 &sets->visits);
    check_within(verify, "every outcome belongs to a document", &sets->reports, &sets->documents);
}

/* Known requests without an end, lists that nobody asked. */
static void check_final(const struct results *results, struct verify *verify)
{
    const struct dataset *dataset = results->dataset;
    uint64_t open = 0, unasked = 0;
    char example[ID_TEXT_SIZE] = "";

    for (size_t i = 0; i < dataset->documents.count; i++) {
        const struct document *document = dataset_at(dataset, i);

        if ((document->flags & DOCUMENT_KNOWN) && !(document->flags & DOCUMENT_FINAL) &&
            open++ == 0)
            (void) id_text(document->id, example);
    }
    for (size_t i = 0; i < dataset->pages.count; i++) {
        const struct list_page *page = rows_at(&dataset->pages, i);

        if (page->state == PAGE_OPEN && open++ == 0)
            (void) id_text(page->id, example);
    }
    verify_none(verify, "every known URL came to an end", open, example);
    for (uint32_t i = 0; i < results->lists.count; i++)
        unasked += results->lists.rows[i].pages == 0 && results->lists.rows[i].reason == 0 &&
                   results->lists.rows[i].state == LIST_INCOMPLETE;
    verify_none(verify, "every list was asked", unasked, "see lists.csv");
    verify_none(verify, "every record could be read", dataset->bad_records, NULL);
}

/* The reasons of all counted documents add up to them. */
static void check_reasons(const struct results *results, struct verify *verify)
{
    struct finding finding = {.check = "every counted document has exactly one reason"};

    for (size_t i = 0; i < results->dataset->documents.count; i++)
        finding.expected += (dataset_at(results->dataset, i)->flags & DOCUMENT_COUNTED) != 0;
    for (int i = 0; i < REASONS; i++)
        finding.found += results->funnel.reasons[i];
    verify_tell(verify, &finding);
}

/* ---- from events to pages ---- */

struct page_check {
    const struct log_sets *sets;
    uint64_t rows;
    uint64_t lost;
    char example[ID_TEXT_SIZE];
};

static bool on_report_row(void *self, const struct report_row *row)
{
    struct page_check *check = self;
    /* Nobody fetched it, so there is no page. */
    bool ingested = !(row->document->flags & DOCUMENT_FETCHED);

    check->rows++;
    if (!ingested && !idset_has(&check->sets->pages, row->document->id) && check->lost++ == 0)
        (void) id_text(row->event->id, check->example);
    return true;
}

static enum status check_events(const struct results *results, const struct log_sets *sets,
                                struct verify *verify, struct error *err)
{
    struct page_check check = {.sets = sets};
    uint64_t without = 0;

    if (!event_reports_walk(results, on_report_row, &check))
        return error_set(err, STATUS_NOMEM, "no memory for events");
    for (size_t i = 0; i < events_count(&results->events); i++)
        without += events_at(&results->events, i)->reports == 0;
    verify_none(verify, "every event has a report", without, NULL);
    verify_none(verify, "every report of an event leads to its page", check.lost, check.example);
    return STATUS_OK;
}

enum status verify_logs(const struct job_source *source, const struct results *results,
                        struct verify *verify, struct error *err)
{
    struct log_sets sets;
    enum status status;

    idset_init(&sets.pages);
    idset_init(&sets.documents);
    idset_init(&sets.visits);
    idset_init(&sets.reports);
    idset_init(&sets.fetched);
    status = read_ids(source, TOPIC_PAGES, &sets.pages, err);
    if (status == STATUS_OK)
        status = read_ids(source, TOPIC_DOCUMENTS, &sets.documents, err);
    if (status == STATUS_OK)
        status = read_ids(source, TOPIC_VISITS, &sets.visits, err);
    if (status == STATUS_OK)
        status = read_ids(source, TOPIC_REPORTS, &sets.reports, err);
    if (status == STATUS_OK)
        status = take_fetched(results->dataset, &sets.fetched, err);
    if (status == STATUS_OK) {
        check_sets(&sets, verify);
        check_final(results, verify);
        check_reasons(results, verify);
        status = check_events(results, &sets, verify, err);
    }
    idset_fini(&sets.pages);
    idset_fini(&sets.documents);
    idset_fini(&sets.visits);
    idset_fini(&sets.reports);
    idset_fini(&sets.fetched);
    return status;
}
