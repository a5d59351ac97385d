#include "crawler/jq.h"

#include "crawler/json_check.h"

#include <jq.h>
#include <stdlib.h>
#include <string.h>

struct jq_program {
    jq_state *state;
    char complaint[ERROR_MESSAGE_MAX]; /* libjq's first words about the text being compiled */
};

/* libjq tells of errors here instead of on standard error. */
static void keep_complaint(void *self, jv message)
{
    struct jq_program *program = self;

    if (program->complaint[0] == '\0' && jv_get_kind(message) == JV_KIND_STRING) {
        const char *text = jv_string_value(message);
        size_t size = strcspn(text, "\n");
        if (size >= sizeof program->complaint)
            size = sizeof program->complaint - 1;
        memcpy(program->complaint, text, size);
        program->complaint[size] = '\0';
    }
    jv_free(message);
}

/* libjq writes several lines for one error; the first tells it. */
enum status jq_create(struct slice text, struct jq_program **program, struct error *err)
{
    struct jq_program *made = calloc(1, sizeof *made);
    struct buf copy;
    enum status status;

    if (made == NULL || (made->state = jq_init()) == NULL) {
        free(made);
        return error_set(err, STATUS_NOMEM, "no memory for a jq program");
    }
    buf_init(&copy, 1 << 20);
    buf_append(&copy, text);
    status = buf_status(&copy, err);
    if (status == STATUS_OK) {
        jq_set_error_cb(made->state, keep_complaint, made);
        if (!jq_compile(made->state, buf_text(&copy)))
            status = error_set(err, STATUS_INVALID, "no jq program: %s", made->complaint);
    }
    buf_fini(&copy);
    if (status != STATUS_OK)
        jq_destroy(made);
    else
        *program = made;
    return status;
}

void jq_destroy(struct jq_program *program)
{
    if (program == NULL)
        return;
    jq_teardown(&program->state);
    free(program);
}

/* libjq gives its reason as a value, which is ours to free. */
static enum status invalid(jv message, const char *what, struct error *err)
{
    const char *text = jv_get_kind(message) == JV_KIND_STRING ? jv_string_value(message) : "";
    enum status status = error_set(err, STATUS_INVALID, "%s: %s", what, text);

    jv_free(message);
    return status;
}

/* An invalid value with a message is an error, one without is the end of the values. */
static enum status take_result(jv result, struct buf *out, struct error *err)
{
    jv text;

    if (!jv_is_valid(result)) {
        jv message = jv_invalid_get_msg(result);
        if (jv_get_kind(message) == JV_KIND_STRING)
            return invalid(message, "jq", err);
        jv_free(message);
        result = jv_null();
    }
    text = jv_dump_string(result, 0);
    buf_append(out,
               slice_of(jv_string_value(text), (size_t) jv_string_length_bytes(jv_copy(text))));
    jv_free(text);
    return buf_status(out, err);
}

/* Starting again drops what a failed run left behind, so a program survives bad pages. */
enum status jq_run(struct jq_program *program, struct slice json, struct buf *out,
                   struct error *err)
{
    size_t values = 0;
    enum status status = json_check(json, &values, err);
    jv input;

    if (status != STATUS_OK)
        return status;
    if (json.size > INT32_MAX || values > JQ_VALUES_MAX)
        return error_set(err, STATUS_TOO_LARGE, "JSON of more than %d values", JQ_VALUES_MAX);
    input = jv_parse_sized(json.data, (int) json.size);
    if (!jv_is_valid(input))
        return invalid(jv_invalid_get_msg(input), "no JSON", err);
    jq_start(program->state, input, 0);
    return take_result(jq_next(program->state), out, err);
}
