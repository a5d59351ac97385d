/*
 * trip: the journeys a report tells of, each from one city to another, read by rules.
 *
 * Method    The title is read first, then the sentences of the lead (study/clause.h). What the
 *           title leaves open (来访, 赴江浙) the lead fills; what both leave open is the publisher's, or
 *           the side whose leaders 陪同. Several hosts of one journey are one leg each.
 * Same city A journey within a prefecture is none; it is told by `same_city`.
 * Sure      A leg is weak where only the cities named, no verb, tell the direction.
 * No verdict Rules say between which cities a visit would be, not whether the text reports one:
 * that is
 *           the classifier's.
 * Limits    TRIP_LEGS_MAX legs, TRIP_SENTENCES_MAX sentences of the body, an evidence of
 *           TRIP_EVIDENCE_MAX bytes.
 */
#ifndef XUNFANG_STUDY_TRIP_H
#define XUNFANG_STUDY_TRIP_H

#include "study/clause.h"

enum { TRIP_LEGS_MAX = 24, TRIP_SENTENCES_MAX = 6, TRIP_EVIDENCE_MAX = 900 };

struct leg {
    struct party origin;
    struct party host;
};

struct trip {
    struct leg legs[TRIP_LEGS_MAX];
    size_t leg_count;
    struct scene title; /* what the title alone says */
    struct scene lead;  /* what the first telling sentence of the body says */
    bool same_city;     /* a journey within one prefecture was read */
    bool weak;
    size_t begin; /* evidence: a span of the reading's text, within title or body */
    size_t end;
};

void trip_read(const struct reading *reading, struct trip *trip);
/* The words of a scene as evidence: within title or body, without blanks around, cut at
 * TRIP_EVIDENCE_MAX. A part of reading->text. */
struct slice trip_evidence(const struct reading *reading, const struct scene *scene);

#endif
