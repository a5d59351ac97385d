/*
 * The log carries what the classifier decided, not how it read the text; so the text is read once
 * more, by the same rules, and no model judges it again. Visits that a language model is asked
 * about stay open as tasks, and others go past them.
 */
#include "extractor/stage.h"

#include "base/message.h"
#include "study/consulted.h"

/* One visit on its way to a report. */
struct reporting {
    struct task *task;
    const Xunfang__Visit *visit;
    struct source_text source;
    struct judgement judgement; /* its reading and trip alone: the decision came with the visit */
    const struct finding *finding;
};

static enum status out_of_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "out of memory");
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
    const struct extraction *extraction = &reporting->finding->extraction;
    Xunfang__Event *events = arena_array(arena, extraction->count, sizeof *events);
    Xunfang__Event **list = arena_array(arena, extraction->count, sizeof(Xunfang__Event *));

    if (events == NULL || list == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < extraction->count; i++) {
        if (!put_event(arena, &extraction->events[i], &events[i]))
            return out_of_memory(err);
        events[i].purpose = reporting->visit->purpose;
        list[i] = &events[i];
    }
    report->n_events = extraction->count;
    report->events = list;
    return STATUS_OK;
}

/* ---- outcomes ---- */

/* What every report says: which document, and who decided about it. */
static Xunfang__Report report_of(const Xunfang__Visit *visit)
{
    Xunfang__Report report = XUNFANG__REPORT__INIT;

    report.brief = visit->brief;
    report.decided_by = visit->decided_by;
    report.model = visit->model;
    report.consulted = visit->consulted;
    return report;
}

static enum status pack(struct task *task, const Xunfang__Report *report, struct slice *payload,
                        struct error *err)
{
    *payload = message_pack_arena(&report->base, task_arena(task));
    return payload->data == NULL ? out_of_memory(err) : STATUS_OK;
}

static enum status pass_on(struct task *task, const Xunfang__Visit *visit, struct error *err)
{
    const Xunfang__Report report = report_of(visit);
    struct slice payload;
    const struct record *record = task_record(task);
    enum status status = pack(task, &report, &payload, err);

    if (status != STATUS_OK)
        return status;
    if (record->outcome == OUTCOME_DEAD)
        return task_dead(task, record->reason, payload, err);
    return task_drop(task, record->reason, payload, err);
}

static enum status end_report(const struct reporting *reporting, const Xunfang__Report *report,
                              struct error *err)
{
    const struct finding *finding = reporting->finding;
    struct slice payload;
    enum status status = pack(reporting->task, report, &payload, err);

    if (status != STATUS_OK)
        return status;
    if (finding->dead.size > 0)
        return task_dead(reporting->task, finding->dead, payload, err);
    if (finding->extraction.count == 0)
        return task_drop(reporting->task, SLICE("no event"), payload, err);
    return task_pass(reporting->task, payload, err);
}

static enum status finish(struct reporting *reporting, const struct finding *finding,
                          struct error *err)
{
    const Xunfang__Visit *visit = reporting->visit;
    Xunfang__Report report = report_of(visit);
    enum status status;

    /* By its verdict: tried again, dead, or the end of this worker. */
    if (finding->cause.code != STATUS_OK)
        return task_fail(reporting->task, &finding->cause, err);
    reporting->finding = finding;
    /* Only where an answer gave the events; who decided that it is a visit stands in the log
     * before. */
    if (finding->model != NULL) {
        report.decided_by = (char *) "llm";
        report.model = (char *) finding->model;
    }
    status = consulted_join(visit->consulted, &finding->consulted, task_arena(reporting->task),
                            &report.consulted, err);
    if (status == STATUS_OK && finding->extraction.count > 0) {
        report.n_themes = visit->n_themes;
        report.themes = visit->themes;
        report.purpose = visit->purpose;
        status = put_events(reporting, &report, err);
    }
    return status == STATUS_OK ? end_report(reporting, &report, err) : status;
}

/* ---- the visit ---- */

static enum status read_visit(struct resolver *resolver, struct reporting *reporting,
                              struct error *err)
{
    const Xunfang__Visit *visit = reporting->visit;
    const Xunfang__Brief *brief = visit->brief;
    struct arena *arena = task_arena(reporting->task);
    struct judgement *judgement = &reporting->judgement;
    enum status status;

    reporting->source = (struct source_text){.title = slice_from(brief->title),
                                             .body = slice_from(visit->body),
                                             .url = slice_from(brief->url),
                                             .site_city = slice_from(brief->site_city),
                                             .day = brief->has_date ? brief->date : CIVIL_NONE};
    status = reader_read(resolver_extractor(resolver)->reader, &reporting->source, arena,
                         &judgement->reading, err);
    if (status == STATUS_OK)
        trip_read(&judgement->reading, &judgement->trip);
    return status;
}

static enum status resolve(struct resolver *resolver, struct task *task,
                           const Xunfang__Visit *visit, struct error *err)
{
    struct reporting *reporting = arena_alloc(task_arena(task), sizeof *reporting);
    struct finding *finding = NULL;
    enum status status;

    if (reporting == NULL)
        return out_of_memory(err);
    reporting->task = task;
    reporting->visit = visit;
    status = read_visit(resolver, reporting, err);
    if (status == STATUS_OK)
        status =
            resolver_begin(resolver,
                           &(struct resolver_input){.source = &reporting->source,
                                                    .judgement = &reporting->judgement,
                                                    .arena = task_arena(task),
                                                    .generation = task_record(task)->generation,
                                                    .owner = reporting},
                           &finding, err);
    return status == STATUS_OK && finding != NULL ? finish(reporting, finding, err) : status;
}

static enum status start(void *self, struct task *task, struct error *err)
{
    const struct record *record = task_record(task);
    const Xunfang__Visit *visit =
        message_unpack(&xunfang__visit__descriptor, record->payload, task_arena(task), err);

    if (visit == NULL)
        return STATUS_INVALID;
    if (visit->brief == NULL)
        return error_set(err, STATUS_INVALID, "a visit without its brief");
    if (record->outcome == OUTCOME_DROPPED || record->outcome == OUTCOME_DEAD)
        return pass_on(task, visit, err);
    return resolve(self, task, visit, err);
}

static enum status step(void *self, struct error *err)
{
    enum status status = resolver_step(self, 0, err);
    struct finding *finding;

    while (status == STATUS_OK && (finding = resolver_next(self)) != NULL)
        status = finish(finding->owner, finding, err);
    return status;
}

const struct map_stage extractor_stage = {"extractor", RESOLVER_OPEN_MAX, start, step};
