/*
 * gazetteer: China's divisions with their history, and the names texts call them by.
 *
 * Source    DATA/regions/china/ (TSV; its README credits the sources): about 4,400 divisions since
 *           2000, the prefecture-level unit each belongs to, and from when to when.
 * City      A prefecture-level unit, municipalities (上海) included. A county, district, county-level
 *           city or zone belongs to one at any one day: 枞阳 to 安庆 until 2015, to 铜陵 since 2016.
 * Names     Full (昆山市), short (昆山) and alias (金陵). A name can have several readings: 鼓楼区 in four
 *           cities, 吉林 a province and a city. The one-character abbreviations (甬) are looked up
 *           apart: alone they are no evidence.
 * Scanning  One pass, leftmost-longest, through a trie of code points; names inside words of
 *           china/not_places.tsv (住宿|州市, 上海大众) are not reported.
 * Days      CIVIL_NONE for a day means: as of now, and if nothing of the name exists now, as it was
 *           last.
 * Memory    About 2 MB a process. Everything returned lives as long as the gazetteer.
 * Threads   Read-only after loading: may be shared.
 */
#ifndef XUNFANG_STUDY_GAZETTEER_H
#define XUNFANG_STUDY_GAZETTEER_H

#include "base/util/civil.h"
#include "base/util/slice.h"

struct gazetteer;

enum { GAZETTEER_PLACES_MAX = 64 }; /* readings of one name; enough for any array of them */

struct city {
    uint32_t code;           /* six digits: 320500 */
    struct slice name;       /* 苏州市 */
    struct slice short_name; /* 苏州: the form on every output */
    struct slice province;   /* short: 江苏; of a municipality its own name */
    struct slice slug;       /* file-name form: suzhou-js */
    struct slice site;       /* host of the main site; empty if unknown */
    bool has_position;
    int32_t lon; /* 1e-5 degrees, of the centre */
    int32_t lat;
    int32_t valid_from; /* first day, CIVIL_NONE: always */
    int32_t valid_to;   /* first day on which it is no more, CIVIL_NONE: exists */
};

enum place_level { PLACE_PROVINCE, PLACE_CITY, PLACE_COUNTY, PLACE_ZONE };

struct place {
    uint32_t code;
    struct slice name; /* full */
    struct slice short_name;
    struct slice province; /* short */
    enum place_level level;
    const struct city *city; /* that it belongs to (itself for a city); NULL for a province */
    bool common_word;        /* its short name is an ordinary word: 城区, 和平 */
    int32_t valid_from;
    int32_t valid_to;
};

enum name_form { NAME_FULL, NAME_SHORT, NAME_ALIAS, NAME_ABBREVIATION };

struct mention {
    size_t offset; /* bytes into the text */
    size_t size;
    enum name_form form;
    bool common_word; /* a short form that is an ordinary word in all its readings */
    uint32_t name;    /* for gazetteer_places */
};

/* Reads DIR/regions/china/. STATUS_NOT_FOUND, STATUS_INVALID with file and line. */
CHECKED enum status gazetteer_load(const char *data_dir, struct gazetteer **gazetteer,
                                   struct error *err);
/* NULL is fine. */
void gazetteer_destroy(struct gazetteer *gazetteer);
/* Changes whenever the files change: pins a run. 32 hexadecimal digits. */
const char *gazetteer_version(const struct gazetteer *gazetteer);

/* Cities sorted by code, former ones among them. */
size_t gazetteer_city_count(const struct gazetteer *gazetteer);
const struct city *gazetteer_city_at(const struct gazetteer *gazetteer, size_t index);
/* By short or full name; of several the present one. NULL if there is none. */
const struct city *gazetteer_find_city(const struct gazetteer *gazetteer, struct slice name);

/* Mentions in the order of the text, at most `max`; returns how many. */
size_t gazetteer_scan(const struct gazetteer *gazetteer, struct slice text,
                      struct mention *mentions, size_t max);
/* The readings of a mention's name valid on `day`, cities before counties, then by code. */
size_t gazetteer_places(const struct gazetteer *gazetteer, uint32_t name, int32_t day,
                        const struct place **places, size_t max);
/* The distinct cities of those readings, by code: one is certain, several are a question. */
size_t gazetteer_cities(const struct gazetteer *gazetteer, uint32_t name, int32_t day,
                        const struct city **cities, size_t max);
/* The name by its text (full, short or alias); false if unknown. */
bool gazetteer_find_name(const struct gazetteer *gazetteer, struct slice text, uint32_t *name);
/* Present readings of a one-character abbreviation as seen from a site of the city `site` (may be
 * NULL): that city or places of it listed so (宜 at 安庆) or with the character in their short name
 * (来邮 → 高邮), then what is listed elsewhere. */
size_t gazetteer_abbreviation(const struct gazetteer *gazetteer, struct slice character,
                              const struct city *site, const struct place **places, size_t max);

/* Facts about two cities; the order of the two does not matter. */
bool gazetteer_adjacent(const struct gazetteer *gazetteer, uint32_t code_a, uint32_t code_b);
/* In one metropolitan area on some day of [from, to]? */
bool gazetteer_same_metro(const struct gazetteer *gazetteer, uint32_t code_a, uint32_t code_b,
                          int32_t from, int32_t to);
/* Joined by paired assistance on some day of [from, to]? */
bool gazetteer_paired(const struct gazetteer *gazetteer, uint32_t code_a, uint32_t code_b,
                      int32_t from, int32_t to);

#endif
