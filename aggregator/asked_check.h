/*
 * asked_check: one document that a language model was asked about: does its report say what the
 * answers say?
 *
 * Ends     Tasks, ends, keys and counts of the report agree; a report decided by llm names an
 *          answer.
 * Answers  Each key stands in the log of answers with a reply to this task by the job's model, and
 *          is the key that the document's own text gives (questions.h).
 * Decision What the first reply to the key says is what the report says: visit or none, purpose,
 *          themes. A reply that names no label decides nothing.
 * Values   Cities and organs of events that an answer was used for (grounding.h).
 * Counts   Documents by what is wrong with them, with one example each.
 */
#ifndef XUNFANG_AGGREGATOR_ASKED_CHECK_H
#define XUNFANG_AGGREGATOR_ASKED_CHECK_H

#include "aggregator/answer_log.h"
#include "aggregator/grounding.h"
#include "aggregator/questions.h"

/* name, check as verify tells it */
#define ASKED_CHECK_TABLE(X)                                                                       \
    X(ENDS, "every question of a report has one end")                                              \
    X(NAMED, "every document decided by a language model names its answer")                        \
    X(ANSWERS, "every answer named in a report stands in the log of answers")                      \
    X(KEYS, "every answer is to a question made from its document")                                \
    X(DECISIONS, "every decision of a language model is what its first answer says")               \
    X(VALUES, "every value of an event that an answer gave is in the text")

enum asked_fault {
#define X(name, check) ASKED_##name,
    ASKED_CHECK_TABLE(X)
#undef X
        ASKED_FAULTS
};

enum { ASKED_EXAMPLE_MAX = 160 };

struct asked_check {
    const struct answer_log *log;
    const struct questions *questions;
    const struct grounding *grounding;
    uint64_t documents; /* looked at */
    uint64_t faults[ASKED_FAULTS];
    char examples[ASKED_FAULTS][ASKED_EXAMPLE_MAX];
};

/* What was chosen for the document, and the text it was made from. */
struct asked_document {
    struct id id;
    enum outcome outcome;
    struct slice reason;
    const Xunfang__Report *report;
    struct source_text source;
};

/* A failure is one of memory. */
CHECKED enum status asked_check(struct asked_check *check, const struct asked_document *document,
                                struct arena *arena, struct error *err);
/* The check's name. */
const char *asked_fault_text(enum asked_fault fault);

#endif
