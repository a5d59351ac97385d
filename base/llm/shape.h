/*
 * shape: the form an answer must have: one JSON object of named fields in a fixed order, each a
 * choice, a set of choices, or a short text.
 *
 * Ask      shape_put_schema and shape_put_grammar tell a server the form: JSON Schema (closed, all
 *          fields required), or a GBNF grammar of the compact form, which spares small models white
 *          space.
 * Check    shape_read is the last word, since servers fail open: exactly the fields, each once, in
 *          any order; white space between tokens is fine, text around the object, extra, missing
 *          or doubled fields, other types and unknown labels are not. Nothing is mended or guessed.
 * Canon    shape_put_canon writes an answer in the one form that is stored and compared.
 * Errors   STATUS_INVALID names the field and what is wrong; it never repeats the answer's own
 *          words, so it can be shown to a model again.
 * Limits   SHAPE_FIELDS_MAX fields, SHAPE_CHOICES_MAX choices a field, SHAPE_TEXT_MAX bytes of an
 *          answer.
 * Memory   A shape is the caller's and does not change; values point into the arena given.
 */
#ifndef XUNFANG_BASE_LLM_SHAPE_H
#define XUNFANG_BASE_LLM_SHAPE_H

#include "base/util/arena.h"
#include "base/util/buf.h"

enum { SHAPE_FIELDS_MAX = 16, SHAPE_CHOICES_MAX = 64, SHAPE_TEXT_MAX = 16 * 1024 };

enum shape_kind {
    SHAPE_CHOICE,  /* exactly one of the choices */
    SHAPE_CHOICES, /* any number of them, each once */
    SHAPE_TEXT     /* at most max_chars characters without controls; "" means: not said */
};

struct shape_field {
    struct slice name;
    enum shape_kind kind;
    const struct slice *choices;
    size_t choice_count;
    size_t max_chars;
};

struct shape {
    const struct shape_field *fields;
    size_t field_count;
};

/* What one field was answered. A choice points to the shape's own text; several stand in the order
 * of the shape's choices. */
struct shape_value {
    const struct slice *texts;
    size_t text_count; /* of CHOICE and TEXT: 1 */
};

/* STATUS_INVALID: no shape a server could be asked for (no field, a name twice, no choices). */
CHECKED enum status shape_check(const struct shape *shape, struct error *err);

void shape_put_schema(const struct shape *shape, struct buf *out);
void shape_put_grammar(const struct shape *shape, struct buf *out);

/* *values gets one a field, in the shape's order. */
CHECKED enum status shape_read(const struct shape *shape, struct slice answer, struct arena *arena,
                               const struct shape_value **values, struct error *err);
void shape_put_canon(const struct shape *shape, const struct shape_value *values, struct buf *out);

#endif
