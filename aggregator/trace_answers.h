/*
 * trace_answers: the questions about a document, and what stands in the log of answers on them.
 *
 * Questions  All that the job may ask about the text of each traced document, found by making them
 *            again (questions.h); and the answers that its reports name, which may be to questions
 *            of another model or prompt.
 * Told       A line a question (task, prompt, key) and a line every record on its key: claims,
 *            replies with their text, failures, refusals. A question that nothing stands about was
 *            not asked; it is not told.
 */
#ifndef XUNFANG_AGGREGATOR_TRACE_ANSWERS_H
#define XUNFANG_AGGREGATOR_TRACE_ANSWERS_H

#include "aggregator/trace.h"

/* After the ids are known; reads documents, reports and answers. Does nothing for a job that asks
 * no language model. */
CHECKED enum status trace_answers(struct trace *trace, struct error *err);

#endif
