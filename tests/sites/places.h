/*
 * places: the cities, counties and departments that the simulated texts speak of.
 *
 * Source   data/cities.tsv and data/departments.tsv, compiled in. The simulator has tables of its
 *          own, so that it can contradict the product's gazetteer.
 * Memory   Static after places_load; slices point into the embedded files.
 */
#ifndef XUNFANG_SITES_PLACES_H
#define XUNFANG_SITES_PLACES_H

#include "base/util/slice.h"

enum {
    PLACES_CITIES_MAX = 64,
    PLACES_COUNTIES_MAX = 16,
    PLACES_DEPARTMENTS_MAX = 64,
    PLACES_HEADS_MAX = 6,
    PLACES_NONE = 255, /* no county, no department */
};

struct municipality {
    uint32_t code;
    struct slice name;     /* 苏州 */
    struct slice province; /* 江苏 */
    int32_t lon100;        /* hundredths of a degree */
    int32_t lat100;
    int32_t mass;         /* how much it publishes and travels, about 10-100 */
    int32_t wealth;       /* 0-100; the poorer court the richer */
    struct slice alias;   /* 苏 */
    struct slice dialect; /* of its site's search, see dialects.h */
    uint64_t helps;       /* bit set of the cities it is paired with for assistance */
    struct slice counties[PLACES_COUNTIES_MAX]; /* 昆山市 */
    uint8_t county_count;
};

struct department {
    struct slice key;    /* names the grammar's topic.KEY */
    struct slice theme;  /* one of the study's eight */
    struct slice before; /* "~教育局" with ~ for 市, 县, 区; "-" where there was none */
    struct slice after;
    int32_t year; /* of the change */
    struct slice heads[PLACES_HEADS_MAX];
    uint8_t head_count;
};

struct places {
    struct municipality cities[PLACES_CITIES_MAX]; /* ascending by code */
    uint8_t city_count;
    struct department departments[PLACES_DEPARTMENTS_MAX];
    uint8_t department_count;
};

/* STATUS_INVALID names file and line. */
CHECKED enum status places_load(struct places *places, struct error *err);

/* The city with this short name, with or without 市; -1 if there is none. */
int places_find(const struct places *places, struct slice name);
/* Great circle in whole kilometres, by integer arithmetic, good to about 2 % in this region. */
int32_t places_distance_km(const struct municipality *a, const struct municipality *b);
/* A county's name without 县, 市 or 区, unless one character would be left (寿县). */
struct slice places_stem(struct slice county);
/* The last character of a county: 县, 市 or 区 (three bytes). */
struct slice places_suffix(struct slice county);

#endif
