/*
 * titles: which level of leadership an office stands for.
 *
 * Data     titles.tsv of a codebook: rows level, sub, how, place, bodies, posts, read from top to
 *          bottom; the first row that fits decides. The file explains its own columns.
 * Shape    A title is a list of offices, "市委副书记、市长"; each office a body and a post. A bare post
 *          takes the body of the office before it (市人大常委会党组书记、主任).
 * Level    Of a person: the best office, principal > deputy > department. Province and nation count
 *          only where no city office of the first two stands beside them: 省委常委、南京市委书记 is principal.
 * Place    市委书记 of a county-level city is department. Whether 昆山 is one is asked of the caller's
 *          function; a title without a place is the speaker's own, which the caller may know to be
 *          a county (own_is_county).
 * Memory   The table owns its text; it never changes after loading and may be shared by threads.
 */
#ifndef XUNFANG_EXTRACTOR_TITLES_H
#define XUNFANG_EXTRACTOR_TITLES_H

#include "base/util/slice.h"

enum title_level {
    TITLE_NONE, /* no office known */
    TITLE_EXCLUDED,
    TITLE_FORMER,
    TITLE_HIGHER,
    TITLE_DEPARTMENT,
    TITLE_DEPUTY,
    TITLE_PRINCIPAL
};

enum { TITLES_FILE_MAX = 1 << 20, TITLES_ROWS_MAX = 256, TITLES_WORDS_MAX = 4096 };

struct titles;

struct title_context {
    /* Is `place` (昆山, without 市) a county-level city at the time? NULL: nothing is. */
    bool (*is_county)(const void *self, struct slice place);
    const void *self;
    bool own_is_county; /* 市 without a name is a county-level city's */
};

/* STATUS_INVALID names file and line. */
CHECKED enum status titles_load(const char *path, struct titles **titles, struct error *err);
/* NULL is fine. */
void titles_destroy(struct titles *titles);

/* The level of a person with this title. */
enum title_level titles_level(const struct titles *titles, struct slice title,
                              const struct title_context *context);
/* Bytes of the longest post that begins at text[offset]; 0 if none. */
size_t titles_post_at(const struct titles *titles, struct slice text, size_t offset);
/* "principal", "deputy", "department"; "higher", "former", "exclude" for the rest; "" for none. */
const char *title_level_text(enum title_level level);

#endif
