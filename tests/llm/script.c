#include "tests/llm/script.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOW_MAX_MS = 600000, RETRY_MAX_S = 3600, MEMORY_MAX = 2 * SCRIPT_FILE_MAX };

struct rule {
    struct slice match;
    struct behaviour steps[SCRIPT_STEPS_MAX];
    size_t step_count;
    size_t requests;
};

struct script {
    struct arena *arena;
    struct rule *rules;
    size_t rule_count;
};

static const struct behaviour fine = {.deed = DEED_OK, .retry_after_s = -1};

static const char *const deed_names[] = {
#define X(name, text) text,
    DEEDS(X)
#undef X
};

const char *deed_text(enum deed deed)
{
    ENSURE(deed < DEED_COUNT);
    return deed_names[deed];
}

/* "429 2" and "slow 3000". */
static enum status read_numbered(struct slice word, struct slice rest, struct behaviour *step,
                                 struct error *err)
{
    uint64_t number = 0;
    enum status status;

    if (slice_equal(word, SLICE("slow"))) {
        status = slice_to_uint(rest, 0, SLOW_MAX_MS, &number, err);
        step->deed = DEED_SLOW;
        step->slow_ms = (int64_t) number;
        return status;
    }
    status = slice_to_uint(word, 400, 599, &number, NULL);
    if (status != STATUS_OK)
        return error_set(err, status, "'%.*s' is no behaviour", SLICE_ARG(word));
    step->deed = DEED_STATUS;
    step->status = (unsigned) number;
    if (rest.size == 0)
        return STATUS_OK;
    status = slice_to_uint(rest, 0, RETRY_MAX_S, &number, err);
    step->retry_after_s = (int64_t) number;
    return status;
}

static enum status read_step(const struct json *value, struct behaviour *step, struct error *err)
{
    struct slice rest = json_text(value);
    struct slice word;

    *step = fine;
    if (rest.data == NULL) {
        step->deed = DEED_TEXT;
        step->text = json_text(json_member(value, "text"));
        return step->text.data != NULL ? STATUS_OK
                                       : error_set(err, STATUS_INVALID, "neither a word nor text");
    }
    for (size_t i = 0; i < DEED_COUNT; i++)
        if (slice_equal(rest, slice_from(deed_names[i])) && i != DEED_TEXT && i != DEED_STATUS &&
            i != DEED_SLOW) {
            step->deed = (enum deed) i;
            return STATUS_OK;
        }
    word = slice_split(&rest, ' ');
    return read_numbered(word, rest.data == NULL ? SLICE("") : rest, step, err);
}

static enum status read_rule(struct script *script, struct slice line, struct rule *rule,
                             struct error *err)
{
    const struct json *value;
    const struct json *steps;
    enum status status = json_parse(line, script->arena, &value, err);

    if (status != STATUS_OK)
        return status;
    rule->match = json_text(json_member(value, "match"));
    steps = json_member(value, "then");
    rule->step_count = json_kind(steps) == JSON_KIND_ARRAY ? json_size(steps) : 0;
    if (rule->match.data == NULL || rule->step_count == 0 || rule->step_count > SCRIPT_STEPS_MAX)
        return error_set(err, STATUS_INVALID, "needs match, and then with 1 to %d behaviours",
                         SCRIPT_STEPS_MAX);
    for (size_t i = 0; i < rule->step_count && status == STATUS_OK; i++)
        status = read_step(json_element(steps, i), &rule->steps[i], err);
    return status;
}

static enum status read_rules(struct script *script, struct slice rest, struct error *err)
{
    size_t number = 0;

    while (rest.data != NULL) {
        struct slice line = slice_trim(slice_split(&rest, '\n'));
        enum status status;

        number++;
        if (line.size == 0)
            continue;
        if (script->rule_count == SCRIPT_RULES_MAX)
            return error_set(err, STATUS_INVALID, "line %zu: more than %d rules", number,
                             SCRIPT_RULES_MAX);
        status = read_rule(script, line, &script->rules[script->rule_count], err);
        if (status != STATUS_OK)
            return error_prefix(err, status, "line %zu", number);
        script->rule_count++;
    }
    return STATUS_OK;
}

static enum status read_file(struct script *script, const char *path, struct error *err)
{
    FILE *file = fopen(path, "rb");
    struct buf text;
    char *room;
    enum status status;

    if (file == NULL)
        return error_set(err, STATUS_INVALID, "open %s: %s", path, strerror(errno));
    buf_init(&text, SCRIPT_FILE_MAX);
    room = buf_reserve(&text, SCRIPT_FILE_MAX);
    if (room != NULL)
        buf_added(&text, fread(room, 1, SCRIPT_FILE_MAX, file));
    status = buf_status(&text, err);
    if (status == STATUS_OK)
        status = read_rules(script, buf_slice(&text), err);
    buf_fini(&text);
    fclose(file);
    return status == STATUS_OK ? status : error_prefix(err, status, "%s", path);
}

enum status script_load(const char *path, struct script **script, struct error *err)
{
    struct script *made = calloc(1, sizeof *made);
    enum status status = STATUS_OK;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a script");
    made->arena = arena_create(MEMORY_MAX);
    made->rules = calloc(SCRIPT_RULES_MAX, sizeof *made->rules);
    if (made->arena == NULL || made->rules == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for a script");
    if (status == STATUS_OK && path != NULL)
        status = read_file(made, path, err);
    if (status == STATUS_OK)
        *script = made;
    else
        script_destroy(made);
    return status;
}

void script_destroy(struct script *script)
{
    if (script == NULL)
        return;
    arena_destroy(script->arena);
    free(script->rules);
    free(script);
}

const struct behaviour *script_next(struct script *script, struct slice user)
{
    for (size_t i = 0; i < script->rule_count; i++) {
        struct rule *rule = &script->rules[i];
        size_t at = rule->requests;

        if (!slice_contains(user, rule->match))
            continue;
        rule->requests++;
        return &rule->steps[at < rule->step_count ? at : rule->step_count - 1];
    }
    return &fine;
}
