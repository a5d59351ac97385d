#include "crawler/url_percent.h"

#include "crawler/utf8.h"

#include <string.h>

/* Printable ASCII of each set; the standard's numbers: fragment, special-query, path, userinfo and
 * component percent-encode set. */
static bool in_set(unsigned char byte, enum percent_set set)
{
    const char *members = " \"<>`";

    if (byte <= 0x1F || byte >= 0x7F)
        return true;
    if (set == PERCENT_QUERY)
        members = " \"#<>'";
    else if (set == PERCENT_PATH)
        members = " \"#<>?^`{}";
    else if (set == PERCENT_USERINFO)
        members = " \"#<>?^`{}/:;=@[\\]|";
    else if (set == PERCENT_COMPONENT)
        members = " \"#<>?^`{}/:;=@[\\]|$%&+,";
    return strchr(members, byte) != NULL;
}

/* Runs that need no escape are appended whole: most text needs none. */
void percent_encode(struct buf *out, struct slice text, enum percent_set set)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t plain = 0; /* bytes at the front that need no escape, appended in one go */

    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char) text.data[i];
        char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};
        if (!in_set(byte, set))
            continue;
        buf_append(out, slice_of(text.data + plain, i - plain));
        buf_append(out, slice_of(escape, sizeof escape));
        plain = i + 1;
    }
    buf_append(out, slice_sub(text, plain, text.size));
}

int percent_hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* The byte of an escape at `at`, -1 if none stands there. */
static int escape_at(struct slice text, size_t at)
{
    int high, low;

    if (text.size < 3 || at > text.size - 3 || text.data[at] != '%')
        return -1;
    high = percent_hex(text.data[at + 1]);
    low = percent_hex(text.data[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* A '%' without two hex digits is just a '%'. */
void percent_decode(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        int byte = escape_at(text, i);
        if (byte < 0) {
            buf_putc(out, text.data[i]);
            continue;
        }
        buf_putc(out, (char) byte);
        i += 2;
    }
}

/* RFC 3986, 2.3: these mean the same encoded or not. */
static bool is_unreserved(int byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte > 0 && strchr("-._~", byte) != NULL);
}

/* Would a hex digit appended now stand in the two places behind a bare '%'? */
static bool completes_escape(const struct buf *out, size_t start)
{
    size_t size = out->size - start;

    return (size >= 1 && out->data[out->size - 1] == '%') ||
           (size >= 2 && out->data[out->size - 2] == '%');
}

/* The check against completed escapes makes the result stable: %%34%31 must not become %41. */
void percent_normalise(struct buf *out, struct slice text)
{
    size_t start = out->size;

    for (size_t i = 0; i < text.size; i++) {
        int byte = escape_at(text, i);
        if (byte < 0) {
            buf_putc(out, text.data[i]);
            continue;
        }
        if (is_unreserved(byte) && !(percent_hex((char) byte) >= 0 && completes_escape(out, start)))
            buf_putc(out, (char) byte);
        else
            buf_printf(out, "%%%02X", (unsigned) byte);
        i += 2;
    }
}

/* Line breaks inside URLs come from wrapped source text; browsers drop them. */
void percent_clean(struct buf *out, struct slice text)
{
    size_t plain = 0;

    while (text.size > 0 && (unsigned char) text.data[0] <= ' ')
        text = slice_sub(text, 1, text.size);
    while (text.size > 0 && (unsigned char) text.data[text.size - 1] <= ' ')
        text.size--;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '\t' && text.data[i] != '\n' && text.data[i] != '\r')
            continue;
        (void) utf8_append_clean(out, slice_of(text.data + plain, i - plain));
        plain = i + 1;
    }
    (void) utf8_append_clean(out, slice_sub(text, plain, text.size));
}
