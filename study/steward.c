/*
 * Wards follow the catalogue by index: runs are only ever added there, and a run keeps its place.
 * Each step compares what is (a child or none) with what is wanted (catalog_wants) and does one
 * thing about the difference, so there is no event that could be missed.
 */
#include "study/steward.h"

#include "base/admin.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/supervise.h"
#include "base/util/retry.h"
#include "study/pins.h"
#include "study/role.h"
#include "study/state_folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* How long one step waits for children, how often `control` is read, how often metrics are. */
    STEWARD_STEP_MS = 200,
    STEWARD_REFRESH_MS = 500,
    STEWARD_SCRAPE_MS = 2000,
    STEWARD_NAME_MAX = 160,
    STEWARD_NUMBER_MAX = 24,
    STEWARD_NOTE_MAX = ADMIN_NOTE_MAX,
};

static const struct metric_family idle = {"xunfang_idle",
                                          METRIC_GAUGE,
                                          NULL,
                                          "1: nobody works on the run here, for this reason.",
                                          {"job", "run", "reason"},
                                          NULL};

/* A run, as seen from here. Its place among the wards is its place in the catalogue. */
struct ward {
    bool working;    /* has a child, */
    size_t child;    /* this one of the supervisor's, */
    bool stopping;   /* which was told to end, */
    int64_t kill_ms; /* and is killed then */
    int64_t retry_ms;
    unsigned failures; /* in a row */
    char reason[STEWARD_REASON_MAX];
    struct metric *metric; /* of the reason; NULL: none yet */
    bool forgotten;        /* purged, and nothing of it is left here */
};

struct steward {
    struct steward_options options;
    struct supervisor *supervisor;
    size_t working;
    bool draining;
    bool told; /* a reason changed since the note was written */
    struct ward wards[CATALOG_RUNS_MAX];
};

static int64_t now_ms(void)
{
    return clock_mono_ms(clock_system());
}

/* ---- idle, and why ---- */

static void set_reason(struct steward *steward, struct ward *ward, const struct catalog_run *run,
                       const char *reason)
{
    if (strncmp(ward->reason, reason, sizeof ward->reason - 1) == 0)
        return;
    (void) snprintf(ward->reason, sizeof ward->reason, "%s", reason);
    steward->told = false;
    if (ward->metric != NULL)
        metric_set(ward->metric, 0);
    ward->metric = NULL;
    if (reason[0] == '\0') {
        log_write(LOG_INFO, "a run no longer waits here", {"job", slice_from(run->job)},
                  {"run", slice_from(run->run)});
        return;
    }
    log_write(LOG_WARN, "a run waits here", {"job", slice_from(run->job)},
              {"run", slice_from(run->run)}, {"reason", slice_from(ward->reason)});
    ward->metric = metric_series(&idle, run->job, run->run, ward->reason);
    metric_set(ward->metric, 1);
}

static void put_off(struct steward *steward, struct ward *ward, const struct catalog_run *run,
                    const char *reason)
{
    /* The ward's address seeds the jitter, so that runs that failed together do not come back
     * together. */
    const struct retry_policy policy = {steward->options.retry_ms, STEWARD_RETRY_MAX_MS, 0};

    ward->retry_ms =
        now_ms() + retry_wait_ms(&policy, ward->failures++, (uint64_t) (uintptr_t) ward);
    set_reason(steward, ward, run, reason);
}

/* ---- children ---- */

static enum status able(const struct steward *steward, const struct catalog_run *run,
                        struct error *err)
{
    struct study *study = NULL;
    enum status status;

    if (steward->options.able != NULL)
        return steward->options.able(steward->options.self, run, err);
    status = role_load_study(run, &study, err);
    if (status == STATUS_OK)
        status = pins_check(run, study, steward->options.stage, err);
    study_destroy(study);
    return status;
}

static enum status start_child(struct steward *steward, struct ward *ward,
                               const struct catalog_run *run, struct error *err)
{
    const struct daemon_settings *settings = steward->options.settings;
    char name[STEWARD_NAME_MAX], labels[STEWARD_NAME_MAX], index[STEWARD_NUMBER_MAX];
    const char *const arguments[] = {"--bus",   settings->bus, "--data",      settings->data,
                                     "--job",   run->job,      "--run",       run->run,
                                     "--index", index,         "--log-level", settings->log_level,
                                     "--admin", "127.0.0.1:0", NULL};
    const struct child_command command = {name, steward->options.program, arguments, labels};

    (void) snprintf(name, sizeof name, "%s-%s.%s", steward->options.stage, run->job, run->run);
    (void) snprintf(labels, sizeof labels, "job=\"%s\",run=\"%s\"", run->job, run->run);
    (void) snprintf(index, sizeof index, "%" PRIu64, settings->index);
    return supervisor_start(steward->supervisor, &command, &ward->child, err);
}

static void begin(struct steward *steward, struct ward *ward, const struct catalog_run *run)
{
    struct error err = {.code = STATUS_OK};
    char text[STEWARD_REASON_MAX];

    if (steward->working == STEWARD_RUNS_MAX) {
        (void) snprintf(text, sizeof text, "%d runs are worked on at once: waits for one to end",
                        STEWARD_RUNS_MAX);
        set_reason(steward, ward, run, text);
        return;
    }
    if (able(steward, run, &err) != STATUS_OK ||
        start_child(steward, ward, run, &err) != STATUS_OK) {
        put_off(steward, ward, run, err.message);
        return;
    }
    ward->working = true;
    ward->stopping = false;
    steward->working++;
}

/* The child of this run is no more. */
static void bury(struct steward *steward, struct ward *ward, const struct catalog_run *run)
{
    const struct child *child = supervisor_child(steward->supervisor, ward->child);
    char text[STEWARD_REASON_MAX];

    if (child->failure[0] != '\0') {
        (void) snprintf(text, sizeof text, "its worker does not stay up (%s)", child->failure);
        put_off(steward, ward, run, text);
    }
    supervisor_release(steward->supervisor, ward->child);
    ward->working = false;
    steward->working--;
}

static void tend_child(struct steward *steward, struct ward *ward, const struct catalog_run *run,
                       bool wanted)
{
    const struct child *child = supervisor_child(steward->supervisor, ward->child);

    if (child->state == CHILD_ENDED) {
        bury(steward, ward, run);
        return;
    }
    /* Ready, not merely started: only that ends the row of failures. */
    if (child->state == CHILD_READY) {
        ward->failures = 0;
        set_reason(steward, ward, run, "");
    }
    if (!wanted && !ward->stopping) {
        supervisor_stop(steward->supervisor, ward->child);
        ward->stopping = true;
        ward->kill_ms = now_ms() + steward->options.drain_ms;
    }
    /* What it had not finished is done again by whoever has its partitions next. */
    if (ward->stopping && now_ms() >= ward->kill_ms)
        supervisor_kill(steward->supervisor, ward->child);
}

/* Best effort: a folder that stays costs space only. */
static void forget(const struct steward *steward, struct ward *ward, const struct catalog_run *run)
{
    const struct daemon_settings *settings = steward->options.settings;
    const struct state_place place = {settings->data, run->job, run->run, settings->index};
    struct error err = {.code = STATUS_OK};

    /* Set before it is tried: a folder that cannot be removed is told of once. */
    ward->forgotten = true;
    if (state_forget(&place, steward->options.stage, &err) != STATUS_OK)
        log_failure(LOG_WARN, "state of a purged run stays", &err);
}

static void tend(struct steward *steward, struct ward *ward, const struct catalog_run *run)
{
    bool wanted = !steward->draining && catalog_wants(run, steward->options.stage);

    if (ward->working)
        tend_child(steward, ward, run, wanted);
    if (ward->working)
        return;
    if (!wanted) {
        ward->failures = 0;
        ward->retry_ms = 0;
        set_reason(steward, ward, run, "");
        if (run->state == RUN_PURGED && !ward->forgotten)
            forget(steward, ward, run);
    } else if (now_ms() >= ward->retry_ms) {
        begin(steward, ward, run);
    }
}

/* ---- life ---- */

enum status steward_create(const struct steward_options *options, struct steward **result,
                           struct error *err)
{
    struct steward *steward = calloc(1, sizeof *steward);

    if (steward != NULL)
        steward->supervisor = supervisor_create();
    if (steward == NULL || steward->supervisor == NULL) {
        free(steward);
        return error_set(err, STATUS_NOMEM, "no memory for child processes");
    }
    supervisor_lenient(steward->supervisor);
    steward->options = *options;
    if (steward->options.drain_ms == 0)
        steward->options.drain_ms = STEWARD_DRAIN_MS;
    if (steward->options.retry_ms == 0)
        steward->options.retry_ms = STEWARD_RETRY_MS;
    steward->told = true;
    *result = steward;
    return STATUS_OK;
}

void steward_destroy(struct steward *steward)
{
    if (steward == NULL)
        return;
    supervisor_destroy(steward->supervisor);
    free(steward);
}

enum status steward_step(struct steward *steward, int64_t timeout_ms, struct error *err)
{
    const struct catalog *catalog = steward->options.catalog;

    for (size_t i = 0; i < catalog_run_count(catalog); i++)
        tend(steward, &steward->wards[i], catalog_run_at(catalog, i));
    return supervisor_step(steward->supervisor, timeout_ms, err);
}

void steward_drain(struct steward *steward)
{
    steward->draining = true;
}

size_t steward_working(const struct steward *steward)
{
    return steward->working;
}

const char *steward_reason(const struct steward *steward, const struct catalog_run *run)
{
    const struct catalog *catalog = steward->options.catalog;

    for (size_t i = 0; i < catalog_run_count(catalog); i++)
        if (catalog_run_at(catalog, i) == run)
            return steward->wards[i].reason[0] == '\0' ? NULL : steward->wards[i].reason;
    return NULL;
}

/* ---- the process ---- */

/* For /readyz: a line for each run that waits. */
static void write_note(struct steward *steward, struct daemon *daemon)
{
    struct buf note;

    if (steward->told)
        return;
    buf_init(&note, STEWARD_NOTE_MAX);
    for (size_t i = 0; i < catalog_run_count(steward->options.catalog); i++) {
        const struct catalog_run *run = catalog_run_at(steward->options.catalog, i);
        if (steward->wards[i].reason[0] != '\0')
            buf_printf(&note, "idle: %s %s: %s\n", run->job, run->run, steward->wards[i].reason);
    }
    daemon_note(daemon, buf_text(&note));
    buf_fini(&note);
    steward->told = true;
}

/* A bus that does not answer for a while is no reason to end: the children wait for it likewise. */
static enum status refresh(struct steward *steward, struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    enum status status = catalog_refresh(steward->options.catalog, 0, &cause);

    if (status == STATUS_OK)
        return STATUS_OK;
    /* NOT_FOUND too: what was made elsewhere a moment ago may be unknown to the broker that is
     * asked. */
    if (status_verdict(status) != VERDICT_RETRY && status != STATUS_NOT_FOUND) {
        if (err != NULL)
            *err = cause;
        return status;
    }
    log_failure(LOG_WARN, "the jobs cannot be read now", &cause);
    return STATUS_OK;
}

static enum status step(struct steward *steward, struct daemon *daemon, struct error *err)
{
    enum status status = refresh(steward, err);
    int64_t until = now_ms() + STEWARD_REFRESH_MS;

    while (status == STATUS_OK && now_ms() < until) {
        status = steward_step(steward, STEWARD_STEP_MS, err);
        write_note(steward, daemon);
        daemon_alive(daemon);
        if (daemon_stopping(daemon)) {
            steward_drain(steward);
            break;
        }
    }
    return status;
}

enum status steward_run(struct daemon *daemon, const struct steward_options *options,
                        struct error *err)
{
    struct steward *steward = NULL;
    int64_t scrape_ms = 0;
    enum status status = steward_create(options, &steward, err);

    while (status == STATUS_OK && !(steward->draining && steward_working(steward) == 0)) {
        status = step(steward, daemon, err);
        daemon_ready(daemon);
        if (status == STATUS_OK && options->scrape != NULL && now_ms() >= scrape_ms) {
            status = scrape_round(options->scrape, steward->supervisor, err);
            scrape_ms = now_ms() + STEWARD_SCRAPE_MS;
        }
    }
    steward_destroy(steward);
    return status;
}
