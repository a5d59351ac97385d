/*
 * url: http(s) URLs by the WHATWG URL standard, and the crawl key made of them.
 *
 * Parse    url_parse follows the standard's rules for the special schemes http and https: base
 *          URL, back slashes, dot segments, IPv4 in all its forms, IPv6, IDN hosts (ICU's UTS
 *          #46), percent-encode sets, default ports dropped. `href` is the standard's
 *          serialisation.
 * Key      The identity of what a URL fetches, and the URL that is sent: href without user,
 *          password and fragment (none of them is ever sent); an empty query is dropped; %7e → ~,
 *          that is, encoded unreserved characters decoded and other %xx in upper case (RFC 3986,
 *          6.2.2). Paths keep their case, parameters their order: sites do tell them apart.
 *          key(key(u)) = key(u).
 * Errors   STATUS_INVALID (no URL), STATUS_UNSUPPORTED (a scheme that is not ours: mailto, ftp,
 *          javascript), STATUS_TOO_LARGE (over URL_MAX), STATUS_NOMEM.
 * Memory   Every slice of a struct url points into the arena given; the base may be another
 *          arena's.
 * Threads  No state: any thread.
 */
#ifndef XUNFANG_CRAWLER_URL_H
#define XUNFANG_CRAWLER_URL_H

#include "base/util/arena.h"

enum { URL_MAX = 16 * 1024, URL_HOST_MAX = 1024 };

struct url {
    struct slice href;
    struct slice scheme; /* "http" or "https" */
    struct slice user;   /* percent-encoded; empty if none */
    struct slice password;
    struct slice host;     /* ASCII, lower case, without port; IPv6 in brackets; never empty */
    uint16_t port;         /* the effective one: 80, 443 or as written */
    struct slice path;     /* begins with '/' */
    struct slice query;    /* without '?'; data NULL if there is none */
    struct slice fragment; /* without '#'; data NULL if there is none */
};

/* `base` may be NULL: then the input must be absolute. */
CHECKED enum status url_parse(struct slice input, const struct url *base, struct arena *arena,
                              struct url *url, struct error *err);

/* The crawl key of a parsed URL. */
CHECKED enum status url_key(const struct url *url, struct arena *arena, struct slice *key,
                            struct error *err);

/* url_parse and url_key in one; `base` is a URL's text, empty if there is none. */
CHECKED enum status url_canonical(struct slice input, struct slice base, struct arena *arena,
                                  struct slice *key, struct error *err);

/* scheme://host:port, the port always written: what one robots.txt speaks for. data NULL when
 * memory is out. */
struct slice url_origin(const struct url *url, struct arena *arena);

#endif
