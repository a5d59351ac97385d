/*
 * retry_after: how long a server asks to be left alone.
 *
 * Source  RFC 9110, 10.2.3: a number of seconds, or a date in the preferred form of 5.6.7.
 */
#ifndef XUNFANG_BASE_HTTP_RETRY_AFTER_H
#define XUNFANG_BASE_HTTP_RETRY_AFTER_H

#include "base/util/slice.h"

/* Milliseconds from `now_ms` (wall); 0 if the value is neither, or past. No upper limit. */
int64_t retry_after_ms(struct slice value, int64_t now_ms);

#endif
