#include "crawler/charset_sniff.h"

#include <string.h>

/* No mark begins with another, so their order means nothing. */
const struct charset *charset_of_bom(struct slice bytes, size_t *size)
{
    static const struct {
        struct slice mark;
        struct slice label;
    } marks[] = {{{"\xEF\xBB\xBF", 3}, {"utf-8", 5}},
                 {{"\xFF\xFE", 2}, {"utf-16le", 8}},
                 {{"\xFE\xFF", 2}, {"utf-16be", 8}}};

    *size = 0;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (slice_starts(bytes, marks[i].mark)) {
            *size = marks[i].mark.size;
            return charset_find(marks[i].label);
        }
    return NULL;
}

/* The five characters that HTML calls white space; U+000B is not among them. */
static bool is_space(char c)
{
    return c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static void skip_spaces(struct slice *text)
{
    while (text->size > 0 && is_space(text->data[0]))
        *text = slice_sub(*text, 1, text->size);
}

static bool starts_nocase(struct slice text, struct slice prefix)
{
    return slice_equal_nocase(slice_sub(text, 0, prefix.size), prefix);
}

/* Behind the mark, or at the end of the text without one: an open comment hides all that
 * follows. */
static void skip_past(struct slice *text, struct slice mark)
{
    *text = slice_sub(*text, slice_find(*text, mark) + mark.size, text->size);
}

/* The value behind "charset=" in `text`; data NULL if there is none. */
static struct slice charset_parameter(struct slice text)
{
    const struct slice none = {NULL, 0};
    size_t end = 0;

    for (;;) {
        while (text.size > 0 && !starts_nocase(text, SLICE("charset")))
            text = slice_sub(text, 1, text.size);
        if (text.size == 0)
            return none;
        text = slice_sub(text, 7, text.size);
        skip_spaces(&text);
        if (slice_starts(text, SLICE("=")))
            break;
    }
    text = slice_sub(text, 1, text.size);
    skip_spaces(&text);
    if (text.size > 0 && (text.data[0] == '"' || text.data[0] == '\'')) {
        struct slice quote = slice_sub(text, 0, 1);
        text = slice_sub(text, 1, text.size);
        end = slice_find(text, quote);
        return end == text.size ? none : slice_sub(text, 0, end);
    }
    while (end < text.size && !is_space(text.data[end]) && text.data[end] != ';')
        end++;
    return slice_sub(text, 0, end);
}

/* A charset that is not known counts as none: the page may still say something useful. */
const struct charset *charset_of_content_type(struct slice content_type)
{
    struct slice label = charset_parameter(content_type);

    return label.data == NULL ? NULL : charset_find(label);
}

/* "Get an attribute": name and value as raw bytes; false when the tag or the text is at its end. */
static bool next_attribute(struct slice *text, struct slice *name, struct slice *value)
{
    size_t end = 0;

    *value = (struct slice){"", 0};
    while (text->size > 0 && (is_space(text->data[0]) || text->data[0] == '/'))
        *text = slice_sub(*text, 1, text->size);
    if (text->size == 0 || text->data[0] == '>')
        return false;
    while (end < text->size && !is_space(text->data[end]) && text->data[end] != '/' &&
           text->data[end] != '>' && (text->data[end] != '=' || end == 0))
        end++;
    *name = slice_sub(*text, 0, end);
    *text = slice_sub(*text, end, text->size);
    skip_spaces(text);
    if (!slice_starts(*text, SLICE("=")))
        return text->size > 0;
    *text = slice_sub(*text, 1, text->size);
    skip_spaces(text);
    if (text->size == 0)
        return false;
    if (text->data[0] == '"' || text->data[0] == '\'') {
        struct slice quote = slice_sub(*text, 0, 1);
        *text = slice_sub(*text, 1, text->size);
        end = slice_find(*text, quote);
        *value = slice_sub(*text, 0, end);
        *text = slice_sub(*text, end + 1, text->size);
        return end < value->size + 1 && text->data != NULL;
    }
    end = 0;
    while (end < text->size && !is_space(text->data[end]) && text->data[end] != '>')
        end++;
    *value = slice_sub(*text, 0, end);
    *text = slice_sub(*text, end, text->size);
    return text->size > 0;
}

struct meta {
    bool pragma;      /* http-equiv=content-type was seen */
    int needs_pragma; /* 1: the charset stands in content; 0: in charset; -1: nowhere yet */
    const struct charset *charset;
    bool seen_pragma, seen_content, seen_charset; /* of several the first counts */
};

/* Of several attributes of one name HTML counts the first. */
static void read_meta_attribute(struct meta *meta, struct slice name, struct slice value)
{
    if (slice_equal_nocase(name, SLICE("http-equiv")) && !meta->seen_pragma) {
        meta->seen_pragma = true;
        meta->pragma = slice_equal_nocase(value, SLICE("content-type"));
    } else if (slice_equal_nocase(name, SLICE("content")) && !meta->seen_content) {
        struct slice label = charset_parameter(value);
        const struct charset *charset = label.data == NULL ? NULL : charset_find(label);
        meta->seen_content = true;
        if (charset != NULL && meta->needs_pragma < 0) {
            meta->charset = charset;
            meta->needs_pragma = 1;
        }
    } else if (slice_equal_nocase(name, SLICE("charset")) && !meta->seen_charset) {
        meta->seen_charset = true;
        meta->charset = charset_find(value);
        meta->needs_pragma = 0;
    }
}

/* charset= wins over content=; content= counts only beside http-equiv=content-type. */
static const struct charset *read_meta(struct slice *text)
{
    struct meta meta = {.needs_pragma = -1};
    struct slice name, value;

    while (next_attribute(text, &name, &value))
        read_meta_attribute(&meta, name, value);
    if (meta.needs_pragma < 0 || (meta.needs_pragma == 1 && !meta.pragma))
        return NULL;
    return meta.charset;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Moves over a start or end tag with its attributes. */
static void skip_tag(struct slice *text)
{
    struct slice name, value;

    while (text->size > 0 && !is_space(text->data[0]) && text->data[0] != '>')
        *text = slice_sub(*text, 1, text->size);
    while (next_attribute(text, &name, &value))
        continue;
}

/* Moves over what stands at a '<'; a charset if it was a <meta> that declares one. */
static const struct charset *read_markup(struct slice *text)
{
    size_t letter = slice_starts(*text, SLICE("</")) ? 2 : 1;

    if (slice_starts(*text, SLICE("<!--"))) {
        *text = slice_sub(*text, 2, text->size); /* "<!-->" is a whole comment */
        skip_past(text, SLICE("-->"));
        return NULL;
    }
    if (starts_nocase(*text, SLICE("<meta")) && text->size > 5 &&
        (is_space(text->data[5]) || text->data[5] == '/')) {
        *text = slice_sub(*text, 6, text->size);
        return read_meta(text);
    }
    if (text->size > letter && is_letter(text->data[letter])) {
        skip_tag(text);
        return NULL;
    }
    if (slice_starts(*text, SLICE("<!")) || slice_starts(*text, SLICE("</")) ||
        slice_starts(*text, SLICE("<?")))
        skip_past(text, SLICE(">"));
    else
        *text = slice_sub(*text, 1, text->size);
    return NULL;
}

/* A page that could be read as UTF-16 would have no readable <meta>: such a declaration is a
 * slip. */
const struct charset *charset_prescan(struct slice bytes)
{
    struct slice text = slice_sub(bytes, 0, CHARSET_PRESCAN);

    while (text.size > 0) {
        const struct charset *found = NULL;
        text = slice_sub(text, slice_find(text, SLICE("<")), text.size);
        if (text.size > 0)
            found = read_markup(&text);
        if (found == NULL)
            continue;
        if (strncmp(charset_name(found), "UTF-16", 6) == 0)
            return charset_find(SLICE("utf-8"));
        if (strcmp(charset_name(found), "x-user-defined") == 0)
            return charset_find(SLICE("windows-1252"));
        return found;
    }
    return NULL;
}

/* Text of a western page hardly ever has its accents in such pairs; GB text has nothing else. */
bool charset_looks_chinese(struct slice bytes)
{
    const unsigned char *at = (const unsigned char *) bytes.data;
    size_t high = 0, paired = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        bool lead = (at[i] >= 0xA1 && at[i] <= 0xA9) || (at[i] >= 0xB0 && at[i] <= 0xF7);
        high += at[i] >= 0x80;
        if (lead && i + 1 < bytes.size && at[i + 1] >= 0xA1 && at[i + 1] != 0xFF) {
            paired += 2;
            high++;
            i++;
        }
    }
    return paired > 0 && paired * 10 >= high * 9;
}
