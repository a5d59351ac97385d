/*
 * json: one JSON value read strictly, and JSON text written piece by piece.
 *
 * Reading  json_parse takes one value of UTF-8 text; duplicate keys and trailing bytes are errors
 *          that name line and column. The tree belongs to the arena given and dies with its reset;
 *          text returned points into the tree.
 * Writing  The json_put functions append to a buf, in one fixed form (no spaces, escapes only where
 *          JSON requires them, UTF-8 kept), so equal values give equal bytes. Invalid UTF-8 becomes
 *          U+FFFD.
 * Library  jansson, here and in the language-model client only.
 */
#ifndef XUNFANG_BASE_JSON_H
#define XUNFANG_BASE_JSON_H

#include "base/util/arena.h"
#include "base/util/buf.h"

struct json; /* one value of a parsed tree */

CHECKED enum status json_parse(struct slice text, struct arena *arena, const struct json **value,
                               struct error *err);

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_NUMBER,
    JSON_KIND_TEXT,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};

/* NULL (an absent member) counts as JSON_KIND_NULL. */
enum json_kind json_kind(const struct json *value);
/* The member; NULL if absent or `object` is no object. */
const struct json *json_member(const struct json *object, const char *key);
/* Elements of an array, members of an object; 0 for others. */
size_t json_size(const struct json *value);
/* NULL past the end or if `array` is no array. */
const struct json *json_element(const struct json *array, size_t index);
/* The text; data is NULL unless a string. May hold NULs. */
struct slice json_text(const struct json *value);
double json_double(const struct json *value, double otherwise);
int64_t json_int(const struct json *value, int64_t otherwise);
bool json_truth(const struct json *value, bool otherwise);

/* Walks members in the order of the text: starts with *cursor = NULL, false at the end. */
bool json_next_member(const struct json *object, void **cursor, struct slice *key,
                      const struct json **value);

/* `"text"` with quotes; data NULL gives null. */
void json_put_text(struct buf *out, struct slice text);
/* The value as it was read (numbers of up to 15 digits unchanged). */
void json_put_value(struct buf *out, const struct json *value);

#endif
