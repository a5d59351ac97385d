/*
 * event_combine: the reports of a cluster made into one event, by the codebook's rules.
 *
 * Rules  aggregator/events.h states them. Private to the building of events.
 * Order  Everything combined is a set, a maximum or an existence: the order of reports does not
 *        matter.
 */
#ifndef XUNFANG_AGGREGATOR_EVENT_COMBINE_H
#define XUNFANG_AGGREGATOR_EVENT_COMBINE_H

#include "aggregator/events.h"

/* Appends one event a cluster to events->events; events->items are sorted as `clusters` number
 * them. Texts go to the dataset's strings. STATUS_NOMEM, STATUS_TOO_LARGE. */
CHECKED enum status event_combine(const struct event_source *source, const struct rows *clusters,
                                  struct events *events, struct error *err);

/* hash(origin, host, day, ordinal): the identity of an event. */
struct id event_identity(struct slice origin, struct slice host, int32_t day, uint32_t ordinal);

#endif
