/*
 * frontier_parts: the partitions of `urls`: which are ours, and until when others may still act on
 * them. Private to the frontier.
 *
 * Ours     Where the inputs come and go (frontier_options.shared) a partition is ours between its
 *          moves; else all that we ever get is. A host that is not ours is due never, and its
 *          lease is not counted.
 * Hold     After a partition was gained its hosts get no lease until every lease that its former
 *          owner may have granted is over. If he left it in order he has told when that is (his
 *          reach); else it is the longest lease, the longest request of any job, the clocks'
 *          differences (courtesy_hold_ms). What was sent last under those leases may have ended
 *          only then, so each host's delay counts from there.
 * Lost     A state that was lost is a partition gained now.
 * Longest  is asked for at each tick as long as a hold lasts: jobs come.
 */
#ifndef XUNFANG_CRAWLER_FRONTIER_PARTS_H
#define XUNFANG_CRAWLER_FRONTIER_PARTS_H

#include "crawler/frontier_core.h"

/* All partitions as they are before anything moves. `others_ms`: until then others may have acted
 * on a partition whose moves nobody will tell; 0: nobody has. */
void frontier_parts_init(struct frontier *frontier, int64_t others_ms);
void frontier_part_moved(struct frontier *frontier, size_t part, enum fold_move move,
                         const struct fold_past *past);
/* When every lease is over that was granted on this partition, by us or before us. */
int64_t frontier_part_reach(const struct frontier *frontier, size_t part);
/* After moves: which hosts are due, how many leases are under way and whose. Does nothing without
 * moves; to be called before anything that looks at hosts. */
CHECKED enum status frontier_parts_settle(struct frontier *frontier, struct error *err);
/* The holds as of now. */
void frontier_parts_tick(struct frontier *frontier);
/* Mends times after somebody set the clock back. */
void frontier_parts_clamp(struct frontier *frontier, int64_t now_ms);

static inline bool frontier_ours(const struct frontier *frontier, const struct host *host)
{
    return frontier->parts[host->part].ours;
}

/* No lease for the host before; 0: no hold was ever needed. */
static inline int64_t frontier_hold_ms(const struct frontier *frontier, const struct host *host)
{
    return frontier->parts[host->part].hold_ms;
}

/* When the last request to the host may have ended; 0: nothing was ever sent. */
static inline int64_t frontier_ended_ms(const struct frontier *frontier, const struct host *host)
{
    int64_t hold_ms = frontier_hold_ms(frontier, host);

    return host->ended_ms > hold_ms ? host->ended_ms : hold_ms;
}

/* How many partitions are ours, and on how many of these nothing is sent yet. */
struct part_totals {
    size_t ours;
    size_t held;
};
struct part_totals frontier_parts_totals(const struct frontier *frontier);

#endif
