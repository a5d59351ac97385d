#include "aggregator/funnel.h"

const char *reason_text(enum reason reason)
{
    static const char *const texts[REASONS] = {
#define X(name, text) text,
        REASON_TABLE(X)
#undef X
    };

    return texts[reason];
}

/* The code in front of an optional ": detail". */
static enum reason reason_of_drop(struct slice text)
{
    struct slice code = slice_sub(text, 0, slice_find(text, SLICE(":")));

    for (int reason = 0; reason < REASON_EVENT; reason++)
        if (slice_equal(code, slice_from(reason_text((enum reason) reason))))
            return (enum reason) reason;
    return REASON_OTHER;
}

/* Of a speaker; copies are duplicates whatever their outcome was. */
enum reason funnel_reason(const struct dataset *dataset, const struct document *document)
{
    switch ((enum outcome) document->outcome) {
    case OUTCOME_PASSED:
        return REASON_EVENT;
    case OUTCOME_DROPPED:
        return reason_of_drop(dataset_text(dataset, document->reason));
    case OUTCOME_DEAD:
    case OUTCOME_NONE:
        break;
    }
    /* A counted document has an outcome, so this is death only. */
    return REASON_DEAD;
}

static uint64_t count_cooperative(const struct events *events)
{
    uint64_t count = 0;

    for (size_t i = 0; i < events_count(events); i++)
        count += events_at(events, i)->cooperative;
    return count;
}

/* Stages are sums of reasons, so that the two can never disagree. */
struct funnel funnel_count(const struct dataset *dataset, const struct groups *groups,
                           const struct setting *setting, const struct events *events)
{
    struct funnel funnel = {.lists = setting->list_count,
                            .hits = dataset->hits.count,
                            .documents = groups->count,
                            .events = events_count(events),
                            .cooperative = count_cooperative(events)};

    funnel.reasons[REASON_BLANK] = groups->blank;
    funnel.reasons[REASON_DEAD] = groups->dead;
    funnel.reasons[REASON_DUPLICATE] = groups->member_count - groups->count;
    for (size_t g = 0; g < groups->count; g++)
        funnel.reasons[funnel_reason(dataset, group_speaker(dataset, groups, g))]++;
    funnel.visits = funnel.reasons[REASON_NO_EVENT] + funnel.reasons[REASON_EVENT];
    funnel.screened = funnel.visits + funnel.reasons[REASON_NO_VISIT];
    return funnel;
}

void funnel_stages(const struct funnel *funnel, struct funnel_stage stages[FUNNEL_STAGES])
{
    const struct funnel_stage all[FUNNEL_STAGES] = {
        {"lists", funnel->lists},
        {"hits", funnel->hits},
        {"documents", funnel->documents},
        {"screened", funnel->screened},
        {"visits", funnel->visits},
        {"events", funnel->events},
        {"cooperative", funnel->cooperative},
    };

    for (int i = 0; i < FUNNEL_STAGES; i++)
        stages[i] = all[i];
}
