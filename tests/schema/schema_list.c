#include "tests/schema/schema_list.h"

#include "proto/answer.pb-c.h"
#include "proto/bus.pb-c.h"
#include "proto/control.pb-c.h"
#include "proto/document.pb-c.h"
#include "proto/envelope.pb-c.h"
#include "proto/frontier.pb-c.h"
#include "proto/lease.pb-c.h"
#include "proto/page.pb-c.h"
#include "proto/url.pb-c.h"

#include <string.h>

/* ---- fields and values ---- */

/* What is packed by itself; all other messages hang from these. */
static const ProtobufCMessageDescriptor *const roots[] = {
    &xunfang__envelope__descriptor,      &xunfang__url_record__descriptor,
    &xunfang__lease__descriptor,         &xunfang__page__descriptor,
    &xunfang__document__descriptor,      &xunfang__visit__descriptor,
    &xunfang__report__descriptor,        &xunfang__control_record__descriptor,
    &xunfang__answer_record__descriptor, &xunfang__answer_state__descriptor,
    &xunfang__log_request__descriptor,   &xunfang__log_reply__descriptor,
    &xunfang__url_state__descriptor,     &xunfang__host_state__descriptor,
    &xunfang__origin_state__descriptor,  &xunfang__lease_state__descriptor,
    &xunfang__job_state__descriptor,
};

/* Types that were met, in the order they are told. */
struct walk {
    const void *met[SCHEMA_TYPES_MAX];
    const ProtobufCMessageDescriptor *messages[SCHEMA_TYPES_MAX];
    size_t met_count;
    size_t message_count;
    struct buf *list;
};

static const char *bare(const char *name, const char *package)
{
    size_t size = strlen(package);

    return strncmp(name, package, size) == 0 && name[size] == '.' ? name + size + 1 : name;
}

static bool is_new(struct walk *walk, const void *type)
{
    for (size_t i = 0; i < walk->met_count; i++)
        if (walk->met[i] == type)
            return false;
    ENSURE(walk->met_count < SCHEMA_TYPES_MAX);
    walk->met[walk->met_count++] = type;
    return true;
}

static void meet_message(struct walk *walk, const ProtobufCMessageDescriptor *type)
{
    if (is_new(walk, type))
        walk->messages[walk->message_count++] = type;
}

static void meet_enum(struct walk *walk, const ProtobufCEnumDescriptor *type)
{
    if (!is_new(walk, type))
        return;
    for (unsigned i = 0; i < type->n_values; i++)
        buf_printf(walk->list, "value %s %d %s\n", bare(type->name, type->package_name),
                   type->values[i].value, type->values[i].name);
}

static const char *type_text(ProtobufCType type)
{
    static const char *const texts[] = {
        [PROTOBUF_C_TYPE_INT32] = "int32",       [PROTOBUF_C_TYPE_SINT32] = "sint32",
        [PROTOBUF_C_TYPE_SFIXED32] = "sfixed32", [PROTOBUF_C_TYPE_INT64] = "int64",
        [PROTOBUF_C_TYPE_SINT64] = "sint64",     [PROTOBUF_C_TYPE_SFIXED64] = "sfixed64",
        [PROTOBUF_C_TYPE_UINT32] = "uint32",     [PROTOBUF_C_TYPE_FIXED32] = "fixed32",
        [PROTOBUF_C_TYPE_UINT64] = "uint64",     [PROTOBUF_C_TYPE_FIXED64] = "fixed64",
        [PROTOBUF_C_TYPE_FLOAT] = "float",       [PROTOBUF_C_TYPE_DOUBLE] = "double",
        [PROTOBUF_C_TYPE_BOOL] = "bool",         [PROTOBUF_C_TYPE_STRING] = "string",
        [PROTOBUF_C_TYPE_BYTES] = "bytes",
    };

    ENSURE((size_t) type < sizeof texts / sizeof texts[0] && texts[type] != NULL);
    return texts[type];
}

static void put_type(struct walk *walk, const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        const ProtobufCMessageDescriptor *type = field->descriptor;
        buf_printf(walk->list, "message:%s", bare(type->name, type->package_name));
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        const ProtobufCEnumDescriptor *type = field->descriptor;
        buf_printf(walk->list, "enum:%s", bare(type->name, type->package_name));
    } else {
        buf_puts(walk->list, type_text(field->type));
    }
}

static const char *label_text(const ProtobufCFieldDescriptor *field)
{
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return "oneof";
    return field->label == PROTOBUF_C_LABEL_REPEATED ? "repeated" : "one";
}

static void tell_message(struct walk *walk, const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];

        buf_printf(walk->list, "field %s %u ", bare(type->name, type->package_name), field->id);
        put_type(walk, field);
        buf_printf(walk->list, " %s %s\n", label_text(field), field->name);
    }
    for (unsigned i = 0; i < type->n_fields; i++) {
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            meet_message(walk, type->fields[i].descriptor);
        else if (type->fields[i].type == PROTOBUF_C_TYPE_ENUM)
            meet_enum(walk, type->fields[i].descriptor);
    }
}

void schema_list_fields(struct buf *list)
{
    struct walk walk = {.list = list};

    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
        meet_message(&walk, roots[i]);
    for (size_t i = 0; i < walk.message_count; i++)
        tell_message(&walk, walk.messages[i]);
}

/* ---- the text of a .proto file ---- */

struct scan {
    struct slice text;
    size_t at;
    struct slice names[SCHEMA_NESTING_MAX]; /* of the open blocks; empty for a oneof */
    size_t depth;
    struct buf *list;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '"';
}

static void skip_space(struct scan *scan)
{
    while (scan->at < scan->text.size) {
        struct slice rest = slice_sub(scan->text, scan->at, scan->text.size - scan->at);

        if (slice_starts(rest, SLICE("//")))
            while (scan->at < scan->text.size && scan->text.data[scan->at] != '\n')
                scan->at++;
        else if (rest.data[0] == ' ' || rest.data[0] == '\n' || rest.data[0] == '\t')
            scan->at++;
        else
            return;
    }
}

/* A word, or one other character; empty at the end. */
static struct slice next(struct scan *scan)
{
    size_t first;

    skip_space(scan);
    first = scan->at;
    while (scan->at < scan->text.size && is_word(scan->text.data[scan->at]))
        scan->at++;
    if (scan->at == first && scan->at < scan->text.size)
        scan->at++;
    return slice_sub(scan->text, first, scan->at - first);
}

static void put_name(const struct scan *scan)
{
    bool first = true;

    for (size_t i = 0; i < scan->depth; i++) {
        if (scan->names[i].size == 0)
            continue;
        buf_printf(scan->list, "%s%.*s", first ? "" : ".", SLICE_ARG(scan->names[i]));
        first = false;
    }
}

static enum status open_block(struct scan *scan, struct slice kind, struct error *err)
{
    struct slice name = next(scan);

    if (scan->depth == SCHEMA_NESTING_MAX || !slice_equal(next(scan), SLICE("{")))
        return error_set(err, STATUS_INVALID, "%.*s %.*s is not understood", SLICE_ARG(kind),
                         SLICE_ARG(name));
    scan->names[scan->depth++] = slice_equal(kind, SLICE("oneof")) ? SLICE("") : name;
    if (!slice_equal(kind, SLICE("message")))
        return STATUS_OK;
    buf_puts(scan->list, "message ");
    put_name(scan);
    buf_putc(scan->list, '\n');
    return STATUS_OK;
}

static void put_reserved(struct scan *scan, uint64_t number)
{
    buf_puts(scan->list, "reserved ");
    put_name(scan);
    buf_printf(scan->list, " %llu\n", (unsigned long long) number);
}

/* Numbers and ranges of them; reserved names say nothing about the wire. */
static enum status take_reserved(struct scan *scan, struct error *err)
{
    enum { RANGE_MAX = 1000, NUMBER_MAX = 536870911 };
    uint64_t number = 0, last;
    bool is_range = false;

    for (struct slice word = next(scan); !slice_equal(word, SLICE(";")); word = next(scan)) {
        if (word.size == 0)
            return error_set(err, STATUS_INVALID, "the file ends in a reserved line");
        if (slice_equal(word, SLICE(",")) || word.data[0] == '"')
            continue;
        if (slice_equal(word, SLICE("to"))) {
            is_range = true;
            continue;
        }
        if (slice_to_uint(word, 0, NUMBER_MAX, &last, NULL) != STATUS_OK ||
            (is_range && last - number > RANGE_MAX))
            return error_set(err, STATUS_INVALID, "reserved '%.*s' is not understood",
                             SLICE_ARG(word));
        for (number = is_range ? number + 1 : last; number <= last; number++)
            put_reserved(scan, number);
        number = last;
        is_range = false;
    }
    return STATUS_OK;
}

/* A field may be called what it likes, "message" too: what a statement is, its first word says. */
static enum status take_statement(struct scan *scan, struct slice word, struct error *err)
{
    if (slice_equal(word, SLICE("message")) || slice_equal(word, SLICE("enum")) ||
        slice_equal(word, SLICE("oneof")))
        return open_block(scan, word, err);
    if (slice_equal(word, SLICE("reserved")))
        return take_reserved(scan, err);
    if (slice_equal(word, SLICE("}")))
        return scan->depth-- == 0 ? error_set(err, STATUS_INVALID, "a '}' too many") : STATUS_OK;
    while (word.size > 0 && !slice_equal(word, SLICE(";")))
        word = next(scan);
    return word.size > 0 ? STATUS_OK : error_set(err, STATUS_INVALID, "a ';' is missing");
}

enum status schema_list_proto(struct slice text, struct buf *list, struct error *err)
{
    struct scan scan = {.text = text, .list = list};
    enum status status = STATUS_OK;

    for (struct slice word = next(&scan); word.size > 0 && status == STATUS_OK; word = next(&scan))
        status = take_statement(&scan, word, err);
    if (status == STATUS_OK && scan.depth > 0)
        return error_set(err, STATUS_INVALID, "a '}' is missing");
    return status;
}

/* ---- looking up ---- */

bool schema_has(struct slice list, struct slice line)
{
    while (list.data != NULL)
        if (slice_equal(slice_split(&list, '\n'), line))
            return true;
    return false;
}

struct slice schema_find(struct slice list, struct slice start)
{
    while (list.data != NULL) {
        struct slice line = slice_split(&list, '\n');

        if (slice_starts(line, start))
            return line;
    }
    return slice_of(NULL, 0);
}
