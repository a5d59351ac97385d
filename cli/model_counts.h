/*
 * model_counts: what a language model was asked during a session, for people: read from the
 * workers' metrics (base/llm/asker.h), shown in the progress line and told at the end.
 *
 * Counts   Of this session's processes, ended lives included; JOB.answers, not this, is the account
 *          of a job (`xunfang status`).
 * Money    In units of the job's currency, as the metric has it, with two decimals in the line and
 *          four at the end; without a price nothing is said of it.
 */
#ifndef XUNFANG_CLI_MODEL_COUNTS_H
#define XUNFANG_CLI_MODEL_COUNTS_H

#include "base/scrape.h"
#include "base/util/buf.h"

struct model_counts {
    uint64_t answered;
    uint64_t remembered; /* answered by the log */
    uint64_t failed;
    uint64_t refused; /* by the budget */
    uint64_t calls;
    uint64_t tokens;
    double cost;
    struct slice currency; /* empty: nothing is charged */
};

void model_counts_read(const struct scrape *scrape, struct model_counts *counts);
/* "model 120 answered, 35 known, 2 failed": parts that are 0 are left out, but the first. */
void model_counts_put(const struct model_counts *counts, struct buf *line);
/* One or two sentences, each a line: all counts, and that the budget ended the asking if it did. */
void model_counts_tell(const struct model_counts *counts, struct buf *out);

#endif
