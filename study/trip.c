#include "study/trip.h"

#include <string.h>

enum { LEAD_MAX = 900 /* bytes of the body in which the parties must be named */ };

/* ---- sentences ---- */

struct sentences {
    const struct reading *reading;
    size_t token; /* first token not yet read */
    size_t begin; /* where the next sentence begins in the text */
};

/* The next sentence's scene; false at the end of the text. */
static bool next_scene(struct sentences *sentences, struct scene *scene)
{
    const struct reading *reading = sentences->reading;
    size_t first = sentences->token;
    size_t last = first;

    if (sentences->begin >= reading->text.size)
        return false;
    /* The line feed between title and body is a CUE_STOP: no sentence goes over both. */
    while (last < reading->count && reading->tokens[last].cue != CUE_STOP)
        last++;
    *scene = (struct scene){.begin = sentences->begin, .end = reading->text.size};
    if (last < reading->count)
        scene->end = reading->tokens[last].offset;
    scene->tokens = last - first;
    clause_read(reading, first, last, scene);
    sentences->token = last + 1;
    sentences->begin = last < reading->count
                           ? reading->tokens[last].offset + reading->tokens[last].size
                           : reading->text.size;
    return true;
}

static void join_hosts(struct scene *into, const struct scene *from)
{
    for (size_t i = 0; i < from->host_count && into->host_count < CLAUSE_PARTIES_MAX; i++) {
        bool known = false;

        for (size_t k = 0; k < into->host_count; k++)
            known = known || into->hosts[k].city == from->hosts[i].city;
        if (!known)
            into->hosts[into->host_count++] = from->hosts[i];
    }
}

static void join_signs(struct scene *into, const struct scene *from)
{
    if (!into->has_escort && from->has_escort) {
        into->has_escort = true;
        into->escort = from->escort;
    }
    if (!into->has_meet && from->has_meet) {
        into->has_meet = true;
        into->meet = from->meet;
    }
    into->group = into->group || from->group;
    into->plan = into->plan || from->plan;
    into->remote = into->remote || from->remote;
}

/* A later sentence goes on with the journey if it names no other traveller. */
static bool goes_on(const struct scene *lead, const struct scene *scene)
{
    if (scene->above || scene->host_count == 0)
        return false;
    return scene->origin_count == 0 ||
           (lead->origin_count > 0 && scene->origins[0].city == lead->origins[0].city);
}

/* The title may be several sentences; all of them are its scene. */
static void read_title(struct sentences *sentences, struct trip *trip)
{
    struct scene scene;

    while (sentences->begin <= sentences->reading->title_size && next_scene(sentences, &scene)) {
        /* The first sentence in which somebody travels is the scene; signs of those before it stay
         * with it. */
        if (!trip->title.moves && scene.moves) {
            struct scene before = trip->title;

            trip->title = scene;
            join_signs(&trip->title, &before);
            continue;
        }
        if (trip->title.end == 0)
            trip->title = scene;
        join_signs(&trip->title, &scene);
    }
}

static void read_lead(struct sentences *sentences, struct trip *trip)
{
    struct scene scene;

    for (int told = 0; told < TRIP_SENTENCES_MAX && next_scene(sentences, &scene);) {
        told += scene.tokens > 0; /* lines of a page's furniture do not count */
        if (!trip->lead.moves) {
            struct scene before = trip->lead;

            trip->lead = scene;
            join_signs(&trip->lead, &before);
            continue;
        }
        join_signs(&trip->lead, &scene);
        if ((trip->lead.wide || trip->title.wide) && goes_on(&trip->lead, &scene))
            join_hosts(&trip->lead, &scene);
    }
}

/* ---- putting the two together ---- */

static bool names_city(const struct party *parties, size_t count, const struct city *city)
{
    for (size_t i = 0; i < count; i++)
        if (parties[i].city == city)
            return true;
    return false;
}

/* The first place of title and lead in another city than those. Short names of counties are passed
 * over: deep in a text they are words or persons too often. NULL if there is none. */
static const struct token *other_city(const struct reading *reading, const struct party *parties,
                                      size_t count)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct token *token = &reading->tokens[i];
        const struct token *next = i + 1 < reading->count ? &reading->tokens[i + 1] : token;

        if (token->offset > reading->title_size + LEAD_MAX)
            break;
        if (token->kind == TOKEN_PLACE && token->certain && token->city != NULL &&
            next->cue != CUE_MEDIA && !names_city(parties, count, token->city))
            return token;
    }
    return NULL;
}

static struct party token_party(const struct token *token)
{
    return (struct party){
        .city = token->city, .place = token->place, .offset = token->offset, .size = token->size};
}

struct sides {
    struct party origins[CLAUSE_PARTIES_MAX];
    size_t origin_count;
    struct party hosts[CLAUSE_PARTIES_MAX];
    size_t host_count;
};

static void take_origins(struct sides *sides, const struct scene *scene)
{
    if (sides->origin_count > 0 || scene->origin_count == 0)
        return;
    memcpy(sides->origins, scene->origins, sizeof scene->origins);
    sides->origin_count = scene->origin_count;
}

static void take_hosts(struct sides *sides, const struct scene *scene)
{
    if (sides->host_count > 0 || scene->host_count == 0)
        return;
    memcpy(sides->hosts, scene->hosts, sizeof scene->hosts);
    sides->host_count = scene->host_count;
}

static void add_hosts_of(struct sides *sides, const struct scene *scene)
{
    for (size_t i = 0; i < scene->host_count && sides->host_count < CLAUSE_PARTIES_MAX; i++)
        if (!scene->hosts[i].own &&
            !names_city(sides->hosts, sides->host_count, scene->hosts[i].city))
            sides->hosts[sides->host_count++] = scene->hosts[i];
}

/* 我市 of an unknown publisher: the same party named elsewhere. */
static void name_own_host(const struct reading *reading, const struct trip *trip,
                          struct sides *sides)
{
    const struct scene *lead = &trip->lead;
    const struct token *other;
    struct party *host = &sides->hosts[0];

    if (sides->host_count != 1 || host->city != NULL)
        return;
    for (size_t i = 0; i < lead->host_count; i++)
        if (lead->hosts[i].city != NULL &&
            !names_city(sides->origins, sides->origin_count, lead->hosts[i].city)) {
            *host = lead->hosts[i];
            return;
        }
    if (lead->has_escort && lead->escort.city != NULL &&
        !names_city(sides->origins, sides->origin_count, lead->escort.city)) {
        *host = lead->escort;
        return;
    }
    other = other_city(reading, sides->origins, sides->origin_count);
    if (other != NULL)
        *host = token_party(other);
}

static void name_own_origin(const struct reading *reading, const struct trip *trip,
                            struct sides *sides)
{
    const struct token *other;

    if (sides->origin_count != 1 || sides->origins[0].city != NULL)
        return;
    if (trip->lead.origin_count > 0 && trip->lead.origins[0].city != NULL) {
        sides->origins[0] = trip->lead.origins[0];
        return;
    }
    other = other_city(reading, sides->hosts, sides->host_count);
    if (other != NULL)
        sides->origins[0] = token_party(other);
}

/* A place directly followed by its group, 台州代表团: the traveller of a sentence without verbs. */
static const struct token *grouped_place(const struct reading *reading, const struct city *host)
{
    for (size_t i = 0; i + 1 < reading->count; i++) {
        const struct token *token = &reading->tokens[i];
        const struct token *next = &reading->tokens[i + 1];

        if (token->kind == TOKEN_PLACE && token->city != NULL && token->city != host &&
            next->kind == TOKEN_CUE && (next->cue == CUE_GROUP || next->cue == CUE_LEAD) &&
            next->offset - token->offset - token->size <= 30)
            return token;
    }
    return NULL;
}

/* Hosts are known, travellers not: the publisher's, unless it is the host. */
static void guess_origin(const struct reading *reading, const struct trip *trip,
                         struct sides *sides)
{
    const struct token *token;

    if (sides->origin_count > 0 || sides->host_count == 0 || trip->title.above ||
        (trip->lead.above && trip->lead.origin_count == 0))
        return;
    if (reading->site != NULL && !names_city(sides->hosts, sides->host_count, reading->site)) {
        sides->origins[sides->origin_count++] = (struct party){.city = reading->site, .own = true};
        return;
    }
    token = grouped_place(reading, sides->hosts[0].city);
    if (token == NULL && reading->site == NULL && !sides->hosts[0].own)
        token = other_city(reading, sides->hosts, sides->host_count);
    if (token != NULL)
        sides->origins[sides->origin_count++] = token_party(token);
}

/* Travellers are known, hosts not: who escorts, where they met, else the publisher. */
static void guess_host(const struct reading *reading, struct trip *trip, struct sides *sides)
{
    const struct scene *lead = &trip->lead;
    const struct city *origin = sides->origin_count > 0 ? sides->origins[0].city : NULL;

    if (sides->host_count > 0 || sides->origin_count == 0 || origin == NULL)
        return;
    trip->weak = true;
    if (lead->has_escort && lead->escort.city != NULL && lead->escort.city != origin)
        sides->hosts[sides->host_count++] = lead->escort;
    else if (lead->has_meet && lead->meet.city != NULL && lead->meet.city != origin)
        sides->hosts[sides->host_count++] = lead->meet;
    else if (reading->site != NULL && reading->site != origin)
        sides->hosts[sides->host_count++] = (struct party){.city = reading->site, .own = true};
}

/* No verb told anything: two cities, one of which is where they met or the publisher's. */
static void guess_both(const struct reading *reading, struct trip *trip, struct sides *sides)
{
    const struct scene *meeting = trip->title.has_meet ? &trip->title : &trip->lead;
    struct party host = {.city = reading->site, .own = true};
    const struct token *other;

    if (sides->origin_count > 0 || sides->host_count > 0 || trip->title.above || trip->lead.above)
        return;
    if (meeting->has_meet && meeting->meet.city != NULL)
        host = meeting->meet;
    else if (trip->lead.has_escort && trip->lead.escort.city != NULL)
        host = trip->lead.escort;
    /* A city that is merely mentioned (学习镇江做法) is no guest. */
    other = host.city == NULL ? NULL : other_city(reading, &host, 1);
    if (other == NULL || trip->title.remote || trip->lead.remote ||
        (!meeting->has_meet && !trip->lead.has_escort &&
         (other->offset >= reading->title_size || (!trip->title.group && !trip->lead.group))))
        return;
    trip->weak = true;
    sides->hosts[sides->host_count++] = host;
    sides->origins[sides->origin_count++] = token_party(other);
}

static bool has_leg(const struct trip *trip, const struct party *origin, const struct party *host)
{
    for (size_t i = 0; i < trip->leg_count; i++)
        if (trip->legs[i].origin.city == origin->city && trip->legs[i].host.city == host->city)
            return true;
    return false;
}

static void make_legs(struct trip *trip, const struct sides *sides)
{
    for (size_t i = 0; i < sides->origin_count; i++)
        for (size_t k = 0; k < sides->host_count; k++) {
            const struct party *origin = &sides->origins[i];
            const struct party *host = &sides->hosts[k];

            /* A party without a city (a province, an unknown publisher) makes no leg. */
            if (origin->city == NULL || host->city == NULL)
                continue;
            if (origin->city == host->city) {
                trip->same_city = true;
                continue;
            }
            /* By cities: two counties of one city are one leg. */
            if (trip->leg_count < TRIP_LEGS_MAX && !has_leg(trip, origin, host))
                trip->legs[trip->leg_count++] = (struct leg){*origin, *host};
        }
}

/* At most `limit` bytes, cut between characters. */
static size_t cut(struct slice text, size_t begin, size_t end, size_t limit)
{
    if (end - begin <= limit)
        return end;
    end = begin + limit;
    while (end > begin && ((unsigned char) text.data[end] & 0xC0) == 0x80)
        end--;
    return end;
}

struct slice trip_evidence(const struct reading *reading, const struct scene *scene)
{
    size_t end = scene->end;

    if (scene->begin <= reading->title_size && end > reading->title_size)
        end = reading->title_size;
    end = cut(reading->text, scene->begin, end, TRIP_EVIDENCE_MAX);
    return slice_trim(slice_sub(reading->text, scene->begin, end - scene->begin));
}

/* The sentence that told the most. */
static void find_evidence(const struct reading *reading, struct trip *trip)
{
    const struct scene *told = trip->lead.moves || !trip->title.moves ? &trip->lead : &trip->title;
    struct slice span = trip_evidence(reading, told);

    trip->begin = (size_t) (span.data - reading->text.data);
    trip->end = trip->begin + span.size;
}

void trip_read(const struct reading *reading, struct trip *trip)
{
    struct sentences sentences = {.reading = reading};
    struct sides sides = {0};

    memset(trip, 0, sizeof *trip);
    read_title(&sentences, trip);
    read_lead(&sentences, trip);
    find_evidence(reading, trip);
    if (trip->title.plan)
        return; /* 关于赴南京考察的通知: nobody has travelled yet */
    /* The order is the order of trust: what the title says, what the lead says, and only then
     * guesses, each of which looks at what is still open. */
    take_origins(&sides, &trip->title);
    take_hosts(&sides, &trip->title);
    if (!trip->title.above)
        take_origins(&sides, &trip->lead);
    take_hosts(&sides, &trip->lead);
    if (trip->title.wide || trip->lead.wide)
        add_hosts_of(&sides, &trip->lead);
    name_own_host(reading, trip, &sides);
    name_own_origin(reading, trip, &sides);
    guess_origin(reading, trip, &sides);
    guess_host(reading, trip, &sides);
    guess_both(reading, trip, &sides);
    make_legs(trip, &sides);
}
