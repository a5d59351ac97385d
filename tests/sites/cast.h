/*
 * cast: who and what one document's frames may name: parties, leaders, subject, date.
 *
 * Equal    A cast follows from (world, document number) alone; both sides' reports of a trip share
 *          its parties and its subject.
 * Titles   use short names, bodies long ones that hold the city's own name; so a cast is told
 *          which of the two is next.
 * Memory   Everything is in the arena given to cast_init and dies with its reset.
 */
#ifndef XUNFANG_SITES_CAST_H
#define XUNFANG_SITES_CAST_H

#include "tests/sites/party.h"
#include "tests/sites/world.h"

enum { CAST_NAMES_MAX = 40 };

/* Aspects of world_random. */
enum aspect {
    ASPECT_POPULATION = 1,
    ASPECT_TRIP,
    ASPECT_CAST,
    ASPECT_TITLE,
    ASPECT_BODY,
    ASPECT_PAGE
};

struct cast {
    const struct world *world;
    uint32_t number;
    const struct document *document;
    const struct municipality *own; /* the site's city */
    struct arena *arena;
    struct party origin; /* of KIND_VISIT */
    struct party host[TRIP_HOSTS_MAX];
    uint8_t hosts;      /* those that this document tells of */
    uint8_t first_host; /* index in the trip */
    struct {
        const char *name;
        struct slice value; /* a frame */
    } names[CAST_NAMES_MAX];
    size_t name_count;
    char person[PERSON_SIZE]; /* the first {person} of the title and of the body */
    unsigned persons;
    struct grammar_scope scope;
};

void cast_init(struct cast *cast, const struct world *world, uint32_t number, struct arena *arena);
/* Readies names and generator for the title, then for the body. */
void cast_for_title(struct cast *cast);
void cast_for_body(struct cast *cast);
/* Gives `name` (static text) a frame, over an earlier one. */
void cast_set(struct cast *cast, const char *name, struct slice frame);

/* The day that a visit's report speaks of, from 2000-01-01. */
int16_t cast_told_day(const struct cast *cast);

#endif
