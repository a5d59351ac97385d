#include "crawler/url.h"

#include "crawler/url_host.h"
#include "crawler/url_path.h"
#include "crawler/url_percent.h"

#include <string.h>

enum { PARTS = 6 }; /* of a URL that are texts of their own: user … fragment */

/* A URL in the making. Its parts are written one behind the other into `out`; spans are turned into
 * slices at the end, since the buf may move while it grows. */
/* A part of the URL being written: where, how long, and whether it is there at all. */
struct span {
    size_t at;
    size_t size;
    bool present;
};

struct draft {
    struct buf out;
    struct span user, password, host, path, query, fragment;
    bool https;
    int64_t port; /* -1: the scheme's default */
};

/* Special schemes take both. */
static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

/* strchr finds its own end in any set: NUL must be looked at first. */
static size_t find_any(struct slice text, const char *set)
{
    size_t at = 0;

    while (at < text.size && (text.data[at] == '\0' || strchr(set, text.data[at]) == NULL))
        at++;
    return at;
}

/* Valid until the buf grows. */
static struct slice span_slice(const struct draft *draft, struct span span)
{
    return slice_sub(buf_slice(&draft->out), span.at, span.size);
}

/* Appends encoded text as a part of its own. */
static struct span put_part(struct draft *draft, struct slice text, enum percent_set set)
{
    size_t at = draft->out.size;

    percent_encode(&draft->out, text, set);
    return (struct span){at, draft->out.size - at, true};
}

/* From a base, whose parts are encoded already. */
static struct span copy_part(struct draft *draft, struct slice text)
{
    size_t at = draft->out.size;

    buf_append(&draft->out, text);
    return (struct span){at, text.size, text.data != NULL};
}

/* Length of "scheme:" at the front, 0 if there is none. */
static size_t scheme_size(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (i > 0 && c == ':')
            return i + 1;
        if (!letter && !(i > 0 && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
            return 0;
    }
    return 0;
}

/* Other schemes parse by other rules, which nobody here needs. */
static enum status read_scheme(struct slice scheme, struct draft *draft, struct error *err)
{
    draft->https = slice_equal_nocase(scheme, SLICE("https:"));
    if (!draft->https && !slice_equal_nocase(scheme, SLICE("http:")))
        return error_set(err, STATUS_UNSUPPORTED, "scheme '%.*s' is not http or https",
                         SLICE_ARG(slice_sub(scheme, 0, scheme.size - 1)));
    return STATUS_OK;
}

static int64_t default_port(const struct draft *draft)
{
    return draft->https ? 443 : 80;
}

/* No digits at all is the default port; zeros in front are fine. */
static enum status read_port(struct slice text, struct draft *draft, struct error *err)
{
    int64_t port = 0;

    draft->port = -1;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return error_set(err, STATUS_INVALID, "port '%.*s' is no number",
                             SLICE_ARG(slice_sub(text, 0, 40)));
        port = port * 10 + (text.data[i] - '0');
        if (port > UINT16_MAX)
            return error_set(err, STATUS_INVALID, "port over 65535");
    }
    if (text.size > 0 && port != default_port(draft))
        draft->port = port;
    return STATUS_OK;
}

/* The last '@' ends them, the first ':' divides them; all between is encoded. */
static void read_credentials(struct slice text, struct draft *draft)
{
    size_t colon = find_any(text, ":");

    draft->user = put_part(draft, slice_sub(text, 0, colon), PERCENT_USERINFO);
    draft->password = put_part(draft, slice_sub(text, colon + 1, text.size), PERCENT_USERINFO);
}

/* Where the port's colon stands: the first one outside brackets. */
static size_t find_port(struct slice text)
{
    bool inside = false;

    for (size_t i = 0; i < text.size; i++) {
        inside = text.data[i] == '[' || (inside && text.data[i] != ']');
        if (text.data[i] == ':' && !inside)
            return i;
    }
    return text.size;
}

/* user:password@host:port at the front of *rest. */
static enum status read_authority(struct slice *rest, struct draft *draft, struct error *err)
{
    size_t end = find_any(*rest, "/\\?#");
    struct slice authority = slice_sub(*rest, 0, end);
    size_t at = authority.size;
    size_t colon, start;
    enum status status;

    *rest = slice_sub(*rest, end, rest->size);
    while (at > 0 && authority.data[at - 1] != '@')
        at--;
    if (at > 0)
        read_credentials(slice_sub(authority, 0, at - 1), draft);
    authority = slice_sub(authority, at, authority.size);
    colon = find_port(authority);
    start = draft->out.size;
    status = url_host_parse(slice_sub(authority, 0, colon), &draft->out, err);
    draft->host = (struct span){start, draft->out.size - start, true};
    if (status == STATUS_OK)
        status = read_port(slice_sub(authority, colon + 1, authority.size), draft, err);
    return status;
}

/* The path: `kept` comes from the base without its last segment. */
static void read_path(struct draft *draft, struct slice kept, struct slice text)
{
    size_t start = draft->out.size;

    url_path_put(&draft->out, kept, text);
    draft->path = (struct span){start, draft->out.size - start, true};
}

static void read_tail(struct draft *draft, struct slice query, struct slice fragment)
{
    if (query.data != NULL)
        draft->query = put_part(draft, query, PERCENT_QUERY);
    if (fragment.data != NULL)
        draft->fragment = put_part(draft, fragment, PERCENT_FRAGMENT);
}

/* Cuts "?query" and "#fragment" off *rest; data NULL where there is none. */
static void cut_tail(struct slice *rest, struct slice *query, struct slice *fragment)
{
    size_t hash = find_any(*rest, "#");
    size_t question;

    *query = *fragment = (struct slice){NULL, 0};
    if (hash < rest->size)
        *fragment = slice_sub(*rest, hash + 1, rest->size);
    *rest = slice_sub(*rest, 0, hash);
    question = find_any(*rest, "?");
    if (question < rest->size)
        *query = slice_sub(*rest, question + 1, rest->size);
    *rest = slice_sub(*rest, 0, question);
}

static struct slice without_leading_slash(struct slice path)
{
    return path.size > 0 && is_slash(path.data[0]) ? slice_sub(path, 1, path.size) : path;
}

/* Behind "//": authority, path, query, fragment. */
static enum status read_absolute(struct slice rest, struct draft *draft, struct error *err)
{
    struct slice query = {NULL, 0}, fragment = {NULL, 0};
    enum status status;

    while (rest.size > 0 && is_slash(rest.data[0]))
        rest = slice_sub(rest, 1, rest.size);
    status = read_authority(&rest, draft, err);
    if (status != STATUS_OK)
        return status;
    cut_tail(&rest, &query, &fragment);
    read_path(draft, (struct slice){"", 0}, without_leading_slash(rest));
    read_tail(draft, query, fragment);
    return STATUS_OK;
}

/* A relative URL takes everything up to the path from its base, the scheme included. */
static void copy_authority(struct draft *draft, const struct url *base)
{
    draft->https = slice_equal(base->scheme, SLICE("https"));
    draft->user = copy_part(draft, base->user);
    draft->password = copy_part(draft, base->password);
    draft->host = copy_part(draft, base->host);
    draft->port = base->port == default_port(draft) ? -1 : base->port;
}

/* Query and fragment are cut first: slashes in them are no path. */
static enum status read_relative(struct slice rest, const struct url *base, struct draft *draft,
                                 struct error *err)
{
    struct slice query = {NULL, 0}, fragment = {NULL, 0};

    if (rest.size >= 2 && is_slash(rest.data[0]) && is_slash(rest.data[1])) {
        draft->https = slice_equal(base->scheme, SLICE("https"));
        return read_absolute(rest, draft, err);
    }
    copy_authority(draft, base);
    cut_tail(&rest, &query, &fragment);
    if (rest.size == 0) {
        draft->path = copy_part(draft, base->path);
        if (query.data == NULL)
            draft->query = copy_part(draft, base->query);
    } else if (is_slash(rest.data[0])) {
        read_path(draft, (struct slice){"", 0}, slice_sub(rest, 1, rest.size));
    } else {
        read_path(draft, url_path_folder(base->path), rest);
    }
    read_tail(draft, query, fragment);
    return STATUS_OK;
}

/* "http:x" under a base of the same scheme is relative, a relic that the standard keeps. */
static enum status read_url(struct slice text, const struct url *base, struct draft *draft,
                            struct error *err)
{
    size_t scheme = scheme_size(text);
    struct slice rest = slice_sub(text, scheme, text.size);
    enum status status;

    if (scheme > 0) {
        status = read_scheme(slice_sub(text, 0, scheme), draft, err);
        if (status != STATUS_OK)
            return status;
        if (base == NULL || draft->https != slice_equal(base->scheme, SLICE("https")) ||
            slice_starts(rest, SLICE("//")))
            return read_absolute(rest, draft, err);
    }
    if (base == NULL)
        return error_set(err, STATUS_INVALID, "relative URL without a base");
    return read_relative(rest, base, draft, err);
}

/* The one serialiser, for href and key alike. */
static void put_href(struct buf *out, const struct url *url, bool default_port_used)
{
    buf_append(out, url->scheme);
    buf_puts(out, "://");
    if (url->user.size > 0 || url->password.size > 0) {
        buf_append(out, url->user);
        if (url->password.size > 0) {
            buf_putc(out, ':');
            buf_append(out, url->password);
        }
        buf_putc(out, '@');
    }
    buf_append(out, url->host);
    if (!default_port_used)
        buf_printf(out, ":%u", url->port);
    buf_append(out, url->path);
    if (url->query.data != NULL) {
        buf_putc(out, '?');
        buf_append(out, url->query);
    }
    if (url->fragment.data != NULL) {
        buf_putc(out, '#');
        buf_append(out, url->fragment);
    }
}

/* Absent and empty differ: "http://a/?" has a query, "http://a/" has none. */
static struct slice part_of(const struct draft *draft, struct span span)
{
    struct slice part = span_slice(draft, span);

    if (!span.present)
        part = (struct slice){NULL, 0};
    else if (part.data == NULL)
        part.data = "";
    return part;
}

/* The parts as slices of the draft's own buf. */
static struct url url_of_draft(const struct draft *draft)
{
    return (struct url){
        .scheme = draft->https ? SLICE("https") : SLICE("http"),
        .user = part_of(draft, draft->user),
        .password = part_of(draft, draft->password),
        .host = part_of(draft, draft->host),
        .port = (uint16_t) (draft->port < 0 ? default_port(draft) : draft->port),
        .path = part_of(draft, draft->path),
        .query = part_of(draft, draft->query),
        .fragment = part_of(draft, draft->fragment),
    };
}

/* href in the arena, and every part as a piece of it. */
static enum status give_url(const struct draft *draft, struct arena *arena, struct url *url,
                            struct error *err)
{
    struct url made = url_of_draft(draft);
    struct slice *parts[PARTS] = {&made.user, &made.password, &made.host,
                                  &made.path, &made.query,    &made.fragment};
    struct buf href;
    enum status status;

    buf_init(&href, (size_t) URL_MAX * 8);
    put_href(&href, &made, draft->port < 0);
    status = buf_status(&href, err);
    made.href = arena_copy(arena, buf_slice(&href));
    buf_fini(&href);
    if (status == STATUS_OK && made.href.data == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for a URL");
    for (size_t i = 0; status == STATUS_OK && i < PARTS; i++) {
        if (parts[i]->data == NULL)
            continue;
        *parts[i] = arena_copy(arena, *parts[i]);
        if (parts[i]->data == NULL)
            status = error_set(err, STATUS_NOMEM, "no memory for a URL");
    }
    if (status == STATUS_OK)
        *url = made;
    return status;
}

/* Buffers are larger than URL_MAX because encoding makes one byte three. */
enum status url_parse(struct slice input, const struct url *base, struct arena *arena,
                      struct url *url, struct error *err)
{
    struct draft draft = {.port = -1};
    struct buf clean;
    enum status status;

    if (input.size > URL_MAX)
        return error_set(err, STATUS_TOO_LARGE, "URL of %zu bytes, more than %d", input.size,
                         URL_MAX);
    buf_init(&clean, (size_t) URL_MAX * 3);
    buf_init(&draft.out, (size_t) URL_MAX * 8);
    percent_clean(&clean, input);
    status = buf_status(&clean, err);
    if (status == STATUS_OK)
        status = read_url(buf_slice(&clean), base, &draft, err);
    if (status == STATUS_OK)
        status = buf_status(&draft.out, err);
    if (status == STATUS_OK)
        status = give_url(&draft, arena, url, err);
    buf_fini(&clean);
    buf_fini(&draft.out);
    return status;
}

/* The effective port does not tell whether it was written; the scheme does. */
static bool has_default_port(const struct url *url)
{
    return url->port == (slice_equal(url->scheme, SLICE("https")) ? 443 : 80);
}

/* Whatever is never sent is left out of the identity. */
enum status url_key(const struct url *url, struct arena *arena, struct slice *key,
                    struct error *err)
{
    struct url sent = *url;
    struct buf plain, out;
    struct slice copy = {NULL, 0};
    enum status status;

    sent.user = sent.password = sent.fragment = (struct slice){NULL, 0};
    if (sent.query.size == 0)
        sent.query = sent.user;
    buf_init(&plain, (size_t) URL_MAX * 8);
    buf_init(&out, URL_MAX);
    put_href(&plain, &sent, has_default_port(url));
    percent_normalise(&out, buf_slice(&plain));
    status = buf_status(&out, err);
    if (status == STATUS_OK)
        copy = arena_copy(arena, buf_slice(&out));
    buf_fini(&plain);
    buf_fini(&out);
    if (status == STATUS_OK && copy.data == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a URL");
    if (status == STATUS_OK)
        *key = copy;
    return status;
}

/* Both steps for callers that have texts only. */
enum status url_canonical(struct slice input, struct slice base, struct arena *arena,
                          struct slice *key, struct error *err)
{
    struct url url = {.port = 0}, base_url = {.port = 0};
    enum status status;

    if (base.size > 0) {
        status = url_parse(base, NULL, arena, &base_url, err);
        if (status != STATUS_OK)
            return error_prefix(err, status, "base URL");
    }
    status = url_parse(input, base.size > 0 ? &base_url : NULL, arena, &url, err);
    return status == STATUS_OK ? url_key(&url, arena, key, err) : status;
}

/* Always with its port: robots.txt is per port, too. */
struct slice url_origin(const struct url *url, struct arena *arena)
{
    return slice_from(arena_printf(arena, "%.*s://%.*s:%u", SLICE_ARG(url->scheme),
                                   SLICE_ARG(url->host), url->port));
}
