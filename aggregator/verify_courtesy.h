/*
 * verify_courtesy: was any host asked sooner than its delay allows?
 *
 * Times     Every send stands in a result of urls with its start and end (wall clock of the
 *           crawler).
 * Rule      On each of a host's connections a request starts at least the delay after the end of
 *           the one before, robots.txt and failed tries included, whatever job they were for. The
 *           delay is that of the request's lease (Crawl-delay may have raised it), else the job's.
 * Rounding  Start and end are whole milliseconds: COURTESY_ROUNDING_MS is granted.
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_COURTESY_H
#define XUNFANG_AGGREGATOR_VERIFY_COURTESY_H

#include "aggregator/job_source.h"
#include "aggregator/verify.h"

enum { COURTESY_ROUNDING_MS = 1, COURTESY_CONNECTIONS_MAX = 64, COURTESY_SENDS_MAX = 200000000 };

struct send_time {
    struct slice host;
    int64_t sent_ms;
    int64_t ended_ms;
    int64_t delay_ms; /* before this send */
};

/* Sorts `sends`; how many came too soon on `connections` connections; the first host goes to
 * *host. */
size_t courtesy_count(struct send_time *sends, size_t count, size_t connections,
                      struct slice *host);

CHECKED enum status verify_courtesy(const struct job_source *source, struct verify *verify,
                                    struct error *err);

#endif
