/*
 * scrape: the metrics of all child processes, fetched over their admin endpoints and put together.
 *
 * Round    scrape_round asks every ready child once, all at the same time; a child that does not
 *          answer keeps its last text. What a child had counted when it was started again is kept
 *          too, up to SCRAPE_ENDED_MAX bytes of text.
 * Text     scrape_render writes one OpenMetrics exposition: each family once, every sample with the
 *          labels process="NAME" and those of the child's command in front.
 * Own      After scrape_own this process's series are among them.
 * Threads  scrape_round and scrape_sum belong to one thread; scrape_render may be called from
 *          another.
 */
#ifndef XUNFANG_BASE_SCRAPE_H
#define XUNFANG_BASE_SCRAPE_H

#include "base/supervise.h"
#include "base/util/buf.h"

enum {
    SCRAPE_BODY_MAX = 4 * 1024 * 1024,
    SCRAPE_ENDED_MAX = 16 * 1024 * 1024,
    SCRAPE_TIMEOUT_MS = 500,
};

struct scrape;

CHECKED enum status scrape_create(struct scrape **scrape, struct error *err);
void scrape_destroy(struct scrape *scrape);

/* The series of this process take part, under this name, as they were at the last round. */
void scrape_own(struct scrape *scrape, const char *process);

CHECKED enum status scrape_round(struct scrape *scrape, const struct supervisor *supervisor,
                                 struct error *err);
/* Sum of the samples of this name ("xunfang_progress") whose labels contain `label` (such as
 * `what="visits"`; NULL: any) over all processes; 0 if there are none. */
double scrape_sum(const struct scrape *scrape, const char *sample, const char *label);
/* The same of a counter, with what ended lives of the processes had counted when last asked. */
double scrape_total(const struct scrape *scrape, const char *sample, const char *label);
void scrape_render(struct scrape *scrape, struct buf *out);

#endif
