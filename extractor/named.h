/*
 * named: the cities that a text names, by whatever names: the only ones an answer may speak of.
 *
 * Named     A place of the reading names its city (昆山市 names 苏州); one that the rules left open
 *           (鼓楼区 in four cities) names none. 我市 and the like name the publisher's.
 * Order     Of the first mention in the text; each city once, with that mention.
 * Limits    NAMED_MAX cities; further ones are not read.
 * Memory    Points into the reading and the gazetteer.
 */
#ifndef XUNFANG_EXTRACTOR_NAMED_H
#define XUNFANG_EXTRACTOR_NAMED_H

#include "study/clause.h"

enum { NAMED_MAX = 64 };

struct named_city {
    const struct city *city;
    const struct token *token; /* of the reading */
};

struct named {
    const struct gazetteer *gazetteer;
    const struct reading *reading;
    int32_t day; /* of publication: divisions change; CIVIL_NONE: as of now */
    struct named_city cities[NAMED_MAX];
    size_t count;
};

void named_read(const struct gazetteer *gazetteer, const struct reading *reading, int32_t day,
                struct named *named);

/* The one city that both the text names and `name` can mean: a name of it, of a county in it (with
 * or without what it lies in before it), or 我市. NULL if there is none, or more than one. */
const struct named_city *named_find(const struct named *named, struct slice name);

/* The city as a party of a journey, at its mention. */
struct party named_party(const struct named_city *found);

/* The sentence that tells of both, or of as many of them as one sentence does, of the body before
 * the title; its parties are these two. */
struct scene named_scene(const struct reading *reading, const struct party *origin,
                         const struct party *host);

#endif
