/*
 * gazetteer_data: the tables behind study/gazetteer.h, and their reading. Private to the gazetteer.
 *
 * Layout  Places in the order of the file; cities sorted by code; names sorted by text, each with a
 *         run of readings (indexes of places). A city's place and its struct city are two views of
 *         one line.
 * Names   The trie gives a name's index, or NAME_NO_PLACE + bytes for words that hide a place.
 * Memory  All in one arena; texts are slices of the files read, a NUL behind.
 */
#ifndef XUNFANG_STUDY_GAZETTEER_DATA_H
#define XUNFANG_STUDY_GAZETTEER_DATA_H

#include "base/util/arena.h"
#include "base/util/hash.h"
#include "study/gazetteer.h"
#include "study/trie.h"
#include "study/tsv.h"

enum {
    GAZETTEER_FILE_MAX = 4 * 1024 * 1024,
    GAZETTEER_MEMORY_MAX = 32 * 1024 * 1024,
    GAZETTEER_PLACES_TOTAL = 60000,
    NAME_NO_PLACE = TRIE_VALUE_MAX, /* a word that hides a place */
};

struct gazetteer_name {
    uint32_t first_reading;
    uint16_t reading_count;
    uint8_t form; /* enum name_form: the best of its readings */
    bool common_word;
};

struct abbreviation {
    struct slice text;
    uint16_t place;
};

struct fact { /* about two cities, a < b; one membership: a is the number of a metropolitan area */
    uint32_t a;
    uint32_t b;
    int32_t from;
    int32_t to;
};

struct facts {
    struct fact *items;
    size_t count;
};

struct gazetteer {
    struct arena *arena;
    struct place *places;
    size_t place_count;
    struct city *cities;
    size_t city_count;
    struct gazetteer_name *names;
    size_t name_count;
    uint16_t *readings;
    size_t reading_count;
    struct trie *trie;                  /* names and hiding words */
    struct trie *behind;                /* words that, right after a name, make it no place */
    struct abbreviation *abbreviations; /* sorted by text, then code */
    size_t abbreviation_count;
    struct facts borders;
    struct facts metros;
    struct facts pairings;
    struct id version; /* of the files read */
    char version_text[ID_TEXT_SIZE];
};

/* Reads divisions.tsv and cities.tsv of a directory into an empty gazetteer whose arena exists. */
CHECKED enum status gazetteer_read_divisions(struct gazetteer *g, const char *directory,
                                             struct error *err);
/* Opens a table of the directory, its bytes kept in the arena and counted into the version. */
CHECKED enum status gazetteer_open_table(struct gazetteer *g, const char *directory,
                                         const char *name, struct tsv *tsv, struct error *err);
/* "" is CIVIL_NONE, a year 1 July of it, else YYYY-MM-DD. */
CHECKED enum status gazetteer_read_day(const struct tsv *tsv, struct slice text, int32_t *day,
                                       struct error *err);
/* Six to nine digits. */
CHECKED enum status gazetteer_read_code(const struct tsv *tsv, struct slice text, uint32_t *code,
                                        struct error *err);
/* The place of a code that exists today, else any; NULL if there is none. */
const struct place *gazetteer_place_by_code(const struct gazetteer *g, uint32_t code);

#endif
