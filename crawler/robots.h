/*
 * robots: what a robots.txt allows one crawler, by RFC 9309.
 *
 * Parse     All groups that name the agent (case-insensitive product token) are joined; without
 *           one, those of "*". The longest matching rule decides, Allow on a tie; `*` matches
 *           anything, `$` the end. /robots.txt itself is always allowed. Rules compare as
 *           written, bytes outside ASCII as %XX.
 * Tolerant  BOM, UTF-16, CR, LF, CRLF, comments, unknown lines, missing line end. Only the first
 *           ROBOTS_SIZE_MAX bytes count. A page of HTML in place of the file has no groups: all
 *           is allowed. What an HTTP status means (5xx: nothing is allowed) is the frontier's
 *           business.
 * Matching  is linear in pattern × path at worst and never recursive.
 * Memory    A struct robots owns its rules and none of the text; robots_destroy(NULL) is fine.
 * Threads   Reading a struct robots from several threads is fine.
 */
#ifndef XUNFANG_CRAWLER_ROBOTS_H
#define XUNFANG_CRAWLER_ROBOTS_H

#include "base/util/slice.h"

enum { ROBOTS_SIZE_MAX = 500 * 1024, ROBOTS_RULE_MAX = 2083 };

struct robots;

/* `agent` is a product token ("xunfang"); what stands behind its letters, '-' and '_' is ignored.
 * Fails on memory only. */
CHECKED enum status robots_create(struct slice text, struct slice agent, struct robots **robots,
                                  struct error *err);
void robots_destroy(struct robots *robots);

/* May the agent fetch this URL? Absolute, or path and query; a fragment is ignored. */
bool robots_allows(const struct robots *robots, struct slice url);

/* Crawl-delay of the agent's group in milliseconds (decimals are read), at most a day; -1 if
 * none. */
int64_t robots_crawl_delay_ms(const struct robots *robots);

#endif
