#include "aggregator/standing.h"

#include "aggregator/funnel.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

typedef unsigned long long number;

const char *standing_state_text(enum standing_state state)
{
    static const char *const texts[] = {"running", "complete", "gaps", "paused", "cancelled"};

    return texts[state];
}

/* ---- counting ---- */

/* Visits and events are counted report by report: what they come to as events of the study is for
 * the results to say. A document that was fetched but has no outcome yet is a document, nothing
 * more. */
static void count_document(const struct dataset *dataset, const struct document *document,
                           struct standing *standing)
{
    const struct report *report = dataset_report(dataset, document);
    bool counted = document->flags & DOCUMENT_COUNTED;
    enum reason reason = funnel_reason(dataset, document);

    standing->urls += (document->flags & DOCUMENT_KNOWN) != 0;
    standing->urls_ended += (document->flags & DOCUMENT_FINAL) != 0;
    standing->documents += counted || (document->flags & DOCUMENT_FETCHED) != 0;
    if (!counted)
        return;
    standing->outcomes++;
    standing->dead += document->outcome == OUTCOME_DEAD;
    standing->visits += reason == REASON_EVENT || reason == REASON_NO_EVENT;
    standing->events += report == NULL ? 0 : report->claim_count;
    standing->asked += dataset_ruling(dataset, document).task_count > 0;
}

/* A list has ended when it was asked and none of its pages is open. */
static enum status count_lists(const struct dataset *dataset, struct standing *standing,
                               struct error *err)
{
    /* Both bits set means that pages came, and that more are on their way. */
    enum { ASKED = 1, OPEN = 2 };
    unsigned char *states = calloc(standing->lists + 1, 1);

    if (states == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for lists");
    for (size_t i = 0; i < dataset->pages.count; i++) {
        const struct list_page *page = rows_at(&dataset->pages, i);

        standing->urls++;
        standing->urls_ended += page->state != PAGE_OPEN;
        if (page->list < standing->lists)
            states[page->list] |= page->state == PAGE_OPEN ? OPEN : ASKED;
    }
    for (uint64_t i = 0; i < standing->lists; i++)
        standing->lists_ended += states[i] == ASKED;
    free(states);
    return STATUS_OK;
}

static enum status count(const struct job_source *source, struct standing *standing,
                         struct error *err)
{
    struct dataset *dataset = NULL;
    enum status status = job_dataset(source, &dataset, err);

    if (status == STATUS_OK)
        status = dataset_finish(dataset, err);
    if (status == STATUS_OK)
        status = count_lists(dataset, standing, err);
    for (size_t i = 0; status == STATUS_OK && i < dataset->documents.count; i++)
        count_document(dataset, dataset_at(dataset, i), standing);
    dataset_destroy(dataset);
    return status;
}

/* A seal that is not "complete" names its gaps. */
static enum standing_state state_of(const struct catalog_run *run)
{
    if (run->sealed != NULL)
        return strcmp(run->sealed->state, "complete") == 0 ? STANDING_COMPLETE : STANDING_GAPS;
    if (run->state == RUN_OPEN)
        return STANDING_RUNNING;
    return run->state == RUN_PAUSED ? STANDING_PAUSED : STANDING_CANCELLED;
}

/* The logs are read one after another while the job goes on: the numbers are of slightly different
 * moments. */
enum status standing_read(const struct job_source *source, struct standing *standing,
                          struct error *err)
{
    const struct catalog_run *run = source->run;
    struct standing made = {.job = run->job,
                            .run = run->run,
                            .state = state_of(run),
                            .detail = run->sealed == NULL ? "" : run->sealed->state,
                            .generation = run->generation,
                            .lists = source->study->list_count};
    enum status status;

    ENSURE(source->settings->so_far);
    status = count(source, &made, err);
    if (status == STATUS_OK)
        status = backlog_read(source->bus, run, &made.backlog, err);
    if (status == STATUS_OK)
        status = account_read(source, &made.account, err);
    if (status == STATUS_OK)
        *standing = made;
    return status;
}

/* ---- for people ---- */

/* What is held may come back; it is told apart so that nobody thinks it is gone. */
static void put_spent(const char *label, uint64_t spent, uint64_t held, uint64_t cap,
                      struct buf *out)
{
    buf_printf(out, "  %-10s %llu", label, (number) spent);
    if (held > 0)
        buf_printf(out, " (and %llu held)", (number) held);
    if (cap > 0)
        buf_printf(out, " of %llu", (number) cap);
    buf_putc(out, '\n');
}

static void put_cost(const struct account *account, struct buf *out)
{
    buf_printf(out, "  %-10s ", "cost");
    account_put_money(out, account->totals.spent.money);
    if (account->totals.held.money > 0) {
        buf_puts(out, " (and ");
        account_put_money(out, account->totals.held.money);
        buf_puts(out, " held)");
    }
    if (account->caps.money > 0) {
        buf_puts(out, " of ");
        account_put_money(out, account->caps.money);
    }
    buf_printf(out, " %.*s\n", SLICE_ARG(account->currency));
}

static void put_account(const struct account *account, struct buf *out)
{
    buf_printf(out, "language model %.*s at %.*s; of all runs of the job:\n",
               SLICE_ARG(account->model), SLICE_ARG(account->endpoint));
    buf_printf(out,
               "  %-10s %llu: %llu answered, %llu without a usable answer, %llu refused by the "
               "budget\n",
               "questions", (number) account_questions(account), (number) account->totals.replies,
               (number) account->totals.failures, (number) account->totals.refusals);
    put_spent("calls", account->totals.spent.calls, account->totals.held.calls, account->caps.calls,
              out);
    put_spent("tokens", account->totals.spent.tokens, account->totals.held.tokens,
              account->caps.tokens, out);
    put_cost(account, out);
    if (account_used_up(account))
        buf_puts(out, "  the budget is used up: nothing more is asked\n");
}

static void put_backlog(const struct backlog *backlog, struct buf *out)
{
    for (size_t i = 0; i < backlog->count; i++)
        buf_printf(out, "%s%llu for the %s", i == 0 ? "waiting    " : ", ",
                   (number) backlog->stages[i].records, backlog->stages[i].name);
    if (backlog->count > 0)
        buf_putc(out, '\n');
}

void standing_put_text(const struct standing *standing, struct buf *out)
{
    const char *state =
        standing->detail[0] == '\0' ? standing_state_text(standing->state) : standing->detail;

    buf_printf(out, "job %s, run %s: %s, generation %u\n", standing->job, standing->run, state,
               standing->generation);
    buf_printf(out, "lists      %llu of %llu ended\n", (number) standing->lists_ended,
               (number) standing->lists);
    buf_printf(out, "URLs       %llu of %llu ended\n", (number) standing->urls_ended,
               (number) standing->urls);
    buf_printf(out, "documents  %llu, %llu with an outcome, %llu dead, %llu asked about\n",
               (number) standing->documents, (number) standing->outcomes, (number) standing->dead,
               (number) standing->asked);
    buf_printf(out, "visits     %llu reported, in %llu events\n", (number) standing->visits,
               (number) standing->events);
    put_backlog(&standing->backlog, out);
    if (standing->account.given)
        put_account(&standing->account, out);
}

/* ---- for programs ---- */

static void put_member(const char *name, uint64_t value, struct buf *out)
{
    buf_printf(out, ",\"%s\":%llu", name, (number) value);
}

static void put_text_member(const char *name, struct slice text, struct buf *out)
{
    buf_printf(out, ",\"%s\":", name);
    json_put_text(out, text);
}

/* 0 is no cap; of what was spent it is just nothing. */
static void put_cost_object(const char *name, const struct answers_cost *cost, bool caps,
                            struct buf *out)
{
    buf_printf(out, ",\"%s\":{", name);
    if (caps && cost->calls == 0)
        buf_puts(out, "\"calls\":null");
    else
        buf_printf(out, "\"calls\":%llu", (number) cost->calls);
    if (caps && cost->tokens == 0)
        buf_puts(out, ",\"tokens\":null");
    else
        put_member("tokens", cost->tokens, out);
    buf_puts(out, ",\"money\":");
    if (caps && cost->money == 0)
        buf_puts(out, "null");
    else
        account_put_money(out, cost->money);
    buf_putc(out, '}');
}

/* calls and tokens are what servers report, so that they can be compared with the servers' own
 * counts; the budget's view is in spent and held. */
static void put_model(const struct account *account, struct buf *out)
{
    buf_puts(out, ",\"model\":");
    if (!account->given) {
        buf_puts(out, "null");
        return;
    }
    buf_puts(out, "{\"name\":");
    json_put_text(out, account->model);
    put_text_member("endpoint", account->endpoint, out);
    put_member("questions", account_questions(account), out);
    put_member("replies", account->totals.replies, out);
    put_member("failures", account->totals.failures, out);
    put_member("refusals", account->totals.refusals, out);
    put_member("calls", account->totals.used.calls, out);
    put_member("prompt_tokens", account->totals.used.prompt_tokens, out);
    put_member("completion_tokens", account->totals.used.completion_tokens, out);
    put_member("latency_ms", (uint64_t) account->totals.used.latency_ms, out);
    buf_puts(out, ",\"money\":");
    account_put_money(out, account->totals.used_money);
    put_text_member("currency", account->currency, out);
    put_cost_object("spent", &account->totals.spent, false, out);
    put_cost_object("held", &account->totals.held, false, out);
    put_cost_object("caps", &account->caps, true, out);
    buf_putc(out, '}');
}

static void put_waiting(const struct backlog *backlog, struct buf *out)
{
    buf_puts(out, ",\"waiting\":{");
    for (size_t i = 0; i < backlog->count; i++)
        buf_printf(out, "%s\"%s\":%llu", i == 0 ? "" : ",", backlog->stages[i].name,
                   (number) backlog->stages[i].records);
    buf_putc(out, '}');
}

void standing_put_json(const struct standing *standing, struct buf *out)
{
    buf_puts(out, "{\"job\":");
    json_put_text(out, slice_from(standing->job));
    put_text_member("run", slice_from(standing->run), out);
    put_text_member("state", slice_from(standing_state_text(standing->state)), out);
    put_text_member("detail", slice_from(standing->detail), out);
    put_member("generation", standing->generation, out);
    put_member("lists", standing->lists, out);
    put_member("lists_ended", standing->lists_ended, out);
    put_member("urls", standing->urls, out);
    put_member("urls_ended", standing->urls_ended, out);
    put_member("documents", standing->documents, out);
    put_member("outcomes", standing->outcomes, out);
    put_member("visits", standing->visits, out);
    put_member("events", standing->events, out);
    put_member("dead", standing->dead, out);
    put_member("asked_documents", standing->asked, out);
    put_waiting(&standing->backlog, out);
    put_model(&standing->account, out);
    buf_puts(out, "}\n");
}
