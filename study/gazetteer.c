#include "study/gazetteer.h"

#include "study/gazetteer_data.h"
#include "study/gazetteer_facts.h"
#include "study/gazetteer_names.h"
#include "study/text.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATH_SIZE = 4096 };

static enum status read_all(struct gazetteer *g, const char *directory, struct error *err)
{
    enum status status = gazetteer_read_divisions(g, directory, err);

    if (status == STATUS_OK)
        status = gazetteer_read_names(g, directory, err);
    if (status == STATUS_OK)
        status = gazetteer_read_facts(g, directory, err);
    return status;
}

enum status gazetteer_load(const char *data_dir, struct gazetteer **gazetteer, struct error *err)
{
    struct gazetteer *g = calloc(1, sizeof *g);
    char directory[PATH_SIZE];
    enum status status;

    if (g == NULL || (g->arena = arena_create(GAZETTEER_MEMORY_MAX)) == NULL) {
        free(g);
        return error_set(err, STATUS_NOMEM, "gazetteer: %s", status_text(STATUS_NOMEM));
    }
    (void) snprintf(directory, sizeof directory, "%s/regions/china", data_dir);
    status = read_all(g, directory, err);
    if (status != STATUS_OK) {
        gazetteer_destroy(g);
        return status;
    }
    (void) id_text(g->version, g->version_text);
    *gazetteer = g;
    return STATUS_OK;
}

void gazetteer_destroy(struct gazetteer *g)
{
    if (g == NULL)
        return;
    trie_destroy(g->trie);
    trie_destroy(g->behind);
    arena_destroy(g->arena);
    free(g);
}

const char *gazetteer_version(const struct gazetteer *g)
{
    return g->version_text;
}

/* ---- cities ---- */

size_t gazetteer_city_count(const struct gazetteer *g)
{
    return g->city_count;
}

const struct city *gazetteer_city_at(const struct gazetteer *g, size_t index)
{
    ENSURE(index < g->city_count);
    return &g->cities[index];
}

const struct city *gazetteer_find_city(const struct gazetteer *g, struct slice name)
{
    const struct place *places[GAZETTEER_PLACES_MAX];
    uint32_t index;
    size_t count;

    if (!gazetteer_find_name(g, name, &index))
        return NULL;
    count = gazetteer_places(g, index, CIVIL_NONE, places, GAZETTEER_PLACES_MAX);
    for (size_t i = 0; i < count; i++)
        if (places[i]->level == PLACE_CITY)
            return places[i]->city;
    return NULL;
}

/* ---- names in texts ---- */

/* Does a word stand at `at` that makes the name before it no place? 南京路, 苏州大学 */
static bool spoiled(const struct gazetteer *g, struct slice text, size_t at, enum name_form form)
{
    uint32_t ignored;

    /* A full name (苏州市) says by itself that it is a place. */
    return form != NAME_FULL && trie_match(g->behind, text, at, &ignored) > 0;
}

size_t gazetteer_scan(const struct gazetteer *g, struct slice text, struct mention *mentions,
                      size_t max)
{
    size_t count = 0;
    size_t at = 0;

    while (at < text.size && count < max) {
        uint32_t value;
        uint32_t code_point;
        size_t size = trie_match(g->trie, text, at, &value);
        if (size == 0) {
            (void) text_next(text, &at, &code_point);
            continue;
        }
        /* A word that hides a name is stepped over like one: that is all it is there for. */
        if (value != NAME_NO_PLACE) {
            const struct gazetteer_name *name = &g->names[value];
            if (!spoiled(g, text, at + size, name->form))
                mentions[count++] =
                    (struct mention){at, size, name->form, name->common_word, value};
        }
        at += size;
    }
    return count;
}

bool gazetteer_find_name(const struct gazetteer *g, struct slice text, uint32_t *name)
{
    uint32_t value;

    if (!trie_find(g->trie, text, &value) || value == NAME_NO_PLACE)
        return false;
    *name = value;
    return true;
}

static bool valid_on(const struct place *place, int32_t day)
{
    if (day == CIVIL_NONE)
        return place->valid_to == CIVIL_NONE;
    /* The day of a change belongs to what comes after it. */
    return place->valid_from <= day && (place->valid_to == CIVIL_NONE || day < place->valid_to);
}

/* Readings valid on the day; with `any` all of them. */
static size_t collect(const struct gazetteer *g, uint32_t name, int32_t day, bool any,
                      const struct place **places)
{
    const struct gazetteer_name *n = &g->names[name];
    size_t count = 0;

    for (size_t i = 0; i < n->reading_count; i++) {
        const struct place *place = &g->places[g->readings[n->first_reading + i]];
        if (any || valid_on(place, day))
            places[count++] = place;
    }
    return count;
}

size_t gazetteer_places(const struct gazetteer *g, uint32_t name, int32_t day,
                        const struct place **places, size_t max)
{
    const struct place *found[GAZETTEER_PLACES_MAX];
    size_t count;

    ENSURE(name < g->name_count);
    count = collect(g, name, day, false, found);
    if (count == 0) /* a text may use a name before or after its time */
        count = collect(g, name, day, true, found);
    if (count > max)
        count = max;
    for (size_t i = 0; i < count; i++)
        places[i] = found[i];
    return count;
}

size_t gazetteer_cities(const struct gazetteer *g, uint32_t name, int32_t day,
                        const struct city **cities, size_t max)
{
    const struct place *places[GAZETTEER_PLACES_MAX];
    size_t readings = gazetteer_places(g, name, day, places, GAZETTEER_PLACES_MAX);
    size_t count = 0;

    for (size_t i = 0; i < readings && count < max; i++) {
        size_t at = 0;
        if (places[i]->city == NULL)
            continue;
        /* Sorted by code as they come: few, and each once. */
        while (at < count && cities[at]->code < places[i]->city->code)
            at++;
        if (at < count && cities[at] == places[i]->city)
            continue;
        for (size_t j = count; j > at; j--)
            cities[j] = cities[j - 1];
        cities[at] = places[i]->city;
        count++;
    }
    return count;
}

/* ---- abbreviations ---- */

/* Places collected for one character. */
struct collection {
    const struct place **places;
    size_t count;
    size_t max;
};

static void collect_place(struct collection *c, const struct place *place)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->places[i] == place)
            return;
    if (c->count < c->max)
        c->places[c->count++] = place;
}

/* The places listed under this character that belong to `site`; NULL: to any city. */
static void collect_listed(const struct gazetteer *g, struct slice character,
                           const struct city *site, struct collection *c)
{
    for (size_t i = 0; i < g->abbreviation_count; i++) {
        const struct place *place = &g->places[g->abbreviations[i].place];
        if (slice_equal(g->abbreviations[i].text, character) &&
            (site == NULL || place->city == site))
            collect_place(c, place);
    }
}

/* Of the publisher's own city any place with the character in its name will do (来邮: 高邮). */
static void collect_within(const struct gazetteer *g, struct slice character,
                           const struct city *site, struct collection *c)
{
    for (size_t i = 0; i < g->place_count; i++) {
        const struct place *place = &g->places[i];
        if (place->city == site && place->level != PLACE_ZONE && place->valid_to == CIVIL_NONE &&
            slice_contains(place->short_name, character))
            collect_place(c, place);
    }
}

size_t gazetteer_abbreviation(const struct gazetteer *g, struct slice character,
                              const struct city *site, const struct place **places, size_t max)
{
    struct collection c = {places, 0, max};

    if (site != NULL) {
        collect_listed(g, character, site, &c);
        collect_within(g, character, site, &c);
    }
    collect_listed(g, character, NULL, &c);
    return c.count;
}
