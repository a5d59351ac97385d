/*
 * seeds: the search lists of a job, in one stable order, and their requests.
 *
 * Lists     Publisher × search name of every other city (or of the job's pairs). Order: publishers
 *           in the order of the region file, then query cities in its order, then their search
 *           names. A list's index in this order is Request.list everywhere.
 * Requests  Page 0 is the seed of a list; what comes after it follows by number or next link. Two
 *           lists that ask for the same thing have one request, with one id.
 * Memory    Requests are built in the caller's arena.
 */
#ifndef XUNFANG_STUDY_SEEDS_H
#define XUNFANG_STUDY_SEEDS_H

#include "base/util/arena.h"
#include "proto/url.pb-c.h"
#include "study/study.h"

/* Fills study->lists; called by study_load. STATUS_TOO_LARGE past STUDY_LISTS_MAX. */
CHECKED enum status seeds_enumerate(struct study *study, struct error *err);

/* A page of a list: by its number, or by the next link of the page before it. */
struct seeds_page {
    uint32_t list;
    uint32_t page;     /* 0 the first */
    struct slice next; /* absolute, canonical http or https URL; empty: by number */
};

/* The request of a page, canonical, kind LIST, fetch number 0; a next link gives a GET with the
 * platform's headers. */
CHECKED enum status seeds_request(const struct study *study, const struct seeds_page *page,
                                  struct arena *arena, Xunfang__Request **request,
                                  struct error *err);

/* Names of a list for outputs and messages. `list` must be below study->list_count. */
const struct publisher *seeds_publisher(const struct study *study, uint32_t list);
struct slice seeds_site_city(const struct study *study, uint32_t list);
struct slice seeds_query_city(const struct study *study, uint32_t list);

#endif
