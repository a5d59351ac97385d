#include "aggregator/network.h"

#include "aggregator/textset.h"

#include <stdlib.h>
#include <string.h>

static size_t cells(const struct network *network)
{
    return (size_t) network->cities * network->cities;
}

enum status network_create(uint32_t cities, struct network *network, struct error *err)
{
    struct network made = {.cities = cities};

    /* One more than needed: calloc of nothing may give NULL. */
    made.visits = calloc(cells(&made) + 1, sizeof *made.visits);
    if (made.visits == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a network of %u cities", cities);
    *network = made;
    return STATUS_OK;
}

void network_fini(struct network *network)
{
    free(network->visits);
    network->visits = NULL;
}

void network_clear(struct network *network)
{
    memset(network->visits, 0, cells(network) * sizeof *network->visits);
}

static uint32_t *cell(const struct network *network, uint32_t origin, uint32_t host)
{
    ENSURE(origin < network->cities && host < network->cities);
    return &network->visits[(size_t) origin * network->cities + host];
}

uint32_t network_visits(const struct network *network, uint32_t origin, uint32_t host)
{
    return *cell(network, origin, host);
}

void network_add(struct network *network, uint32_t origin, uint32_t host)
{
    ++*cell(network, origin, host);
}

int network_year(int32_t day)
{
    return day == CIVIL_NONE ? 0 : civil_from_day(day).year;
}

/* Every unset part of the filter lets all through. */
bool network_takes(const struct dataset *dataset, const struct event *event,
                   const struct network_filter *filter)
{
    if (filter->kind == NETWORK_COOPERATIVE && !event->cooperative)
        return false;
    if (filter->kind == NETWORK_LEARNING && (event->cooperative || event->purpose == 0))
        return false;
    if (filter->year != 0 && network_year(event->day) != filter->year)
        return false;
    if ((event->reporters & filter->reporters) != filter->reporters)
        return false;
    if (filter->level.data != NULL &&
        !slice_equal(dataset_text(dataset, event->level), filter->level))
        return false;
    return filter->theme.data == NULL ||
           textset_joined_has(dataset_text(dataset, event->themes), filter->theme);
}

void network_fill(struct network *network, const struct dataset *dataset,
                  const struct events *events, const struct network_filter *filter)
{
    for (size_t i = 0; i < events_count(events); i++) {
        const struct event *event = events_at(events, i);

        if (network_takes(dataset, event, filter))
            network_add(network, event->origin, event->host);
    }
}

const char *network_kind_text(enum network_kind kind)
{
    static const char *const texts[NETWORK_KINDS] = {"all", "cooperative", "learning"};

    return texts[kind];
}
