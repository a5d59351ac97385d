#include "aggregator/summary.h"

#include "aggregator/interval.h"

#include <math.h>

const unsigned summary_rarefied_sizes[SUMMARY_RAREFIED_COUNT] = {2, 5, 10};

static uint64_t difference(uint64_t a, uint64_t b)
{
    return a < b ? b - a : a - b;
}

/* Integers, since a class at the very border must not depend on how a machine rounds. */
enum balance balance_of(uint64_t a, uint64_t b, const struct setting *setting)
{
    uint64_t d = 100 * difference(a, b), n = a + b;

    ENSURE(n > 0);
    if (d < setting->low_percent * n)
        return BALANCE_LOW;
    return d > setting->high_percent * n ? BALANCE_HIGH : BALANCE_MIDDLE;
}

enum balance balance_by_thirds(uint64_t a, uint64_t b)
{
    uint64_t d = 3 * difference(a, b), n = a + b;

    ENSURE(n > 0);
    if (d < n)
        return BALANCE_LOW;
    return d > 2 * n ? BALANCE_HIGH : BALANCE_MIDDLE;
}

const char *balance_text(enum balance balance)
{
    static const char *const texts[BALANCES] = {"low", "middle", "high"};

    return texts[balance];
}

/* Sums that become means at the end. */
struct sums {
    double u;
    double u_links;
    double expected;
    double squared;
    double rarefied[SUMMARY_RAREFIED_COUNT];
    uint64_t differences;
};

/* Everything a pair adds, once; which pairs count is the caller's choice. By links, a pair with
 * visits both ways weighs double: its two links have the same U. */
static void add_pair(struct summary *summary, struct sums *sums, uint64_t a, uint64_t b)
{
    uint64_t n = a + b, links = (uint64_t) (a > 0) + (b > 0);
    double u = (double) difference(a, b) / (double) n;

    summary->events += n;
    summary->links += links;
    summary->pairs++;
    summary->mutual += links == 2;
    sums->u += u;
    sums->u_links += u * (double) links;
    sums->expected += interval_expected(n);
    sums->differences += difference(a, b);
    /* With a single visit the estimate would divide by n² − n = 0. */
    if (n >= 2) {
        sums->squared += interval_squared(a, b);
        summary->squared_pairs++;
    }
    for (int i = 0; i < SUMMARY_RAREFIED_COUNT; i++)
        if (n >= summary_rarefied_sizes[i]) {
            sums->rarefied[i] += interval_rarefied(a, b, summary_rarefied_sizes[i]);
            summary->rarefied_pairs[i]++;
        }
}

/* Over nothing there is none, and 0 would be a claim. */
static double mean(double sum, uint64_t count)
{
    return count == 0 ? NAN : sum / (double) count;
}

static void finish(struct summary *summary, const struct sums *sums)
{
    summary->reciprocity_links = mean(2.0 * (double) summary->mutual, summary->links);
    summary->reciprocity_pairs = mean((double) summary->mutual, summary->pairs);
    summary->mean_u = mean(sums->u, summary->pairs);
    summary->mean_u_links = mean(sums->u_links, summary->links);
    summary->weighted_u = mean((double) sums->differences, summary->events);
    summary->expected_u = mean(sums->expected, summary->pairs);
    summary->excess_u = summary->mean_u - summary->expected_u;
    summary->squared = mean(sums->squared, summary->squared_pairs);
    for (int i = 0; i < SUMMARY_RAREFIED_COUNT; i++)
        summary->rarefied[i] = mean(sums->rarefied[i], summary->rarefied_pairs[i]);
}

struct summary summary_of(const struct network *network, const struct setting *setting,
                          const bool *chosen)
{
    struct summary summary = {0};
    struct sums sums = {0};

    ENSURE(network->cities == setting->city_count);
    for (uint32_t a = 0; a < network->cities; a++)
        for (uint32_t b = a + 1; b < network->cities; b++) {
            uint64_t out = network_visits(network, a, b), back = network_visits(network, b, a);

            if (out + back == 0 || (chosen != NULL && !chosen[setting_pair_index(setting, a, b)]))
                continue;
            add_pair(&summary, &sums, out, back);
            summary.classes[balance_of(out, back, setting)]++;
            summary.third_classes[balance_by_thirds(out, back)]++;
        }
    finish(&summary, &sums);
    return summary;
}
