/*
 * ground: an answer about a visit, held against its text: what is not found there is dropped.
 *
 * City      One that the text names (extractor/named.h), by whatever name of it or of a county in
 *           it, or 我市 where the text says so. Several may be joined by 、 or commas. A city that
 *           is origin already is no host.
 * Organ     Written in the text, a city or county before it apart, which must be the side's own.
 *           Known to departments.tsv it becomes the canonical name; else it is kept as written if
 *           it ends like an organ and has at most GROUND_ORGAN_MAX characters, all of them Chinese.
 *           Of several the first. None where the side has several cities.
 * Date      A day that the text writes (study/dates.h); 日前 and the like say nothing and are fine.
 * Trust     The text is a stranger's and may tell the model what to answer; so an answer can only
 *           choose among what the text says in any case. Values are not mended.
 * Memory    What *told points to belongs to the arena, the reading or the tables.
 */
#ifndef XUNFANG_EXTRACTOR_GROUND_H
#define XUNFANG_EXTRACTOR_GROUND_H

#include "extractor/extract.h"
#include "extractor/named.h"

enum { GROUND_ORGAN_MAX = 20, GROUND_VALUE_MAX = 1024 /* bytes; longer ones are dropped whole */ };

/* name, field of the codebook */
#define GROUND_FIELD_TABLE(X)                                                                      \
    X(ORIGIN_CITY, "origin_city")                                                                  \
    X(HOST_CITY, "host_city")                                                                      \
    X(ORIGIN_DEPT, "origin_dept")                                                                  \
    X(HOST_DEPT, "host_dept")                                                                      \
    X(DATE, "date")

enum ground_field {
#define X(name, text) GROUND_##name,
    GROUND_FIELD_TABLE(X)
#undef X
        GROUND_FIELDS
};

struct ground_input {
    const struct extractor *extractor;
    const struct source_text *source;
    const struct named *named;    /* of the source's reading */
    const struct slice *answered; /* GROUND_FIELDS of them; empty: not said */
    struct arena *arena;
};

/* No legs in *told: nothing that could be used. `dropped` counts the values left out, by field. */
CHECKED enum status ground_answer(const struct ground_input *input, struct told *told,
                                  unsigned dropped[GROUND_FIELDS], struct error *err);
const char *ground_field_text(enum ground_field field);

#endif
