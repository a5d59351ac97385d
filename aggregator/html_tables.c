#include "aggregator/html_tables.h"

#include "aggregator/html.h"
#include "aggregator/html_put.h"
#include "aggregator/interval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A long tail of lists belongs into lists.csv, not on the page. */
void html_missing_lists(const struct results *results, struct buf *out)
{
    uint32_t shown = 0;
    struct buf reason;

    if (results->lists.states[LIST_COMPLETE] == results->lists.count)
        return;
    buf_init(&reason, 1 << 16);
    html_table_begin(out, "网站 site|检索词 keyword|已收 collected|状态 state|原因 reason");
    for (uint32_t i = 0; i < results->lists.count; i++) {
        const struct list_row *row = &results->lists.rows[i];

        if (row->state == LIST_COMPLETE || shown++ >= HTML_LISTS_SHOWN)
            continue;
        buf_reset(&reason);
        list_reason(results->dataset, row, &reason);
        html_row_begin(out);
        html_cell_text(out, results->setting.lists[i].publisher);
        html_cell_text(out, results->setting.lists[i].keyword);
        html_cell_uint(out, row->collected);
        html_cell_text(out, slice_from(list_state_text(row->state)));
        html_cell_text(out, buf_slice(&reason));
        html_row_end(out);
    }
    html_table_end(out);
    if (shown > HTML_LISTS_SHOWN)
        buf_printf(out, "<p>… %u 个列表见 more in lists.csv</p>\n", shown - HTML_LISTS_SHOWN);
    buf_fini(&reason);
}

void html_funnel(const struct results *results, struct buf *out)
{
    static const char *const chinese[FUNNEL_STAGES] = {"检索列表", "命中",     "文献",    "筛选后",
                                                       "考察",     "考察事件", "合作事件"};
    struct funnel_stage stages[FUNNEL_STAGES];

    html_heading(out, "漏斗", "Funnel");
    funnel_stages(&results->funnel, stages);
    html_table_begin(out, "阶段|stage|数量 count");
    for (int i = 0; i < FUNNEL_STAGES; i++) {
        html_row_begin(out);
        html_cell_text(out, slice_from(chinese[i]));
        html_cell_text(out, slice_from(stages[i].name));
        html_cell_uint(out, stages[i].count);
        html_row_end(out);
    }
    html_table_end(out);
    html_paragraph(out, "每篇文献只有一个去向，先中者为准：",
                   "Every document has one reason, the first that holds:");
    html_table_begin(out, "去向 reason|文献 documents");
    for (int i = 0; i < REASONS; i++) {
        html_row_begin(out);
        html_cell_text(out, slice_from(reason_text((enum reason) i)));
        html_cell_uint(out, results->funnel.reasons[i]);
        html_row_end(out);
    }
    html_table_end(out);
}

static const struct summary *whole(const struct results *results, int kind)
{
    return measures_find(&results->measures[kind], MEASURE_WHOLE, "");
}

static void put_classes(struct buf *out, const uint64_t classes[BALANCES])
{
    buf_printf(
        out, "<td class=\"n\">%llu / %llu / %llu</td>", (unsigned long long) classes[BALANCE_LOW],
        (unsigned long long) classes[BALANCE_MIDDLE], (unsigned long long) classes[BALANCE_HIGH]);
}

/* Both units of reciprocity and of mean U side by side: studies differ in which they mean. */
void html_networks(const struct results *results, struct buf *out)
{
    html_heading(out, "网络", "Networks");
    html_table_begin(out, "网络 network|访问 visits|有向边 links|城市对 pairs|互惠率·按边 by link|"
                          "互惠率·按对 by pair|平均 U·按对 by pair|平均 U·按边 by link|"
                          "随机期望 by chance|超出 excess|加权 U weighted|低/中/高 classes|"
                          "按 1/3、2/3");
    for (int kind = 0; kind < NETWORK_KINDS; kind++) {
        const struct summary *summary = whole(results, kind);

        html_row_begin(out);
        html_cell_text(out, slice_from(network_kind_text((enum network_kind) kind)));
        html_cell_uint(out, summary->events);
        html_cell_uint(out, summary->links);
        html_cell_uint(out, summary->pairs);
        html_cell_number(out, summary->reciprocity_links, 3);
        html_cell_number(out, summary->reciprocity_pairs, 3);
        html_cell_number(out, summary->mean_u, 3);
        html_cell_number(out, summary->mean_u_links, 3);
        html_cell_number(out, summary->expected_u, 3);
        html_cell_number(out, summary->excess_u, 3);
        html_cell_number(out, summary->weighted_u, 3);
        put_classes(out, summary->classes);
        put_classes(out, summary->third_classes);
        html_row_end(out);
    }
    html_table_end(out);
}

static void put_part(const struct results *results, enum measure_group group, const char *chinese,
                     const char *english, struct buf *out)
{
    const struct rows *rows = &results->measures[NETWORK_ALL].rows;

    buf_printf(out, "<h3>%s <small lang=\"en\">%s</small></h3>\n", chinese, english);
    html_table_begin(out, "|访问 visits|城市对 pairs|平均 U mean|随机期望 by chance|"
                          "超出 excess|加权 U weighted|合作 cooperative|合作 U");
    for (size_t i = 0; i < rows->count; i++) {
        const struct measure *measure = rows_at(rows, i);
        const struct summary *cooperative;

        if (measure->group != group)
            continue;
        cooperative = measures_find(&results->measures[NETWORK_COOPERATIVE], group, measure->key);
        html_row_begin(out);
        html_cell_text(out, slice_from(measure->key));
        html_cell_uint(out, measure->summary.events);
        html_cell_uint(out, measure->summary.pairs);
        html_cell_number(out, measure->summary.mean_u, 3);
        html_cell_number(out, measure->summary.expected_u, 3);
        html_cell_number(out, measure->summary.excess_u, 3);
        html_cell_number(out, measure->summary.weighted_u, 3);
        html_cell_uint(out, cooperative == NULL ? 0 : cooperative->events);
        html_cell_number(out, cooperative == NULL ? NAN : cooperative->mean_u, 3);
        html_row_end(out);
    }
    html_table_end(out);
}

void html_parts(const struct results *results, struct buf *out)
{
    html_heading(out, "分组", "Parts of the network");
    put_part(results, MEASURE_THEME, "主题", "themes (an event may have several)", out);
    put_part(results, MEASURE_LEVEL, "级别", "level of the visiting side", out);
    put_part(results, MEASURE_YEAR, "年份", "year of the visit", out);
    put_part(results, MEASURE_YEAR_CONSTANT, "年份（不变的城市对）",
             "year, pairs with visits in every year", out);
    put_part(results, MEASURE_DISTANCE, "距离（公里）", "distance in km", out);
    put_part(results, MEASURE_DISTANCE_SAME, "距离，同省", "distance, same province", out);
    put_part(results, MEASURE_DISTANCE_OTHER, "距离，跨省", "distance, other province", out);
    put_part(results, MEASURE_CLASS, "城市对类别", "class of pair", out);
    put_part(results, MEASURE_REPORTER, "报道方", "reporting side (at least)", out);
}

struct strong_pair {
    uint32_t a;
    uint32_t b;
    uint64_t w_ab;
    uint64_t w_ba;
};

/* City codes break ties, so the table does not depend on the sort. */
static int by_visits(const void *x, const void *y)
{
    const struct strong_pair *p = x, *q = y;
    uint64_t m = p->w_ab + p->w_ba, n = q->w_ab + q->w_ba;

    if (m != n)
        return m > n ? -1 : 1;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

static size_t collect_pairs(const struct results *results, struct strong_pair *pairs)
{
    const struct network *network = &results->networks[NETWORK_ALL];
    size_t count = 0;

    for (uint32_t a = 0; a < network->cities; a++)
        for (uint32_t b = a + 1; b < network->cities; b++) {
            uint64_t w_ab = network_visits(network, a, b), w_ba = network_visits(network, b, a);

            if (w_ab + w_ba > 0)
                pairs[count++] = (struct strong_pair){a, b, w_ab, w_ba};
        }
    qsort(pairs, count, sizeof *pairs, by_visits);
    return count;
}

static void put_pair(const struct results *results, const struct strong_pair *pair, struct buf *out)
{
    double n = (double) (pair->w_ab + pair->w_ba);
    struct interval interval = interval_folded(pair->w_ab, pair->w_ba);

    html_row_begin(out);
    html_cell_text(out, results_city(results, pair->a));
    html_cell_text(out, results_city(results, pair->b));
    html_cell_uint(out, pair->w_ab);
    html_cell_uint(out, pair->w_ba);
    html_cell_number(out, fabs((double) pair->w_ab - (double) pair->w_ba) / n, 3);
    buf_printf(out, "<td class=\"n\">%.2f – %.2f</td>", interval.low, interval.high);
    html_cell_text(out,
                   slice_from(balance_text(balance_of(pair->w_ab, pair->w_ba, &results->setting))));
    html_cell_text(
        out,
        slice_from(
            results->setting.pairs[setting_pair_index(&results->setting, pair->a, pair->b)].class));
    html_row_end(out);
}

void html_pairs(const struct results *results, struct buf *out)
{
    struct strong_pair *pairs = calloc(setting_pair_count(&results->setting) + 1, sizeof *pairs);
    size_t count;

    if (pairs == NULL) {
        out->failure = STATUS_NOMEM;
        return;
    }
    count = collect_pairs(results, pairs);
    html_heading(out, "往来最多的城市对", "Pairs with most visits");
    html_table_begin(out, "A|B|A→B|B→A|U|95 % 区间 interval|分档 class|类别 pair class");
    for (size_t i = 0; i < count && i < HTML_PAIRS_SHOWN; i++)
        put_pair(results, &pairs[i], out);
    html_table_end(out);
    html_paragraph(out, "全部城市对见 pairs.csv。", "All pairs stand in pairs.csv.");
    free(pairs);
}

void html_cities(const struct results *results, struct buf *out)
{
    const struct network *network = &results->networks[NETWORK_ALL];

    html_heading(out, "城市", "Cities");
    html_table_begin(out, "城市 city|省 province|出访 out|来访 in");
    for (uint32_t i = 0; i < network->cities; i++) {
        uint64_t outgoing = 0, incoming = 0;

        for (uint32_t j = 0; j < network->cities; j++) {
            outgoing += network_visits(network, i, j);
            incoming += network_visits(network, j, i);
        }
        html_row_begin(out);
        html_cell_text(out, results_city(results, i));
        html_cell_text(out, results->setting.cities[i].province);
        html_cell_uint(out, outgoing);
        html_cell_uint(out, incoming);
        html_row_end(out);
    }
    html_table_end(out);
}

static void put_count(struct buf *out, const char *label, uint64_t count, uint64_t of)
{
    html_row_begin(out);
    html_cell_text(out, slice_from(label));
    html_cell_uint(out, count);
    html_cell_number(out, of == 0 ? NAN : 100.0 * (double) count / (double) of, 1);
    html_row_end(out);
}

/* Shares of all events: where the dates, the reporters and the decisions came from. */
void html_evidence(const struct results *results, struct buf *out)
{
    const struct measures *measures = &results->measures[NETWORK_ALL];
    uint64_t events = results->funnel.events;

    html_heading(out, "依据", "Evidence");
    html_table_begin(out, "|事件 events|%");
    for (int i = 0; i < 3; i++) {
        static const char *const labels[] = {"日期来自正文 date in the text",
                                             "日期为推定 date imputed", "日期不明 date unknown"};
        put_count(out, labels[i], results->date_sources[i], events);
    }
    put_count(out, "仅出访方报道 reported by the origin", measures->captures[REPORTER_ORIGIN],
              events);
    put_count(out, "仅接待方报道 reported by the host", measures->captures[REPORTER_HOST], events);
    put_count(out, "双方报道 reported by both", measures->captures[REPORTER_ORIGIN | REPORTER_HOST],
              events);
    put_count(out, "他方报道 reported by others", measures->captures[0], events);
    for (int i = 0; i < DECIDERS; i++) {
        static const char *const labels[DECIDERS] = {
            "规则判定 decided by rule", "模型判定 decided by model",
            "大语言模型判定 decided by a language model", "判定者不明 unknown"};
        put_count(out, labels[i], results->deciders[i], events);
    }
    put_count(out, "报道之间级别或目的不一 reports disagree on level or purpose",
              results->events.disagreeing, events);
    html_table_end(out);
    buf_puts(out, "<p>双源估计（Chapman）的访问总数 <span lang=\"en\">Two-source estimate of all "
                  "visits</span>: ");
    if (isfinite(measures_two_sources(measures)))
        buf_printf(out, "%.0f", measures_two_sources(measures));
    else
        buf_puts(out, "–");
    buf_printf(out,
               "</p>\n<p>不在本地区的访问 <span lang=\"en\">visits to or from other places, not "
               "counted</span>: %llu</p>\n",
               (unsigned long long) results->events.outside);
}

/* How many findings hang on one visit a day a direction. */
void html_sensitivity(const struct results *results, struct buf *out)
{
    const struct network *all = &results->networks[NETWORK_ALL];
    uint64_t changed = 0;

    for (uint32_t a = 0; a < all->cities; a++)
        for (uint32_t b = a + 1; b < all->cities; b++) {
            const struct network *other = &results->by_department;
            uint64_t n = network_visits(all, a, b), m = network_visits(all, b, a);

            changed += n + m > 0 && balance_of(n, m, &results->setting) !=
                                        balance_of(network_visits(other, a, b),
                                                   network_visits(other, b, a), &results->setting);
        }
    html_heading(out, "敏感性", "Sensitivity");
    buf_printf(out,
               "<p>若把出访部门也作为事件的标识，事件为 %zu 个，%llu 对城市改变分档"
               "（sensitivity.csv）。</p>\n<p lang=\"en\">With the origin's department in an "
               "event's identity there are %zu events, and %llu pairs change their class "
               "(sensitivity.csv).</p>\n",
               results->department_events, (unsigned long long) changed, results->department_events,
               (unsigned long long) changed);
}
