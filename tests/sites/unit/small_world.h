/* A world of a few sites for the tests of the simulator. */
#ifndef XUNFANG_SITES_UNIT_SMALL_WORLD_H
#define XUNFANG_SITES_UNIT_SMALL_WORLD_H

#include "tests/sites/dialect.h"
#include "tests/sites/world.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

/* One site for each of the first `cities` cities, with their own dialects. */
static inline struct world *city_world(uint64_t seed, uint32_t documents, int cities)
{
    struct world_options options = {.seed = seed, .documents = documents};
    struct world *world = NULL;
    char address[16];

    assert_int_equal(world_create(options, &world, NULL), STATUS_OK);
    for (int i = 0; i < cities; i++) {
        snprintf(address, sizeof address, "127.0.2.%d", i + 1);
        assert_int_equal(world_add_site(world, address, 18080, world->places.cities[i].name,
                                        world->places.cities[i].dialect, NULL),
                         STATUS_OK);
    }
    assert_int_equal(world_build(world, NULL), STATUS_OK);
    return world;
}

/* One site for every dialect there is; the sites' cities repeat. */
static inline struct world *dialect_world(uint32_t documents, bool faults)
{
    struct world_options options = {.seed = 3, .documents = documents, .faults = faults};
    struct world *world = NULL;
    char address[16];
    int city = 0;

    assert_int_equal(world_create(options, &world, NULL), STATUS_OK);
    for (const struct dialect *dialect = dialect_all(); dialect->name != NULL; dialect++) {
        snprintf(address, sizeof address, "127.0.2.%d", city + 1);
        assert_int_equal(world_add_site(world, address, 80, world->places.cities[city % 12].name,
                                        slice_from(dialect->name), NULL),
                         STATUS_OK);
        city++;
    }
    assert_int_equal(world_build(world, NULL), STATUS_OK);
    return world;
}

#endif
