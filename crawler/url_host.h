/*
 * url_host: the host part of an http(s) URL, parsed and serialised by the WHATWG URL standard.
 *
 * Steps    [v6] → IPv6 in RFC 5952 form, in brackets. Otherwise percent-decode, domain to ASCII
 *          (UTS #46 non-transitional, CheckBidi, CheckJoiners; length limits off, as the standard
 *          says), forbidden code points refused, and a host whose last label is a number is IPv4
 *          (1 to 4 parts, decimal, octal or hexadecimal) or wrong.
 * Library  ICU's uidna, here only; pure ASCII names never reach it.
 * Errors   STATUS_INVALID with the host quoted; STATUS_TOO_LARGE past URL_HOST_MAX of url.h.
 * Threads  Any thread; ICU's table is opened once.
 */
#ifndef XUNFANG_CRAWLER_URL_HOST_H
#define XUNFANG_CRAWLER_URL_HOST_H

#include "base/util/buf.h"

/* Appends the serialised host to `out`. */
CHECKED enum status url_host_parse(struct slice text, struct buf *out, struct error *err);

/* The standard's "ends in a number": such a host is an IPv4 address or nothing. */
bool url_host_is_numeric(struct slice host);

/* Text of 1 to 4 IPv4 parts in any base → address in host byte order. */
CHECKED enum status url_host_ipv4(struct slice text, uint32_t *address, struct error *err);

/* IPv6 text without brackets → eight pieces in host byte order. */
CHECKED enum status url_host_ipv6(struct slice text, uint16_t pieces[8], struct error *err);

#endif
