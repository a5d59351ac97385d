#include "aggregator/command_archive.h"

#include "aggregator/archive_restore.h"
#include "aggregator/archive_save.h"
#include "aggregator/command.h"
#include "aggregator/job_source.h"

#include <stdio.h>

enum { FINDINGS_MAX = 16 << 20, LINE_SIZE_MAX = 512 };

struct archive_settings {
    struct job_settings job;
    const char *out;
    const char *restore;
};

static const struct option_row rows[] = {
    BUS_OPTION_ROWS,
    {"out", OPTION_TEXT, offsetof(struct archive_settings, out), "DIR", NULL,
     "the folder to write; new or empty"},
    {"restore", OPTION_TEXT, offsetof(struct archive_settings, restore), "DIR", NULL,
     "put the job of this folder back"},
};

static const struct options archive_options = {
    rows, sizeof rows / sizeof rows[0],
    "xunfang archive JOB --out DIR [options], or archive --restore DIR [options]",
    "A complete job's logs to a folder of compressed, hashed files, or back onto any bus."};

static enum status check_words(const struct archive_settings *settings, size_t words,
                               struct error *err)
{
    if (settings->restore != NULL && (settings->out != NULL || words > 0))
        return error_set(err, STATUS_USAGE, "--restore takes neither a job nor --out");
    if (settings->restore == NULL && (settings->out == NULL || words == 0))
        return error_set(err, STATUS_USAGE, "a job and --out DIR are needed, or --restore DIR");
    return STATUS_OK;
}

static enum status tell(const struct archive_manifest *manifest, const char *what,
                        struct error *err)
{
    uint64_t records = 0, bytes = 0;
    char line[LINE_SIZE_MAX];

    for (size_t i = 0; i < manifest->entries.count; i++) {
        const struct archive_entry *entry = rows_at(&manifest->entries, i);
        records += entry->digest.records;
        bytes += entry->digest.bytes;
    }
    (void) snprintf(line, sizeof line, "job %s %s: %llu records in %zu files, %llu bytes\n",
                    manifest->job, what, (unsigned long long) records, manifest->entries.count,
                    (unsigned long long) bytes);
    return command_write(slice_from(line), err);
}

static enum status work(const struct archive_settings *settings, const char *job,
                        struct buf *findings, struct error *err)
{
    struct archive_manifest manifest;
    char name[JOB_NAME_SIZE] = "";
    struct bus *bus = NULL;
    enum status status = settings->restore != NULL ? STATUS_OK : job_name(job, name, err);

    archive_manifest_init(&manifest);
    if (status == STATUS_OK)
        status = job_connect(&settings->job, &bus, err);
    if (status == STATUS_OK)
        status = settings->restore != NULL
                     ? archive_restore(bus, settings->restore, &manifest, findings, err)
                     : archive_save(bus, name, settings->out, &manifest, err);
    if (status == STATUS_OK)
        status = tell(&manifest, settings->restore != NULL ? "restored" : "archived", err);
    archive_manifest_fini(&manifest);
    bus_close(bus);
    return status;
}

int command_archive(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct archive_settings settings = {.out = NULL};
    struct buf findings;
    struct error err;
    enum status status;
    int exit_status;

    if (!command_parse(&archive_options, &line, 0, &settings, &exit_status))
        return exit_status;
    buf_init(&findings, FINDINGS_MAX);
    status = check_words(&settings, line.word_count, &err);
    if (status == STATUS_OK)
        status = work(&settings, line.words[0], &findings, &err);
    (void) fwrite(findings.data, 1, findings.size, stderr);
    buf_fini(&findings);
    return status == STATUS_OK ? exit_status : command_fail(argv[0], status, &err);
}
