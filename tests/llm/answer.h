/*
 * answer: what a model that follows the form exactly would say; deterministic from the question.
 *
 * Choice   Labels are chosen by a hash of what the user asks, a field at a time.
 * Text     A span of the text between the data marks (question_data), at most as long as the
 *          schema's description allows; "" if there is none.
 * Form     The JSON schema if there is one, else the grammar, else the last example of the
 *          assistant, else {}.
 */
#ifndef XUNFANG_TESTS_LLM_ANSWER_H
#define XUNFANG_TESTS_LLM_ANSWER_H

#include "tests/llm/question.h"

enum { ANSWER_MAX = 64 * 1024 };

void answer_put(const struct question *question, struct buf *out);
/* The same, but every label is one that the schema does not know. */
void answer_put_wrong_label(const struct question *question, struct buf *out);

/* What everything is chosen by: a stream of numbers from a hash. */
struct dice {
    struct id seed;
    uint64_t rolls;
};
struct dice dice_of(const struct question *question);
/* Below `sides` (> 0). */
size_t dice_roll(struct dice *dice, size_t sides);
/* A span of `text` of at most `chars` characters, on one line, without quotes. */
struct slice dice_span(struct dice *dice, struct slice text, size_t chars);

#endif
