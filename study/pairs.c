#include "study/pairs.h"

#include "study/gazetteer_facts.h"
#include "study/tsv.h"

#include <math.h>

enum { DEGREE = 100000, ROUND_M = 100, KM_MAX = 20100 };

/* The mean radius of the earth (IUGG). */
static const double earth_radius_m = 6371008.8;

static const char *const labels[PAIR_CLASSES] = {
#define X(name, label) label,
    PAIR_CLASS_TABLE(X)
#undef X
};

const char *pair_class_label(enum pair_class class)
{
    return labels[class];
}

/* '_' for blanks, hyphens and the en dash, so that people may write as they like. */
static size_t fold(struct slice text, char *out, size_t room)
{
    size_t used = 0;

    for (size_t i = 0; i < text.size && used < room; i++) {
        bool dash = slice_starts(slice_sub(text, i, 3), SLICE("–"));
        bool blank = dash || text.data[i] == ' ' || text.data[i] == '-';
        out[used++] = (char) (blank ? '_' : text.data[i]);
        i += dash ? 2 : 0;
    }
    return used;
}

bool pair_class_find(struct slice label, enum pair_class *class)
{
    char folded[32];
    size_t size = fold(label, folded, sizeof folded);

    for (int i = 0; i < PAIR_CLASSES; i++) {
        if (slice_equal(slice_of(folded, size), slice_from(labels[i]))) {
            *class = (enum pair_class) i;
            return true;
        }
    }
    return false;
}

int32_t pair_great_circle_m(const struct city *a, const struct city *b)
{
    const double radian = acos(-1.0) / 180.0 / DEGREE;
    double lat_a = a->lat * radian;
    double lat_b = b->lat * radian;
    double half_lat = sin((lat_b - lat_a) / 2);
    double half_lon = sin((b->lon - a->lon) * radian / 2);
    double h = half_lat * half_lat + cos(lat_a) * cos(lat_b) * half_lon * half_lon;

    if (!a->has_position || !b->has_position)
        return -1;
    /* Rounding may bring h above 1 for opposite points. Distances are rounded to ROUND_M, so that
     * the last bits of another machine's sine do not show. */
    return (int32_t) lround(2 * earth_radius_m * asin(sqrt(h < 1 ? h : 1)) / ROUND_M) * ROUND_M;
}

static bool is_member(const struct region_group *group, uint32_t city)
{
    for (size_t i = 0; i < group->member_count; i++)
        if (group->members[i] == city)
            return true;
    return false;
}

static bool same_metro(const struct study *study, uint32_t a, uint32_t b, int32_t from, int32_t to)
{
    const struct region *region = &study->region;

    for (size_t i = 0; i < region->group_count; i++) {
        const struct region_group *group = &region->groups[i];
        if (group->metro && days_overlap(group->valid_from, group->valid_to, from, to) &&
            is_member(group, a) && is_member(group, b))
            return true;
    }
    return gazetteer_same_metro(study->gazetteer, region->cities[a].city->code,
                                region->cities[b].city->code, from, to);
}

static unsigned flags_of(const struct study *study, uint32_t a, uint32_t b, int32_t from,
                         int32_t to)
{
    const struct region_city *x = &study->region.cities[a];
    const struct region_city *y = &study->region.cities[b];
    bool province = slice_equal(x->city->province, y->city->province);
    bool metro = same_metro(study, a, b, from, to);
    bool adjacent =
        gazetteer_adjacent(study->gazetteer, x->city->code, y->city->code) && (province || metro);
    unsigned flags = 0;

    if (gazetteer_paired(study->gazetteer, x->city->code, y->city->code, from, to))
        flags |= PAIR_PAIRED;
    if (x->central && y->central)
        flags |= PAIR_CENTRAL;
    if (adjacent)
        flags |= PAIR_ADJACENT;
    if (metro && !province)
        flags |= PAIR_METRO;
    if (province && !adjacent)
        flags |= PAIR_PROVINCE;
    if (x->developed != y->developed)
        flags |= PAIR_PERIPHERY;
    return flags;
}

/* Flags in the order of precedence, each with the class of its place. */
static enum pair_class class_of(unsigned flags)
{
    for (int class = 0; class < PAIR_CLASS_OTHER; class ++)
        if (flags & (1u << class))
            return (enum pair_class) class;
    return PAIR_CLASS_OTHER;
}

static enum pair_class overridden(const struct region *region, uint32_t a, uint32_t b,
                                  enum pair_class class)
{
    uint32_t low = a < b ? a : b;
    uint32_t high = a < b ? b : a;

    for (size_t i = 0; i < region->override_count; i++)
        if (region->overrides[i].city_a == low && region->overrides[i].city_b == high)
            return (enum pair_class) region->overrides[i].pair_class;
    return class;
}

struct pair pair_describe(const struct study *study, uint32_t city_a, uint32_t city_b, int32_t from,
                          int32_t to)
{
    const struct region *region = &study->region;
    const struct city *a = region->cities[city_a].city;
    const struct city *b = region->cities[city_b].city;
    struct pair pair = {.flags = flags_of(study, city_a, city_b, from, to)};

    pair.class = overridden(region, city_a, city_b, class_of(pair.flags));
    pair.same_province = slice_equal(a->province, b->province);
    pair.distance_m = region->distances_m == NULL
                          ? pair_great_circle_m(a, b)
                          : region->distances_m[city_a * region->city_count + city_b];
    return pair;
}

/* ---- distance matrix ---- */

/* The city a header or first cell names: by short name, full name or code. */
static int find_city(const struct region *region, struct slice text)
{
    uint64_t code;

    for (size_t i = 0; i < region->city_count; i++)
        if (slice_equal(text, region->cities[i].city->name) ||
            slice_equal(text, region->cities[i].name) ||
            (slice_to_uint(text, 0, UINT32_MAX, &code, NULL) == STATUS_OK &&
             code == region->cities[i].city->code))
            return (int) i;
    return REGION_NONE;
}

/* Kilometres with up to three decimals, as metres; "" and NA are unknown. */
static enum status read_km(const struct tsv *tsv, struct slice text, int32_t *metres,
                           struct error *err)
{
    struct slice fraction = text;
    struct slice whole = slice_split(&fraction, '.');
    uint64_t km;
    uint64_t parts = 0;

    *metres = -1;
    if (text.size == 0 || slice_equal(text, SLICE("NA")))
        return STATUS_OK;
    if (slice_to_uint(whole, 0, KM_MAX, &km, NULL) != STATUS_OK || fraction.size > 3 ||
        (fraction.size > 0 && slice_to_uint(fraction, 0, 999, &parts, NULL) != STATUS_OK))
        return error_set(err, STATUS_INVALID,
                         "%s:%u: '%.*s' is no distance in kilometres (write 123.4)", tsv->file,
                         tsv->line, SLICE_ARG(text));
    for (size_t i = fraction.size; i < 3; i++)
        parts *= 10;
    *metres = (int32_t) (km * 1000 + parts);
    return STATUS_OK;
}

static enum status read_row(const struct tsv *tsv, const struct region *region, int32_t *metres,
                            struct error *err)
{
    int row = find_city(region, tsv->cells[0]);
    enum status status = STATUS_OK;

    for (size_t i = 1; i < tsv->columns && row != REGION_NONE && status == STATUS_OK; i++) {
        int column = find_city(region, tsv->names[i]);
        if (column == REGION_NONE)
            continue;
        status = read_km(tsv, tsv->cells[i],
                         &metres[(size_t) row * region->city_count + (size_t) column], err);
    }
    return status;
}

enum status pair_read_distances(const struct yaml_source *source, struct region *region,
                                struct error *err)
{
    struct arena *arena = source->arena;
    struct slice text = source->text;
    const char *file = source->file;
    size_t cells = region->city_count * region->city_count;
    struct slice copy = arena_copy(arena, text);
    struct slice first_line = slice_sub(text, 0, slice_find(text, SLICE("\n")));
    int32_t *metres = arena_array(arena, cells, sizeof *metres);
    enum status status = STATUS_OK;
    bool more = true;
    struct tsv tsv;

    if (copy.data == NULL || metres == NULL)
        return error_set(err, STATUS_NOMEM, "%s: %s", file, status_text(STATUS_NOMEM));
    /* -1 is unknown: the table may lack cities, and cities of no region are passed over. */
    for (size_t i = 0; i < cells; i++)
        metres[i] = -1;
    status = tsv_open(&tsv, copy, slice_contains(first_line, SLICE("	")) ? '	' : ',', file, err);
    while (status == STATUS_OK) {
        status = tsv_next(&tsv, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = read_row(&tsv, region, metres, err);
    }
    if (status == STATUS_OK)
        region->distances_m = metres;
    return status;
}
