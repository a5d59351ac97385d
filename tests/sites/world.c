#include "tests/sites/world.h"

#include "tests/sites/dialect.h"
#include "tests/sites/embedded.h"
#include "tests/sites/population.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Themes first: the other files refer to them. */
static enum status load_grammar(struct world *world, struct error *err)
{
    const struct slice files[] = {embedded_file("themes.txt"), embedded_file("visits.txt"),
                                  embedded_file("lookalikes.txt"), embedded_file("ordinary.txt")};

    return grammar_create(files, sizeof files / sizeof files[0], &world->grammar, err);
}

enum status world_create(struct world_options options, struct world **created, struct error *err)
{
    struct world *world;
    enum status status;

    if (options.documents == 0 || options.documents > WORLD_DOCUMENTS_MAX)
        return error_set(err, STATUS_INVALID, "documents: 1 to %d", WORLD_DOCUMENTS_MAX);
    world = calloc(1, sizeof *world);
    if (world == NULL)
        return error_set(err, STATUS_NOMEM, "world");
    world->options = options;
    status = places_load(&world->places, err);
    if (status == STATUS_OK)
        status = load_grammar(world, err);
    if (status != STATUS_OK) {
        world_destroy(world);
        return status;
    }
    *created = world;
    return STATUS_OK;
}

void world_destroy(struct world *world)
{
    if (world == NULL)
        return;
    grammar_destroy(world->grammar);
    free(world->trips);
    free(world->documents);
    free(world->list_start);
    free(world->listed);
    free(world);
}

enum status world_add_site(struct world *world, const char *address, uint16_t port,
                           struct slice city, struct slice dialect, struct error *err)
{
    struct site site = {.port = port, .dialect = dialect};
    int found = places_find(&world->places, city);

    if (found < 0)
        return error_set(err, STATUS_INVALID, "no city %.*s", SLICE_ARG(city));
    if (dialect_find(dialect) == NULL)
        return error_set(err, STATUS_INVALID, "no dialect %.*s", SLICE_ARG(dialect));
    if (world->site_count == WORLD_SITES_MAX)
        return error_set(err, STATUS_TOO_LARGE, "more than %d sites", WORLD_SITES_MAX);
    snprintf(site.address, sizeof site.address, "%s", address);
    snprintf(site.host, sizeof site.host, "%s:%u", address, (unsigned) port);
    site.city = (uint8_t) found;
    site.example = slice_equal(dialect, SLICE("plain-list"));
    site.gbk =
        site.example || slice_equal(dialect, SLICE("trs-was5")) || world->site_count % 4 == 1;
    world->sites[world->site_count++] = site;
    world->region |= (uint64_t) 1 << found;
    return STATUS_OK;
}

/* Where the list of a site for a city stands in list_start. */
static size_t list_place(const struct world *world, uint32_t site, int city)
{
    return (size_t) site * world->places.city_count + (size_t) city;
}

/* Counting sort of (document, named city) by list, so that a list is a contiguous run in the order
 * of the numbers. */
static enum status index_lists(struct world *world, struct error *err)
{
    size_t lists = list_place(world, world->site_count, 0);
    uint32_t total = 0;

    world->list_start = calloc(lists + 2, sizeof *world->list_start);
    if (world->list_start == NULL)
        return error_set(err, STATUS_NOMEM, "%zu lists", lists);
    for (uint32_t i = 0; i < world->document_count; i++) {
        const struct document *document = &world->documents[i];

        total += document->mentions;
        for (uint8_t m = 0; m < document->mentions; m++)
            world->list_start[list_place(world, document->site, document->mention[m]) + 2]++;
    }
    for (size_t i = 2; i < lists + 2; i++)
        world->list_start[i] += world->list_start[i - 1];
    world->listed = calloc((size_t) total + 1, sizeof *world->listed);
    if (world->listed == NULL)
        return error_set(err, STATUS_NOMEM, "%u hits", (unsigned) total);
    for (uint32_t i = 0; i < world->document_count; i++) {
        const struct document *document = &world->documents[i];

        for (uint8_t m = 0; m < document->mentions; m++) {
            size_t list = list_place(world, document->site, document->mention[m]);
            world->listed[world->list_start[list + 1]++] = i;
        }
    }
    return STATUS_OK;
}

enum status world_build(struct world *world, struct error *err)
{
    enum status status = STATUS_OK;

    if ((world->region & (world->region - 1)) == 0)
        return error_set(err, STATUS_INVALID, "the sites must belong to at least two cities");
    status = population_fill(world, err);
    return status == STATUS_OK ? index_lists(world, err) : status;
}

const uint32_t *world_hits(const struct world *world, uint32_t site, int city, uint32_t *count)
{
    size_t list = list_place(world, site, city);

    *count = world->list_start[list + 1] - world->list_start[list];
    return world->listed + world->list_start[list];
}

struct random world_random(const struct world *world, uint64_t thing, uint64_t aspect)
{
    struct random random;

    random_init(&random, world->options.seed ^ (thing * 0x9E3779B97F4A7C15u) ^ (aspect << 56));
    random_init(&random, random_next(&random));
    return random;
}

uint32_t world_text_of(const struct world *world, uint32_t number)
{
    /* At most two steps: a dead end borrows from a page, which may be a copy, whose source is
     * none. */
    while (world->documents[number].kind == KIND_COPY || world->documents[number].kind >= KIND_DEAD)
        number = world->documents[number].ref;
    return number;
}
