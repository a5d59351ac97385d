#include "aggregator/compare_print.h"

#include "base/json.h"

#include <inttypes.h>

/* ---- for people ---- */

static struct slice run_name(const struct comparison *comparison, int which)
{
    return comparison->results[which]->setting.run;
}

static void put_funnels(const struct comparison *comparison, struct buf *out)
{
    struct funnel_stage stages[COMPARED][FUNNEL_STAGES];

    for (int which = FIRST; which < COMPARED; which++)
        funnel_stages(&comparison->results[which]->funnel, stages[which]);
    buf_printf(out, "%-28s %12.*s %12.*s\n", "", SLICE_ARG(run_name(comparison, FIRST)),
               SLICE_ARG(run_name(comparison, SECOND)));
    for (int i = 0; i < FUNNEL_STAGES; i++)
        buf_printf(out, "%-28s %12" PRIu64 " %12" PRIu64 "\n", stages[FIRST][i].name,
                   stages[FIRST][i].count, stages[SECOND][i].count);
}

/* What does not differ is not worth a line. */
static void put_count(struct buf *out, const char *what, uint64_t count)
{
    if (count > 0)
        buf_printf(out, "  %-26s %12" PRIu64 "\n", what, count);
}

static void put_only(const struct comparison *comparison, const uint64_t only[COMPARED],
                     struct buf *out)
{
    for (int which = FIRST; which < COMPARED; which++)
        if (only[which] > 0)
            buf_printf(out, "  only in %-18.*s %12" PRIu64 "\n",
                       SLICE_ARG(run_name(comparison, which)), only[which]);
}

static void put_documents(const struct comparison *comparison, struct buf *out)
{
    buf_printf(out, "\n%-28s %12" PRIu64 " of %" PRIu64 "\n", "documents read otherwise",
               comparison->documents_differing, comparison->documents);
    put_only(comparison, comparison->documents_only, out);
    for (int from = 0; from < REASONS; from++)
        for (int to = 0; to < REASONS; to++)
            if (from != to && comparison->ends[from][to] > 0)
                buf_printf(out, "  %-10s → %-13s %12" PRIu64 "\n", reason_text((enum reason) from),
                           reason_text((enum reason) to), comparison->ends[from][to]);
    put_count(out, "other themes", comparison->other_themes);
    put_count(out, "other purpose", comparison->other_purpose);
    put_count(out, "other events", comparison->other_events);
}

static void put_events(const struct comparison *comparison, struct buf *out)
{
    buf_printf(out, "\n%-28s %12" PRIu64 "\n", "events in both", comparison->events);
    put_only(comparison, comparison->events_only, out);
    put_count(out, "other themes", comparison->event_themes);
    put_count(out, "other purpose", comparison->event_purpose);
    put_count(out, "other level", comparison->event_level);
}

static void put_pairs(const struct comparison *comparison, struct buf *out)
{
    const struct results *results = comparison->results[FIRST];

    buf_printf(out, "\n%-28s %12zu\n", "pairs with other visits", comparison->pairs.count);
    for (size_t i = 0; i < comparison->pairs.count && i < COMPARE_PAIRS_SHOWN; i++) {
        const struct pair_change *pair = rows_at(&comparison->pairs, i);

        buf_printf(out, "  %.*s → %.*s: %" PRIu32 ", %" PRIu32 "\n",
                   SLICE_ARG(results_city(results, pair->origin)),
                   SLICE_ARG(results_city(results, pair->host)), pair->visits[FIRST],
                   pair->visits[SECOND]);
    }
    if (comparison->pairs.count > COMPARE_PAIRS_SHOWN)
        buf_printf(out, "  … and %zu more (--json has all)\n",
                   comparison->pairs.count - COMPARE_PAIRS_SHOWN);
}

void compare_put_table(const struct comparison *comparison, struct buf *out)
{
    put_funnels(comparison, out);
    put_documents(comparison, out);
    put_events(comparison, out);
    put_pairs(comparison, out);
    if (compare_same(comparison))
        buf_puts(out, "\nnothing differs\n");
}

/* ---- JSON ---- */

static void put_member(struct buf *out, const char *name, uint64_t value)
{
    buf_printf(out, ",\"%s\":%" PRIu64, name, value);
}

static void put_two(struct buf *out, const char *name, uint64_t first, uint64_t second)
{
    buf_printf(out, ",\"%s\":[%" PRIu64 ",%" PRIu64 "]", name, first, second);
}

/* Objects begin with their first member, so every further one is written with a comma in front. */
static void put_documents_json(const struct comparison *comparison, struct buf *out)
{
    const char *separator = "";

    buf_printf(out, ",\"documents\":{\"both\":%" PRIu64, comparison->documents);
    put_two(out, "only", comparison->documents_only[FIRST], comparison->documents_only[SECOND]);
    put_member(out, "differing", comparison->documents_differing);
    buf_puts(out, ",\"ends\":[");
    for (int from = 0; from < REASONS; from++)
        for (int to = 0; to < REASONS; to++) {
            if (from == to || comparison->ends[from][to] == 0)
                continue;
            buf_printf(out, "%s{\"from\":\"%s\",\"to\":\"%s\",\"documents\":%" PRIu64 "}",
                       separator, reason_text((enum reason) from), reason_text((enum reason) to),
                       comparison->ends[from][to]);
            separator = ",";
        }
    buf_putc(out, ']');
    put_member(out, "themes", comparison->other_themes);
    put_member(out, "purpose", comparison->other_purpose);
    put_member(out, "events", comparison->other_events);
    buf_putc(out, '}');
}

static void put_events_json(const struct comparison *comparison, struct buf *out)
{
    buf_printf(out, ",\"events\":{\"both\":%" PRIu64, comparison->events);
    put_two(out, "only", comparison->events_only[FIRST], comparison->events_only[SECOND]);
    put_member(out, "themes", comparison->event_themes);
    put_member(out, "purpose", comparison->event_purpose);
    put_member(out, "level", comparison->event_level);
    buf_putc(out, '}');
}

static void put_funnels_json(const struct comparison *comparison, struct buf *out)
{
    struct funnel_stage first[FUNNEL_STAGES], second[FUNNEL_STAGES];

    funnel_stages(&comparison->results[FIRST]->funnel, first);
    funnel_stages(&comparison->results[SECOND]->funnel, second);
    buf_puts(out, ",\"funnel\":[");
    for (int i = 0; i < FUNNEL_STAGES; i++) {
        buf_printf(out, "%s{\"stage\":\"%s\"", i == 0 ? "" : ",", first[i].name);
        put_two(out, "counts", first[i].count, second[i].count);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void put_pairs_json(const struct comparison *comparison, struct buf *out)
{
    const struct results *results = comparison->results[FIRST];

    buf_puts(out, ",\"pairs\":[");
    for (size_t i = 0; i < comparison->pairs.count; i++) {
        const struct pair_change *pair = rows_at(&comparison->pairs, i);

        buf_puts(out, i == 0 ? "{\"origin\":" : ",{\"origin\":");
        json_put_text(out, results_city(results, pair->origin));
        buf_puts(out, ",\"host\":");
        json_put_text(out, results_city(results, pair->host));
        put_two(out, "visits", pair->visits[FIRST], pair->visits[SECOND]);
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

void compare_put_json(const struct comparison *comparison, struct buf *out)
{
    buf_puts(out, "{\"job\":");
    json_put_text(out, comparison->results[FIRST]->setting.job);
    buf_puts(out, ",\"runs\":[");
    json_put_text(out, run_name(comparison, FIRST));
    buf_putc(out, ',');
    json_put_text(out, run_name(comparison, SECOND));
    buf_printf(out, "],\"same\":%s", compare_same(comparison) ? "true" : "false");
    put_documents_json(comparison, out);
    put_events_json(comparison, out);
    put_funnels_json(comparison, out);
    put_pairs_json(comparison, out);
    buf_puts(out, "}\n");
}
