#include "study/plan_print.h"

#include "base/json.h"

enum { TENTH_OF_HOUR_MS = 360000 };

/* Hours with one decimal, rounded up: a plan should not promise too much. */
static void put_hours(int64_t ms, struct buf *out)
{
    int64_t tenths = (ms + TENTH_OF_HOUR_MS - 1) / TENTH_OF_HOUR_MS;

    buf_printf(out, "%lld.%lld", (long long) (tenths / 10), (long long) (tenths % 10));
}

static void put_padded_hours(int64_t ms, struct buf *out)
{
    struct buf text;

    buf_init(&text, 64);
    put_hours(ms, &text);
    buf_printf(out, " %11s", buf_text(&text));
    buf_fini(&text);
}

static int host_width(const struct plan *plan)
{
    size_t width = 4;

    for (size_t i = 0; i < plan->host_count; i++)
        if (plan->hosts[i].host.size > width)
            width = plan->hosts[i].host.size;
    return (int) width;
}

static void put_host(const struct plan_host *host, int width, struct buf *out)
{
    buf_printf(out, "%-*.*s %7llu %7llu %9llu %10llu", width, SLICE_ARG(host->host),
               (unsigned long long) host->cities, (unsigned long long) host->lists,
               (unsigned long long) host->least_requests, (unsigned long long) host->requests);
    put_padded_hours(host->least_ms, out);
    put_padded_hours(host->expected_ms, out);
    buf_putc(out, '\n');
}

/* Two decimals, rounded up like the hours. */
static void put_money(uint64_t millionths, struct buf *out)
{
    enum { HUNDREDTH = 10000, HUNDREDTHS = 100 };
    uint64_t hundredths = millionths / HUNDREDTH + (millionths % HUNDREDTH != 0);

    buf_printf(out, "%llu.%02llu", (unsigned long long) (hundredths / HUNDREDTHS),
               (unsigned long long) (hundredths % HUNDREDTHS));
}

static void put_task(const struct plan_task *task, struct buf *out)
{
    unsigned long long tokens = task->prompt_tokens + task->answer_tokens;

    buf_printf(out, "  %-10.*s %10llu questions of about %llu tokens", SLICE_ARG(task->name),
               (unsigned long long) task->questions, tokens);
    if (task->banded)
        buf_printf(out, ", chances %llu to %llu %%", (unsigned long long) task->from_percent,
                   (unsigned long long) task->to_percent);
    buf_putc(out, '\n');
}

static void put_model(const struct study *study, const struct plan_model *model, struct buf *out)
{
    const struct job_llm *llm = &study->job.llm;

    if (llm->endpoint.size == 0)
        return;
    buf_printf(out, "\nlanguage model %.*s at %.*s, at most about\n", SLICE_ARG(llm->model),
               SLICE_ARG(llm->endpoint));
    for (size_t i = 0; i < model->task_count; i++)
        put_task(&model->tasks[i], out);
    buf_printf(out, "  together   %10llu calls, %llu tokens, ", (unsigned long long) model->calls,
               (unsigned long long) model->tokens);
    put_money(model->money, out);
    buf_printf(out, " %.*s\n", SLICE_ARG(llm->prices.currency));
    if (model->cap != NULL)
        buf_printf(out,
                   "  the budget for %s is used up by then: %llu of %llu questions are asked, the "
                   "built-in models decide the rest\n",
                   model->cap, (unsigned long long) model->calls,
                   (unsigned long long) model->questions);
    buf_printf(out,
               "  assumed: %llu %% of documents are screened, %llu %% of those are visits; shares "
               "in the bands as on labelled items harder than most\n",
               (unsigned long long) model->assumed.screened_percent,
               (unsigned long long) model->assumed.visit_percent);
}

void plan_print_table(const struct study *study, const struct plan *plan, struct buf *out)
{
    int width = host_width(plan);

    buf_printf(out, "job %.*s: region %.*s, codebook %.*s\n", SLICE_ARG(study->job.name),
               SLICE_ARG(study->region.name), SLICE_ARG(study->codebook.name));
    buf_printf(out, "%llu cities, %llu publishers, %llu search lists, %zu hosts\n",
               (unsigned long long) plan->cities, (unsigned long long) plan->publishers,
               (unsigned long long) plan->lists, plan->host_count);
    buf_printf(out, "about %llu requests for %llu documents; model calls: %llu\n",
               (unsigned long long) plan->requests, (unsigned long long) plan->documents,
               (unsigned long long) plan->model.calls);
    buf_printf(out, "assumed: %llu hits a list, %llu a page, %lld ms an answer\n\n",
               (unsigned long long) plan->assumed.hits_per_list,
               (unsigned long long) plan->assumed.hits_per_page,
               (long long) plan->assumed.answer_ms);
    buf_printf(out, "%-*s %7s %7s %9s %10s %11s %11s\n", width, "host", "cities", "lists",
               "at least", "expected", "hours least", "hours");
    for (size_t i = 0; i < plan->host_count; i++)
        put_host(&plan->hosts[i], width, out);
    if (plan->host_count > 0) {
        buf_puts(out, "\nthe busiest host bounds the crawl: ");
        put_hours(plan->hosts[0].expected_ms, out);
        buf_puts(out, " hours\n");
    }
    put_model(study, &plan->model, out);
    for (size_t i = 0; i < plan->warning_count; i++)
        buf_printf(out, "warning: %.*s\n", SLICE_ARG(plan->warnings[i]));
}

static void put_number(const char *name, uint64_t value, struct buf *out)
{
    buf_printf(out, ",\"%s\":%llu", name, (unsigned long long) value);
}

static void put_json_host(const struct plan_host *host, struct buf *out)
{
    buf_puts(out, "{\"host\":");
    json_put_text(out, host->host);
    put_number("cities", host->cities, out);
    put_number("lists", host->lists, out);
    put_number("least_requests", host->least_requests, out);
    put_number("requests", host->requests, out);
    buf_puts(out, ",\"least_hours\":");
    put_hours(host->least_ms, out);
    buf_puts(out, ",\"hours\":");
    put_hours(host->expected_ms, out);
    buf_putc(out, '}');
}

static void put_json_task(const struct plan_task *task, struct buf *out)
{
    buf_puts(out, "{\"task\":");
    json_put_text(out, task->name);
    put_number("questions", task->questions, out);
    put_number("prompt_tokens", task->prompt_tokens, out);
    put_number("answer_tokens", task->answer_tokens, out);
    if (task->banded) {
        put_number("from", task->from_percent, out);
        put_number("to", task->to_percent, out);
    }
    buf_putc(out, '}');
}

static void put_json_model(const struct study *study, const struct plan_model *model,
                           struct buf *out)
{
    const struct job_llm *llm = &study->job.llm;

    if (llm->endpoint.size == 0) {
        buf_puts(out, ",\"model\":null");
        return;
    }
    buf_puts(out, ",\"model\":{\"name\":");
    json_put_text(out, llm->model);
    put_number("questions", model->questions, out);
    put_number("calls", model->calls, out);
    put_number("tokens", model->tokens, out);
    buf_puts(out, ",\"cost\":");
    put_money(model->money, out);
    buf_puts(out, ",\"currency\":");
    json_put_text(out, llm->prices.currency);
    buf_puts(out, ",\"ended_by\":");
    if (model->cap == NULL)
        buf_puts(out, "null");
    else
        json_put_text(out, slice_from(model->cap));
    put_number("screened_percent", model->assumed.screened_percent, out);
    put_number("visit_percent", model->assumed.visit_percent, out);
    buf_puts(out, ",\"tasks\":[");
    for (size_t i = 0; i < model->task_count; i++) {
        buf_puts(out, i == 0 ? "" : ",");
        put_json_task(&model->tasks[i], out);
    }
    buf_puts(out, "]}");
}

void plan_print_json(const struct study *study, const struct plan *plan, struct buf *out)
{
    buf_puts(out, "{\"job\":");
    json_put_text(out, study->job.name);
    buf_puts(out, ",\"region\":");
    json_put_text(out, study->region.name);
    buf_puts(out, ",\"codebook\":");
    json_put_text(out, study->codebook.name);
    put_number("cities", plan->cities, out);
    put_number("publishers", plan->publishers, out);
    put_number("lists", plan->lists, out);
    put_number("requests", plan->requests, out);
    put_number("documents", plan->documents, out);
    put_number("model_calls", plan->model.calls, out);
    put_json_model(study, &plan->model, out);
    put_number("hits_per_list", plan->assumed.hits_per_list, out);
    put_number("hits_per_page", plan->assumed.hits_per_page, out);
    put_number("answer_ms", (uint64_t) plan->assumed.answer_ms, out);
    buf_puts(out, ",\"hours\":");
    put_hours(plan->host_count == 0 ? 0 : plan->hosts[0].expected_ms, out);
    buf_puts(out, ",\"hosts\":[");
    for (size_t i = 0; i < plan->host_count; i++) {
        buf_puts(out, i == 0 ? "" : ",");
        put_json_host(&plan->hosts[i], out);
    }
    buf_puts(out, "],\"warnings\":[");
    for (size_t i = 0; i < plan->warning_count; i++) {
        buf_puts(out, i == 0 ? "" : ",");
        json_put_text(out, plan->warnings[i]);
    }
    buf_puts(out, "]}\n");
}
