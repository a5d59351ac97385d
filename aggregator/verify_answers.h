/*
 * verify_answers: what a language model decided, held against the log of its answers.
 *
 * Documents  Of every document that was asked about: asked_check.h, on the report that was chosen
 *            and the document's own text.
 * Budget     What the log adds up to (base/llm/answers.h: costs of ended questions, and the
 *            reservations that nobody ended) is within the caps that claims name.
 * Sums       Replies, calls, tokens and money again, record by record (answer_log.h).
 * decisions  decisions.csv, read back: its sums are those of the funnel, and of the questions in
 *            the dataset.
 * Without    a language model in job and reports only decisions.csv is looked at.
 */
#ifndef XUNFANG_AGGREGATOR_VERIFY_ANSWERS_H
#define XUNFANG_AGGREGATOR_VERIFY_ANSWERS_H

#include "aggregator/job_source.h"
#include "aggregator/verify.h"

CHECKED enum status verify_answers(const struct job_source *source, const struct results *results,
                                   struct verify *verify, struct error *err);
/* The part about decisions.csv. */
CHECKED enum status verify_decisions(const struct results *results, struct verify *verify,
                                     struct error *err);

#endif
