/*
 * buf: growable bytes, born with a hard limit, with a sticky error.
 *
 * Use     buf_init, any number of appends, one check with buf_status. After the first failure
 *         (STATUS_TOO_LARGE past the limit, STATUS_NOMEM) appends do nothing.
 * Memory  The buf owns its bytes; buf_fini frees them and may be called twice. A slice from
 *         buf_slice is valid until the next append, reset or fini.
 * NUL     One NUL that does not count stands behind the bytes, so buf_text works as a C string.
 */
#ifndef XUNFANG_BASE_UTIL_BUF_H
#define XUNFANG_BASE_UTIL_BUF_H

#include "base/util/slice.h"

struct buf {
    char *data;
    size_t size;
    size_t capacity;
    size_t limit;
    enum status failure;
};

/* No allocation yet; `limit` is the most bytes it will ever hold. */
void buf_init(struct buf *buf, size_t limit);
void buf_fini(struct buf *buf);
/* Empty again, failure forgotten, memory kept. */
void buf_reset(struct buf *buf);

void buf_append(struct buf *buf, struct slice bytes);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* One code point as UTF-8; surrogates and values above U+10FFFF become U+FFFD. */
void buf_put_utf8(struct buf *buf, uint32_t code_point);

/* Room for `size` more bytes; the pointer is NULL on failure. Follow with buf_added. */
char *buf_reserve(struct buf *buf, size_t size);
void buf_added(struct buf *buf, size_t size);
/* Cuts to `size` bytes; no effect if shorter already. */
void buf_truncate(struct buf *buf, size_t size);

struct slice buf_slice(const struct buf *buf);
const char *buf_text(const struct buf *buf);
/* STATUS_OK, or the first failure with a message that names the limit. */
CHECKED enum status buf_status(const struct buf *buf, struct error *err);
/* Hands the bytes (NUL behind) to the caller, who frees them; the buf is empty after. NULL on
 * failure. */
char *buf_take(struct buf *buf, size_t *size);

#endif
