/* A change is checked before it touches log_partitions: the group that it joins holds the changes
 * of others, too, and cannot be taken back for one that fails half-way. */
#include "base/bus/log_requests.h"

#include "base/bus/log_batch.h"
#include "base/bus/log_link.h"

#include <string.h>

/* The size is checked first: protobuf-c allocates for whatever it is told. */
Xunfang__LogRequest *log_request_decode(struct slice bytes)
{
    if (bytes.size > LOG_HEADER_MAX)
        return NULL;
    return xunfang__log_request__unpack(NULL, bytes.size, (const uint8_t *) bytes.data);
}

/* Taking a partition is a change, looking at one is not, though both are OPEN. */
bool log_request_changes(const Xunfang__LogRequest *request)
{
    switch (request->kind_case) {
    case XUNFANG__LOG_REQUEST__KIND_CREATE:
    case XUNFANG__LOG_REQUEST__KIND_DELETE:
    case XUNFANG__LOG_REQUEST__KIND_APPEND:
    case XUNFANG__LOG_REQUEST__KIND_COMMIT:
        return true;
    case XUNFANG__LOG_REQUEST__KIND_OPEN:
        return request->open->take;
    default:
        return false;
    }
}

/* ---- replies ---- */

/* Room for a full fetch and the one record that may exceed it. */
void log_reply_init(struct log_reply *reply, struct arena *arena, uint64_t id)
{
    *reply = (struct log_reply){.arena = arena, .message = XUNFANG__LOG_REPLY__INIT};
    reply->message.id = id;
    buf_init(&reply->payload, LOG_FETCH_MAX + BUS_RECORD_MAX + LOG_RECORD_HEAD);
}

void log_reply_fini(struct log_reply *reply)
{
    buf_fini(&reply->payload);
}

void log_reply_fail(struct log_reply *reply, const struct error *err)
{
    uint64_t id = reply->message.id;
    char *text = arena_printf(reply->arena, "%s", err->message);

    /* Nothing of a half-built answer may go out with the failure. */
    reply->message = (Xunfang__LogReply) XUNFANG__LOG_REPLY__INIT;
    reply->message.id = id;
    reply->message.status = err->code;
    reply->message.message = text == NULL ? (char *) protobuf_c_empty_string : text;
    reply->records = 0;
    buf_reset(&reply->payload);
}

enum status log_reply_pack(const struct log_reply *reply, struct buf *out, struct error *err)
{
    char *room = buf_reserve(out, xunfang__log_reply__get_packed_size(&reply->message));

    if (room == NULL)
        return error_prefix(err, buf_status(out, err), "a reply of the log");
    buf_added(out, xunfang__log_reply__pack(&reply->message, (uint8_t *) room));
    return STATUS_OK;
}

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "a reply of the log");
}

/* Room for `count` runs, so that adding one cannot fail. */
static enum status reserve_runs(struct log_reply *reply, size_t count, struct error *err)
{
    Xunfang__LogRun *runs = arena_array(reply->arena, count, sizeof *runs);

    reply->message.runs = arena_array(reply->arena, count, sizeof(Xunfang__LogRun *));
    if (runs == NULL || reply->message.runs == NULL)
        return no_memory(err);
    for (size_t i = 0; i < count; i++)
        reply->message.runs[i] = &runs[i];
    return STATUS_OK;
}

static Xunfang__LogRun *new_run(struct log_reply *reply)
{
    Xunfang__LogRun *run = reply->message.runs[reply->message.n_runs++];

    xunfang__log_run__init(run);
    return run;
}

/* ---- checks ---- */

/* All of them before any is touched, so that a failed request has changed nothing. */
static enum status check_positions(const struct log_partitions *log, size_t count,
                                   Xunfang__LogPosition *const *positions, struct error *err)
{
    enum status status = STATUS_OK;
    uint64_t end;

    if (count == 0 || count > BUS_PARTITIONS_MAX)
        return error_set(err, STATUS_INVALID, "a request about %zu partitions: 1 to %d are allowed",
                         count, (int) BUS_PARTITIONS_MAX);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct bus_partition at = {positions[i]->topic, positions[i]->partition};
        status = log_partitions_end(log, &at, &end, err);
    }
    return status;
}

/* The runs must be whole, fill the payload and name partitions there are. */
static enum status check_append(const struct log_partitions *log, const Xunfang__LogAppend *append,
                                struct slice payload, struct error *err)
{
    enum status status = STATUS_OK;
    uint64_t end;

    for (size_t i = 0; i < append->n_runs && status == STATUS_OK; i++) {
        const Xunfang__LogRun *run = append->runs[i];
        struct bus_partition at = {run->topic, run->partition};
        struct slice bytes = slice_sub(payload, 0, run->size);
        if (bytes.size < run->size)
            return error_set(err, STATUS_INVALID, "an append has fewer bytes than its runs");
        status = log_batch_check(bytes, run->count, err);
        if (status == STATUS_OK)
            status = log_partitions_end(log, &at, &end, err);
        payload = slice_sub(payload, bytes.size, SIZE_MAX);
    }
    if (status == STATUS_OK && (payload.size > 0 || append->n_runs == 0))
        status = error_set(err, STATUS_INVALID, "an append has more bytes than its runs");
    return status;
}

/* ---- changes ---- */

/* Everything that can fail comes before the first run is appended. */
static enum status change_append(struct log_partitions *log, const Xunfang__LogAppend *append,
                                 struct slice payload, struct log_reply *reply, struct error *err)
{
    enum status status = check_append(log, append, payload, err);

    if (status == STATUS_OK)
        status = reserve_runs(reply, append->n_runs, err);
    for (size_t i = 0; i < append->n_runs && status == STATUS_OK; i++) {
        const Xunfang__LogRun *run = append->runs[i];
        struct bus_partition at = {run->topic, run->partition};
        struct log_records records = {run->count, slice_sub(payload, 0, run->size)};
        Xunfang__LogRun *answer = new_run(reply);
        status = log_partitions_append(log, &at, records, &answer->first, err);
        payload = slice_sub(payload, run->size, SIZE_MAX);
        reply->records += run->count;
    }
    return status;
}

/* A position missing from the message is NULL, not zero. */
static enum status change_commit(struct log_partitions *log, const Xunfang__LogCommit *commit,
                                 struct error *err)
{
    struct log_claim claim = {.owner = commit->owner, .committed = true};
    struct bus_partition at;

    if (commit->position == NULL || commit->metadata.len > sizeof claim.metadata)
        return error_set(err, STATUS_INVALID, "a commit without position or with %zu bytes",
                         commit->metadata.len);
    at = (struct bus_partition){commit->position->topic, commit->position->partition};
    claim.offset = commit->position->offset;
    claim.metadata_size = commit->metadata.len;
    if (claim.metadata_size > 0)
        memcpy(claim.metadata, commit->metadata.data, claim.metadata_size);
    return log_partitions_commit(log, &at, slice_from(commit->stage), &claim, err);
}

/* Copies a claim into the reply. */
/* Copies: the claim is the caller's, the reply is packed later. */
static enum status add_opened(struct log_reply *reply, const struct log_claim *claim, uint64_t end,
                              struct error *err)
{
    Xunfang__LogOpened *opened = arena_alloc(reply->arena, sizeof *opened);
    struct slice metadata =
        arena_copy(reply->arena, slice_of(claim->metadata, claim->metadata_size));

    if (opened == NULL || metadata.data == NULL)
        return no_memory(err);
    xunfang__log_opened__init(opened);
    opened->owner = claim->owner;
    opened->committed = claim->committed;
    opened->offset = claim->offset;
    opened->metadata.len = metadata.size;
    opened->metadata.data = (uint8_t *) metadata.data;
    opened->end = end;
    reply->message.opened[reply->message.n_opened++] = opened;
    return STATUS_OK;
}

/* Both kinds of OPEN. */
static enum status open_partitions(struct log_partitions *log, const Xunfang__LogOpen *request,
                                   struct log_reply *reply, struct error *err)
{
    struct slice stage = slice_from(request->stage);
    enum status status = check_positions(log, request->n_partitions, request->partitions, err);

    if (status != STATUS_OK)
        return status;
    reply->message.opened =
        arena_array(reply->arena, request->n_partitions, sizeof(Xunfang__LogOpened *));
    if (reply->message.opened == NULL)
        return no_memory(err);
    for (size_t i = 0; i < request->n_partitions && status == STATUS_OK; i++) {
        const Xunfang__LogPosition *position = request->partitions[i];
        struct bus_partition at = {position->topic, position->partition};
        struct log_claim claim = {.owner = 0};
        uint64_t end = 0;
        if (request->take)
            status = log_partitions_take(log, &at, stage, &claim, err);
        else if (stage.size > 0)
            status = log_partitions_claim(log, &at, stage, &claim, err);
        if (status == STATUS_OK)
            status = log_partitions_end(log, &at, &end, err);
        if (status == STATUS_OK)
            status = add_opened(reply, &claim, end, err);
    }
    return status;
}

enum status log_request_change(struct log_partitions *log, const Xunfang__LogRequest *request,
                               struct slice payload, struct log_reply *reply, struct error *err)
{
    switch (request->kind_case) {
    case XUNFANG__LOG_REQUEST__KIND_CREATE:
        return log_partitions_create(log, slice_from(request->create->topic),
                                     request->create->partitions, err);
    case XUNFANG__LOG_REQUEST__KIND_DELETE:
        log_partitions_delete(log, slice_from(request->delete_->topic));
        return STATUS_OK;
    case XUNFANG__LOG_REQUEST__KIND_APPEND:
        return change_append(log, request->append, payload, reply, err);
    case XUNFANG__LOG_REQUEST__KIND_COMMIT:
        return change_commit(log, request->commit, err);
    default:
        return open_partitions(log, request->open, reply, err);
    }
}

/* ---- reads ---- */

/* Both ends are one build; the number is for a client of an older one that was left running. */
static enum status read_hello(const Xunfang__LogHello *hello, struct log_reply *reply,
                              struct error *err)
{
    if (hello->protocol != LOG_PROTOCOL)
        return error_set(err, STATUS_UNSUPPORTED,
                         "the log server speaks protocol %d, its client %s speaks %u",
                         (int) LOG_PROTOCOL, hello->client, hello->protocol);
    reply->message.protocol = LOG_PROTOCOL;
    return STATUS_OK;
}

/* One position of a fetch; adds a run if there are records. */
/* An empty position leaves no trace in the reply. */
static enum status fetch_position(struct log_partitions *log, const struct log_read *want,
                                  uint32_t position, struct log_reply *reply, struct error *err)
{
    struct buf *payload = &reply->payload;
    size_t before = payload->size;
    uint32_t count = 0;
    uint64_t end = 0;
    Xunfang__LogRun *run;
    enum status status = log_partitions_end(log, &want->partition, &end, err);

    if (status == STATUS_OK && want->offset < end)
        status = log_partitions_read(log, want, payload, &count, err);
    if (status != STATUS_OK || count == 0)
        return status;
    run = new_run(reply);
    run->position = position;
    run->first = want->offset;
    run->count = count;
    run->size = payload->size - before;
    run->end = end;
    reply->records += count;
    return STATUS_OK;
}

static enum status read_fetch(struct log_partitions *log, const Xunfang__LogFetch *fetch,
                              struct log_reply *reply, struct error *err)
{
    size_t max = fetch->max_bytes < LOG_FETCH_MAX ? fetch->max_bytes : LOG_FETCH_MAX;
    enum status status = check_positions(log, fetch->n_positions, fetch->positions, err);

    if (status == STATUS_OK)
        status = reserve_runs(reply, fetch->n_positions, err);
    for (size_t i = 0; i < fetch->n_positions && status == STATUS_OK; i++) {
        const Xunfang__LogPosition *position = fetch->positions[i];
        struct log_read want = {.partition = {position->topic, position->partition},
                                .offset = position->offset};
        /* Positions left out are not starved: the reader begins with them the next time. */
        if (reply->records > 0 && reply->payload.size >= max)
            break;
        want.max = max - reply->payload.size;
        status = fetch_position(log, &want, (uint32_t) i, reply, err);
    }
    return status;
}

/* A request without a kind comes from a newer client or from nobody: an answer, not a crash. */
enum status log_request_read(struct log_partitions *log, const Xunfang__LogRequest *request,
                             struct log_reply *reply, struct error *err)
{
    switch (request->kind_case) {
    case XUNFANG__LOG_REQUEST__KIND_HELLO:
        return read_hello(request->hello, reply, err);
    case XUNFANG__LOG_REQUEST__KIND_COUNT:
        return log_partitions_count(log, slice_from(request->count->topic),
                                    &reply->message.partitions, err);
    case XUNFANG__LOG_REQUEST__KIND_FETCH:
        return read_fetch(log, request->fetch, reply, err);
    case XUNFANG__LOG_REQUEST__KIND_OPEN:
        return open_partitions(log, request->open, reply, err);
    default:
        return error_set(err, STATUS_UNSUPPORTED, "a request the log server does not know");
    }
}
