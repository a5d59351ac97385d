/*
 * fields_doc: the tables of base/fields.h, printed for people.
 *
 * Form   Markdown: a heading with the table's name, then one row a field (name, type and limits,
 *        default or "required", help), then the tables its fields refer to, each under its own
 *        path.
 * Order  That of the tables: equal tables give equal bytes, so a test can compare the printed
 *        reference with docs/files.md.
 */
#ifndef XUNFANG_BASE_FIELDS_DOC_H
#define XUNFANG_BASE_FIELDS_DOC_H

#include "base/fields.h"
#include "base/util/buf.h"

/* Appends the reference of `table` and of the tables below it. */
void fields_document(const struct field_table *table, struct buf *out);

#endif
