/*
 * trips: which events belong to one journey of a delegation.
 *
 * Rule   Two events of one origin that one report tells, at most TRIP_DAYS_MAX days apart or one of
 *        them without a day, are of one trip; and so on from event to event. The trip's id is the
 *        id of its first event in the order of events.h.
 * Order  The result depends on the set of events and reports alone.
 */
#ifndef XUNFANG_AGGREGATOR_TRIPS_H
#define XUNFANG_AGGREGATOR_TRIPS_H

#include "aggregator/events.h"

/* Sets `trip` of every event; they must be sorted already. STATUS_NOMEM. */
CHECKED enum status trips_find(const struct dataset *dataset, struct events *events,
                               struct error *err);

#endif
