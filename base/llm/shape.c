#include "base/llm/shape.h"

#include "base/json.h"

enum { LITERAL_MAX = 64 * 1024 };

/* They could end a line of a log or hide what stands behind them. */
static bool has_controls(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char) text.data[i];

        if (c < 0x20 || c == 0x7F)
            return true;
        /* U+0080 to U+009F. */
        if (c == 0xC2 && i + 1 < text.size && (unsigned char) text.data[i + 1] < 0xA0)
            return true;
    }
    return false;
}

/* Of valid UTF-8. */
static size_t count_chars(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.size; i++)
        count += ((unsigned char) text.data[i] & 0xC0) != 0x80;
    return count;
}

static enum status check_choices(const struct shape_field *field, struct error *err)
{
    if (field->choice_count == 0 || field->choice_count > SHAPE_CHOICES_MAX)
        return error_set(err, STATUS_INVALID, "%zu choices, 1 to %d are possible",
                         field->choice_count, SHAPE_CHOICES_MAX);
    for (size_t i = 0; i < field->choice_count; i++) {
        if (field->choices[i].size == 0 || has_controls(field->choices[i]))
            return error_set(err, STATUS_INVALID, "choice %zu is empty or holds controls", i + 1);
        for (size_t k = 0; k < i; k++)
            if (slice_equal(field->choices[i], field->choices[k]))
                return error_set(err, STATUS_INVALID, "choice \"%.*s\" stands twice",
                                 SLICE_ARG(field->choices[i]));
    }
    return STATUS_OK;
}

/* The most bytes its value has in canonical form; escaping at most doubles text. */
static size_t size_most(const struct shape_field *field)
{
    size_t sum = 2 * field->name.size + sizeof "\"\":[],";

    if (field->kind == SHAPE_TEXT)
        return sum + sizeof "\"\"" +
               4 * (field->max_chars < SHAPE_TEXT_MAX ? field->max_chars : SHAPE_TEXT_MAX);
    for (size_t i = 0; i < field->choice_count; i++)
        sum += 2 * field->choices[i].size + sizeof "\"\",";
    return sum;
}

static enum status check_field(const struct shape *shape, size_t at, struct error *err)
{
    const struct shape_field *field = &shape->fields[at];

    if (field->name.size == 0 || has_controls(field->name))
        return error_set(err, STATUS_INVALID, "its name is empty or holds controls");
    for (size_t i = 0; i < at; i++)
        if (slice_equal(field->name, shape->fields[i].name))
            return error_set(err, STATUS_INVALID, "its name stands twice");
    if (field->kind != SHAPE_TEXT)
        return check_choices(field, err);
    if (field->max_chars == 0)
        return error_set(err, STATUS_INVALID, "a text of at most 0 characters");
    return STATUS_OK;
}

enum status shape_check(const struct shape *shape, struct error *err)
{
    size_t most = sizeof "{}";

    if (shape->field_count == 0 || shape->field_count > SHAPE_FIELDS_MAX)
        return error_set(err, STATUS_INVALID, "%zu fields, 1 to %d are possible",
                         shape->field_count, SHAPE_FIELDS_MAX);
    for (size_t i = 0; i < shape->field_count; i++) {
        enum status status = check_field(shape, i, err);

        if (status != STATUS_OK)
            return error_prefix(err, status, "field \"%.*s\"", SLICE_ARG(shape->fields[i].name));
        most += size_most(&shape->fields[i]);
    }
    if (most > SHAPE_TEXT_MAX)
        return error_set(err, STATUS_INVALID, "an answer could have %zu bytes, at most %d", most,
                         SHAPE_TEXT_MAX);
    return STATUS_OK;
}

static void put_enum(const struct shape_field *field, struct buf *out)
{
    buf_puts(out, "{\"type\":\"string\",\"enum\":[");
    for (size_t i = 0; i < field->choice_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        json_put_text(out, field->choices[i]);
    }
    buf_puts(out, "]}");
}

/* maxLength, maxItems and uniqueItems are not taken by every strict mode, and llama.cpp turns the
 * first into a slow counted repetition: shape_read sees to them. */
static void put_property(const struct shape_field *field, struct buf *out)
{
    switch (field->kind) {
    case SHAPE_CHOICE:
        put_enum(field, out);
        break;
    case SHAPE_CHOICES:
        buf_puts(out, "{\"type\":\"array\",\"items\":");
        put_enum(field, out);
        buf_putc(out, '}');
        break;
    case SHAPE_TEXT:
        buf_printf(out, "{\"type\":\"string\",\"description\":\"at most %zu characters\"}",
                   field->max_chars);
        break;
    }
}

void shape_put_schema(const struct shape *shape, struct buf *out)
{
    buf_puts(out, "{\"type\":\"object\",\"properties\":{");
    for (size_t i = 0; i < shape->field_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        json_put_text(out, shape->fields[i].name);
        buf_putc(out, ':');
        put_property(&shape->fields[i], out);
    }
    buf_puts(out, "},\"required\":[");
    for (size_t i = 0; i < shape->field_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        json_put_text(out, shape->fields[i].name);
    }
    buf_puts(out, "],\"additionalProperties\":false}");
}

/* A JSON string inside a GBNF literal, between what is given: two layers of escapes. */
static void put_literal(struct buf *out, const char *before, struct slice text, const char *behind)
{
    struct buf json;

    buf_init(&json, LITERAL_MAX);
    buf_puts(&json, before);
    json_put_text(&json, text);
    buf_puts(&json, behind);
    if (json.failure != STATUS_OK)
        out->failure = json.failure;
    buf_putc(out, '"');
    for (size_t i = 0; i < json.size; i++) {
        if (json.data[i] == '"' || json.data[i] == '\\')
            buf_putc(out, '\\');
        buf_putc(out, json.data[i]);
    }
    buf_putc(out, '"');
    buf_fini(&json);
}

static void put_choice_rule(const struct shape_field *field, size_t number, struct buf *out)
{
    buf_printf(out, "f%zu ::= ", number);
    for (size_t i = 0; i < field->choice_count; i++) {
        if (i > 0)
            buf_puts(out, " | ");
        put_literal(out, "", field->choices[i], "");
    }
    buf_putc(out, '\n');
}

/* A chain of rules: "one or more of the choices from the i-th on, in order", so that none can be
 * said twice and a list always ends. */
static void put_choices_rules(const struct shape_field *field, size_t number, struct buf *out)
{
    buf_printf(out, "f%zu ::= \"[\" f%zu-0? \"]\"\n", number, number);
    for (size_t i = 0; i < field->choice_count; i++) {
        buf_printf(out, "f%zu-%zu ::= ", number, i);
        put_literal(out, "", field->choices[i], "");
        if (i + 1 < field->choice_count)
            buf_printf(out, " (\",\" f%zu-%zu)? | f%zu-%zu", number, i + 1, number, i + 1);
        buf_putc(out, '\n');
    }
}

void shape_put_grammar(const struct shape *shape, struct buf *out)
{
    bool texts = false;

    buf_puts(out, "root ::= ");
    for (size_t i = 0; i < shape->field_count; i++) {
        put_literal(out, i == 0 ? "{" : ",", shape->fields[i].name, ":");
        buf_printf(out, " f%zu ", i);
    }
    buf_puts(out, "\"}\"\n");
    for (size_t i = 0; i < shape->field_count; i++) {
        texts |= shape->fields[i].kind == SHAPE_TEXT;
        if (shape->fields[i].kind == SHAPE_CHOICE)
            put_choice_rule(&shape->fields[i], i, out);
        else if (shape->fields[i].kind == SHAPE_CHOICES)
            put_choices_rules(&shape->fields[i], i, out);
        else
            buf_printf(out, "f%zu ::= \"\\\"\" char* \"\\\"\"\n", i);
    }
    /* Not counted: a bound would end a text in mid-word, and the half would pass for an answer.
     * Here max_tokens ends it, and shape_read measures it. */
    if (texts)
        buf_puts(out, "char ::= [^\"\\\\\\x00-\\x1F\\x7F-\\x9F] | \"\\\\\" [\"\\\\]\n");
}

/* Index of the choice, choice_count if it is none. Bytes are compared: a label that only looks the
 * same, or has a blank behind it, is another answer. */
static size_t find_choice(const struct shape_field *field, const struct json *value)
{
    struct slice text = json_text(value);
    size_t i = 0;

    if (text.data == NULL)
        return field->choice_count;
    while (i < field->choice_count && !slice_equal(field->choices[i], text))
        i++;
    return i;
}

static enum status read_choice(const struct shape_field *field, const struct json *value,
                               struct slice *texts, struct error *err)
{
    size_t at = find_choice(field, value);

    if (at == field->choice_count)
        return error_set(err, STATUS_INVALID, "not one of its %zu choices", field->choice_count);
    texts[0] = field->choices[at];
    return STATUS_OK;
}

static enum status read_choices(const struct shape_field *field, const struct json *value,
                                struct shape_value *read, struct slice *texts)
{
    /* Kept by choice, so they come out in the shape's order whatever the answer's was. */
    bool said[SHAPE_CHOICES_MAX] = {false};
    size_t count = 0;

    if (json_kind(value) != JSON_KIND_ARRAY)
        return STATUS_INVALID;
    for (size_t i = 0; i < json_size(value); i++) {
        size_t at = find_choice(field, json_element(value, i));

        if (at == field->choice_count || said[at])
            return STATUS_INVALID;
        said[at] = true;
    }
    for (size_t i = 0; i < field->choice_count; i++)
        if (said[i])
            texts[count++] = field->choices[i];
    read->text_count = count;
    return STATUS_OK;
}

static enum status read_text(const struct shape_field *field, const struct json *value,
                             struct slice *texts, struct error *err)
{
    struct slice text = json_text(value);

    if (text.data == NULL)
        return error_set(err, STATUS_INVALID, "not a text");
    if (has_controls(text))
        return error_set(err, STATUS_INVALID, "a text with control characters");
    if (count_chars(text) > field->max_chars)
        return error_set(err, STATUS_INVALID, "a text of more than %zu characters",
                         field->max_chars);
    texts[0] = text;
    return STATUS_OK;
}

static enum status read_value(const struct shape_field *field, const struct json *value,
                              struct arena *arena, struct shape_value *read, struct error *err)
{
    size_t room = field->kind == SHAPE_CHOICES ? field->choice_count : 1;
    struct slice *texts = arena_array(arena, room, sizeof *texts);

    if (texts == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for an answer");
    /* Also marks the field as said, for read_members. */
    *read = (struct shape_value){texts, 1};
    if (field->kind == SHAPE_CHOICE)
        return read_choice(field, value, texts, err);
    if (field->kind == SHAPE_TEXT)
        return read_text(field, value, texts, err);
    if (read_choices(field, value, read, texts) != STATUS_OK)
        return error_set(err, STATUS_INVALID, "not a list of some of its %zu choices, each once",
                         field->choice_count);
    return STATUS_OK;
}

static size_t find_field(const struct shape *shape, struct slice name)
{
    size_t i = 0;

    while (i < shape->field_count && !slice_equal(shape->fields[i].name, name))
        i++;
    return i;
}

/* Doubled members the parser has refused already, so as many members as fields, each known, are
 * all of them. */
static enum status read_members(const struct shape *shape, const struct json *object,
                                struct arena *arena, struct shape_value *read, struct error *err)
{
    const struct json *value;
    struct slice name;
    void *cursor = NULL;

    while (json_next_member(object, &cursor, &name, &value)) {
        size_t at = find_field(shape, name);
        enum status status;

        if (at == shape->field_count)
            return error_set(err, STATUS_INVALID, "a field that was not asked for");
        status = read_value(&shape->fields[at], value, arena, &read[at], err);
        if (status != STATUS_OK)
            return error_prefix(err, status, "field \"%.*s\"", SLICE_ARG(name));
    }
    for (size_t i = 0; i < shape->field_count; i++)
        if (read[i].texts == NULL)
            return error_set(err, STATUS_INVALID, "field \"%.*s\" is missing",
                             SLICE_ARG(shape->fields[i].name));
    return STATUS_OK;
}

enum status shape_read(const struct shape *shape, struct slice answer, struct arena *arena,
                       const struct shape_value **values, struct error *err)
{
    struct shape_value *read;
    const struct json *object;
    enum status status;

    if (answer.size > SHAPE_TEXT_MAX)
        return error_set(err, STATUS_INVALID, "an answer of more than %d bytes", SHAPE_TEXT_MAX);
    /* The parser's own words quote the text. */
    status = json_parse(answer, arena, &object, err);
    if (status == STATUS_INVALID)
        return error_set(err, STATUS_INVALID, "not exactly one JSON value, each field once");
    if (status != STATUS_OK)
        return status;
    if (json_kind(object) != JSON_KIND_OBJECT)
        return error_set(err, STATUS_INVALID, "not a JSON object");
    read = arena_array(arena, shape->field_count, sizeof *read);
    if (read == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for an answer");
    status = read_members(shape, object, arena, read, err);
    if (status == STATUS_OK)
        *values = read;
    return status;
}

static void put_value(const struct shape_field *field, const struct shape_value *value,
                      struct buf *out)
{
    if (field->kind != SHAPE_CHOICES) {
        json_put_text(out, value->texts[0]);
        return;
    }
    buf_putc(out, '[');
    for (size_t i = 0; i < value->text_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        json_put_text(out, value->texts[i]);
    }
    buf_putc(out, ']');
}

void shape_put_canon(const struct shape *shape, const struct shape_value *values, struct buf *out)
{
    for (size_t i = 0; i < shape->field_count; i++) {
        buf_putc(out, i == 0 ? '{' : ',');
        json_put_text(out, shape->fields[i].name);
        buf_putc(out, ':');
        put_value(&shape->fields[i], &values[i], out);
    }
    buf_putc(out, '}');
}
