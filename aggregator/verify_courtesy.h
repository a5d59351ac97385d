/*
 * verify_courtesy: was any host asked sooner than its delay allows?
 *
 * Times     Every send stands in a result of urls with its start and end (wall clock of the
 *           crawler).
 * Rule      A request to a host starts at least the delay after the end of the one before,
 *           robots.txt and failed tries included, whatever jobs the two were for. The delay is that
 *           of the request's lease (Crawl-delay may have raised it); of a lease that is not in the
 *           log, that of the job it was for.
 * Stops     A process that is stopped (SIGSTOP) between its look at the clock and its send, or with
 *           a request under way, acts when its lease is over for good: the host may be somebody
 *           else's by then. Such a send ends after the lease's expiry and a request's time-out; it
 *           may cost one short interval, which is told in a check of its own. Every other short
 *           interval fails.
 * Rounding  Start and end are whole milliseconds: COURTESY_ROUNDING_MS is granted.
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_COURTESY_H
#define XUNFANG_AGGREGATOR_VERIFY_COURTESY_H

#include "aggregator/job_source.h"
#include "aggregator/verify.h"

enum { COURTESY_ROUNDING_MS = 1, COURTESY_SENDS_MAX = 200000000 };

struct send_time {
    struct slice host;
    int64_t sent_ms;
    int64_t ended_ms;
    int64_t delay_ms; /* before this send */
    int64_t free_ms;  /* when its lease is over for good; INT64_MAX: not known */
};

struct courtesy_count {
    size_t early;           /* intervals that nothing excuses */
    size_t stops;           /* sends that ended after their lease was over */
    size_t excused;         /* short intervals beside those, at most one each */
    struct send_time first; /* early, or else excused: the first */
    int64_t first_gap_ms;   /* between it and the send before */
};

/* Sorts `sends`. */
void courtesy_count(struct send_time *sends, size_t count, struct courtesy_count *result);

CHECKED enum status verify_courtesy(const struct job_source *source, struct verify *verify,
                                    struct error *err);

#endif
