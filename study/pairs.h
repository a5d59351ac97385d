/*
 * pairs: what is known about two cities: flags, class, distance.
 *
 * Flags     Several may hold. Metropolitan areas, pairings and borders come from the gazetteer;
 *           groups of the region marked `metro` add to them.
 * Class     One, by precedence: paired > central > adjacent > metro_cross_province > same_province
 *           > centre_periphery > other; an override of the region file wins. adjacent: common
 *           border, and in one province or one metropolitan area. centre_periphery: one city
 *           central or developed, the other neither.
 * Dates     A fact counts if it holds on some day of [from, to].
 * Distance  The region's matrix, else the great circle on a sphere of 6,371.0088 km (haversine), in
 *           metres rounded to 100.
 */
#ifndef XUNFANG_STUDY_PAIRS_H
#define XUNFANG_STUDY_PAIRS_H

#include "study/study.h"

/* name, label on outputs and in `pair_overrides` */
#define PAIR_CLASS_TABLE(X)                                                                        \
    X(PAIRED, "paired")                                                                            \
    X(CENTRAL, "central")                                                                          \
    X(ADJACENT, "adjacent")                                                                        \
    X(METRO, "metro_cross_province")                                                               \
    X(PROVINCE, "same_province")                                                                   \
    X(PERIPHERY, "centre_periphery")                                                               \
    X(OTHER, "other")

enum pair_class {
#define X(name, label) PAIR_CLASS_##name,
    PAIR_CLASS_TABLE(X)
#undef X
        PAIR_CLASSES
};

enum pair_flag {
    PAIR_PAIRED = 1 << 0,
    PAIR_CENTRAL = 1 << 1,
    PAIR_ADJACENT = 1 << 2, /* as the class means it */
    PAIR_METRO = 1 << 3,    /* one metropolitan area across provinces */
    PAIR_PROVINCE = 1 << 4, /* one province, not adjacent */
    PAIR_PERIPHERY = 1 << 5,
};

struct pair {
    unsigned flags; /* enum pair_flag */
    enum pair_class class;
    bool same_province;
    int32_t distance_m; /* -1: unknown */
};

/* About the cities with these indexes of the region (two different ones). */
struct pair pair_describe(const struct study *study, uint32_t city_a, uint32_t city_b, int32_t from,
                          int32_t to);
const char *pair_class_label(enum pair_class class);
/* By label; blanks, hyphens and dashes count as '_'. false if unknown. */
bool pair_class_find(struct slice label, enum pair_class *class);
/* Great circle in metres, -1 if a position is unknown. */
int32_t pair_great_circle_m(const struct city *a, const struct city *b);
/* Reads a distance matrix (TSV or CSV: a header line of names or codes; each line a name or code,
 * then kilometres) into region->distances_m. */
CHECKED enum status pair_read_distances(const struct yaml_source *source, struct region *region,
                                        struct error *err);

#endif
