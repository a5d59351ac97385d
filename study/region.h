/*
 * region: the cities of a job, the sites that speak for them, and facts about pairs.
 *
 * File     docs/files.md lists the fields. Cities are looked up in the gazetteer.
 * Indexes  Cities and publishers are numbered in the order of the file; publishers through all
 *          cities. These numbers mean something only together with this very file.
 * Hosts    A publisher speaks for host suffixes, matched on whole labels: suzhou.gov.cn covers
 *          www.suzhou.gov.cn, not xsuzhou.gov.cn. The longest suffix decides; a port named in the
 *          site decides between publishers on one host; a suffix of two cities speaks for none.
 * Memory   Lives in the study's arena; texts have a NUL behind.
 */
#ifndef XUNFANG_STUDY_REGION_H
#define XUNFANG_STUDY_REGION_H

#include "base/fields.h"
#include "study/gazetteer.h"
#include "study/platform.h"

enum {
    REGION_CITIES_MAX = 1000,
    REGION_PUBLISHERS_MAX = 10000,
    REGION_NONE = -1,
};

struct publisher {
    struct slice site; /* scheme://host[:port], without a slash behind */
    struct slice host; /* lower case, without port */
    uint16_t port;     /* as given, or the scheme's */
    struct slice platform_name;
    const struct platform *platform;
    const struct field_pair *params;
    size_t param_count;
    const struct slice *hosts; /* suffixes, lower case */
    size_t host_count;
    struct slice unit; /* 闵行区: speaks for a part of the city; empty: for all of it */
    uint32_t city;     /* index of its city */
    uint32_t line;     /* of the region file */
};

struct region_city {
    struct slice name; /* short */
    const struct city *city;
    const struct slice *search_names;
    size_t search_name_count;
    uint32_t first_publisher; /* its publishers are consecutive */
    uint32_t publisher_count;
    bool central;
    bool developed; /* or central: no periphery */
};

struct region_group {
    struct slice name;
    bool metro;              /* counts as a metropolitan area */
    const uint32_t *members; /* city indexes, ascending */
    size_t member_count;
    int32_t valid_from; /* day; CIVIL_NONE: always */
    int32_t valid_to;   /* last day; CIVIL_NONE: open */
};

struct region_override {
    uint32_t city_a; /* indexes, a < b */
    uint32_t city_b;
    int pair_class; /* enum pair_class of study/pairs.h */
};

struct region {
    struct slice name;
    struct region_city *cities;
    size_t city_count;
    struct publisher *publishers;
    size_t publisher_count;
    struct region_group *groups; /* by name */
    size_t group_count;
    struct region_override *overrides;
    size_t override_count;
    struct slice distances_file; /* empty: great circle */
    int32_t *distances_m;        /* city_count², metres, -1 unknown; NULL: great circle */
};

extern const struct field_table region_table;

/* Reads a region file; platforms and distances are filled in by study_load. */
CHECKED enum status region_read(const struct yaml_source *source,
                                const struct gazetteer *gazetteer, struct region *region,
                                struct error *err);

/* Index of the city by short or full name, REGION_NONE if it is not of the region. */
int region_find_city(const struct region *region, struct slice name);
/* The publisher that speaks for a host (no port, any case); REGION_NONE if nobody or two cities do.
 * `port` 0: unknown. */
int region_publisher_of(const struct region *region, struct slice host, uint16_t port);
/* The city an http(s) URL's host speaks for, REGION_NONE if none. */
int region_city_of_url(const struct region *region, struct slice url);

#endif
