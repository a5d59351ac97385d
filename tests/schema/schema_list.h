/*
 * schema_list: what the messages of proto/ look like, one line a fact.
 *
 * Lines    message NAME · field MESSAGE NUMBER TYPE LABEL NAME · value ENUM NUMBER NAME ·
 *          reserved TYPE NUMBER. Names are as in the .proto files, without the package; TYPE is
 *          protobuf's ("uint32"), or message:NAME, enum:NAME; LABEL is one, oneof or repeated.
 * Sources  Fields and values come from the descriptors of the generated code, which is what runs;
 *          `message` and `reserved` lines from the text of the files, which alone has them.
 * Order    Whatever; the list is a set.
 */
#ifndef XUNFANG_TESTS_SCHEMA_LIST_H
#define XUNFANG_TESTS_SCHEMA_LIST_H

#include "base/util/buf.h"

enum { SCHEMA_LIST_MAX = 1 << 20, SCHEMA_TYPES_MAX = 256, SCHEMA_NESTING_MAX = 8 };

/* Appends fields and values of everything that stands in a log or a store. */
void schema_list_fields(struct buf *list);
/* Appends what one .proto file says. STATUS_INVALID: it is not understood. */
CHECKED enum status schema_list_proto(struct slice text, struct buf *list, struct error *err);

/* Is this line in the list? */
bool schema_has(struct slice list, struct slice line);
/* The first line that begins so; its data is NULL if none does. */
struct slice schema_find(struct slice list, struct slice start);

#endif
