/*
 * dataset: the records of a job's sealed range as compact tables in memory.
 *
 * Tables   documents (one row an article request or ingested document), reports (what a passed
 *          one says), claims (a visit as one report tells it), hits (list, document), pages (of
 *          lists).
 * Ruling   Who decided about a document, dropped and dead ones included, and how the questions to a
 *          language model ended; few differ, so each is kept once and documents name it. It is
 *          chosen with the outcome.
 * Outcome  Of a document's repeats the first passed or dropped one in the order of its log counts,
 *          else the first dead one. Of a request's results the first final one counts.
 * Counted  dataset_finish marks the documents that count: reported, and fetched with outcome ok or
 *          ingested (never requested, or of a later generation), and of several fetch numbers of a
 *          URL the highest.
 * Size     A document takes 72 bytes, its URL, and 6 of the index.
 * Texts    are numbers in `strings`; lists of texts are printed sets (textset.h).
 * Limits   DATASET_MAX rows a table; a report's claims beyond DATASET_CLAIMS_MAX are left out and
 *          counted.
 * Failure  The functions return STATUS_NOMEM or STATUS_TOO_LARGE only.
 */
#ifndef XUNFANG_AGGREGATOR_DATASET_H
#define XUNFANG_AGGREGATOR_DATASET_H

#include "aggregator/idtable.h"
#include "aggregator/strings.h"
#include "base/record.h"
#include "base/util/civil.h"

enum { DATASET_MAX = 100 * 1000 * 1000, DATASET_CLAIMS_MAX = 200, RULING_TASKS_MAX = 8 };

enum document_flag {
    DOCUMENT_KNOWN = 1 << 0,   /* a request for it stands in `urls` */
    DOCUMENT_FINAL = 1 << 1,   /* … and came to an end */
    DOCUMENT_FETCHED = 1 << 2, /* … which was ok */
    DOCUMENT_TEXT = 1 << 3,    /* has a fingerprint: not blank */
    DOCUMENT_COUNTED = 1 << 4,
    DOCUMENT_LATER = 1 << 5, /* its outcome is of a later generation: ingested, or redriven */
};

struct document {
    struct id id; /* first: the index wants it there */
    struct id fingerprint;
    uint32_t url;
    uint32_t site_city; /* text */
    uint32_t reason;    /* of a drop or death; of one not fetched: why */
    uint32_t report;    /* index + 1 of a passed report; 0: none */
    uint32_t ruling;    /* see dataset_ruling; 0: nobody is known to have decided */
    int32_t date;       /* publish day, CIVIL_NONE if unknown */
    uint32_t fetch_number;
    uint8_t outcome; /* enum outcome; NONE: no report (yet) */
    uint8_t flags;   /* enum document_flag */
};

struct report {
    uint32_t themes; /* printed set */
    uint32_t purpose;
    uint32_t first_claim;
    uint32_t claim_count;
};

enum question_end { QUESTION_ANSWERED, QUESTION_FAILED, QUESTION_REFUSED };

struct ruling {
    uint32_t decided_by; /* texts */
    uint32_t model;
    uint32_t task_count;
    uint32_t tasks[RULING_TASKS_MAX]; /* a language model was to be asked about, in order */
    uint32_t ends[RULING_TASKS_MAX];  /* enum question_end of each */
};

struct claim {
    uint32_t document;
    uint32_t origin; /* texts, as reported */
    uint32_t host;
    uint32_t origin_dept;
    uint32_t host_dept;
    uint32_t visitor_titles; /* printed sets */
    uint32_t host_titles;
    uint32_t level;
    uint32_t purpose;
    uint32_t evidence;
    int32_t day; /* CIVIL_NONE unless the text gives a day */
};

struct hit {
    uint32_t list;
    uint32_t document;
};

enum page_state { PAGE_OPEN, PAGE_OK, PAGE_LIST_END, PAGE_LIMIT, PAGE_REFUSED, PAGE_FAILED };

struct list_page {
    struct id id;
    uint32_t list;
    uint32_t page;
    uint32_t detail;   /* of LIMIT, REFUSED, FAILED */
    uint64_t declared; /* hits the site says there are; 0: it does not say */
    uint8_t state;     /* enum page_state */
    bool blocked;      /* a blocking product was met on the way */
};

struct dataset {
    struct strings *strings;
    struct rows documents;
    struct rows reports;
    struct rows claims;
    struct rows hits;
    struct rows pages;
    struct idtable by_id;
    struct idtable page_by_id;
    uint64_t bad_records;  /* that could not be read */
    uint64_t extra_claims; /* beyond the limit of a report */
};

/* NULL when memory is out. */
struct dataset *dataset_create(void);
void dataset_destroy(struct dataset *dataset);

/* The row of this id, made if need be; valid until the next document is added. NULL: see
 * dataset_status. */
struct document *dataset_document(struct dataset *dataset, struct id id);
struct list_page *dataset_page(struct dataset *dataset, struct id id);
CHECKED enum status dataset_add_hit(struct dataset *dataset, uint32_t list, struct id document,
                                    struct error *err);
/* First failure of any table. */
CHECKED enum status dataset_status(const struct dataset *dataset, struct error *err);

/* Would this outcome be chosen over what stands in the row? */
bool document_takes(const struct document *document, enum outcome outcome);
/* Sorts hits, drops repeats, marks what counts. Call once, after the last record. */
CHECKED enum status dataset_finish(struct dataset *dataset, struct error *err);

const struct document *dataset_at(const struct dataset *dataset, size_t index);
const struct report *dataset_report(const struct dataset *dataset, const struct document *document);
/* Remembers the ruling; its number is for document->ruling. */
uint32_t dataset_put_ruling(struct dataset *dataset, const struct ruling *ruling);
/* All zero if there is none. */
struct ruling dataset_ruling(const struct dataset *dataset, const struct document *document);
const struct claim *dataset_claim(const struct dataset *dataset, size_t index);
struct slice dataset_text(const struct dataset *dataset, uint32_t name);

#endif
