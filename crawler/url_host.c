#include "crawler/url_host.h"

#include "crawler/url.h"
#include "crawler/url_percent.h"
#include "crawler/utf8.h"

#include <string.h>
#include <unicode/uidna.h>

/* The standard's forbidden domain code points; '%' and controls included. */
static bool is_forbidden(unsigned char byte)
{
    return byte <= ' ' || byte == 0x7F || strchr("#%/:<>?@[\\]^|", byte) != NULL;
}

/* Quotes at most 200 bytes: hosts come from pages. */
static enum status invalid_host(struct slice host, const char *why, struct error *err)
{
    return error_set(err, STATUS_INVALID, "host '%.*s': %s", SLICE_ARG(slice_sub(host, 0, 200)),
                     why);
}

/* One IPv4 part: decimal, 0x… or 0…; "0x" alone is 0. */
static bool ipv4_number(struct slice text, uint64_t *number)
{
    unsigned base = 10;

    if (text.size == 0)
        return false;
    if (text.size >= 2 && text.data[0] == '0' && (text.data[1] == 'x' || text.data[1] == 'X')) {
        base = 16;
        text = slice_sub(text, 2, text.size);
    } else if (text.size >= 2 && text.data[0] == '0') {
        base = 8;
        text = slice_sub(text, 1, text.size);
    }
    *number = 0;
    for (size_t i = 0; i < text.size; i++) {
        int digit = percent_hex(text.data[i]);
        if (digit < 0 || (unsigned) digit >= base)
            return false;
        *number = *number * base + (unsigned) digit;
        if (*number > UINT32_MAX)
            *number = (uint64_t) UINT32_MAX + 1; /* saturated: too large whatever follows */
    }
    return true;
}

/* One dot at the end is the root; two are an empty label. */
static struct slice without_last_dot(struct slice host)
{
    if (host.size > 0 && host.data[host.size - 1] == '.')
        host.size--;
    return host;
}

/* Only the last label counts: no top-level domain is a number. */
bool url_host_is_numeric(struct slice host)
{
    struct slice rest = without_last_dot(host);
    struct slice label = {NULL, 0};
    uint64_t number;
    bool digits;

    while (rest.data != NULL)
        label = slice_split(&rest, '.');
    digits = label.size > 0;
    for (size_t i = 0; i < label.size; i++)
        digits = digits && label.data[i] >= '0' && label.data[i] <= '9';
    return digits || ipv4_number(label, &number);
}

/* The last part fills all bytes that are left: 1.772 is 1.0.3.4. */
enum status url_host_ipv4(struct slice text, uint32_t *address, struct error *err)
{
    struct slice rest = without_last_dot(text);
    uint64_t parts[4];
    uint64_t value = 0;
    size_t count = 0;

    while (rest.data != NULL) {
        if (count == 4 || !ipv4_number(slice_split(&rest, '.'), &parts[count]))
            return invalid_host(text, "not an IPv4 address", err);
        count++;
    }
    if (count == 0 || parts[count - 1] >= (uint64_t) 1 << (8 * (5 - count)))
        return invalid_host(text, "IPv4 address too large", err);
    for (size_t i = 0; i + 1 < count; i++) {
        if (parts[i] > 255)
            return invalid_host(text, "IPv4 part over 255", err);
        value |= parts[i] << (8 * (3 - i));
    }
    *address = (uint32_t) (value | parts[count - 1]);
    return STATUS_OK;
}

/* Up to four hex digits; moves the text on. */
static size_t read_piece(struct slice *text, uint16_t *piece)
{
    size_t digits = 0;
    unsigned value = 0;

    while (digits < 4 && digits < text->size && percent_hex(text->data[digits]) >= 0)
        value = value * 16 + (unsigned) percent_hex(text->data[digits++]);
    *text = slice_sub(*text, digits, text->size);
    *piece = (uint16_t) value;
    return digits;
}

/* The dotted tail of an IPv6 address: exactly four decimal parts without leading zeros. */
static bool read_dotted(struct slice text, uint16_t pieces[2])
{
    unsigned parts[4] = {0};
    size_t count = 0;

    while (text.data != NULL) {
        struct slice part = slice_split(&text, '.');
        uint64_t value;
        if (count == 4 || part.size > 3 || (part.size > 1 && part.data[0] == '0') ||
            slice_to_uint(part, 0, 255, &value, NULL) != STATUS_OK)
            return false;
        parts[count++] = (unsigned) value;
    }
    pieces[0] = (uint16_t) (parts[0] << 8 | parts[1]);
    pieces[1] = (uint16_t) (parts[2] << 8 | parts[3]);
    return count == 4;
}

/* Moves what stands behind "::" to the end. */
static void expand(uint16_t pieces[8], size_t count, size_t gap)
{
    size_t tail = count - gap;

    memmove(pieces + (8 - tail), pieces + gap, tail * sizeof *pieces);
    memset(pieces + gap, 0, (8 - count) * sizeof *pieces);
}

/* `gap` remembers where "::" stood; a second one is an error, as is one that stands for nothing. */
enum status url_host_ipv6(struct slice text, uint16_t pieces[8], struct error *err)
{
    struct slice rest = text;
    uint16_t read[8] = {0};
    size_t count = 0;
    size_t gap = SIZE_MAX;

    if (slice_starts(rest, SLICE("::"))) {
        rest = slice_sub(rest, 2, rest.size);
        gap = 0;
    }
    while (rest.size > 0) {
        struct slice before = rest;
        if (count == 8)
            return invalid_host(text, "IPv6 address of more than 8 pieces", err);
        if (read_piece(&rest, &read[count]) == 0)
            return invalid_host(text, "not an IPv6 address", err);
        /* The digits just read were the first part of a dotted IPv4 tail. */
        if (rest.size > 0 && rest.data[0] == '.') {
            if (count > 6 || !read_dotted(before, read + count))
                return invalid_host(text, "bad IPv4 part in IPv6 address", err);
            count += 2;
            break;
        }
        count++;
        if (rest.size == 0)
            break;
        if (slice_starts(rest, SLICE("::")) && gap == SIZE_MAX) {
            gap = count;
            rest = slice_sub(rest, 2, rest.size);
        } else if (rest.data[0] == ':' && rest.size > 1) {
            rest = slice_sub(rest, 1, rest.size);
        } else {
            return invalid_host(text, "not an IPv6 address", err);
        }
    }
    if (gap == SIZE_MAX ? count != 8 : count > 7)
        return invalid_host(text, "IPv6 address of wrong length", err);
    if (gap != SIZE_MAX)
        expand(read, count, gap);
    memcpy(pieces, read, sizeof read);
    return STATUS_OK;
}

/* The longest run of two or more zero pieces, the first of equals; its length, 0 if none. */
static size_t longest_zeros(const uint16_t pieces[8], size_t *start)
{
    size_t best = 0;

    for (size_t i = 0; i < 8; i++) {
        size_t size = 0;
        while (i + size < 8 && pieces[i + size] == 0)
            size++;
        if (size > 1 && size > best) {
            best = size;
            *start = i;
        }
    }
    return best;
}

/* RFC 5952: lower case, no leading zeros, the longest run of zeros as "::". */
static void put_ipv6(struct buf *out, const uint16_t pieces[8])
{
    size_t start = 8;
    size_t zeros = longest_zeros(pieces, &start);

    buf_putc(out, '[');
    for (size_t i = 0; i < 8; i++) {
        if (zeros > 0 && i == start) {
            buf_puts(out, i == 0 ? "::" : ":");
            i += zeros - 1;
            continue;
        }
        buf_printf(out, i == 7 ? "%x" : "%x:", pieces[i]);
    }
    buf_putc(out, ']');
}

/* An IPv6 address; a zone is not allowed. */
static enum status parse_bracketed(struct slice text, struct buf *out, struct error *err)
{
    uint16_t pieces[8] = {0};
    enum status status;

    if (text.data[text.size - 1] != ']')
        return invalid_host(text, "'[' without ']'", err);
    status = url_host_ipv6(slice_sub(text, 1, text.size - 2), pieces, err);
    if (status == STATUS_OK)
        put_ipv6(out, pieces);
    return status;
}

/* ICU's table, opened by whoever comes first; losing the race only costs a second opening. */
static UIDNA *idna_table(void)
{
    static UIDNA *table;
    UIDNA *found = __atomic_load_n(&table, __ATOMIC_ACQUIRE);
    UIDNA *expected = NULL;
    UErrorCode code = U_ZERO_ERROR;

    if (found != NULL)
        return found;
    found = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE,
                            &code);
    if (U_FAILURE(code))
        return NULL;
    if (__atomic_compare_exchange_n(&table, &expected, found, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return found;
    uidna_close(found);
    return expected;
}

/* What the standard does not look at: lengths and the place of hyphens. */
enum {
    IDNA_TOLERATED = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
                     UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
                     UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4
};

/* Four times the host: each code point may become several letters of punycode. */
static enum status to_ascii_idn(struct slice domain, struct buf *out, struct error *err)
{
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode code = U_ZERO_ERROR;
    char ascii[URL_HOST_MAX * 4];
    UIDNA *table = idna_table();
    int32_t size;

    if (table == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the table of domain names");
    size = uidna_nameToASCII_UTF8(table, domain.data, (int32_t) domain.size, ascii, sizeof ascii,
                                  &info, &code);
    if (U_FAILURE(code) || (info.errors & ~(uint32_t) IDNA_TOLERATED) != 0 || size <= 0)
        return invalid_host(domain, "not a domain name", err);
    buf_append(out, slice_of(ascii, (size_t) size));
    return STATUS_OK;
}

/* Lower case is all that plain ASCII needs: browsers take names that only look encoded as they
 * are. */
static enum status to_ascii(struct slice domain, struct buf *out, struct error *err)
{
    if (utf8_ascii_run(domain) < domain.size)
        return to_ascii_idn(domain, out, err);
    for (size_t i = 0; i < domain.size; i++) {
        bool upper = domain.data[i] >= 'A' && domain.data[i] <= 'Z';
        buf_putc(out, (char) (domain.data[i] + (upper ? 'a' - 'A' : 0)));
    }
    return STATUS_OK;
}

/* Numbers are looked at after the conversion: full-width digits are digits, too. */
static enum status parse_domain(struct slice domain, struct buf *out, struct error *err)
{
    size_t start = out->size;
    enum status status = to_ascii(domain, out, err);
    struct slice ascii;
    uint32_t address = 0;

    if (status != STATUS_OK || (status = buf_status(out, err)) != STATUS_OK)
        return status;
    ascii = slice_sub(buf_slice(out), start, out->size);
    if (ascii.size == 0)
        return invalid_host(domain, "empty", err);
    for (size_t i = 0; i < ascii.size; i++)
        if (is_forbidden((unsigned char) ascii.data[i]))
            return invalid_host(domain, "forbidden character", err);
    if (!url_host_is_numeric(ascii))
        return STATUS_OK;
    status = url_host_ipv4(ascii, &address, err);
    buf_truncate(out, start);
    if (status == STATUS_OK)
        buf_printf(out, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255,
                   address & 255);
    return status;
}

/* Decoded before anything else: %2F must not smuggle a slash past the checks. */
enum status url_host_parse(struct slice text, struct buf *out, struct error *err)
{
    struct buf decoded, clean;
    enum status status;

    if (text.size == 0)
        return error_set(err, STATUS_INVALID, "no host");
    if (text.size > URL_HOST_MAX)
        return error_set(err, STATUS_TOO_LARGE, "host of %zu bytes, more than %d", text.size,
                         URL_HOST_MAX);
    if (text.data[0] == '[')
        return parse_bracketed(text, out, err);
    buf_init(&decoded, URL_HOST_MAX);
    buf_init(&clean, (size_t) 3 * URL_HOST_MAX);
    percent_decode(&decoded, text);
    (void) utf8_append_clean(&clean, buf_slice(&decoded));
    status = buf_status(&clean, err);
    if (status == STATUS_OK)
        status = parse_domain(buf_slice(&clean), out, err);
    buf_fini(&decoded);
    buf_fini(&clean);
    return status;
}
