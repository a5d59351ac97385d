#include "tests/sites/grammar.h"

#include "base/util/map.h"

#include <stdlib.h>

struct rule {
    struct rule *next; /* of all rules, for their destruction */
    struct slice *alternatives;
    size_t count;
    size_t capacity;
};

struct grammar {
    struct map *by_name;
    struct rule *rules;
};

/* One expansion under way. */
struct expansion {
    const struct grammar *grammar;
    struct grammar_scope *scope;
    struct buf *out;
    unsigned depth;
};

static void expand(struct expansion *at, struct slice frame);

/* The rule of this name, made if it is new. */
static enum status rule_open(struct grammar *grammar, struct slice name, struct rule **opened)
{
    struct rule *rule = map_get(grammar->by_name, name);

    if (rule == NULL) {
        rule = calloc(1, sizeof *rule);
        if (rule == NULL)
            return STATUS_NOMEM;
        rule->next = grammar->rules;
        grammar->rules = rule;
        if (map_put(grammar->by_name, name, rule) != STATUS_OK)
            return STATUS_NOMEM;
    }
    *opened = rule;
    return STATUS_OK;
}

/* One more alternative. */
static enum status rule_add(struct rule *rule, struct slice line)
{
    if (rule->count == rule->capacity) {
        size_t capacity = rule->capacity == 0 ? 8 : 2 * rule->capacity;
        struct slice *grown = realloc(rule->alternatives, capacity * sizeof *grown);

        if (grown == NULL)
            return STATUS_NOMEM;
        rule->alternatives = grown;
        rule->capacity = capacity;
    }
    rule->alternatives[rule->count++] = line;
    return STATUS_OK;
}

/* One file; rules go on across files. */
static enum status read_file(struct grammar *grammar, struct slice file, struct error *err)
{
    struct rule *rule = NULL;
    size_t number = 0;

    while (file.data != NULL) {
        struct slice line = slice_split(&file, '\n');
        enum status status = STATUS_OK;

        number++;
        if (line.size == 0 || slice_starts(line, SLICE("# ")))
            continue;
        if (line.data[0] == '@')
            status = rule_open(grammar, slice_sub(line, 1, line.size), &rule);
        else if (rule == NULL)
            return error_set(err, STATUS_INVALID, "line %zu: a frame before the first rule",
                             number);
        else
            status = rule_add(rule, line);
        if (status != STATUS_OK)
            return error_set(err, status, "grammar: line %zu", number);
    }
    return STATUS_OK;
}

enum status grammar_create(const struct slice *files, size_t count, struct grammar **created,
                           struct error *err)
{
    struct grammar *grammar = calloc(1, sizeof *grammar);
    enum status status = STATUS_OK;

    if (grammar == NULL || (grammar->by_name = map_create()) == NULL)
        status = error_set(err, STATUS_NOMEM, "grammar");
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = read_file(grammar, files[i], err);
    if (status != STATUS_OK) {
        grammar_destroy(grammar);
        return status;
    }
    *created = grammar;
    return STATUS_OK;
}

void grammar_destroy(struct grammar *grammar)
{
    if (grammar == NULL)
        return;
    while (grammar->rules != NULL) {
        struct rule *rule = grammar->rules;

        grammar->rules = rule->next;
        free(rule->alternatives);
        free(rule);
    }
    map_destroy(grammar->by_name);
    free(grammar);
}

bool grammar_has(const struct grammar *grammar, struct slice rule)
{
    return map_get(grammar->by_name, rule) != NULL;
}

/* Where the bracket opened at `from` closes; the end of the text if it never does. */
static size_t closing(struct slice text, size_t from)
{
    int open = 0;

    for (size_t i = from; i < text.size; i++) {
        open += text.data[i] == '[';
        open -= text.data[i] == ']';
        if (open == 0)
            return i;
    }
    return text.size;
}

/* The part before the next '|' that is in no inner bracket; advances *rest behind it. */
static struct slice next_alternative(struct slice *rest)
{
    size_t end = 0;
    int open = 0;

    while (end < rest->size && (open > 0 || rest->data[end] != '|')) {
        open += rest->data[end] == '[';
        open -= rest->data[end] == ']';
        end++;
    }
    struct slice part = slice_sub(*rest, 0, end);
    *rest = end < rest->size ? slice_sub(*rest, end + 1, rest->size) : (struct slice){NULL, 0};
    return part;
}

/* Counts the alternatives, then takes one. */
static void expand_choice(struct expansion *at, struct slice inside)
{
    struct slice rest = inside;
    uint64_t count = 0;
    uint64_t chosen;

    for (; rest.data != NULL; count++)
        (void) next_alternative(&rest);
    chosen = random_below(&at->scope->random, count);
    rest = inside;
    for (uint64_t i = 0; i < chosen; i++)
        (void) next_alternative(&rest);
    expand(at, next_alternative(&rest));
}

/* "a-b" */
static bool expand_number(struct expansion *at, struct slice range)
{
    struct slice rest = range;
    struct slice low_text = slice_split(&rest, '-');
    uint64_t low;
    uint64_t high;

    if (slice_to_uint(low_text, 0, UINT32_MAX, &low, NULL) != STATUS_OK ||
        slice_to_uint(rest, low, UINT32_MAX, &high, NULL) != STATUS_OK)
        return false;
    buf_printf(at->out, "%llu",
               (unsigned long long) (low + random_below(&at->scope->random, high - low + 1)));
    return true;
}

/* False if there is no such rule. */
static bool expand_rule(struct expansion *at, struct slice name)
{
    const struct rule *rule = map_get(at->grammar->by_name, name);

    if (rule == NULL || rule->count == 0)
        return false;
    expand(at, rule->alternatives[random_below(&at->scope->random, rule->count)]);
    return true;
}

/* A number, a value of the scope, or a rule. */
static bool expand_name(struct expansion *at, struct slice name)
{
    struct slice value = {NULL, 0};

    if (slice_starts(name, SLICE("#")))
        return expand_number(at, slice_sub(name, 1, name.size));
    if (at->scope->value != NULL)
        value = at->scope->value(at->scope->self, name);
    if (value.data == NULL)
        return expand_rule(at, name);
    expand(at, value);
    return true;
}

/* A name in braces begins at `from`; returns the place behind it. */
static size_t expand_braces(struct expansion *at, struct slice frame, size_t from)
{
    struct slice rest = slice_sub(frame, from + 1, frame.size);
    size_t size = slice_find(rest, SLICE("}"));

    if (size == rest.size || !expand_name(at, slice_sub(rest, 0, size))) {
        buf_putc(at->out, '{');
        return from + 1;
    }
    return from + size + 2;
}

/* Recursion is bounded by GRAMMAR_DEPTH. */
static void expand(struct expansion *at, struct slice frame)
{
    size_t i = 0;

    if (at->depth == GRAMMAR_DEPTH)
        return;
    at->depth++;
    while (i < frame.size) {
        size_t plain = i;

        while (i < frame.size && frame.data[i] != '[' && frame.data[i] != '{')
            i++;
        buf_append(at->out, slice_sub(frame, plain, i - plain));
        if (i == frame.size)
            break;
        if (frame.data[i] == '{') {
            i = expand_braces(at, frame, i);
        } else {
            size_t end = closing(frame, i);

            expand_choice(at, slice_sub(frame, i + 1, end - i - 1));
            i = end + 1;
        }
    }
    at->depth--;
}

void grammar_expand(const struct grammar *grammar, struct grammar_scope *scope, struct slice frame,
                    struct buf *out)
{
    struct expansion at = {.grammar = grammar, .scope = scope, .out = out};

    expand(&at, frame);
}

void grammar_rule(const struct grammar *grammar, struct grammar_scope *scope, struct slice rule,
                  struct buf *out)
{
    struct expansion at = {.grammar = grammar, .scope = scope, .out = out};

    (void) expand_rule(&at, rule);
}
