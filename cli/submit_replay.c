#include "cli/submit_replay.h"

#include "cli/submit_run.h"

#include <string.h>

/* In the order of enum replay_from. */
static const char *const from_texts[] = {"parse", "classify", "extract", "aggregate"};

enum status replay_from_text(const char *text, enum replay_from *from, struct error *err)
{
    for (size_t i = 0; i < sizeof from_texts / sizeof from_texts[0]; i++)
        if (strcmp(text, from_texts[i]) == 0) {
            *from = (enum replay_from) i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_USAGE,
                     "--from '%s': must be parse, classify, extract or aggregate", text);
}

/* ---- the new run ---- */

/* Whose log a run reads: its own, unless it is a replay. */
static const char *owner_of(const char *named, const struct catalog_run *run)
{
    return named[0] == '\0' ? run->run : named;
}

/* Names of a replayed replay are taken over as they stand, so chains never grow: every run names
 * the logs themselves. */
static struct submit_run plan(const struct catalog_run *source,
                              const struct replay_options *options)
{
    const Xunfang__JobSubmitted *submitted = source->submitted;
    struct submit_run run = {.run = options->run,
                             .partitions = submitted->partitions,
                             .pages_run = "",
                             .documents_run = "",
                             .visits_run = "",
                             .reports_run = ""};

    /* Generation 0: ingested documents, which make all others, have no page to be read again. */
    if (options->from == REPLAY_PARSE) {
        run.pages_run = catalog_documents_run(source);
        return run;
    }
    run.documents_run = catalog_documents_run(source);
    run.generation = source->generation;
    if (options->from >= REPLAY_EXTRACT)
        run.visits_run = owner_of(submitted->visits_run, source);
    if (options->from >= REPLAY_AGGREGATE)
        run.reports_run = owner_of(submitted->reports_run, source);
    return run;
}

/* Its logs must be there; without a seal nobody could say which records belong to the replay. */
static enum status check_sealed(const struct catalog_run *source, struct error *err)
{
    if (source->state == RUN_PURGED)
        return error_set(err, STATUS_USAGE, "run '%s' of job '%s' was purged: its logs are gone",
                         source->run, source->job);
    if (source->sealed != NULL)
        return STATUS_OK;
    return error_set(err, STATUS_USAGE,
                     "run '%s' of job '%s' is not complete: finish it first (`xunfang %s`)",
                     source->run, source->job, catalog_is_replay(source) ? "replay" : "run");
}

/* ---- a run that is there already ---- */

static enum status check_same_log(const char *what, const char *found, const char *wanted,
                                  struct error *err)
{
    if (strcmp(found, wanted) == 0)
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "it reads %s of %s%s%s; give the new replay another name",
                     what, found[0] == '\0' ? "its own" : "run '", found,
                     found[0] == '\0' ? "" : "'");
}

static enum status check_existing(const struct catalog_run *found, const struct submit_run *wanted,
                                  const struct study *study, struct error *err)
{
    const Xunfang__JobSubmitted *submitted = found->submitted;
    enum status status;

    if (!catalog_is_replay(found))
        return error_set(err, STATUS_USAGE,
                         "--as %s: job '%s' has a run of this name that is no replay", found->run,
                         found->job);
    /*  */
    if (found->state >= RUN_CANCELLED)
        return error_set(err, STATUS_USAGE,
                         "--as %s: that run was %s; give the replay another name", found->run,
                         run_state_text(found->state));
    status = check_same_log("pages", submitted->pages_run, wanted->pages_run, err);
    if (status == STATUS_OK)
        status = check_same_log("documents", submitted->documents_run, wanted->documents_run, err);
    if (status == STATUS_OK)
        status = check_same_log("visits", submitted->visits_run, wanted->visits_run, err);
    if (status == STATUS_OK)
        status = check_same_log("reports", submitted->reports_run, wanted->reports_run, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "run '%s' exists", found->run);
    return submit_check_files(found, study, err);
}

/* ---- submission ---- */

static enum status find_source(const struct catalog *catalog, const char *job,
                               const struct replay_options *options,
                               const struct catalog_run **source, struct error *err)
{
    enum status status = topic_check_name("run", slice_from(options->run), err);

    if (status != STATUS_OK)
        return status;
    if (strcmp(options->run, options->source) == 0)
        return error_set(err, STATUS_USAGE, "--as %s: a replay needs a name of its own",
                         options->run);
    *source = catalog_find(catalog, job, options->source);
    if (*source == NULL)
        return error_set(err, STATUS_NOT_FOUND, "job '%s' has no run '%s' here", job,
                         options->source);
    return STATUS_OK;
}

/* Logs before the record, as in submit_job: a run that is known can be worked on. */
enum status submit_replay(struct bus *bus, struct catalog *catalog, const struct study *study,
                          const struct replay_options *options, struct error *err)
{
    const char *job = study->job.name.data;
    const struct catalog_run *source = NULL, *found;
    struct submit_run run;
    enum status status = find_source(catalog, job, options, &source, err);

    if (status != STATUS_OK)
        return status;
    ENSURE(source != NULL);
    /* Made also for a run that is there: what was submitted then is compared with what this command
     * means. */
    run = plan(source, options);
    found = catalog_find(catalog, job, options->run);
    status = found == NULL ? check_sealed(source, err) : check_existing(found, &run, study, err);
    if (status == STATUS_OK)
        status = submit_create_logs(bus, job, &run, err);
    if (status == STATUS_OK && found == NULL)
        status = submit_announce(bus, study, &run, err);
    return status == STATUS_OK ? catalog_refresh(catalog, 0, err) : status;
}
