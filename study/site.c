#include "study/site.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { HTTP_PORT = 80, HTTPS_PORT = 443, LABEL_MAX = 63 };

static char lower(char c)
{
    return (char) (c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Copies a host into a C string; false if it is too long. */
static bool host_text(struct slice host, char text[SITE_HOST_MAX + 1])
{
    if (host.size == 0 || host.size > SITE_HOST_MAX)
        return false;
    memcpy(text, host.data, host.size);
    text[host.size] = 0;
    return true;
}

static bool parse_ipv4(struct slice host, uint32_t *address)
{
    char text[SITE_HOST_MAX + 1];
    struct in_addr parsed;

    if (!host_text(host, text) || inet_pton(AF_INET, text, &parsed) != 1)
        return false;
    *address = ntohl(parsed.s_addr);
    return true;
}

static bool parse_ipv6(struct slice host, struct in6_addr *address)
{
    char text[SITE_HOST_MAX + 1];

    return host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']' &&
           host_text(slice_sub(host, 1, host.size - 2), text) &&
           inet_pton(AF_INET6, text, address) == 1;
}

static enum host_kind kind_of_ipv4(uint32_t a)
{
    if (a >> 24 == 127)
        return HOST_LOOPBACK;
    /* 10/8, 0/8, 172.16/12, 192.168/16, 169.254/16 (link-local), 100.64/10 (shared). */
    if (a >> 24 == 10 || a >> 24 == 0 || a >> 20 == 0xAC1 || a >> 16 == 0xC0A8 ||
        a >> 16 == 0xA9FE || a >> 22 == 0x191)
        return HOST_PRIVATE;
    return HOST_PUBLIC;
}

static enum host_kind kind_of_ipv6(const struct in6_addr *address)
{
    const unsigned char *b = address->s6_addr;

    if (IN6_IS_ADDR_LOOPBACK(address))
        return HOST_LOOPBACK;
    /* ::ffff:127.0.0.1 goes where 127.0.0.1 goes. */
    if (IN6_IS_ADDR_V4MAPPED(address))
        return kind_of_ipv4((uint32_t) b[12] << 24 | (uint32_t) b[13] << 16 |
                            (uint32_t) b[14] << 8 | b[15]);
    if ((b[0] & 0xFE) == 0xFC || (b[0] == 0xFE && (b[1] & 0xC0) == 0x80) ||
        IN6_IS_ADDR_UNSPECIFIED(address))
        return HOST_PRIVATE;
    return HOST_PUBLIC;
}

enum host_kind site_host_kind(struct slice host)
{
    struct in6_addr six;
    uint32_t four;

    if (parse_ipv4(host, &four))
        return kind_of_ipv4(four);
    if (parse_ipv6(host, &six))
        return kind_of_ipv6(&six);
    return site_covers(SLICE("localhost"), host) ? HOST_LOOPBACK : HOST_PUBLIC;
}

static bool label_good(struct slice label)
{
    for (size_t i = 0; i < label.size; i++) {
        char c = lower(label.data[i]);
        if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return label.size > 0 && label.size <= LABEL_MAX;
}

bool site_host_good(struct slice host)
{
    struct slice rest = host;
    struct slice label = {NULL, 0};
    struct in6_addr six;
    uint32_t four;

    if (host.size == 0 || host.size > SITE_HOST_MAX)
        return false;
    if (host.data[0] == '[')
        return parse_ipv6(host, &six);
    while (rest.data != NULL) {
        label = slice_split(&rest, '.');
        if (!label_good(label))
            return false;
    }
    /* A name whose last label is a number is read as an IPv4 address by every browser. */
    return !is_digit(label.data[0]) || parse_ipv4(host, &four);
}

bool site_covers(struct slice suffix, struct slice host)
{
    size_t skip = host.size - suffix.size;

    if (suffix.size == 0 || suffix.size > host.size ||
        !slice_equal_nocase(slice_sub(host, skip, suffix.size), suffix))
        return false;
    return skip == 0 || host.data[skip - 1] == '.';
}

/* Cuts "scheme://" off; the scheme's port, 0 if it is neither http nor https. */
static uint16_t cut_scheme(struct slice *url)
{
    if (url->size >= 7 && slice_equal_nocase(slice_sub(*url, 0, 7), SLICE("http://"))) {
        *url = slice_sub(*url, 7, url->size);
        return HTTP_PORT;
    }
    if (url->size >= 8 && slice_equal_nocase(slice_sub(*url, 0, 8), SLICE("https://"))) {
        *url = slice_sub(*url, 8, url->size);
        return HTTPS_PORT;
    }
    return 0;
}

/* Cuts the authority off; what is left begins with '/', '?' or '#', or is empty. */
static struct slice cut_authority(struct slice *url)
{
    struct slice whole = *url;
    size_t end = 0;

    /* Browsers take a backslash for a slash, so it ends a host here too. */
    while (end < whole.size && strchr("/?#\\", whole.data[end]) == NULL)
        end++;
    *url = slice_sub(whole, end, whole.size);
    return slice_sub(whole, 0, end);
}

/* Splits host[:port]; false if the port is bad. An empty port is the scheme's. */
static bool split_port(struct slice authority, struct slice *host, uint16_t *port)
{
    size_t colon = authority.size;
    uint64_t number;

    while (colon > 0 && is_digit(authority.data[colon - 1]))
        colon--;
    *host = authority;
    if (colon == 0 || authority.data[colon - 1] != ':')
        return true;
    *host = slice_sub(authority, 0, colon - 1);
    if (colon == authority.size)
        return true;
    if (slice_to_uint(slice_sub(authority, colon, authority.size), 1, UINT16_MAX, &number, NULL))
        return false;
    *port = (uint16_t) number;
    return true;
}

bool site_of_url(struct slice url, struct slice *host, uint16_t *port)
{
    uint16_t number = cut_scheme(&url);
    struct slice authority = cut_authority(&url);
    struct slice name;
    size_t user = authority.size;

    if (number == 0)
        return false;
    /* The last '@' counts: what stands before it is a user's name, whatever host it looks like. */
    while (user > 0 && authority.data[user - 1] != '@')
        user--;
    authority = slice_sub(authority, user, authority.size);
    if (!split_port(authority, &name, &number))
        number = 0;
    if (name.size == 0)
        return false;
    *host = name;
    *port = number;
    return true;
}

static struct slice without_slashes(struct slice path)
{
    while (path.size > 0 && path.data[path.size - 1] == '/')
        path.size--;
    return path;
}

static enum status build(struct site *site, bool https, struct slice path, struct arena *arena,
                         struct error *err)
{
    char host[SITE_HOST_MAX + 1];
    char port[8] = "";
    char *text;

    for (size_t i = 0; i < site->host.size; i++)
        host[i] = lower(site->host.data[i]);
    host[site->host.size] = 0;
    if (site->port_given)
        (void) snprintf(port, sizeof port, ":%u", site->port);
    text =
        arena_printf(arena, "%s://%s%s%.*s", https ? "https" : "http", host, port, SLICE_ARG(path));
    if (text == NULL)
        return error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    site->text = slice_from(text);
    site->host = arena_copy(arena, slice_from(host));
    if (site->host.data == NULL)
        return error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    return STATUS_OK;
}

enum status site_parse(struct slice text, struct arena *arena, struct site *site, struct error *err)
{
    struct slice rest = text;
    struct site parsed = {.port = cut_scheme(&rest)};
    bool https = parsed.port == HTTPS_PORT;
    uint16_t default_port = parsed.port;
    struct slice authority = cut_authority(&rest);
    enum status status;

    if (default_port == 0)
        return error_set(err, STATUS_INVALID,
                         "'%.*s' must begin with http:// or https:// (https://www.example.gov.cn)",
                         SLICE_ARG(text));
    if (!split_port(authority, &parsed.host, &parsed.port))
        return error_set(err, STATUS_INVALID, "'%.*s' has a port that is none (1 to 65535)",
                         SLICE_ARG(text));
    if (!site_host_good(parsed.host))
        return error_set(err, STATUS_INVALID,
                         "'%.*s' has no good host name (letters, digits, '-', '.'; others as "
                         "xn--…)",
                         SLICE_ARG(text));
    if (slice_contains(rest, SLICE("?")) || slice_contains(rest, SLICE("#")) ||
        slice_contains(rest, SLICE(" ")))
        return error_set(err, STATUS_INVALID,
                         "'%.*s' is more than a site (what follows the host belongs into the "
                         "platform's url)",
                         SLICE_ARG(text));
    parsed.port_given = parsed.port != default_port;
    status = build(&parsed, https, without_slashes(rest), arena, err);
    if (status == STATUS_OK)
        *site = parsed;
    return status;
}
