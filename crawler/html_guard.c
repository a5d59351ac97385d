#include "crawler/html_guard.h"

#include <string.h>

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Moves behind a quoted value at *at; to the end of the text if the quote is never closed. */
static void skip_quoted(struct slice text, size_t *at)
{
    const char *end = memchr(text.data + *at + 1, text.data[*at], text.size - *at - 1);

    *at = end == NULL ? text.size : (size_t) (end - text.data) + 1;
}

/* Moves behind the tag that begins at *at; returns an upper bound of its attributes. A word behind
 * white space or a quoted value begins one; quotes count only where a value may begin. */
static size_t skip_tag(struct slice text, size_t *at)
{
    size_t attributes = 0;
    bool value = false; /* '=' was the last sign */
    bool word = true;   /* inside a word: the tag's name first */

    for (++*at; *at < text.size && text.data[*at] != '>';) {
        char c = text.data[*at];
        if (value && (c == '"' || c == '\'')) {
            skip_quoted(text, at);
            value = word = false;
            continue;
        }
        if (!is_white(c)) {
            attributes += !word && !value && c != '=';
            value = c == '=';
            word = true;
        } else if (!value) {
            word = false;
        }
        ++*at;
    }
    return attributes;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is the tag that begins at `at` of this name? */
static bool is_named(struct slice text, size_t at, struct slice name)
{
    struct slice behind = slice_sub(text, at + 1 + name.size, 1);

    return slice_equal_nocase(slice_sub(text, at + 1, name.size), name) &&
           (behind.size == 0 || is_white(behind.data[0]) || behind.data[0] == '>');
}

/* Moves behind the next `mark`, or to the end of the text. */
static void skip_past(struct slice text, size_t *at, struct slice mark)
{
    struct slice rest = slice_sub(text, *at, text.size);
    size_t found = slice_find(rest, mark);

    *at += found < rest.size ? found + mark.size : rest.size;
}

/* Moves over what begins with the '<' at *at; returns an upper bound of its attributes. Comments
 * and scripts hold words that are none. */
static size_t skip_markup(struct slice text, size_t *at)
{
    struct slice next = slice_sub(text, *at + 1, 1);
    size_t start = *at;
    size_t attributes;

    if (slice_starts(slice_sub(text, *at, 4), SLICE("<!--"))) {
        skip_past(text, at, SLICE("-->"));
        return 0;
    }
    if (next.size == 0 || !is_letter(next.data[0])) {
        ++*at;
        return 0;
    }
    attributes = skip_tag(text, at);
    if (is_named(text, start, SLICE("script")) || is_named(text, start, SLICE("style")))
        skip_past(text, at, SLICE("</"));
    return attributes;
}

struct slice html_guard(struct slice text)
{
    size_t tags = 0;
    size_t at = 0;

    while (at < text.size) {
        const char *found = memchr(text.data + at, '<', text.size - at);
        size_t start;
        if (found == NULL)
            break;
        start = at = (size_t) (found - text.data);
        if (++tags > HTML_TAGS_MAX || skip_markup(text, &at) > HTML_ATTRIBUTES_MAX)
            return slice_sub(text, 0, start);
    }
    return text;
}
