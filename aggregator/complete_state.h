/*
 * complete_state: what the completeness fold remembers: a row a request or document, a row a list,
 * sums.
 *
 * Row     Key 'i' and the id: what is known of a request. Key 'l' and the list's index: how many of
 *         its pages are known, ended, ended badly. Key 'p': the sums.
 * Ingest  Key 'g' and a generation: how many of its document records were read, how many announced.
 *         A generation that somebody began and gave up has records that no other one may count.
 * Sums    are kept as differences: a row's old share is taken off and its new share put on, in the
 *         same batch, so they are exact after any crash.
 * Wanted  A number is a generation plus one, 0 for none: an ok fetch wants an outcome of generation
 *         0, a document record one of its own generation; `answered` is the newest outcome's.
 * Memory  Fixed-size values; the progress struct is the caller's.
 */
#ifndef XUNFANG_AGGREGATOR_COMPLETE_STATE_H
#define XUNFANG_AGGREGATOR_COMPLETE_STATE_H

#include "base/store/store.h"
#include "base/util/hash.h"

enum request_flag {
    REQUEST_KNOWN = 1 << 0,
    REQUEST_FINAL = 1 << 1,
    REQUEST_OK = 1 << 2,       /* an article that was fetched */
    REQUEST_LIST = 1 << 3,     /* a page of a list */
    REQUEST_BAD = 1 << 4,      /* a page of a list that ended badly */
    REQUEST_SEED = 1 << 5,     /* a link without a parent */
    REQUEST_GOOD = 1 << 6,     /* its outcome is passed or dropped */
    REQUEST_VISIT = 1 << 7,    /* … and it is a visit */
    REQUEST_DOCUMENT = 1 << 8, /* its document record was read */
};

struct request_row {
    uint16_t flags;
    uint16_t events;   /* in its report */
    uint32_t list;     /* of a page of a list */
    uint32_t wanted;   /* generation + 1 */
    uint32_t answered; /* generation + 1 */
};

/* All members are uint64_t: they are stored as one array. */
struct progress {
    uint64_t urls_known;
    uint64_t urls_final;
    uint64_t seeds;
    uint64_t lists_known;
    uint64_t lists_final;
    uint64_t lists_bad;
    uint64_t list_pages; /* fetched or ended */
    uint64_t documents;  /* ok article fetches */
    uint64_t outcomes;
    uint64_t waiting; /* want an outcome and have none */
    uint64_t orphans; /* have an outcome whose document was not read yet */
    uint64_t visits;
    uint64_t events;
    uint64_t dead;
    uint64_t ingest_missing;  /* announced by Ingested, and their records not read yet */
    uint64_t seeds_announced; /* by JobSeeded; below: what `control` says */
    uint64_t seeded;          /* generation + 1, 0: not yet */
    uint64_t generation;      /* the newest that was opened */
    uint64_t sealed;          /* newest sealed generation + 1 */
};

/* The row of this id, all zero if there is none. */
CHECKED enum status request_row_get(struct store_batch *batch, struct id id,
                                    struct request_row *row, struct error *err);
/* A row before and after a record. */
struct request_change {
    struct request_row old;
    struct request_row row;
};

/* Writes the new row and moves the sums from what the old one gave to what the new one gives; the
 * sums themselves are written by progress_put. */
CHECKED enum status request_row_put(struct store_batch *batch, struct id id,
                                    const struct request_change *change, struct progress *progress,
                                    struct error *err);
/* Documents of a generation above 0 that were read, or announced by an Ingested. */
struct ingest_change {
    uint32_t generation;
    uint64_t read;
    uint64_t announced;
};

/* Adds them to what was there. */
CHECKED enum status ingest_row_add(struct store_batch *batch, const struct ingest_change *change,
                                   struct progress *progress, struct error *err);
void progress_put(struct store_batch *batch, const struct progress *progress);
/* All zero from an empty store. */
CHECKED enum status progress_load(struct store *store, struct progress *progress,
                                  struct error *err);

/* Is nothing open, and the newest generation not sealed yet? */
bool progress_complete(const struct progress *progress);
/* Requests without an end, documents without an outcome, outcomes without a document. */
uint64_t progress_remaining(const struct progress *progress);

#endif
