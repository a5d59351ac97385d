/*
 * duplicates: documents of equal content, and which of them speaks for the rest.
 *
 * Group    The counted documents of one fingerprint. Blank documents are in no group.
 * Speaker  Earliest publish date (none last), then smallest URL, then smallest id. Its outcome is
 *          the group's; the copies add to `reported_by` only.
 * Order    Groups are ordered by fingerprint, members by the rule above: independent of the order
 *          in which documents arrived.
 * Rank     Speakers are numbered by (publish date, none last, URL, id): the order in which reports
 *          are clustered into events.
 */
#ifndef XUNFANG_AGGREGATOR_DUPLICATES_H
#define XUNFANG_AGGREGATOR_DUPLICATES_H

#include "aggregator/dataset.h"

struct group {
    uint32_t first; /* into groups.members; members[first] speaks */
    uint32_t count;
    uint32_t rank;
};

struct groups {
    uint32_t *members; /* documents */
    size_t member_count;
    struct group *groups;
    size_t count;
    uint32_t blank; /* counted documents without text … */
    uint32_t dead;  /* … or dead before their text was known */
};

/* Of a finished dataset. STATUS_NOMEM. */
CHECKED enum status groups_build(const struct dataset *dataset, struct groups *groups,
                                 struct error *err);
void groups_fini(struct groups *groups);
/* The document that speaks. */
const struct document *group_speaker(const struct dataset *dataset, const struct groups *groups,
                                     size_t group);
/* For every document the group it belongs to, UINT32_MAX for none; the caller frees. NULL: no
 * memory. */
uint32_t *groups_by_document(const struct dataset *dataset, const struct groups *groups);

#endif
