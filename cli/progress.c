#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>

/* A window of N seconds has N + 1 samples, both ends included. */
enum { PROGRESS_LINE_MAX = 512, PROGRESS_SLOTS = PROGRESS_WINDOW_S + 1 };

void progress_init(struct progress *progress, bool terminal)
{
    *progress = (struct progress){.terminal = terminal};
}

/* Pages (documents) per 1,000 s since the oldest sample of the window. */
static uint64_t rate_milli(struct progress *progress, uint64_t done, int64_t now_ms)
{
    size_t newest = (progress->samples + PROGRESS_SLOTS - 1) % PROGRESS_SLOTS;
    size_t oldest;
    int64_t span;

    if (progress->samples == 0 || now_ms - progress->history[newest].at_ms >= 1000) {
        /* `samples` is never wrapped: it tells how full the ring is as well as where it stands. */
        newest = progress->samples++ % PROGRESS_SLOTS;
        progress->history[newest].at_ms = now_ms;
        progress->history[newest].done = done;
    }
    oldest = progress->samples < PROGRESS_SLOTS ? 0 : progress->samples % PROGRESS_SLOTS;
    span = now_ms - progress->history[oldest].at_ms;
    /* A worker that was just restarted may count from below for one look: no rate is better than a
     * huge one. */
    if (span <= 0 || done < progress->history[oldest].done)
        return 0;
    return (done - progress->history[oldest].done) * 1000000 / (uint64_t) span;
}

static void put_remaining(struct buf *line, uint64_t left, uint64_t rate)
{
    uint64_t seconds;

    if (left == 0 || rate == 0)
        return;
    seconds = left * 1000 / rate;
    if (seconds >= 3600)
        buf_printf(line, "  about %" PRIu64 " h %02" PRIu64 " min left", seconds / 3600,
                   seconds / 60 % 60);
    else
        buf_printf(line, "  about %" PRIu64 ":%02" PRIu64 " left", seconds / 60, seconds % 60);
}

void progress_format(struct progress *progress, const struct progress_counts *counts,
                     int64_t now_ms, struct buf *line)
{
    uint64_t done = counts->replay ? counts->outcomes : counts->urls_final;
    uint64_t known = counts->replay ? counts->documents : counts->urls_known;
    uint64_t rate = rate_milli(progress, done, now_ms);

    if (!counts->replay)
        buf_printf(line, "lists %" PRIu64 "/%" PRIu64 "  pages %" PRIu64 "/%" PRIu64 "  ",
                   counts->lists_final, counts->lists_known, counts->urls_final,
                   counts->urls_known);
    buf_printf(line,
               "documents %" PRIu64 "  read %" PRIu64 "  visits %" PRIu64 "  events %" PRIu64
               "  %" PRIu64 "/s",
               counts->documents, counts->outcomes, counts->visits, counts->events, rate / 1000);
    if (known > done)
        put_remaining(line, known - done, rate);
    if (counts->model != NULL) {
        buf_puts(line, "  ");
        model_counts_put(counts->model, line);
    }
}

void progress_show(struct progress *progress, const struct progress_counts *counts, int64_t now_ms)
{
    struct buf line;
    /* On a terminal the line replaces itself; in a file each one stays, so there are fewer. */
    bool due = progress->terminal || progress->last_shown_ms == 0 ||
               now_ms - progress->last_shown_ms >= (int64_t) PROGRESS_QUIET_S * 1000;

    buf_init(&line, PROGRESS_LINE_MAX);
    /* Also when nothing is shown: this takes the sample that the rate is made of. */
    progress_format(progress, counts, now_ms, &line);
    if (due) {
        (void) fprintf(stderr, "%s%s%s", progress->terminal ? "\r\033[K" : "", buf_text(&line),
                       progress->terminal ? "" : "\n");
        progress->last_shown_ms = now_ms;
    }
    buf_fini(&line);
}

void progress_end(struct progress *progress)
{
    if (progress->terminal && progress->last_shown_ms != 0)
        (void) fputc('\n', stderr);
}
