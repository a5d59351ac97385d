/*
 * Rows of each kind stand in one array and name each other, and their texts, by 32-bit numbers: a
 * pointer would double what a document takes, and would not survive the growing of the arrays.
 * Filled in any order by dataset_log.c or dataset_lines.c, then closed by dataset_finish.
 */
#include "aggregator/dataset.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct dataset *dataset_create(void)
{
    struct dataset *dataset = calloc(1, sizeof *dataset);

    if (dataset == NULL)
        return NULL;
    rows_init(&dataset->documents, sizeof(struct document), DATASET_MAX);
    rows_init(&dataset->reports, sizeof(struct report), DATASET_MAX);
    rows_init(&dataset->claims, sizeof(struct claim), DATASET_MAX);
    rows_init(&dataset->hits, sizeof(struct hit), DATASET_MAX);
    rows_init(&dataset->pages, sizeof(struct list_page), DATASET_MAX);
    idtable_init(&dataset->by_id, &dataset->documents);
    idtable_init(&dataset->page_by_id, &dataset->pages);
    dataset->strings = strings_create();
    if (dataset->strings == NULL) {
        dataset_destroy(dataset);
        return NULL;
    }
    return dataset;
}

void dataset_destroy(struct dataset *dataset)
{
    if (dataset == NULL)
        return;
    strings_destroy(dataset->strings);
    rows_fini(&dataset->documents);
    rows_fini(&dataset->reports);
    rows_fini(&dataset->claims);
    rows_fini(&dataset->hits);
    rows_fini(&dataset->pages);
    idtable_fini(&dataset->by_id);
    idtable_fini(&dataset->page_by_id);
    free(dataset);
}

/* A failed index would lose the row at the next look-up, so it fails its table for good. */
static void *find_or_add(struct rows *rows, struct idtable *table, struct id id)
{
    size_t index = idtable_find(table, id);
    struct id *row;

    if (index != SIZE_MAX)
        return rows_at(rows, index);
    row = rows_add(rows);
    if (row == NULL)
        return NULL;
    *row = id;
    if (idtable_add(table, NULL) != STATUS_OK) {
        rows->failure = STATUS_NOMEM;
        return NULL;
    }
    return row;
}

/* A new row knows no date; 0 would be a day in 1970. */
struct document *dataset_document(struct dataset *dataset, struct id id)
{
    size_t before = dataset->documents.count;
    struct document *document = find_or_add(&dataset->documents, &dataset->by_id, id);

    if (document != NULL && dataset->documents.count > before)
        document->date = CIVIL_NONE;
    return document;
}

struct list_page *dataset_page(struct dataset *dataset, struct id id)
{
    return find_or_add(&dataset->pages, &dataset->page_by_id, id);
}

enum status dataset_add_hit(struct dataset *dataset, uint32_t list, struct id document,
                            struct error *err)
{
    const struct document *row = dataset_document(dataset, document);
    struct hit *hit = row == NULL ? NULL : rows_add(&dataset->hits);

    if (hit == NULL)
        return dataset_status(dataset, err);
    *hit = (struct hit){list, (uint32_t) (row - (const struct document *) dataset->documents.data)};
    return STATUS_OK;
}

enum status dataset_status(const struct dataset *dataset, struct error *err)
{
    enum status status = rows_status(&dataset->documents, "documents", err);

    if (status == STATUS_OK)
        status = rows_status(&dataset->reports, "reports", err);
    if (status == STATUS_OK)
        status = rows_status(&dataset->claims, "visits in reports", err);
    if (status == STATUS_OK)
        status = rows_status(&dataset->hits, "hits of lists", err);
    if (status == STATUS_OK)
        status = rows_status(&dataset->pages, "pages of lists", err);
    return status == STATUS_OK ? strings_status(dataset->strings, err) : status;
}

/* The order that counts is that of the log, and a document's outcomes stand in one partition, so
 * every reader of it chooses the same one: complete_state.h, dead.c and verify_answers.c go by the
 * same rule. */
bool document_takes(const struct document *document, enum outcome outcome)
{
    if (document->outcome == OUTCOME_NONE)
        return outcome != OUTCOME_NONE;
    return document->outcome == OUTCOME_DEAD &&
           (outcome == OUTCOME_PASSED || outcome == OUTCOME_DROPPED);
}

static int compare_hits(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;

    if (x->list != y->list)
        return x->list < y->list ? -1 : 1;
    return x->document < y->document ? -1 : x->document > y->document;
}

/* A list may show a URL on two pages, and a page may be fetched twice. */
static void unique_hits(struct rows *rows)
{
    struct hit *hits = rows->data;
    size_t kept = 0;

    if (rows->count > 0)
        qsort(hits, rows->count, sizeof *hits, compare_hits);
    for (size_t i = 0; i < rows->count; i++)
        if (kept == 0 || compare_hits(&hits[kept - 1], &hits[i]) != 0)
            hits[kept++] = hits[i];
    rows->count = kept;
}

struct fetch {
    struct slice url;
    uint32_t number;
    uint32_t document;
};

/* Within a URL the highest number first: it stays, the rest go. */
static int compare_fetches(const void *a, const void *b)
{
    const struct fetch *x = a, *y = b;
    int order = slice_compare(x->url, y->url);

    if (order != 0)
        return order;
    return x->number > y->number ? -1 : x->number < y->number;
}

/* Takes the mark from all but the highest fetch number of each URL. Most jobs have no fetch number
 * above 0: the caller then spares them this sort of all URLs. */
static enum status drop_superseded(struct dataset *dataset, struct error *err)
{
    struct document *documents = dataset->documents.data;
    struct fetch *fetches = calloc(dataset->documents.count + 1, sizeof *fetches);
    size_t count = 0;

    if (fetches == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for fetch numbers");
    for (size_t i = 0; i < dataset->documents.count; i++)
        if (documents[i].flags & DOCUMENT_FETCHED)
            fetches[count++] = (struct fetch){dataset_text(dataset, documents[i].url),
                                              documents[i].fetch_number, (uint32_t) i};
    qsort(fetches, count, sizeof *fetches, compare_fetches);
    for (size_t i = 1; i < count; i++)
        if (slice_equal(fetches[i].url, fetches[i - 1].url))
            documents[fetches[i].document].flags &= (uint8_t) ~DOCUMENT_COUNTED;
    free(fetches);
    return STATUS_OK;
}

/* A document that was redriven is KNOWN and LATER: whether its request was fetched in this range
 * says nothing then, its newer outcome does. One that has no outcome yet counts nowhere. */
enum status dataset_finish(struct dataset *dataset, struct error *err)
{
    struct document *documents = dataset->documents.data;
    enum status status = dataset_status(dataset, err);
    bool repeated = false;

    if (status != STATUS_OK)
        return status;
    unique_hits(&dataset->hits);
    for (size_t i = 0; i < dataset->documents.count; i++) {
        bool ingested =
            !(documents[i].flags & DOCUMENT_KNOWN) || (documents[i].flags & DOCUMENT_LATER);

        if (documents[i].outcome != OUTCOME_NONE &&
            (ingested || (documents[i].flags & DOCUMENT_FETCHED)))
            documents[i].flags |= DOCUMENT_COUNTED;
        repeated = repeated || documents[i].fetch_number > 0;
    }
    return repeated ? drop_superseded(dataset, err) : STATUS_OK;
}

const struct document *dataset_at(const struct dataset *dataset, size_t index)
{
    return rows_at(&dataset->documents, index);
}

const struct report *dataset_report(const struct dataset *dataset, const struct document *document)
{
    return document->report == 0 ? NULL : rows_at(&dataset->reports, document->report - 1);
}

/* No padding in it, so equal rulings are equal bytes. */
static_assert(sizeof(struct ruling) == (3 + 2 * RULING_TASKS_MAX) * sizeof(uint32_t),
              "a ruling is an array of numbers");

/* Kept among the texts, since these are kept once: documents are many, different rulings few. */
uint32_t dataset_put_ruling(struct dataset *dataset, const struct ruling *ruling)
{
    return strings_put(dataset->strings, slice_of(ruling, sizeof *ruling));
}

struct ruling dataset_ruling(const struct dataset *dataset, const struct document *document)
{
    struct ruling ruling = {0};

    if (document->ruling != 0)
        memcpy(&ruling, dataset_text(dataset, document->ruling).data, sizeof ruling);
    return ruling;
}

const struct claim *dataset_claim(const struct dataset *dataset, size_t index)
{
    return rows_at(&dataset->claims, index);
}

struct slice dataset_text(const struct dataset *dataset, uint32_t name)
{
    return strings_get(dataset->strings, name);
}
