/*
 * story: the words of one document, and what they say.
 *
 * Text     Plain UTF-8 without markup; the title on one line; no paragraph is empty; a blank page
 *          has none.
 * Promise  Every city the document mentions stands in title or body by its name.
 * Said     What a careful reader could learn from the text: the events and whether a will to
 *          cooperate is voiced. The day is that of the text; NONE where it gives none.
 * Memory   In the arena given. An arena that is too small gives shorter texts, so give it
 *          STORY_ARENA.
 */
#ifndef XUNFANG_SITES_STORY_H
#define XUNFANG_SITES_STORY_H

#include "tests/sites/cast.h"

enum { STORY_PARAGRAPHS_MAX = 8, STORY_ARENA = 1024 * 1024, STORY_NO_DAY = INT16_MIN };

struct story {
    struct slice title;
    struct slice paragraphs[STORY_PARAGRAPHS_MAX];
    size_t count;
    bool cooperative;
};

/* One event as a report tells it. */
struct told_event {
    uint8_t origin; /* cities */
    uint8_t host;
    int16_t day;              /* as the text gives it, or STORY_NO_DAY */
    int16_t true_day;         /* as it was */
    struct slice origin_unit; /* department, or organ of the leaders: 市委、市政府, 金寨县政协 */
    struct slice host_unit;
};

/* Of KIND_COPY the story of its source; not for dead ends. */
void story_tell(const struct world *world, uint32_t number, struct arena *arena,
                struct story *story);
struct slice story_title(const struct world *world, uint32_t number, struct arena *arena);
/* The events of a visit's report, at most TRIP_HOSTS_MAX; 0 for every other document. */
size_t story_events(const struct world *world, uint32_t number, struct arena *arena,
                    struct told_event events[TRIP_HOSTS_MAX]);
/* Does the document report a visit by the study's codebook? */
bool story_is_visit(const struct world *world, uint32_t number);

#endif
