#include "aggregator/command_trace.h"

#include "aggregator/command.h"
#include "aggregator/event_tables.h"
#include "aggregator/trace.h"
#include "aggregator/trace_answers.h"

#include <stdlib.h>

struct trace_settings {
    struct job_settings job;
    bool json;
};

static const struct option_row rows[] = {
    JOB_OPTION_ROWS,
    {"json", OPTION_FLAG, offsetof(struct trace_settings, json), NULL, NULL,
     "one JSON object a line"},
};

static const struct options trace_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang trace JOB DOC [options]",
    "One document's way through all logs; DOC is an id or a URL."};

/* In the order of the stages, so that reading down is following the document. Answers stand between
 * documents and visits: they were given before the classifier could end. */
static enum status trace_logs(struct trace *trace, struct error *err)
{
    static const enum topic_kind before[] = {TOPIC_URLS, TOPIC_PAGES, TOPIC_DOCUMENTS};
    static const enum topic_kind after[] = {TOPIC_VISITS, TOPIC_REPORTS};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof before / sizeof before[0] && status == STATUS_OK; i++)
        status = trace_log(trace, before[i], err);
    if (status == STATUS_OK)
        status = trace_answers(trace, err);
    for (size_t i = 0; i < sizeof after / sizeof after[0] && status == STATUS_OK; i++)
        status = trace_log(trace, after[i], err);
    return status;
}

/* ---- what became of it in the results ---- */

struct event_search {
    struct trace *trace;
    const struct results *results;
};

/* Every event that this document, or the one that speaks for it, tells of. */
static bool tell_event(void *self, const struct report_row *row)
{
    const struct event_search *search = self;
    const struct event *event = row->event;
    char id[ID_TEXT_SIZE], date[CIVIL_TEXT_SIZE];
    struct buf what;

    if (!idset_has(&search->trace->ids, row->document->id))
        return true;
    buf_init(&what, 4096);
    buf_printf(&what, "event %s: %.*s → %.*s, %s, as %s", id_text(event->id, id),
               SLICE_ARG(results_city(search->results, event->origin)),
               SLICE_ARG(results_city(search->results, event->host)),
               event->day == CIVIL_NONE ? "no date" : civil_text(event->day, date),
               row->copy ? "copy" : "report");
    trace_line(search->trace, NULL, buf_text(&what));
    buf_fini(&what);
    return true;
}

/* What became of it: counted or not, for which reason, and who speaks for it. */
static void tell_document(struct trace *trace, const struct results *results, uint32_t index,
                          uint32_t group)
{
    const struct document *document = dataset_at(results->dataset, index);
    const struct document *speaker;
    char id[ID_TEXT_SIZE];
    struct buf what;

    buf_init(&what, 4096);
    if (!(document->flags & DOCUMENT_COUNTED)) {
        buf_puts(&what, "result: not counted");
    } else if (group == UINT32_MAX) {
        buf_puts(&what, document->outcome == OUTCOME_DEAD ? "result: dead" : "result: blank");
    } else {
        speaker = group_speaker(results->dataset, &results->groups, group);
        if (speaker != document)
            buf_printf(&what, "result: duplicate of %s %.*s", id_text(speaker->id, id),
                       SLICE_ARG(dataset_text(results->dataset, speaker->url)));
        else
            buf_printf(&what, "result: %s", reason_text(funnel_reason(results->dataset, speaker)));
    }
    trace_line(trace, NULL, buf_text(&what));
    buf_fini(&what);
}

static enum status tell_documents(struct trace *trace, const struct results *results,
                                  struct error *err)
{
    uint32_t *group_of = groups_by_document(results->dataset, &results->groups);

    if (group_of == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for documents");
    for (uint32_t i = 0; i < results->dataset->documents.count; i++)
        if (idset_has(&trace->ids, dataset_at(results->dataset, i)->id))
            tell_document(trace, results, i, group_of[i]);
    free(group_of);
    return STATUS_OK;
}

static enum status trace_results(struct trace *trace, struct error *err)
{
    struct event_search search = {.trace = trace};
    struct results results;
    enum status status = job_results(trace->source, &results, err);

    if (status != STATUS_OK)
        return status;
    search.results = &results;
    status = tell_documents(trace, &results, err);
    if (status == STATUS_OK && !event_reports_walk(&results, tell_event, &search))
        status = error_set(err, STATUS_NOMEM, "no memory for events");
    results_fini(&results);
    return status;
}

static enum status run_trace(struct trace *trace, const char *doc, struct error *err)
{
    struct id id;
    enum status status;

    if (id_from_text(slice_from(doc), &id, NULL) == STATUS_OK) {
        status = idset_add(&trace->ids, id, NULL, err);
    } else {
        trace->url = slice_from(doc);
        status = trace_resolve(trace, err);
    }
    if (status == STATUS_OK)
        status = trace_logs(trace, err);
    if (status == STATUS_OK && trace->lines == 0)
        return error_set(err, STATUS_NOT_FOUND, "nothing is known of %s", doc);
    /* Before the job is complete there are no results, and the logs say all there is. */
    if (status == STATUS_OK &&
        (trace->source->run->sealed != NULL || trace->source->settings->so_far))
        status = trace_results(trace, err);
    if (status == STATUS_OK)
        status = buf_status(trace->out, err);
    return status == STATUS_OK ? command_write(buf_slice(trace->out), err) : status;
}

int command_trace(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 2};
    struct trace_settings settings = {0};
    struct job_source *source = NULL;
    struct trace trace = {0};
    struct buf out;
    struct error err;
    enum status status;
    int exit_status;

    if (!command_parse(&trace_options, &line, 2, &settings, &exit_status))
        return exit_status;
    buf_init(&out, 256 << 20);
    idset_init(&trace.ids);
    trace.json = settings.json;
    trace.out = &out;
    status = job_open(&settings.job, line.words[0], &source, &err);
    trace.source = source;
    if (status == STATUS_OK)
        status = run_trace(&trace, line.words[1], &err);
    idset_fini(&trace.ids);
    buf_fini(&out);
    job_close(source);
    return status == STATUS_OK ? exit_status : command_fail(argv[0], status, &err);
}
