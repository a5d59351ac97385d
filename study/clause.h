/*
 * clause: who travels where in one sentence.
 *
 * Input    The tokens of one sentence of a reading.
 * Result   A scene: the travellers' places, the places they go to, both as far as the sentence says
 *          them, and signs that help to put several sentences together (study/trip.h does).
 * Forms    ORIGIN … 赴/到/来 HOSTS · HOST 会见/接待 ORIGIN 代表团 · ORIGIN … 在 HOST 考察 · ORIGIN 代表团 考察 HOST.
 *          A place with 邀请 or 日报 behind it, or within 在…陪同下, is no traveller.
 * Own      A party may be the publisher itself (我市, or 来 without a place): `own` is set; its city
 *          is that of the reading's site, NULL if unknown.
 * Limits   CLAUSE_PARTIES_MAX travellers and hosts; further ones are not read.
 */
#ifndef XUNFANG_STUDY_CLAUSE_H
#define XUNFANG_STUDY_CLAUSE_H

#include "study/reading.h"

enum { CLAUSE_PARTIES_MAX = 16 };

struct party {
    const struct city *city;   /* NULL: unknown (own) or only a province */
    const struct place *place; /* the unit named; NULL for own */
    bool own;
    size_t offset; /* of the mention in the reading's text; 0 and 0 if implied */
    size_t size;
};

struct scene {
    struct party origins[CLAUSE_PARTIES_MAX];
    size_t origin_count;
    struct party hosts[CLAUSE_PARTIES_MAX];
    size_t host_count;
    struct party escort; /* whose leaders 陪同: most likely the host */
    struct party meet;   /* 在X举行 */
    bool has_escort;
    bool has_meet;
    bool moves;    /* a verb of motion or reception was understood */
    bool wide;     /* more hosts may follow: 等地, or a host that is only a province */
    bool above;    /* the traveller is a province or higher */
    bool plan;     /* 拟, 通知: a journey to come */
    bool remote;   /* 视频会议: none at all */
    bool group;    /* 代表团, 一行, 率队 */
    size_t tokens; /* how many the sentence has */
    size_t begin;  /* the sentence in the reading's text */
    size_t end;
};

/* Tokens [first, last) of one sentence that stands at text[begin, end). */
void clause_read(const struct reading *reading, size_t first, size_t last, struct scene *scene);

#endif
