/*
 * decisions: who decided what about the screened documents, and what became of the questions to a
 * language model, task by task.
 *
 * Documents  Screened ones, equal texts once: the sums of a task are those of the funnel. Every
 *            task stands for `visit` among them, the others (purpose, themes, events) for visits
 *            only.
 * Result     yes or no: visit or none, at least one event or none; empty for labels. dead: a
 *            document that no answer came for, where the job lets it die of that; it is not
 *            screened.
 * Decider    llm: the report was decided by a language model, which answered this question. Else
 *            what the report says (rule, model) for the visit, and for the other tasks what the
 *            codebook has: model if it names one, rule if not. other: a word this version does not
 *            know. An answer that names no label, or no event that the text holds, decides nothing;
 *            but where any answer about a document was of use, all of its answers count as such.
 * Questions  asked = answered + failed + refused. failed: no usable answer; refused: the budget was
 *            used up; in both cases the built-in decision holds. Remembered answers count like new
 *            ones, so the numbers are a function of documents and answers alone.
 * Order      Tasks as in the codebook, `events` last if it has no task for them; yes, no, dead;
 *            rule, model, llm, other. Rows of `other` and `dead` exist only where they count
 *            something.
 */
#ifndef XUNFANG_AGGREGATOR_DECISIONS_H
#define XUNFANG_AGGREGATOR_DECISIONS_H

#include "aggregator/duplicates.h"
#include "aggregator/setting.h"

enum decider { DECIDER_RULE, DECIDER_MODEL, DECIDER_LLM, DECIDER_OTHER, DECIDERS };

enum decision_result {
    DECISION_YES,
    DECISION_NO,
    DECISION_LABELS,
    DECISION_DEAD,
    DECISION_RESULTS
};

struct decision_row {
    struct slice task;
    enum decision_result result;
    enum decider decider; /* of DECISION_DEAD: nobody */
    uint64_t documents;
    uint64_t answered;
    uint64_t failed;
    uint64_t refused;
};

struct decisions {
    struct decision_row *rows;
    size_t count;
    uint64_t answered; /* sums over all rows */
    uint64_t failed;
    uint64_t refused;
};

/* STATUS_NOMEM. Task names belong to the setting. */
CHECKED enum status decisions_count(const struct dataset *dataset, const struct groups *groups,
                                    const struct setting *setting, struct decisions *decisions,
                                    struct error *err);
/* May be called on a zeroed struct. */
void decisions_fini(struct decisions *decisions);

/* "rule", "model", "llm", "other". */
const char *decider_text(enum decider decider);
enum decider decider_of(struct slice text);
/* "yes", "no", "", "dead". */
const char *decision_result_text(enum decision_result result);
/* Questions of a row. */
uint64_t decision_asked(const struct decision_row *row);

#endif
