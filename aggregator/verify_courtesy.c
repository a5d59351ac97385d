/*
 * Leases are read first, by id, with the delay they promise and the moment they are over; then
 * every send of every job in urls finds its lease. Sorted by host and time, each send is compared
 * with the one before.
 */
#include "aggregator/verify_courtesy.h"

#include "aggregator/idtable.h"
#include "aggregator/strings.h"
#include "base/message.h"
#include "proto/lease.pb-c.h"
#include "proto/url.pb-c.h"
#include "study/request.h"

#include <stdio.h>
#include <stdlib.h>

struct lease_row {
    struct id id;
    int64_t delay_ms;
    int64_t free_ms;
};

struct send_row {
    uint32_t host; /* text */
    int64_t sent_ms;
    int64_t ended_ms;
    int64_t delay_ms;
    int64_t free_ms;
};

struct job_row {
    uint32_t name; /* text */
    int64_t delay_ms;
};

struct courtesy {
    const struct job_source *source;
    struct rows leases;
    struct idtable lease_by_id;
    struct rows sends;
    struct rows jobs; /* whose delay was asked for */
    struct strings *texts;
};

/* ---- the rule ---- */

static int by_host_and_time(const void *a, const void *b)
{
    const struct send_time *x = a, *y = b;
    int order = slice_compare(x->host, y->host);

    if (order != 0)
        return order;
    if (x->sent_ms != y->sent_ms)
        return x->sent_ms < y->sent_ms ? -1 : 1;
    return x->ended_ms < y->ended_ms ? -1 : x->ended_ms > y->ended_ms;
}

static bool same_send(const struct send_time *a, const struct send_time *b)
{
    return slice_equal(a->host, b->host) && a->sent_ms == b->sent_ms && a->ended_ms == b->ended_ms;
}

static bool too_long(const struct send_time *send)
{
    return send->ended_ms > send->free_ms;
}

/* A short interval between two sends. The stopped one of them was in the other's time, so the
 * rhythm goes on from the other. Returns the send that the next one is compared with. So a stop
 * excuses one interval at most: the one before it, and the next send is measured from the send
 * before; or the one after it. */
static const struct send_time *take_short(const struct send_time *before,
                                          const struct send_time *send,
                                          struct courtesy_count *result)
{
    bool stopped = too_long(send);
    bool excused = stopped || (too_long(before) && send->sent_ms >= before->free_ms);

    if (result->early == 0 && (!excused || result->excused == 0)) {
        result->first = *send;
        result->first_gap_ms = send->sent_ms - before->ended_ms;
    }
    if (excused)
        result->excused++;
    else
        result->early++;
    return stopped ? before : send;
}

void courtesy_count(struct send_time *sends, size_t count, struct courtesy_count *result)
{
    const struct send_time *before = NULL;

    *result = (struct courtesy_count){0};
    if (count > 0)
        qsort(sends, count, sizeof *sends, by_host_and_time);
    for (size_t i = 0; i < count; i++) {
        const struct send_time *send = &sends[i];
        bool first = before == NULL || !slice_equal(send->host, before->host);

        /* A result whose acknowledgement was lost stands in the log twice. */
        if (i > 0 && same_send(send, &sends[i - 1]))
            continue;
        result->stops += too_long(send);
        if (first || send->sent_ms - before->ended_ms + COURTESY_ROUNDING_MS >= send->delay_ms)
            before = send;
        else
            before = take_short(before, send, result);
    }
}

/* ---- reading ---- */

/* A lease that was published twice is the same lease. */
static enum status on_lease(void *self, const struct log_place *place, const struct record *record,
                            struct arena *arena, struct error *err)
{
    struct courtesy *courtesy = self;
    const Xunfang__Lease *lease =
        message_unpack(&xunfang__lease__descriptor, record->payload, arena, NULL);
    struct lease_row *row;
    struct id id;

    (void) place;
    if (lease == NULL || id_from_bytes(message_slice(lease->id), &id, NULL) != STATUS_OK ||
        idtable_find(&courtesy->lease_by_id, id) != SIZE_MAX)
        return STATUS_OK;
    row = rows_add(&courtesy->leases);
    if (row == NULL)
        return rows_status(&courtesy->leases, "leases", err);
    *row = (struct lease_row){id, lease->delay_ms, lease->expires_ms + lease->request_timeout_ms};
    return idtable_add(&courtesy->lease_by_id, err);
}

/* The delay of a job by its file: the least there was. 0 if the job is not known any more. Less
 * than robots.txt may have asked for: without the lease nothing tells that. */
static enum status job_delay(const struct job_source *source, struct slice job, int64_t *delay_ms,
                             struct error *err)
{
    const struct catalog_run *run = NULL;
    struct study *study = NULL;
    enum status status;

    *delay_ms = source->study->job.crawl.delay_ms;
    if (slice_equal(job, slice_from(source->run->job)))
        return STATUS_OK;
    *delay_ms = 0;
    if (source->catalog != NULL && topic_check_name("job", job, NULL) == STATUS_OK)
        run = catalog_crawl(source->catalog, job.data);
    if (run == NULL)
        return STATUS_OK;
    status = job_study(run, &study, err);
    if (status == STATUS_OK)
        *delay_ms = study->job.crawl.delay_ms;
    study_destroy(study);
    return status;
}

/* Asked for once a job. */
static enum status find_job_delay(struct courtesy *courtesy, struct slice job, int64_t *delay_ms,
                                  struct error *err)
{
    uint32_t name = strings_put(courtesy->texts, job);
    struct job_row *row;
    enum status status;

    for (size_t i = 0; i < courtesy->jobs.count; i++) {
        row = rows_at(&courtesy->jobs, i);
        if (row->name == name) {
            *delay_ms = row->delay_ms;
            return STATUS_OK;
        }
    }
    status = job_delay(courtesy->source, job, delay_ms, err);
    row = status == STATUS_OK ? rows_add(&courtesy->jobs) : NULL;
    if (status != STATUS_OK)
        return status;
    if (row == NULL)
        return rows_status(&courtesy->jobs, "jobs", err);
    *row = (struct job_row){name, *delay_ms};
    return STATUS_OK;
}

/* Leases that are not in the log: a power cut took its tail, or the job came from an archive. */
static enum status find_lease(struct courtesy *courtesy, const struct record *record,
                              const Xunfang__Result *result, struct lease_row *lease,
                              struct error *err)
{
    size_t index = SIZE_MAX;

    *lease = (struct lease_row){.free_ms = INT64_MAX};
    if (id_from_bytes(message_slice(result->lease), &lease->id, NULL) == STATUS_OK)
        index = idtable_find(&courtesy->lease_by_id, lease->id);
    if (index == SIZE_MAX)
        return find_job_delay(courtesy, record->job, &lease->delay_ms, err);
    *lease = *(const struct lease_row *) rows_at(&courtesy->leases, index);
    return STATUS_OK;
}

static enum status add_send(struct courtesy *courtesy, const struct lease_row *lease,
                            const Xunfang__FetchResult *fetch, struct error *err)
{
    struct send_row *row;

    if (fetch->request == NULL || fetch->sent_ms <= 0)
        return STATUS_OK; /* never sent */
    row = rows_add(&courtesy->sends);
    if (row == NULL)
        return rows_status(&courtesy->sends, "requests", err);
    *row = (struct send_row){
        strings_put(courtesy->texts, request_host(slice_from(fetch->request->url))), fetch->sent_ms,
        fetch->ended_ms, lease->delay_ms, lease->free_ms};
    return STATUS_OK;
}

/* Results of all jobs: a host has one clock. */
static enum status on_url(void *self, const struct log_place *place, const struct record *record,
                          struct arena *arena, struct error *err)
{
    struct courtesy *courtesy = self;
    const Xunfang__UrlRecord *message =
        message_unpack(&xunfang__url_record__descriptor, record->payload, arena, NULL);

    struct lease_row lease;
    enum status status = STATUS_OK;

    (void) place;
    if (message == NULL || message->kind_case != XUNFANG__URL_RECORD__KIND_RESULT)
        return STATUS_OK;
    status = find_lease(courtesy, record, message->result, &lease, err);
    for (size_t i = 0; i < message->result->n_fetches && status == STATUS_OK; i++)
        status = add_send(courtesy, &lease, message->result->fetches[i], err);
    return status == STATUS_OK ? strings_status(courtesy->texts, err) : status;
}

static enum status read_log(const struct job_source *source, enum topic_kind kind,
                            struct courtesy *courtesy, struct error *err)
{
    const struct log_handler handler = {.on_record = kind == TOPIC_URLS ? on_url : on_lease,
                                        .self = courtesy};

    return job_read_log(source, kind, &handler, err);
}

/* The first offender, for people. */
static void describe(const struct courtesy_count *count, char *text, size_t size)
{
    (void) snprintf(text, size,
                    "host %.*s: a request %lld ms after the one before, %lld ms are due (sent at "
                    "%lld)",
                    SLICE_ARG(count->first.host), (long long) count->first_gap_ms,
                    (long long) count->first.delay_ms, (long long) count->first.sent_ms);
}

static enum status judge(const struct courtesy *courtesy, struct verify *verify, struct error *err)
{
    size_t count = courtesy->sends.count;
    struct send_time *sends = calloc(count + 1, sizeof *sends);
    struct courtesy_count found;
    char detail[400];

    if (sends == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for %zu requests", count);
    for (size_t i = 0; i < count; i++) {
        const struct send_row *row = rows_at(&courtesy->sends, i);
        sends[i] = (struct send_time){strings_get(courtesy->texts, row->host), row->sent_ms,
                                      row->ended_ms, row->delay_ms, row->free_ms};
    }
    courtesy_count(sends, count, &found);
    describe(&found, detail, sizeof detail);
    verify_none(verify, "no request came sooner than its delay", found.early, detail);
    verify_tell(verify,
                &(struct finding){"short intervals beside a process that was stopped, one a stop",
                                  found.excused, found.excused,
                                  found.excused > 0 && found.early == 0 ? detail : NULL});
    free(sends);
    return STATUS_OK;
}

enum status verify_courtesy(const struct job_source *source, struct verify *verify,
                            struct error *err)
{
    struct courtesy courtesy = {.source = source, .texts = strings_create()};
    enum status status;

    if (courtesy.texts == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for hosts");
    rows_init(&courtesy.leases, sizeof(struct lease_row), COURTESY_SENDS_MAX);
    rows_init(&courtesy.sends, sizeof(struct send_row), COURTESY_SENDS_MAX);
    rows_init(&courtesy.jobs, sizeof(struct job_row), CATALOG_RUNS_MAX);
    idtable_init(&courtesy.lease_by_id, &courtesy.leases);
    status = read_log(source, TOPIC_LEASES, &courtesy, err);
    if (status == STATUS_OK)
        status = read_log(source, TOPIC_URLS, &courtesy, err);
    if (status == STATUS_OK)
        status = judge(&courtesy, verify, err);
    rows_fini(&courtesy.leases);
    rows_fini(&courtesy.sends);
    rows_fini(&courtesy.jobs);
    idtable_fini(&courtesy.lease_by_id);
    strings_destroy(courtesy.texts);
    return status;
}
