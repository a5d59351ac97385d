/*
 * Moves only set flags: they come between batches, where the state may not be read. What follows
 * from them is done at the next record or tick, by one pass over the hosts, which are in memory
 * whoever owns them: a partition that comes back finds its hosts where they were.
 */
#include "crawler/frontier_parts.h"

#include "crawler/courtesy.h"
#include "crawler/frontier_count.h"

enum { LONGEST_TIMEOUT_MS = 10 * 60 * 1000 }; /* the most a job can ask for */

void frontier_parts_init(struct frontier *frontier, int64_t others_ms)
{
    for (uint32_t i = 0; i < frontier->part_count; i++)
        frontier->parts[i] = (struct part){
            .ours = !frontier->options.shared,
            .past.others_ms = frontier->options.shared ? 0 : others_ms,
        };
    frontier->moved = true;
    frontier->holding = true;
}

/* The heap is put right with the next batch, so that a burst of moves costs one pass. */
void frontier_part_moved(struct frontier *frontier, size_t part, enum fold_move move,
                         const struct fold_past *past)
{
    ENSURE(frontier->options.shared && part < frontier->part_count);
    frontier->parts[part].ours = move != FOLD_LOST;
    frontier->parts[part].past = *past;
    frontier->moved = true;
    frontier->holding = true;
}

/* What we do not know of for sure is as long as it can be. */
static int64_t longest_timeout(const struct frontier *frontier)
{
    const struct frontier_options *options = &frontier->options;
    int64_t longest = options->longest_timeout == NULL ? LONGEST_TIMEOUT_MS
                                                       : options->longest_timeout(options->self);

    return longest < 0 || longest > LONGEST_TIMEOUT_MS ? LONGEST_TIMEOUT_MS : longest;
}

/* His own word is better than what we must assume: it knows which leases are out, and for whom. */
static int64_t hold_of(const struct part *part, int64_t timeout_ms)
{
    if (part->past.others_ms == 0)
        return 0;
    if (part->past.until_ms != 0)
        return part->past.until_ms + COURTESY_SKEW_MS;
    return courtesy_hold_ms(part->past.others_ms, timeout_ms);
}

/* A host's last request may have ended when its lease ran out, of which no record tells. */
int64_t frontier_part_reach(const struct frontier *frontier, size_t part)
{
    int64_t reach = hold_of(&frontier->parts[part], longest_timeout(frontier));

    for (size_t i = 0; i < hosts_count(frontier->hosts); i++) {
        const struct host *host = hosts_at(frontier->hosts, i);
        int64_t over_ms = host->leased ? host->free_ms : host->ended_ms;
        if (host->part == part && over_ms > reach)
            reach = over_ms;
    }
    return reach;
}

void frontier_parts_tick(struct frontier *frontier)
{
    int64_t timeout_ms;

    if (!frontier->holding)
        return;
    timeout_ms = longest_timeout(frontier);
    frontier->holding = false;
    for (uint32_t i = 0; i < frontier->part_count; i++) {
        struct part *part = &frontier->parts[i];
        part->hold_ms = hold_of(part, timeout_ms);
        frontier->holding = frontier->holding || (part->ours && part->hold_ms > frontier->now_ms);
    }
}

void frontier_parts_clamp(struct frontier *frontier, int64_t now_ms)
{
    for (uint32_t i = 0; i < frontier->part_count; i++)
        if (frontier->parts[i].past.others_ms > now_ms)
            frontier->parts[i].past = (struct fold_past){.others_ms = now_ms};
    frontier->holding = true;
}

static enum status count_lease(struct frontier *frontier, const struct host *host,
                               struct error *err)
{
    struct job_count *count = NULL;
    enum status status;

    frontier->leases++;
    if (host->payer[0] == '\0') /* a state of before payers were kept */
        return STATUS_OK;
    status = frontier_count(frontier, slice_from(host->payer), &count, err);
    if (status == STATUS_OK)
        count->leases++;
    return status;
}

/* Counted anew, not by what came and went: a lease that ended elsewhere was never told to us. */
enum status frontier_parts_settle(struct frontier *frontier, struct error *err)
{
    enum status status = STATUS_OK;

    if (!frontier->moved)
        return STATUS_OK;
    frontier->moved = false;
    frontier->leases = 0;
    frontier_count_no_leases(frontier);
    for (size_t i = 0; i < hosts_count(frontier->hosts) && status == STATUS_OK; i++) {
        const struct host *host = hosts_at(frontier->hosts, i);
        if (host->leased && frontier_ours(frontier, host))
            status = count_lease(frontier, host, err);
    }
    hosts_wake(frontier->hosts);
    return status;
}

struct part_totals frontier_parts_totals(const struct frontier *frontier)
{
    struct part_totals totals = {0, 0};

    for (uint32_t i = 0; i < frontier->part_count; i++) {
        totals.ours += frontier->parts[i].ours;
        totals.held += frontier->parts[i].ours && frontier->parts[i].hold_ms > frontier->now_ms;
    }
    return totals;
}
