/*
 * questions: what a job asks a language model about a document, made again from its text.
 *
 * Why     A question's key is a function of task, model, prompt and text (base/llm/answers.h), so
 *         whoever has the text can tell which answer belongs to it, without believing a report.
 * Tasks   Those of the study's codebook that have `ask`; whether a document was asked about each of
 *         them depends on the built-in model's doubts, which are not judged here.
 * Memory  The study must outlive it; keys and values are the caller's and his arena's.
 */
#ifndef XUNFANG_AGGREGATOR_QUESTIONS_H
#define XUNFANG_AGGREGATOR_QUESTIONS_H

#include "proto/document.pb-c.h"
#include "study/prompt.h"
#include "study/study.h"

enum { QUESTIONS_MAX = 32 };

struct questions {
    const struct study *study;
    struct prompt *prompts[QUESTIONS_MAX];
    size_t count; /* 0 if the job asks nobody */
};

/* A document as workers show it to prompts and readers. */
struct source_text questions_source(const Xunfang__Document *document);

/* STATUS_INVALID: a task that makes no question. questions_fini frees, whatever the outcome. */
CHECKED enum status questions_init(struct questions *questions, const struct study *study,
                                   struct error *err);
void questions_fini(struct questions *questions);
/* NULL: the task is never asked. */
const struct prompt *questions_find(const struct questions *questions, struct slice task);

struct question {
    const struct prompt *prompt; /* given; the rest is filled: */
    struct id key;
    const struct shape *shape; /* of its answer; the prompt's */
};
CHECKED enum status questions_make(const struct questions *questions,
                                   const struct source_text *source, struct arena *arena,
                                   struct question *question, struct error *err);

#endif
