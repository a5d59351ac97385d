#include "tests/sites/cast.h"

#include "base/util/civil.h"

#include <stdio.h>
#include <string.h>

enum { FIXED_MAX = 256, COUNTY_HOST = 600, COUNTY_DEPARTMENT = 300, SECOND_LEADER = 400 };

void cast_set(struct cast *cast, const char *name, struct slice frame)
{
    size_t i = 0;

    while (i < cast->name_count && strcmp(cast->names[i].name, name) != 0)
        i++;
    ENSURE(i < CAST_NAMES_MAX);
    cast->names[i].name = name;
    cast->names[i].value = frame;
    if (i == cast->name_count)
        cast->name_count++;
}

/* The scope's value: a set name, or a new person. */
static struct slice cast_value(void *self, struct slice name)
{
    struct cast *cast = self;

    if (slice_equal(name, SLICE("person"))) {
        char person[PERSON_SIZE];

        if (cast->persons++ == 0)
            return slice_from(cast->person);
        return text_of(cast->arena, "%s", person_draw(&cast->scope.random, person));
    }
    for (size_t i = 0; i < cast->name_count; i++) {
        if (slice_equal(name, slice_from(cast->names[i].name)))
            return cast->names[i].value;
    }
    return (struct slice){NULL, 0};
}

/* Days of the world count from 2000. */
static struct civil date_of(int32_t day)
{
    return civil_from_day(day + TRIP_EPOCH);
}

/* ---- dates ---- */

/* 5月30日至6月1日, 5月8日至10日; a third of them with the year. */
static struct slice range_phrase(struct arena *arena, struct civil from, struct civil to)
{
    if (from.month != to.month)
        return text_of(arena, "[|%d年]%d月%d日至%d月%d日", from.year, from.month, from.day,
                       to.month, to.day);
    return text_of(arena, "[||%d年]%d月%d日[至|-|至]%d日", from.year, from.month, from.day, to.day);
}

/* The frame of {date} for a happening on `day` that lasts `days` more days. */
static struct slice date_phrase(struct arena *arena, uint8_t form, int32_t day, int days)
{
    struct civil date = date_of(day);

    switch (form) {
    case FORM_FULL:
        return text_of(arena, "%d年%d月%d日[|上午|下午]", date.year, date.month, date.day);
    case FORM_MONTH_DAY:
        return text_of(arena, "%d月%d日[|||上午|下午]", date.month, date.day);
    case FORM_RANGE:
        return range_phrase(arena, date, date_of(day + days));
    case FORM_YESTERDAY:
        return SLICE("[昨日|昨天|昨天上午|昨天下午|昨日下午]");
    case FORM_TODAY:
        return SLICE("[今天|今天上午|今天下午|今日]");
    default:
        return SLICE("[近日|日前|近期|连日来]");
    }
}

/* ---- the parties of a trip ---- */

/* The leader who travels or receives, with a mayor beside every other secretary. */
static void draw_office(struct party *party, enum level level, struct random *random)
{
    party->office = office_draw(party->county.size == 0 ? level : LEVEL_DEPARTMENT, random);
    person_draw(random, party->person);
    if (strcmp(party->office.title, "市委书记") == 0 && random_chance(random, SECOND_LEADER))
        person_draw(random, party->second);
    if (party->department != NULL)
        party->head = party->department->heads[random_below(random, party->department->head_count)];
}

/* City, county or department of one side, as the trip's scope wants it. */
static void draw_party(struct cast *cast, struct party *party, uint8_t city, unsigned county)
{
    const struct trip *trip = &cast->world->trips[cast->document->ref];
    const struct places *places = &cast->world->places;
    struct random *random = &cast->scope.random;

    memset(party, 0, sizeof *party);
    party->city = &places->cities[city];
    party->year = date_of(trip->day).year;
    if (trip->department != PLACES_NONE)
        party->department = &places->departments[trip->department];
    if (random_chance(random, county) && party->city->county_count > 0)
        party->county = party->city->counties[random_below(random, party->city->county_count)];
    draw_office(party, trip->level, random);
}

/* Draws all parties of the trip, so that every report of it draws the same, and keeps those told
 * of. */
static void cast_parties(struct cast *cast)
{
    static const unsigned origin_county[] = {0, 1000, COUNTY_DEPARTMENT};
    static const unsigned host_county[] = {0, COUNTY_HOST, COUNTY_DEPARTMENT};
    const struct trip *trip = &cast->world->trips[cast->document->ref];
    uint8_t side = cast->document->side;

    cast->scope.random = world_random(cast->world, cast->document->ref, ASPECT_TRIP);
    draw_party(cast, &cast->origin, trip->origin, origin_county[trip->scope]);
    for (uint8_t i = 0; i < trip->hosts; i++)
        draw_party(cast, &cast->host[i], trip->host[i], host_county[trip->scope]);
    cast->hosts = side == SIDE_ORIGIN ? trip->hosts : 1;
    cast->first_host = side == SIDE_ORIGIN ? 0 : side;
    if (cast->first_host > 0)
        cast->host[0] = cast->host[cast->first_host];
}

/* A rule's text, expanded once, so that title and body agree on it. */
static void fix(struct cast *cast, const char *name, struct slice rule)
{
    struct buf text;

    buf_init(&text, FIXED_MAX);
    grammar_rule(cast->world->grammar, &cast->scope, rule, &text);
    cast_set(cast, name, text_of(cast->arena, "%.*s", SLICE_ARG(buf_slice(&text))));
    buf_fini(&text);
}

/* What the visit is about and what is shown: by department. */
static void fix_subject(struct cast *cast, struct slice key)
{
    fix(cast, "topic", text_of(cast->arena, "topic.%.*s", SLICE_ARG(key)));
    cast_set(cast, "sight", text_of(cast->arena, "{sight.%.*s}", SLICE_ARG(key)));
}

int16_t cast_told_day(const struct cast *cast)
{
    return (int16_t) (cast->world->trips[cast->document->ref].day + cast->first_host);
}

/* ---- names of a visit's report ---- */

/* A name of every host told of, joined by 、. */
static struct slice host_list(struct cast *cast,
                              struct slice (*name)(const struct party *host, struct arena *arena))
{
    struct slice list = name(&cast->host[0], cast->arena);

    for (uint8_t i = 1; i < cast->hosts; i++)
        list = text_of(cast->arena, "%.*s、%.*s", SLICE_ARG(list),
                       SLICE_ARG(name(&cast->host[i], cast->arena)));
    return list;
}

/* For titles: 苏州, 昆山. */
static struct slice short_name(const struct party *party, struct arena *arena)
{
    (void) arena;
    return party_short(party);
}

/* For bodies: holds the city's own name, so the text can be found by it. */
static struct slice long_name(const struct party *party, struct arena *arena)
{
    return party_place(party, false, arena);
}

/* The travelling side, at home and abroad. */
static void name_origin(struct cast *cast, bool title)
{
    const struct party *origin = &cast->origin;
    struct arena *arena = cast->arena;
    struct slice place = party_place(origin, false, arena);
    struct slice leaders = party_leaders_home(origin, arena);
    struct slice abroad = party_delegation_abroad(origin, arena);
    struct slice home = party_delegation_home(origin, arena);

    cast_set(cast, "o", party_short(origin));
    cast_set(cast, "ocity", origin->city->name);
    cast_set(cast, "O", title && origin->county.size > 0 ? origin->county : place);
    cast_set(cast, "Olead", leaders);
    cast_set(cast, "OleadX", party_leaders_abroad(origin, arena));
    cast_set(cast, "Oname", text_of(arena, "[%.*s|%s]", SLICE_ARG(leaders), origin->person));
    cast_set(cast, "OnameX", party_leaders_abroad(origin, arena));
    cast_set(cast, "delO",
             origin->department == NULL && origin->county.size == 0
                 ? text_of(arena, "[%.*s|我%.*s]", SLICE_ARG(home), SLICE_ARG(home))
                 : home);
    cast_set(cast, "delX",
             title && origin->county.size > 0
                 ? text_of(arena, "[%.*s|%.*s]", SLICE_ARG(abroad), SLICE_ARG(home))
                 : abroad);
    cast_set(cast, "usO", origin->department == NULL ? SLICE("我市") : home);
    if (origin->department == NULL && origin->office.body != BODY_PARTY)
        cast_set(cast, "group.city", SLICE("考察组"));
}

/* How a host's site calls the place that was visited. */
static struct slice host_us(const struct cast *cast)
{
    const struct party *host = &cast->host[0];

    if (host->county.size > 0)
        return text_of(cast->arena, "[%.*s|%.*s|我%.*s]", SLICE_ARG(host->county),
                       SLICE_ARG(places_stem(host->county)),
                       SLICE_ARG(places_suffix(host->county)));
    return text_of(cast->arena, "[我市|我市|%.*s]", SLICE_ARG(host->city->name));
}

/* The receiving side; several hosts become a list without leaders. */
static void name_hosts(struct cast *cast)
{
    const struct party *host = &cast->host[0];
    struct arena *arena = cast->arena;
    bool origin_side = cast->document->side == SIDE_ORIGIN;
    struct slice leaders = party_leaders_home(host, arena);

    cast_set(cast, "h", host_list(cast, short_name));
    cast_set(cast, "hcity", host->city->name);
    cast_set(cast, "H", host_list(cast, long_name));
    cast_set(cast, "Hlead", leaders);
    cast_set(cast, "HleadX",
             cast->hosts > 1 ? SLICE("[当地|各地|沿途各市]有关负责同志")
                             : party_leaders_abroad(host, arena));
    cast_set(cast, "Hname", text_of(arena, "[%.*s|%s]", SLICE_ARG(leaders), host->person));
    cast_set(cast, "usH", host_us(cast));
    cast_set(cast, "ha", host->county.size == 0 ? host->city->alias : places_stem(host->county));
    cast_set(cast, "Horg", host_list(cast, origin_side ? party_office_abroad : party_office_home));
}

/* Everything a report of a visit may name. */
static void name_visit(struct cast *cast, bool title)
{
    const struct trip *trip = &cast->world->trips[cast->document->ref];
    int days = trip->hosts > 1 ? trip->hosts - 1 : 1 + (int) (cast->document->ref % 3);

    name_origin(cast, title);
    name_hosts(cast);
    cast_set(cast, "date",
             date_phrase(cast->arena, cast->document->form, cast_told_day(cast), days));
}

/* ---- names of everything else ---- */

/* Two different counties of the site's city, or zones where it has too few. */
static void name_counties(struct cast *cast)
{
    const struct municipality *city = cast->own;
    uint64_t count = city->county_count;
    uint64_t first = random_below(&cast->scope.random, count);
    uint64_t second = (first + 1 + random_below(&cast->scope.random, count - 1)) % (count + !count);

    cast_set(cast, "county", count > 0 ? city->counties[first] : SLICE("经开区"));
    cast_set(cast, "county2", count > 1 ? city->counties[second] : SLICE("高新区"));
}

/* Somebody of the site's own city, for what is no visit. */
static void name_own_leader(struct cast *cast)
{
    struct party own = {.city = cast->own};
    enum level level = random_chance(&cast->scope.random, 500) ? LEVEL_PRINCIPAL : LEVEL_DEPUTY;

    own.office = office_draw(level, &cast->scope.random);
    person_draw(&cast->scope.random, own.person);
    cast_set(cast, "own", party_leaders_home(&own, cast->arena));
    cast_set(cast, "own.short", text_of(cast->arena, "%s", own.person));
    cast_set(cast, "Oname",
             text_of(cast->arena, "%.*s", SLICE_ARG(party_leaders_home(&own, cast->arena))));
    cast_set(cast, "Olead", party_leaders_home(&own, cast->arena));
}

/* A department of the site's own city and its subject. */
static void name_department(struct cast *cast)
{
    const struct places *places = &cast->world->places;
    uint64_t drawn = random_below(&cast->scope.random, places->department_count);
    const struct department *department = &places->departments[drawn];
    struct party party = {
        .city = cast->own, .department = department, .year = date_of(cast->document->day).year};
    struct slice name = party_office_home(&party, cast->arena);

    cast_set(cast, "dept", name);
    cast_set(cast, "deptname", slice_sub(name, SLICE("市").size, name.size));
    fix_subject(cast, department->key);
}

/* Everything that other documents may name; what occurs in title and body is fixed here. */
static void name_other(struct cast *cast)
{
    const struct places *places = &cast->world->places;
    struct slice other = places->cities[cast->document->mention[0]].name;
    struct slice special = text_of(cast->arena, "special.%.*s", SLICE_ARG(other));
    struct random *random = &cast->scope.random;
    int32_t lag = (int32_t) random_below(random, 4);
    uint8_t form = random_chance(random, 700) ? FORM_MONTH_DAY : FORM_VAGUE;

    cast_set(cast, "S", text_of(cast->arena, "%.*s市", SLICE_ARG(cast->own->name)));
    cast_set(cast, "s", cast->own->name);
    cast_set(cast, "m", other);
    cast_set(cast, "year", text_of(cast->arena, "%d", date_of(cast->document->day).year));
    cast_set(cast, "date", date_phrase(cast->arena, form, cast->document->day - lag, 1));
    name_counties(cast);
    name_own_leader(cast);
    name_department(cast);
    cast_set(cast, "special",
             grammar_has(cast->world->grammar, special)
                 ? text_of(cast->arena, "{%.*s}", SLICE_ARG(special))
                 : SLICE("{special.其他}"));
    fix(cast, "company.any", SLICE("company.any"));
    fix(cast, "project", SLICE("project"));
    fix(cast, "namesake", SLICE("namesake"));
    fix(cast, "weather.kind", SLICE("weather.kind"));
    fix(cast, "far", SLICE("far"));
    fix(cast, "above.office", SLICE("above.office"));
    cast_set(cast, "guest", text_of(cast->arena, "%s", person_draw(random, cast->person)));
}

void cast_init(struct cast *cast, const struct world *world, uint32_t number, struct arena *arena)
{
    *cast = (struct cast){.world = world, .number = number, .arena = arena};
    cast->document = &world->documents[number];
    cast->own = &world->places.cities[world->sites[cast->document->site].city];
    cast->scope.value = cast_value;
    cast->scope.self = cast;
    if (cast->document->kind == KIND_VISIT) {
        const struct department *department;

        cast_parties(cast);
        department = cast->origin.department;
        fix_subject(cast, department == NULL ? SLICE("general") : department->key);
        cast->scope.random = world_random(world, number, ASPECT_CAST);
    } else {
        cast->scope.random = world_random(world, number, ASPECT_CAST);
        name_other(cast);
    }
    person_draw(&cast->scope.random, cast->person);
}

void cast_for_title(struct cast *cast)
{
    if (cast->document->kind == KIND_VISIT)
        name_visit(cast, true);
    cast->persons = 0;
    cast->scope.random = world_random(cast->world, cast->number, ASPECT_TITLE);
}

void cast_for_body(struct cast *cast)
{
    if (cast->document->kind == KIND_VISIT)
        name_visit(cast, false);
    cast->persons = 0;
    cast->scope.random = world_random(cast->world, cast->number, ASPECT_BODY);
}
