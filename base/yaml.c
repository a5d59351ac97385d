/*
 * libyaml's events, built into a tree over a stack of our own: no recursion, so a file's nesting is
 * bounded by YAML_DEPTH_MAX and not by the machine's stack.
 */
#include "base/yaml.h"

#include <string.h>
#include <yaml.h>

struct builder {
    yaml_parser_t parser;
    const char *file;
    struct arena *arena;
    struct yaml_node *stack[YAML_DEPTH_MAX]; /* open lists and maps */
    struct yaml_node *tails[YAML_DEPTH_MAX]; /* their last children */
    struct slice keys[YAML_DEPTH_MAX];       /* the key that waits for its value; NULL data: none */
    uint32_t key_lines[YAML_DEPTH_MAX];
    size_t depth;
    size_t nodes;
    struct yaml_node *root;
    size_t documents;
    bool done;
};

static uint32_t line_of(const yaml_event_t *event)
{
    return (uint32_t) event->start_mark.line + 1;
}

static enum status fail(const struct builder *b, enum status status, uint32_t line,
                        const char *what, struct error *err)
{
    return error_set(err, status, "%s:%u: %s", b->file, line, what);
}

static enum status syntax_error(const struct builder *b, struct error *err)
{
    const yaml_parser_t *p = &b->parser;
    uint32_t line = (uint32_t) p->problem_mark.line + 1;

    if (p->error == YAML_MEMORY_ERROR)
        return error_set(err, STATUS_NOMEM, "%s: %s", b->file, status_text(STATUS_NOMEM));
    if (p->error == YAML_READER_ERROR)
        return error_set(err, STATUS_INVALID, "%s: byte %zu is not UTF-8 text (%s)", b->file,
                         p->problem_offset, p->problem);
    if (p->context != NULL)
        return error_set(err, STATUS_INVALID, "%s:%u: not YAML: %s (%s that began in line %zu)",
                         b->file, line, p->problem, p->context, p->context_mark.line + 1);
    return error_set(err, STATUS_INVALID, "%s:%u: not YAML: %s", b->file, line, p->problem);
}

static bool has_key(const struct yaml_node *map, struct slice key)
{
    for (const struct yaml_node *child = map->first; child != NULL; child = child->next)
        if (slice_equal(child->key, key))
            return true;
    return false;
}

/* Remembers a map's key until its value comes. */
static enum status take_key(struct builder *b, const struct yaml_node *map, struct slice text,
                            uint32_t line, struct error *err)
{
    if (map->count == YAML_KEYS_MAX)
        return fail(b, STATUS_TOO_LARGE, line, "too many keys in one map", err);
    if (has_key(map, text))
        return error_set(err, STATUS_INVALID, "%s:%u: '%.*s' stands here twice (remove one)",
                         b->file, line, SLICE_ARG(text));
    b->keys[b->depth - 1] = text;
    b->key_lines[b->depth - 1] = line;
    return STATUS_OK;
}

/* Hangs a node below the innermost open list or map, or makes it the root. */
static void attach(struct builder *b, struct yaml_node *node)
{
    size_t top = b->depth - 1;
    struct yaml_node *parent = b->depth == 0 ? NULL : b->stack[top];

    if (parent == NULL) {
        b->root = node;
        return;
    }
    if (parent->type == YAML_MAP) {
        node->key = b->keys[top];
        /* Where its name stands: there people look when a field is wrong. */
        node->line = b->key_lines[top];
        b->keys[top] = (struct slice){NULL, 0};
    }
    if (b->tails[top] == NULL)
        parent->first = node;
    else
        b->tails[top]->next = node;
    b->tails[top] = node;
    parent->count++;
}

static enum status new_node(struct builder *b, enum yaml_type type, uint32_t line,
                            struct yaml_node **node, struct error *err)
{
    struct yaml_node *made;

    if (++b->nodes > YAML_NODES_MAX) {
        fail(b, STATUS_TOO_LARGE, line, "too many values in one file", err);
        return STATUS_TOO_LARGE;
    }
    made = arena_alloc(b->arena, sizeof *made);
    if (made == NULL) {
        fail(b, STATUS_NOMEM, line, status_text(STATUS_NOMEM), err);
        return STATUS_NOMEM;
    }
    made->type = type;
    made->line = line;
    *node = made;
    return STATUS_OK;
}

static bool key_expected(const struct builder *b)
{
    return b->depth > 0 && b->stack[b->depth - 1]->type == YAML_MAP &&
           b->keys[b->depth - 1].data == NULL;
}

static bool is_null_word(struct slice text)
{
    return text.size == 0 || slice_equal(text, SLICE("~")) || slice_equal(text, SLICE("null"));
}

static enum status on_scalar(struct builder *b, const yaml_event_t *event, struct error *err)
{
    struct slice text = slice_of(event->data.scalar.value, event->data.scalar.length);
    bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    uint32_t line = line_of(event);
    struct yaml_node *node = NULL;
    enum status status;

    if (memchr(text.data, 0, text.size) != NULL)
        return fail(b, STATUS_INVALID, line, "a NUL character stands in this text", err);
    text = arena_copy(b->arena, text);
    if (text.data == NULL)
        return fail(b, STATUS_NOMEM, line, status_text(STATUS_NOMEM), err);
    if (key_expected(b))
        return take_key(b, b->stack[b->depth - 1], text, line, err);
    status = new_node(b, !quoted && is_null_word(text) ? YAML_NULL : YAML_TEXT, line, &node, err);
    if (status != STATUS_OK)
        return status;
    node->text = text;
    node->quoted = quoted;
    attach(b, node);
    return STATUS_OK;
}

static enum status on_open(struct builder *b, enum yaml_type type, uint32_t line, struct error *err)
{
    struct yaml_node *node = NULL;
    enum status status;

    if (key_expected(b))
        return fail(b, STATUS_INVALID, line, "a list or map cannot be a key (quote it)", err);
    if (b->depth == YAML_DEPTH_MAX)
        return fail(b, STATUS_TOO_LARGE, line, "nested too deeply", err);
    status = new_node(b, type, line, &node, err);
    if (status != STATUS_OK)
        return status;
    attach(b, node);
    b->stack[b->depth] = node;
    b->tails[b->depth] = NULL;
    b->keys[b->depth] = (struct slice){NULL, 0};
    b->depth++;
    return STATUS_OK;
}

static bool has_anchor_or_tag(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL;
    default:
        return event->type == YAML_ALIAS_EVENT;
    }
}

static enum status on_event(struct builder *b, const yaml_event_t *event, struct error *err)
{
    if (has_anchor_or_tag(event))
        return fail(b, STATUS_UNSUPPORTED, line_of(event),
                    "anchors (&), aliases (*) and tags (!) are not supported here (write the "
                    "value out, or quote the text)",
                    err);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++b->documents > 1)
            return fail(b, STATUS_INVALID, line_of(event), "a second document (---) begins", err);
        return STATUS_OK;
    case YAML_SCALAR_EVENT:
        return on_scalar(b, event, err);
    case YAML_SEQUENCE_START_EVENT:
        return on_open(b, YAML_LIST, line_of(event), err);
    case YAML_MAPPING_START_EVENT:
        return on_open(b, YAML_MAP, line_of(event), err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return STATUS_OK;
    case YAML_STREAM_END_EVENT:
        b->done = true;
        return STATUS_OK;
    default:
        return STATUS_OK;
    }
}

static enum status build(struct builder *b, struct error *err)
{
    enum status status = STATUS_OK;
    yaml_event_t event;

    while (status == STATUS_OK && !b->done) {
        if (!yaml_parser_parse(&b->parser, &event))
            return syntax_error(b, err);
        status = on_event(b, &event, err);
        yaml_event_delete(&event);
    }
    if (status == STATUS_OK && b->root == NULL)
        status = new_node(b, YAML_NULL, 1, &b->root, err);
    return status;
}

enum status yaml_parse(const struct yaml_source *source, const struct yaml_node **root,
                       struct error *err)
{
    struct builder b = {.file = source->file, .arena = source->arena};
    struct slice text = source->text;
    const char *file = source->file;
    enum status status;

    if (text.size > YAML_BYTES_MAX)
        return error_set(err, STATUS_TOO_LARGE, "%s: %zu bytes, more than the %d a file may have",
                         file, text.size, YAML_BYTES_MAX);
    if (!yaml_parser_initialize(&b.parser))
        return error_set(err, STATUS_NOMEM, "%s: %s", file, status_text(STATUS_NOMEM));
    yaml_parser_set_input_string(&b.parser, (const unsigned char *) text.data, text.size);
    /* Or libyaml would take a byte order mark's word for UTF-16. */
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    status = build(&b, err);
    if (status == STATUS_OK)
        *root = b.root;
    yaml_parser_delete(&b.parser);
    return status;
}

const struct yaml_node *yaml_member(const struct yaml_node *map, const char *key)
{
    if (map == NULL || map->type != YAML_MAP)
        return NULL;
    for (const struct yaml_node *child = map->first; child != NULL; child = child->next)
        if (slice_equal(child->key, slice_from(key)))
            return child;
    return NULL;
}

const char *yaml_type_text(enum yaml_type type)
{
    static const char *const names[] = {"null", "a text", "a list", "a map"};

    return names[type];
}
