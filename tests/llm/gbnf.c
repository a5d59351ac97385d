#include "tests/llm/gbnf.h"

#include <string.h>

enum { SPAN_CHARS = 8, ALTERNATIVES_MAX = 64, CHOICES_MAX = 20000 };

struct gbnf {
    struct slice grammar;
    struct slice data;
    struct dice *dice;
    struct buf *out;
    unsigned depth;
    unsigned choices;
};

static void put_choice(struct gbnf *gbnf, struct slice body);

/* The right side of a rule; empty if there is none. */
static struct slice find_rule(const struct gbnf *gbnf, struct slice name)
{
    struct slice rest = gbnf->grammar;

    while (rest.data != NULL) {
        struct slice line = slice_split(&rest, '\n');
        size_t at = slice_find(line, SLICE("::="));

        if (at < line.size && slice_equal(slice_trim(slice_sub(line, 0, at)), name))
            return slice_trim(slice_sub(line, at + 3, line.size));
    }
    return SLICE("");
}

static char closing(char open)
{
    switch (open) {
    case '[':
        return ']';
    case '(':
        return ')';
    default:
        return open;
    }
}

/* Bytes of the item at the start: a literal, a class, a group or a name. */
static size_t item_size(struct slice text)
{
    char close = closing(text.data[0]);
    size_t depth = 0;
    size_t i;

    if (strchr("\"[(", text.data[0]) == NULL) {
        for (i = 1; i < text.size && strchr(" ?*+|()\"[", text.data[i]) == NULL; i++)
            continue;
        return i;
    }
    for (i = 1; i < text.size && (text.data[i] != close || depth > 0); i++) {
        if (text.data[i] == '\\') {
            i++;
        } else if (close == ')' && (text.data[i] == '"' || text.data[i] == '[')) {
            i += item_size(slice_sub(text, i, text.size)) - 1;
        } else if (close == ')') {
            depth += text.data[i] == '(';
            depth -= text.data[i] == ')' && depth > 0;
        }
    }
    return i < text.size ? i + 1 : text.size;
}

static void put_literal(struct gbnf *gbnf, struct slice inside)
{
    for (size_t i = 0; i < inside.size; i++) {
        if (inside.data[i] == '\\' && i + 1 < inside.size)
            i++;
        buf_putc(gbnf->out, inside.data[i]);
    }
}

/* A class, or a rule that begins with one. */
static bool is_class(const struct gbnf *gbnf, struct slice item)
{
    struct slice body = find_rule(gbnf, item);

    return item.data[0] == '[' || (body.size > 0 && body.data[0] == '[');
}

static void put_item(struct gbnf *gbnf, struct slice item)
{
    if (item.data[0] == '"')
        put_literal(gbnf, slice_sub(item, 1, item.size - 2));
    else if (item.data[0] == '(')
        put_choice(gbnf, slice_sub(item, 1, item.size - 2));
    else if (!is_class(gbnf, item))
        put_choice(gbnf, find_rule(gbnf, item));
}

static void put_repeated(struct gbnf *gbnf, struct slice item, char how)
{
    if ((how == '*' || how == '+') && is_class(gbnf, item))
        buf_append(gbnf->out, dice_span(gbnf->dice, gbnf->data, SPAN_CHARS));
    else if (how != '?' || dice_roll(gbnf->dice, 2) == 1)
        put_item(gbnf, item);
}

static void put_sequence(struct gbnf *gbnf, struct slice body)
{
    while ((body = slice_trim(body)).size > 0) {
        size_t size = item_size(body);
        char how = '\0';

        if (size < body.size && strchr("?*+", body.data[size]) != NULL)
            how = body.data[size];
        put_repeated(gbnf, slice_sub(body, 0, size), how);
        body = slice_sub(body, size + (how != '\0'), body.size);
    }
}

/* One of the alternatives between the |. */
static void put_choice(struct gbnf *gbnf, struct slice body)
{
    struct slice alternatives[ALTERNATIVES_MAX];
    size_t count = 0;
    size_t from = 0;
    size_t at = 0;

    if (body.size == 0 || gbnf->depth == GBNF_DEPTH_MAX || gbnf->choices++ > CHOICES_MAX)
        return;
    while (at < body.size && count + 1 < ALTERNATIVES_MAX) {
        if (body.data[at] == '|') {
            alternatives[count++] = slice_sub(body, from, at - from);
            from = ++at;
        } else {
            at += item_size(slice_sub(body, at, body.size));
        }
    }
    alternatives[count++] = slice_sub(body, from, body.size);
    gbnf->depth++;
    put_sequence(gbnf, alternatives[dice_roll(gbnf->dice, count)]);
    gbnf->depth--;
}

void gbnf_put(struct slice grammar, struct slice data, struct dice *dice, struct buf *out)
{
    struct gbnf gbnf = {.grammar = grammar, .data = data, .dice = dice, .out = out};

    put_choice(&gbnf, find_rule(&gbnf, SLICE("root")));
}
