#include "crawler/address.h"

#include "crawler/url_host.h"

#include <netinet/in.h>
#include <string.h>

struct range4 {
    uint32_t prefix;
    unsigned bits;
};

/* RFC 6890 and successors; loopback is told apart before. 224/3 is multicast and reserved space. */
static const struct range4 private4[] = {
    {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0xA9FE0000, 16},
    {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24}, {0xC0A80000, 16},
    {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24}, {0xE0000000, 3},
};

/* The top bits decide; the ranges do not overlap, so their order means nothing. */
static enum address_kind kind_of_v4(uint32_t address)
{
    if (address >> 24 == 127)
        return ADDRESS_LOOPBACK;
    for (size_t i = 0; i < sizeof private4 / sizeof *private4; i++)
        if ((address ^ private4[i].prefix) >> (32 - private4[i].bits) == 0)
            return ADDRESS_PRIVATE;
    return ADDRESS_PUBLIC;
}

struct range6 {
    uint16_t prefix[6];
    unsigned bits;
};

/* ::/96 and ::ffff:0:0/96 hold IPv4 addresses, as do NAT64 and 6to4: never public themselves. */
static const struct range6 private6[] = {
    {{0}, 96},
    {{0, 0, 0, 0, 0, 0xFFFF}, 96},
    {{0x0064, 0xFF9B}, 96},
    {{0x0064, 0xFF9B, 1}, 48},
    {{0x0100}, 64},
    {{0x2001}, 32},
    {{0x2001, 0x0DB8}, 32},
    {{0x2002}, 16},
    {{0xFC00}, 7},
    {{0xFE80}, 10},
    {{0xFEC0}, 10},
    {{0xFF00}, 8},
};

/* Whole pieces first, then the bits that are left of the next one: prefixes need not end between
 * pieces (fc00::/7). */
static bool in_range6(const uint16_t pieces[8], const struct range6 *range)
{
    unsigned whole = range->bits / 16;
    unsigned rest = range->bits % 16;

    for (unsigned i = 0; i < whole; i++)
        if (pieces[i] != range->prefix[i])
            return false;
    return rest == 0 || (unsigned) (pieces[whole] ^ range->prefix[whole]) >> (16 - rest) == 0;
}

/* An address that wraps an IPv4 one is loopback if that is, and never public: the wrapper might be
 * routed where the plain address is not. */
static enum address_kind kind_of_v6(const uint16_t pieces[8])
{
    uint32_t tail = (uint32_t) pieces[6] << 16 | pieces[7];

    /* ::1, and 127/8 in its mapped and compatible forms. */
    if (in_range6(pieces, &private6[0]) && tail == 1)
        return ADDRESS_LOOPBACK;
    if ((in_range6(pieces, &private6[0]) || in_range6(pieces, &private6[1])) && tail >> 24 == 127)
        return ADDRESS_LOOPBACK;
    for (size_t i = 0; i < sizeof private6 / sizeof *private6; i++)
        if (in_range6(pieces, &private6[i]))
            return ADDRESS_PRIVATE;
    return ADDRESS_PUBLIC;
}

/* Copied out first: a sockaddr of a caller need not be aligned for the larger type. */
enum address_kind address_kind(const struct sockaddr *address, socklen_t size)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    uint16_t pieces[8];

    if (size >= sizeof v4 && address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        return kind_of_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (size < sizeof v6 || address->sa_family != AF_INET6)
        return ADDRESS_UNKNOWN;
    memcpy(&v6, address, sizeof v6);
    for (size_t i = 0; i < 8; i++)
        pieces[i] = (uint16_t) (v6.sin6_addr.s6_addr[2 * i] << 8 | v6.sin6_addr.s6_addr[2 * i + 1]);
    return kind_of_v6(pieces);
}

/* Only literal addresses say what they are; where a name leads is known when it is resolved. */
enum address_kind address_kind_of_host(struct slice host)
{
    uint16_t pieces[8];
    uint32_t v4;

    if (host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']')
        return url_host_ipv6(slice_sub(host, 1, host.size - 2), pieces, NULL) == STATUS_OK
                   ? kind_of_v6(pieces)
                   : ADDRESS_UNKNOWN;
    if (url_host_is_numeric(host))
        return url_host_ipv4(host, &v4, NULL) == STATUS_OK ? kind_of_v4(v4) : ADDRESS_UNKNOWN;
    if (host.size > 0 && host.data[host.size - 1] == '.')
        host.size--;
    if (slice_equal_nocase(host, SLICE("localhost")) ||
        (host.size > 10 &&
         slice_equal_nocase(slice_sub(host, host.size - 10, 10), SLICE(".localhost"))))
        return ADDRESS_LOOPBACK;
    return ADDRESS_UNKNOWN;
}
