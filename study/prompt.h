/*
 * prompt: a task of the codebook as a question to a language model, and its answer as labels.
 *
 * Turns     What is decided (the instruction; without one the definition and the labels with
 *           theirs), the form, the task's first examples as a turn of the user and one of the
 *           assistant each, the text last: so a server may keep the long first part.
 * Data      The publisher's city, title and text stand between marks that hold a code made from the
 *           content itself, and are said to be data. Before, they are made harmless
 *           (study/prompt_text.h); at most ask.max_chars characters of title and text are shown,
 *           cut between characters. The answer's key depends on what is shown alone.
 * Version   A hash of everything but the content: instruction, definitions, examples, form, limits
 *           and PROMPT_VERSION; not of the band. Another version is another question.
 * Form      ask.form, or one field with the task's labels, as a shape (study/prompt_form.h).
 * Fields    A TASK_FIELDS prompt asks for the codebook's fields that its form fills.
 * Memory    A prompt never changes and may be shared by threads; the task must outlive it. What
 *           a question points to belongs to the prompt and the arena.
 */
#ifndef XUNFANG_STUDY_PROMPT_H
#define XUNFANG_STUDY_PROMPT_H

#include "base/llm/asker.h"
#include "study/codebook.h"
#include "study/reading.h"

enum { PROMPT_VERSION = 1, PROMPT_LABELS_MAX = 64 };

struct prompt;

/* STATUS_INVALID: a form that is no shape, or examples that do not fill it. */
CHECKED enum status prompt_create(const struct codebook_task *task, struct prompt **prompt,
                                  struct error *err);
/* NULL is fine. */
void prompt_destroy(struct prompt *prompt);
const struct codebook_task *prompt_task(const struct prompt *prompt);
/* Hexadecimal. */
struct slice prompt_version(const struct prompt *prompt);

/* Fills all of *question but generation and owner. */
CHECKED enum status prompt_question(const struct prompt *prompt, const struct source_text *source,
                                    struct arena *arena, struct asker_question *question,
                                    struct error *err);

/* What an answer says about the task: indices into its labels (TASK_BINARY: PROMPT_YES or
 * PROMPT_NO); none for a labels task means none holds. */
enum { PROMPT_NO, PROMPT_YES };
struct prompt_verdict {
    size_t labels[PROMPT_LABELS_MAX];
    size_t label_count;
};
void prompt_read(const struct prompt *prompt, const struct shape_value *values,
                 struct prompt_verdict *verdict);
/* The text in a field of the form; empty if there is no such field or it was left empty. */
struct slice prompt_field(const struct prompt *prompt, const struct shape_value *values,
                          const char *field);

/* About how many tokens a question takes, as a rule of thumb: for estimates. What a claim
 * reserves is a bound (base/llm/answers_budget.h). */
uint64_t prompt_tokens(const struct prompt *prompt);

#endif
