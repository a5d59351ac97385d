/*
 * setting: what the computations must know of a job besides its records.
 *
 * Cities   Sorted by code; a city's index here is its number in every table of this folder.
 * Pairs    One entry for each unordered pair a < b, at setting_pair_index(a, b).
 * Lists    In the order of the job (study/seeds.h); none without a job.
 * Labels   Themes, levels (highest first) and the winning purpose come from the codebook.
 * Memory   Texts and arrays belong to the setting's arena; struct setting itself is the caller's.
 *          setting_fini frees.
 * Sources  setting_from_study takes them from a loaded study; tests fill the struct by hand.
 */
#ifndef XUNFANG_AGGREGATOR_SETTING_H
#define XUNFANG_AGGREGATOR_SETTING_H

#include "base/util/arena.h"
#include "base/util/civil.h"
#include "study/study.h"

enum { SETTING_MEMORY_MAX = 512 << 20 };

struct setting_city {
    struct slice name;     /* short: 苏州 */
    struct slice province; /* short */
    uint32_t code;
    bool has_position;
    int32_t lon; /* 1e-5 degrees */
    int32_t lat;
};

struct setting_list {
    struct slice publisher; /* its site */
    struct slice keyword;
    uint32_t site;  /* index of its city */
    uint32_t query; /* index of the city searched for */
};

struct setting_pair {
    const char *class;  /* label of study/pairs.h */
    int32_t distance_m; /* -1: unknown */
    bool same_province;
};

struct setting_label {
    struct slice name;
    struct slice english;
};

struct setting_task { /* what is decided about a document */
    struct slice name;
    int kind;       /* enum task_kind */
    bool has_model; /* of its own; else rules decide, unless a language model is asked */
};

struct setting {
    struct slice job;
    struct slice run;
    struct slice region;
    struct slice codebook;
    struct setting_city *cities;
    uint32_t city_count;
    struct setting_pair *pairs;
    struct setting_list *lists;
    uint32_t list_count;
    bool has_job; /* lists and period mean something */
    int32_t from; /* period, both days within */
    int32_t to;
    struct setting_label *themes;
    size_t theme_count;
    struct setting_label *levels; /* highest first */
    size_t level_count;
    struct setting_task *tasks; /* of the codebook; `events` is always among them */
    size_t task_count;
    struct slice cooperative; /* the purpose that wins */
    int32_t lag_days;         /* publish day − visit day of a report without a day */
    int32_t before_days;      /* a dated event joins from so long before the publish day … */
    int32_t after_days;       /* … to so long after it */
    int32_t chain_days;
    uint64_t low_percent; /* classes of U */
    uint64_t high_percent;
    int64_t delay_ms; /* least gap between two requests to a host */
    struct arena *arena;
};

/* Copies what it needs: the study may go. `has_job` says whether the study came from a job. */
CHECKED enum status setting_from_study(const struct study *study, bool has_job,
                                       struct setting *setting, struct error *err);
void setting_fini(struct setting *setting);

size_t setting_pair_count(const struct setting *setting);
/* Order of a and b does not matter; they must differ. */
size_t setting_pair_index(const struct setting *setting, uint32_t a, uint32_t b);
/* city_count if it is not among them. */
uint32_t setting_find_city(const struct setting *setting, struct slice name);
/* 0 for the highest; level_count if unknown. */
size_t setting_level_rank(const struct setting *setting, struct slice level);

#endif
