/*
 * parse_stage: the archive read again: pages → documents, as a map.
 *
 * Pages    Of articles that were fetched well, as crawler/fetch_policy.h judges the stored answer;
 *          lists and all others are none of this stage's and are passed over without an outcome.
 * Outcome  Passed with the Document that the crawler would publish for this answer today
 *          (crawler/fetch_parse.h), under the page's id and with the page as its source; dead if
 *          the page cannot be read.
 * Threads  One, the worker's.
 */
#ifndef XUNFANG_CRAWLER_PARSE_STAGE_H
#define XUNFANG_CRAWLER_PARSE_STAGE_H

#include "base/worker.h"
#include "crawler/fetch_parse.h"

struct page_parser { /* `self` of the stage */
    const struct study *study;
    struct fetch_parser *parser;
};

extern const struct map_stage parser_stage;

#endif
