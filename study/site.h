/*
 * site: the address of a web site, scheme://host[:port], and what kind of host that is.
 *
 * Form     Scheme http or https, host in lower case ASCII (IDN in its xn-- form), no user, no
 *          query. A path may follow (sites below a folder); its last slash goes. A port that is the
 *          scheme's own goes too.
 * Kinds    Loopback: 127.0.0.0/8, ::1, localhost. Private: RFC 1918, link-local, shared
 *          (100.64/10), 0/8, unique local IPv6. Only written addresses can be judged here; names
 *          are judged when they are resolved, by the crawler.
 * Threads  No state.
 */
#ifndef XUNFANG_STUDY_SITE_H
#define XUNFANG_STUDY_SITE_H

#include "base/util/arena.h"

enum { SITE_HOST_MAX = 253 };

struct site {
    struct slice text; /* canonical, in the arena */
    struct slice host; /* lower case, without port; an IPv6 address in brackets */
    uint16_t port;     /* given or the scheme's */
    bool port_given;   /* and not the scheme's */
};

enum host_kind { HOST_PUBLIC, HOST_PRIVATE, HOST_LOOPBACK };

/* STATUS_INVALID with a message that says what to write. */
CHECKED enum status site_parse(struct slice text, struct arena *arena, struct site *site,
                               struct error *err);
/* Host (as written) and port of an absolute http(s) URL; false if it is none. `port` is 0 if bad.
 */
bool site_of_url(struct slice url, struct slice *host, uint16_t *port);
enum host_kind site_host_kind(struct slice host);
/* Letters, digits, '-', '_' in labels of at most 63 bytes, or an IP address? */
bool site_host_good(struct slice host);
/* Does `suffix` cover `host` on whole labels, without regard to case? */
bool site_covers(struct slice suffix, struct slice host);

#endif
