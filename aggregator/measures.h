/*
 * measures: the figures of a network and of its parts, as measures.json holds them.
 *
 * Parts     by theme, level, year, distance × province, pair class, reporting side. A theme's,
 *           level's or year's part is the sub-network of its events; an event with two themes is in
 *           both. A part by distance or class is the whole network on some of the pairs.
 * Years     Those of the period (or, without a job, those seen) and any other an event has. Events
 *           without a date are in no year. `constant` restricts a year to the pairs with visits in
 *           every year of the period, so that a change is no change of the pairs.
 * Distance  Bands of DISTANCE_BAND_KM, lower end within; whole, same province, other province.
 * Sources   Reports by both sides are two captures: Chapman's estimate (n₁+1)(n₂+1)/(m+1) − 1 of
 *           all visits (Chapman 1951), n₁ reported by the origin, n₂ by the host, m by both.
 */
#ifndef XUNFANG_AGGREGATOR_MEASURES_H
#define XUNFANG_AGGREGATOR_MEASURES_H

#include "aggregator/lists.h"
#include "aggregator/summary.h"

enum { DISTANCE_BAND_KM = 100, DISTANCE_BANDS_MAX = 60, MEASURE_KEY_MAX = 64, MEASURES_MAX = 2000 };

enum measure_group {
    MEASURE_WHOLE,
    MEASURE_THEME,
    MEASURE_LEVEL,
    MEASURE_YEAR,
    MEASURE_YEAR_CONSTANT,
    MEASURE_DISTANCE,
    MEASURE_DISTANCE_SAME,
    MEASURE_DISTANCE_OTHER,
    MEASURE_CLASS,
    MEASURE_REPORTER,
};

struct measure {
    enum measure_group group;
    char key[MEASURE_KEY_MAX]; /* theme, level, "2019", "0-100", pair class, side */
    struct summary summary;
};

struct measures {
    struct rows rows;     /* struct measure, a group's rows together and in order */
    uint64_t captures[4]; /* events by reporters: other, origin, host, both */
};

struct measure_source {
    const struct dataset *dataset;
    const struct events *events;
    const struct setting *setting;
    enum network_kind kind;
};

CHECKED enum status measures_compute(const struct measure_source *source, struct measures *measures,
                                     struct error *err);
void measures_fini(struct measures *measures);
/* NULL if there is none. */
const struct summary *measures_find(const struct measures *measures, enum measure_group group,
                                    const char *key);
/* Chapman's estimate; NAN without reports of both sides. */
double measures_two_sources(const struct measures *measures);

#endif
