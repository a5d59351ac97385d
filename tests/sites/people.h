/*
 * people: invented persons and the offices they hold.
 *
 * Names    A surname and one or two given characters, drawn; any likeness to a real person is
 *          chance.
 * Offices  A title is written as its holder's own site writes it ("市委书记", "县委副书记、县长"); `full`
 *          says that other sites put the whole place name in front (六安市 + 副市长), else the stem
 *          (六安 + 市委书记).
 */
#ifndef XUNFANG_SITES_PEOPLE_H
#define XUNFANG_SITES_PEOPLE_H

#include "base/util/random.h"
#include "tests/sites/trip.h"

enum { PERSON_SIZE = 16 };

/* Which body an office belongs to: names the delegation. */
enum body { BODY_PARTY, BODY_CONGRESS, BODY_CONFERENCE };

struct office {
    const char *title; /* ~ stands for 市, 县 or 区 */
    bool full;
    enum body body;
};

/* Writes a name and NUL; returns `text`. */
const char *person_draw(struct random *random, char text[PERSON_SIZE]);

/* A leader's office: of a city at LEVEL_PRINCIPAL or LEVEL_DEPUTY, of a county at
 * LEVEL_DEPARTMENT. */
struct office office_draw(enum level level, struct random *random);

#endif
