/*
 * codebook_ask: the part of a codebook's task that a language model is asked by: its examples, its
 * question and the form of its answer.
 *
 * Form      Fields of choices or of text. In a task with labels exactly one field decides: each of
 *           its choices means a label; all other fields are there to make the model look. A task
 *           of kind `fields` needs a form whose fields are fields of the codebook.
 * Examples  Of a task with labels each has its labels, one of a binary or `label` task. An `answer`
 *           fills the form in: a field that it leaves out is empty, a deciding field says what the
 *           labels say. A task of kind `fields` has answers alone.
 * Tables    Parts of codebook_table (study/codebook.h), which docs/files.md is printed from.
 */
#ifndef XUNFANG_STUDY_CODEBOOK_ASK_H
#define XUNFANG_STUDY_CODEBOOK_ASK_H

#include "study/codebook.h"

enum { CODEBOOK_FORM_MAX = 16, CODEBOOK_CHOICES_MAX = 64, CODEBOOK_CHARS_MAX = 500 };

extern const struct field_table codebook_example_table;
extern const struct field_table codebook_ask_table;

struct codebook_place { /* of the task, for messages */
    const char *file;
    uint32_t line;
};

/* STATUS_INVALID: an example, band or form of the task that cannot be meant. */
CHECKED enum status codebook_check_ask(const struct codebook *codebook,
                                       const struct codebook_task *task,
                                       const struct codebook_place *place, struct error *err);

/* The field of the form that decides; NULL: the task has no form, or is of kind `fields`. */
const struct codebook_form *codebook_deciding(const struct codebook_task *task);
/* What the example says in this field of the form; empty if nothing. */
struct slice codebook_said(const struct codebook_example *example,
                           const struct codebook_form *form);
/* The name of the codebook's field that a field of the form fills. */
struct slice codebook_form_target(const struct codebook_form *form);

#endif
