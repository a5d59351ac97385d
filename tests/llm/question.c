#include "tests/llm/question.h"

enum { FORM_MAX = 1024 * 1024 };

static void take_user(struct question *question, struct slice text)
{
    if (slice_contains(text, SLICE("<<<")) || !slice_contains(question->user, SLICE("<<<")))
        question->user = text;
}

static enum status read_messages(const struct json *messages, struct question *question,
                                 struct error *err)
{
    question->turn_count = json_size(messages);
    for (size_t i = 0; i < question->turn_count; i++) {
        const struct json *turn = json_element(messages, i);
        struct slice role = json_text(json_member(turn, "role"));
        struct slice text = json_text(json_member(turn, "content"));

        if (role.data == NULL || text.data == NULL)
            return error_set(err, STATUS_INVALID, "message %zu has no role or content", i + 1);
        if (slice_equal(role, SLICE("user")))
            take_user(question, text);
        else if (slice_equal(role, SLICE("assistant")))
            question->assistant = text;
        else if (!slice_equal(role, SLICE("system")))
            return error_set(err, STATUS_INVALID, "message %zu has a role of its own", i + 1);
    }
    if (question->user.data == NULL)
        return error_set(err, STATUS_INVALID, "no message of the user");
    return STATUS_OK;
}

static enum status read_input(struct question *question, struct error *err)
{
    const struct json *first = json_kind(question->input) == JSON_KIND_ARRAY
                                   ? json_element(question->input, 0)
                                   : question->input;

    question->user = json_text(first);
    if (question->user.data == NULL)
        return error_set(err, STATUS_INVALID, "input is no text and no list of texts");
    return STATUS_OK;
}

static struct id form_of(const struct question *question)
{
    struct buf schema;
    struct id form;

    buf_init(&schema, FORM_MAX);
    json_put_value(&schema, question->schema);
    form = id_of(buf_slice(&schema), question->grammar);
    buf_fini(&schema);
    return form;
}

enum status question_read(struct slice body, struct arena *arena, struct question *question,
                          struct error *err)
{
    const struct json *value;
    const struct json *format;
    enum status status = json_parse(body, arena, &value, err);

    if (status != STATUS_OK)
        return status;
    *question = (struct question){.id = id_of(body, SLICE("")),
                                  .model = json_text(json_member(value, "model")),
                                  .grammar = json_text(json_member(value, "grammar")),
                                  .input = json_member(value, "input")};
    if (question->model.data == NULL)
        question->model = SLICE("");
    format = json_member(value, "response_format");
    question->schema = json_member(json_member(format, "json_schema"), "schema");
    if (question->schema == NULL)
        question->schema = json_member(value, "json_schema");
    question->form = form_of(question);
    if (question->input != NULL)
        return read_input(question, err);
    if (json_size(json_member(value, "messages")) == 0)
        return error_set(err, STATUS_INVALID, "no messages");
    return read_messages(json_member(value, "messages"), question, err);
}

struct slice question_data(const struct question *question)
{
    size_t at = slice_find(question->user, SLICE("<<<"));
    struct slice rest = slice_sub(question->user, at, question->user.size);
    struct slice code = slice_sub(slice_split(&rest, '\n'), 3, SIZE_MAX);
    size_t end = 0;

    while (code.size > 0 && end < rest.size) {
        struct slice behind = slice_sub(rest, end, rest.size);

        end += slice_find(behind, code);
        behind = slice_sub(rest, end + code.size, rest.size);
        if (slice_starts(behind, SLICE(">>>")))
            return slice_trim(slice_sub(rest, 0, end));
        end++;
    }
    return SLICE("");
}
