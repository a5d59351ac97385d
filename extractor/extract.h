/*
 * extract: the events of a visit: who went where, when, with whom, and where the text says so.
 *
 * Input     A judgement that calls the document a visit (study/judge.h); its trip gives the legs,
 *           unless somebody else told them (extractor/ground.h).
 * Event     One leg: two different cities. Department, titles and date come from the sentence that
 *           tells the journey; what it does not say stays unknown (empty, CIVIL_NONE).
 * Told      Told legs are read in the sentence that names their cities. What rules find there goes
 *           before a told department or date.
 * Level     The best office of the visiting side (extractor/titles.h); department if only an organ
 *           or a county is named; empty if nothing tells.
 * Region    A job keeps the legs between cities of its region; the data command keeps all.
 * Evidence  A span of the title or the body, byte for byte.
 * Memory    Everything returned belongs to the arena, the judgement or the tables.
 * Threads   An extractor never changes after it was made and may be shared.
 */
#ifndef XUNFANG_EXTRACTOR_EXTRACT_H
#define XUNFANG_EXTRACTOR_EXTRACT_H

#include "extractor/departments.h"
#include "extractor/people.h"
#include "extractor/visit_date.h"
#include "study/judge.h"
#include "study/region.h"

struct extractor {
    const struct reader *reader;
    const struct titles *titles;
    const struct departments *departments;
    const struct region *region; /* legs of other cities are left out; NULL or empty: none are */
};

struct event {
    struct slice origin_city; /* short names */
    struct slice host_city;
    struct slice origin_dept;
    struct slice host_dept;
    struct visit_date date;
    struct people visitors;
    struct people hosts;
    const char *level; /* "principal", "deputy", "department" or "" */
    struct slice evidence;
};

struct extraction {
    struct event *events;
    size_t count;
};

/* What an answer says, each of it found in the text. */
struct told {
    struct leg legs[TRIP_LEGS_MAX];
    size_t leg_count;
    struct slice origin_dept; /* as on outputs; empty: not said */
    struct slice host_dept;
    int32_t day; /* CIVIL_NONE: not said */
};

struct extract_input {
    const struct source_text *source;
    const struct judgement *judgement; /* of that source; its reading and trip are used */
    const struct told *told;           /* instead of the trip's legs; NULL: those */
};

/* Is it a city whose legs are kept? */
bool extractor_covers(const struct extractor *extractor, const struct city *city);

CHECKED enum status extract_events(const struct extractor *extractor,
                                   const struct extract_input *input, struct arena *arena,
                                   struct extraction *extraction, struct error *err);

#endif
