#include "tests/sites/population.h"

#include "base/util/civil.h"
#include "tests/sites/faults.h"

#include <stdlib.h>
#include <string.h>

enum {
    /* Per mille of the draws; a trip brings about 1.7 documents. */
    SHARE_TRIP = 58,
    SHARE_COPY = 32,
    SHARE_BLANK = 15,
    SHARE_OUTSIDE = 3,
    SHARE_DEAD_ENDS = 12, /* of the pages, added to them */
    TELLS_ORIGIN = 600,   /* that a side reports a trip, and does so twice */
    TELLS_HOST = 560,
    TELLS_AGAIN = 180,
    COPY_ELSEWHERE = 400,
};

/* What the drawing needs at hand. */
struct drawing {
    struct world *world;
    struct trip_model *model;
    struct random random;
    uint32_t trip_capacity;
};

/* The year of a day of the world. */
static int year_of(int16_t day)
{
    return civil_from_day(day + TRIP_EPOCH).year;
}

/* Old pages show their dates in other ways than new ones. */
static uint8_t draw_style(struct drawing *at, uint8_t site, int16_t day)
{
    static const uint16_t old_share[] = {100, 300, 390, 90, 30, 90};
    static const uint16_t new_share[] = {700, 140, 0, 60, 20, 80};
    const uint16_t *share = year_of(day) < 2018 ? old_share : new_share;
    uint64_t mark = random_below(&at->random, 1000);
    uint8_t style = STYLE_META;

    if (at->world->sites[site].example)
        return STYLE_EXAMPLE;
    while (mark >= share[style] && style < STYLE_PLAIN)
        mark -= share[style++];
    return style;
}

/* How a report gives the day of the visit. */
static uint8_t draw_form(struct drawing *at, uint8_t style, bool several)
{
    uint64_t mark = random_below(&at->random, 1000);

    /* Without a publication date only a full date says anything. */
    if (style == STYLE_NONE)
        return mark < 700 ? FORM_FULL : FORM_VAGUE;
    if (several)
        return mark < 600 ? FORM_RANGE : mark < 800 ? FORM_MONTH_DAY : FORM_VAGUE;
    return mark < 190   ? FORM_FULL
           : mark < 540 ? FORM_MONTH_DAY
           : mark < 640 ? FORM_RANGE
           : mark < 710 ? FORM_YESTERDAY
           : mark < 740 ? FORM_TODAY
                        : FORM_VAGUE;
}

/* Days from the visit to the publication. */
static int16_t draw_lag(struct drawing *at, uint8_t form)
{
    static const int8_t lags[] = {0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6, 7};

    if (form == FORM_YESTERDAY)
        return 1;
    if (form == FORM_TODAY)
        return 0;
    return lags[random_below(&at->random, sizeof lags)];
}

/* The document may name `city` too, unless it does, or it is its own. */
static void add_mention(const struct world *world, struct document *document, int city)
{
    bool known = world->sites[document->site].city == city;

    for (uint8_t i = 0; i < document->mentions; i++)
        known = known || document->mention[i] == city;
    if (!known && document->mentions < WORLD_MENTIONS_MAX)
        document->mention[document->mentions++] = (uint8_t) city;
}

/* Further cities that the text will mention in passing. */
static void add_neighbours(struct drawing *at, struct document *document, unsigned per_mille)
{
    int city = at->world->sites[document->site].city;

    while (random_chance(&at->random, per_mille) && document->mentions < WORLD_MENTIONS_MAX)
        add_mention(at->world, document, trip_draw_neighbour(at->model, city, &at->random));
}

/* One of the sites of the city. */
static uint8_t site_of(struct drawing *at, int city)
{
    uint8_t candidates[WORLD_SITES_MAX];
    uint32_t count = 0;

    for (uint32_t i = 0; i < at->world->site_count; i++) {
        if (at->world->sites[i].city == city)
            candidates[count++] = (uint8_t) i;
    }
    ENSURE(count > 0);
    return candidates[random_below(&at->random, count)];
}

/* Are all pages drawn? */
static bool full(const struct world *world)
{
    return world->document_count == world->options.documents;
}

static void append(struct world *world, const struct document *document)
{
    world->documents[world->document_count++] = *document;
}

static void append_report(struct drawing *at, uint32_t number, uint8_t side)
{
    const struct trip *trip = &at->world->trips[number];
    int city = side == SIDE_ORIGIN ? trip->origin : trip->host[side];
    int16_t day = (int16_t) (trip->day + (side == SIDE_ORIGIN ? 0 : side));
    struct document document = {.kind = KIND_VISIT, .ref = number, .side = side};

    if (full(at->world))
        return;
    document.site = site_of(at, city);
    document.style = draw_style(at, document.site, day);
    document.form = draw_form(at, document.style, side == SIDE_ORIGIN && trip->hosts > 1);
    document.day = (int16_t) (day + draw_lag(at, document.form));
    if (side == SIDE_ORIGIN) {
        for (uint8_t i = 0; i < trip->hosts; i++)
            add_mention(at->world, &document, trip->host[i]);
    } else {
        add_mention(at->world, &document, trip->origin);
    }
    add_neighbours(at, &document, 100);
    append(at->world, &document);
}

/* A trip and its reports: by one side, by both, twice by a side, but at least one. */
static void append_trip(struct drawing *at)
{
    uint32_t number = at->world->trip_count;
    uint32_t before = at->world->document_count;
    struct trip *trip;

    if (number == at->trip_capacity)
        return;
    trip = &at->world->trips[at->world->trip_count++];
    *trip = trip_draw(at->model, &at->random);
    if (random_chance(&at->random, TELLS_ORIGIN))
        append_report(at, number, SIDE_ORIGIN);
    for (uint8_t i = 0; i < trip->hosts; i++) {
        if (random_chance(&at->random, TELLS_HOST))
            append_report(at, number, i);
    }
    if (at->world->document_count == before)
        append_report(at, number, random_chance(&at->random, 500) ? SIDE_ORIGIN : 0);
    if (random_chance(&at->random, TELLS_AGAIN))
        append_report(at, number, SIDE_ORIGIN);
    if (random_chance(&at->random, TELLS_AGAIN))
        append_report(at, number, 0);
}

/* A document that reports no visit of the region. */
static void append_other(struct drawing *at, uint8_t kind)
{
    struct document document = {.kind = kind, .form = FORM_MONTH_DAY};

    document.site = site_of(at, trip_draw_city(at->model, &at->random));
    document.day = trip_draw_day(&at->random);
    document.style = draw_style(at, document.site, document.day);
    document.side = random_chance(&at->random, 500) ? SIDE_ORIGIN : 0;
    add_mention(at->world, &document,
                trip_draw_neighbour(at->model, at->world->sites[document.site].city, &at->random));
    if (kind != KIND_BLANK)
        add_neighbours(at, &document, 260);
    append(at->world, &document);
}

/* By the shares of kinds.def. */
static uint8_t draw_kind(struct random *random)
{
    static const uint16_t share[] = {
#define X(name, rules, share) share,
#include "tests/sites/kinds.def"
#undef X
    };
    uint64_t sum = 0;
    uint64_t mark;
    uint8_t kind = 0;

    for (size_t i = 0; i < KIND_FILLS; i++)
        sum += share[i];
    mark = random_below(random, sum);
    while (mark >= share[kind])
        mark -= share[kind++];
    return kind;
}

/* The same text again: at another place of its site, or on another site some days later. */
static void append_copy(struct drawing *at)
{
    struct world *world = at->world;
    uint32_t source = (uint32_t) random_below(&at->random, world->document_count);
    const struct document *from = &world->documents[source];
    struct document copy = {.kind = KIND_COPY, .ref = source, .site = from->site};
    bool elsewhere = from->style != STYLE_NONE && random_chance(&at->random, COPY_ELSEWHERE);

    if (from->kind == KIND_COPY || from->kind == KIND_BLANK)
        return;
    if (elsewhere)
        copy.site = (uint8_t) random_below(&at->random, world->site_count);
    for (uint8_t i = 0; i < from->mentions; i++)
        add_mention(world, &copy, from->mention[i]);
    if (copy.mentions == 0)
        return;
    elsewhere = copy.site != from->site;
    copy.day = (int16_t) (from->day + (elsewhere ? 1 : 0) + (int) random_below(&at->random, 4));
    copy.style = draw_style(at, copy.site, copy.day);
    append(world, &copy);
}

/* A hit that leads nowhere, listed where an existing page is. */
static void append_dead_end(struct drawing *at, uint8_t kind)
{
    struct world *world = at->world;
    uint32_t source = (uint32_t) random_below(&at->random, world->page_count);
    struct document dead_end = world->documents[source];

    dead_end.kind = kind;
    dead_end.ref = source;
    append(world, &dead_end);
}

/* They come after all pages, so that page numbers stay dense. */
static void append_dead_ends(struct drawing *at)
{
    static const uint8_t kinds[] = {KIND_DEAD, KIND_MOVED, KIND_DEAD, KIND_MOVED, KIND_HOME};
    struct world *world = at->world;
    uint32_t count = world->page_count * SHARE_DEAD_ENDS / 1000;

    for (uint32_t i = 0; i < count; i++)
        append_dead_end(at, kinds[i % sizeof kinds]);
    for (uint32_t i = 0; world->options.faults && i < FAULT_PAGES; i++) {
        append_dead_end(at, KIND_FAULT);
        world->documents[world->document_count - 1].ref = i;
    }
}

/* One step: a trip with its reports, a copy, a blank page or something else. */
static void append_draw(struct drawing *at)
{
    uint64_t mark = random_below(&at->random, 1000);

    if (mark < SHARE_TRIP)
        append_trip(at);
    else if (mark < SHARE_TRIP + SHARE_COPY && at->world->document_count > 0)
        append_copy(at);
    else if (mark < SHARE_TRIP + SHARE_COPY + SHARE_BLANK)
        append_other(at, KIND_BLANK);
    else if (mark < SHARE_TRIP + SHARE_COPY + SHARE_BLANK + SHARE_OUTSIDE)
        append_other(at, KIND_OUTSIDE);
    else
        append_other(at, draw_kind(&at->random));
}

enum status population_fill(struct world *world, struct error *err)
{
    uint32_t wanted = world->options.documents;
    struct drawing at = {.world = world, .trip_capacity = wanted / 8 + 8};
    size_t room = (size_t) wanted + wanted * (size_t) SHARE_DEAD_ENDS / 1000 + FAULT_PAGES + 1;

    at.random = world_random(world, 0, 1);
    at.model = trip_model_create(&world->places, world->region, world->options.seed);
    world->trips = calloc(at.trip_capacity, sizeof *world->trips);
    world->documents = calloc(room, sizeof *world->documents);
    if (at.model == NULL || world->trips == NULL || world->documents == NULL) {
        trip_model_destroy(at.model);
        return error_set(err, STATUS_NOMEM, "%u documents", (unsigned) wanted);
    }
    while (!full(world))
        append_draw(&at);
    world->page_count = world->document_count;
    append_dead_ends(&at);
    trip_model_destroy(at.model);
    return STATUS_OK;
}
