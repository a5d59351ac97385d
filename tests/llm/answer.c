#include "tests/llm/answer.h"

#include "tests/llm/gbnf.h"

enum { SPAN_CHARS = 8, DIGITS_MAX = 6 };

struct dice dice_of(const struct question *question)
{
    return (struct dice){.seed = id_of(question->user, question->model)};
}

size_t dice_roll(struct dice *dice, size_t sides)
{
    struct hash *hash = hash_create();
    struct id id;

    hash_field(hash, id_slice(&dice->seed));
    hash_number(hash, dice->rolls++);
    id = hash_finish(hash);
    return (((size_t) id.bytes[0] << 16) + ((size_t) id.bytes[1] << 8) + id.bytes[2]) % sides;
}

static size_t char_size(struct slice text, size_t at)
{
    size_t size = 1;

    while (at + size < text.size && ((unsigned char) text.data[at + size] & 0xC0) == 0x80)
        size++;
    return size;
}

struct slice dice_span(struct dice *dice, struct slice text, size_t chars)
{
    size_t from = text.size == 0 ? 0 : dice_roll(dice, text.size);
    size_t size = 0;

    while (from > 0 && from < text.size && ((unsigned char) text.data[from] & 0xC0) == 0x80)
        from--;
    for (size_t i = 0; i < chars && from + size < text.size; i++) {
        unsigned char c = (unsigned char) text.data[from + size];

        if (c < 0x20 || c == 0x7F || c == '"' || c == '\\')
            break;
        size += char_size(text, from + size);
    }
    return size == 0 ? SLICE("") : slice_sub(text, from, size);
}

/* "at most 40 characters" */
static size_t chars_allowed(const struct json *property)
{
    struct slice rest = json_text(json_member(property, "description"));
    uint64_t most = SPAN_CHARS;

    while (rest.data != NULL) {
        struct slice word = slice_split(&rest, ' ');

        if (word.size <= DIGITS_MAX && slice_to_uint(word, 0, SPAN_CHARS, &most, NULL) == STATUS_OK)
            break;
    }
    return most;
}

static void put_label(const struct json *labels, struct dice *dice, bool wrong, struct buf *out)
{
    size_t at = dice_roll(dice, json_size(labels));

    json_put_text(out, wrong ? SLICE("no such label") : json_text(json_element(labels, at)));
}

static void put_list(const struct json *labels, struct dice *dice, bool wrong, struct buf *out)
{
    const char *between = "";

    buf_putc(out, '[');
    for (size_t i = 0; i < json_size(labels); i++) {
        if (!wrong && dice_roll(dice, 2) == 0)
            continue;
        buf_puts(out, between);
        between = ",";
        json_put_text(out, wrong ? SLICE("no such label") : json_text(json_element(labels, i)));
    }
    buf_putc(out, ']');
}

static void put_property(const struct question *question, const struct json *property,
                         struct dice *dice, bool wrong, struct buf *out)
{
    const struct json *labels = json_member(property, "enum");
    const struct json *items = json_member(json_member(property, "items"), "enum");

    if (json_size(labels) > 0)
        put_label(labels, dice, wrong, out);
    else if (json_size(items) > 0)
        put_list(items, dice, wrong, out);
    else
        json_put_text(out, dice_span(dice, question_data(question), chars_allowed(property)));
}

static void put_object(const struct question *question, bool wrong, struct buf *out)
{
    const struct json *properties = json_member(question->schema, "properties");
    struct dice dice = dice_of(question);
    const struct json *property;
    struct slice name;
    void *cursor = NULL;
    const char *between = "{";

    while (json_next_member(properties, &cursor, &name, &property)) {
        buf_puts(out, between);
        between = ",";
        json_put_text(out, name);
        buf_putc(out, ':');
        put_property(question, property, &dice, wrong, out);
    }
    buf_puts(out, between[0] == '{' ? "{}" : "}");
}

void answer_put(const struct question *question, struct buf *out)
{
    struct dice dice = dice_of(question);

    if (question->schema != NULL)
        put_object(question, false, out);
    else if (question->grammar.data != NULL)
        gbnf_put(question->grammar, question_data(question), &dice, out);
    else
        buf_append(out, question->assistant.data != NULL ? question->assistant : SLICE("{}"));
}

void answer_put_wrong_label(const struct question *question, struct buf *out)
{
    if (question->schema != NULL)
        put_object(question, true, out);
    else
        buf_puts(out, "{\"no such field\":\"no such label\"}");
}
