/*
 * request: identity of requests, and platform templates filled in.
 *
 * Identity  A request is (method, canonical URL, SHA-256 of its body, fetch number); its id is the
 *           hash of these four and is also the id of the document it brings. Headers, kind, list
 *           and page are not part of it.
 * Template  `{name}` with a known name is replaced, any other brace is literal. In URLs and form
 *           bodies values are percent-encoded in the platform's encoding (`{site}` in a URL and '/'
 *           in a URL's path stay), in JSON bodies they are JSON-escaped UTF-8, in headers they
 *           stand as they are.
 * Failure   STATUS_INVALID: the encoding cannot write the keyword, a filled URL is none, a header
 *           has a line break.
 */
#ifndef XUNFANG_STUDY_REQUEST_H
#define XUNFANG_STUDY_REQUEST_H

#include "base/util/arena.h"
#include "base/util/hash.h"
#include "proto/url.pb-c.h"
#include "study/job.h"
#include "study/platform.h"
#include "study/region.h"

enum { REQUEST_URL_MAX = 8 * 1024, REQUEST_BODY_MAX = 64 * 1024 };

struct id request_id(const Xunfang__Request *request);
/* The id of a plain GET of this canonical URL with fetch number 0: of a hit, of a redirect's
 * target. */
struct id request_id_of_url(struct slice url);
/* The key of `urls` and `leases`: the host of a canonical http(s) URL, without its port; a view of
 * the URL. Empty if it is no such URL. */
struct slice request_host(struct slice url);

struct request_values {
    const struct publisher *publisher; /* its platform, site and params */
    struct slice keyword;              /* UTF-8 */
    uint64_t page;                     /* the number for {page}: first + n × step */
    struct job_period period;          /* for {from} and {to} */
};

/* Builds the platform's request: method, url, body, headers (Content-Type included for POST). */
CHECKED enum status request_build(const struct request_values *values, struct arena *arena,
                                  Xunfang__Request **request, struct error *err);
/* A GET of a next link (canonical URL) with the platform's headers. */
CHECKED enum status request_follow(const struct request_values *values, struct slice url,
                                   struct arena *arena, Xunfang__Request **request,
                                   struct error *err);

#endif
