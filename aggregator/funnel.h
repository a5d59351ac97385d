/*
 * funnel: how many documents each stage left, and why the rest went.
 *
 * Stages   lists, hits, documents, screened, visits, events, cooperative, as the contract counts
 *          them.
 * Reasons  Each counted document has one, the first that holds: blank, duplicate, then its group's:
 *          period, dictionary, no visit, no event, event; dead (nothing could be decided) and other
 *          (a reason this version does not know) are shown so that the sum is all documents.
 */
#ifndef XUNFANG_AGGREGATOR_FUNNEL_H
#define XUNFANG_AGGREGATOR_FUNNEL_H

#include "aggregator/events.h"

/* name, text */
#define REASON_TABLE(X)                                                                            \
    X(BLANK, "blank")                                                                              \
    X(DUPLICATE, "duplicate")                                                                      \
    X(PERIOD, "period")                                                                            \
    X(DICTIONARY, "dictionary")                                                                    \
    X(NO_VISIT, "no visit")                                                                        \
    X(NO_EVENT, "no event")                                                                        \
    X(EVENT, "event")                                                                              \
    X(DEAD, "dead")                                                                                \
    X(OTHER, "other")

enum reason {
#define X(name, text) REASON_##name,
    REASON_TABLE(X)
#undef X
        REASONS
};

enum { FUNNEL_STAGES = 7 };

struct funnel {
    uint64_t lists;
    uint64_t hits;
    uint64_t documents;
    uint64_t screened;
    uint64_t visits;
    uint64_t events;
    uint64_t cooperative;
    uint64_t reasons[REASONS];
};

struct funnel_stage {
    const char *name;
    uint64_t count;
};

struct funnel funnel_count(const struct dataset *dataset, const struct groups *groups,
                           const struct setting *setting, const struct events *events);
/* The stages in order. */
void funnel_stages(const struct funnel *funnel, struct funnel_stage stages[FUNNEL_STAGES]);
/* The reason of a speaker, by its outcome and reason text. */
enum reason funnel_reason(const struct dataset *dataset, const struct document *document);
const char *reason_text(enum reason reason);

#endif
