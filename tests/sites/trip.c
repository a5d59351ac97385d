#include "tests/sites/trip.h"

#include "base/util/civil.h"

#include <stdlib.h>

enum {
    FIRST_YEAR = 2008,
    LAST_YEAR = 2024,
    MULTI_HOST_PER_MILLE = 90,
    COOPERATIVE_PER_MILLE = 400,
    PAIR_LUCK = 6, /* the luckiest directed pair weighs this many times the unluckiest */
};

/* Weights of the years 2008 … 2024. */
static const uint16_t year_weight[LAST_YEAR - FIRST_YEAR + 1] = {14, 14, 30, 36, 42, 46, 50, 56, 60,
                                                                 66, 76, 92, 54, 62, 44, 84, 22};

struct trip_model {
    const struct places *places;
    int cities; /* of the places; those outside the region weigh nothing */
    uint64_t region;
    uint64_t *pair; /* cumulative weights of origin × host */
    uint64_t *mass; /* cumulative masses */
};

const char *level_text(enum level level)
{
    static const char *const text[] = {"principal", "deputy", "department"};

    return text[level];
}

/* How much the origin gains by courting this host: 4 (richer origin) … 16. */
static uint64_t courtship(const struct municipality *origin, const struct municipality *host)
{
    int32_t slope = host->wealth - origin->wealth;

    if (slope > 40)
        slope = 40;
    if (slope < -40)
        slope = -40;
    return (uint64_t) (10 + slope * 6 / 40);
}

/* Gravity with a slope; squares of the distance keep far pairs rare, not absent. */
static uint64_t pair_weight(const struct trip_model *model, int from, int to, uint64_t seed)
{
    const struct municipality *origin = &model->places->cities[from];
    const struct municipality *host = &model->places->cities[to];
    uint64_t far = (uint64_t) places_distance_km(origin, host) + 40;
    uint64_t weight = (uint64_t) (origin->mass + 10) * (uint64_t) (host->mass + 5);
    struct random luck;

    if (from == to || (model->region >> from & model->region >> to & 1) == 0)
        return 0;
    random_init(&luck, seed ^ ((uint64_t) from * 977 + (uint64_t) to * 131071));
    weight = weight * courtship(origin, host) * (1 + random_below(&luck, PAIR_LUCK));
    if (slice_equal(origin->province, host->province))
        weight = weight * 3 / 2;
    if ((origin->helps >> to & 1) != 0 || (host->helps >> from & 1) != 0)
        weight *= 2;
    return weight * 1000 / (far * far / 64 + far);
}

struct trip_model *trip_model_create(const struct places *places, uint64_t region, uint64_t seed)
{
    struct trip_model *model = calloc(1, sizeof *model);
    int cities = places->city_count;
    uint64_t sum = 0;

    if (model == NULL)
        return NULL;
    model->places = places;
    model->cities = cities;
    model->region = region;
    model->pair = calloc((size_t) cities * (size_t) cities, sizeof *model->pair);
    model->mass = calloc((size_t) cities, sizeof *model->mass);
    if (model->pair == NULL || model->mass == NULL) {
        trip_model_destroy(model);
        return NULL;
    }
    for (int i = 0; i < cities * cities; i++)
        model->pair[i] = sum += pair_weight(model, i / cities, i % cities, seed);
    sum = 0;
    for (int i = 0; i < cities; i++)
        model->mass[i] = sum += (region >> i & 1) * ((uint64_t) places->cities[i].mass + 12);
    return model;
}

void trip_model_destroy(struct trip_model *model)
{
    if (model == NULL)
        return;
    free(model->pair);
    free(model->mass);
    free(model);
}

/* Index drawn from cumulative weights; `before` is the sum in front of the first. */
static int draw(const uint64_t *cumulative, int count, uint64_t before, struct random *random)
{
    uint64_t mark = before + random_below(random, cumulative[count - 1] - before);
    int low = 0;
    int high = count - 1;

    while (low < high) {
        int middle = (low + high) / 2;

        if (cumulative[middle] > mark)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* A host for this origin. */
static int draw_host(const struct trip_model *model, int origin, struct random *random)
{
    int first = origin * model->cities;
    uint64_t before = first == 0 ? 0 : model->pair[first - 1];

    return draw(model->pair + first, model->cities, before, random);
}

int trip_draw_neighbour(const struct trip_model *model, int city, struct random *random)
{
    /* Half by nearness, half anywhere: searches find every city's name on every site. */
    if (random_chance(random, 500))
        return draw_host(model, city, random);
    for (;;) {
        int other = (int) random_below(random, (uint64_t) model->cities);

        if (other != city && (model->region >> other & 1) != 0)
            return other;
    }
}

int trip_draw_city(const struct trip_model *model, struct random *random)
{
    return draw(model->mass, model->cities, 0, random);
}

int16_t trip_draw_day(struct random *random)
{
    uint64_t cumulative[LAST_YEAR - FIRST_YEAR + 1];
    uint64_t sum = 0;
    struct civil date = {.day = 1, .month = 1};

    for (int i = 0; i <= LAST_YEAR - FIRST_YEAR; i++)
        cumulative[i] = sum += year_weight[i];
    date.year = FIRST_YEAR + draw(cumulative, LAST_YEAR - FIRST_YEAR + 1, 0, random);
    return (int16_t) (civil_to_day(date) - TRIP_EPOCH + (int32_t) random_below(random, 365));
}

/* More hosts on the way: different from each other and from the origin. */
static void add_hosts(const struct trip_model *model, struct trip *trip, struct random *random)
{
    int wanted = 2 + (int) random_below(random, TRIP_HOSTS_MAX - 1);

    for (int tries = 0; tries < 8 && trip->hosts < wanted; tries++) {
        int host = draw_host(model, trip->origin, random);
        bool known = false;

        for (int i = 0; i < trip->hosts; i++)
            known = known || trip->host[i] == host;
        if (!known)
            trip->host[trip->hosts++] = (uint8_t) host;
    }
}

/* Economic departments travel most; the others get in now and then. */
static uint8_t draw_department(const struct trip_model *model, int16_t day, struct random *random)
{
    const struct places *places = model->places;
    int year = civil_from_day(day + TRIP_EPOCH).year;

    for (;;) {
        uint8_t drawn = (uint8_t) random_below(random, places->department_count);
        const struct department *department = &places->departments[drawn];
        bool economic = slice_equal(department->theme, SLICE("经济发展"));

        if (year < department->year && slice_equal(department->before, SLICE("-")))
            continue;
        if (economic || random_chance(random, 450))
            return drawn;
    }
}

struct trip trip_draw(const struct trip_model *model, struct random *random)
{
    struct trip trip = {.hosts = 1, .department = PLACES_NONE};
    int pair = draw(model->pair, model->cities * model->cities, 0, random);
    uint64_t who = random_below(random, 1000);

    trip.origin = (uint8_t) (pair / model->cities);
    trip.host[0] = (uint8_t) (pair % model->cities);
    trip.day = trip_draw_day(random);
    trip.cooperative = random_chance(random, COOPERATIVE_PER_MILLE);
    trip.scope = who < 210 ? SCOPE_CITY : who < 500 ? SCOPE_COUNTY : SCOPE_DEPARTMENT;
    trip.level = LEVEL_DEPARTMENT;
    if (trip.scope == SCOPE_CITY)
        trip.level = random_chance(random, 580) ? LEVEL_PRINCIPAL : LEVEL_DEPUTY;
    if (trip.scope == SCOPE_COUNTY && model->places->cities[trip.origin].county_count == 0)
        trip.scope = SCOPE_DEPARTMENT;
    if (trip.scope == SCOPE_DEPARTMENT)
        trip.department = draw_department(model, trip.day, random);
    if (random_chance(random, MULTI_HOST_PER_MILLE))
        add_hosts(model, &trip, random);
    return trip;
}
