#include "base/llm/openai_reply.h"

#include "base/json.h"

#include <float.h>

/* ---- texts of servers ---- */

static bool is_tail(char c)
{
    return ((unsigned char) c & 0xC0) == 0x80;
}

/* Controls of ASCII, and U+0080 to U+009F, whose second byte alone says so. */
static bool is_control(struct slice text, size_t at)
{
    unsigned char c = (unsigned char) text.data[at];

    if (c < 0x20 || c == 0x7F)
        return true;
    return c == 0xC2 && at + 1 < text.size && (unsigned char) text.data[at + 1] < 0xA0;
}

/* Of valid UTF-8, which the parser sees to. */
static struct slice clean(struct slice text, struct arena *arena)
{
    size_t size = 0;
    char *out;

    if (text.data == NULL)
        return (struct slice){"", 0};
    if (text.size > OPENAI_NOTE_MAX) {
        text.size = OPENAI_NOTE_MAX;
        while (text.size > 0 && is_tail(text.data[text.size]))
            text.size--;
    }
    out = arena_alloc(arena, text.size + 1);
    if (out == NULL)
        return (struct slice){"", 0};
    for (size_t at = 0; at < text.size; at++) {
        if (!is_control(text, at)) {
            out[size++] = text.data[at];
            continue;
        }
        out[size++] = ' ';
        at += (unsigned char) text.data[at] == 0xC2;
    }
    return slice_of(out, size);
}

static struct slice served_by(const struct json *root, struct arena *arena)
{
    struct slice model = clean(json_text(json_member(root, "model")), arena);
    struct slice build = clean(json_text(json_member(root, "system_fingerprint")), arena);
    const char *text;

    if (build.size == 0)
        return model;
    text = arena_printf(arena, "%.*s (%.*s)", SLICE_ARG(model), SLICE_ARG(build));
    return slice_from(text);
}

/* ---- frames ---- */

static uint64_t tokens(const struct json *usage, const char *name)
{
    int64_t count = json_int(json_member(usage, name), -1);

    return count < 0 || count > INT32_MAX ? OPENAI_UNKNOWN : (uint64_t) count;
}

static enum status read_frame(struct slice body, struct arena *arena, struct openai_reply *reply,
                              const struct json **root, struct error *err)
{
    const struct json *usage;
    enum status status = json_parse(body, arena, root, NULL);

    /* The parser's words quote the text. */
    if (status == STATUS_INVALID)
        return error_set(err, STATUS_INVALID, "the reply is not JSON");
    if (status != STATUS_OK)
        return error_set(err, status, "no memory for a reply");
    usage = json_member(*root, "usage");
    *reply = (struct openai_reply){.served_by = served_by(*root, arena),
                                   .prompt_tokens = tokens(usage, "prompt_tokens"),
                                   .completion_tokens = tokens(usage, "completion_tokens")};
    return STATUS_OK;
}

enum status openai_read_chat(struct slice body, struct arena *arena, struct openai_reply *reply,
                             struct error *err)
{
    struct openai_reply read;
    const struct json *root, *choice;
    struct slice finish;
    enum status status = read_frame(body, arena, &read, &root, err);

    if (status != STATUS_OK)
        return status;
    choice = json_element(json_member(root, "choices"), 0);
    read.text = json_text(json_member(json_member(choice, "message"), "content"));
    if (read.text.data == NULL)
        return error_set(err, STATUS_INVALID, "the reply has no choices[0].message.content");
    finish = json_text(json_member(choice, "finish_reason"));
    read.complete = slice_equal(finish, SLICE("stop"));
    read.finish = clean(finish, arena);
    *reply = read;
    return STATUS_OK;
}

/* ---- vectors ---- */

static enum status read_vector(const struct json *numbers, size_t dimension, float *out,
                               struct error *err)
{
    if (json_kind(numbers) != JSON_KIND_ARRAY || json_size(numbers) != dimension)
        return error_set(err, STATUS_INVALID, "the reply's vectors differ in size");
    for (size_t i = 0; i < dimension; i++) {
        double number = json_double(json_element(numbers, i), DBL_MAX);
        if (!(number >= -FLT_MAX && number <= FLT_MAX))
            return error_set(err, STATUS_INVALID, "a vector of the reply holds what is no number");
        out[i] = (float) number;
    }
    return STATUS_OK;
}

static enum status read_data(const struct json *data, size_t text_count, struct arena *arena,
                             struct openai_reply *reply, struct error *err)
{
    size_t dimension = json_size(json_member(json_element(data, 0), "embedding"));
    float *vectors;
    bool seen[LLM_EMBED_TEXTS_MAX] = {false};

    if (dimension == 0 || dimension > LLM_EMBED_DIMENSION_MAX)
        return error_set(err, STATUS_INVALID,
                         "the reply's vectors have %zu numbers, 1 to %d can be", dimension,
                         LLM_EMBED_DIMENSION_MAX);
    vectors = arena_array(arena, text_count * dimension, sizeof *vectors);
    if (vectors == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for vectors");
    for (size_t i = 0; i < text_count; i++) {
        const struct json *item = json_element(data, i);
        int64_t index = json_int(json_member(item, "index"), -1);
        enum status status;
        if (index < 0 || (uint64_t) index >= text_count || seen[index])
            return error_set(err, STATUS_INVALID, "the reply's vectors are not numbered in full");
        seen[index] = true;
        status = read_vector(json_member(item, "embedding"), dimension,
                             vectors + (size_t) index * dimension, err);
        if (status != STATUS_OK)
            return status;
    }
    reply->vectors = vectors;
    reply->dimension = dimension;
    return STATUS_OK;
}

enum status openai_read_vectors(struct slice body, size_t text_count, struct arena *arena,
                                struct openai_reply *reply, struct error *err)
{
    struct openai_reply read;
    const struct json *root, *data;
    enum status status = read_frame(body, arena, &read, &root, err);

    if (status != STATUS_OK)
        return status;
    data = json_member(root, "data");
    if (json_kind(data) != JSON_KIND_ARRAY || json_size(data) != text_count)
        return error_set(err, STATUS_INVALID, "the reply has not one vector for each text");
    status = read_data(data, text_count, arena, &read, err);
    if (status != STATUS_OK)
        return status;
    read.complete = true;
    read.completion_tokens = 0;
    *reply = read;
    return STATUS_OK;
}

/* ---- errors ---- */

const char *openai_read_error(struct slice body, struct arena *arena)
{
    static const char *const members[] = {"error", "message", "detail"};
    const struct json *root;
    struct slice text;

    if (json_parse(body, arena, &root, NULL) != STATUS_OK)
        return "";
    text = json_text(json_member(json_member(root, "error"), "message"));
    for (size_t i = 0; text.data == NULL && i < sizeof members / sizeof members[0]; i++)
        text = json_text(json_member(root, members[i]));
    return clean(text, arena).data;
}
