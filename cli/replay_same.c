/*
 * Stored records name their list by its number, which means something with the very same region
 * and pairs only: with others it would silently be another list. Fields of `crawl` are compared
 * through the table they are read by: a new field is compared from its first day on.
 */
#include "cli/replay_same.h"

#include <string.h>

/* ---- crawl ---- */

static bool same_numbers(const struct field *field, const char *a, const char *b)
{
    const uint64_t *const *list_a = (const uint64_t *const *) (a + field->offset);
    const uint64_t *const *list_b = (const uint64_t *const *) (b + field->offset);
    size_t count_a = *(const size_t *) (a + field->count_offset);
    size_t count_b = *(const size_t *) (b + field->count_offset);

    return count_a == count_b &&
           (count_a == 0 || memcmp(*list_a, *list_b, count_a * sizeof **list_a) == 0);
}

/* Do two structs of a table agree in this field? `crawl` has no further types. */
static bool same_field(const struct field *field, const char *a, const char *b)
{
    const char *at_a = a + field->offset, *at_b = b + field->offset;

    switch (field->type) {
    case FIELD_TEXT:
        return slice_equal(*(const struct slice *) at_a, *(const struct slice *) at_b);
    case FIELD_BOOL:
        return *(const bool *) at_a == *(const bool *) at_b;
    case FIELD_CHOICE:
        return *(const int *) at_a == *(const int *) at_b;
    case FIELD_UINT:
    case FIELD_BYTES:
    case FIELD_DURATION:
        return memcmp(at_a, at_b, sizeof(uint64_t)) == 0;
    case FIELD_UINTS:
        return same_numbers(field, a, b);
    default:
        ENSURE(false); /* a field of `crawl` that nobody compares would be one that may change */
    }
    return false;
}

/* The table is private to study/job.c; the job's own table leads to it. */
static const struct field_table *crawl_table(void)
{
    const struct field *field = job_table.fields;

    while (strcmp(field->name, "crawl") != 0)
        field++;
    return field->table;
}

static enum status check_crawl(const struct study *source, const struct study *with,
                               const char *path, struct error *err)
{
    const struct field *field = crawl_table()->fields;

    for (; field->name != NULL; field++)
        if (!same_field(field, (const char *) &source->job.crawl, (const char *) &with->job.crawl))
            return error_set(err, STATUS_INVALID,
                             "%s: crawl.%s: differs from that of the run to be replayed (a replay "
                             "crawls nothing: leave `crawl` as it is)",
                             path, field->name);
    return STATUS_OK;
}

/* ---- region and lists ---- */

/* A study's files are the job, the region with what it names, and last the codebook. */
static enum status check_region(const struct study *source, const struct study *with,
                                const char *path, struct error *err)
{
    bool same = source->file_count == with->file_count;
    const char *name = with->job.region.data;

    /* By bytes and in order: the names may differ, as the same region may lie elsewhere today. */
    for (size_t i = 1; same && i + 1 < source->file_count; i++) {
        name = with->files[i].name.data;
        same = memcmp(source->files[i].sha256, with->files[i].sha256, SHA256_SIZE) == 0;
    }
    if (same)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID,
                     "%s: region: %s differs from that of the run to be replayed (other cities or "
                     "sites are another job)",
                     path, name);
}

static bool same_list(const struct study_list *a, const struct study_list *b)
{
    return a->publisher == b->publisher && a->query_city == b->query_city &&
           slice_equal(a->keyword, b->keyword);
}

static enum status check_pairs(const struct study *source, const struct study *with,
                               const char *path, struct error *err)
{
    /* Lists are compared as they come out and not as they are written: `all` and a full list are
     * one. */
    bool same = source->list_count == with->list_count;

    for (size_t i = 0; same && i < source->list_count; i++)
        same = same_list(&source->lists[i], &with->lists[i]);
    if (same)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID,
                     "%s: pairs: gives other lists than the run to be replayed has searched", path);
}

enum status replay_check_same(const struct study *source, const struct study *with,
                              const char *path, struct error *err)
{
    enum status status;

    if (!slice_equal(source->job.name, with->job.name))
        return error_set(err, STATUS_INVALID, "%s: job: is '%s', the run to be replayed is of '%s'",
                         path, with->job.name.data, source->job.name.data);
    /* The region first: lists name publishers and cities by number, which can be compared only
     * within one region. */
    status = check_region(source, with, path, err);
    if (status == STATUS_OK)
        status = check_pairs(source, with, path, err);
    return status == STATUS_OK ? check_crawl(source, with, path, err) : status;
}
