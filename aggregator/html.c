#include "aggregator/html.h"

#include "aggregator/figures.h"
#include "aggregator/html_decisions.h"
#include "aggregator/html_put.h"
#include "aggregator/html_tables.h"
#include "aggregator/xml.h"

static const char style[] =
    "body{font-family:'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;"
    "max-width:1080px;margin:2em auto;padding:0 1em;color:#222;line-height:1.55}"
    "h1{margin-bottom:.1em}h2{margin-top:2em;border-bottom:1px solid #ccc}"
    "small{font-weight:normal;color:#666}[lang=en]{color:#555}"
    "table{border-collapse:collapse;margin:.8em 0;font-size:.92em}"
    "th,td{border:1px solid #ddd;padding:.2em .6em;text-align:left;vertical-align:top}"
    "th{background:#f3f5f8}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "img{max-width:100%;border:1px solid #eee}.gap{background:#fff3e0;padding:.6em 1em;"
    "border-left:4px solid #e69138}.good{background:#eef7ee;padding:.6em 1em;"
    "border-left:4px solid #6aa84f}";

static void put_head(const struct results *results, struct buf *out)
{
    const struct setting *setting = &results->setting;
    char from[CIVIL_TEXT_SIZE], to[CIVIL_TEXT_SIZE];

    /* The page's own policy forbids scripts and everything from elsewhere, should an escape ever be
     * forgotten. */
    buf_puts(out, "<!DOCTYPE html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "img-src data:; style-src 'unsafe-inline'\">\n<title>寻访 xunfang: ");
    xml_put_text(out, setting->job);
    buf_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>寻访 ", style);
    xml_put_text(out, setting->job);
    buf_puts(out, "</h1>\n<p>城市之间的考察访问网络 <span lang=\"en\">"
                  "Who visits whom: a network of cities</span></p>\n");
    html_table_begin(out, "地区 region|编码簿 codebook|城市 cities|时段 period|运行 run");
    html_row_begin(out);
    html_cell_text(out, setting->region);
    html_cell_text(out, setting->codebook);
    html_cell_uint(out, setting->city_count);
    buf_puts(out, "<td>");
    if (setting->has_job)
        buf_printf(out, "%s – %s", civil_text(setting->from, from), civil_text(setting->to, to));
    buf_puts(out, "</td>");
    html_cell_text(out, setting->run);
    html_row_end(out);
    html_table_end(out);
}

/* Before any figure: what is missing decides how far the rest can be trusted. */
static void put_gaps(const struct results *results, struct buf *out)
{
    const uint32_t *states = results->lists.states;
    uint64_t gaps = results_gaps(results);

    html_heading(out, "完整性", "What is missing");
    buf_printf(out, "<div class=\"%s\">\n", gaps == 0 ? "good" : "gap");
    if (results->setting.list_count == 0)
        html_paragraph(out, "没有检索列表：这些文献来自别处，缺了什么无从知道。",
                       "No search lists: these documents came from elsewhere, so nobody knows "
                       "what is missing.");
    buf_printf(out,
               "<p>检索列表：%u 完整，%u 不完整，%u 被阻止；%llu 篇文献未能判读；%llu "
               "个网址未取得（失效、拒绝或放弃）。</p>\n",
               states[LIST_COMPLETE], states[LIST_INCOMPLETE], states[LIST_BLOCKED],
               (unsigned long long) results->dead, (unsigned long long) results->not_fetched);
    buf_printf(out,
               "<p lang=\"en\">Search lists: %u complete, %u incomplete, %u blocked; %llu "
               "documents could not be read (dead); %llu URLs could not be fetched (gone, "
               "refused, given up).</p>\n</div>\n",
               states[LIST_COMPLETE], states[LIST_INCOMPLETE], states[LIST_BLOCKED],
               (unsigned long long) results->dead, (unsigned long long) results->not_fetched);
    html_missing_lists(results, out);
}

/* Data URLs: one file can be mailed and archived. */
static void put_pictures(const struct slice *pictures, struct buf *out)
{
    html_heading(out, "图", "Figures");
    for (size_t i = 0; i < figure_count(); i++) {
        const struct figure *figure = figure_at(i);

        buf_printf(out, "<h3>%s <small lang=\"en\">%s</small></h3>\n", figure->chinese,
                   figure->english);
        if (pictures[i].data == NULL) {
            buf_printf(out,
                       "<p class=\"gap\">未绘制 not drawn: gnuplot; figures/%s.csv, "
                       "figures/%s.gp</p>\n",
                       figure->name, figure->name);
            continue;
        }
        buf_printf(out, "<img alt=\"%s\" src=\"data:image/svg+xml;base64,", figure->english);
        xml_put_base64(out, pictures[i]);
        buf_puts(out, "\">\n");
    }
}

static void put_notes(struct buf *out)
{
    html_heading(out, "读数须知", "How to read the figures");
    html_paragraph(
        out,
        "U = |W<sub>ij</sub> − W<sub>ji</sub>| / (W<sub>ij</sub> + W<sub>ji</sub>)：0 为平衡，1 "
        "为单向。次数少时 U 偏高：即使毫无偏向，1、2、4、10、20 次访问的期望分别为 1、0.5、0.375、"
        "0.25、0.18；请与“随机期望”并看。分档：100|a−b| &lt; 33(a+b) 为低，&gt; 67(a+b) "
        "为高；旁列按 1/3 与 2/3 分档的结果。",
        "U = |W<sub>ij</sub> − W<sub>ji</sub>| / (W<sub>ij</sub> + W<sub>ji</sub>): 0 is "
        "balanced, 1 one-way. It is biased upward in small counts: without any asymmetry its "
        "expectation at 1, 2, 4, 10, 20 visits is 1, 0.5, 0.375, 0.25, 0.18; read it beside "
        "“expected by chance”. Classes are cut at 33 and 67 percent in exact integers; the "
        "cut at 1/3 and 2/3 stands beside.");
    html_paragraph(
        out,
        "互惠率有两种口径：按有向边（igraph 与 networkx 的默认）和按城市对（igraph 的 ratio）。"
        "零不是缺失：只有至少一方的网站被完整检索过，没有访问才算 0（pairs.csv 的 observed 列）。",
        "Reciprocity is given per directed link (igraph's and networkx's default) and per pair "
        "(igraph's mode “ratio”). Zero is not missing: no visits count as 0 only where at least "
        "one of the two sites was searched completely (column observed of pairs.csv).");
    html_paragraph(out,
                   "网站没有报道的访问不在此列；早年报道保存较少，因此逐年变化也反映保存状况。",
                   "Visits that no site reported are not here; early reports survive less often, "
                   "so change over the years is in part a change of what survived.");
}

void html_report(const struct results *results, const struct account *account,
                 const struct slice *pictures, struct buf *out)
{
    put_head(results, out);
    put_gaps(results, out);
    html_funnel(results, out);
    html_networks(results, out);
    put_pictures(pictures, out);
    html_parts(results, out);
    html_pairs(results, out);
    html_cities(results, out);
    html_decisions(results, account, out);
    html_evidence(results, out);
    html_sensitivity(results, out);
    put_notes(out);
    buf_puts(out, "</body>\n</html>\n");
}
