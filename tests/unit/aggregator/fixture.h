/*
 * fixture: small settings and datasets for the aggregator's tests, built the way the logs build
 * them.
 *
 * Cities   上海 (310000), 南京 (320100), 苏州 (320500), 合肥 (340100): four, so six pairs.
 * Reports  struct telling is one report of one visit; fixture_tell packs it as a record of the log
 *          `reports` and hands it to the dataset's reader.
 */
#ifndef XUNFANG_TESTS_UNIT_AGGREGATOR_FIXTURE_H
#define XUNFANG_TESTS_UNIT_AGGREGATOR_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aggregator/dataset_log.h"
#include "aggregator/results.h"
#include "base/message.h"

enum { SHANGHAI, NANJING, SUZHOU, HEFEI, FIXTURE_CITIES };

#define FIXTURE_TEXT(text) ((struct slice){text, strlen(text)})

static struct setting_city fixture_cities[] = {
    {{"上海", 6}, {"上海", 6}, 310000, true, 12147000, 3123000},
    {{"南京", 6}, {"江苏", 6}, 320100, true, 11879000, 3206000},
    {{"苏州", 6}, {"江苏", 6}, 320500, false, 0, 0},
    {{"合肥", 6}, {"安徽", 6}, 340100, true, 11722000, 3182000},
};
static struct setting_pair fixture_pairs[] = {
    {"central", 269000, false},      {"adjacent", 84000, false}, {"central", 402000, false},
    {"same_province", 190000, true}, {"central", 141000, false}, {"other", 330500, false},
};
static struct setting_list fixture_lists[] = {
    {{"http://a.example", 16}, {"南京", 6}, SHANGHAI, NANJING},
    {{"http://a.example", 16}, {"苏州", 6}, SHANGHAI, SUZHOU},
    {{"http://b.example", 16}, {"上海", 6}, NANJING, SHANGHAI},
};
static struct setting_label fixture_themes[] = {{{"经济发展", 12}, {"economic development", 20}},
                                                {{"公共服务", 12}, {"public services", 15}}};
static struct setting_label fixture_levels[] = {{{"principal", 9}, {"principal", 9}},
                                                {{"deputy", 6}, {"deputy", 6}},
                                                {{"department", 10}, {"department", 10}}};

static struct setting_task fixture_tasks[] = {{{"visit", 5}, TASK_BINARY, true},
                                              {{"themes", 6}, TASK_LABELS, true},
                                              {{"purpose", 7}, TASK_LABEL, true},
                                              {{"events", 6}, TASK_FIELDS, false}};

/* A setting of static parts: setting_fini has nothing to free. */
static inline struct setting fixture_setting(void)
{
    return (struct setting){.job = {"test", 4},
                            .run = {"main", 4},
                            .region = {"four", 4},
                            .codebook = {"visits", 6},
                            .cities = fixture_cities,
                            .city_count = FIXTURE_CITIES,
                            .pairs = fixture_pairs,
                            .lists = fixture_lists,
                            .list_count = 3,
                            .has_job = true,
                            .from = civil_to_day((struct civil){2018, 1, 1}),
                            .to = civil_to_day((struct civil){2020, 12, 31}),
                            .themes = fixture_themes,
                            .theme_count = 2,
                            .levels = fixture_levels,
                            .level_count = 3,
                            .tasks = fixture_tasks,
                            .task_count = 4,
                            .cooperative = {"cooperative", 11},
                            .lag_days = 1,
                            .before_days = 7,
                            .after_days = 1,
                            .chain_days = 3,
                            .low_percent = 33,
                            .high_percent = 67,
                            .delay_ms = 20};
}

/* One report of one visit; NULL and "" are unknown. */
struct telling {
    const char *url;
    const char *site;
    const char *published; /* YYYY-MM-DD */
    const char *origin;
    const char *host;
    const char *day;
    const char *origin_dept;
    const char *level;
    const char *theme;
    const char *purpose;
    const char *text;        /* equal texts are copies; NULL: the URL stands for it; "": blank */
    const char *second_host; /* a second visit of the same trip */
    const char *host_dept;
    const char *decided_by; /* NULL: model */
    const char *model;      /* NULL: linear@1 */
    const char *asked;      /* "visit+ themes- events0": answered, failed, refused; NULL: nothing */
};

static inline int32_t fixture_day(const char *text)
{
    int32_t day = CIVIL_NONE;

    if (text != NULL && text[0] != '\0')
        assert_int_equal(civil_parse(slice_from(text), &day, NULL), STATUS_OK);
    return day;
}

static inline char *fixture_text(const char *text)
{
    return (char *) (uintptr_t) (text == NULL ? "" : text);
}

static inline struct id fixture_id(const char *url)
{
    return id_of(SLICE("document"), slice_from(url));
}

static inline void fixture_fill_event(Xunfang__Event *event, const struct telling *t,
                                      const char *host)
{
    xunfang__event__init(event);
    event->origin_city = fixture_text(t->origin);
    event->host_city = fixture_text(host);
    event->origin_dept = fixture_text(t->origin_dept);
    event->host_dept = fixture_text(t->host_dept);
    event->has_date = t->day != NULL;
    event->date = t->day == NULL ? 0 : fixture_day(t->day);
    event->date_precision = fixture_text(t->day == NULL ? "none" : "day");
    event->level = fixture_text(t->level);
    event->evidence = fixture_text("一行");
}

static inline void fixture_fill_brief(Xunfang__Brief *brief, const struct telling *t,
                                      struct id *fingerprint)
{
    const char *text = t->text == NULL ? t->url : t->text;

    *fingerprint = id_of(SLICE("text"), slice_from(text));
    brief->url = fixture_text(t->url);
    brief->site_city = fixture_text(t->site);
    brief->has_date = t->published != NULL;
    brief->date = t->published == NULL ? 0 : fixture_day(t->published);
    if (text[0] != '\0')
        brief->fingerprint = message_bytes(id_slice(fingerprint));
}

enum { FIXTURE_ASKED = 8 };

/* What `asked` says, as a message in the arena; NULL: nothing was asked. */
static inline Xunfang__Consulted *fixture_consulted(const char *asked, struct arena *arena)
{
    Xunfang__Consulted *consulted = arena_alloc(arena, sizeof *consulted);
    struct slice rest = slice_from(asked == NULL ? "" : asked);

    if (asked == NULL)
        return NULL;
    xunfang__consulted__init(consulted);
    consulted->tasks = arena_array(arena, FIXTURE_ASKED, sizeof *consulted->tasks);
    consulted->ends = arena_array(arena, FIXTURE_ASKED, sizeof *consulted->ends);
    while (rest.size > 0) {
        struct slice task = slice_split(&rest, ' ');
        char end = task.data[task.size - 1];
        size_t at = consulted->n_tasks++;

        assert_true(at < FIXTURE_ASKED);
        consulted->tasks[at] = message_text(arena, slice_sub(task, 0, task.size - 1));
        consulted->ends[at] = end == '+'   ? XUNFANG__CONSULTED__END__ANSWERED
                              : end == '-' ? XUNFANG__CONSULTED__END__FAILED
                                           : XUNFANG__CONSULTED__END__REFUSED;
        consulted->failed += end == '-';
        consulted->refused += end == '0';
    }
    consulted->n_ends = consulted->n_tasks;
    return consulted;
}

/* Any outcome of a document; its payload has events only if it passed. */
static inline void fixture_outcome(struct dataset *dataset, const struct telling *t,
                                   enum outcome outcome, const char *reason)
{
    struct arena *arena = arena_create(1 << 20);
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    Xunfang__Event event[2], *events[2] = {&event[0], &event[1]};
    char *themes[1] = {fixture_text(t->theme)};
    struct id fingerprint;
    struct record record = {.id = fixture_id(t->url),
                            .schema = RECORD_SCHEMA,
                            .outcome = outcome,
                            .reason = slice_from(reason)};

    fixture_fill_brief(&brief, t, &fingerprint);
    report.brief = &brief;
    if (outcome == OUTCOME_PASSED) {
        fixture_fill_event(&event[0], t, t->host);
        fixture_fill_event(&event[1], t, t->second_host == NULL ? t->host : t->second_host);
        report.events = events;
        report.n_events = t->second_host == NULL ? 1 : 2;
        report.themes = themes;
        report.n_themes = t->theme != NULL;
        report.purpose = fixture_text(t->purpose);
    }
    report.decided_by = fixture_text(t->decided_by == NULL ? "model" : t->decided_by);
    report.model = fixture_text(t->model == NULL ? "linear@1" : t->model);
    report.consulted = fixture_consulted(t->asked, arena);
    record.payload = message_pack_arena(&report.base, arena);
    assert_non_null(record.payload.data);
    assert_int_equal(dataset_take_report(dataset, &record, arena, NULL), STATUS_OK);
    arena_destroy(arena);
}

static inline void fixture_tell(struct dataset *dataset, const struct telling *t)
{
    fixture_outcome(dataset, t, OUTCOME_PASSED, "");
}

static inline struct dataset *fixture_dataset(const struct telling *tellings, size_t count)
{
    struct dataset *dataset = dataset_create();

    assert_non_null(dataset);
    for (size_t i = 0; i < count; i++)
        fixture_tell(dataset, &tellings[i]);
    return dataset;
}

/* Computes and hands over; `results_fini` frees the dataset too. */
static inline void fixture_results(struct dataset *dataset, struct results *results)
{
    struct setting setting = fixture_setting();
    struct error err = {.code = STATUS_OK};

    if (results_compute(dataset, &setting, results, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

/* The scenario of the golden files. */
static const struct telling fixture_story[] = {
    /* both sides report one visit: 上海 → 南京, 2019-05-08; cooperative wins, principal wins */
    {"http://a.example/1", "上海", "2019-05-09", "上海", "南京", "2019-05-08", "市教育局",
     "department", "公共服务", "learning", NULL, NULL, NULL, NULL, NULL, NULL},
    {"http://b.example/1", "南京", "2019-05-10", "上海", "南京", "2019-05-08", "", "principal",
     "经济发展", "cooperative", NULL, NULL, NULL, NULL, NULL, NULL},
    /* a copy of the first on another site */
    {"http://c.example/1", "苏州", "2019-05-12", "上海", "南京", "2019-05-08", "市教育局",
     "department", "公共服务", "learning", "http://a.example/1", NULL, NULL, NULL, NULL, NULL},
    /* without a day, joins the visit above */
    {"http://a.example/2", "上海", "2019-05-11", "上海", "南京", NULL, "市教育局", "deputy",
     "公共服务", "learning", NULL, NULL, NULL, NULL, NULL, NULL},
    /* without a day, too late for it: imputed, 2019-06-19 */
    {"http://a.example/3", "上海", "2019-06-20", "上海", "南京", NULL, "", "department", "经济发展",
     "learning", NULL, NULL, NULL, NULL, NULL, NULL},
    /* one trip to two hosts */
    {"http://d.example/1", "合肥", "2018-03-03", "合肥", "上海", "2018-03-01", "市发改委", "deputy",
     "经济发展", "cooperative", NULL, "苏州", NULL, NULL, NULL, NULL},
    /* the way back: 南京 → 上海 */
    {"http://b.example/2", "南京", "2020-01-05", "南京", "上海", "2020-01-03", "", "deputy",
     "经济发展", "cooperative", NULL, NULL, NULL, NULL, NULL, NULL},
    /* nobody knows when; a city outside the setting */
    {"http://b.example/3", "南京", NULL, "苏州", "合肥", NULL, "", "", "", "", NULL, NULL, NULL,
     NULL, NULL, NULL},
    {"http://b.example/4", "南京", "2019-01-01", "南京", "北京", "2018-12-31", "", "", "", "", NULL,
     NULL, NULL, NULL, NULL, NULL},
};

enum { FIXTURE_STORY = sizeof fixture_story / sizeof fixture_story[0] };

#endif
