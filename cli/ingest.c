#include "cli/ingest.h"

#include "base/daemon.h"
#include "base/log.h"
#include "base/message.h"
#include "base/publish.h"
#include "cli/command.h"
#include "cli/local_log.h"
#include "proto/document.pb-c.h"
#include "study/catalog.h"
#include "study/docline.h"
#include "study/request.h"
#include "study/study.h"
#include "study/text.h"
#include "study/topics.h"

#include <stdio.h>

enum {
    INGEST_PATH_MAX = 4096,
    INGEST_RECORD_MAX = 16 * 1024 * 1024,
    INGEST_FLUSH_MS = 30000,
};

struct ingest_settings {
    const char *data;
    const char *run;
};

struct ingest {
    struct bus *bus;
    const struct study *study;
    const struct catalog_run *run;
    struct publish_target target;
    uint64_t count;
};

#define ROW(member, placeholder, fallback, help)                                                   \
    {                                                                                              \
#member, OPTION_TEXT, offsetof(struct ingest_settings, member), placeholder, fallback,     \
            help                                                                                   \
    }

static const struct option_row rows[] = {
    ROW(data, "DIR", "./xunfang-data", "the data folder the job ran in"),
    ROW(run, "NAME", "main", "run that takes the documents"),
};

static const struct options ingest_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang ingest JOB.yaml [--data DIR] < docs.jsonl",
    "Adds documents collected elsewhere to a job that ran; run it again to read them."};

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
    brief->has_date = doc->day != CIVIL_NONE;
    brief->date = brief->has_date ? doc->day : 0;
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
                            .run = slice_from(ingest->run->run),
                            .schema = RECORD_SCHEMA,
                            .generation = ingest->run->generation + 1,
                            .outcome = OUTCOME_PASSED};
    enum status status;

    (void) out;
    document.brief = &brief;
    if (fill_document(ingest, doc, arena, &document) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "no memory for a document");
    record.payload = message_pack_arena(&document.base, arena);
    if (record.payload.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a document");
    status = publish_record(&ingest->target, &record, err);
    ingest->count += status == STATUS_OK;
    return status;
}

static enum status announce(const struct ingest *ingest, struct error *err)
{
    Xunfang__Ingested ingested = XUNFANG__INGESTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    ingested.job = (char *) (uintptr_t) ingest->run->job;
    ingested.run = (char *) (uintptr_t) ingest->run->run;
    ingested.generation = ingest->run->generation + 1;
    ingested.documents = ingest->count;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_INGESTED;
    record.ingested = &ingested;
    return catalog_announce(ingest->bus, &record, err);
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
    enum status lines, status;
    struct error line_error = {STATUS_OK, ""};
    struct buf scratch;

    buf_init(&scratch, INGEST_RECORD_MAX);
    ingest->target.scratch = &scratch;
    lines = docline_run(&job, &line_error);
    if (lines == STATUS_OK || lines == STATUS_INVALID) {
        status = bus_flush(ingest->bus, INGEST_FLUSH_MS, err);
        if (status == STATUS_OK && ingest->count > 0)
            status = announce(ingest, err);
    } else {
        status = lines;
    }
    buf_fini(&scratch);
    (void) fprintf(stderr, "%llu documents ingested\n", (unsigned long long) ingest->count);
    if (status != STATUS_OK || lines == STATUS_OK)
        return status;
    if (err != NULL)
        *err = line_error;
    return lines;
}

static enum status ingest_on(const char *url, const struct study *study,
                             const struct ingest_settings *settings, struct error *err)
{
    struct bus_options options = {.client = "ingest"};
    struct ingest ingest = {.study = study};
    struct catalog *catalog = NULL;
    struct topic_name documents;
    enum status status;

    status = bus_open(url, &options, &ingest.bus, err);
    if (status == STATUS_OK)
        status = catalog_open(ingest.bus, &catalog, err);
    if (status != STATUS_OK)
        goto out;
    ingest.run = catalog_find(catalog, study->job.name.data, settings->run);
    if (ingest.run == NULL) {
        status = error_set(err, STATUS_NOT_FOUND,
                           "job '%s' has no run '%s' in %s: `xunfang run` it first",
                           study->job.name.data, settings->run, settings->data);
        goto out;
    }
    if (catalog_is_replay(ingest.run)) {
        status = error_set(err, STATUS_USAGE,
                           "run '%s' reads the documents of run '%s': ingest into that one, and "
                           "replay it again",
                           settings->run, catalog_documents_run(ingest.run));
        goto out;
    }
    documents = catalog_topic(ingest.run, TOPIC_DOCUMENTS);
    ingest.target = (struct publish_target){.bus = ingest.bus,
                                            .topic = documents.text,
                                            .partitions = ingest.run->submitted->partitions};
    status = ingest_lines(&ingest, err);
out:
    catalog_close(catalog);
    bus_close(ingest.bus);
    return status;
}

static enum status ingest_job(const char *path, const struct ingest_settings *settings,
                              struct error *err)
{
    const struct study_source source = {.job_path = path};
    struct local_log *log = NULL;
    struct study *study = NULL;
    char url[INGEST_PATH_MAX];
    enum status status = study_load(&source, &study, err);

    if (status != STATUS_OK)
        return err->code = STATUS_USAGE;
    if (snprintf(url, sizeof url, "local:%s", settings->data) >= (int) sizeof url)
        status = error_set(err, STATUS_USAGE, "--data: the path is too long");
    if (status == STATUS_OK)
        status = local_log_borrow(settings->data, &log, err);
    if (status == STATUS_OK)
        status = ingest_on(url, study, settings, err);
    local_log_return(log);
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
