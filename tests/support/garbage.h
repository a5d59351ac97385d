/* Records that nobody honest writes: each must become a dead record of a map, and harm neither fold
 * nor effect (which may take those with endless texts, of number GARBAGE_NUMBER, for records). */
#ifndef XUNFANG_TESTS_GARBAGE_H
#define XUNFANG_TESTS_GARBAGE_H

#include "base/bus/bus.h"
#include "base/record.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

enum { GARBAGE_KINDS = 9, GARBAGE_LARGE = 8 * 1024 * 1024, GARBAGE_NUMBER = 4000 };

/* An honest envelope, but for what is set in `record`. */
static inline void garbage_encode(struct record *record, struct buf *out)
{
    struct error err;

    record->id = id_of(SLICE("garbage"), SLICE("x"));
    record->payload = SLICE("4000");
    if (record->key.size == 0)
        record->key = SLICE("key");
    assert_int_equal(record_encode(record, out, &err), STATUS_OK);
}

static inline void garbage_repeat(struct buf *out, const char *bytes, size_t size, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buf_append(out, slice_of(bytes, size));
}

/* The value of kind `kind`, and its key in `key`; both are empty and large enough. */
static inline void garbage_make(unsigned kind, struct buf *key, struct buf *value)
{
    static const char field[] = {(char) 0x98, 0x7d, 1}; /* number 2003, of nobody's */
    static char text[60 * 1024];
    struct record record = {.job = SLICE("job")};

    buf_puts(key, "key");
    memset(text, 'x', sizeof text);
    switch (kind) {
    case 0:
        buf_reset(key);
        return;
    case 1:
        buf_puts(value, "\xff\x01 this is no envelope");
        return;
    case 2:
        garbage_encode(&record, value);
        buf_truncate(value, value->size - 1);
        return;
    case 3:
        record.schema = 99;
        garbage_encode(&record, value);
        return;
    case 4:
        record.job = slice_of(text, sizeof text);
        garbage_encode(&record, value);
        return;
    case 5:
        buf_reset(key);
        garbage_repeat(key, text, 1024, GARBAGE_LARGE / 1024);
        buf_puts(value, "a key of 8 MiB");
        return;
    case 6:
        garbage_encode(&record, value);
        garbage_repeat(value, field, sizeof field, GARBAGE_LARGE / sizeof field);
        return;
    case 7:
        garbage_repeat(value, "\0\0\0\0", 4, GARBAGE_LARGE / 4);
        return;
    default:
        record.key = slice_of(text, sizeof text);
        garbage_encode(&record, value);
        buf_truncate(value, 100);
    }
}

#endif
