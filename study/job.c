#include "study/job.h"

#include "base/util/civil.h"
#include "study/job_llm.h"

#include <string.h>

enum { JOB_NAME_MAX = 60, JOB_PAIRS_MAX = 100000, MINUTES_OF_DAY = 1440 };

/* What the tables fill before it becomes a struct job. */
struct raw_job {
    struct job job;
    const struct yaml_node *pairs;
};

static const char *const robots_choices[] = {"obey", "ignore-for-tests", NULL};

static const struct field period_fields[] = {
    {"from", FIELD_DATE, FIELD_REQUIRED, offsetof(struct job_period, from),
     .help = "first publish day that counts"},
    {"to", FIELD_DATE, FIELD_REQUIRED, offsetof(struct job_period, to),
     .help = "last publish day that counts"},
    {0}};

static const struct field_table period_table = {"period", sizeof(struct job_period), 0,
                                                period_fields};

#define CRAWL(member) offsetof(struct job_crawl, member)
static const struct field crawl_fields[] = {
    {"contact", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, CRAWL(contact),
     .help = "mail or web address for the sites' operators; goes into the user agent"},
    {"delay", FIELD_DURATION, 0, CRAWL(delay_ms), .otherwise = "1s", .max = 86400000,
     .help = "per host, from the end of one request to the next send; 0s only on loopback hosts"},
    {"connections_per_host", FIELD_UINT, 0, CRAWL(connections_per_host), .otherwise = "1", .min = 1,
     .max = 1, .help = "one connection a host"},
    {"request_timeout", FIELD_DURATION, 0, CRAWL(request_timeout_ms), .otherwise = "30s",
     .min = 1000, .max = 600000,
     .help = "the longest one request may take; what a dead crawler had is waited for so long"},
    {"robots", FIELD_CHOICE, 0, CRAWL(robots), .otherwise = "obey", .choices = robots_choices,
     .help = "ignore-for-tests only when every host is a loopback address"},
    {"allow_private_addresses", FIELD_BOOL, 0, CRAWL(allow_private_addresses), .otherwise = "false",
     .help = "true only for sites on this machine or network"},
    {"max_pages_per_list", FIELD_UINT, 0, CRAWL(max_pages_per_list), .otherwise = "500", .min = 1,
     .max = 100000, .help = "pages of one result list that are read at most"},
    {"max_body", FIELD_BYTES, 0, CRAWL(max_body), .otherwise = "8MiB", .min = 1024,
     .max = INT64_C(12) * 1024 * 1024, .help = "a larger answer is not kept"},
    {"max_requests", FIELD_UINT, 0, CRAWL(max_requests), .otherwise = "200000", .min = 1,
     .max = 1000000000, .help = "the job pauses when so many requests were sent"},
    {"hours", FIELD_TEXT, FIELD_NOT_EMPTY, CRAWL(hours), .otherwise = "\"00:00-24:00\"",
     .help = "time of day (Asia/Shanghai) at which requests are sent, HH:MM-HH:MM"},
    {"ports", FIELD_UINTS, 0, CRAWL(ports), CRAWL(port_count), .otherwise = "[]", .min = 1,
     .max = 100, .help = "ports of links that may be followed, besides 80, 443 and the region's"},
    {0}};

static const struct field_table crawl_table = {"crawl", sizeof(struct job_crawl), CRAWL(line),
                                               crawl_fields};

#define JOB(member) offsetof(struct raw_job, member)
static const struct field job_fields[] = {
    {"job", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, JOB(job.name),
     .help = "name of the job: letters, digits, '-' and '_'"},
    {"region", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, JOB(job.region),
     .help = "region file, relative to this file, or the name of a shipped region"},
    {"codebook", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, JOB(job.codebook),
     .help = "name of a shipped codebook, or a path"},
    {"period", FIELD_RECORD, FIELD_REQUIRED, JOB(job.period), .table = &period_table,
     .help = "publish days that count, both ends included"},
    {"pairs", FIELD_NODE, 0, JOB(pairs), .otherwise = "all",
     .help = "`all`, or a list of [site city, query city]"},
    {"crawl", FIELD_RECORD, FIELD_REQUIRED, JOB(job.crawl), .table = &crawl_table,
     .help = "how the sites are asked; `contact` is required"},
    {"llm", FIELD_RECORD, 0, JOB(job.llm), .table = &job_llm_table,
     .help = "a model server; without it the built-in models decide alone"},
    {0}};

const struct field_table job_table = {"job", sizeof(struct raw_job), 0, job_fields};

static enum status check_name(const struct job *job, const struct yaml_node *node, const char *file,
                              struct error *err)
{
    bool good = job->name.size <= JOB_NAME_MAX;

    for (size_t i = 0; i < job->name.size; i++) {
        char c = job->name.data[i];
        good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_');
    }
    if (good)
        return STATUS_OK;
    return fields_error(err, file, node->line,
                        "job: '%.*s' may have only letters a–z, digits, '-' and '_', at most %d",
                        SLICE_ARG(job->name), JOB_NAME_MAX);
}

static bool read_minute(struct slice text, uint32_t *minute)
{
    struct slice hour = slice_split(&text, ':');
    uint64_t h;
    uint64_t m;

    if (hour.size != 2 || text.size != 2 || slice_to_uint(hour, 0, 24, &h, NULL) != STATUS_OK ||
        slice_to_uint(text, 0, 59, &m, NULL) != STATUS_OK || h * 60 + m > MINUTES_OF_DAY)
        return false;
    *minute = (uint32_t) (h * 60 + m);
    return true;
}

/* A span may go over midnight ("22:00-06:00"); both ends alike would mean all day or nothing, so
 * that is refused. */
static enum status read_hours(struct job_crawl *crawl, const struct yaml_node *root,
                              const char *file, struct error *err)
{
    const struct yaml_node *node = yaml_member(yaml_member(root, "crawl"), "hours");
    struct slice to = crawl->hours;
    struct slice from = slice_split(&to, '-');

    if (read_minute(from, &crawl->hours_from) && read_minute(to, &crawl->hours_to) &&
        crawl->hours_from != crawl->hours_to)
        return STATUS_OK;
    return fields_error(err, file, node == NULL ? root->line : node->line,
                        "crawl.hours: '%.*s' is no span of a day (write \"22:00-06:00\")",
                        SLICE_ARG(crawl->hours));
}

static enum status read_pair(const struct yaml_node *node, size_t index, const char *file,
                             struct job_pair *pair, struct error *err)
{
    if (node->type != YAML_LIST || node->count != 2 || node->first->type != YAML_TEXT ||
        node->first->next->type != YAML_TEXT)
        return fields_error(err, file, node->line,
                            "pairs[%zu]: must be [site city, query city], for example [苏州, 上海]",
                            index);
    pair->site = node->first->text;
    pair->query = node->first->next->text;
    pair->line = node->line;
    return STATUS_OK;
}

static enum status read_pairs(const struct yaml_node *node, const struct yaml_source *source,
                              struct job *job, struct error *err)
{
    const char *file = source->file;
    enum status status = STATUS_OK;

    job->all_pairs = node->type == YAML_TEXT && slice_equal(node->text, SLICE("all"));
    if (job->all_pairs)
        return STATUS_OK;
    if (node->type != YAML_LIST || node->count == 0 || node->count > JOB_PAIRS_MAX)
        return fields_error(err, file, node->line,
                            "pairs: must be 'all' or a list of [site city, query city]");
    job->pairs = arena_array(source->arena, node->count, sizeof *job->pairs);
    if (job->pairs == NULL)
        return error_set(err, STATUS_NOMEM, "%s: %s", file, status_text(STATUS_NOMEM));
    /* Cities are only names here; seeds.c looks them up when the region is known. */
    for (const struct yaml_node *child = node->first; child != NULL && status == STATUS_OK;
         child = child->next) {
        status = read_pair(child, job->pair_count, file, &job->pairs[job->pair_count], err);
        job->pair_count++;
    }
    return status;
}

static enum status check_period(const struct job *job, const struct yaml_node *root,
                                const char *file, struct error *err)
{
    if (job->period.from <= job->period.to)
        return STATUS_OK;
    return fields_error(err, file, yaml_member(root, "period")->line,
                        "period: 'from' lies after 'to' (swap them)");
}

enum status job_read(const struct yaml_source *source, struct job *job, struct error *err)
{
    const char *file = source->file;
    struct raw_job raw = {0};
    const struct yaml_node *root;
    enum status status = yaml_parse(source, &root, err);

    if (status == STATUS_OK)
        status = fields_decode(&job_table, source, root, &raw, err);
    if (status == STATUS_OK)
        status = check_name(&raw.job, yaml_member(root, "job"), file, err);
    if (status == STATUS_OK)
        status = check_period(&raw.job, root, file, err);
    if (status == STATUS_OK)
        status = read_hours(&raw.job.crawl, root, file, err);
    if (status == STATUS_OK)
        status = job_check_llm(&raw.job.llm, file, err);
    if (status == STATUS_OK)
        status = read_pairs(raw.pairs, source, &raw.job, err);
    if (status == STATUS_OK)
        *job = raw.job;
    return status;
}

bool job_hour_allowed(const struct job *job, uint32_t minute)
{
    uint32_t from = job->crawl.hours_from;
    uint32_t to = job->crawl.hours_to;

    /* Else the span goes over midnight. */
    if (from < to)
        return minute >= from && minute < to;
    return minute >= from || minute < to;
}
