/*
 * frontier_robots: what robots.txt says about a request, and how the file gets here. Private to the
 * frontier.
 *
 * Origin  scheme://host:port; each has its own file, good for a day. Fetching A request of kind
 *         ROBOTS in the queue of the empty job, before everything else on its host. A redirect
 *         goes, like any link, to the host it names (at most 5 hops); that host's frontier sends
 *         the answer back to the origin's.
 * Status  2xx: its rules. 4xx, too many redirects: all is allowed. Unreachable or 5xx, after as
 *         many tries as any request gets: nothing is allowed for a day, and what wants to go there
 *         is given up (RFC 9309, 2.3.1).
 * Memory  Parsed files are kept, at most ORIGINS_MAX of them; the text stands in the store.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_ROBOTS_H
#define XUNFANG_CRAWLER_FRONTIER_ROBOTS_H

#include "crawler/frontier_core.h"

enum { ORIGINS_MAX = 4096, ROBOTS_GOOD_MS = 24 * 60 * 60 * 1000 };

enum robots_verdict { ROBOTS_ALLOWED, ROBOTS_DISALLOWED, ROBOTS_PENDING, ROBOTS_UNREACHABLE };

struct robots_reply {
    enum robots_verdict verdict;
    int64_t delay_ms;   /* Crawl-delay; 0 if none */
    const char *detail; /* UNREACHABLE: why */
};

/* May this request of the job be sent? PENDING has set the fetch of the file going. */
CHECKED enum status frontier_robots_ask(struct frontier *frontier, struct slice job,
                                        const Xunfang__Request *request, struct robots_reply *reply,
                                        struct error *err);

/* A link of kind ROBOTS was read: a redirect led to one of our hosts. */
CHECKED enum status frontier_robots_link(struct frontier *frontier, struct slice job,
                                         Xunfang__Request *request, struct error *err);
/* A lease's word about a request of kind ROBOTS. */
CHECKED enum status frontier_robots_result(struct frontier *frontier, struct id lease,
                                           const Xunfang__FetchResult *fetch, struct error *err);
/* The file for one of our origins. */
CHECKED enum status frontier_robots_answer(struct frontier *frontier,
                                           const Xunfang__RobotsAnswer *answer, struct error *err);
/* The host of this queued request for robots.txt is given up. */
CHECKED enum status frontier_robots_give_up(struct frontier *frontier, struct url_ref *ref,
                                            const char *detail, struct error *err);

/* Of a request of kind ROBOTS, in the empty job: two origins may redirect to one file. */
struct id frontier_robots_id(const Xunfang__Request *request);
/* Empties the memory; the store keeps what it has. */
void frontier_robots_forget(struct frontier *frontier);

#endif
