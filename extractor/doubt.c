#include "extractor/doubt.h"

static bool goes(const struct trip *trip, const struct city *origin, const struct city *host)
{
    for (size_t i = 0; i < trip->leg_count; i++)
        if (trip->legs[i].origin.city == origin && trip->legs[i].host.city == host)
            return true;
    return false;
}

/* Legs out of the region are dropped in any case: doubt about them is not worth a question. */
static bool goes_both_ways(const struct extractor *extractor, const struct trip *trip)
{
    for (size_t i = 0; i < trip->leg_count; i++) {
        const struct city *origin = trip->legs[i].origin.city;
        const struct city *host = trip->legs[i].host.city;

        if (extractor_covers(extractor, origin) && extractor_covers(extractor, host) &&
            goes(trip, host, origin))
            return true;
    }
    return false;
}

/* Grounding keeps only cities that the text names; with one of them no leg could come out. */
static bool could_be_answered(const struct extractor *extractor, const struct named *named)
{
    size_t covered = 0;

    for (size_t i = 0; i < named->count; i++)
        covered += extractor_covers(extractor, named->cities[i].city);
    return covered >= 2;
}

enum doubt doubt_about(const struct extractor *extractor, const struct trip *trip,
                       const struct named *named)
{
    if (!could_be_answered(extractor, named))
        return DOUBT_NONE;
    if (trip->leg_count == 0)
        return trip->same_city || trip->title.plan ? DOUBT_NONE : DOUBT_OPEN;
    return goes_both_ways(extractor, trip) ? DOUBT_BOTH_WAYS : DOUBT_NONE;
}

const char *doubt_text(enum doubt doubt)
{
    static const char *const texts[] = {"none", "open", "both_ways"};

    return texts[doubt];
}
