/*
 * One walk over a table and a node side by side, driven by the table: every field gets its value or
 * its default exactly once. Members are written by memcpy at their offset, since a table knows
 * their representation and not their type.
 */
#include "base/fields.h"

#include "base/fields_near.h"
#include "base/util/civil.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PATH_TEXT_MAX = 200 };

/* Where in the file we are: frames on the stack, the innermost first. */
struct path {
    const struct path *outer;
    const char *name; /* NULL: an element */
    size_t index;
};

struct reader {
    const char *file;
    struct arena *arena;
    struct error *err;
    bool required; /* missing fields are errors: not while defaults are set */
};

static enum status read_field(const struct reader *r, const struct path *path,
                              const struct field *field, const struct yaml_node *node, void *out);

static size_t path_text(const struct path *path, char *text, size_t size)
{
    size_t used = path->outer == NULL ? 0 : path_text(path->outer, text, size);
    int added;

    if (used >= size)
        return used;
    if (path->name == NULL)
        added = snprintf(text + used, size - used, "[%zu]", path->index);
    else
        added = snprintf(text + used, size - used, "%s%s", used == 0 ? "" : ".", path->name);
    return used + (added < 0 ? 0 : (size_t) added);
}

enum status fields_error(struct error *err, const char *file, uint32_t line, const char *format,
                         ...)
{
    char message[ERROR_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    (void) vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return error_set(err, STATUS_INVALID, "%s:%u: %s", file, line, message);
}

static enum status PRINTF_LIKE(4, 5) wrong(const struct reader *r, const struct path *path,
                                           const struct yaml_node *node, const char *format, ...)
{
    char where[PATH_TEXT_MAX] = "";
    char message[ERROR_MESSAGE_MAX];
    va_list args;

    (void) path_text(path, where, sizeof where);
    va_start(args, format);
    (void) vsnprintf(message, sizeof message, format, args);
    va_end(args);
    return fields_error(r->err, r->file, node->line, "%s: %s", where, message);
}

static enum status no_memory(const struct reader *r)
{
    return error_set(r->err, STATUS_NOMEM, "%s: %s", r->file, status_text(STATUS_NOMEM));
}

static void *at(void *out, size_t offset)
{
    return (char *) out + offset;
}

/* List members are pointers of many types with one representation; copying keeps aliasing honest.
 */
static void store_list(const struct field *field, void *out, const void *items, size_t count)
{
    memcpy(at(out, field->offset), &items, sizeof items);
    memcpy(at(out, field->count_offset), &count, sizeof count);
}

static enum status want(const struct reader *r, const struct path *path,
                        const struct yaml_node *node, enum yaml_type type)
{
    if (node->type == type)
        return STATUS_OK;
    return wrong(r, path, node, "must be %s, not %s", yaml_type_text(type),
                 yaml_type_text(node->type));
}

/* ---- scalars ---- */

static enum status read_text(const struct reader *r, const struct path *path,
                             const struct field *field, const struct yaml_node *node, void *out)
{
    if ((field->flags & FIELD_NOT_EMPTY) && node->text.size == 0)
        return wrong(r, path, node, "must not be empty");
    memcpy(at(out, field->offset), &node->text, sizeof node->text);
    return STATUS_OK;
}

static enum status read_bool(const struct reader *r, const struct path *path,
                             const struct field *field, const struct yaml_node *node, void *out)
{
    bool yes = slice_equal(node->text, SLICE("true"));

    if (node->quoted || (!yes && !slice_equal(node->text, SLICE("false"))))
        return wrong(r, path, node, "'%.*s' is neither true nor false", SLICE_ARG(node->text));
    memcpy(at(out, field->offset), &yes, sizeof yes);
    return STATUS_OK;
}

static int64_t upper(const struct field *field)
{
    return field->max == 0 ? INT64_MAX : field->max;
}

static enum status read_uint(const struct reader *r, const struct path *path,
                             const struct field *field, const struct yaml_node *node, void *out)
{
    struct error cause;
    uint64_t value;

    if (slice_to_uint(node->text, (uint64_t) field->min, (uint64_t) upper(field), &value, &cause))
        return wrong(r, path, node, "%s", cause.message);
    memcpy(at(out, field->offset), &value, sizeof value);
    return STATUS_OK;
}

static enum status read_duration(const struct reader *r, const struct path *path,
                                 const struct field *field, const struct yaml_node *node, void *out)
{
    struct error cause;
    int64_t value;

    if (slice_to_duration(node->text, &value, &cause))
        return wrong(r, path, node, "%s", cause.message);
    if (value < field->min || value > upper(field))
        return wrong(r, path, node, "'%.*s' is not between %lldms and %lldms",
                     SLICE_ARG(node->text), (long long) field->min, (long long) upper(field));
    memcpy(at(out, field->offset), &value, sizeof value);
    return STATUS_OK;
}

static enum status read_bytes(const struct reader *r, const struct path *path,
                              const struct field *field, const struct yaml_node *node, void *out)
{
    struct error cause;
    uint64_t value;

    if (slice_to_bytes(node->text, &value, &cause))
        return wrong(r, path, node, "%s", cause.message);
    if (value < (uint64_t) field->min || value > (uint64_t) upper(field))
        return wrong(r, path, node, "'%.*s' is not between %lldB and %lldB", SLICE_ARG(node->text),
                     (long long) field->min, (long long) upper(field));
    memcpy(at(out, field->offset), &value, sizeof value);
    return STATUS_OK;
}

static enum status read_decimal(const struct reader *r, const struct path *path,
                                const struct field *field, const struct yaml_node *node, void *out)
{
    enum { MILLION = 1000000 };
    struct error cause;
    int64_t value;

    if (slice_to_millionths(node->text, &value, &cause))
        return wrong(r, path, node, "%s", cause.message);
    if (value < field->min || value > upper(field))
        return wrong(r, path, node, "'%.*s' is not between %lld and %lld", SLICE_ARG(node->text),
                     (long long) field->min / MILLION, (long long) upper(field) / MILLION);
    memcpy(at(out, field->offset), &value, sizeof value);
    return STATUS_OK;
}

static enum status read_date(const struct reader *r, const struct path *path,
                             const struct field *field, const struct yaml_node *node, void *out)
{
    struct error cause;
    int32_t day;

    if (civil_parse(node->text, &day, &cause))
        return wrong(r, path, node, "%s", cause.message);
    memcpy(at(out, field->offset), &day, sizeof day);
    return STATUS_OK;
}

static enum status read_choice(const struct reader *r, const struct path *path,
                               const struct field *field, const struct yaml_node *node, void *out)
{
    char known[PATH_TEXT_MAX] = "";
    size_t used = 0;

    for (int i = 0; field->choices[i] != NULL; i++) {
        if (slice_equal(node->text, slice_from(field->choices[i]))) {
            /* The index is the member's value: an enum in the order of `choices`. */
            memcpy(at(out, field->offset), &i, sizeof i);
            return STATUS_OK;
        }
        if (used < sizeof known)
            used += (size_t) snprintf(known + used, sizeof known - used, "%s%s", i == 0 ? "" : ", ",
                                      field->choices[i]);
    }
    return wrong(r, path, node, "'%.*s' is none of: %s", SLICE_ARG(node->text), known);
}

/* ---- lists ---- */

static enum status check_size(const struct reader *r, const struct path *path,
                              const struct field *field, const struct yaml_node *node)
{
    size_t max = field->max == 0 ? FIELD_LIST_MAX : (size_t) field->max;

    if ((field->flags & FIELD_NOT_EMPTY) && node->count == 0)
        return wrong(r, path, node, "must not be empty");
    if (node->count > max)
        return wrong(r, path, node, "has %zu entries, at most %zu are allowed", node->count, max);
    return STATUS_OK;
}

static enum status read_texts(const struct reader *r, const struct path *path,
                              const struct field *field, const struct yaml_node *node, void *out)
{
    struct slice *items = arena_array(r->arena, node->count, sizeof *items);
    size_t count = 0;

    if (items == NULL)
        return no_memory(r);
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        struct path element = {path, NULL, count};
        if (want(r, &element, child, YAML_TEXT))
            return STATUS_INVALID;
        if (child->text.size == 0)
            return wrong(r, &element, child, "must not be empty");
        items[count++] = child->text;
    }
    store_list(field, out, items, count);
    return STATUS_OK;
}

static enum status read_one_text(const struct reader *r, const struct field *field,
                                 const struct yaml_node *node, void *out)
{
    struct slice *item = arena_alloc(r->arena, sizeof *item);

    if (item == NULL)
        return no_memory(r);
    *item = node->text;
    store_list(field, out, item, 1);
    return STATUS_OK;
}

static enum status read_uints(const struct reader *r, const struct path *path,
                              const struct field *field, const struct yaml_node *node, void *out)
{
    uint64_t *items = arena_array(r->arena, node->count, sizeof *items);
    size_t count = 0;

    if (items == NULL)
        return no_memory(r);
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        struct path element = {path, NULL, count};
        struct error cause;
        if (want(r, &element, child, YAML_TEXT))
            return STATUS_INVALID;
        /* `max` is the list's length (check_size), so the numbers have a bound of their own. */
        if (slice_to_uint(child->text, (uint64_t) field->min, UINT16_MAX, &items[count], &cause))
            return wrong(r, &element, child, "%s", cause.message);
        count++;
    }
    store_list(field, out, items, count);
    return STATUS_OK;
}

static enum status read_map(const struct reader *r, const struct path *path,
                            const struct field *field, const struct yaml_node *node, void *out)
{
    struct field_pair *items = arena_array(r->arena, node->count, sizeof *items);
    size_t count = 0;

    if (items == NULL)
        return no_memory(r);
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        struct path element = {path, child->key.data, 0};
        if (child->type != YAML_NULL && want(r, &element, child, YAML_TEXT))
            return STATUS_INVALID;
        items[count].name = child->key;
        items[count++].value = child->text.data == NULL ? SLICE("") : child->text;
    }
    store_list(field, out, items, count);
    return STATUS_OK;
}

/* ---- records ---- */

static const struct field *find_field(const struct field_table *table, struct slice name)
{
    for (const struct field *field = table->fields; field->name != NULL; field++)
        if (slice_equal(name, slice_from(field->name)))
            return field;
    return NULL;
}

static enum status unknown_field(const struct reader *r, const struct path *path,
                                 const struct field_table *table, const struct yaml_node *node)
{
    struct path here = {path, node->key.data, 0};
    const char *near = fields_nearest(table, node->key);
    char known[PATH_TEXT_MAX] = "";
    size_t used = 0;

    for (const struct field *field = table->fields; field->name != NULL; field++)
        if (used < sizeof known)
            used += (size_t) snprintf(known + used, sizeof known - used, "%s%s",
                                      used == 0 ? "" : ", ", field->name);
    if (near != NULL)
        return wrong(r, &here, node, "unknown field (did you mean '%s'?)", near);
    return wrong(r, &here, node, "unknown field (known here: %s)", known);
}

static enum status set_default(const struct reader *r, const struct path *path,
                               const struct field *field, void *out)
{
    struct yaml_source source = {slice_from(field->otherwise), "default", r->arena};
    const struct yaml_node *node;
    enum status status;

    /* A record that is not written has the defaults of its fields; what is required there stays
     * empty. */
    if (field->type == FIELD_RECORD && field->otherwise == NULL) {
        struct error ignored;
        status = fields_default(field->table, r->arena, at(out, field->offset), &ignored);
        return status == STATUS_OK ? STATUS_OK : no_memory(r);
    }
    if (field->otherwise == NULL)
        return STATUS_OK;
    status = yaml_parse(&source, &node, r->err);
    return status == STATUS_OK ? read_field(r, path, field, node, out) : status;
}

static enum status read_members(const struct reader *r, const struct path *path,
                                const struct field_table *table, const struct yaml_node *map,
                                void *out)
{
    enum status status = STATUS_OK;

    for (const struct yaml_node *child = map->first; child != NULL; child = child->next)
        if (find_field(table, child->key) == NULL)
            return unknown_field(r, path, table, child);
    for (const struct field *field = table->fields; field->name != NULL; field++) {
        const struct yaml_node *node = yaml_member(map, field->name);
        struct path here = {path, field->name, 0};
        /* A name with nothing behind it is not written. */
        if (node != NULL && node->type != YAML_NULL)
            status = read_field(r, &here, field, node, out);
        else if (r->required && (field->flags & FIELD_REQUIRED))
            status = wrong(r, &here, node != NULL ? node : map, "is missing (%s)", field->help);
        else
            status = set_default(r, &here, field, out);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status read_record(const struct reader *r, const struct path *path,
                               const struct field_table *table, const struct yaml_node *node,
                               void *out)
{
    if (want(r, path, node, YAML_MAP))
        return STATUS_INVALID;
    if (table->line_offset != 0)
        memcpy(at(out, table->line_offset), &node->line, sizeof node->line);
    return read_members(r, path, table, node, out);
}

static enum status read_records(const struct reader *r, const struct path *path,
                                const struct field *field, const struct yaml_node *node, void *out)
{
    char *items = arena_array(r->arena, node->count, field->table->size);
    size_t count = 0;

    if (items == NULL)
        return no_memory(r);
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        struct path element = {path, NULL, count};
        enum status status =
            read_record(r, &element, field->table, child, items + count * field->table->size);
        if (status != STATUS_OK)
            return status;
        count++;
    }
    store_list(field, out, items, count);
    return STATUS_OK;
}

static enum status read_scalar(const struct reader *r, const struct path *path,
                               const struct field *field, const struct yaml_node *node, void *out)
{
    switch (field->type) {
    case FIELD_TEXT:
        return read_text(r, path, field, node, out);
    case FIELD_BOOL:
        return read_bool(r, path, field, node, out);
    case FIELD_UINT:
        return read_uint(r, path, field, node, out);
    case FIELD_DURATION:
        return read_duration(r, path, field, node, out);
    case FIELD_BYTES:
        return read_bytes(r, path, field, node, out);
    case FIELD_DECIMAL:
        return read_decimal(r, path, field, node, out);
    case FIELD_DATE:
        return read_date(r, path, field, node, out);
    default:
        return read_choice(r, path, field, node, out);
    }
}

static enum status read_list(const struct reader *r, const struct path *path,
                             const struct field *field, const struct yaml_node *node, void *out)
{
    if (field->type == FIELD_TEXT_OR_LIST && node->type == YAML_TEXT)
        return read_one_text(r, field, node, out);
    if (want(r, path, node, field->type == FIELD_MAP ? YAML_MAP : YAML_LIST) ||
        check_size(r, path, field, node))
        return STATUS_INVALID;
    switch (field->type) {
    case FIELD_UINTS:
        return read_uints(r, path, field, node, out);
    case FIELD_MAP:
        return read_map(r, path, field, node, out);
    case FIELD_RECORDS:
        return read_records(r, path, field, node, out);
    default:
        return read_texts(r, path, field, node, out);
    }
}

static enum status read_field(const struct reader *r, const struct path *path,
                              const struct field *field, const struct yaml_node *node, void *out)
{
    if (field->type == FIELD_NODE) {
        memcpy(at(out, field->offset), &node, sizeof(struct yaml_node *));
        return STATUS_OK;
    }
    if (field->type == FIELD_RECORD)
        return read_record(r, path, field->table, node, at(out, field->offset));
    /* From there on the enum has lists and maps only. */
    if (field->type >= FIELD_TEXTS)
        return read_list(r, path, field, node, out);
    if (want(r, path, node, YAML_TEXT))
        return STATUS_INVALID;
    return read_scalar(r, path, field, node, out);
}

enum status fields_decode(const struct field_table *table, const struct yaml_source *source,
                          const struct yaml_node *node, void *out, struct error *err)
{
    struct reader r = {source->file, source->arena, err, true};

    if (node->type != YAML_MAP)
        return fields_error(err, source->file, node->line,
                            "must be a map with the fields of a %s, not %s", table->name,
                            yaml_type_text(node->type));
    return read_record(&r, NULL, table, node, out);
}

enum status fields_default(const struct field_table *table, struct arena *arena, void *out,
                           struct error *err)
{
    static const struct yaml_node empty = {.type = YAML_MAP};
    struct reader r = {"default", arena, err, false};

    return read_members(&r, NULL, table, &empty, out);
}
