/*
 * prompt_form: the form of a task's answer: what a server is asked for, what an example says in
 * it, what an answer means.
 *
 * Default  A task without a form has one field, "answer", with its labels (yes and no of a binary
 *          one) as choices.
 * Kinds    Choices of a deciding field of a `labels` task may be taken together, of every other
 *          exactly one; a field without choices is a text.
 * Memory   In the arena given; the task must outlive it.
 */
#ifndef XUNFANG_STUDY_PROMPT_FORM_H
#define XUNFANG_STUDY_PROMPT_FORM_H

#include "base/llm/shape.h"
#include "study/codebook.h"

enum { PROMPT_FORM_NONE = SHAPE_FIELDS_MAX };

struct prompt_form {
    const struct codebook_task *task;
    struct shape shape;
    size_t deciding;       /* index of the field that decides; PROMPT_FORM_NONE: none does */
    const size_t *meaning; /* of each of its choices: a label's index */
};

/* STATUS_INVALID: the task's labels or form make no shape. */
CHECKED enum status prompt_form_make(const struct codebook_task *task, struct arena *arena,
                                     struct prompt_form *form, struct error *err);

/* The form as an example fills it in: one value a field. STATUS_INVALID: a text of the example
 * does not fit. */
CHECKED enum status prompt_form_fill(const struct prompt_form *form,
                                     const struct codebook_example *example, struct arena *arena,
                                     const struct shape_value **values, struct error *err);

/* What people and models are told: names of the fields, their choices. */
void prompt_form_describe(const struct prompt_form *form, struct buf *out);

#endif
