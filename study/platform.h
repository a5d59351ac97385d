/*
 * platform: one kind of site search, described as data.
 *
 * File      platforms/NAME.yaml beside the region file, else the shipped one. docs/files.md lists
 *           the fields.
 * Request   url, body and header values are templates: `{site}`, `{keyword}`, `{page}` or a key of
 *           the publisher's params; other braces are literal. study/request.h fills them.
 * Response  kind html: XPath for all fields; json: jq for all; json-html: hits, total and next are
 *           jq, and link, title and date are XPath on each hit parsed as a fragment. Compiling the
 *           expressions is the crawler's business; here they are only text.
 * Memory    Lives in the study's arena; texts have a NUL behind.
 */
#ifndef XUNFANG_STUDY_PLATFORM_H
#define XUNFANG_STUDY_PLATFORM_H

#include "base/fields.h"

enum platform_method { PLATFORM_GET, PLATFORM_POST };
enum platform_kind { PLATFORM_HTML, PLATFORM_JSON, PLATFORM_JSON_HTML };
/* How the keyword is written before it is percent-encoded. */
enum platform_keyword { PLATFORM_KEYWORD_PLAIN, PLATFORM_KEYWORD_TWICE, PLATFORM_KEYWORD_BASE64 };
/* How the job's period is written for `{from}` and `{to}`, which are placeholders only then. */
enum platform_dates {
    PLATFORM_DATES_NONE,
    PLATFORM_DATES_ISO,
    PLATFORM_DATES_COMPACT,
    PLATFORM_DATES_EPOCH_MS
};

struct platform_page {
    uint64_t first;
    uint64_t step;
};

struct platform_request {
    int method; /* enum platform_method */
    struct slice url;
    struct slice content_type; /* of the body; POST default application/x-www-form-urlencoded */
    struct slice body;
    struct slice keyword_encoding; /* of percent-encoded text: utf-8, gbk, … as iconv knows them */
    int keyword_form;              /* enum platform_keyword */
    int date_format;               /* enum platform_dates */
    const struct field_pair *headers;
    size_t header_count;
    struct platform_page page;
};

struct platform_response {
    int kind; /* enum platform_kind */
    struct slice hits;
    struct slice link;
    struct slice title;      /* empty: not on the list */
    struct slice date;       /* empty: not on the list */
    struct slice total;      /* empty: the site does not say */
    struct slice next;       /* empty: page numbers are used */
    struct slice link_param; /* the real link is this query parameter of the link, unquoted */
};

struct platform_article { /* XPaths tried in turn before the general rules; counts may be 0 */
    const struct slice *title;
    size_t title_count;
    const struct slice *date;
    size_t date_count;
    const struct slice *body;
    size_t body_count;
};

struct platform {
    struct slice name;
    struct slice about; /* for people: system, source, doubts */
    struct platform_request request;
    struct platform_response response;
    struct platform_article article;
};

/* The decode table: what docs/files.md is made from. */
extern const struct field_table platform_table;

/* Can pages after the first be asked for by number? Else a list is one page, or follows
 * response.next. */
bool platform_has_page_numbers(const struct platform *platform);

/* Reads one platform file. `name` is what the region calls it, and must be the file's own. */
CHECKED enum status platform_read(const struct yaml_source *source, struct slice name,
                                  struct platform *platform, struct error *err);

#endif
