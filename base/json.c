#include "base/json.h"

#include <float.h>
#include <jansson.h>

/* struct json is jansson's value under our name: these casts are the only bridge. */
static const struct json *wrap(const json_t *value)
{
    return (const struct json *) value;
}

static const json_t *unwrap(const struct json *value)
{
    return (const json_t *) value;
}

static void drop(void *value)
{
    json_decref(value);
}

enum status json_parse(struct slice text, struct arena *arena, const struct json **value,
                       struct error *err)
{
    json_error_t why;
    /* Doubled members are refused, as readers differ in which one counts. U+0000 is let in: slices
     * know their length. */
    json_t *tree = json_loadb(text.data == NULL ? "" : text.data, text.size,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);

    if (tree == NULL)
        return error_set(err, STATUS_INVALID, "not JSON: line %d, column %d: %s", why.line,
                         why.column, why.text);
    if (!arena_on_reset(arena, drop, tree)) {
        json_decref(tree);
        return error_set(err, STATUS_NOMEM, "no memory for a JSON value");
    }
    *value = wrap(tree);
    return STATUS_OK;
}

enum json_kind json_kind(const struct json *value)
{
    switch (value == NULL ? JSON_NULL : json_typeof(unwrap(value))) {
    case JSON_OBJECT:
        return JSON_KIND_OBJECT;
    case JSON_ARRAY:
        return JSON_KIND_ARRAY;
    case JSON_STRING:
        return JSON_KIND_TEXT;
    case JSON_INTEGER:
    case JSON_REAL:
        return JSON_KIND_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_KIND_BOOL;
    case JSON_NULL:
        break;
    }
    return JSON_KIND_NULL;
}

const struct json *json_member(const struct json *object, const char *key)
{
    return wrap(json_object_get(unwrap(object), key));
}

size_t json_size(const struct json *value)
{
    return json_kind(value) == JSON_KIND_ARRAY ? json_array_size(unwrap(value))
                                               : json_object_size(unwrap(value));
}

const struct json *json_element(const struct json *array, size_t index)
{
    return wrap(json_array_get(unwrap(array), index));
}

struct slice json_text(const struct json *value)
{
    if (json_kind(value) != JSON_KIND_TEXT)
        return (struct slice){NULL, 0};
    return slice_of(json_string_value(unwrap(value)), json_string_length(unwrap(value)));
}

double json_double(const struct json *value, double otherwise)
{
    return json_kind(value) == JSON_KIND_NUMBER ? json_number_value(unwrap(value)) : otherwise;
}

int64_t json_int(const struct json *value, int64_t otherwise)
{
    if (value == NULL || !json_is_integer(unwrap(value)))
        return otherwise;
    return json_integer_value(unwrap(value));
}

bool json_truth(const struct json *value, bool otherwise)
{
    return json_kind(value) == JSON_KIND_BOOL ? json_is_true(unwrap(value)) : otherwise;
}

bool json_next_member(const struct json *object, void **cursor, struct slice *key,
                      const struct json **value)
{
    /* jansson's iterators take no const; walking changes nothing. */
    json_t *walked = (json_t *) (uintptr_t) unwrap(object);

    if (json_kind(object) != JSON_KIND_OBJECT)
        return false;
    *cursor = *cursor == NULL ? json_object_iter(walked) : json_object_iter_next(walked, *cursor);
    if (*cursor == NULL)
        return false;
    *key = slice_of(json_object_iter_key(*cursor), json_object_iter_key_len(*cursor));
    *value = wrap(json_object_iter_value(*cursor));
    return true;
}

/* Bytes of the UTF-8 character at the start of `text`, 0 if it is broken there. */
static size_t utf8_length(struct slice text)
{
    const unsigned char *at = (const unsigned char *) text.data;
    size_t size = at[0] < 0x80   ? 1
                  : at[0] < 0xC2 ? 0
                  : at[0] < 0xE0 ? 2
                  : at[0] < 0xF0 ? 3
                  : at[0] < 0xF5 ? 4
                                 : 0;

    if (size == 0 || size > text.size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, above U+10FFFF. */
    if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
        (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
        return 0;
    return size;
}

static void put_escaped(struct buf *out, char c)
{
    /* Pairs: the byte, and the letter that stands for it behind a backslash. */
    static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";

    for (size_t i = 0; i + 1 < sizeof short_forms; i += 2) {
        if (short_forms[i] != c)
            continue;
        buf_putc(out, '\\');
        buf_putc(out, short_forms[i + 1]);
        return;
    }
    buf_printf(out, "\\u%04x", (unsigned) (unsigned char) c);
}

void json_put_text(struct buf *out, struct slice text)
{
    size_t plain = 0; /* bytes in front of the cursor that need no change */

    if (text.data == NULL) {
        buf_puts(out, "null");
        return;
    }
    buf_putc(out, '"');
    while (plain < text.size) {
        char c = text.data[plain];
        size_t size = utf8_length(slice_sub(text, plain, 4));

        if (size > 0 && (unsigned char) c >= 0x20 && c != '"' && c != '\\') {
            plain += size;
            continue;
        }
        buf_append(out, slice_sub(text, 0, plain));
        if (size == 0)
            buf_puts(out, "\xEF\xBF\xBD");
        else
            put_escaped(out, c);
        /* Of what is broken one byte at a time: the next may begin a character. */
        text = slice_sub(text, plain + 1, text.size);
        plain = 0;
    }
    buf_append(out, text);
    buf_putc(out, '"');
}

void json_put_value(struct buf *out, const struct json *value)
{
    char *text;

    if (value == NULL) {
        buf_puts(out, "null");
        return;
    }
    /* With 15 digits a decimal comes out as somebody wrote it; 17 would make 0.1 longer. */
    text = json_dumps(unwrap(value), JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(DBL_DIG));
    if (text == NULL) {
        out->failure = STATUS_NOMEM;
        return;
    }
    buf_puts(out, text);
    free(text);
}
