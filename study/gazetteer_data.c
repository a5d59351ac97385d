/*
 * divisions.tsv is read first and decides what exists: places, then the cities among them, then
 * the link from each place to its city. The other tables only add to these lines and are refused
 * where they name a code that is none.
 */
#include "study/gazetteer_data.h"

#include "study/file.h"
#include "study/text.h"

#include <stdlib.h>
#include <string.h>

enum { DEGREE = 100000, PATH_SIZE = 4096, MUNICIPALITY = 10000 };

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "gazetteer: %s", status_text(STATUS_NOMEM));
}

enum status gazetteer_open_table(struct gazetteer *g, const char *directory, const char *name,
                                 struct tsv *tsv, struct error *err)
{
    char *path = arena_printf(g->arena, "%s/%s", directory, name);
    unsigned char digest[SHA256_SIZE];
    struct slice content;
    enum status status;

    if (path == NULL)
        return no_memory(err);
    status = file_read(path, GAZETTEER_FILE_MAX, g->arena, &content, err);
    if (status != STATUS_OK)
        return status;
    if (!text_valid(content))
        return error_set(err, STATUS_INVALID, "%s: is not UTF-8 text", path);
    sha256_of(content, digest);
    /* A chain over the files in the order they are opened: the version changes with any byte of any
     * table. */
    g->version = id_of(id_slice(&g->version), slice_of(digest, sizeof digest));
    return tsv_open(tsv, content, '\t', path, err);
}

enum status gazetteer_read_day(const struct tsv *tsv, struct slice text, int32_t *day,
                               struct error *err)
{
    struct error cause;
    uint64_t year;

    *day = CIVIL_NONE;
    if (text.size == 0)
        return STATUS_OK;
    if (text.size == 4 && slice_to_uint(text, 1900, 2100, &year, NULL) == STATUS_OK) {
        /* A year alone is its middle, as regions/china/README.md says of these tables. */
        *day = civil_to_day((struct civil){(int) year, 7, 1});
        return STATUS_OK;
    }
    if (civil_parse(text, day, &cause) != STATUS_OK)
        return error_set(err, STATUS_INVALID, "%s:%u: %s", tsv->file, tsv->line, cause.message);
    return STATUS_OK;
}

enum status gazetteer_read_code(const struct tsv *tsv, struct slice text, uint32_t *code,
                                struct error *err)
{
    uint64_t value;

    if (slice_to_uint(text, 100000, 999999999, &value, NULL) != STATUS_OK)
        return error_set(err, STATUS_INVALID, "%s:%u: '%.*s' is no division code", tsv->file,
                         tsv->line, SLICE_ARG(text));
    *code = (uint32_t) value;
    return STATUS_OK;
}

const struct place *gazetteer_place_by_code(const struct gazetteer *g, uint32_t code)
{
    /* A code may have had several lives: the one that exists counts, else the last of the file. */
    const struct place *former = NULL;

    for (size_t i = 0; i < g->place_count; i++) {
        if (g->places[i].code != code)
            continue;
        if (g->places[i].valid_to == CIVIL_NONE)
            return &g->places[i];
        former = &g->places[i];
    }
    return former;
}

/* ---- divisions ---- */

struct division_columns {
    size_t code, name, shorter, level, city, from, to, common;
};

static enum status find_columns(const struct tsv *tsv, struct division_columns *c,
                                struct error *err)
{
    const struct {
        const char *name;
        size_t *column;
    } wanted[] = {{"code", &c->code},   {"name", &c->name},    {"short", &c->shorter},
                  {"level", &c->level}, {"city", &c->city},    {"from", &c->from},
                  {"to", &c->to},       {"common", &c->common}};

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        enum status status = tsv_column(tsv, wanted[i].name, wanted[i].column, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status read_level(const struct tsv *tsv, struct slice text, enum place_level *level,
                              struct error *err)
{
    static const char *const names[] = {"province", "city", "county", "zone"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_equal(text, slice_from(names[i]))) {
            *level = (enum place_level) i;
            return STATUS_OK;
        }
    }
    return error_set(err, STATUS_INVALID,
                     "%s:%u: '%.*s' is no level (province, city, county, zone)", tsv->file,
                     tsv->line, SLICE_ARG(text));
}

static enum status read_division(const struct tsv *tsv, const struct division_columns *c,
                                 struct place *place, uint32_t *city, struct error *err)
{
    const struct slice *cells = tsv->cells;
    enum status status = gazetteer_read_code(tsv, cells[c->code], &place->code, err);

    if (status == STATUS_OK)
        status = read_level(tsv, cells[c->level], &place->level, err);
    if (status == STATUS_OK && place->level >= PLACE_COUNTY)
        status = gazetteer_read_code(tsv, cells[c->city], city, err);
    else
        *city = place->code;
    if (status == STATUS_OK)
        status = gazetteer_read_day(tsv, cells[c->from], &place->valid_from, err);
    if (status == STATUS_OK)
        status = gazetteer_read_day(tsv, cells[c->to], &place->valid_to, err);
    place->name = cells[c->name];
    place->short_name = cells[c->shorter];
    place->common_word = cells[c->common].size > 0;
    if (status == STATUS_OK && (place->name.size == 0 || place->short_name.size == 0))
        status = error_set(err, STATUS_INVALID, "%s:%u: the name is empty", tsv->file, tsv->line);
    return status;
}

/* Reads all places; city codes stay beside them until cities exist. */
static enum status read_places(struct gazetteer *g, struct tsv *tsv, uint32_t **cities,
                               struct error *err)
{
    size_t lines = tsv_rows(tsv);
    struct division_columns columns;
    enum status status = find_columns(tsv, &columns, err);
    bool more = true;

    if (status == STATUS_OK && lines > GAZETTEER_PLACES_TOTAL)
        status = error_set(err, STATUS_TOO_LARGE, "%s: more than %d divisions", tsv->file,
                           GAZETTEER_PLACES_TOTAL);
    if (status != STATUS_OK)
        return status;
    g->places = arena_array(g->arena, lines, sizeof *g->places);
    *cities = arena_array(g->arena, lines, sizeof **cities);
    if (g->places == NULL || *cities == NULL)
        return no_memory(err);
    while (status == STATUS_OK) {
        status = tsv_next(tsv, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = read_division(tsv, &columns, &g->places[g->place_count],
                               &(*cities)[g->place_count], err);
        g->place_count += status == STATUS_OK;
    }
    return status;
}

static int compare_city(const void *a, const void *b)
{
    uint32_t x = ((const struct city *) a)->code;
    uint32_t y = ((const struct city *) b)->code;

    return (x > y) - (x < y);
}

static struct slice province_of(const struct gazetteer *g, const struct place *place)
{
    /* Codes of zones have three digits more than the six of a division; the first two are the
     * province's. A municipality is a city with a province's code. */
    uint32_t code = place->code >= 1000000 ? place->code / 1000 : place->code;

    code -= code % MUNICIPALITY;
    for (size_t i = 0; i < g->place_count; i++)
        if (g->places[i].code == code && g->places[i].level <= PLACE_CITY)
            return g->places[i].short_name;
    return SLICE("");
}

static enum status make_cities(struct gazetteer *g, struct error *err)
{
    size_t count = 0;

    for (size_t i = 0; i < g->place_count; i++)
        count += g->places[i].level == PLACE_CITY;
    g->cities = arena_array(g->arena, count, sizeof *g->cities);
    if (g->cities == NULL)
        return no_memory(err);
    for (size_t i = 0; i < g->place_count; i++) {
        const struct place *place = &g->places[i];
        if (place->level != PLACE_CITY)
            continue;
        g->cities[g->city_count++] = (struct city){.code = place->code,
                                                   .name = place->name,
                                                   .short_name = place->short_name,
                                                   .province = province_of(g, place),
                                                   .slug = SLICE(""),
                                                   .site = SLICE(""),
                                                   .valid_from = place->valid_from,
                                                   .valid_to = place->valid_to};
    }
    if (g->city_count > 1)
        qsort(g->cities, g->city_count, sizeof *g->cities, compare_city);
    return STATUS_OK;
}

static struct city *city_by_code(const struct gazetteer *g, uint32_t code)
{
    struct city key = {.code = code};

    if (g->city_count == 0)
        return NULL;
    return bsearch(&key, g->cities, g->city_count, sizeof key, compare_city);
}

static enum status link_cities(struct gazetteer *g, const uint32_t *cities, struct error *err)
{
    for (size_t i = 0; i < g->place_count; i++) {
        struct place *place = &g->places[i];
        if (place->level == PLACE_PROVINCE) {
            place->province = place->short_name;
            continue;
        }
        place->city = city_by_code(g, cities[i]);
        if (place->city == NULL)
            return error_set(err, STATUS_INVALID,
                             "gazetteer: '%.*s' belongs to city %u, which is "
                             "no line of divisions.tsv",
                             SLICE_ARG(place->name), cities[i]);
        place->province = place->city->province;
    }
    return STATUS_OK;
}

/* ---- cities ---- */

static enum status read_degrees(const struct tsv *tsv, struct slice text, int32_t *degrees,
                                struct error *err)
{
    struct slice fraction = text;
    struct slice whole = slice_split(&fraction, '.');
    uint64_t units;
    uint64_t parts = 0;

    if (slice_to_uint(whole, 0, 180, &units, NULL) != STATUS_OK || fraction.size > 5 ||
        (fraction.size > 0 && slice_to_uint(fraction, 0, 99999, &parts, NULL) != STATUS_OK))
        return error_set(err, STATUS_INVALID, "%s:%u: '%.*s' is no angle (116.47835)", tsv->file,
                         tsv->line, SLICE_ARG(text));
    /* In whole hundred-thousandths of a degree, about a metre: read without a floating point
     * number. */
    for (size_t i = fraction.size; i < 5; i++)
        parts *= 10;
    *degrees = (int32_t) (units * DEGREE + parts);
    return STATUS_OK;
}

/* Columns in this order: code, slug, lon, lat, site. */
static enum status read_city(struct gazetteer *g, const struct tsv *tsv, struct error *err)
{
    uint32_t code = 0;
    struct city *city;
    enum status status = gazetteer_read_code(tsv, tsv->cells[0], &code, err);

    if (status != STATUS_OK)
        return status;
    city = city_by_code(g, code);
    if (city == NULL)
        return error_set(err, STATUS_INVALID, "%s:%u: %u is no city of divisions.tsv", tsv->file,
                         tsv->line, code);
    city->slug = tsv->cells[1];
    city->site = tsv->cells[4];
    status = read_degrees(tsv, tsv->cells[2], &city->lon, err);
    if (status == STATUS_OK)
        status = read_degrees(tsv, tsv->cells[3], &city->lat, err);
    city->has_position = status == STATUS_OK;
    return status;
}

static enum status check_city_columns(const struct tsv *tsv, struct error *err)
{
    static const char *const names[] = {"code", "slug", "lon", "lat", "site"};
    enum status status = STATUS_OK;
    size_t column = 0;

    for (size_t i = 0; i < sizeof names / sizeof *names && status == STATUS_OK; i++) {
        status = tsv_column(tsv, names[i], &column, err);
        if (status == STATUS_OK && column != i)
            status = error_set(err, STATUS_INVALID, "%s:1: column %zu must be '%s'", tsv->file,
                               i + 1, names[i]);
    }
    return status;
}

static enum status read_cities(struct gazetteer *g, const char *directory, struct error *err)
{
    struct tsv tsv = {0};
    bool more = true;
    enum status status = gazetteer_open_table(g, directory, "cities.tsv", &tsv, err);

    if (status == STATUS_OK)
        status = check_city_columns(&tsv, err);
    while (status == STATUS_OK) {
        status = tsv_next(&tsv, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = read_city(g, &tsv, err);
    }
    return status;
}

enum status gazetteer_read_divisions(struct gazetteer *g, const char *directory, struct error *err)
{
    uint32_t *cities = NULL;
    struct tsv tsv = {0};
    enum status status = gazetteer_open_table(g, directory, "divisions.tsv", &tsv, err);

    if (status == STATUS_OK)
        status = read_places(g, &tsv, &cities, err);
    if (status == STATUS_OK)
        status = make_cities(g, err);
    if (status == STATUS_OK)
        status = link_cities(g, cities, err);
    return status == STATUS_OK ? read_cities(g, directory, err) : status;
}
