#include "cli/model_counts.h"

#include <inttypes.h>

/* Metrics are doubles; counts of questions are whole numbers far below their limit. */
static uint64_t total(const struct scrape *scrape, const char *sample, const char *label)
{
    return (uint64_t) (scrape_total(scrape, sample, label) + 0.5);
}

void model_counts_read(const struct scrape *scrape, struct model_counts *counts)
{
    const char *questions = "xunfang_llm_questions_total";

    counts->answered = total(scrape, questions, "outcome=\"answered\"");
    counts->remembered = total(scrape, questions, "outcome=\"remembered\"");
    counts->failed = total(scrape, questions, "outcome=\"failed\"");
    counts->refused = total(scrape, questions, "outcome=\"refused\"");
    counts->calls = total(scrape, "xunfang_llm_calls_total", NULL);
    counts->tokens = total(scrape, "xunfang_llm_tokens_total", NULL);
    counts->cost = scrape_total(scrape, "xunfang_llm_cost_total", NULL);
}

/* The line is short: what did not happen is left out. */
static void put_part(struct buf *out, uint64_t count, const char *what)
{
    if (count > 0)
        buf_printf(out, ", %" PRIu64 " %s", count, what);
}

void model_counts_put(const struct model_counts *counts, struct buf *line)
{
    buf_printf(line, "model %" PRIu64 " answered", counts->answered);
    put_part(line, counts->remembered, "known");
    put_part(line, counts->failed, "failed");
    put_part(line, counts->refused, "over budget");
    if (counts->currency.size > 0 && counts->cost > 0)
        buf_printf(line, ", %.2f %.*s", counts->cost, SLICE_ARG(counts->currency));
}

void model_counts_tell(const struct model_counts *counts, struct buf *out)
{
    buf_printf(out,
               "language model: %" PRIu64 " questions answered, %" PRIu64
               " known from the job's answers, %" PRIu64 " failed; %" PRIu64 " calls, %" PRIu64
               " tokens",
               counts->answered, counts->remembered, counts->failed, counts->calls, counts->tokens);
    if (counts->currency.size > 0)
        buf_printf(out, ", %.4f %.*s", counts->cost, SLICE_ARG(counts->currency));
    buf_putc(out, '\n');
    if (counts->refused > 0)
        buf_printf(out,
                   "the budget is used up: %" PRIu64
                   " questions were not asked, the built-in models decided them\n",
                   counts->refused);
}
