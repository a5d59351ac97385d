#include "base/llm/answers_flight.h"

#include "base/llm/answers_budget.h"
#include "base/util/map.h"

#include <stdlib.h>

/* Records of ours on one key that the log has not given back. At most one of them is a claim: a
 * key with something on its way is never claimed. */
struct plane {
    unsigned records;
    struct answers_cost reserve; /* of the claim among them */
};

struct flight {
    struct map *planes; /* by key */
    struct answers_cost reserved;
};

struct flight *flight_create(void)
{
    struct flight *flight = calloc(1, sizeof *flight);

    if (flight == NULL)
        return NULL;
    flight->planes = map_create();
    if (flight->planes == NULL) {
        free(flight);
        return NULL;
    }
    return flight;
}

void flight_destroy(struct flight *flight)
{
    size_t cursor = 0;
    void *plane;

    if (flight == NULL)
        return;
    while (map_next(flight->planes, &cursor, NULL, &plane))
        free(plane);
    map_destroy(flight->planes);
    free(flight);
}

/* NULL when memory is out. */
static struct plane *find_or_make(struct flight *flight, struct id key)
{
    struct plane *plane = map_get(flight->planes, id_slice(&key));

    if (plane != NULL)
        return plane;
    plane = calloc(1, sizeof *plane);
    if (plane == NULL || map_put(flight->planes, id_slice(&key), plane) != STATUS_OK) {
        free(plane);
        return NULL;
    }
    return plane;
}

enum status flight_add(struct flight *flight, struct id key, const struct answers_cost *reserve,
                       struct error *err)
{
    struct plane *plane = find_or_make(flight, key);

    if (plane == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for an answer's record");
    plane->records++;
    if (reserve != NULL) {
        plane->reserve = *reserve;
        flight->reserved = cost_plus(flight->reserved, *reserve);
    }
    return STATUS_OK;
}

/* A record that the log holds twice, or that is read again after a wipe, finds no plane. */
void flight_land(struct flight *flight, struct id key, bool claim)
{
    struct plane *plane = map_get(flight->planes, id_slice(&key));

    if (plane == NULL)
        return;
    plane->records--;
    if (claim) {
        flight->reserved = cost_minus(flight->reserved, plane->reserve);
        plane->reserve = (struct answers_cost){0};
    }
    if (plane->records == 0)
        free(map_remove(flight->planes, id_slice(&key)));
}

bool flight_has(const struct flight *flight, struct id key)
{
    return map_get(flight->planes, id_slice(&key)) != NULL;
}

struct answers_cost flight_reserved(const struct flight *flight)
{
    return flight->reserved;
}
