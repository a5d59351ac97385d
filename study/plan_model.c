#include "study/plan_model.h"

#include "study/asking.h"
#include "study/prompt.h"

enum {
    PERCENT = 100,
    PER_MILLE = 1000,
    MILLION = 1000000,
    DEFAULT_SCREENED = 38,
    DEFAULT_VISITS = 24,
    OPEN_EVENTS = 26, /* per mille of visits: 5 of the 189 in train.jsonl */
};

/* Of 1,000 items how many have a chance below this percentage. */
enum chance_column {
    PERCENTAGE,
    NO_VISIT, /* `binary` task, items that are none … */
    VISIT,    /* … and those that are one */
    LABEL,    /* `label` task, visits */
    LABELS,   /* `labels` task, visits: the least sure label that holds */
    CHANCE_COLUMNS
};

/* Measured, not computed: the 160 labelled items of docs/quality.md. */
static const uint64_t chances[][CHANCE_COLUMNS] = {
    {0, 0, 0, 0, 0},           {1, 658, 0, 14, 14},       {2, 747, 12, 56, 14},
    {3, 772, 25, 97, 14},      {5, 797, 49, 167, 14},     {10, 835, 49, 264, 14},
    {20, 861, 62, 319, 14},    {30, 924, 86, 347, 14},    {40, 937, 99, 361, 14},
    {50, 962, 123, 361, 111},  {60, 975, 173, 431, 222},  {70, 975, 247, 444, 278},
    {80, 987, 346, 458, 389},  {90, 1000, 506, 514, 486}, {95, 1000, 654, 556, 639},
    {97, 1000, 716, 611, 653}, {98, 1000, 802, 611, 667}, {99, 1000, 840, 694, 778}};

enum { CHANCES = sizeof chances / sizeof *chances };

/* Between two rows of the table in a straight line. */
static uint64_t below(enum chance_column column, uint64_t percent)
{
    const uint64_t *x, *y;
    size_t i = 1;

    while (i + 1 < CHANCES && chances[i][PERCENTAGE] < percent)
        i++;
    x = chances[i - 1];
    y = chances[i];
    if (percent >= y[PERCENTAGE])
        return y[column];
    return x[column] +
           (y[column] - x[column]) * (percent - x[PERCENTAGE]) / (y[PERCENTAGE] - x[PERCENTAGE]);
}

static uint64_t within(enum chance_column column, const struct codebook_ask *ask)
{
    return below(column, ask->to_percent) - below(column, ask->from_percent);
}

/* Per mille of screened documents, or of visits if the task has a gate. */
static uint64_t share(const struct codebook_task *task, uint64_t visit_percent)
{
    const struct codebook_ask *ask = &task->ask;

    switch (task->kind) {
    case TASK_BINARY:
        return (within(NO_VISIT, ask) * (PERCENT - visit_percent) +
                within(VISIT, ask) * visit_percent) /
               PERCENT;
    case TASK_LABEL:
        return within(LABEL, ask);
    case TASK_LABELS: /* asked also where no label holds at all */
        return within(LABELS, ask) + below(LABELS, 1);
    default:
        return OPEN_EVENTS;
    }
}

static uint64_t product(uint64_t a, uint64_t b)
{
    return a != 0 && b > UINT64_MAX / a ? UINT64_MAX : a * b;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* a × b ÷ c without the overflow that a × b may have. */
static uint64_t part(uint64_t a, uint64_t b, uint64_t c)
{
    return sum(product(a / c, b), product(a % c, b) / c);
}

static enum status set_tokens(const struct codebook_task *task, struct plan_task *planned,
                              struct error *err)
{
    struct prompt *prompt = NULL;
    enum status status = prompt_create(task, &prompt, err);

    if (status != STATUS_OK)
        return status;
    planned->answer_tokens = task->ask.max_tokens;
    planned->prompt_tokens = prompt_tokens(prompt) - task->ask.max_tokens;
    prompt_destroy(prompt);
    return STATUS_OK;
}

static enum status plan_one(const struct codebook_task *task, const struct plan_funnel *funnel,
                            struct plan_task *planned, struct error *err)
{
    uint64_t asked = part(funnel->documents, funnel->screened_percent, PERCENT);

    if (task->gate.size > 0)
        asked = part(asked, funnel->visit_percent, PERCENT);
    *planned =
        (struct plan_task){.name = task->name,
                           .banded = task->kind != TASK_FIELDS,
                           .from_percent = task->ask.from_percent,
                           .to_percent = task->ask.to_percent,
                           .questions = part(asked, share(task, funnel->visit_percent), PER_MILLE)};
    return set_tokens(task, planned, err);
}

/* What all questions take, budget or not. */
static struct job_budget need(const struct plan_model *model, const struct job_prices *prices)
{
    struct job_budget total = {0};
    uint64_t money = 0;

    for (size_t i = 0; i < model->task_count; i++) {
        const struct plan_task *task = &model->tasks[i];
        uint64_t one = part(task->prompt_tokens, (uint64_t) prices->prompt, MILLION) +
                       part(task->answer_tokens, (uint64_t) prices->completion, MILLION);
        total.calls = sum(total.calls, task->questions);
        total.tokens =
            sum(total.tokens, product(task->questions, task->prompt_tokens + task->answer_tokens));
        money = sum(money, product(task->questions, one));
    }
    total.money = money > INT64_MAX ? INT64_MAX : (int64_t) money;
    return total;
}

static void apply_cap(uint64_t needed, uint64_t cap, const char *name, struct plan_model *model)
{
    uint64_t calls;

    if (cap == 0 || needed <= cap)
        return;
    calls = part(model->questions, cap, needed);
    /* The tightest cap is told, as the one that ends the asking. */
    if (calls >= model->calls)
        return;
    model->calls = calls;
    model->cap = name;
}

static void apply_budget(const struct job_llm *llm, struct plan_model *model)
{
    const struct job_budget total = need(model, &llm->prices);

    model->questions = model->calls = total.calls;
    apply_cap(total.calls, llm->budget.calls, "calls", model);
    apply_cap(total.tokens, llm->budget.tokens, "tokens", model);
    apply_cap((uint64_t) total.money, (uint64_t) llm->budget.money, "money", model);
    if (model->questions == 0)
        return;
    model->tokens = part(total.tokens, model->calls, model->questions);
    model->money = part((uint64_t) total.money, model->calls, model->questions);
}

static struct plan_funnel with_defaults(const struct plan_funnel *funnel)
{
    struct plan_funnel f = *funnel;

    if (f.screened_percent == 0)
        f.screened_percent = DEFAULT_SCREENED;
    if (f.visit_percent == 0)
        f.visit_percent = DEFAULT_VISITS;
    if (f.screened_percent > PERCENT)
        f.screened_percent = PERCENT;
    if (f.visit_percent > PERCENT)
        f.visit_percent = PERCENT;
    return f;
}

enum status plan_model_make(const struct study *study, const struct plan_funnel *funnel,
                            struct arena *arena, struct plan_model *model, struct error *err)
{
    const struct job_llm *llm = &study->job.llm;
    struct plan_model made = {.assumed = with_defaults(funnel)};
    struct asking asking = {NULL, 0};
    enum status status = STATUS_OK;

    if (llm->endpoint.size > 0)
        status = asking_make(&study->codebook, llm, arena, &asking, err);
    if (status != STATUS_OK)
        return status;
    made.tasks = arena_array(arena, asking.count, sizeof *made.tasks);
    if (made.tasks == NULL)
        return error_set(err, STATUS_NOMEM, "plan: %s", status_text(STATUS_NOMEM));
    for (size_t i = 0; i < asking.count && status == STATUS_OK; i++) {
        status = plan_one(&asking.tasks[i], &made.assumed, &made.tasks[i], err);
        made.task_count = i + 1;
    }
    if (status != STATUS_OK)
        return status;
    apply_budget(llm, &made);
    *model = made;
    return STATUS_OK;
}
