/*
 * All counted documents with a text are sorted by (fingerprint, speaking order): equal ones then
 * stand together with their speaker in front. A second sort, of the speakers alone, gives the
 * ranks. Nothing in it depends on where a document stands in the dataset.
 */
#include "aggregator/duplicates.h"

#include <stdlib.h>
#include <string.h>

/* A document with all it is sorted by, so that comparing needs no context. */
struct copy {
    const struct document *document;
    struct slice url;
    uint32_t index; /* of the document, later of the group */
};

/* The contract's rule; the id is there so that no two are equal. */
static int by_speaking_order(const void *a, const void *b)
{
    const struct copy *x = a, *y = b;
    int32_t dx = x->document->date, dy = y->document->date;
    int order;

    if (dx != dy) {
        if (dx == CIVIL_NONE || dy == CIVIL_NONE)
            return dx == CIVIL_NONE ? 1 : -1;
        return dx < dy ? -1 : 1;
    }
    order = slice_compare(x->url, y->url);
    return order != 0 ? order : memcmp(x->document->id.bytes, y->document->id.bytes, ID_SIZE);
}

static int by_fingerprint(const void *a, const void *b)
{
    const struct copy *x = a, *y = b;
    int order = memcmp(x->document->fingerprint.bytes, y->document->fingerprint.bytes, ID_SIZE);

    return order != 0 ? order : by_speaking_order(a, b);
}

static size_t collect(const struct dataset *dataset, struct copy *copies, struct groups *groups)
{
    size_t count = 0;

    for (size_t i = 0; i < dataset->documents.count; i++) {
        const struct document *document = dataset_at(dataset, i);

        if (!(document->flags & DOCUMENT_COUNTED))
            continue;
        if (document->flags & DOCUMENT_TEXT)
            copies[count++] =
                (struct copy){document, dataset_text(dataset, document->url), (uint32_t) i};
        else if (document->outcome == OUTCOME_DEAD)
            /* It died before anybody knew its text: that is no blank page. */
            groups->dead++;
        else
            groups->blank++;
    }
    return count;
}

/* Sorted by fingerprint and speaking order: each group's first speaks. */
static void cut_into_groups(const struct copy *copies, struct groups *groups)
{
    for (size_t i = 0; i < groups->member_count; i++) {
        bool same =
            i > 0 && id_equal(copies[i].document->fingerprint, copies[i - 1].document->fingerprint);

        groups->members[i] = copies[i].index;
        if (!same)
            groups->groups[groups->count++].first = (uint32_t) i;
        groups->groups[groups->count - 1].count++;
    }
}

/* Reuses the array of copies: one entry a speaker, its index the group's. */
static void rank_groups(const struct dataset *dataset, struct copy *copies, struct groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        const struct document *speaker = group_speaker(dataset, groups, i);

        copies[i] = (struct copy){speaker, dataset_text(dataset, speaker->url), (uint32_t) i};
    }
    qsort(copies, groups->count, sizeof *copies, by_speaking_order);
    for (size_t i = 0; i < groups->count; i++)
        groups->groups[copies[i].index].rank = (uint32_t) i;
}

enum status groups_build(const struct dataset *dataset, struct groups *groups, struct error *err)
{
    struct copy *copies = calloc(dataset->documents.count + 1, sizeof *copies);
    struct groups built = {0};

    if (copies == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to compare documents");
    built.member_count = collect(dataset, copies, &built);
    built.members = calloc(built.member_count + 1, sizeof *built.members);
    /* At most as many groups as members. */
    built.groups = calloc(built.member_count + 1, sizeof *built.groups);
    if (built.members == NULL || built.groups == NULL) {
        groups_fini(&built);
        free(copies);
        return error_set(err, STATUS_NOMEM, "no memory for groups of documents");
    }
    qsort(copies, built.member_count, sizeof *copies, by_fingerprint);
    cut_into_groups(copies, &built);
    rank_groups(dataset, copies, &built);
    free(copies);
    *groups = built;
    return STATUS_OK;
}

void groups_fini(struct groups *groups)
{
    free(groups->members);
    free(groups->groups);
    *groups = (struct groups){0};
}

const struct document *group_speaker(const struct dataset *dataset, const struct groups *groups,
                                     size_t group)
{
    return dataset_at(dataset, groups->members[groups->groups[group].first]);
}

uint32_t *groups_by_document(const struct dataset *dataset, const struct groups *groups)
{
    uint32_t *found = malloc((dataset->documents.count + 1) * sizeof *found);

    if (found == NULL)
        return NULL;
    /* All bits set is UINT32_MAX, no group. */
    memset(found, 0xFF, (dataset->documents.count + 1) * sizeof *found);
    for (size_t g = 0; g < groups->count; g++)
        for (uint32_t i = 0; i < groups->groups[g].count; i++)
            found[groups->members[groups->groups[g].first + i]] = (uint32_t) g;
    return found;
}
