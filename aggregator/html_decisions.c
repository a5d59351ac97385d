#include "aggregator/html_decisions.h"

#include "aggregator/html_put.h"
#include "aggregator/xml.h"

typedef unsigned long long number;

/* Nobody decided about the dead. */
static void put_row(const struct decision_row *row, struct buf *out)
{
    const char *decider = row->result == DECISION_DEAD ? "" : decider_text(row->decider);

    html_row_begin(out);
    html_cell_text(out, row->task);
    html_cell_text(out, slice_from(decision_result_text(row->result)));
    html_cell_text(out, slice_from(decider));
    html_cell_uint(out, row->documents);
    html_cell_uint(out, decision_asked(row));
    html_cell_uint(out, row->answered);
    html_cell_uint(out, row->failed);
    html_cell_uint(out, row->refused);
    html_row_end(out);
}

static void put_table(const struct decisions *decisions, struct buf *out)
{
    html_table_begin(out, "任务 task|结果 result|判定者 decided by|文献 documents|提问 asked|"
                          "得到回答 answered|无可用回答 failed|预算不允许 refused");
    for (size_t i = 0; i < decisions->count; i++)
        put_row(&decisions->rows[i], out);
    html_table_end(out);
}

/* Whoever reads the numbers should not have to find these two in a table. */
static void put_warnings(const struct decisions *decisions, struct buf *out)
{
    if (decisions->refused > 0)
        buf_printf(out,
                   "<p class=\"gap\">预算用尽：有 %llu 个问题没有提出，由内置模型和规则判定。<br>"
                   "<span lang=\"en\">The budget was used up. Questions not asked: %llu; the "
                   "built-in models and rules decided instead.</span></p>\n",
                   (number) decisions->refused, (number) decisions->refused);
    if (decisions->failed > 0)
        buf_printf(out,
                   "<p class=\"gap\">有 %llu 个问题没有得到可用的回答：由内置模型和规则判定，或按"
                   "任务设置不予判读。<br><span lang=\"en\">Questions without a usable answer: "
                   "%llu; the built-in models and rules decided instead, or the document is dead "
                   "where the job says so.</span></p>\n",
                   (number) decisions->failed, (number) decisions->failed);
}

/* A cap that is not set is a dash, not a nought. */
static void put_amount(const char *label, uint64_t spent, uint64_t held, uint64_t cap,
                       struct buf *out)
{
    html_row_begin(out);
    html_cell_text(out, slice_from(label));
    html_cell_uint(out, spent);
    html_cell_uint(out, held);
    if (cap > 0)
        html_cell_uint(out, cap);
    else
        html_cell_text(out, SLICE("–"));
    html_row_end(out);
}

static void put_money_cell(uint64_t millionths, struct buf *out)
{
    buf_puts(out, "<td class=\"n\">");
    account_put_money(out, millionths);
    buf_puts(out, "</td>");
}

static void put_money(const struct account *account, struct buf *out)
{
    html_row_begin(out);
    buf_puts(out, "<td>费用 cost ");
    xml_put_text(out, account->currency);
    buf_puts(out, "</td>");
    put_money_cell(account->totals.spent.money, out);
    put_money_cell(account->totals.held.money, out);
    if (account->caps.money > 0)
        put_money_cell(account->caps.money, out);
    else
        html_cell_text(out, SLICE("–"));
    html_row_end(out);
}

/* Questions by what became of them, then what they cost: readers pay for calls, not for answers. */
static void put_account(const struct account *account, struct buf *out)
{
    buf_puts(out, "<h3>大语言模型 <small lang=\"en\">Language model</small></h3>\n<p>");
    xml_put_text(out, account->model);
    buf_printf(out,
               "：%llu 个问题，%llu 个有回答，%llu 个无可用回答，%llu 个预算不允许。<br>"
               "<span lang=\"en\">%llu questions: %llu answered, %llu without a usable answer, "
               "%llu not allowed by the budget. Equal texts are one question, and all runs of the "
               "job share the account.</span></p>\n",
               (number) account_questions(account), (number) account->totals.replies,
               (number) account->totals.failures, (number) account->totals.refusals,
               (number) account_questions(account), (number) account->totals.replies,
               (number) account->totals.failures, (number) account->totals.refusals);
    html_table_begin(out, "|用去 spent|预留 held|上限 cap");
    put_amount("请求 calls", account->totals.spent.calls, account->totals.held.calls,
               account->caps.calls, out);
    put_amount("词元 tokens", account->totals.spent.tokens, account->totals.held.tokens,
               account->caps.tokens, out);
    put_money(account, out);
    html_table_end(out);
    html_paragraph(out, "本表随每次运行而异，不进入数据表。",
                   "This table differs between runs of one job and is in no other file.");
}

void html_decisions(const struct results *results, const struct account *account, struct buf *out)
{
    html_heading(out, "由谁判定", "What decided");
    html_paragraph(out, "筛选后的每篇文献由什么判定（decisions.csv）：",
                   "What decided about the screened documents (decisions.csv):");
    put_table(&results->decisions, out);
    put_warnings(&results->decisions, out);
    if (account != NULL && account->given)
        put_account(account, out);
}
