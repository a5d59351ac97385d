#include "study/catalog_run.h"

#include <stdio.h>
#include <string.h>

const char *run_state_text(enum run_state state)
{
    static const char *const texts[] = {"open", "paused", "cancelled", "purged"};

    return texts[state];
}

/* An absent name means the run's own log: so all runs written before replays existed read right. */
static const char *or_own(const char *other, const struct catalog_run *run)
{
    return other[0] == '\0' ? run->run : other;
}

const char *catalog_documents_run(const struct catalog_run *run)
{
    return or_own(run->submitted->documents_run, run);
}

struct topic_name catalog_topic(const struct catalog_run *run, enum topic_kind kind)
{
    const Xunfang__JobSubmitted *submitted = run->submitted;

    switch (kind) {
    case TOPIC_DOCUMENTS:
        return topic_name(kind, run->job, catalog_documents_run(run));
    case TOPIC_VISITS:
        return topic_name(kind, run->job, or_own(submitted->visits_run, run));
    case TOPIC_REPORTS:
        return topic_name(kind, run->job, or_own(submitted->reports_run, run));
    default:
        return topic_name(kind, run->job, run->run);
    }
}

bool catalog_is_replay(const struct catalog_run *run)
{
    /* Every replay names one of the two: from the pages it writes documents, else it reads
     * another's. */
    return run->submitted->documents_run[0] != '\0' || run->submitted->pages_run[0] != '\0';
}

uint32_t catalog_generations(const struct catalog_run *run)
{
    return catalog_is_replay(run) ? run->generation + 1 : 0;
}

/* ---- stages ---- */

bool catalog_writes(const struct catalog_run *run, enum topic_kind kind)
{
    struct topic_name own = topic_name(kind, run->job, run->run);

    return strcmp(catalog_topic(run, kind).text, own.text) == 0;
}

bool catalog_needs(const struct catalog_run *run, const char *stage)
{
    static const struct {
        const char *stage;
        bool crawl, replay;     /* needed by a run that crawls, by one that replays */
        enum topic_kind writes; /* and only if this log is its own */
    } table[] = {
        {"frontier", true, false, TOPIC_URLS},    {"crawler", true, false, TOPIC_PAGES},
        {"parser", false, true, TOPIC_DOCUMENTS}, {"classifier", true, true, TOPIC_VISITS},
        {"extractor", true, true, TOPIC_REPORTS}, {"aggregator", true, true, TOPIC_CONTROL},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].stage, stage) == 0)
            return (catalog_is_replay(run) ? table[i].replay : table[i].crawl) &&
                   catalog_writes(run, table[i].writes);
    return false;
}

bool catalog_wants(const struct catalog_run *run, const char *stage)
{
    return run->state == RUN_OPEN && run->sealed == NULL && catalog_needs(run, stage);
}

struct owner_name catalog_owner(const struct catalog_run *run, const char *stage)
{
    struct owner_name owner;

    (void) snprintf(owner.text, sizeof owner.text, "%s.%s.%s", stage, run->job, run->run);
    return owner;
}
