/*
 * A line becomes the same messages that the logs hold, and takes the same way from there: so
 * `aggregate` and `report` cannot differ in what they make of a report.
 */
#include "aggregator/dataset_lines.h"

#include "aggregator/dataset_log.h"
#include "base/message.h"
#include "study/text.h"

#include <string.h>

/* Lines of `export` carry our ids, lines from elsewhere their own names. */
static struct id id_of_line(const struct docline *doc)
{
    struct id id;

    if (id_from_text(doc->id, &id, NULL) == STATUS_OK)
        return id;
    return id_of(SLICE("line"), doc->id);
}

/* Text or unknown; other kinds are somebody's mistake. */
static enum status read_text(const struct json *object, const char *key, struct arena *arena,
                             char **text, struct error *err)
{
    const struct json *member = json_member(object, key);

    if (json_kind(member) != JSON_KIND_NULL && json_kind(member) != JSON_KIND_TEXT)
        return error_set(err, STATUS_INVALID, "member \"%s\" is no text", key);
    *text = message_text(arena, json_text(member));
    if (*text == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for member \"%s\"", key);
    return STATUS_OK;
}

struct text_list {
    char **texts;
    size_t count;
};

/* A missing list is an empty one; a list of something else is an error. */
static enum status read_list(const struct json *object, const char *key, struct arena *arena,
                             struct text_list *list, struct error *err)
{
    const struct json *member = json_member(object, key);
    size_t count = json_kind(member) == JSON_KIND_ARRAY ? json_size(member) : 0;

    if (json_kind(member) != JSON_KIND_NULL && json_kind(member) != JSON_KIND_ARRAY)
        return error_set(err, STATUS_INVALID, "member \"%s\" is no list", key);
    list->texts = arena_array(arena, count + 1, sizeof *list->texts);
    if (list->texts == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for member \"%s\"", key);
    for (size_t i = 0; i < count; i++) {
        const struct json *element = json_element(member, i);

        if (json_kind(element) != JSON_KIND_TEXT)
            return error_set(err, STATUS_INVALID, "member \"%s\" holds something else than texts",
                             key);
        list->texts[i] = message_text(arena, json_text(element));
        if (list->texts[i] == NULL)
            return error_set(err, STATUS_NOMEM, "no memory for member \"%s\"", key);
    }
    list->count = count;
    return STATUS_OK;
}

static enum status read_date(const struct json *object, struct arena *arena, Xunfang__Event *event,
                             struct error *err)
{
    char *date = "";
    int32_t day;
    enum status status = read_text(object, "date", arena, &date, err);

    if (status == STATUS_OK)
        status = read_text(object, "date_precision", arena, &event->date_precision, err);
    if (status != STATUS_OK || date[0] == '\0')
        return status;
    if (event->date_precision[0] != '\0' && strcmp(event->date_precision, "day") != 0)
        return STATUS_OK; /* "2019-05" or the like: no day */
    status = civil_parse(slice_from(date), &day, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "member \"date\" of an event");
    event->has_date = true;
    event->date = day;
    event->date_precision = "day";
    return STATUS_OK;
}

static enum status read_titles(const struct json *object, struct arena *arena,
                               Xunfang__Event *event, struct error *err)
{
    struct text_list visitors = {0}, hosts = {0};
    enum status status = read_list(object, "visitor_titles", arena, &visitors, err);

    if (status == STATUS_OK)
        status = read_list(object, "host_titles", arena, &hosts, err);
    event->visitor_titles = visitors.texts;
    event->n_visitor_titles = visitors.count;
    event->host_titles = hosts.texts;
    event->n_host_titles = hosts.count;
    return status;
}

static enum status read_event(const struct json *object, struct arena *arena, Xunfang__Event *event,
                              struct error *err)
{
    const struct {
        const char *key;
        char **text;
    } texts[] = {
        {"origin_city", &event->origin_city},
        {"host_city", &event->host_city},
        {"origin_dept", &event->origin_dept},
        {"host_dept", &event->host_dept},
        {"level", &event->level},
        {"purpose", &event->purpose},
        {"evidence", &event->evidence},
    };
    enum status status = STATUS_OK;

    if (json_kind(object) != JSON_KIND_OBJECT)
        return error_set(err, STATUS_INVALID,
                         "member \"events\" holds something else than objects");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && status == STATUS_OK; i++)
        status = read_text(object, texts[i].key, arena, texts[i].text, err);
    if (status == STATUS_OK)
        status = read_titles(object, arena, event, err);
    if (status == STATUS_OK)
        status = read_date(object, arena, event, err);
    return status;
}

static enum status read_events(const struct json *list, struct arena *arena,
                               Xunfang__Report *report, struct error *err)
{
    size_t count = json_size(list);
    enum status status = STATUS_OK;

    report->events = arena_array(arena, count + 1, sizeof(Xunfang__Event *));
    for (size_t i = 0; status == STATUS_OK && report->events != NULL && i < count; i++) {
        report->events[i] = arena_alloc(arena, sizeof **report->events);
        if (report->events[i] == NULL)
            break;
        xunfang__event__init(report->events[i]);
        status = read_event(json_element(list, i), arena, report->events[i], err);
        report->n_events += status == STATUS_OK;
    }
    if (status == STATUS_OK && report->n_events < count)
        status = error_set(err, STATUS_NOMEM, "no memory for events");
    return status;
}

static enum status read_report(const struct docline *doc, struct arena *arena,
                               Xunfang__Report *report, struct error *err)
{
    const struct json *events = json_member(doc->object, "events");
    struct text_list themes = {0};
    enum status status;

    if (json_kind(events) != JSON_KIND_ARRAY)
        return error_set(err, STATUS_INVALID,
                         "member \"events\" is missing or no list: run extract first");
    status = read_list(doc->object, "themes", arena, &themes, err);
    report->themes = themes.texts;
    report->n_themes = themes.count;
    if (status == STATUS_OK)
        status = read_text(doc->object, "purpose", arena, &report->purpose, err);
    if (status == STATUS_OK)
        status = read_text(doc->object, "decided_by", arena, &report->decided_by, err);
    if (status == STATUS_OK)
        status = read_text(doc->object, "model", arena, &report->model, err);
    if (status == STATUS_OK)
        status = read_events(events, arena, report, err);
    return status;
}

/* The fingerprint is computed here, as the parser does it for pages: without one a document has no
 * group and counts as blank. */
static enum status fill_brief(const struct docline *doc, struct arena *arena, Xunfang__Brief *brief,
                              struct error *err)
{
    struct id *fingerprint = arena_alloc(arena, sizeof *fingerprint);

    brief->url = message_text(arena, doc->url.size > 0 ? doc->url : doc->id);
    brief->site_city = message_text(arena, doc->site_city);
    if (fingerprint == NULL || brief->url == NULL || brief->site_city == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a document");
    brief->has_date = doc->day != CIVIL_NONE;
    brief->date = brief->has_date ? doc->day : 0;
    if (text_is_blank(doc->body))
        return STATUS_OK;
    *fingerprint = text_fingerprint(doc->title, doc->body);
    brief->fingerprint = message_bytes(id_slice(fingerprint));
    return STATUS_OK;
}

/* In the order of the funnel: the first reason that holds. */
static void decide(const struct docline *doc, const Xunfang__Report *report, enum outcome *outcome,
                   struct slice *reason)
{
    *outcome = OUTCOME_DROPPED;
    if (report->brief->fingerprint.len == 0)
        *reason = SLICE("blank");
    else if (doc->has_visit ? !doc->is_visit : report->n_events == 0)
        *reason = SLICE("no visit");
    else if (report->n_events == 0)
        *reason = SLICE("no event");
    else
        *outcome = OUTCOME_PASSED;
}

enum status dataset_take_line(struct dataset *dataset, const struct docline *doc,
                              struct arena *arena, struct error *err)
{
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    struct slice reason = {NULL, 0};
    struct document *document;
    enum outcome outcome;
    struct id id = id_of_line(doc);
    enum status status = fill_brief(doc, arena, &brief, err);

    report.brief = &brief;
    if (status == STATUS_OK)
        status = read_report(doc, arena, &report, err);
    if (status != STATUS_OK)
        return status;
    decide(doc, &report, &outcome, &reason);
    document = dataset_document(dataset, id);
    if (document == NULL)
        return dataset_status(dataset, err);
    if (!document_takes(document, outcome))
        return STATUS_OK;
    document->outcome = (uint8_t) outcome;
    document->reason = strings_put(dataset->strings, reason);
    dataset_put_brief(dataset, document, &brief);
    dataset_put_report_ruling(dataset, document, &report);
    if (outcome != OUTCOME_PASSED)
        return dataset_status(dataset, err);
    return dataset_put_report(dataset, id, &report, err);
}
