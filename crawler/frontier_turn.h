/*
 * frontier_turn: looks at one host that is due. Private to the frontier.
 *
 * Steps  Leases whose time is over end; what waited long enough is queued; a host given up gives
 *        verdicts; else, if courtesy and the job's limits allow, the next job in turn gets a lease.
 * Due    A host without anything to do is due never: the next record for it changes that.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_TURN_H
#define XUNFANG_CRAWLER_FRONTIER_TURN_H

#include "crawler/frontier_core.h"

/* Sets when the host is due next, always later than now. */
CHECKED enum status frontier_serve(struct frontier *frontier, struct host *host, struct error *err);

#endif
