#define _GNU_SOURCE /* memmem, whose time is linear */

#include "crawler/robots.h"

#include "base/util/arena.h"
#include "base/util/buf.h"
#include "crawler/charset_sniff.h"
#include "crawler/url_percent.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROBOTS_ARENA_MAX = 16 << 20,
    ROBOTS_TEXT_MAX = 2 * ROBOTS_SIZE_MAX, /* UTF-16 grows by half */
    ROBOTS_DELAY_MAX_MS = 24 * 3600 * 1000,
};

struct rule {
    struct rule *next;
    struct slice pattern;
    bool allow;
};

/* What one kind of group has said: those naming the agent, or those of "*". */
struct group {
    struct rule *rules; /* newest first: order does not matter */
    size_t count;
    int64_t delay_ms;
    bool seen;
};

struct robots {
    struct arena *arena;
    struct group *applies; /* &named or &general */
    struct group named;
    struct group general;
};

struct parser {
    struct robots *robots;
    struct slice agent;
    struct buf scratch;
    bool named;    /* the group being read names the agent … */
    bool general;  /* … or "*" */
    bool in_rules; /* a rule has come: the next User-agent begins a group */
    bool failed;   /* no memory */
};

static bool is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/* The product token at the front: "Foo/1.0 (x)" is Foo. */
static struct slice product_token(struct slice text)
{
    size_t size = 0;

    while (size < text.size && is_token(text.data[size]))
        size++;
    return slice_sub(text, 0, size);
}

/* Lines of agents in a row make one group; the first rule closes the list. Other lines do not, as
 * RFC 9309 says of sitemaps. */
static void read_agent(struct parser *parser, struct slice value)
{
    if (parser->in_rules)
        parser->named = parser->general = parser->in_rules = false;
    if (value.size > 0 && value.data[0] == '*' &&
        (value.size == 1 || value.data[1] == ' ' || value.data[1] == '\t')) {
        parser->general = true;
        parser->robots->general.seen = true;
    } else if (parser->agent.size > 0 && slice_equal_nocase(product_token(value), parser->agent)) {
        parser->named = true;
        parser->robots->named.seen = true;
    }
}

/* Hex digits of escapes in upper case, bytes outside ASCII as escapes, nothing else changed. */
static void put_pattern(struct buf *out, struct slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        bool escape = c == '%' && i + 2 < value.size && percent_hex(value.data[i + 1]) >= 0 &&
                      percent_hex(value.data[i + 2]) >= 0;
        if (escape) {
            buf_printf(out, "%%%X%X", (unsigned) percent_hex(value.data[i + 1]),
                       (unsigned) percent_hex(value.data[i + 2]));
            i += 2;
        } else if ((unsigned char) c >= 0x80) {
            buf_printf(out, "%%%02X", (unsigned) (unsigned char) c);
        } else {
            buf_putc(out, c);
        }
    }
}

/* A group that names both us and "*" gets a node for each. */
static void add_rule(struct parser *parser, struct group *group, struct slice pattern, bool allow)
{
    struct rule *rule = arena_alloc(parser->robots->arena, sizeof *rule);

    if (rule == NULL) {
        parser->failed = true;
        return;
    }
    *rule = (struct rule){group->rules, pattern, allow};
    group->rules = rule;
    group->count++;
}

/* An empty rule says nothing, one over the limit is not ours to guess at. */
static void read_rule(struct parser *parser, struct slice value, bool allow)
{
    struct slice pattern;

    parser->in_rules = true;
    if (!(parser->named || parser->general) || value.size == 0 || value.size > ROBOTS_RULE_MAX)
        return;
    buf_reset(&parser->scratch);
    put_pattern(&parser->scratch, value);
    pattern = arena_copy(parser->robots->arena, buf_slice(&parser->scratch));
    if (parser->scratch.failure != STATUS_OK || pattern.data == NULL) {
        parser->failed = true;
        return;
    }
    if (parser->named)
        add_rule(parser, &parser->robots->named, pattern, allow);
    if (parser->general)
        add_rule(parser, &parser->robots->general, pattern, allow);
}

/* "2", "0.5"; -1 if it is no number. */
static int64_t parse_delay(struct slice value)
{
    int64_t whole = 0, thousandths = 0, scale = 100;
    size_t at = 0;

    for (; at < value.size && value.data[at] >= '0' && value.data[at] <= '9'; at++)
        if (whole < ROBOTS_DELAY_MAX_MS)
            whole = whole * 10 + (value.data[at] - '0');
    if (at == 0)
        return -1;
    if (at < value.size && value.data[at] == '.')
        for (at++; at < value.size && value.data[at] >= '0' && value.data[at] <= '9'; at++) {
            thousandths += (value.data[at] - '0') * scale;
            scale /= 10;
        }
    if (at < value.size && value.data[at] != ' ' && value.data[at] != '\t')
        return -1;
    whole = whole * 1000 + thousandths;
    return whole > ROBOTS_DELAY_MAX_MS ? ROBOTS_DELAY_MAX_MS : whole;
}

/* The longest delay counts where groups disagree. */
static void read_delay(struct parser *parser, struct slice value)
{
    int64_t ms = parse_delay(value);

    if (parser->named && ms > parser->robots->named.delay_ms)
        parser->robots->named.delay_ms = ms;
    if (parser->general && ms > parser->robots->general.delay_ms)
        parser->robots->general.delay_ms = ms;
}

/* Cuts "key: value", or "key value" of exactly two words: a common slip. false: no such line. */
static bool split_line(struct slice line, struct slice *key, struct slice *value)
{
    size_t cut = slice_find(line, SLICE(":"));

    if (cut == line.size) {
        cut = 0;
        while (cut < line.size && line.data[cut] != ' ' && line.data[cut] != '\t')
            cut++;
        *value = slice_trim(slice_sub(line, cut, line.size));
        for (size_t i = 0; i < value->size; i++)
            if (value->data[i] == ' ' || value->data[i] == '\t')
                return false;
    } else {
        *value = slice_trim(slice_sub(line, cut + 1, line.size));
    }
    *key = slice_trim(slice_sub(line, 0, cut));
    return key->size > 0 && cut < line.size;
}

/* What is behind '#' is a comment even inside a value. */
static void read_line(struct parser *parser, struct slice line)
{
    struct slice key, value;

    line = slice_trim(slice_sub(line, 0, slice_find(line, SLICE("#"))));
    if (!split_line(line, &key, &value))
        return;
    if (slice_equal_nocase(key, SLICE("user-agent")))
        read_agent(parser, value);
    else if (slice_equal_nocase(key, SLICE("allow")))
        read_rule(parser, value, true);
    else if (slice_equal_nocase(key, SLICE("disallow")))
        read_rule(parser, value, false);
    else if (slice_equal_nocase(key, SLICE("crawl-delay")))
        read_delay(parser, value);
}

/* CR, LF and CRLF all end lines; the empty line between CR and LF is harmless. */
static void read_lines(struct parser *parser, struct slice text)
{
    while (text.size > 0) {
        size_t end = 0;
        while (end < text.size && text.data[end] != '\n' && text.data[end] != '\r')
            end++;
        read_line(parser, slice_sub(text, 0, end));
        text = slice_sub(text, end + 1, text.size);
    }
}

/* The text in UTF-8 without its byte-order mark; other encodings stay as they are. */
static enum status decode(struct slice text, struct buf *out, struct error *err)
{
    size_t bom = 0;
    size_t replaced = 0;
    const struct charset *charset = charset_of_bom(text, &bom);

    if (charset != NULL && charset != charset_find(SLICE("utf-8")))
        return charset_decode(text, charset, out, &replaced, err);
    buf_append(out, slice_sub(text, bom, text.size));
    return buf_status(out, err);
}

/* A page of HTML answers for every path on many sites: it has no groups, so all is allowed. */
static enum status read_all(struct robots *robots, struct slice text, struct slice agent,
                            struct error *err)
{
    struct parser parser = {.robots = robots, .agent = product_token(agent)};
    struct buf decoded;
    enum status status;

    buf_init(&parser.scratch, 3 * (size_t) ROBOTS_RULE_MAX);
    buf_init(&decoded, ROBOTS_TEXT_MAX);
    status = decode(slice_sub(text, 0, ROBOTS_SIZE_MAX), &decoded, err);
    text = slice_trim(buf_slice(&decoded));
    if (status == STATUS_OK && !slice_starts(text, SLICE("<")))
        read_lines(&parser, text);
    if (status == STATUS_OK && parser.failed)
        status = error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    robots->applies = robots->named.seen ? &robots->named : &robots->general;
    buf_fini(&decoded);
    buf_fini(&parser.scratch);
    return status;
}

enum status robots_create(struct slice text, struct slice agent, struct robots **robots,
                          struct error *err)
{
    struct robots *made = calloc(1, sizeof *made);
    enum status status;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    made->named.delay_ms = made->general.delay_ms = -1;
    made->arena = arena_create(ROBOTS_ARENA_MAX);
    if (made->arena == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for robots.txt");
    else
        status = read_all(made, text, agent, err);
    if (status != STATUS_OK)
        robots_destroy(made);
    else
        *robots = made;
    return status;
}

void robots_destroy(struct robots *robots)
{
    if (robots == NULL)
        return;
    arena_destroy(robots->arena);
    free(robots);
}

/* Path and query of a URL, or what was given if it starts with '/'. */
static struct slice target_of(struct slice url)
{
    size_t scheme = slice_find(url, SLICE("://"));

    if (!slice_starts(url, SLICE("/")) && scheme < url.size) {
        url = slice_sub(url, scheme + 3, url.size);
        while (url.size > 0 && url.data[0] != '/' && url.data[0] != '?' && url.data[0] != '#')
            url = slice_sub(url, 1, url.size);
    }
    return slice_sub(url, 0, slice_find(url, SLICE("#")));
}

/* Cuts the part before the next '*' off; *more tells whether a '*' stood behind it. */
static struct slice next_piece(struct slice *pattern, bool *more)
{
    size_t star = slice_find(*pattern, SLICE("*"));
    struct slice piece = slice_sub(*pattern, 0, star);

    *more = star < pattern->size;
    *pattern = slice_sub(*pattern, star + 1, pattern->size);
    return piece;
}

/* The pieces between stars are looked for one behind the other, each as early as possible. */
static bool matches(struct slice pattern, struct slice path)
{
    bool anchored = slice_ends(pattern, SLICE("$"));
    bool more;
    struct slice piece;

    if (anchored)
        pattern.size--;
    piece = next_piece(&pattern, &more);
    if (!slice_starts(path, piece))
        return false;
    path = slice_sub(path, piece.size, path.size);
    if (!more)
        return !anchored || path.size == 0;
    for (;;) {
        const char *found;
        piece = next_piece(&pattern, &more);
        if (!more && anchored)
            return slice_ends(path, piece);
        found = piece.size == 0 ? path.data : memmem(path.data, path.size, piece.data, piece.size);
        if (!more || (found == NULL && piece.size > 0))
            return piece.size == 0 || found != NULL;
        path = slice_sub(path, (size_t) (found - path.data) + piece.size, path.size);
    }
}

/* RFC 9309: the longest match decides, Allow wins a tie, no match allows. */
bool robots_allows(const struct robots *robots, struct slice url)
{
    struct slice path = target_of(url);
    size_t allow = 0, disallow = 0; /* length of the longest matching pattern */

    if (path.size == 0)
        path = SLICE("/");
    if (slice_equal(path, SLICE("/robots.txt")))
        return true;
    for (const struct rule *rule = robots->applies->rules; rule != NULL; rule = rule->next) {
        size_t *longest = rule->allow ? &allow : &disallow;
        if (rule->pattern.size > *longest && matches(rule->pattern, path))
            *longest = rule->pattern.size;
    }
    return disallow <= allow;
}

int64_t robots_crawl_delay_ms(const struct robots *robots)
{
    return robots->applies->delay_ms;
}
