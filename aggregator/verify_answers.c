#include "aggregator/verify_answers.h"

#include "aggregator/account.h"
#include "aggregator/asked_check.h"
#include "aggregator/table_reader.h"
#include "base/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- decisions.csv ---- */

struct decision_sums {
    uint64_t yes; /* visits */
    uint64_t no;
    uint64_t events; /* documents with events */
    uint64_t asked;
    uint64_t ends; /* answered, failed, refused */
};

/* By the text of the table: it is what readers get. */
static void add_row(const struct results *results, const struct table_reader *reader,
                    struct decision_sums *sums)
{
    struct slice task = table_text(reader, "task"), result = table_text(reader, "result");
    uint64_t documents = table_uint(reader, "documents");
    bool yes = slice_equal(result, SLICE("yes")), no = slice_equal(result, SLICE("no"));

    sums->asked += table_uint(reader, "asked");
    sums->ends += table_uint(reader, "answered") + table_uint(reader, "failed") +
                  table_uint(reader, "refused");
    for (size_t i = 0; i < results->setting.task_count; i++) {
        const struct setting_task *known = &results->setting.tasks[i];

        if (!slice_equal(known->name, task))
            continue;
        sums->yes += known->kind == TASK_BINARY && yes ? documents : 0;
        sums->no += known->kind == TASK_BINARY && no ? documents : 0;
        sums->events += known->kind == TASK_FIELDS && yes ? documents : 0;
    }
}

/* Straight from the rulings: of speakers, and of the dead whose text nobody knows. */
static uint64_t count_questions(const struct results *results)
{
    const struct dataset *dataset = results->dataset;
    uint64_t count = 0;

    for (size_t g = 0; g < results->groups.count; g++)
        count += dataset_ruling(dataset, group_speaker(dataset, &results->groups, g)).task_count;
    for (size_t i = 0; i < dataset->documents.count; i++) {
        const struct document *document = dataset_at(dataset, i);

        if ((document->flags & (DOCUMENT_COUNTED | DOCUMENT_TEXT)) == DOCUMENT_COUNTED)
            count += dataset_ruling(dataset, document).task_count;
    }
    return count;
}

enum status verify_decisions(const struct results *results, struct verify *verify,
                             struct error *err)
{
    struct decision_sums sums = {0};
    struct table_reader reader;
    enum status status = table_reader_open(&reader, results, "decisions.csv", err);

    if (status != STATUS_OK)
        return status;
    while (table_reader_next(&reader))
        add_row(results, &reader, &sums);
    table_reader_close(&reader);
    verify_tell(verify,
                &(struct finding){"decisions.csv: visits", results->funnel.visits, sums.yes, NULL});
    verify_tell(verify, &(struct finding){"decisions.csv: screened", results->funnel.screened,
                                          sums.yes + sums.no, NULL});
    verify_tell(verify,
                &(struct finding){"decisions.csv: documents with events",
                                  results->funnel.reasons[REASON_EVENT], sums.events, NULL});
    verify_tell(verify, &(struct finding){"decisions.csv: questions", count_questions(results),
                                          sums.asked, NULL});
    verify_tell(verify, &(struct finding){"decisions.csv: every question has one end", sums.asked,
                                          sums.ends, NULL});
    return STATUS_OK;
}

/* ---- documents ---- */

/* What stands in the logs about a document of the dataset. */
struct told {
    uint32_t report; /* payload and reason of the chosen report, if it is to be looked at */
    uint32_t reason;
    uint8_t outcome;
    bool checked;
};

struct examination {
    const struct dataset *dataset;
    struct told *told; /* by document */
    struct strings *texts;
    struct asked_check check;
};

static struct told *told_of(const struct examination *in, struct id id)
{
    size_t index = idtable_find(&in->dataset->by_id, id);

    return index == SIZE_MAX ? NULL : &in->told[index];
}

static bool was_asked(const Xunfang__Report *report)
{
    return report->consulted != NULL || strcmp(report->decided_by, "llm") == 0;
}

/* Chooses again, by the rule of the dataset; only reports of questions are kept. Payloads of the
 * others would fill the memory for nothing. */
static enum status on_report(void *self, const struct log_place *place, const struct record *record,
                             struct arena *arena, struct error *err)
{
    struct examination *in = self;
    struct told *told = told_of(in, record->id);
    const Xunfang__Report *report;

    (void) place;
    if (told == NULL ||
        !document_takes(&(struct document){.outcome = told->outcome}, record->outcome))
        return STATUS_OK;
    report = message_unpack(&xunfang__report__descriptor, record->payload, arena, NULL);
    *told = (struct told){.outcome = (uint8_t) record->outcome};
    if (report == NULL || !was_asked(report))
        return STATUS_OK;
    told->report = strings_append(in->texts, record->payload);
    told->reason = strings_put(in->texts, record->reason);
    return strings_status(in->texts, err);
}

/* Once a document, though it may stand in the log again with a newer generation. */
static enum status on_document(void *self, const struct log_place *place,
                               const struct record *record, struct arena *arena, struct error *err)
{
    struct examination *in = self;
    struct told *told = told_of(in, record->id);
    const Xunfang__Document *document;
    struct asked_document asked;

    (void) place;
    if (told == NULL || told->report == 0 || told->checked)
        return STATUS_OK;
    document = message_unpack(&xunfang__document__descriptor, record->payload, arena, NULL);
    asked.report = message_unpack(&xunfang__report__descriptor,
                                  strings_get(in->texts, told->report), arena, NULL);
    if (document == NULL || asked.report == NULL)
        return STATUS_OK; /* counted where records are counted */
    told->checked = true;
    asked.id = record->id;
    asked.outcome = (enum outcome) told->outcome;
    asked.reason = strings_get(in->texts, told->reason);
    asked.source = questions_source(document);
    return asked_check(&in->check, &asked, arena, err);
}

static enum status read_logs(const struct job_source *source, struct examination *in,
                             struct error *err)
{
    const struct log_handler reports = {.on_record = on_report, .self = in};
    const struct log_handler documents = {.on_record = on_document, .self = in};
    enum status status = job_read_log(source, TOPIC_REPORTS, &reports, err);

    return status == STATUS_OK ? job_read_log(source, TOPIC_DOCUMENTS, &documents, err) : status;
}

static void tell_documents(const struct examination *in, struct verify *verify)
{
    struct finding texts = {.check = "every document asked about has its text in the log",
                            .found = in->check.documents};

    for (size_t i = 0; i < in->dataset->documents.count; i++)
        texts.expected += in->told[i].report != 0;
    verify_tell(verify, &texts);
    for (int i = 0; i < ASKED_FAULTS; i++)
        verify_none(verify, asked_fault_text((enum asked_fault) i), in->check.faults[i],
                    in->check.examples[i]);
}

static enum status check_documents(const struct job_source *source, const struct results *results,
                                   const struct answer_log *log, struct verify *verify,
                                   struct error *err)
{
    struct questions questions = {0};
    struct grounding grounding = {0};
    size_t count = results->dataset->documents.count;
    struct examination in = {.dataset = results->dataset,
                             .told = calloc(count + 1, sizeof *in.told),
                             .texts = strings_create(),
                             .check = {log, &questions, &grounding, 0, {0}, {{0}}}};
    enum status status = STATUS_OK;

    if (in.told == NULL || in.texts == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for %zu documents", count);
    if (status == STATUS_OK)
        status = questions_init(&questions, source->study, err);
    if (status == STATUS_OK)
        status = grounding_init(&grounding, source->study->gazetteer, err);
    if (status == STATUS_OK)
        status = read_logs(source, &in, err);
    if (status == STATUS_OK)
        tell_documents(&in, verify);
    questions_fini(&questions);
    grounding_fini(&grounding);
    strings_destroy(in.texts);
    free(in.told);
    return status;
}

/* ---- the log as a whole ---- */

static uint64_t excess(uint64_t spent, uint64_t cap)
{
    return cap > 0 && spent > cap ? spent - cap : 0;
}

/* A log without claims has no caps, and nothing may have been spent. Spent is judged by the
 * workers' own reader: it knows which claims nobody ended. The caps come from the claims. */
static void tell_budget(const struct answers_totals *totals, const struct answer_log *log,
                        struct verify *verify)
{
    const struct answers_cost *spent = &totals->spent;

    verify_none(verify, "calls stay within the budget", excess(spent->calls, log->caps.calls),
                "calls too many");
    verify_none(verify, "tokens stay within the budget", excess(spent->tokens, log->caps.tokens),
                "tokens too many");
    verify_none(verify, "money stays within the budget", excess(spent->money, log->caps.money),
                "millionths too much");
    verify_none(verify, "nothing was asked without a claim", log->claims == 0 ? log->used.calls : 0,
                NULL);
}

/* Two readers of one log, by different code, must come to the same. */
static void tell_sums(const struct answers_totals *totals, const struct answer_log *log,
                      struct verify *verify)
{
    const struct llm_usage *used = &totals->used;

    verify_tell(verify, &(struct finding){"the log of answers: replies, counted again",
                                          log->replied, totals->replies, NULL});
    verify_tell(verify, &(struct finding){"the log of answers: calls, added up again",
                                          log->used.calls, used->calls, NULL});
    verify_tell(verify,
                &(struct finding){"the log of answers: tokens, added up again", log->used.tokens,
                                  used->prompt_tokens + used->completion_tokens, NULL});
    verify_none(verify, "every record of the log of answers could be read", log->bad, NULL);
}

static enum status check_log(const struct job_source *source, const struct answer_log *log,
                             struct verify *verify, struct error *err)
{
    struct store *store = store_open_memory();
    struct answers *answers = NULL;
    enum status status = store == NULL ? error_set(err, STATUS_NOMEM, "no memory for answers")
                                       : account_open(source, store, &answers, err);

    if (status == STATUS_OK) {
        tell_budget(answers_totals(answers), log, verify);
        tell_sums(answers_totals(answers), log, verify);
    }
    answers_close(answers);
    store_close(store);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Of this run, or in what it reports. A run without an endpoint may still report what another run
 * of the job was told. */
static bool asks(const struct job_source *source, const struct results *results)
{
    if (source->study->job.llm.endpoint.size > 0)
        return true;
    for (size_t i = 0; i < results->dataset->documents.count; i++) {
        struct ruling ruling = dataset_ruling(results->dataset, dataset_at(results->dataset, i));

        if (ruling.task_count > 0 ||
            slice_equal(dataset_text(results->dataset, ruling.decided_by), SLICE("llm")))
            return true;
    }
    return false;
}

enum status verify_answers(const struct job_source *source, const struct results *results,
                           struct verify *verify, struct error *err)
{
    struct answer_log log;
    enum status status = verify_decisions(results, verify, err);

    if (status != STATUS_OK || !asks(source, results))
        return status;
    status = answer_log_read(source, &log, err);
    if (status == STATUS_OK)
        status = check_documents(source, results, &log, verify, err);
    if (status == STATUS_OK)
        status = check_log(source, &log, verify, err);
    answer_log_fini(&log);
    return status;
}
