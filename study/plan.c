#include "study/plan.h"

#include "study/seeds.h"
#include "study/site.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    DEFAULT_HITS = 450,
    DEFAULT_PAGE = 10,
    DEFAULT_ANSWER_MS = 500,
    MINUTES_OF_DAY = 1440,
    WARNINGS_MAX = 1000,
    ASSUMED_MAX = 10000000, /* beyond this an assumption is a slip */
};

static struct plan_options with_defaults(const struct plan_options *options)
{
    struct plan_options o = *options;

    if (o.hits_per_list == 0)
        o.hits_per_list = DEFAULT_HITS;
    if (o.hits_per_page == 0)
        o.hits_per_page = DEFAULT_PAGE;
    if (o.answer_ms == 0)
        o.answer_ms = DEFAULT_ANSWER_MS;
    /* Beyond it products further down could run over. */
    if (o.hits_per_list > ASSUMED_MAX)
        o.hits_per_list = ASSUMED_MAX;
    if (o.answer_ms > ASSUMED_MAX)
        o.answer_ms = ASSUMED_MAX;
    return o;
}

/* The host's row; a new one if it has none. There are never more hosts than suffixes and sites. */
static struct plan_host *host_of(struct plan *plan, struct slice host)
{
    for (size_t i = 0; i < plan->host_count; i++)
        if (slice_equal(plan->hosts[i].host, host))
            return &plan->hosts[i];
    plan->hosts[plan->host_count].host = host;
    return &plan->hosts[plan->host_count++];
}

static uint64_t pages_of_list(const struct study *study, const struct plan_options *o)
{
    /* One page more than the hits need: the one that ends the list. */
    uint64_t pages = o->hits_per_list / o->hits_per_page + 1;

    return pages < study->job.crawl.max_pages_per_list ? pages
                                                       : study->job.crawl.max_pages_per_list;
}

/* Where its articles lie, as far as that is known: beside the search if it speaks for that host
 * too. */
static struct slice article_host(const struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->host_count; i++)
        if (site_covers(publisher->hosts[i], publisher->host))
            return publisher->host;
    return publisher->hosts[0];
}

static void count_lists(const struct study *study, const struct plan_options *o, struct plan *plan)
{
    for (size_t i = 0; i < study->list_count; i++) {
        const struct publisher *p = &study->region.publishers[study->lists[i].publisher];
        struct plan_host *search = host_of(plan, p->host);
        struct plan_host *articles = host_of(plan, article_host(p));
        search->lists++;
        search->least_requests++;
        search->requests += pages_of_list(study, o);
        articles->requests += o->hits_per_list;
        plan->documents += o->hits_per_list;
    }
    plan->lists = study->list_count;
}

static void count_cities(const struct study *study, struct plan *plan)
{
    for (size_t c = 0; c < study->region.city_count; c++) {
        const struct region_city *city = &study->region.cities[c];
        for (uint32_t i = 0; i < city->publisher_count; i++) {
            const struct publisher *p = &study->region.publishers[city->first_publisher + i];
            bool seen = false;
            for (uint32_t j = 0; j < i; j++)
                seen |=
                    slice_equal(p->host, study->region.publishers[city->first_publisher + j].host);
            host_of(plan, p->host)->cities += !seen;
        }
    }
    plan->cities = study->region.city_count;
    plan->publishers = study->region.publisher_count;
}

/* Time on one connection; hours of the day that are closed stretch it. */
static int64_t time_for(const struct job *job, uint64_t requests, int64_t answer_ms)
{
    uint32_t from = job->crawl.hours_from;
    uint32_t to = job->crawl.hours_to;
    int64_t open = from < to ? to - from : MINUTES_OF_DAY - from + to;
    int64_t each = job->crawl.delay_ms + answer_ms;
    int64_t ms;

    /* Instead of running over: the largest time that can still be stretched. */
    if (requests > (uint64_t) (INT64_MAX / MINUTES_OF_DAY / (each + 1)))
        return INT64_MAX / MINUTES_OF_DAY;
    ms = (int64_t) requests * each;
    /* ms × 1440 ÷ open in two parts, so that the product does not run over. */
    return ms / open * MINUTES_OF_DAY + ms % open * MINUTES_OF_DAY / open;
}

static int compare_host(const void *a, const void *b)
{
    const struct plan_host *x = a;
    const struct plan_host *y = b;

    if (x->expected_ms != y->expected_ms)
        return x->expected_ms < y->expected_ms ? 1 : -1;
    return slice_compare(x->host, y->host);
}

static void finish_hosts(const struct study *study, const struct plan_options *o, struct plan *plan)
{
    for (size_t i = 0; i < plan->host_count; i++) {
        struct plan_host *host = &plan->hosts[i];
        host->least_requests++; /* robots.txt */
        host->requests++;
        host->least_ms = time_for(&study->job, host->least_requests, o->answer_ms);
        host->expected_ms = time_for(&study->job, host->requests, o->answer_ms);
        plan->requests += host->requests;
    }
    if (plan->host_count > 1)
        qsort(plan->hosts, plan->host_count, sizeof *plan->hosts, compare_host);
}

/* ---- warnings ---- */

/* `text` NULL: memory is out. */
static enum status warn(struct plan *plan, const char *text, struct error *err)
{
    if (text == NULL)
        return error_set(err, STATUS_NOMEM, "plan: %s", status_text(STATUS_NOMEM));
    if (plan->warning_count < WARNINGS_MAX)
        plan->warnings[plan->warning_count++] = slice_from(text);
    return STATUS_OK;
}

static bool same_params(const struct publisher *a, const struct publisher *b)
{
    if (a->param_count != b->param_count)
        return false;
    for (size_t i = 0; i < a->param_count; i++)
        if (!slice_equal(a->params[i].name, b->params[i].name) ||
            !slice_equal(a->params[i].value, b->params[i].value))
            return false;
    return true;
}

/* Two publishers that ask the same thing share requests: one list's hits stand for both. */
static enum status warn_twins(const struct study *study, struct plan *plan, struct arena *arena,
                              struct error *err)
{
    const struct region *region = &study->region;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < region->publisher_count && status == STATUS_OK; i++) {
        const struct publisher *a = &region->publishers[i];
        for (size_t j = 0; j < i && status == STATUS_OK; j++) {
            const struct publisher *b = &region->publishers[j];
            if (a->platform == b->platform && slice_equal(a->site, b->site) && same_params(a, b))
                status = warn(plan,
                              arena_printf(arena,
                                           "publishers in lines %u and %u of the region search "
                                           "the same site in the same way: %.*s",
                                           b->line, a->line, SLICE_ARG(a->site)),
                              err);
        }
    }
    return status;
}

static enum status warn_unowned(const struct study *study, struct plan *plan, struct arena *arena,
                                struct error *err)
{
    const struct region *region = &study->region;
    enum status status = STATUS_OK;

    for (size_t i = 0; i < region->publisher_count && status == STATUS_OK; i++) {
        const struct publisher *p = &region->publishers[i];
        if (region_publisher_of(region, p->hosts[0], p->port) == REGION_NONE)
            status = warn(plan,
                          arena_printf(arena,
                                       "line %u of the region: '%.*s' speaks for two cities, so "
                                       "articles there have no site city (list `hosts`)",
                                       p->line, SLICE_ARG(p->hosts[0])),
                          err);
    }
    return status;
}

static enum status warn_platforms(const struct study *study, struct plan *plan, struct arena *arena,
                                  struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < study->platform_count && status == STATUS_OK; i++) {
        const struct platform *platform = &study->platforms[i];
        if (platform->response.next.size == 0 && !platform_has_page_numbers(platform))
            status = warn(plan,
                          arena_printf(arena,
                                       "platform '%.*s' has neither {page} nor next: only the "
                                       "first page of a list is read",
                                       SLICE_ARG(platform->name)),
                          err);
    }
    return status;
}

static enum status warn_size(const struct study *study, struct plan *plan, struct arena *arena,
                             struct error *err)
{
    if (plan->requests <= study->job.crawl.max_requests)
        return STATUS_OK;
    return warn(
        plan,
        arena_printf(arena, "about %llu requests are expected, the job pauses at max_requests %llu",
                     (unsigned long long) plan->requests,
                     (unsigned long long) study->job.crawl.max_requests),
        err);
}

/* The key is needed where the workers run, which is here for `run`. */
static enum status warn_key(const struct study *study, struct plan *plan, struct arena *arena,
                            struct error *err)
{
    struct slice file = study->job.llm.key_file;
    const char *path;

    if (file.size == 0)
        return STATUS_OK;
    path = file.data[0] == '/' ? file.data
                               : arena_printf(arena, "%s/%s", study->directory.data, file.data);
    if (path != NULL && access(path, R_OK) == 0)
        return STATUS_OK;
    return warn(plan, arena_printf(arena, "llm.key_file: %s cannot be read on this machine", path),
                err);
}

static enum status add_warnings(const struct study *study, struct plan *plan, struct arena *arena,
                                struct error *err)
{
    enum status status = warn_twins(study, plan, arena, err);

    if (status == STATUS_OK)
        status = warn_unowned(study, plan, arena, err);
    if (status == STATUS_OK)
        status = warn_platforms(study, plan, arena, err);
    if (status == STATUS_OK)
        status = warn_key(study, plan, arena, err);
    return status == STATUS_OK ? warn_size(study, plan, arena, err) : status;
}

/* Every first request is built, so that a keyword the encoding lacks is found before the crawl. */
static enum status try_requests(const struct study *study, struct error *err)
{
    enum { REQUEST_MEMORY = 1024 * 1024 };
    struct arena *arena = arena_create(REQUEST_MEMORY);
    enum status status = STATUS_OK;

    if (arena == NULL)
        return error_set(err, STATUS_NOMEM, "plan: %s", status_text(STATUS_NOMEM));
    for (uint32_t i = 0; i < study->list_count && status == STATUS_OK; i++) {
        Xunfang__Request *request;
        status = seeds_request(study, &(struct seeds_page){.list = i}, arena, &request, err);
        /* Nothing is kept: it is only of interest whether each request can be built. */
        arena_reset(arena);
    }
    arena_destroy(arena);
    return status;
}

enum status plan_make(const struct study *study, const struct plan_options *options,
                      struct arena *arena, struct plan *plan, struct error *err)
{
    struct plan_options o = with_defaults(options);
    struct plan made = {.assumed = o};
    enum status status = try_requests(study, err);

    if (status != STATUS_OK)
        return status;
    made.hosts = arena_array(arena, 2 * study->region.publisher_count, sizeof *made.hosts);
    made.warnings = arena_array(arena, WARNINGS_MAX, sizeof *made.warnings);
    if (made.hosts == NULL || made.warnings == NULL)
        return error_set(err, STATUS_NOMEM, "plan: %s", status_text(STATUS_NOMEM));
    count_cities(study, &made);
    count_lists(study, &o, &made);
    finish_hosts(study, &o, &made);
    status = plan_model_make(
        study, &(struct plan_funnel){made.documents, o.screened_percent, o.visit_percent}, arena,
        &made.model, err);
    if (status == STATUS_OK)
        status = add_warnings(study, &made, arena, err);
    if (status == STATUS_OK)
        *plan = made;
    return status;
}
