/*
 * json_check: is a text one JSON value, how deep, of how many values?
 *
 * Why      libjq 1.6 leaks memory on some texts that are no JSON and ends the process when memory
 *          is out, so a hostile answer is looked through before libjq sees it.
 * Grammar  RFC 8259, but for raw control characters inside texts, which sites do send. UTF-8 is
 *          the caller's business (charset.h).
 * Limits   JSON_CHECK_DEPTH; nothing recurses, nothing is allocated.
 * Threads  No state.
 */
#ifndef XUNFANG_CRAWLER_JSON_CHECK_H
#define XUNFANG_CRAWLER_JSON_CHECK_H

#include "base/util/slice.h"

enum { JSON_CHECK_DEPTH = 200 };

/* STATUS_INVALID names the place. *values (may be NULL): all values in it, members included. */
CHECKED enum status json_check(struct slice text, size_t *values, struct error *err);

#endif
