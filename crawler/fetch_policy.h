/*
 * fetch_policy: what an answer means, as a pure function.
 *
 * Outcome  2xx OK · 301, 302, 303, 307, 308 MOVED, but a redirect of a page to a home page says
 *          that it is gone: NOT_FOUND (of a list: UNREADABLE) · 404, 410 NOT_FOUND · 408, 425, 429,
 *          5xx and every failure of the network TRY_AGAIN · other 4xx and 3xx REFUSED · over a cap
 *          TOO_LARGE, but robots.txt counts as far as it came · no address to go to BAD_ADDRESS.
 * Blocked  The signatures of blocking products that stand before Chinese government sites: BLOCKED,
 *          with the product's name. They are recognised, never worked around.
 * Kinds    An article that is no text (a PDF, a picture) is UNREADABLE.
 * Memory   Texts live in the arena or are static.
 */
#ifndef XUNFANG_CRAWLER_FETCH_POLICY_H
#define XUNFANG_CRAWLER_FETCH_POLICY_H

#include "base/http/http.h"
#include "base/util/arena.h"
#include "proto/url.pb-c.h"

enum { FETCH_URL_MAX = 4096, FETCH_DETAIL_MAX = 160 };

struct fetch_verdict {
    int outcome;            /* Xunfang__FetchResult__Outcome */
    const char *detail;     /* "" if there is nothing to say */
    int64_t retry_after_ms; /* as the host asked; 0 if it did not */
    struct slice target;    /* MOVED: canonical URL */
    bool ends_lease;        /* the host does not want more now */
};

/* STATUS_NOMEM only. */
CHECKED enum status fetch_policy_judge(const Xunfang__Request *request,
                                       const struct http_response *response, struct arena *arena,
                                       struct fetch_verdict *verdict, struct error *err);

/* May a page name this URL? Not too long, with a host that a name server could know. What is
 * refused here never becomes known, so nobody waits for its end. */
bool fetch_policy_accepts(struct slice url);

/* The blocking product whose signature the answer bears; NULL if none. */
const char *fetch_policy_blocker(const struct http_response *response);

/* The request a redirect leads to: a GET, but 307 and 308 keep method and body. NULL: no memory. */
Xunfang__Request *fetch_policy_follow(const Xunfang__Request *request, unsigned http_status,
                                      struct slice target, struct arena *arena);

#endif
