/*
 * names: which names of a text are places, and which of their readings is meant. Private to
 * reading.
 *
 * Prepare   Looks at all mentions first: persons named like places, and cities and provinces named
 *           beyond doubt, which help with the rest.
 * Persons   A short name right behind an office (院长宁波, 副主任汪明光), and then wherever it stands.
 * Fit       A reading fits by what confirms it, from 10 (the city before it is its own) over 7 (the
 *           publisher's) and 6 (a city named elsewhere) down to 1 (nothing); two readings of
 *           different cities that fit equally well leave the place without a city.
 * Refused   Ordinary words (和平, 高新区) without their city before them; short names of counties where
 *           no name can begin (电商水平 names no 商水).
 * Memory    A draft lives on the stack of one reading; it owns nothing.
 */
#ifndef XUNFANG_STUDY_NAMES_H
#define XUNFANG_STUDY_NAMES_H

#include "study/reading.h"

enum { NAMES_SEEN_MAX = 64, NAMES_PERSONS_MAX = 16 };

/* What one reading knows while it grows. */
struct draft {
    const struct gazetteer *gazetteer;
    const struct cues *cues;
    struct reading *reading; /* its tokens are still counted up */
    struct token *tokens;
    size_t limit;             /* of tokens */
    struct mention *mentions; /* of the whole text */
    size_t mention_count;
    int32_t day;
    const struct city *seen[NAMES_SEEN_MAX]; /* named beyond doubt */
    size_t seen_count;
    struct slice provinces[NAMES_SEEN_MAX];
    size_t province_count;
    uint32_t persons[NAMES_PERSONS_MAX]; /* names of places that are persons here */
    size_t person_count;
};

/* Call once, with text, site and mentions in place. */
void names_prepare(struct draft *draft);

/* Readings of a mention on the draft's day: at most GAZETTEER_PLACES_MAX. */
size_t names_readings(const struct draft *draft, const struct mention *mention,
                      const struct place **places);
/* Is the city named beyond doubt somewhere? */
bool names_seen(const struct draft *draft, const struct city *city);
/* The reading that fits best, NULL if two do; `before` is the place directly in front, or NULL. */
const struct place *names_best(const struct draft *draft, const struct mention *mention,
                               const struct token *before, int *fit);
/* Is the name a place here, read as `place` with that fit? */
bool names_place(const struct draft *draft, const struct mention *mention,
                 const struct place *place, int fit);

#endif
