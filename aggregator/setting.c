#include "aggregator/setting.h"

#include "study/pairs.h"
#include "study/seeds.h"

#include <stdlib.h>

size_t setting_pair_count(const struct setting *setting)
{
    size_t n = setting->city_count;

    return n < 2 ? 0 : n * (n - 1) / 2;
}

/* Row by row of the upper triangle. Rows before `low` hold n−1, n−2, … pairs, in sum low·(2n − low
 * − 1)/2. */
size_t setting_pair_index(const struct setting *setting, uint32_t a, uint32_t b)
{
    size_t n = setting->city_count, low = a < b ? a : b, high = a < b ? b : a;

    ENSURE(a != b && high < n);
    return low * (2 * n - low - 1) / 2 + (high - low - 1);
}

uint32_t setting_find_city(const struct setting *setting, struct slice name)
{
    uint32_t i = 0;

    while (i < setting->city_count && !slice_equal(setting->cities[i].name, name))
        i++;
    return i;
}

size_t setting_level_rank(const struct setting *setting, struct slice level)
{
    size_t i = 0;

    while (i < setting->level_count && !slice_equal(setting->levels[i].name, level))
        i++;
    return i;
}

/* The study's region numbers cities in the order of its file; we number them by code. */
struct numbering {
    uint32_t code;
    uint32_t region_index;
};

/* The file's order breaks ties, which valid regions do not have. */
static int by_code(const void *a, const void *b)
{
    const struct numbering *x = a, *y = b;

    if (x->code != y->code)
        return x->code < y->code ? -1 : 1;
    return x->region_index < y->region_index ? -1 : x->region_index > y->region_index;
}

/* Numbers by code make every table's order independent of how a region's file is written. */
static struct numbering *number_cities(const struct region *region, struct arena *arena)
{
    struct numbering *order = arena_array(arena, region->city_count + 1, sizeof *order);

    for (size_t i = 0; order != NULL && i < region->city_count; i++)
        order[i] = (struct numbering){region->cities[i].city->code, (uint32_t) i};
    if (order != NULL && region->city_count > 0)
        qsort(order, region->city_count, sizeof *order, by_code);
    return order;
}

/* Copies throughout: the study is destroyed before the results are printed. */
static bool take_cities(const struct study *study, const struct numbering *order,
                        struct setting *setting)
{
    setting->city_count = (uint32_t) study->region.city_count;
    setting->cities =
        arena_array(setting->arena, setting->city_count + 1U, sizeof *setting->cities);
    for (uint32_t i = 0; setting->cities != NULL && i < setting->city_count; i++) {
        const struct region_city *from = &study->region.cities[order[i].region_index];
        struct setting_city *to = &setting->cities[i];

        to->name = arena_copy(setting->arena, from->name);
        to->province = arena_copy(setting->arena, from->city->province);
        to->code = from->city->code;
        to->has_position = from->city->has_position;
        to->lon = from->city->lon;
        to->lat = from->city->lat;
        if (to->name.data == NULL || to->province.data == NULL)
            return false;
    }
    return setting->cities != NULL;
}

/* Described once for the job's period: memberships and pairings have dates. */
static bool take_pairs(const struct study *study, const struct numbering *order,
                       struct setting *setting)
{
    setting->pairs =
        arena_array(setting->arena, setting_pair_count(setting) + 1, sizeof *setting->pairs);
    if (setting->pairs == NULL)
        return false;
    for (uint32_t a = 0; a < setting->city_count; a++)
        for (uint32_t b = a + 1; b < setting->city_count; b++) {
            struct pair pair = pair_describe(study, order[a].region_index, order[b].region_index,
                                             setting->from, setting->to);
            setting->pairs[setting_pair_index(setting, a, b)] = (struct setting_pair){
                pair_class_label(pair.class), pair.distance_m, pair.same_province};
        }
    return true;
}

/* A city that is none of the setting gets city_count: the list is counted, its pair unknown. */
static bool take_lists(const struct study *study, struct setting *setting)
{
    setting->list_count = (uint32_t) study->list_count;
    setting->lists = arena_array(setting->arena, study->list_count + 1, sizeof *setting->lists);
    for (uint32_t i = 0; setting->lists != NULL && i < setting->list_count; i++) {
        struct setting_list *list = &setting->lists[i];

        list->publisher = arena_copy(setting->arena, seeds_publisher(study, i)->site);
        list->keyword = arena_copy(setting->arena, study->lists[i].keyword);
        list->site = setting_find_city(setting, seeds_site_city(study, i));
        list->query = setting_find_city(setting, seeds_query_city(study, i));
        if (list->publisher.data == NULL || list->keyword.data == NULL)
            return false;
    }
    return setting->lists != NULL;
}

static struct setting_label *take_labels(const struct codebook_label *labels, size_t count,
                                         struct arena *arena)
{
    struct setting_label *copies = arena_array(arena, count + 1, sizeof *copies);

    for (size_t i = 0; copies != NULL && i < count; i++) {
        copies[i].name = arena_copy(arena, labels[i].name);
        copies[i].english = arena_copy(arena, labels[i].english);
    }
    return copies;
}

/* A codebook without a task that reads fields still has its events read, by rules. */
static bool take_tasks(const struct codebook *codebook, struct setting *setting)
{
    bool has_events = false;

    setting->tasks = arena_array(setting->arena, codebook->task_count + 1, sizeof *setting->tasks);
    for (size_t i = 0; setting->tasks != NULL && i < codebook->task_count; i++) {
        const struct codebook_task *from = &codebook->tasks[i];
        struct setting_task *to = &setting->tasks[setting->task_count++];

        *to = (struct setting_task){.name = arena_copy(setting->arena, from->name),
                                    .kind = from->kind,
                                    .has_model = from->model.size > 0};
        if (to->name.data == NULL)
            return false;
        has_events = has_events || from->kind == TASK_FIELDS;
    }
    if (setting->tasks != NULL && !has_events)
        setting->tasks[setting->task_count++] =
            (struct setting_task){.name = SLICE("events"), .kind = TASK_FIELDS};
    return setting->tasks != NULL;
}

static bool take_codebook(const struct codebook *codebook, struct setting *setting)
{
    const struct codebook_task *themes = codebook_find_task(codebook, "themes");

    setting->codebook = arena_copy(setting->arena, codebook->name);
    setting->cooperative = arena_copy(setting->arena, codebook->combine.purpose);
    setting->theme_count = themes == NULL ? 0 : themes->label_count;
    setting->themes =
        take_labels(themes == NULL ? NULL : themes->labels, setting->theme_count, setting->arena);
    setting->level_count = codebook->level_count;
    setting->levels = take_labels(codebook->levels, codebook->level_count, setting->arena);
    setting->lag_days = codebook_days(codebook->identity.usual_lag_ms);
    setting->before_days = codebook_days(codebook->identity.join_before_ms);
    setting->after_days = codebook_days(codebook->identity.join_after_ms);
    setting->chain_days = codebook_days(codebook->identity.chain_gap_ms);
    setting->low_percent = codebook->measures.low_percent;
    setting->high_percent = codebook->measures.high_percent;
    return setting->codebook.data != NULL && setting->cooperative.data != NULL &&
           setting->themes != NULL && setting->levels != NULL && take_tasks(codebook, setting);
}

enum status setting_from_study(const struct study *study, bool has_job, struct setting *setting,
                               struct error *err)
{
    struct setting made = {.arena = arena_create(SETTING_MEMORY_MAX), .has_job = has_job};
    struct numbering *order = made.arena == NULL ? NULL : number_cities(&study->region, made.arena);

    /* Before the pairs, which are described for this period. */
    made.from = study->job.period.from;
    made.to = study->job.period.to;
    made.delay_ms = study->job.crawl.delay_ms;
    if (order == NULL || !take_cities(study, order, &made) || !take_pairs(study, order, &made) ||
        !take_lists(study, &made) || !take_codebook(&study->codebook, &made))
        goto out;
    made.job = arena_copy(made.arena, study->job.name);
    made.region = arena_copy(made.arena, study->region.name);
    if (made.job.data == NULL || made.region.data == NULL)
        goto out;
    *setting = made;
    return STATUS_OK;
out:
    arena_destroy(made.arena);
    return error_set(err, STATUS_NOMEM, "no memory for %zu cities", study->region.city_count);
}

void setting_fini(struct setting *setting)
{
    arena_destroy(setting->arena);
    setting->arena = NULL;
}
