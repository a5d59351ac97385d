/*
 * A claim in `control` brackets the whole input (study/intake.h): claim a generation, publish each
 * line as a document of it, flush, announce how many there are. Cut off before the announcement,
 * the records stay in the log under a number that is never opened, and nobody waits for them.
 */
#include "cli/ingest.h"

#include "base/daemon.h"
#include "base/log.h"
#include "base/message.h"
#include "base/publish.h"
#include "cli/bus_loan.h"
#include "cli/command.h"
#include "cli/job_file.h"
#include "proto/document.pb-c.h"
#include "study/docline.h"
#include "study/intake.h"
#include "study/request.h"
#include "study/text.h"

#include <stdio.h>

enum {
    /* A document with its envelope; no larger than a line of the input may be (DOCLINE_MAX). */
    INGEST_RECORD_MAX = 16 * 1024 * 1024,
    INGEST_FLUSH_MS = 30000,
};

struct ingest_settings {
    struct bus_loan_settings place;
    const char *run;
};

struct ingest {
    const struct study *study;
    struct intake intake;
    struct publish_target target;
    uint64_t count;
};

static const struct option_row rows[] = {
    BUS_LOAN_OPTION_ROWS,
    {"run", OPTION_TEXT, offsetof(struct ingest_settings, run), "NAME", RUN_DEFAULT,
     "run that takes the documents"},
};

static const struct options ingest_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang ingest JOB.yaml [options] < docs.jsonl",
    "Adds documents collected elsewhere to a job that ran. On a local bus run it again to read\n"
    "them; on a cluster its workers do."};

/* The id of the request that a crawler would send: a page both crawled and ingested counts once. */
static struct id document_id(const struct docline *doc)
{
    if (slice_starts(doc->url, SLICE("http://")) || slice_starts(doc->url, SLICE("https://")))
        return request_id_of_url(doc->url);
    return id_of(SLICE("ingest"), doc->id);
}

static enum status fill_document(const struct ingest *ingest, const struct docline *doc,
                                 struct arena *arena, Xunfang__Document *document)
{
    Xunfang__Brief *brief = document->brief;
    int city = region_city_of_url(&ingest->study->region, doc->url);
    struct slice site_city = doc->site_city;
    /* In the arena and not on the stack: the message points to it until it is packed. */
    struct id *fingerprint = arena_alloc(arena, sizeof *fingerprint);

    if (site_city.size == 0 && city != REGION_NONE)
        site_city = ingest->study->region.cities[city].name;
    brief->url = message_text(arena, doc->url);
    brief->site_city = message_text(arena, site_city);
    brief->title = message_text(arena, doc->title);
    document->body = message_text(arena, doc->body);
    if (fingerprint == NULL || brief->url == NULL || brief->site_city == NULL ||
        brief->title == NULL || document->body == NULL)
        return STATUS_NOMEM;
    /* Absent and not 0: day 0 is a date (1 January 1970). */
    brief->has_date = doc->day != CIVIL_NONE;
    brief->date = brief->has_date ? doc->day : 0;
    /* Without text there is no fingerprint, or all empty pages would be copies of one another. */
    if (!text_is_blank(doc->body)) {
        *fingerprint = text_fingerprint(doc->title, doc->body);
        brief->fingerprint = message_bytes(id_slice(fingerprint));
    }
    return STATUS_OK;
}

static enum status on_document(void *self, const struct docline *doc, struct arena *arena,
                               struct buf *out, struct error *err)
{
    struct ingest *ingest = self;
    Xunfang__Document document = XUNFANG__DOCUMENT__INIT;
    Xunfang__Brief brief = XUNFANG__BRIEF__INIT;
    struct id id = document_id(doc);
    struct record record = {.id = id,
                            .key = id_slice(&id),
                            .job = ingest->study->job.name,
                            .run = slice_from(ingest->intake.run->run),
                            .schema = RECORD_SCHEMA,
                            .generation = ingest->intake.generation,
                            .outcome = OUTCOME_PASSED};
    enum status status;

    (void) out;
    document.brief = &brief;
    if (fill_document(ingest, doc, arena, &document) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "no memory for a document");
    record.payload = message_pack_arena(&document.base, arena);
    if (record.payload.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a document");
    /* A sign of life may be due behind every record, so that a long input keeps its claim. */
    status = publish_record(&ingest->target, &record, err);
    ingest->count += status == STATUS_OK;
    return status == STATUS_OK ? intake_alive(&ingest->intake, err) : status;
}

/* Only what is acknowledged may be spoken of. */
static enum status end_intake(struct ingest *ingest, struct error *err)
{
    enum status status = bus_flush(ingest->intake.bus, INGEST_FLUSH_MS, err);

    if (status == STATUS_OK)
        return intake_end(&ingest->intake, ingest->count, err);
    intake_give_up(&ingest->intake);
    return status;
}

/* STATUS_INVALID if only some lines were bad: the others are in. */
static enum status ingest_lines(struct ingest *ingest, struct error *err)
{
    const struct docline_job job = {.in = stdin,
                                    .out = stdout,
                                    .errors = stderr,
                                    .name = "xunfang ingest",
                                    .handler = on_document,
                                    .self = ingest};
    /* Two verdicts: how reading went, which decides the exit status, and how the intake ended. Bad
     * lines alone do not undo the good ones. */
    enum status lines, status;
    struct error line_error = {STATUS_OK, ""};
    struct buf scratch;

    buf_init(&scratch, INGEST_RECORD_MAX);
    ingest->target.scratch = &scratch;
    lines = docline_run(&job, &line_error);
    if (lines == STATUS_OK || lines == STATUS_INVALID) {
        status = end_intake(ingest, err);
    } else {
        intake_give_up(&ingest->intake);
        status = lines;
        *err = line_error;
    }
    buf_fini(&scratch);
    if (status != STATUS_OK)
        return status;
    (void) fprintf(stderr, "%llu documents ingested\n", (unsigned long long) ingest->count);
    if (lines != STATUS_OK)
        *err = line_error;
    return lines;
}

static enum status ingest_on(struct bus_loan *loan, const struct study *study,
                             const struct ingest_settings *settings, struct error *err)
{
    struct ingest ingest = {.study = study};
    const struct catalog_run *run = NULL;
    struct topic_name documents;
    enum status status = bus_loan_find(loan, study->job.name.data, settings->run, &run, err);

    if (status == STATUS_OK)
        status = intake_begin(loan->bus, loan->catalog, run, &ingest.intake, err);
    if (status != STATUS_OK)
        return status;
    documents = catalog_topic(run, TOPIC_DOCUMENTS);
    ingest.target = (struct publish_target){
        .bus = loan->bus, .topic = documents.text, .partitions = run->submitted->partitions};
    return ingest_lines(&ingest, err);
}

static enum status ingest_job(const char *path, const struct ingest_settings *settings,
                              struct error *err)
{
    struct bus_loan *loan = NULL;
    struct study *study = NULL;
    enum status status = job_file_load(path, &study, err);

    if (status != STATUS_OK)
        /* STATUS_INVALID stands for bad lines of the input here, exit status 1; a bad job file is
         * 2. */
        return err->code = STATUS_USAGE;
    status = bus_loan_open(&settings->place, "ingest", &loan, err);
    if (status == STATUS_OK)
        status = ingest_on(loan, study, settings, err);
    bus_loan_close(loan);
    study_destroy(study);
    return status;
}

int ingest_command(int argc, char **argv)
{
    struct ingest_settings settings = {0};
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct error err;
    enum status status;

    if (options_answered(&ingest_options, argc, argv))
        return EXIT_DONE;
    log_open("ingest", LOG_WARN);
    status = options_parse(&ingest_options, &line, &settings, &err);
    if (status == STATUS_OK && line.word_count == 0)
        status = error_set(&err, STATUS_USAGE, "which job? usage: %s", ingest_options.usage);
    if (status == STATUS_OK)
        status = ingest_job(line.words[0], &settings, &err);
    if (status == STATUS_OK)
        return EXIT_DONE;
    (void) fprintf(stderr, "xunfang ingest: %s\n", err.message);
    return status == STATUS_INVALID ? EXIT_FAILED : daemon_exit_status(status);
}
