/*
 * screen: what a document must have before a model looks at it: a day in the period, a dictionary
 * word.
 *
 * Rule      No date passes; both ends of the period belong to it. One keyword of the codebook must
 *           occur in title or body, byte for byte. This belongs to a job: `classify` on lines never
 *           screens.
 * Library   vectorscan, in screen.c only.
 * Threads   A screen has scratch space: one thread.
 */
#ifndef XUNFANG_CLASSIFIER_SCREEN_H
#define XUNFANG_CLASSIFIER_SCREEN_H

#include "base/util/civil.h"

struct screen;

struct screen_rules {
    int32_t from;
    int32_t to;
    const struct slice *keywords;
    size_t keyword_count; /* at least 1 */
};

CHECKED enum status screen_create(const struct screen_rules *rules, struct screen **screen,
                                  struct error *err);
/* NULL is fine. */
void screen_destroy(struct screen *screen);

/* `day` is CIVIL_NONE if unknown. */
bool screen_in_period(const struct screen *screen, int32_t day);
/* Does a keyword occur? */
bool screen_has_word(struct screen *screen, struct slice text);

#endif
