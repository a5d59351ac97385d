/*
 * Two arenas: what a document needs while it is read lies in a scratch one, emptied for each copy;
 * only its features are kept, in the caller's. So the caller's limit bounds the corpus and not the
 * reading of it.
 */
#include "classifier/rows.h"

#include "base/util/hash.h"

#include <stdlib.h>
#include <string.h>

/* The two ways to vary are bits of a variant's number, so that 0 … 3 are all of their
 * combinations. */
enum { SCRATCH_MAX = 64 << 20, VARIANT_UNSIGNED = 1, VARIANT_UNTITLED = 2 };

/* The document with the variant's parts left out; false if it lacks one of them. */
static bool vary(const struct docline *doc, unsigned variant, struct source_text *source)
{
    *source = (struct source_text){.title = doc->title,
                                   .body = doc->body,
                                   .url = doc->url,
                                   .site_city = doc->site_city,
                                   .day = doc->day};
    if (variant & VARIANT_UNSIGNED) {
        if (doc->site_city.size == 0)
            return false;
        /* Both: where the city is not given, the reader finds the publisher by the URL's host. */
        source->site_city = source->url = (struct slice){NULL, 0};
    }
    if (variant & VARIANT_UNTITLED) {
        if (doc->title.size == 0)
            return false;
        source->title = (struct slice){NULL, 0};
    }
    return true;
}

static enum status make_row(const struct rows_request *request, const struct source_text *source,
                            struct arena *scratch, struct features *features, struct error *err)
{
    struct reading reading;
    struct trip *trip = arena_alloc(scratch, sizeof *trip);
    enum status status;

    if (trip == NULL) {
        error_set(err, STATUS_NOMEM, "out of memory");
        return STATUS_NOMEM;
    }
    status = reader_read(request->reader, source, scratch, &reading, err);
    if (status != STATUS_OK)
        return status;
    trip_read(&reading, trip);
    return features_make(
        &(struct features_request){request->kind, &reading, trip, request->buckets}, scratch,
        features, err);
}

static enum status keep_row(struct arena *arena, const struct features *features,
                            struct fit_row *row, struct error *err)
{
    struct feature *items = arena_array(arena, features->count + 1, sizeof *items);

    if (items == NULL)
        return error_set(err, STATUS_NOMEM, "corpus too large for the memory set aside");
    memcpy(items, features->items, features->count * sizeof *items);
    row->items = items;
    row->count = features->count;
    return STATUS_OK;
}

static enum status add_variants(const struct rows_request *request, size_t doc,
                                struct arena *arenas[2], struct rows *rows, struct error *err)
{
    const struct labelled *labelled = corpus_at(request->corpus, doc);
    const struct id id = id_of(labelled->doc.id, SLICE(""));
    struct source_text source;
    enum status status = STATUS_OK;

    for (unsigned variant = 0; variant < ROWS_VARIANTS && status == STATUS_OK; variant++) {
        struct fit_row *row = &rows->rows[rows->count];
        struct features features = {NULL, 0};

        if (!vary(&labelled->doc, variant, &source))
            continue;
        arena_reset(arenas[1]);
        status = make_row(request, &source, arenas[1], &features, err);
        if (status == STATUS_OK)
            status = keep_row(arenas[0], &features, row, err);
        if (status != STATUS_OK)
            break;
        row->doc = doc;
        row->variant = variant;
        /* By the document's id, so copies never stand on both sides of a cross-validation, and a
         * corpus in another order has the same folds. */
        row->fold = partition_of(id_slice(&id), request->folds);
        rows->count++;
    }
    return status;
}

enum status rows_make(const struct rows_request *request, struct arena *arena, struct rows *rows,
                      struct error *err)
{
    size_t size = corpus_size(request->corpus);
    struct arena *arenas[2] = {arena, arena_create(SCRATCH_MAX)};
    /* As many as there can be, so that no row moves while the next ones are made. */
    struct rows made = {arena_array(arena, size * ROWS_VARIANTS, sizeof *made.rows), 0};
    enum status status = STATUS_OK;

    if (arenas[1] == NULL || made.rows == NULL) {
        arena_destroy(arenas[1]);
        return error_set(err, STATUS_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < size && status == STATUS_OK; i++)
        if (!request->visits_only || corpus_at(request->corpus, i)->gold.is_visit)
            status = add_variants(request, i, arenas, &made, err);
    arena_destroy(arenas[1]);
    if (status == STATUS_OK)
        *rows = made;
    return status;
}

/* Counts each document once, whatever its copies have. `last` holds the document counted last in a
 * bucket, plus one: that is enough as long as the rows of a document stand side by side. */
static void count_support(const struct rows *rows, uint32_t *support, size_t *last)
{
    for (size_t i = 0; i < rows->count; i++)
        for (size_t k = 0; k < rows->rows[i].count; k++) {
            uint32_t bucket = rows->rows[i].items[k].bucket;

            if (last[bucket] == rows->rows[i].doc + 1)
                continue;
            last[bucket] = rows->rows[i].doc + 1;
            support[bucket]++;
        }
}

/* In place: the items are ours still, and const only for those who fit them. Their order stays,
 * which liblinear relies on. */
static void drop_rare(struct rows *rows, const uint32_t *counts, unsigned support)
{
    for (size_t i = 0; i < rows->count; i++) {
        struct feature *items = (struct feature *) rows->rows[i].items;
        size_t kept = 0;

        for (size_t k = 0; k < rows->rows[i].count; k++)
            if (counts[items[k].bucket] >= support)
                items[kept++] = items[k];
        rows->rows[i].count = kept;
    }
}

enum status rows_prune(struct rows *rows, uint32_t buckets, unsigned support, struct error *err)
{
    uint32_t *counts = calloc(buckets, sizeof *counts);
    size_t *last = calloc(buckets, sizeof *last);
    enum status status = STATUS_OK;

    if (counts == NULL || last == NULL) {
        status = error_set(err, STATUS_NOMEM, "out of memory");
    } else {
        count_support(rows, counts, last);
        drop_rare(rows, counts, support);
    }
    free(counts);
    free(last);
    return status;
}
