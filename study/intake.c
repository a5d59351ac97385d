#include "study/intake.h"

#include "base/message.h"
#include "base/util/clock.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* A host name has 64 bytes at most on Linux. */
enum { HOST_BYTES = 65, MS_PER_SECOND = 1000 };

/* ---- who ---- */

static enum status describe(struct intake *intake, struct error *err)
{
    char host[HOST_BYTES] = "";

    if (gethostname(host, sizeof host - 1) != 0)
        (void) snprintf(host, sizeof host, "?");
    (void) snprintf(intake->by, sizeof intake->by, "%s:%ld", host, (long) getpid());
    if (getrandom(intake->token, sizeof intake->token, 0) != (ssize_t) sizeof intake->token)
        return error_set_errno(err, errno, "no random bytes");
    return STATUS_OK;
}

/* Did the process that `by` names run on this machine, and is it gone? */
static bool is_gone(const struct intake *intake, const char *by)
{
    const char *ours = strrchr(intake->by, ':'), *theirs = strrchr(by, ':');
    long pid;

    /* Of another machine nothing is known but its signs of life. */
    if (theirs == NULL || theirs - by != ours - intake->by ||
        strncmp(by, intake->by, (size_t) (theirs - by)) != 0)
        return false;
    pid = strtol(theirs + 1, NULL, 10);
    /* Another user's process cannot be signalled (EPERM) but lives; only ESRCH means that it is
     * gone. */
    return pid > 0 && pid <= INT_MAX && kill((pid_t) pid, 0) != 0 && errno == ESRCH;
}

/* ---- the claim ---- */

/* made_ms 0 gives the claim up. */
static enum status announce_claim(struct intake *intake, int64_t made_ms, struct error *err)
{
    Xunfang__IngestBegun begun = XUNFANG__INGEST_BEGUN__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    begun.job = (char *) (uintptr_t) intake->run->job;
    begun.run = (char *) (uintptr_t) intake->run->run;
    begun.generation = intake->generation;
    begun.token = message_bytes(slice_of(intake->token, sizeof intake->token));
    begun.made_ms = made_ms;
    begun.by = intake->by;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_INGEST_BEGUN;
    record.ingest_begun = &begun;
    /* Before the append: if that takes long, the next sign is due sooner, not later. */
    intake->sign_ms = clock_mono_ms(clock_system());
    return catalog_announce(intake->bus, &record, err);
}

static enum status busy(const struct catalog_run *run, struct error *err)
{
    int64_t age = clock_wall_ms(clock_system()) - run->claim->made_ms;

    return error_set(err, STATUS_BUSY,
                     "documents enter run '%s' of job '%s' just now (by %s, last heard of %lld s "
                     "ago): repeat this when it is done; one that died is taken over after %d s",
                     run->run, run->job, run->claim->by,
                     (long long) (age > 0 ? age / MS_PER_SECOND : 0),
                     INTAKE_STALE_MS / MS_PER_SECOND);
}

static bool is_ours(const struct intake *intake)
{
    const Xunfang__IngestBegun *claim = intake->run->claim;

    return claim != NULL && claim->generation == intake->generation &&
           slice_equal(message_slice(claim->token), slice_of(intake->token, sizeof intake->token));
}

static enum status check_run(const struct catalog_run *run, struct error *err)
{
    if (catalog_is_replay(run))
        return error_set(err, STATUS_USAGE,
                         "run '%s' reads the documents of run '%s': let them enter that one, and "
                         "replay it again",
                         run->run, catalog_documents_run(run));
    if (run->state == RUN_CANCELLED || run->state == RUN_PURGED)
        return error_set(err, STATUS_USAGE, "job '%s' is %s: nothing enters it any more", run->job,
                         run_state_text(run->state));
    return STATUS_OK;
}

/* ---- steps ---- */

enum status intake_begin(struct bus *bus, struct catalog *catalog, const struct catalog_run *run,
                         struct intake *result, struct error *err)
{
    struct intake intake = {.bus = bus, .catalog = catalog, .run = run};
    int64_t now = clock_wall_ms(clock_system());
    /* What was known may be old: somebody else's claim or end may stand in the log since. */
    enum status status = catalog_refresh(catalog, 0, err);

    if (status == STATUS_OK)
        status = check_run(run, err);
    if (status == STATUS_OK)
        status = describe(&intake, err);
    if (status != STATUS_OK)
        return status;
    if (run->claim != NULL && now - run->claim->made_ms < INTAKE_STALE_MS &&
        !is_gone(&intake, run->claim->by))
        return busy(run, err);
    /* Above every number that was ever claimed, given up ones too: documents may stand in the log
     * under them. */
    intake.generation = (run->claimed > run->generation ? run->claimed : run->generation) + 1;
    status = announce_claim(&intake, now, err);
    if (status == STATUS_OK)
        status = catalog_refresh(catalog, 0, err);
    if (status != STATUS_OK)
        return status;
    /* Read back: of two claims of one number the first in the log has it. */
    if (!is_ours(&intake))
        return run->claim != NULL ? busy(run, err)
                                  : error_set(err, STATUS_BUSY,
                                              "documents entered job '%s' at the same moment: "
                                              "repeat this",
                                              run->job);
    *result = intake;
    return STATUS_OK;
}

enum status intake_alive(struct intake *intake, struct error *err)
{
    if (clock_mono_ms(clock_system()) - intake->sign_ms < INTAKE_SIGN_MS)
        return STATUS_OK;
    return announce_claim(intake, clock_wall_ms(clock_system()), err);
}

static enum status announce_end(const struct intake *intake, uint64_t documents, struct error *err)
{
    Xunfang__Ingested ingested = XUNFANG__INGESTED__INIT;
    Xunfang__ControlRecord record = XUNFANG__CONTROL_RECORD__INIT;

    ingested.job = (char *) (uintptr_t) intake->run->job;
    ingested.run = (char *) (uintptr_t) intake->run->run;
    ingested.generation = intake->generation;
    ingested.documents = documents;
    record.kind_case = XUNFANG__CONTROL_RECORD__KIND_INGESTED;
    record.ingested = &ingested;
    return catalog_announce(intake->bus, &record, err);
}

/* Ours is the only announcement of its number, so the number tells whether it counts: newer ones
 * that stand before it in the log made it void. */
enum status intake_end(struct intake *intake, uint64_t documents, struct error *err)
{
    enum status status = STATUS_OK;

    /* A generation without documents would only open and seal the run once more. */
    if (documents == 0) {
        intake_give_up(intake);
        return STATUS_OK;
    }
    status = announce_end(intake, documents, err);
    if (status == STATUS_OK)
        status = catalog_refresh(intake->catalog, 0, err);
    if (status != STATUS_OK || intake->run->generation == intake->generation)
        return status;
    return error_set(
        err, STATUS_BUSY,
        "other documents entered job '%s' meanwhile, by somebody who took this process "
        "for dead: repeat this (what stands there already is not added twice)",
        intake->run->job);
}

void intake_give_up(struct intake *intake)
{
    status_ignore(announce_claim(intake, 0, NULL));
}
