#include "base/fields_doc.h"

#include <stdio.h>
#include <string.h>

enum { PATH_MAX_TEXT = 200, DOC_DEPTH_MAX = 8, MILLION = 1000000 };

static const char *type_text(enum field_type type)
{
    switch (type) {
    case FIELD_TEXT:
        return "text";
    case FIELD_BOOL:
        return "true or false";
    case FIELD_UINT:
        return "whole number";
    case FIELD_DURATION:
        return "duration with unit";
    case FIELD_BYTES:
        return "size with unit";
    case FIELD_DECIMAL:
        return "number with up to 6 decimals";
    case FIELD_DATE:
        return "date YYYY-MM-DD";
    case FIELD_CHOICE:
        return "one of";
    case FIELD_TEXTS:
        return "list of texts";
    case FIELD_TEXT_OR_LIST:
        return "text or list of texts";
    case FIELD_UINTS:
        return "list of whole numbers";
    case FIELD_MAP:
        return "map of texts";
    case FIELD_RECORD:
        return "map, below";
    case FIELD_RECORDS:
        return "list of maps, below";
    case FIELD_NODE:
        break;
    }
    return "as the text says";
}

static void put_type(const struct field *field, struct buf *out)
{
    buf_puts(out, type_text(field->type));
    if (field->type == FIELD_CHOICE)
        for (size_t i = 0; field->choices[i] != NULL; i++)
            buf_printf(out, "%s `%s`", i == 0 ? "" : ",", field->choices[i]);
    if (field->type == FIELD_UINT && field->max != 0)
        buf_printf(out, ", %lld to %lld", (long long) field->min, (long long) field->max);
    if (field->type == FIELD_DURATION && field->max != 0)
        buf_printf(out, ", %lldms to %llds", (long long) field->min, (long long) field->max / 1000);
    if (field->type == FIELD_BYTES && field->max != 0)
        buf_printf(out, ", %lldB to %lldB", (long long) field->min, (long long) field->max);
    if (field->type == FIELD_DECIMAL && field->max != 0)
        buf_printf(out, ", %lld to %lld", (long long) field->min / MILLION,
                   (long long) field->max / MILLION);
    if (field->flags & FIELD_NOT_EMPTY)
        buf_puts(out, ", not empty");
}

static void put_row(const struct field *field, struct buf *out)
{
    buf_printf(out, "| `%s` | ", field->name);
    put_type(field, out);
    if (field->flags & FIELD_REQUIRED)
        buf_puts(out, " | required | ");
    else if (field->otherwise == NULL)
        buf_puts(out, " | none | ");
    else
        buf_printf(out, " | `%s` | ", field->otherwise);
    buf_printf(out, "%s |\n", field->help == NULL ? "" : field->help);
}

/* The nesting of tables is constant and shallow; the limit is for a table that names itself. */
static void put_table(const struct field_table *table, const char *path, unsigned depth,
                      struct buf *out)
{
    char below[PATH_MAX_TEXT];

    if (depth == DOC_DEPTH_MAX)
        return;
    buf_printf(out, "%s `%s`\n\n| field | type | default | meaning |\n| --- | --- | --- | --- |\n",
               depth == 0 ? "##" : "###", path);
    for (const struct field *field = table->fields; field->name != NULL; field++)
        put_row(field, out);
    buf_putc(out, '\n');
    for (const struct field *field = table->fields; field->name != NULL; field++) {
        if (field->table == NULL)
            continue;
        (void) snprintf(below, sizeof below, "%s.%s%s", path, field->name,
                        field->type == FIELD_RECORDS ? "[]" : "");
        put_table(field->table, below, depth + 1, out);
    }
}

void fields_document(const struct field_table *table, struct buf *out)
{
    put_table(table, table->name, 0, out);
}
