#include "cli/jobs.h"

#include "base/daemon.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/bus_loan.h"
#include "cli/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIME_TEXT = 24, COUNT_TEXT = 24, TABLE_MAX = 1 << 20, MS_PER_SECOND = 1000 };

struct jobs_settings {
    struct bus_loan_settings place;
    bool json;
};

static const struct option_row rows[] = {
    BUS_LOAN_OPTION_ROWS,
    {"json", OPTION_FLAG, offsetof(struct jobs_settings, json), NULL, NULL,
     "one JSON object a line"},
};

static const struct options jobs_options = {rows, sizeof rows / sizeof rows[0],
                                            "xunfang jobs [--json] [options]",
                                            "The jobs of a bus, in the order of submission."};

/* ---- reading ---- */

/* Ends are next offsets and logs are kept from offset 0, so the sum of ends is the number of
 * records. */
static enum status count_records(struct bus *bus, const char *topic, uint64_t *records,
                                 struct error *err)
{
    uint64_t sum = 0, end = 0;
    uint32_t partitions = 0;
    enum status status = bus_topic_partitions(bus, topic, &partitions, err);

    for (uint32_t i = 0; i < partitions && status == STATUS_OK; i++) {
        status = bus_end(bus, topic, i, &end, err);
        sum += end;
    }
    if (status == STATUS_OK)
        *records = sum;
    return status;
}

/* A seal has the ends already, so a list of many finished jobs asks the bus nothing. */
static bool sealed_records(const Xunfang__Sealed *sealed, const char *topic, uint64_t *records)
{
    for (size_t i = 0; sealed != NULL && i < sealed->n_ranges; i++) {
        const Xunfang__SealedRange *range = sealed->ranges[i];

        if (strcmp(range->topic, topic) != 0)
            continue;
        *records = 0;
        for (size_t p = 0; p < range->n_ends; p++)
            *records += range->ends[p];
        return true;
    }
    return false;
}

static enum status read_log(struct bus *bus, const struct catalog_run *run, enum topic_kind kind,
                            uint64_t *records, struct error *err)
{
    struct topic_name topic = catalog_topic(run, kind);

    if (sealed_records(run->sealed, topic.text, records))
        return STATUS_OK;
    return count_records(bus, topic.text, records, err);
}

/* A log that somebody purges at this moment is no failure of ours. */
enum status job_line_read(struct bus *bus, const struct catalog_run *run, struct job_line *line,
                          struct error *err)
{
    struct job_line read = {.run = run};
    enum status status = STATUS_NOT_FOUND;

    if (run->state != RUN_PURGED)
        status = read_log(bus, run, TOPIC_DOCUMENTS, &read.documents, err);
    if (status == STATUS_OK)
        status = read_log(bus, run, TOPIC_REPORTS, &read.reports, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    read.counted = status == STATUS_OK;
    *line = read;
    return STATUS_OK;
}

/* ---- printing ---- */

/* "" if the run's record does not tell. */
static const char *submitted_text(const struct catalog_run *run, char text[TIME_TEXT])
{
    time_t seconds = (time_t) (run->submitted->made_ms / MS_PER_SECOND);
    struct tm parts;

    text[0] = '\0';
    if (seconds > 0 && gmtime_r(&seconds, &parts) != NULL)
        (void) strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

static const char *count_text(bool counted, uint64_t count, char text[COUNT_TEXT])
{
    (void) snprintf(text, COUNT_TEXT, "%" PRIu64, count);
    return counted ? text : "-";
}

static int width_of(const char *text, int least)
{
    int width = (int) strlen(text);

    return width > least ? width : least;
}

/* Widths are those of the longest names; the rest has room for what it can hold. */
static void put_row(const struct job_line *line, const int widths[2], struct buf *out)
{
    const struct catalog_run *run = line->run;
    char time_text[TIME_TEXT], documents[COUNT_TEXT], reports[COUNT_TEXT], lists[COUNT_TEXT];

    buf_printf(out, "%-*s  %-*s  %-9s  %3u  %-10s  %6s  %9s  %8s  %s\n", widths[0], run->job,
               widths[1], run->run, run_state_text(run->state), run->generation,
               run->sealed == NULL ? "no" : run->sealed->state,
               count_text(run->seeded, run->seeds, lists),
               count_text(line->counted, line->documents, documents),
               count_text(line->counted, line->reports, reports), submitted_text(run, time_text));
}

void job_lines_put_table(const struct job_line *lines, size_t count, struct buf *out)
{
    int widths[2] = {3, 3};

    for (size_t i = 0; i < count; i++) {
        widths[0] = width_of(lines[i].run->job, widths[0]);
        widths[1] = width_of(lines[i].run->run, widths[1]);
    }
    buf_printf(out, "%-*s  %-*s  %-9s  %3s  %-10s  %6s  %9s  %8s  %s\n", widths[0], "job",
               widths[1], "run", "state", "gen", "sealed", "lists", "documents", "reports",
               "submitted");
    for (size_t i = 0; i < count; i++)
        put_row(&lines[i], widths, out);
}

static void put_count(const char *key, bool counted, uint64_t count, struct buf *out)
{
    buf_printf(out, ",\"%s\":", key);
    if (counted)
        buf_printf(out, "%" PRIu64, count);
    else
        buf_puts(out, "null");
}

/* NULL or an empty text is null. */
static void put_text(const char *key, const char *text, struct buf *out)
{
    buf_printf(out, ",\"%s\":", key);
    json_put_text(out,
                  text == NULL || text[0] == '\0' ? (struct slice){NULL, 0} : slice_from(text));
}

void job_line_put_json(const struct job_line *line, struct buf *out)
{
    const struct catalog_run *run = line->run;
    char time_text[TIME_TEXT];

    buf_puts(out, "{\"job\":");
    json_put_text(out, slice_from(run->job));
    put_text("run", run->run, out);
    put_text("state", run_state_text(run->state), out);
    put_count("generation", true, run->generation, out);
    put_text("sealed", run->sealed == NULL ? NULL : run->sealed->state, out);
    put_count("lists", run->seeded, run->seeds, out);
    put_count("documents", line->counted, line->documents, out);
    put_count("reports", line->counted, line->reports, out);
    put_count("partitions", true, run->submitted->partitions, out);
    buf_printf(out, ",\"replay\":%s", catalog_is_replay(run) ? "true" : "false");
    put_text("adding", run->claim == NULL ? NULL : run->claim->by, out);
    put_text("submitted", submitted_text(run, time_text), out);
    buf_puts(out, "}\n");
}

/* ---- the command ---- */

static enum status read_lines(const struct bus_loan *loan, struct job_line *lines, size_t count,
                              struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = job_line_read(loan->bus, catalog_run_at(loan->catalog, i), &lines[i], err);
    return status;
}

static enum status print(const struct job_line *lines, size_t count, bool json, struct error *err)
{
    struct buf out;
    enum status status;

    buf_init(&out, TABLE_MAX);
    if (!json)
        job_lines_put_table(lines, count, &out);
    for (size_t i = 0; json && i < count; i++)
        job_line_put_json(&lines[i], &out);
    status = buf_status(&out, err);
    if (status == STATUS_OK &&
        (fwrite(out.data, 1, out.size, stdout) != out.size || fflush(stdout) != 0))
        status = error_set_errno(err, errno, "cannot write the output");
    buf_fini(&out);
    return status;
}

static enum status list_jobs(const struct jobs_settings *settings, struct error *err)
{
    struct bus_loan *loan = NULL;
    struct job_line *lines = NULL;
    size_t count;
    enum status status = bus_loan_open(&settings->place, "jobs", &loan, err);

    if (status != STATUS_OK)
        return status;
    count = loan->catalog == NULL ? 0 : catalog_run_count(loan->catalog);
    /* One more than needed, as calloc(0) may return NULL without a failure. */
    lines = calloc(count + 1, sizeof *lines);
    if (lines == NULL) {
        bus_loan_close(loan);
        return error_set(err, STATUS_NOMEM, "no memory for %zu jobs", count);
    }
    status = read_lines(loan, lines, count, err);
    if (status == STATUS_OK)
        status = print(lines, count, settings->json, err);
    free(lines);
    bus_loan_close(loan);
    return status;
}

int jobs_command(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct jobs_settings settings = {0};
    struct error err;
    enum status status;

    if (options_answered(&jobs_options, argc, argv))
        return EXIT_DONE;
    log_open("jobs", LOG_WARN);
    status = options_parse(&jobs_options, &line, &settings, &err);
    if (status == STATUS_OK)
        status = list_jobs(&settings, &err);
    if (status == STATUS_OK)
        return EXIT_DONE;
    (void) fprintf(stderr, "xunfang jobs: %s\n", err.message);
    return daemon_exit_status(status);
}
