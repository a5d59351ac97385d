#include "base/util/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST_CAPACITY = 64 };

void buf_init(struct buf *buf, size_t limit)
{
    *buf = (struct buf){.limit = limit};
}

void buf_fini(struct buf *buf)
{
    free(buf->data);
    buf->data = NULL;
    buf->size = buf->capacity = 0;
}

void buf_reset(struct buf *buf)
{
    buf->size = 0;
    buf->failure = STATUS_OK;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

static bool grow(struct buf *buf, size_t needed)
{
    size_t capacity = buf->capacity == 0 ? BUF_FIRST_CAPACITY : buf->capacity;
    char *data;

    while (capacity < needed)
        capacity += capacity / 2;
    if (capacity > buf->limit + 1)
        capacity = buf->limit + 1;
    data = realloc(buf->data, capacity);
    if (data == NULL) {
        buf->failure = STATUS_NOMEM;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

char *buf_reserve(struct buf *buf, size_t size)
{
    if (buf->failure != STATUS_OK)
        return NULL;
    if (size > buf->limit - buf->size) {
        buf->failure = STATUS_TOO_LARGE;
        return NULL;
    }
    if (buf->size + size + 1 > buf->capacity && !grow(buf, buf->size + size + 1))
        return NULL;
    return buf->data + buf->size;
}

void buf_added(struct buf *buf, size_t size)
{
    ENSURE(buf->size + size < buf->capacity);
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void buf_append(struct buf *buf, struct slice bytes)
{
    char *room = buf_reserve(buf, bytes.size);

    if (room == NULL)
        return;
    if (bytes.size > 0)
        memcpy(room, bytes.data, bytes.size);
    buf_added(buf, bytes.size);
}

void buf_puts(struct buf *buf, const char *text)
{
    buf_append(buf, slice_from(text));
}

void buf_putc(struct buf *buf, char c)
{
    buf_append(buf, slice_of(&c, 1));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    char *room;
    int size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ENSURE(size >= 0);
    room = buf_reserve(buf, (size_t) size);
    if (room == NULL)
        return;
    va_start(args, format);
    (void) vsnprintf(room, (size_t) size + 1, format, args);
    va_end(args);
    buf_added(buf, (size_t) size);
}

void buf_put_utf8(struct buf *buf, uint32_t c)
{
    char out[4];
    size_t size = 0;

    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        c = 0xFFFD;
    if (c < 0x80) {
        out[size++] = (char) c;
    } else if (c < 0x800) {
        out[size++] = (char) (0xC0 | (c >> 6));
    } else {
        if (c < 0x10000) {
            out[size++] = (char) (0xE0 | (c >> 12));
        } else {
            out[size++] = (char) (0xF0 | (c >> 18));
            out[size++] = (char) (0x80 | ((c >> 12) & 0x3F));
        }
        out[size++] = (char) (0x80 | ((c >> 6) & 0x3F));
    }
    if (c >= 0x80)
        out[size++] = (char) (0x80 | (c & 0x3F));
    buf_append(buf, slice_of(out, size));
}

void buf_truncate(struct buf *buf, size_t size)
{
    if (size >= buf->size)
        return;
    buf->size = size;
    buf->data[size] = '\0';
}

struct slice buf_slice(const struct buf *buf)
{
    return (struct slice){buf->data, buf->size};
}

const char *buf_text(const struct buf *buf)
{
    return buf->data == NULL ? "" : buf->data;
}

enum status buf_status(const struct buf *buf, struct error *err)
{
    if (buf->failure == STATUS_OK)
        return STATUS_OK;
    return error_set(err, buf->failure, "buffer of %zu bytes, limit %zu: %s", buf->size, buf->limit,
                     status_text(buf->failure));
}

char *buf_take(struct buf *buf, size_t *size)
{
    char *data;

    if (buf_reserve(buf, 0) == NULL)
        return NULL;
    buf->data[buf->size] = '\0';
    data = buf->data;
    if (size != NULL)
        *size = buf->size;
    *buf = (struct buf){.limit = buf->limit};
    return data;
}
