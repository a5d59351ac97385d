/*
 * party: one side of a visit (a city, a county or a department of either) and what it is called at
 * home and elsewhere.
 *
 * Home     Its own site: 市教育局, 副市长, 金寨县委书记, 市党政代表团.
 * Abroad   Other sites: 六安市教育局, 六安市副市长, 六安市金寨县委书记, 六安市党政代表团.
 * Memory   Results live in the arena given; when it is full they are empty (data still not NULL),
 *          and the arena's owner notices by its size.
 */
#ifndef XUNFANG_SITES_PARTY_H
#define XUNFANG_SITES_PARTY_H

#include "base/util/arena.h"
#include "tests/sites/people.h"

struct party {
    const struct municipality *city;
    struct slice county;                 /* empty: the city itself */
    const struct department *department; /* NULL: its leaders */
    struct office office;                /* of its leader, where there is no department */
    struct slice head;                   /* of the department: 局长 */
    char person[PERSON_SIZE];
    char second[PERSON_SIZE]; /* the mayor beside the secretary; empty: none */
    int year;                 /* departments change their names */
};

/* Formatted text in the arena. */
struct slice text_of(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* 苏州 or 昆山: as titles say it. */
struct slice party_short(const struct party *party);
/* 苏州市 or 苏州市昆山市 (`province`: with 江苏省 in front). */
struct slice party_place(const struct party *party, bool province, struct arena *arena);
/* 市教育局 or 昆山市教育局; for a party without department its place. */
struct slice party_office_home(const struct party *party, struct arena *arena);
struct slice party_office_abroad(const struct party *party, struct arena *arena);
/* An organ of the place, ~ standing for 市, 县 or 区: 金寨县委、县政府. */
struct slice party_organ(const struct party *party, struct slice pattern, struct arena *arena);
/* Title and name of its leaders. */
struct slice party_leaders_home(const struct party *party, struct arena *arena);
struct slice party_leaders_abroad(const struct party *party, struct arena *arena);
/* What travels: 党政代表团, 人大常委会考察组, or the department. */
struct slice party_delegation_home(const struct party *party, struct arena *arena);
struct slice party_delegation_abroad(const struct party *party, struct arena *arena);

#endif
