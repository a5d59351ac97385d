/*
 * people: the titles of the persons a stretch of text names.
 *
 * Title     From the last break, place or cue word up to the end of a post: of 邳州市城管局副局长张永 it is
 *           市城管局副局长. Posts joined without a name between them are one title: 市委副书记、市长.
 * Limits    PEOPLE_MAX titles; a title of more than PEOPLE_TITLE_MAX bytes is no title.
 * Memory    Titles point into the text, or into the arena where 市 had to be kept.
 */
#ifndef XUNFANG_EXTRACTOR_PEOPLE_H
#define XUNFANG_EXTRACTOR_PEOPLE_H

#include "extractor/titles.h"
#include "study/reading.h"

enum { PEOPLE_MAX = 8, PEOPLE_TITLE_MAX = 60 };

struct people {
    struct slice titles[PEOPLE_MAX];
    size_t count;
};

/* Titles in text[begin, end) of the reading, in their order, each once; added to *people. */
void people_find(const struct titles *titles, const struct reading *reading, size_t begin,
                 size_t end, struct people *people);

#endif
