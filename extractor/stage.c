#include "extractor/stage.h"

#include "base/message.h"
#include "proto/document.pb-c.h"

/* One visit on its way to a report. */
struct reporting {
    const struct extractor *extractor;
    struct task *task;
    const Xunfang__Visit *visit;
    struct extraction extraction;
};

static enum status out_of_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "out of memory");
}

static enum status drop(struct task *task, Xunfang__Brief *brief, struct slice reason,
                        struct error *err)
{
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    struct slice payload;

    report.brief = brief;
    payload = message_pack_arena(&report.base, task_arena(task));
    if (payload.data == NULL)
        return out_of_memory(err);
    return task_drop(task, reason, payload, err);
}

/* ---- events as messages ---- */

/* Empty text stays protobuf's default. */
static bool put_text(struct arena *arena, struct slice text, char **field)
{
    if (text.size == 0)
        return true;
    *field = message_text(arena, text);
    return *field != NULL;
}

static bool put_titles(struct arena *arena, const struct people *people, size_t *count,
                       char ***field)
{
    char **texts = arena_array(arena, people->count + 1, sizeof *texts);

    if (texts == NULL)
        return false;
    for (size_t i = 0; i < people->count; i++)
        if (!put_text(arena, people->titles[i], &texts[i]))
            return false;
    *count = people->count;
    *field = texts;
    return true;
}

static bool put_event(struct arena *arena, const struct event *event, Xunfang__Event *message)
{
    xunfang__event__init(message);
    message->has_date = event->date.precision == DATE_PRECISION_DAY;
    message->date = message->has_date ? event->date.day : 0;
    message->date_precision = (char *) date_precision_text(event->date.precision);
    message->level = (char *) event->level;
    return put_text(arena, event->origin_city, &message->origin_city) &&
           put_text(arena, event->host_city, &message->host_city) &&
           put_text(arena, event->origin_dept, &message->origin_dept) &&
           put_text(arena, event->host_dept, &message->host_dept) &&
           put_text(arena, event->evidence, &message->evidence) &&
           put_titles(arena, &event->visitors, &message->n_visitor_titles,
                      &message->visitor_titles) &&
           put_titles(arena, &event->hosts, &message->n_host_titles, &message->host_titles);
}

static enum status put_events(const struct reporting *reporting, Xunfang__Report *report,
                              struct error *err)
{
    struct arena *arena = task_arena(reporting->task);
    size_t count = reporting->extraction.count;
    Xunfang__Event *events = arena_array(arena, count, sizeof *events);
    Xunfang__Event **list = arena_array(arena, count, sizeof(Xunfang__Event *));

    if (events == NULL || list == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < count; i++) {
        if (!put_event(arena, &reporting->extraction.events[i], &events[i]))
            return out_of_memory(err);
        events[i].purpose = reporting->visit->purpose;
        list[i] = &events[i];
    }
    report->n_events = count;
    report->events = list;
    return STATUS_OK;
}

static enum status pass(const struct reporting *reporting, struct error *err)
{
    const Xunfang__Visit *visit = reporting->visit;
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    struct slice payload;
    enum status status = put_events(reporting, &report, err);

    if (status != STATUS_OK)
        return status;
    report.brief = visit->brief;
    report.n_themes = visit->n_themes;
    report.themes = visit->themes;
    report.purpose = visit->purpose;
    report.decided_by = visit->decided_by;
    report.model = visit->model;
    payload = message_pack_arena(&report.base, task_arena(reporting->task));
    if (payload.data == NULL)
        return out_of_memory(err);
    return task_pass(reporting->task, payload, err);
}

/* ---- the visit ---- */

static enum status extract(struct reporting *reporting, struct error *err)
{
    const Xunfang__Visit *visit = reporting->visit;
    const Xunfang__Brief *brief = visit->brief;
    struct arena *arena = task_arena(reporting->task);
    const struct source_text source = {.title = slice_from(brief->title),
                                       .body = slice_from(visit->body),
                                       .url = slice_from(brief->url),
                                       .site_city = slice_from(brief->site_city),
                                       .day = brief->has_date ? brief->date : CIVIL_NONE};
    struct judgement *judgement = arena_alloc(arena, sizeof *judgement);
    enum status status;

    if (judgement == NULL)
        return out_of_memory(err);
    status = reader_read(reporting->extractor->reader, &source, arena, &judgement->reading, err);
    if (status != STATUS_OK)
        return status;
    trip_read(&judgement->reading, &judgement->trip);
    return extract_events(reporting->extractor, &(struct extract_input){&source, judgement}, arena,
                          &reporting->extraction, err);
}

static enum status start(void *self, struct task *task, struct error *err)
{
    const struct record *record = task_record(task);
    struct reporting reporting = {.extractor = self, .task = task};
    const Xunfang__Visit *visit =
        message_unpack(&xunfang__visit__descriptor, record->payload, task_arena(task), err);
    enum status status;

    if (visit == NULL)
        return STATUS_INVALID;
    if (visit->brief == NULL)
        return error_set(err, STATUS_INVALID, "a visit without its brief");
    if (record->outcome == OUTCOME_DROPPED)
        return drop(task, visit->brief, record->reason, err);
    reporting.visit = visit;
    status = extract(&reporting, err);
    if (status != STATUS_OK)
        return status;
    if (reporting.extraction.count == 0)
        return drop(task, visit->brief, SLICE("no event"), err);
    return pass(&reporting, err);
}

const struct map_stage extractor_stage = {"extractor", 1, start, NULL};
