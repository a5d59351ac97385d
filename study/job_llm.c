#include "study/job_llm.h"

#define MILLION   INT64_C(1000000)
#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (INT64_C(24) * 60 * MINUTE_MS)

enum { CONCURRENCY_MAX = 1024 };

static const char *const constraints[] = {"schema", "grammar", "none", NULL};
static const char *const failures[] = {"builtin", "dead", NULL};

#define BUDGET(member) offsetof(struct job_budget, member)
static const struct field budget_fields[] = {
    {"calls", FIELD_UINT, 0, BUDGET(calls), .otherwise = "5000", .max = 1000000000,
     .help = "calls of the model server at most; 0: no cap"},
    {"tokens", FIELD_UINT, 0, BUDGET(tokens), .otherwise = "2000000", .max = 1000000000000,
     .help = "tokens sent and received at most; 0: no cap"},
    {"money", FIELD_DECIMAL, 0, BUDGET(money), .otherwise = "0", .max = 1000000 * MILLION,
     .help = "what all runs may cost, in the currency of `prices`; 0: no cap"},
    {0}};

static const struct field_table budget_table = {"budget", sizeof(struct job_budget), 0,
                                                budget_fields};

#define PRICES(member) offsetof(struct job_prices, member)
static const struct field prices_fields[] = {
    {"currency", FIELD_TEXT, FIELD_NOT_EMPTY, PRICES(currency), .otherwise = "CNY",
     .help = "for people"},
    {"prompt", FIELD_DECIMAL, 0, PRICES(prompt), .otherwise = "0", .max = 1000000 * MILLION,
     .help = "for a million tokens sent"},
    {"completion", FIELD_DECIMAL, 0, PRICES(completion), .otherwise = "0", .max = 1000000 * MILLION,
     .help = "for a million tokens received"},
    {0}};

static const struct field_table prices_table = {"prices", sizeof(struct job_prices), 0,
                                                prices_fields};

#define ASK(member) offsetof(struct job_ask, member)
static const struct field ask_fields[] = {
    {"task", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, ASK(task),
     .help = "a task that the codebook has an `ask` for"},
    {"from", FIELD_UINT, 0, ASK(from_percent), .min = 1, .max = 99,
     .help =
         "asked if the built-in model's chance, in percent, lies between this …; the codebook's if "
         "left out"},
    {"to", FIELD_UINT, 0, ASK(to_percent), .min = 1, .max = 99,
     .help = "… and this; the codebook's if left out"},
    {0}};

static const struct field_table ask_table = {"ask", sizeof(struct job_ask), ASK(line), ask_fields};

#define LLM(member) offsetof(struct job_llm, member)
static const struct field llm_fields[] = {
    {"endpoint", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, LLM(endpoint),
     .help = "address of a server with the OpenAI interface, \"http://HOST:PORT/v1\""},
    {"model", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, LLM(model),
     .help = "name of the model there"},
    {"key_file", FIELD_TEXT, 0, LLM(key_file), .otherwise = "\"\"",
     .help = "file with the access key on its first line, relative to this file; it stays where "
             "it is: every machine that asks needs it, so a cluster wants an absolute path"},
    {"constraint", FIELD_CHOICE, 0, LLM(constraint), .otherwise = "schema", .choices = constraints,
     .help = "how the server is told the form of an answer: a JSON schema, a GBNF grammar "
             "(llama.cpp), not at all; answers are checked here in any case"},
    {"on_failure", FIELD_CHOICE, 0, LLM(on_failure), .otherwise = "builtin", .choices = failures,
     .help = "without a usable answer: the built-in decision holds, or the document is dead"},
    {"concurrency", FIELD_UINT, 0, LLM(concurrency), .otherwise = "16", .min = 1,
     .max = CONCURRENCY_MAX, .help = "questions of one worker in flight at most"},
    {"timeout", FIELD_DURATION, 0, LLM(timeout_ms), .otherwise = "60s", .min = 1000,
     .max = INT64_C(60) * MINUTE_MS, .help = "longest call"},
    {"patience", FIELD_DURATION, 0, LLM(patience_ms), .otherwise = "10m", .min = 1000,
     .max = DAY_MS, .help = "longest question, retries and waits and all"},
    {"budget", FIELD_RECORD, 0, LLM(budget), .table = &budget_table,
     .help = "caps on what all runs of the job may ask; at a cap the built-in models go on alone"},
    {"prices", FIELD_RECORD, 0, LLM(prices), .table = &prices_table,
     .help = "what the server costs, for `check`, `status` and the cap on money"},
    {"ask", FIELD_RECORDS, 0, LLM(ask), LLM(ask_count), .otherwise = "[]", .max = JOB_ASK_MAX,
     .table = &ask_table, .help = "which tasks are asked, and when; none: as the codebook says"},
    {0}};

const struct field_table job_llm_table = {"llm", sizeof(struct job_llm), LLM(line), llm_fields};

static bool known_endpoint(struct slice endpoint)
{
    return slice_starts(endpoint, SLICE("http://")) || slice_starts(endpoint, SLICE("https://")) ||
           slice_starts(endpoint, SLICE("replay:"));
}

static enum status check_ask(const struct job_llm *llm, size_t index, const char *file,
                             struct error *err)
{
    const struct job_ask *ask = &llm->ask[index];

    if (ask->from_percent > 0 && ask->to_percent > 0 && ask->from_percent > ask->to_percent)
        return fields_error(err, file, ask->line, "llm.ask[%zu]: from must not be more than to",
                            index);
    for (size_t i = 0; i < index; i++)
        if (slice_equal(llm->ask[i].task, ask->task))
            return fields_error(err, file, ask->line, "llm.ask[%zu]: '%.*s' stands there twice",
                                index, SLICE_ARG(ask->task));
    return STATUS_OK;
}

enum status job_check_llm(const struct job_llm *llm, const char *file, struct error *err)
{
    enum status status = STATUS_OK;

    if (llm->endpoint.size == 0)
        return STATUS_OK;
    if (!known_endpoint(llm->endpoint))
        return fields_error(err, file, llm->line,
                            "llm.endpoint: '%.*s' is no address (http://HOST:PORT/v1)",
                            SLICE_ARG(llm->endpoint));
    /* A question that may not last as long as one call could be given up while its answer is on the
     * way. */
    if (llm->patience_ms < llm->timeout_ms)
        return fields_error(err, file, llm->line, "llm.patience must not be less than timeout");
    for (size_t i = 0; i < llm->ask_count && status == STATUS_OK; i++)
        status = check_ask(llm, i, file, err);
    return status;
}
