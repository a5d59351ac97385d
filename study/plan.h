/*
 * plan: what a job will cost before it runs: lists, requests and hours for every real host.
 *
 * Certain  Lists, hosts, and the least number of requests: robots.txt and one page a list.
 * Guessed  Pages and articles follow from an assumed number of hits a list (an option); articles
 *          are counted on the first host their publisher speaks for. The report says what was
 *          assumed.
 * Time     Requests × (delay + time for an answer) on one connection, within the job's hours. The
 *          busiest host bounds the crawl.
 * Model    What a language model will be asked: study/plan_model.h.
 * Memory   In the caller's arena.
 */
#ifndef XUNFANG_STUDY_PLAN_H
#define XUNFANG_STUDY_PLAN_H

#include "study/plan_model.h"

struct plan_options {
    uint64_t hits_per_list;    /* 0: 450, about what the study found */
    uint64_t hits_per_page;    /* 0: 10 */
    int64_t answer_ms;         /* an answer takes; 0: 500 */
    uint64_t screened_percent; /* for the model's part; 0: its defaults */
    uint64_t visit_percent;
};

struct plan_host {
    struct slice host; /* without port: one courtesy clock */
    uint64_t lists;
    uint64_t cities; /* whose publishers search there */
    uint64_t least_requests;
    uint64_t requests; /* guessed, articles included */
    int64_t least_ms;
    int64_t expected_ms;
};

struct plan {
    struct plan_options assumed;
    uint64_t cities;
    uint64_t publishers;
    uint64_t lists;
    uint64_t requests;  /* guessed, all hosts; above max_requests the job would pause */
    uint64_t documents; /* guessed */
    struct plan_model model;
    struct plan_host *hosts; /* busiest first, then by name */
    size_t host_count;
    struct slice *warnings; /* what is allowed but surely not meant */
    size_t warning_count;
};

CHECKED enum status plan_make(const struct study *study, const struct plan_options *options,
                              struct arena *arena, struct plan *plan, struct error *err);
#endif
