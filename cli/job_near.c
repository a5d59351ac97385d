#include "cli/job_near.h"

#include "base/fields_near.h"
#include "base/util/buf.h"

#include <stdlib.h>
#include <string.h>

enum { NEAR_PLACE_MAX = 256, NEAR_TEXT_MAX = 4096 };

static size_t run_count(const struct catalog *catalog)
{
    return catalog == NULL ? 0 : catalog_run_count(catalog);
}

/* The names of the job's runs, the first few of them; false: there is no such job. */
static bool put_runs(const struct catalog *catalog, const char *job, struct buf *out)
{
    size_t found = 0;

    for (size_t i = 0; i < run_count(catalog); i++) {
        const struct catalog_run *run = catalog_run_at(catalog, i);

        if (strcmp(run->job, job) != 0 || found++ >= JOB_NEAR_RUNS_NAMED)
            continue;
        buf_printf(out, "%s'%s'", found > 1 ? ", " : "", run->run);
    }
    if (found > JOB_NEAR_RUNS_NAMED)
        buf_printf(out, " and %zu more", found - JOB_NEAR_RUNS_NAMED);
    return found > 0;
}

/* Names of jobs, asked as if they were names of fields. NULL: none is near, or no memory. */
static const char *nearest(const struct catalog *catalog, const char *job)
{
    size_t count = run_count(catalog);
    struct field *names = calloc(count + 1, sizeof *names);
    const struct field_table table = {.fields = names};
    const char *near = NULL;

    for (size_t i = 0; names != NULL && i < count; i++)
        names[i].name = catalog_run_at(catalog, i)->job;
    if (names != NULL)
        near = fields_nearest(&table, slice_from(job));
    free(names);
    return near;
}

enum status job_unknown(const struct catalog *catalog, const struct bus_place *place,
                        const struct job_wanted *wanted, struct error *err)
{
    char where[NEAR_PLACE_MAX];
    const char *near;
    struct buf runs;
    enum status status;

    (void) bus_place_text(place, where, sizeof where);
    buf_init(&runs, NEAR_TEXT_MAX);
    if (put_runs(catalog, wanted->job, &runs)) {
        status = error_set(err, STATUS_USAGE, "%s: job '%s' has no run '%s' there; it has %s",
                           where, wanted->job, wanted->run, buf_text(&runs));
        buf_fini(&runs);
        return status;
    }
    buf_fini(&runs);
    near = nearest(catalog, wanted->job);
    if (near != NULL)
        return error_set(err, STATUS_USAGE, "%s: no job '%s' there; did you mean '%s'?", where,
                         wanted->job, near);
    return error_set(err, STATUS_USAGE, "%s: no job '%s' there%s", where, wanted->job,
                     run_count(catalog) == 0 ? ", nor any other"
                                             : "; `xunfang jobs` lists those there are");
}
