/*
 * lists: what became of every search list, and which pairs were therefore looked at completely.
 *
 * State     complete: every known page was fetched or was known to lie past the end; blocked: a
 *           page was refused by robots.txt or by a blocking product; incomplete: anything else. The
 *           reason is that of the lowest page that was not fetched.
 * Declared  What the site said there are, by its lowest page that says so.
 * Observed  A side of a pair was searched completely if it has lists for the other side, all
 *           complete. A pair without visits is a zero only if at least one side was; else it is
 *           missing.
 */
#ifndef XUNFANG_AGGREGATOR_LISTS_H
#define XUNFANG_AGGREGATOR_LISTS_H

#include "aggregator/dataset.h"
#include "aggregator/setting.h"

enum list_state { LIST_COMPLETE, LIST_INCOMPLETE, LIST_BLOCKED, LIST_STATES };

struct list_row {
    uint64_t declared; /* 0: the site does not say */
    uint32_t collected;
    uint32_t pages;
    uint32_t reason;     /* text of the dataset; 0 if complete */
    const char *trouble; /* short code in front of the reason; NULL if complete */
    enum list_state state;
};

struct lists {
    struct list_row *rows; /* by list of the setting */
    uint32_t count;
    uint32_t states[LIST_STATES];
    unsigned char *sides; /* cities²: 0 no list, 1 all complete, 2 some are not */
};

/* Of a finished dataset. STATUS_NOMEM. */
CHECKED enum status lists_build(const struct dataset *dataset, const struct setting *setting,
                                struct lists *lists, struct error *err);
void lists_fini(struct lists *lists);
/* "complete", "incomplete", "blocked". */
const char *list_state_text(enum list_state state);
bool lists_observed(const struct lists *lists, const struct setting *setting, uint32_t a,
                    uint32_t b);
/* Appends the reason as lists.csv shows it: "gave up: HTTP 503"; nothing if complete. */
void list_reason(const struct dataset *dataset, const struct list_row *row, struct buf *out);

#endif
