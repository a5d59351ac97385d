#include "aggregator/command_export.h"

#include "aggregator/command.h"
#include "aggregator/database.h"
#include "aggregator/job_source.h"
#include "aggregator/output_folder.h"
#include "aggregator/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct export_settings {
    struct job_settings job;
    const char *format;
    const char *table;
    const char *out;
};

static const struct option_row rows[] = {
    JOB_OPTION_ROWS,
    {"format", OPTION_TEXT, offsetof(struct export_settings, format), "F", NULL,
     "csv, jsonl, sqlite, graphml or gexf"},
    {"table", OPTION_TEXT, offsetof(struct export_settings, table), "NAME", NULL,
     "with csv: which table; default events"},
    {"out", OPTION_TEXT, offsetof(struct export_settings, out), "PATH", NULL,
     "file to write (csv without --table: folder); default standard output"},
};

static const struct options export_options = {
    rows, sizeof rows / sizeof rows[0], "xunfang export JOB --format F [--out PATH] [options]",
    "Writes one form of a complete job's results."};

struct format {
    const char *name;
    enum status (*write)(const struct results *results, const struct export_settings *settings,
                         const char *table, struct error *err);
    const char *table; /* of the output folder */
};

static enum status write_bytes(const struct export_settings *settings, struct slice bytes,
                               struct error *err)
{
    return settings->out == NULL ? command_write(bytes, err)
                                 : output_file(settings->out, bytes, err);
}

static enum status write_table(const struct results *results,
                               const struct export_settings *settings, const char *file,
                               struct error *err)
{
    const struct table *table = table_find(file);
    struct buf text;
    enum status status;

    if (table == NULL)
        return error_set(err, STATUS_USAGE, "there is no table %s", file);
    buf_init(&text, TABLE_BYTES_MAX);
    table->render(results, &text);
    status = buf_status(&text, err);
    if (status == STATUS_OK)
        status = write_bytes(settings, buf_slice(&text), err);
    buf_fini(&text);
    return status;
}

/* All tables, and nothing that takes a picture or a page to make. */
static enum status write_folder(const struct results *results, const char *path, struct error *err)
{
    struct output_folder *folder = NULL;
    enum status status = output_begin(path, &folder, err);
    struct buf text;

    if (status != STATUS_OK)
        return status;
    buf_init(&text, TABLE_BYTES_MAX);
    for (size_t i = 0; i < table_count() && status == STATUS_OK; i++) {
        buf_reset(&text);
        table_at(i)->render(results, &text);
        status = buf_status(&text, err);
        if (status == STATUS_OK)
            status = output_write(folder, table_at(i)->file, buf_slice(&text), err);
    }
    buf_fini(&text);
    if (status == STATUS_OK)
        return output_commit(folder, err);
    output_abort(folder);
    return status;
}

static enum status write_csv(const struct results *results, const struct export_settings *settings,
                             const char *table, struct error *err)
{
    char file[128];

    if (settings->table == NULL && settings->out != NULL)
        return write_folder(results, settings->out, err);
    if (settings->table == NULL)
        return write_table(results, settings, table, err);
    (void) snprintf(file, sizeof file, "%s.csv", settings->table);
    return write_table(results, settings, file, err);
}

/* SQLite writes files only: standard output gets the bytes of one that is gone afterwards. */
static enum status copy_to_output(const char *path, struct error *err)
{
    char block[65536];
    FILE *file = fopen(path, "rb");
    enum status status = STATUS_OK;
    size_t size;

    if (file == NULL)
        return error_set(err, STATUS_IO, "cannot read %s", path);
    while (status == STATUS_OK && (size = fread(block, 1, sizeof block, file)) > 0)
        status = command_write(slice_of(block, size), err);
    (void) fclose(file);
    return status;
}

static enum status write_database(const struct results *results,
                                  const struct export_settings *settings, const char *table,
                                  struct error *err)
{
    char folder[] = "/tmp/xunfang-export-XXXXXX";
    char path[OUTPUT_PATH_MAX + 8];
    bool to_output = settings->out == NULL;
    enum status status;

    (void) table;
    if (to_output && mkdtemp(folder) == NULL)
        return error_set(err, STATUS_IO, "cannot create a folder in /tmp");
    if (to_output)
        (void) snprintf(path, sizeof path, "%s/results.sqlite", folder);
    else
        (void) snprintf(path, sizeof path, "%s.part", settings->out);
    (void) unlink(path); /* of a crashed run */
    status = database_write(results, path, err);
    if (status == STATUS_OK && to_output)
        status = copy_to_output(path, err);
    else if (status == STATUS_OK && rename(path, settings->out) != 0)
        status = error_set(err, STATUS_IO, "cannot rename %s", path);
    (void) unlink(path);
    if (to_output)
        (void) rmdir(folder);
    return status;
}

static const struct format formats[] = {
    {"csv", write_csv, "events.csv"},      {"jsonl", write_table, "events.jsonl"},
    {"sqlite", write_database, NULL},      {"graphml", write_table, "network.graphml"},
    {"gexf", write_table, "network.gexf"},
};

/* A missing --format is a wrong one. */
static enum status find_format(const char *name, const struct format **format, struct error *err)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (name != NULL && strcmp(formats[i].name, name) == 0) {
            *format = &formats[i];
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE, "--format must be csv, jsonl, sqlite, graphml or gexf");
}

static enum status export_job(const struct export_settings *settings, const char *job,
                              int *exit_status, struct error *err)
{
    const struct format *format = NULL;
    struct job_source *source = NULL;
    struct results results;
    enum status status = find_format(settings->format, &format, err);

    if (status == STATUS_OK)
        status = job_open(&settings->job, job, &source, err);
    if (status == STATUS_OK)
        status = job_results(source, &results, err);
    job_close(source);
    if (status != STATUS_OK)
        return status;
    status = format->write(&results, settings, format->table, err);
    if (status == STATUS_OK && results_gaps(&results) > 0) {
        (void) fprintf(stderr, "gaps: %llu incomplete or blocked lists and dead documents\n",
                       (unsigned long long) results_gaps(&results));
        *exit_status = COMMAND_GAPS;
    }
    results_fini(&results);
    return status;
}

int command_export(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct export_settings settings = {0};
    struct error err;
    enum status status;
    int exit_status;

    if (!command_parse(&export_options, &line, 1, &settings, &exit_status))
        return exit_status;
    status = export_job(&settings, line.words[0], &exit_status, &err);
    return status == STATUS_OK ? exit_status : command_fail(argv[0], status, &err);
}
