/*
 * Lists are not stored anywhere: every process enumerates them anew from the same files and in the
 * same order, so that a number in a record means the same list everywhere and for ever.
 */
#include "study/seeds.h"

#include "study/request.h"

/* Does the job ask this site city for that query city? */
static bool asked(const struct study *study, const bool *pairs, uint32_t site, uint32_t query)
{
    if (site == query)
        return false;
    return study->job.all_pairs || pairs[site * study->region.city_count + query];
}

static enum status mark_pair(const struct study *study, const struct job_pair *pair, bool *pairs,
                             struct error *err)
{
    int site = region_find_city(&study->region, pair->site);
    int query = region_find_city(&study->region, pair->query);
    const char *file = study->file_count > 0 ? study->files[0].name.data : "job";

    if (site == REGION_NONE || query == REGION_NONE)
        return fields_error(err, file, pair->line, "pairs: '%.*s' is no city of region '%.*s'",
                            SLICE_ARG(site == REGION_NONE ? pair->site : pair->query),
                            SLICE_ARG(study->region.name));
    if (site == query)
        return fields_error(err, file, pair->line, "pairs: '%.*s' is paired with itself",
                            SLICE_ARG(pair->site));
    pairs[(size_t) site * study->region.city_count + (size_t) query] = true;
    return STATUS_OK;
}

/* The pairs asked for as a matrix; NULL in *pairs when all are. */
static enum status mark_pairs(const struct study *study, bool **pairs, struct error *err)
{
    size_t cities = study->region.city_count;
    enum status status = STATUS_OK;

    *pairs = NULL;
    if (study->job.all_pairs)
        return STATUS_OK;
    *pairs = arena_array(study->arena, cities * cities, sizeof **pairs);
    if (*pairs == NULL)
        return error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    for (size_t i = 0; i < study->job.pair_count && status == STATUS_OK; i++)
        status = mark_pair(study, &study->job.pairs[i], *pairs, err);
    return status;
}

/* Calls with lists NULL only count. */
static size_t walk(const struct study *study, const bool *pairs, struct study_list *lists)
{
    const struct region *region = &study->region;
    size_t count = 0;

    for (uint32_t p = 0; p < region->publisher_count; p++) {
        for (uint32_t q = 0; q < region->city_count; q++) {
            const struct region_city *query = &region->cities[q];
            if (!asked(study, pairs, region->publishers[p].city, q))
                continue;
            for (size_t n = 0; n < query->search_name_count; n++, count++)
                if (lists != NULL)
                    lists[count] = (struct study_list){p, q, query->search_names[n]};
        }
    }
    return count;
}

enum status seeds_enumerate(struct study *study, struct error *err)
{
    enum status status;
    bool *pairs;
    size_t count;

    status = mark_pairs(study, &pairs, err);
    if (status != STATUS_OK)
        return status;
    /* Counted first and then filled in: one walk, so both agree on the order. */
    count = walk(study, pairs, NULL);
    if (count > STUDY_LISTS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "job '%.*s' has %zu search lists, at most %d",
                         SLICE_ARG(study->job.name), count, STUDY_LISTS_MAX);
    study->lists = arena_array(study->arena, count, sizeof *study->lists);
    if (study->lists == NULL)
        return error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    study->list_count = walk(study, pairs, study->lists);
    return STATUS_OK;
}

static struct request_values values_of(const struct study *study, const struct seeds_page *page)
{
    const struct publisher *publisher = seeds_publisher(study, page->list);
    const struct platform_page *numbers = &publisher->platform->request.page;

    return (struct request_values){publisher, study->lists[page->list].keyword,
                                   numbers->first + page->page * numbers->step, study->job.period};
}

enum status seeds_request(const struct study *study, const struct seeds_page *page,
                          struct arena *arena, Xunfang__Request **request, struct error *err)
{
    struct request_values values = values_of(study, page);
    Xunfang__Request *built = NULL;
    enum status status = page->next.size > 0
                             ? request_follow(&values, page->next, arena, &built, err)
                             : request_build(&values, arena, &built, err);

    if (status != STATUS_OK)
        return status;
    built->list = page->list;
    built->page = page->page;
    *request = built;
    return STATUS_OK;
}

const struct publisher *seeds_publisher(const struct study *study, uint32_t list)
{
    ENSURE(list < study->list_count);
    return &study->region.publishers[study->lists[list].publisher];
}

struct slice seeds_site_city(const struct study *study, uint32_t list)
{
    return study->region.cities[seeds_publisher(study, list)->city].name;
}

struct slice seeds_query_city(const struct study *study, uint32_t list)
{
    ENSURE(list < study->list_count);
    return study->region.cities[study->lists[list].query_city].name;
}
