#include "aggregator/account.h"

#include "aggregator/csv.h"

enum { CATCH_UP_POLL_MS = 1000, ONLOOKER_CLAIM_MS = 60000 };

/* The job's reader let no negative sum pass. */
static struct answers_cost caps_of(const struct job_budget *budget)
{
    return (struct answers_cost){budget->calls, budget->tokens, (uint64_t) budget->money};
}

/* Silence is counted, not time, as in log_range.c: a poll that used its time brought nothing. */
static enum status catch_up(struct answers *answers, struct error *err)
{
    enum status status = STATUS_OK;
    int64_t idle_ms = 0;

    while (status == STATUS_OK && !answers_ready(answers)) {
        int64_t began_ms = clock_mono_ms(clock_system()), took_ms;

        status = answers_poll(answers, CATCH_UP_POLL_MS, err);
        took_ms = clock_mono_ms(clock_system()) - began_ms;
        idle_ms = took_ms < CATCH_UP_POLL_MS ? 0 : idle_ms + took_ms;
        if (status == STATUS_OK && idle_ms > LOG_RANGE_WAIT_MS)
            status = error_set(err, STATUS_TIMEOUT, "the log of answers did not come to its end");
    }
    return status;
}

/* As an onlooker it claims nothing, so the life means nothing. */
enum status account_open(const struct job_source *source, struct store *store,
                         struct answers **result, struct error *err)
{
    /* An empty slot is what makes it an onlooker. */
    struct answers_options options = {.bus = source->bus,
                                      .topic = source->topics[TOPIC_ANSWERS].text,
                                      .store = store,
                                      .clock = clock_system(),
                                      .job = slice_from(source->run->job),
                                      .slot = "",
                                      .life = 1,
                                      .caps = caps_of(&source->study->job.llm.budget),
                                      .claim_ms = ONLOOKER_CLAIM_MS};
    struct answers *answers = NULL;
    uint32_t partitions;
    enum status status = bus_topic_partitions(source->bus, options.topic, &partitions, err);

    if (status == STATUS_OK)
        status = answers_open(&options, &answers, err);
    if (status == STATUS_OK)
        status = catch_up(answers, err);
    if (status != STATUS_OK) {
        answers_close(answers);
        return status;
    }
    *result = answers;
    return STATUS_OK;
}

/* The copy lives only as long as it takes to add it up. A log that does not exist yet is empty: a
 * job may be looked at before its first question. */
static enum status read_totals(const struct job_source *source, struct answers_totals *totals,
                               struct error *err)
{
    struct store *store = store_open_memory();
    struct answers *answers = NULL;
    enum status status;

    if (store == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for answers");
    status = account_open(source, store, &answers, err);
    if (status == STATUS_OK)
        *totals = *answers_totals(answers);
    answers_close(answers);
    store_close(store);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status account_read(const struct job_source *source, struct account *account,
                         struct error *err)
{
    const struct job_llm *llm = &source->study->job.llm;
    struct account made = {.given = llm->endpoint.size > 0,
                           .endpoint = llm->endpoint,
                           .model = llm->model,
                           .currency = llm->prices.currency,
                           .caps = caps_of(&llm->budget)};
    enum status status = STATUS_OK;

    if (!made.given) /* other runs of the job may have asked; this one has no account */
        made = (struct account){.given = false};
    else
        status = read_totals(source, &made.totals, err);
    if (status == STATUS_OK)
        *account = made;
    return status;
}

uint64_t account_questions(const struct account *account)
{
    return account->totals.replies + account->totals.failures + account->totals.refusals;
}

/* 0 is no cap, which nothing reaches. */
static bool reached(uint64_t spent, uint64_t cap)
{
    return cap > 0 && spent >= cap;
}

bool account_used_up(const struct account *account)
{
    const struct answers_cost *spent = &account->totals.spent;

    return account->totals.refusals > 0 || reached(spent->calls, account->caps.calls) ||
           reached(spent->tokens, account->caps.tokens) ||
           reached(spent->money, account->caps.money);
}

void account_put_money(struct buf *out, uint64_t millionths)
{
    number_put(out, (double) millionths / 1e6, "0");
}
