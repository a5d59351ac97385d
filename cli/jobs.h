/*
 * jobs: `xunfang jobs [--json]`: what jobs there are on a bus, in the order they were submitted.
 *
 * Table    job, run, state, generation, sealed, lists, documents, reports, submitted.
 * State    open, paused, cancelled or purged. `sealed` is what the seal of the newest generation
 *          says (complete, or gaps: N), "no" without one.
 * Counts   Lists are the searches it was seeded with; a replay has none. Documents and reports are
 *          records of the logs that the run reads (of a replay those of its source), by their
 *          offsets alone (of a sealed run as the seal has them), so they are quickly asked and
 *          repeats count; `status` counts exactly. "-" is a log that is gone, null with --json.
 * Json     One object a run: the same names, partitions, replay, adding (who adds documents now, or
 *          null); submitted is UTC, null if not told.
 */
#ifndef XUNFANG_CLI_JOBS_H
#define XUNFANG_CLI_JOBS_H

#include "base/util/buf.h"
#include "study/catalog.h"

int jobs_command(int argc, char **argv);

/* What is shown of one run. */
struct job_line {
    const struct catalog_run *run;
    bool counted;
    uint64_t documents;
    uint64_t reports;
};

/* Asks the bus for the logs' ends, unless they are sealed. */
CHECKED enum status job_line_read(struct bus *bus, const struct catalog_run *run,
                                  struct job_line *line, struct error *err);
/* Heading and all lines. */
void job_lines_put_table(const struct job_line *lines, size_t count, struct buf *out);
void job_line_put_json(const struct job_line *line, struct buf *out);

#endif
