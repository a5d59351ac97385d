/*
 * slice: a view of bytes that somebody else owns, and strict parsers on it.
 *
 * Memory  A slice owns nothing and need not end in NUL. Its owner must outlive it.
 * Text    Bytes are UTF-8 where a caller says text; the comparing functions compare bytes.
 * Strict  The parsers take the whole slice or fail with STATUS_INVALID and a message that quotes
 *         it.
 */
#ifndef XUNFANG_BASE_UTIL_SLICE_H
#define XUNFANG_BASE_UTIL_SLICE_H

#include "base/util/status.h"

#include <stdint.h>

struct slice {
    const char *data;
    size_t size;
};

/* A slice of a string literal. */
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})

/* For printf's "%.*s": two arguments, size and data; evaluates `s` more than once. */
#define SLICE_ARG(s) (int) ((s).size > INT32_MAX ? INT32_MAX : (s).size), (s).data

/* NULL gives the empty slice. */
struct slice slice_from(const char *text);
struct slice slice_of(const void *data, size_t size);

bool slice_equal(struct slice a, struct slice b);
/* ASCII letters compare without case. */
bool slice_equal_nocase(struct slice a, struct slice b);
/* Byte order, shorter first: <0, 0, >0. */
int slice_compare(struct slice a, struct slice b);
bool slice_starts(struct slice text, struct slice prefix);
bool slice_ends(struct slice text, struct slice suffix);

/* Where `needle` begins in `text`; text.size if nowhere. An empty needle is found at 0. */
size_t slice_find(struct slice text, struct slice needle);
bool slice_contains(struct slice text, struct slice needle);
/* The part from `offset` on, at most `size` bytes; clipped to the slice. */
struct slice slice_sub(struct slice text, size_t offset, size_t size);
/* Without ASCII white space on both ends. */
struct slice slice_trim(struct slice text);
/* Cuts the part before the next `separator` off *rest and returns it; the last part empties *rest
 * and leaves rest->data NULL, which ends the loop `while (rest.data != NULL)`. */
struct slice slice_split(struct slice *rest, char separator);

/* Decimal digits only, between min and max. */
CHECKED enum status slice_to_uint(struct slice text, uint64_t min, uint64_t max, uint64_t *value,
                                  struct error *err);
/* "512B", "64KiB", "8MiB", "2GiB": a unit is required; bytes. */
CHECKED enum status slice_to_bytes(struct slice text, uint64_t *bytes, struct error *err);
/* "20ms", "1s", "5m", "2h", "1d": a unit is required ("0s" too); milliseconds. */
CHECKED enum status slice_to_duration(struct slice text, int64_t *ms, struct error *err);
/* "12", "0.5", "3.000001": digits and at most six decimals; millionths, at most INT64_MAX. */
CHECKED enum status slice_to_millionths(struct slice text, int64_t *millionths, struct error *err);

#endif
