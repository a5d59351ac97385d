/*
 * world: the sites and all their documents as a table of 16 bytes a document.
 *
 * Idea     The table holds what lists and links need (site, day, kind, named cities, what it tells
 *          of); every word of a page follows from (seed, number) when it is asked for. 728,677
 *          documents take about 20 MB.
 * Numbers  A document's number is its index; its URL carries the number, so a request finds it at
 *          once.
 * Lists    world_hits gives the documents of a site that name a city, dead ends included, in a
 *          fixed order. Every document names at least one other city of the region.
 * Memory   Owned by the world; nothing changes after world_create.
 * Threads  May be shared.
 */
#ifndef XUNFANG_SITES_WORLD_H
#define XUNFANG_SITES_WORLD_H

#include "tests/sites/grammar.h"
#include "tests/sites/trip.h"

enum {
    WORLD_SITES_MAX = 128,
    WORLD_DOCUMENTS_MAX = 4000000,
    WORLD_MENTIONS_MAX = 4,
    WORLD_HOST_SIZE = 22, /* "255.255.255.255:65535" */
};

enum kind {
#define X(name, rules, share) KIND_##name,
#include "tests/sites/kinds.def"
#undef X
    KIND_FILLS, /* how many kinds are drawn by share */
    KIND_VISIT = KIND_FILLS,
    KIND_OUTSIDE, /* a visit from or to a place outside the region */
    KIND_BLANK,
    KIND_COPY,  /* the text of document `ref` */
    KIND_DEAD,  /* a hit that answers 404 */
    KIND_MOVED, /* a hit that redirects to document `ref` of the same site */
    KIND_HOME,  /* a hit that redirects to the home page */
    KIND_FAULT, /* a hit whose page never arrives whole; `ref` tells how (faults.h) */
};

/* How a page looks and where its date stands. */
enum style {
    STYLE_META,
    STYLE_TRS,
    STYLE_TABLE,
    STYLE_URL,
    STYLE_NONE,
    STYLE_PLAIN,
    STYLE_EXAMPLE
};

/* How a report gives the day of the visit. */
enum form { FORM_FULL, FORM_MONTH_DAY, FORM_RANGE, FORM_YESTERDAY, FORM_TODAY, FORM_VAGUE };

enum { SIDE_ORIGIN = 255 }; /* struct document.side: else the index of the host that tells */

struct document {
    uint32_t ref; /* KIND_VISIT: trip; KIND_COPY, KIND_MOVED: document */
    int16_t day;  /* of publication, from 2000-01-01 */
    uint8_t kind;
    uint8_t site;
    uint8_t mention[WORLD_MENTIONS_MAX]; /* other cities the text names */
    uint8_t mentions;                    /* at least 1 */
    uint8_t side;
    uint8_t form;
    uint8_t style;
};

struct site {
    char address[16];           /* 127.0.2.1 */
    char host[WORLD_HOST_SIZE]; /* with port */
    uint16_t port;
    uint8_t city;
    struct slice dialect;
    bool gbk;     /* old pages in GBK */
    bool example; /* pages as those of the example job's plain-list sites */
};

struct world_options {
    uint64_t seed;
    uint32_t documents;
    bool faults; /* adds KIND_FAULT hits */
};

struct world {
    struct world_options options;
    struct places places;
    struct grammar *grammar;
    struct site sites[WORLD_SITES_MAX];
    uint32_t site_count;
    uint64_t region; /* bit set of the cities that have sites */
    struct trip *trips;
    uint32_t trip_count;
    struct document *documents; /* pages first, then the dead ends */
    uint32_t document_count;
    uint32_t page_count;  /* documents before the dead ends: options.documents */
    uint32_t *list_start; /* site × city (+ 1): where a list begins in `listed` */
    uint32_t *listed;     /* document numbers */
};

/* Places and grammar, no sites yet: fill `sites` with world_add_site, then world_build. */
CHECKED enum status world_create(struct world_options options, struct world **world,
                                 struct error *err);
/* NULL is fine. */
void world_destroy(struct world *world);
/* `city` by its name; STATUS_INVALID for an unknown city or dialect. `dialect` must outlive the
 * world. */
CHECKED enum status world_add_site(struct world *world, const char *address, uint16_t port,
                                   struct slice city, struct slice dialect, struct error *err);
/* Draws all documents; needs sites of at least two cities. */
CHECKED enum status world_build(struct world *world, struct error *err);

/* Numbers of the documents that `site` lists for `city`; none for its own city. */
const uint32_t *world_hits(const struct world *world, uint32_t site, int city, uint32_t *count);
/* The generator of one aspect of one thing: equal on every call. */
struct random world_random(const struct world *world, uint64_t thing, uint64_t aspect);
/* The document whose text it bears: itself but for copies, and for dead ends, whose titles on
 * lists are borrowed. */
uint32_t world_text_of(const struct world *world, uint32_t number);

#endif
