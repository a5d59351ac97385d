#include "cli/bus_loan.h"

#include "cli/job_near.h"

#include <stdlib.h>

static enum status connect(struct bus_loan *loan, const char *client, struct error *err)
{
    const struct bus_options options = {.client = client, .timeout_ms = BUS_LOAN_WAIT_MS};
    enum status status = STATUS_OK;

    if (loan->place.local)
        status = local_log_borrow(loan->place.folder, &loan->log, err);
    return status == STATUS_OK ? bus_open(loan->place.url, &options, &loan->bus, err) : status;
}

/* catalog_open would create `control` with our word for its settings; who only asks leaves none. */
static enum status read_catalog(struct bus_loan *loan, struct error *err)
{
    struct topic_name control = topic_name(TOPIC_CONTROL, NULL, NULL);
    uint32_t partitions;
    enum status status = bus_topic_partitions(loan->bus, control.text, &partitions, err);

    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    return status == STATUS_OK ? catalog_open(loan->bus, &loan->catalog, err) : status;
}

enum status bus_loan_open(const struct bus_loan_settings *settings, const char *client,
                          struct bus_loan **result, struct error *err)
{
    struct bus_loan *loan = calloc(1, sizeof *loan);
    enum status status;

    if (loan == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to start");
    status = bus_place_choose(settings->bus, settings->data, &loan->place, err);
    if (status == STATUS_OK)
        status = connect(loan, client, err);
    if (status == STATUS_OK)
        status = read_catalog(loan, err);
    if (status != STATUS_OK) {
        bus_loan_close(loan);
        return status;
    }
    *result = loan;
    return STATUS_OK;
}

/* The bus before its server, so that nothing of ours waits for an answer that cannot come. */
void bus_loan_close(struct bus_loan *loan)
{
    if (loan == NULL)
        return;
    catalog_close(loan->catalog);
    bus_close(loan->bus);
    local_log_return(loan->log);
    free(loan);
}

/* No catalogue and no such job are one thing to the user: both end in the text of job_unknown. */
enum status bus_loan_find(const struct bus_loan *loan, const char *job, const char *run,
                          const struct catalog_run **found, struct error *err)
{
    const struct catalog_run *there =
        loan->catalog == NULL ? NULL : catalog_find(loan->catalog, job, run);

    if (there == NULL)
        return job_unknown(loan->catalog, &loan->place, &(struct job_wanted){job, run}, err);
    *found = there;
    return STATUS_OK;
}
