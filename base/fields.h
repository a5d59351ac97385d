/*
 * fields: structs filled from YAML by tables: name, type, offset, default, range, help.
 *
 * Strict    An unknown field, a missing required one, a wrong type, a value out of range and a
 *           number without its unit are errors: "file:line: path.to.field: what is wrong (what to
 *           write)".
 * Defaults  A default is written as the file would write it and read by the same code.
 * Tables    Are constant data and end with a field whose name is NULL; fields_document prints them
 *           for people, so the reference cannot differ from the code.
 * Memory    Values live in the arena; every text has a NUL behind.
 */
#ifndef XUNFANG_BASE_FIELDS_H
#define XUNFANG_BASE_FIELDS_H

#include "base/yaml.h"

struct field_pair { /* one entry of a free-form map */
    struct slice name;
    struct slice value;
};

enum field_type {                     /* member of the struct */
                  FIELD_TEXT,         /* struct slice */
                  FIELD_BOOL,         /* bool */
                  FIELD_UINT,         /* uint64_t, min … max */
                  FIELD_DURATION,     /* int64_t milliseconds, min … max; unit required */
                  FIELD_BYTES,        /* uint64_t, min … max; unit required */
                  FIELD_DECIMAL,      /* int64_t millionths, min … max (in millionths) */
                  FIELD_DATE,         /* int32_t day number */
                  FIELD_CHOICE,       /* int: index into `choices` */
                  FIELD_TEXTS,        /* const struct slice * and count: a list of texts */
                  FIELD_TEXT_OR_LIST, /* like FIELD_TEXTS, one text alone allowed */
                  FIELD_UINTS,        /* const uint64_t * and count */
                  FIELD_MAP, /* const struct field_pair * and count: free keys, texts as values */
                  FIELD_RECORD,  /* a struct with `table` */
                  FIELD_RECORDS, /* T * and count: a list of structs with `table` */
                  FIELD_NODE,    /* const struct yaml_node *: read by the caller */
};

enum { FIELD_REQUIRED = 1 << 0, FIELD_NOT_EMPTY = 1 << 1 };

struct field_table;

struct field {
    const char *name;
    enum field_type type;
    unsigned flags;
    size_t offset;         /* of the member */
    size_t count_offset;   /* of its size_t count, for lists */
    const char *otherwise; /* default, as in a file; NULL: zero, or absent */
    int64_t min;
    int64_t max;                /* of lists: most elements; 0: FIELD_LIST_MAX */
    const char *const *choices; /* ends with NULL */
    const struct field_table *table;
    const char *help; /* one sentence for docs/files.md */
};

enum { FIELD_LIST_MAX = 100000 };

struct field_table {
    const char *name;   /* of the kind of file or part: "job" */
    size_t size;        /* of the struct */
    size_t line_offset; /* of a uint32_t that gets the node's line; 0: none */
    const struct field *fields;
};

/* Fills the struct at `out` from the map `node` of the source's tree. */
CHECKED enum status fields_decode(const struct field_table *table, const struct yaml_source *source,
                                  const struct yaml_node *node, void *out, struct error *err);
/* Sets the defaults alone; texts point to the table's. */
CHECKED enum status fields_default(const struct field_table *table, struct arena *arena, void *out,
                                   struct error *err);
/* "file:line: field: message" for what a caller finds wrong with a node. */
enum status fields_error(struct error *err, const char *file, uint32_t line, const char *format,
                         ...) PRINTF_LIKE(4, 5);
#endif
