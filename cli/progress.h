/*
 * progress: one line that tells how far a job is.
 *
 * Shows     lists, pages, documents, visits, events, pages per second over the last
 *           PROGRESS_WINDOW_S seconds, and the time the known rest will take at that rate. A replay
 *           shows no lists and pages: its rate is in documents. What a language model was asked
 *           stands behind, if the job has one.
 * Terminal  The line is rewritten in place each time; elsewhere a line is written every
 *           PROGRESS_QUIET_S seconds. Standard error in both cases.
 */
#ifndef XUNFANG_CLI_PROGRESS_H
#define XUNFANG_CLI_PROGRESS_H

#include "cli/model_counts.h"

enum { PROGRESS_WINDOW_S = 20, PROGRESS_QUIET_S = 10 };

struct progress_counts {
    uint64_t lists_known;
    uint64_t lists_final;
    uint64_t urls_known; /* lists' pages and articles */
    uint64_t urls_final;
    uint64_t documents;
    uint64_t outcomes;
    uint64_t visits;
    uint64_t events;
    bool replay;                      /* lists and pages are known already */
    const struct model_counts *model; /* NULL: no language model is asked */
};

struct progress {
    bool terminal;
    int64_t last_shown_ms;
    struct {
        int64_t at_ms;
        uint64_t done;                /* pages, or documents of a replay */
    } history[PROGRESS_WINDOW_S + 1]; /* one a second, a ring */
    size_t samples;
};

void progress_init(struct progress *progress, bool terminal);
/* Appends the line, without an end, at monotonic time `now_ms`. */
void progress_format(struct progress *progress, const struct progress_counts *counts,
                     int64_t now_ms, struct buf *line);
/* Writes it to standard error when due. */
void progress_show(struct progress *progress, const struct progress_counts *counts, int64_t now_ms);
/* Ends the line on a terminal. */
void progress_end(struct progress *progress);

#endif
