#include "crawler/charset_decode.h"

#include "base/util/slice.h"
#include "crawler/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <pthread.h>
#include <string.h>

enum {
    GB_LEADS = 126,  /* 81 … FE */
    GB_TRAILS = 190, /* 40 … 7E, 80 … FE */
};

/* iconv_open answers (iconv_t) -1 when it fails. */
static bool is_open(iconv_t converter)
{
    return (intptr_t) converter != -1;
}

/* A converter for the rare codes of four bytes, opened when the first one comes. */
struct four_bytes {
    iconv_t converter;
    bool tried;
};

/* One code point from exactly these bytes; UINT32_MAX if they are none. */
static uint32_t convert_one(iconv_t converter, const unsigned char *bytes, size_t size)
{
    unsigned char wide[8];
    char copy[4];
    char *in = copy;
    char *out = (char *) wide;
    size_t in_left = size;
    size_t out_left = sizeof wide;

    memcpy(copy, bytes, size);
    (void) iconv(converter, NULL, NULL, NULL, NULL);
    if (iconv(converter, &in, &in_left, &out, &out_left) == (size_t) -1 || in_left > 0 ||
        out_left != sizeof wide - 4)
        return UINT32_MAX;
    return (uint32_t) wide[0] | (uint32_t) wide[1] << 8 | (uint32_t) wide[2] << 16;
}

/* Two-byte codes; 0 where there is none. Written once, under gb_once. */
static uint16_t gb_table[GB_LEADS][GB_TRAILS];
static bool gb_ready;
static pthread_once_t gb_once = PTHREAD_ONCE_INIT;

/* 7F is no trail byte; the bytes above it move down by one. */
static unsigned trail_index(unsigned trail)
{
    return trail - (trail < 0x7F ? 0x40 : 0x41);
}

/* Where glibc follows a later edition of GB 18030 than the Encoding standard. */
static void correct_gb(void)
{
    static const struct {
        unsigned char lead, trail;
        uint16_t code_point;
    } corrections[] = {{0xA3, 0xA0, 0x3000}, {0xFE, 0x51, 0xE816}, {0xFE, 0x52, 0xE817},
                       {0xFE, 0x53, 0xE818}, {0xFE, 0x6C, 0xE831}, {0xFE, 0x76, 0xE83B},
                       {0xFE, 0x91, 0xE855}};

    for (size_t i = 0; i < sizeof corrections / sizeof *corrections; i++)
        gb_table[corrections[i].lead - 0x81][trail_index(corrections[i].trail)] =
            corrections[i].code_point;
}

/* 23,940 conversions, some milliseconds, once a process. */
static void make_gb_table(void)
{
    iconv_t converter = iconv_open("UTF-32LE", "GB18030");

    if (!is_open(converter))
        return;
    for (unsigned lead = 0x81; lead <= 0xFE; lead++)
        for (unsigned trail = 0x40; trail <= 0xFE; trail++) {
            unsigned char bytes[2] = {(unsigned char) lead, (unsigned char) trail};
            uint32_t code_point = trail == 0x7F ? 0 : convert_one(converter, bytes, 2);
            if (trail != 0x7F && code_point <= UINT16_MAX)
                gb_table[lead - 0x81][trail_index(trail)] = (uint16_t) code_point;
        }
    correct_gb();
    (void) iconv_close(converter);
    gb_ready = true;
}

/* Both ends included. */
static bool in_range(unsigned byte, unsigned low, unsigned high)
{
    return byte >= low && byte <= high;
}

/* A sequence of the gb18030 decoder at the front: its bytes, and its code point or UINT32_MAX. */
static size_t gb_next(const unsigned char *bytes, size_t size, struct four_bytes *four,
                      uint32_t *code_point)
{
    *code_point = UINT32_MAX;
    if (bytes[0] == 0x80) {
        *code_point = 0x20AC;
        return 1;
    }
    if (bytes[0] == 0xFF || size == 1)
        return 1;
    /* A digit as second byte can only be a code of four. */
    if (in_range(bytes[1], '0', '9')) {
        if (size < 4 || !in_range(bytes[2], 0x81, 0xFE) || !in_range(bytes[3], '0', '9'))
            return 1;
        if (!four->tried)
            four->converter = iconv_open("UTF-32LE", "GB18030");
        four->tried = true;
        if (is_open(four->converter))
            *code_point = convert_one(four->converter, bytes, 4);
        return 4;
    }
    if (bytes[1] >= 0x40 && bytes[1] != 0x7F && bytes[1] != 0xFF)
        *code_point = gb_table[bytes[0] - 0x81][trail_index(bytes[1])];
    if (*code_point == 0)
        *code_point = UINT32_MAX;
    return *code_point == UINT32_MAX && bytes[1] < 0x80 ? 1 : 2;
}

/* Code points below U+10000 take at most three bytes, and those are nearly all. */
static size_t put_three(char *room, uint32_t code_point)
{
    if (code_point < 0x800) {
        room[0] = (char) (0xC0 | code_point >> 6);
        room[1] = (char) (0x80 | (code_point & 0x3F));
        return 2;
    }
    room[0] = (char) (0xE0 | code_point >> 12);
    room[1] = (char) (0x80 | (code_point >> 6 & 0x3F));
    room[2] = (char) (0x80 | (code_point & 0x3F));
    return 3;
}

/* A run of two-byte codes at the front, the usual text of a page; returns its bytes. */
static size_t decode_gb_pairs(struct slice text, struct buf *out)
{
    enum { RUN = 4096 };
    const unsigned char *at = (const unsigned char *) text.data;
    size_t limit = text.size < RUN ? text.size : RUN;
    char *room = buf_reserve(out, limit / 2 * 3);
    size_t done = 0, used = 0;

    while (room != NULL && used + 1 < limit && at[used] >= 0x81 && at[used] != 0xFF &&
           at[used + 1] >= 0x40 && at[used + 1] != 0x7F && at[used + 1] != 0xFF) {
        uint32_t code_point = gb_table[at[used] - 0x81][trail_index(at[used + 1])];
        if (code_point < 0x80)
            break;
        done += put_three(room + done, code_point);
        used += 2;
    }
    if (room != NULL)
        buf_added(out, done);
    return used;
}

/* Runs of ASCII and of two-byte codes are taken whole; what is left goes one by one. */
static size_t decode_gb(struct slice text, struct buf *out, enum status *status)
{
    struct four_bytes four = {.tried = false};
    size_t bad = 0;

    (void) pthread_once(&gb_once, make_gb_table);
    if (!gb_ready)
        *status = STATUS_UNSUPPORTED;
    while (gb_ready && text.size > 0) {
        size_t run = utf8_ascii_run(text);
        uint32_t code_point;
        buf_append(out, slice_sub(text, 0, run));
        text = slice_sub(text, run, text.size);
        run = decode_gb_pairs(text, out);
        text = slice_sub(text, run, text.size);
        if (run > 0 || text.size == 0)
            continue;
        run = gb_next((const unsigned char *) text.data, text.size, &four, &code_point);
        bad += code_point == UINT32_MAX;
        buf_put_utf8(out, code_point == UINT32_MAX ? UTF8_REPLACEMENT : code_point);
        text = slice_sub(text, run, text.size);
    }
    if (four.tried && is_open(four.converter))
        (void) iconv_close(four.converter);
    return bad;
}

/* Unpaired surrogates and an odd last byte are one bad place each. */
static size_t decode_utf16(struct slice text, bool big, struct buf *out)
{
    const unsigned char *at = (const unsigned char *) text.data;
    uint32_t high = 0; /* a first surrogate that waits for its second */
    size_t bad = 0;

    for (size_t i = 0; i + 1 < text.size; i += 2) {
        uint32_t unit = big ? (uint32_t) at[i] << 8 | at[i + 1] : (uint32_t) at[i + 1] << 8 | at[i];
        bool second = (unit & 0xFC00) == 0xDC00;
        if (high != 0 && second) {
            buf_put_utf8(out, 0x10000 + ((high & 0x3FF) << 10) + (unit & 0x3FF));
            high = 0;
            continue;
        }
        bad += (high != 0) + second;
        if (high != 0)
            buf_put_utf8(out, UTF8_REPLACEMENT);
        high = (unit & 0xFC00) == 0xD800 ? unit : 0;
        if (high == 0)
            buf_put_utf8(out, second ? UTF8_REPLACEMENT : unit);
    }
    if (high != 0 || text.size % 2 == 1) {
        buf_put_utf8(out, UTF8_REPLACEMENT);
        bad++;
    }
    return bad;
}

/* The upper half of a single-byte encoding. Bytes 80 … 9F that glibc leaves undefined are
 * controls in the standard. */
static bool make_upper_half(const struct charset *charset, uint32_t table[128])
{
    iconv_t converter;

    for (uint32_t i = 0; charset->kind == CHARSET_USER_DEFINED && i < 128; i++)
        table[i] = 0xF780 + i;
    if (charset->kind == CHARSET_USER_DEFINED)
        return true;
    converter = iconv_open("UTF-32LE", charset->iconv);
    if (!is_open(converter))
        return false;
    for (unsigned i = 0; i < 128; i++) {
        unsigned char byte = (unsigned char) (i + 0x80);
        table[i] = convert_one(converter, &byte, 1);
        if (table[i] == UINT32_MAX && byte < 0xA0)
            table[i] = byte;
    }
    (void) iconv_close(converter);
    return true;
}

/* Bytes below 80 are ASCII in every single-byte encoding of the standard. */
static size_t decode_single(const struct charset *charset, struct slice text, struct buf *out,
                            enum status *status)
{
    uint32_t table[128];
    size_t bad = 0;

    if (!make_upper_half(charset, table)) {
        *status = STATUS_UNSUPPORTED;
        return 0;
    }
    while (text.size > 0) {
        size_t run = utf8_ascii_run(text);
        uint32_t code_point;
        buf_append(out, slice_sub(text, 0, run));
        if (run == text.size)
            break;
        code_point = table[(unsigned char) text.data[run] - 0x80];
        bad += code_point == UINT32_MAX;
        buf_put_utf8(out, code_point == UINT32_MAX ? UTF8_REPLACEMENT : code_point);
        text = slice_sub(text, run + 1, text.size);
    }
    return bad;
}

/* How much of a broken place is one error: an ASCII byte behind the lead is read again. */
static size_t broken_size(const char *in, size_t left)
{
    return left > 1 && (unsigned char) in[1] >= 0x80 ? 2 : 1;
}

/* glibc converts up to the next error or the end of the room. */
static size_t decode_multi(const struct charset *charset, struct slice text, struct buf *out,
                           enum status *status)
{
    enum { ROOM = 16 * 1024 };
    iconv_t converter = iconv_open("UTF-8", charset->iconv);
    char *in = (char *) text.data;
    size_t left = text.size;
    size_t bad = 0;

    if (!is_open(converter)) {
        *status = STATUS_UNSUPPORTED;
        return 0;
    }
    while (left > 0) {
        char *start = buf_reserve(out, ROOM);
        char *end = start;
        size_t room = ROOM;
        size_t done;
        int failure;
        if (start == NULL)
            break;
        errno = 0;
        /* E2BIG asks for more room, anything else is a broken place. */
        done = iconv(converter, &in, &left, &end, &room);
        failure = errno;
        buf_added(out, (size_t) (end - start));
        if (done == (size_t) -1 && failure != E2BIG && left > 0) {
            size_t skip = broken_size(in, left);
            buf_put_utf8(out, UTF8_REPLACEMENT);
            bad++;
            in += skip;
            left -= skip;
        }
    }
    (void) iconv_close(converter);
    return bad;
}

/* The replacement encodings stand for charsets that can smuggle markup: all of it is one U+FFFD. */
size_t charset_decode_with(const struct charset *charset, struct slice bytes, struct buf *out,
                           enum status *status)
{
    *status = STATUS_OK;
    switch (charset->kind) {
    case CHARSET_UTF8:
        return utf8_append_clean(out, bytes);
    case CHARSET_UTF16LE:
    case CHARSET_UTF16BE:
        return decode_utf16(bytes, charset->kind == CHARSET_UTF16BE, out);
    case CHARSET_GB18030:
        return decode_gb(bytes, out, status);
    case CHARSET_SINGLE:
    case CHARSET_USER_DEFINED:
        return decode_single(charset, bytes, out, status);
    case CHARSET_MULTI:
        return decode_multi(charset, bytes, out, status);
    case CHARSET_REPLACEMENT:
        break;
    }
    if (bytes.size == 0)
        return 0;
    buf_put_utf8(out, UTF8_REPLACEMENT);
    return 1;
}
