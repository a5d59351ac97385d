#include "base/store/key.h"

#include <string.h>

/* The end sorts below every escaped zero and, as its first byte is zero, below every other byte; so
 * a text comes before its continuations. */
enum { TEXT_ESCAPE = 0x00, TEXT_ESCAPED_ZERO = 0xFF, TEXT_END = 0x01 };

/* The high byte first: that is what makes bytes sort as numbers. */
static void put_number(struct buf *key, uint64_t number, size_t width)
{
    char bytes[sizeof(number)];

    for (size_t i = 0; i < width; i++)
        bytes[i] = (char) (unsigned char) (number >> (8 * (width - 1 - i)));
    buf_append(key, slice_of(bytes, width));
}

void key_put_u8(struct buf *key, uint8_t number)
{
    put_number(key, number, sizeof(number));
}

void key_put_u32(struct buf *key, uint32_t number)
{
    put_number(key, number, sizeof(number));
}

void key_put_u64(struct buf *key, uint64_t number)
{
    put_number(key, number, sizeof(number));
}

void key_put_i64(struct buf *key, int64_t number)
{
    /* Two's complement sorts negative numbers last; turning the sign bit over puts them first. */
    key_put_u64(key, (uint64_t) number ^ (UINT64_C(1) << 63));
}

/* Copies the stretches between zeros as a whole: keys are mostly text without any. */
void key_put_text(struct buf *key, struct slice text)
{
    while (text.size > 0) {
        const char *zero = memchr(text.data, TEXT_ESCAPE, text.size);
        size_t plain = zero == NULL ? text.size : (size_t) (zero - text.data);

        buf_append(key, slice_sub(text, 0, plain));
        if (zero == NULL)
            break;
        buf_putc(key, TEXT_ESCAPE);
        buf_putc(key, (char) TEXT_ESCAPED_ZERO);
        text = slice_sub(text, plain + 1, SIZE_MAX);
    }
    buf_putc(key, TEXT_ESCAPE);
    buf_putc(key, TEXT_END);
}

void key_put_raw(struct buf *key, struct slice bytes)
{
    buf_append(key, bytes);
}

struct key_reader key_read(struct slice key)
{
    return (struct key_reader){.rest = key};
}

/* Emptying the rest makes every later read fail by itself. */
static void fail(struct key_reader *reader)
{
    reader->failed = true;
    reader->rest = (struct slice){NULL, 0};
}

/* Of any width, so that there is one place that can read past the end, and does not. */
static uint64_t read_number(struct key_reader *reader, size_t width)
{
    uint64_t number = 0;

    if (reader->rest.size < width) {
        fail(reader);
        return 0;
    }
    for (size_t i = 0; i < width; i++)
        number = number << 8 | (unsigned char) reader->rest.data[i];
    reader->rest = slice_sub(reader->rest, width, SIZE_MAX);
    return number;
}

uint8_t key_read_u8(struct key_reader *reader)
{
    return (uint8_t) read_number(reader, sizeof(uint8_t));
}

uint32_t key_read_u32(struct key_reader *reader)
{
    return (uint32_t) read_number(reader, sizeof(uint32_t));
}

uint64_t key_read_u64(struct key_reader *reader)
{
    return read_number(reader, sizeof(uint64_t));
}

int64_t key_read_i64(struct key_reader *reader)
{
    uint64_t number = key_read_u64(reader);

    return reader->failed ? 0 : (int64_t) (number ^ (UINT64_C(1) << 63));
}

void key_read_text(struct key_reader *reader, struct buf *out)
{
    struct slice rest = reader->rest;

    for (;;) {
        const char *zero = rest.size == 0 ? NULL : memchr(rest.data, TEXT_ESCAPE, rest.size);
        size_t plain = zero == NULL ? 0 : (size_t) (zero - rest.data);
        unsigned char mark;

        /* Every zero is an escape, and each has a second byte. */
        if (zero == NULL || rest.size < plain + 2) {
            fail(reader);
            return;
        }
        mark = (unsigned char) zero[1];
        buf_append(out, slice_sub(rest, 0, plain));
        rest = slice_sub(rest, plain + 2, SIZE_MAX);
        if (mark == TEXT_END)
            break;
        if (mark != TEXT_ESCAPED_ZERO) {
            fail(reader);
            return;
        }
        buf_putc(out, '\0');
    }
    reader->rest = rest;
}

/* SIZE_MAX is the rest, which may be empty; a failed reader has none. */
struct slice key_read_raw(struct key_reader *reader, size_t size)
{
    struct slice bytes;

    if (size == SIZE_MAX)
        size = reader->rest.size;
    if (reader->failed || reader->rest.size < size) {
        fail(reader);
        return (struct slice){NULL, 0};
    }
    bytes = slice_sub(reader->rest, 0, size);
    reader->rest = slice_sub(reader->rest, size, SIZE_MAX);
    return bytes;
}

bool key_done(const struct key_reader *reader)
{
    return !reader->failed && reader->rest.size == 0;
}

/* The upper end of a scan over the prefix. */
bool key_after_prefix(struct slice prefix, struct buf *after)
{
    size_t size = prefix.size;

    /* 0xFF cannot be raised, so the byte before it is: 61 FF -> 62. */
    while (size > 0 && (unsigned char) prefix.data[size - 1] == 0xFF)
        size--;
    if (size == 0)
        return false;
    buf_append(after, slice_sub(prefix, 0, size - 1));
    buf_putc(after, (char) (unsigned char) ((unsigned char) prefix.data[size - 1] + 1));
    return true;
}
