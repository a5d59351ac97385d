/*
 * trip: one journey of officials to one or several cities, and who is likely to visit whom.
 *
 * Model    A gravity model with a slope: the weight of origin → host grows with both masses and
 *          falls with the distance; the poorer side courts the richer; a province's own cities,
 *          paired assistance and the national plans of some years add to it; and every directed
 *          pair has its own luck. All in integers, so every machine draws the same.
 * Period   2010 to 2023 with a rise to 2019, a fall to 2022 and a rebound; a few days lie outside.
 * Identity A trip is a few bytes; its people, subject and departments follow from (seed, number) in
 *          cast.h.
 */
#ifndef XUNFANG_SITES_TRIP_H
#define XUNFANG_SITES_TRIP_H

#include "base/util/random.h"
#include "tests/sites/places.h"

enum { TRIP_HOSTS_MAX = 3 };

enum scope { SCOPE_CITY, SCOPE_COUNTY, SCOPE_DEPARTMENT };
enum level { LEVEL_PRINCIPAL, LEVEL_DEPUTY, LEVEL_DEPARTMENT };

struct trip {
    uint8_t origin; /* city */
    uint8_t host[TRIP_HOSTS_MAX];
    uint8_t hosts; /* 1 … TRIP_HOSTS_MAX */
    uint8_t scope;
    uint8_t level;
    uint8_t department; /* of SCOPE_DEPARTMENT: index into places; else PLACES_NONE */
    int16_t day;        /* first day, counted from 2000-01-01 */
    bool cooperative;
};

/* "principal", "deputy", "department" */
const char *level_text(enum level level);

struct trip_model;

/* The weights among the cities of the bit set `region` (at least 2). NULL when memory is out. */
struct trip_model *trip_model_create(const struct places *places, uint64_t region, uint64_t seed);
/* NULL is fine. */
void trip_model_destroy(struct trip_model *model);

struct trip trip_draw(const struct trip_model *model, struct random *random);
/* A city that texts of `city` speak of: the pull of the weights without their one-sidedness. */
int trip_draw_neighbour(const struct trip_model *model, int city, struct random *random);
/* A city by its mass. */
int trip_draw_city(const struct trip_model *model, struct random *random);
/* A day of 2000-based counting from the period's distribution of years. */
int16_t trip_draw_day(struct random *random);

/* 2000-01-01 as a day of base/util/civil.h */
enum { TRIP_EPOCH = 10957 };

#endif
