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
};

struct send_row {
    uint32_t host; /* text */
    int64_t sent_ms;
    int64_t ended_ms;
    int64_t delay_ms;
};

struct courtesy {
    struct rows leases;
    struct idtable lease_by_id;
    struct rows sends;
    struct strings *hosts;
    int64_t job_delay_ms;
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

/* Puts the send on the connection that ended last among those that allow it; false if none does. */
static bool fits(const struct send_time *send, int64_t *ends, size_t connections)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < connections; i++) {
        bool allowed = ends[i] == INT64_MIN ||
                       send->sent_ms - ends[i] + COURTESY_ROUNDING_MS >= send->delay_ms;

        if (allowed && (best == SIZE_MAX || ends[i] > ends[best]))
            best = i;
    }
    ends[best == SIZE_MAX ? 0 : best] = send->ended_ms;
    return best != SIZE_MAX;
}

size_t courtesy_count(struct send_time *sends, size_t count, size_t connections, struct slice *host)
{
    int64_t ends[COURTESY_CONNECTIONS_MAX];
    size_t early = 0;

    if (connections > COURTESY_CONNECTIONS_MAX)
        connections = COURTESY_CONNECTIONS_MAX;
    if (count > 0)
        qsort(sends, count, sizeof *sends, by_host_and_time);
    for (size_t i = 0; i < count; i++) {
        bool first = i == 0 || !slice_equal(sends[i].host, sends[i - 1].host);

        for (size_t c = 0; first && c < connections; c++)
            ends[c] = INT64_MIN;
        /* A result whose acknowledgement was lost stands in the log twice. */
        if (!first && same_send(&sends[i], &sends[i - 1]))
            continue;
        if (!fits(&sends[i], ends, connections) && early++ == 0)
            *host = sends[i].host;
    }
    return early;
}

/* ---- reading ---- */

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
    *row = (struct lease_row){id, lease->delay_ms};
    return idtable_add(&courtesy->lease_by_id, err);
}

/* Of a lease that is not in the log (a tail lost to a power cut) the job's delay is the least
 * there was. */
static int64_t delay_of(const struct courtesy *courtesy, const Xunfang__Result *result)
{
    struct id id;
    size_t index = SIZE_MAX;

    if (id_from_bytes(message_slice(result->lease), &id, NULL) == STATUS_OK)
        index = idtable_find(&courtesy->lease_by_id, id);
    if (index == SIZE_MAX)
        return courtesy->job_delay_ms;
    return ((const struct lease_row *) rows_at(&courtesy->leases, index))->delay_ms;
}

/* Results of all jobs: a host has one clock. */
static enum status on_url(void *self, const struct log_place *place, const struct record *record,
                          struct arena *arena, struct error *err)
{
    struct courtesy *courtesy = self;
    const Xunfang__UrlRecord *message =
        message_unpack(&xunfang__url_record__descriptor, record->payload, arena, NULL);

    (void) place;
    if (message == NULL || message->kind_case != XUNFANG__URL_RECORD__KIND_RESULT)
        return STATUS_OK;
    for (size_t i = 0; i < message->result->n_fetches; i++) {
        const Xunfang__FetchResult *fetch = message->result->fetches[i];
        struct send_row *row;

        if (fetch->request == NULL || fetch->sent_ms <= 0)
            continue; /* never sent */
        row = rows_add(&courtesy->sends);
        if (row == NULL)
            return rows_status(&courtesy->sends, "requests", err);
        *row = (struct send_row){
            strings_put(courtesy->hosts, request_host(slice_from(fetch->request->url))),
            fetch->sent_ms, fetch->ended_ms, delay_of(courtesy, message->result)};
    }
    return strings_status(courtesy->hosts, err);
}

static enum status read_log(const struct job_source *source, enum topic_kind kind,
                            struct courtesy *courtesy, struct error *err)
{
    const struct log_handler handler = {.on_record = kind == TOPIC_URLS ? on_url : on_lease,
                                        .self = courtesy};

    return job_read_log(source, kind, &handler, err);
}

static enum status judge(const struct job_source *source, const struct courtesy *courtesy,
                         struct verify *verify, struct error *err)
{
    size_t count = courtesy->sends.count, early;
    struct send_time *sends = calloc(count + 1, sizeof *sends);
    struct slice host = {NULL, 0};
    char detail[300];

    if (sends == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for %zu requests", count);
    for (size_t i = 0; i < count; i++) {
        const struct send_row *row = rows_at(&courtesy->sends, i);
        sends[i] = (struct send_time){strings_get(courtesy->hosts, row->host), row->sent_ms,
                                      row->ended_ms, row->delay_ms};
    }
    early = courtesy_count(sends, count, source->study->job.crawl.connections_per_host, &host);
    (void) snprintf(detail, sizeof detail, "host %.*s", SLICE_ARG(host));
    verify_none(verify, "no request came sooner than its delay", early, detail);
    free(sends);
    return STATUS_OK;
}

enum status verify_courtesy(const struct job_source *source, struct verify *verify,
                            struct error *err)
{
    struct courtesy courtesy = {.hosts = strings_create(),
                                .job_delay_ms = source->study->job.crawl.delay_ms};
    enum status status;

    if (courtesy.hosts == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for hosts");
    rows_init(&courtesy.leases, sizeof(struct lease_row), COURTESY_SENDS_MAX);
    rows_init(&courtesy.sends, sizeof(struct send_row), COURTESY_SENDS_MAX);
    idtable_init(&courtesy.lease_by_id, &courtesy.leases);
    status = read_log(source, TOPIC_LEASES, &courtesy, err);
    if (status == STATUS_OK)
        status = read_log(source, TOPIC_URLS, &courtesy, err);
    if (status == STATUS_OK)
        status = judge(source, &courtesy, verify, err);
    rows_fini(&courtesy.leases);
    rows_fini(&courtesy.sends);
    idtable_fini(&courtesy.lease_by_id);
    strings_destroy(courtesy.hosts);
    return status;
}
