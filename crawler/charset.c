#include "crawler/charset.h"

#include "crawler/charset_decode.h"
#include "crawler/charset_sniff.h"
#include "crawler/utf8.h"

#include <string.h>

enum {
    CANDIDATES_MAX = 6,
    SURELY_UTF8 = 10, /* valid sequences that no other encoding's text has by chance */
};

/* Linear over some 230 labels: it runs a few times a page. */
const struct charset *charset_find(struct slice label)
{
    label = slice_trim(label);
    for (size_t i = 0; i < charset_row_count; i++) {
        struct slice rest = slice_from(charset_rows[i].labels);
        while (rest.data != NULL)
            if (slice_equal_nocase(slice_split(&rest, ' '), label))
                return label.size == 0 ? NULL : &charset_rows[i];
    }
    return NULL;
}

const char *charset_name(const struct charset *charset)
{
    return charset->name;
}

/* Decodes without a look at byte-order marks. */
static enum status decode_exactly(struct slice bytes, const struct charset *charset,
                                  struct buf *out, size_t *bad, struct error *err)
{
    enum status status;

    ENSURE(charset != NULL);
    *bad = charset_decode_with(charset, bytes, out, &status);
    if (status != STATUS_OK)
        return error_set(err, status, "this system's iconv lacks %s", charset->name);
    return buf_status(out, err);
}

/* The standard's "decode": a byte-order mark beats everything, even an explicit label. */
enum status charset_decode(struct slice bytes, const struct charset *charset, struct buf *out,
                           size_t *replaced, struct error *err)
{
    size_t mark, bad = 0;
    const struct charset *marked = charset_of_bom(bytes, &mark);
    enum status status = decode_exactly(slice_sub(bytes, mark, bytes.size),
                                        marked != NULL ? marked : charset, out, &bad, err);

    if (status == STATUS_OK)
        *replaced += bad;
    return status;
}

/* Charsets to try, each once, most credible first. */
struct candidates {
    const struct charset *list[CANDIDATES_MAX];
    size_t count;
};

/* NULL and repeats are passed over, so callers need not look. */
static void add_candidate(struct candidates *candidates, const struct charset *charset)
{
    for (size_t i = 0; i < candidates->count; i++)
        if (candidates->list[i] == charset)
            return;
    if (charset != NULL)
        candidates->list[candidates->count++] = charset;
}

/* What to try, most credible first. `meta` and `header` may be NULL. */
static struct candidates find_candidates(struct slice bytes, const struct charset *header,
                                         const struct charset *meta)
{
    const struct charset *latin = charset_find(SLICE("windows-1252"));
    const struct charset *utf8 = charset_find(SLICE("utf-8"));
    bool latin_only = (header == NULL || header == latin) && (meta == NULL || meta == latin);
    bool undeclared = header == NULL && meta == NULL;
    struct candidates candidates = {.count = 0};
    size_t multibyte;
    bool valid = utf8_count_bad(bytes, &multibyte) == 0;

    if (valid && (multibyte >= SURELY_UTF8 || undeclared || (latin_only && multibyte > 0)))
        add_candidate(&candidates, utf8);
    /* Latin-1 takes any bytes, so it never loses: it is believed last. */
    if (header != latin)
        add_candidate(&candidates, header);
    if (meta != latin)
        add_candidate(&candidates, meta);
    if (candidates.count > 0)
        add_candidate(&candidates, utf8);
    if (candidates.count > 0 || charset_looks_chinese(bytes))
        add_candidate(&candidates, charset_find(SLICE("gb18030")));
    if (candidates.count == 0 || header == latin || meta == latin)
        add_candidate(&candidates, latin);
    return candidates;
}

/* The base for what is tolerated: ASCII is right in every charset and proves nothing. */
static size_t count_high(struct slice bytes)
{
    size_t high = 0;

    for (size_t i = 0; i < bytes.size; i++)
        high += (unsigned char) bytes.data[i] >= 0x80;
    return high;
}

/* Decodes with the first candidate that fits, else with the one that fits least badly. */
static enum status try_candidates(struct slice bytes, const struct candidates *candidates,
                                  struct buf *out, struct charset_result *result, struct error *err)
{
    size_t start = out->size;
    size_t tolerated = count_high(bytes) / CHARSET_TOLERANCE;
    size_t best = 0, least = SIZE_MAX, bad = 0, at;
    enum status status = STATUS_OK;

    for (at = 0; status == STATUS_OK && at < candidates->count; at++) {
        buf_truncate(out, start);
        status = decode_exactly(bytes, candidates->list[at], out, &bad, err);
        if (bad < least) {
            best = at;
            least = bad;
        }
        if (bad <= tolerated)
            break;
    }
    /* None fitted: the least bad one is decoded again unless it was the last. */
    if (status == STATUS_OK && at == candidates->count && best != at - 1) {
        buf_truncate(out, start);
        status = decode_exactly(bytes, candidates->list[best], out, &bad, err);
    }
    if (status == STATUS_OK) {
        result->charset = candidates->list[best];
        result->replaced = least;
    }
    return status;
}

/* A marked page has one candidate only; it cannot lose to what a <meta> says. */
enum status charset_decode_page(struct slice bytes, struct slice content_type, struct buf *out,
                                struct charset_result *result, struct error *err)
{
    size_t mark;
    const struct charset *marked = charset_of_bom(bytes, &mark);
    const struct charset *header = charset_of_content_type(content_type);
    const struct charset *meta = charset_prescan(bytes);
    struct candidates candidates = {.count = 0};
    struct charset_result made = {NULL, NULL, 0};
    enum status status;

    if (marked != NULL)
        add_candidate(&candidates, marked);
    else
        candidates = find_candidates(bytes, header, meta);
    made.declared = marked != NULL ? marked : header != NULL ? header : meta;
    status = try_candidates(slice_sub(bytes, mark, bytes.size), &candidates, out, &made, err);
    if (status == STATUS_OK)
        *result = made;
    return status;
}
