/*
 * A lease is put together in an arena, stored, and handed to fold_send, which publishes it only
 * when the batch is written. If the process dies between the two, the lease is known and was never
 * sent: its time runs out, the requests come back, nothing else happens.
 */
#include "crawler/frontier_lease.h"

#include "base/message.h"
#include "crawler/frontier_count.h"
#include "crawler/frontier_parts.h"
#include "crawler/frontier_robots.h"
#include "study/request.h"
#include "study/topics.h"

#include <stdio.h>

/* ---- picking ---- */

size_t frontier_batch(const struct draft *draft)
{
    return courtesy_batch(draft->delay_ms, draft->host->average_ms);
}

/* What robots.txt says decides: into the lease, a verdict, or left where it is. */
static enum status consider_allowed(struct frontier *frontier, struct draft *draft,
                                    struct url_ref *ref, struct error *err)
{
    struct robots_reply reply = {.verdict = ROBOTS_ALLOWED};
    char detail[HOST_DETAIL_MAX];
    enum status status = STATUS_OK;

    if (draft->job->study->job.crawl.robots == JOB_ROBOTS_OBEY)
        status = frontier_robots_ask(frontier, ref->job, ref->state->request, &reply, err);
    if (status != STATUS_OK || reply.verdict == ROBOTS_PENDING)
        return status;
    if (reply.verdict == ROBOTS_DISALLOWED)
        return frontier_close(frontier, ref, XUNFANG__VERDICT__REASON__ROBOTS, "robots.txt", err);
    if (reply.verdict == ROBOTS_UNREACHABLE) {
        (void) snprintf(detail, sizeof detail, "robots.txt: %s", reply.detail);
        return frontier_close(frontier, ref, XUNFANG__VERDICT__REASON__GAVE_UP, detail, err);
    }
    if (reply.delay_ms > draft->delay_ms) {
        draft->delay_ms = reply.delay_ms;
        if (frontier_batch(draft) < draft->limit)
            draft->limit = frontier_batch(draft);
    }
    /* The first fits always: a lease of one is the least there is, however long the delay. */
    if (draft->count == 0 || draft->count < draft->limit)
        draft->picks[draft->count++] = *ref;
    return STATUS_OK;
}

static enum status consider(struct frontier *frontier, struct draft *draft,
                            const struct queue_place *place, const struct queue_entry *entry,
                            struct error *err)
{
    struct queue_place there = {place->host, place->job, place->class, entry->order};
    struct url_ref ref;
    enum status status = frontier_find(frontier, place->job, entry->id, &ref, err);

    draft->scanned++;
    if (status != STATUS_OK)
        return status;
    if (ref.state == NULL || ref.state->state != URL_QUEUED) {
        frontier_delete_queued(&frontier->store, &there);
        return STATUS_OK;
    }
    if (place->class != CLASS_ROBOTS)
        return consider_allowed(frontier, draft, &ref, err);
    draft->picks[draft->count++] = ref;
    return STATUS_OK;
}

static bool full(const struct draft *draft)
{
    return draft->count >= draft->limit || draft->scanned >= SCAN_MAX;
}

/* One round over both classes in turn, each from where the last round stopped. */
static enum status pick_round(struct frontier *frontier, struct draft *draft,
                              struct queue_place places[2], bool *more, struct error *err)
{
    struct queue_entry entries[2][COURTESY_K_MAX];
    size_t counts[2] = {COURTESY_K_MAX, COURTESY_K_MAX};
    enum status status = STATUS_OK;

    for (int i = 0; i < 2 && status == STATUS_OK; i++)
        status = frontier_list_queued(&frontier->store, &places[i], entries[i], &counts[i], err);
    /* In turn, so that neither a thousand articles nor forty lists make the others wait. */
    for (size_t at = 0; at < COURTESY_K_MAX; at++)
        for (int i = 0; i < 2; i++) {
            if (status != STATUS_OK || at >= counts[i] || full(draft))
                continue;
            status = consider(frontier, draft, &places[i], &entries[i][at], err);
            /* Also behind what was passed over: the next round must not meet it again. */
            places[i].order = entries[i][at].order + 1;
        }
    *more = counts[0] == COURTESY_K_MAX || counts[1] == COURTESY_K_MAX;
    return status;
}

/* Requests that must wait (their robots.txt is pending) are passed over, not counted against it. */
static enum status pick_queued(struct frontier *frontier, struct draft *draft, struct error *err)
{
    struct slice job = slice_from(draft->job->name);
    struct queue_place places[2] = {{draft->host->name, job, CLASS_LIST, 0},
                                    {draft->host->name, job, CLASS_ARTICLE, 0}};
    enum status status;
    bool more;

    do
        status = pick_round(frontier, draft, places, &more, err);
    while (status == STATUS_OK && more && !full(draft));
    return status;
}

static enum status pick_robots(struct frontier *frontier, struct draft *draft, struct error *err)
{
    struct queue_place place = {draft->host->name, slice_of("", 0), CLASS_ROBOTS, 0};
    struct queue_entry entries[COURTESY_K_MAX];
    size_t count = COURTESY_K_MAX;
    enum status status = frontier_list_queued(&frontier->store, &place, entries, &count, err);

    for (size_t i = 0; i < count && status == STATUS_OK && !full(draft); i++)
        status = consider(frontier, draft, &place, &entries[i], err);
    /* Nothing else rides with them: what robots.txt says decides about the rest. */
    draft->robots = draft->count > 0;
    return status;
}

enum status frontier_pick(struct frontier *frontier, struct draft *draft, struct error *err)
{
    enum status status = pick_robots(frontier, draft, err);

    if (status == STATUS_OK && draft->count == 0)
        status = pick_queued(frontier, draft, err);
    if (status == STATUS_OK && draft->count == 0) /* it may just have asked for robots.txt */
        status = pick_robots(frontier, draft, err);
    return status;
}

/* ---- granting ---- */

static struct id lease_id(const struct frontier *frontier, const struct draft *draft)
{
    struct hash *hash = hash_create();

    /* The time is part of it: after a lost state no lease may look like one of before. */
    hash_field(hash, draft->host->name);
    hash_number(hash, (uint64_t) frontier->now_ms);
    hash_field(hash, id_slice(&draft->picks[0].id));
    hash_number(hash, draft->host->next_order);
    return hash_finish(hash);
}

/* The crawler keeps nothing, so everything it needs goes along. */
static enum status send_lease(struct frontier *frontier, const struct draft *draft,
                              Xunfang__Lease *lease, struct error *err)
{
    struct topic_name leases = topic_name(TOPIC_LEASES, NULL, NULL);
    Xunfang__LeaseItem *items = arena_array(frontier->arena, draft->count, sizeof *items);
    Xunfang__LeaseItem **pointers = arena_array(frontier->arena, draft->count, sizeof(void *));
    struct id *ids = arena_array(frontier->arena, draft->count, sizeof *ids);
    struct record record = {
        .key = draft->host->name, .job = slice_from(lease->job), .schema = RECORD_SCHEMA};
    enum status status;

    if (items == NULL || pointers == NULL || ids == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a lease");
    for (size_t i = 0; i < draft->count; i++) {
        xunfang__lease_item__init(&items[i]);
        ids[i] = request_id(draft->picks[i].state->request);
        items[i].request_id = message_bytes(id_slice(&ids[i]));
        items[i].request = draft->picks[i].state->request;
        pointers[i] = &items[i];
    }
    lease->n_items = draft->count;
    lease->items = pointers;
    buf_reset(&frontier->payload);
    message_pack(&lease->base, &frontier->payload);
    status = buf_status(&frontier->payload, err);
    if (status != STATUS_OK)
        return status;
    record.payload = buf_slice(&frontier->payload);
    record.id = draft->host->lease;
    return fold_send(frontier->batch, leases.text, &record, err);
}

/* Ids are enough: requests stand in their own states. */
static enum status store_lease(struct frontier *frontier, struct draft *draft, struct error *err)
{
    Xunfang__LeaseState state = XUNFANG__LEASE_STATE__INIT;
    struct slice payer = slice_from(draft->job->name);
    ProtobufCBinaryData *items = arena_array(frontier->arena, draft->count, sizeof *items);
    struct job_count *count = NULL;
    enum status status;

    state.job = message_text(frontier->arena, draft->robots ? slice_of("", 0) : payer);
    state.payer = message_text(frontier->arena, payer);
    if (items == NULL || state.job == NULL || state.payer == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a lease");
    for (size_t i = 0; i < draft->count; i++)
        items[i] = message_bytes(id_slice(&draft->picks[i].id));
    state.items = items;
    state.n_items = draft->count;
    frontier_put_lease(&frontier->store, draft->host->lease, &state);
    status = frontier_count(frontier, payer, &count, err);
    if (status != STATUS_OK)
        return status;
    count->leases++;
    count->parts[draft->host->part].leased += draft->count;
    frontier_count_save(frontier, count, draft->host->part);
    return STATUS_OK;
}

/* Last of all, since it takes the requests out of the queue that the picks were found in. */
static enum status hold_picks(struct frontier *frontier, struct draft *draft, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < draft->count && status == STATUS_OK; i++) {
        draft->picks[i].state->lease = message_bytes(id_slice(&draft->host->lease));
        status = frontier_move(frontier, &draft->picks[i], URL_LEASE, 0, err);
    }
    return status;
}

enum status frontier_grant(struct frontier *frontier, struct draft *draft, struct error *err)
{
    Xunfang__Lease lease = XUNFANG__LEASE__INIT;
    struct host *host = draft->host;
    struct courtesy_plan plan = {.now_ms = frontier->now_ms,
                                 .ended_ms = frontier_ended_ms(frontier, host),
                                 .delay_ms = draft->delay_ms,
                                 .average_ms = draft->host->average_ms,
                                 .timeout_ms = crawl_job_timeout(draft->job),
                                 .count = (unsigned) draft->count};
    struct courtesy_lease times;
    enum status status;

    if (host->delay_ms > plan.delay_ms)
        plan.delay_ms = host->delay_ms; /* what ran last was more careful */
    times = courtesy_lease(&plan);

    host->lease = lease_id(frontier, draft);
    host->leased = true;
    host->delay_ms = draft->delay_ms;
    host->free_ms = times.free_ms;
    frontier->leases++;
    (void) snprintf(host->payer, sizeof host->payer, "%s", draft->job->name);
    if (!draft->robots)
        (void) snprintf(draft->host->last_job, sizeof draft->host->last_job, "%s",
                        draft->job->name);
    lease.id = message_bytes(id_slice(&host->lease));
    lease.job = message_text(frontier->arena, slice_from(draft->job->name));
    lease.run = message_text(frontier->arena, slice_from(draft->job->run));
    lease.host = message_text(frontier->arena, draft->host->name);
    if (lease.job == NULL || lease.run == NULL || lease.host == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a lease");
    lease.not_before_ms = times.not_before_ms;
    lease.expires_ms = times.expires_ms;
    lease.delay_ms = host->delay_ms;
    lease.request_timeout_ms = plan.timeout_ms;
    host_save(draft->host, &frontier->store);
    status = store_lease(frontier, draft, err);
    if (status == STATUS_OK)
        status = send_lease(frontier, draft, &lease, err);
    return status == STATUS_OK ? hold_picks(frontier, draft, err) : status;
}
