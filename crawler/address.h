/*
 * address: which network addresses a crawler may talk to.
 *
 * Why      A page or a DNS answer is hostile: it may name a router, a metadata service, this
 *          machine. The check is made on the address that is about to be connected to, never on
 *          URL text (0x7f.1 and 2130706433 are 127.0.0.1 too).
 * Lists    The special-purpose registries of RFC 6890 and its updates: private, shared,
 *          link-local, documentation, benchmarking, multicast, reserved. An IPv4 address inside
 *          an IPv6 one (mapped, NAT64, 6to4) counts by what it holds, and no such wrapper is ever
 *          public.
 * Threads  No state.
 */
#ifndef XUNFANG_CRAWLER_ADDRESS_H
#define XUNFANG_CRAWLER_ADDRESS_H

#include "base/util/slice.h"

#include <sys/socket.h>

enum address_kind {
    ADDRESS_PUBLIC,
    ADDRESS_LOOPBACK, /* 127/8, ::1, also mapped into IPv6 */
    ADDRESS_PRIVATE,  /* every other address of the deny list */
    ADDRESS_UNKNOWN   /* no IPv4 or IPv6 address at all */
};

/* AF_INET and AF_INET6; anything else, or a `size` too small, is ADDRESS_UNKNOWN. */
enum address_kind address_kind(const struct sockaddr *address, socklen_t size);

/* Of a serialised URL host (url.h): "127.0.0.1", "[::1]"; a name is ADDRESS_UNKNOWN, "localhost"
 * and names below it are ADDRESS_LOOPBACK. */
enum address_kind address_kind_of_host(struct slice host);

#endif
