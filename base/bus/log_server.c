#include "base/bus/log_server.h"

#include "base/bus/log_link.h"
#include "base/bus/log_requests.h"
#include "base/bus/log_space.h"
#include "base/bus/log_waits.h"
#include "base/util/crash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    PATH_LIMIT = 4096,
    DIRECTORY_MODE = 0700,
};

/* One request between its arrival and its reply. */
struct turn {
    struct log_peer peer;
    uint64_t id;
    Xunfang__LogRequest *read; /* NULL: a change, answered by `header` */
    struct buf header;
    uint64_t records;
    bool wakes; /* a waiting fetch may have an answer after it */
};

struct log_server {
    struct log_server_options options;
    char path[PATH_LIMIT];
    struct log_socket *socket;
    struct log_partitions *log; /* NULL while the disk is full */
    struct error down;          /* why */
    int64_t reopen_ms;
    int64_t sync_ms; /* when unsynced writes are to be synced; 0: there are none */
    struct log_space space;
    bool changed; /* something was written that may end somebody's wait */
    struct log_waits waits;
    struct arena *arena;
    struct turn turns[LOG_GROUP_MAX];
    size_t turn_count;
    struct log_server_stats stats;
};

static int64_t now_ms(const struct log_server *server)
{
    return clock_mono_ms(server->options.clock);
}

/* ---- replies ---- */

/* Sends what log_reply_pack made. A peer that has gone, or does not read, loses it. */
static void send_packed(struct log_server *server, const struct log_peer *peer,
                        const struct buf *header, struct buf *payload)
{
    struct log_frame *frame = NULL;

    if (payload != NULL && payload->size > 0) {
        frame = log_frame_take(payload);
        if (frame == NULL)
            return;
    }
    status_ignore(log_socket_send(server->socket, peer, buf_slice(header), frame, NULL));
    log_frame_destroy(frame);
}

static void send_reply(struct log_server *server, const struct log_peer *peer,
                       struct log_reply *reply)
{
    struct buf header;

    buf_init(&header, LOG_HEADER_MAX);
    if (log_reply_pack(reply, &header, NULL) == STATUS_OK)
        send_packed(server, peer, &header, &reply->payload);
    if (reply->message.status != STATUS_OK)
        server->stats.failed++;
    server->stats.fetched_records += reply->records;
    buf_fini(&header);
}

/* Also to requests whose reply was packed already and is void now. */
static void send_failure(struct log_server *server, const struct log_peer *peer, uint64_t id,
                         const struct error *cause)
{
    struct log_reply reply;

    log_reply_init(&reply, server->arena, id);
    log_reply_fail(&reply, cause);
    send_reply(server, peer, &reply);
    log_reply_fini(&reply);
    arena_reset(server->arena);
}

/* ---- the disk ---- */

static enum status refuse_append(struct log_server *server, struct error *err)
{
    if (!log_space_full(&server->space))
        return STATUS_OK;
    return error_set(err, STATUS_DISK_FULL, "less than %llu MiB free for %s: append refused",
                     (unsigned long long) (server->options.space_min >> 20), server->path);
}

/* Closes the store; it is opened again when the disk allows. Readers wait and publishers get a
 * clear refusal meanwhile. */
static void go_down(struct log_server *server, const struct error *cause)
{
    log_partitions_close(server->log);
    server->log = NULL;
    server->down = *cause;
    server->sync_ms = 0;
    server->reopen_ms = now_ms(server);
}

/* A failed write or sync: STATUS_OK if the server can go on without it. */
static enum status survive(struct log_server *server, const struct error *cause, struct error *err)
{
    if (cause->code != STATUS_DISK_FULL)
        return error_set(err, cause->code, "%s", cause->message);
    go_down(server, cause);
    return STATUS_OK;
}

/* Once a second: an attempt costs a recovery, and the disk will not be freed faster. */
static void try_reopen(struct log_server *server)
{
    int64_t now = now_ms(server);
    struct error cause = {0};

    if (server->log != NULL || now < server->reopen_ms)
        return;
    server->reopen_ms = now + LOG_REOPEN_MS;
    if (log_partitions_open(server->path, server->options.memory_bytes, &server->log, &cause) !=
        STATUS_OK) {
        server->log = NULL;
        server->down = cause;
        return;
    }
    server->stats.reopened++;
    server->changed = true; /* waiting fetches look again */
}

/* ---- reads ---- */

/* Answers a read, or keeps it waiting; takes the request. */
static void answer_read(struct log_server *server, struct log_wait *wait)
{
    const Xunfang__LogRequest *request = wait->request;
    bool fetch = request->kind_case == XUNFANG__LOG_REQUEST__KIND_FETCH;
    struct log_reply reply;
    struct error err = {0};
    enum status status = STATUS_OK;

    log_reply_init(&reply, server->arena, request->id);
    if (server->log == NULL && !fetch)
        status = error_set(&err, server->down.code, "%s", server->down.message);
    else if (server->log != NULL)
        status = log_request_read(server->log, request, &reply, &err);
    if (status != STATUS_OK)
        log_reply_fail(&reply, &err);
    server->stats.fetched_bytes += reply.payload.size;
    if (status != STATUS_OK || !fetch || reply.records > 0 || wait->deadline_ms <= now_ms(server) ||
        !log_waits_add(&server->waits, wait)) {
        send_reply(server, &wait->peer, &reply);
        xunfang__log_request__free_unpacked(wait->request, NULL);
    }
    log_reply_fini(&reply);
    arena_reset(server->arena);
}

/* Reads come after the write of their group, so a client sees what it has just written. */
static void begin_read(struct log_server *server, struct turn *turn)
{
    struct log_wait wait = {.peer = turn->peer, .request = turn->read};

    if (turn->read->kind_case == XUNFANG__LOG_REQUEST__KIND_FETCH) {
        uint32_t most = turn->read->fetch->wait_ms;
        wait.deadline_ms = now_ms(server) + (most < LOG_WAIT_MAX_MS ? most : LOG_WAIT_MAX_MS);
        log_waits_replace(&server->waits, &turn->peer, turn->read->fetch->reader);
    }
    turn->read = NULL;
    answer_read(server, &wait);
}

/* Looks again at the fetches that wait: after new records at all, else at those whose time is over.
 * One that goes on waiting comes back at the end of the list, which was looked at already. */
static void serve_waits(struct log_server *server)
{
    struct log_waits *waits = &server->waits;
    bool all = server->changed;
    int64_t now = now_ms(server);

    server->changed = false;
    if (!all && log_waits_deadline(waits) > now)
        return;
    for (size_t i = waits->count; i-- > 0;) {
        struct log_wait wait;
        if (!all && waits->items[i].deadline_ms > now)
            continue;
        wait = log_waits_take(waits, i);
        answer_read(server, &wait);
    }
}

/* ---- groups ---- */

/* Puts a change into the open group and packs the reply that it gets if the group is written. */
static void begin_change(struct log_server *server, struct turn *turn,
                         const Xunfang__LogRequest *request, struct slice payload)
{
    struct log_reply reply;
    struct error err = {0};
    enum status status = STATUS_OK;

    log_reply_init(&reply, server->arena, request->id);
    if (server->log == NULL)
        status = error_set(&err, server->down.code, "%s", server->down.message);
    else if (request->kind_case == XUNFANG__LOG_REQUEST__KIND_APPEND)
        status = refuse_append(server, &err);
    if (status == STATUS_OK)
        status = log_request_change(server->log, request, payload, &reply, &err);
    if (status != STATUS_OK) {
        log_reply_fail(&reply, &err);
        server->stats.failed++;
    }
    turn->records = reply.records;
    if (reply.records > 0) {
        log_space_add(&server->space, payload.size);
        server->stats.appended_bytes += payload.size;
    }
    status_ignore(log_reply_pack(&reply, &turn->header, NULL));
    log_reply_fini(&reply);
    arena_reset(server->arena);
}

/* Takes one message into the group. */
static void begin_turn(struct log_server *server, struct log_message *message)
{
    struct turn *turn = &server->turns[server->turn_count];
    Xunfang__LogRequest *request = log_request_decode(log_frame_bytes(message->header));
    struct slice payload = {NULL, 0};

    if (request == NULL) {
        struct error err;
        server->stats.garbage++;
        error_set(&err, STATUS_INVALID, "a message that is no request to the log");
        send_failure(server, &message->peer, 0, &err);
        return;
    }
    if (message->payload != NULL)
        payload = log_frame_bytes(message->payload);
    server->stats.requests++;
    server->turn_count++;
    turn->peer = message->peer;
    turn->id = request->id;
    turn->records = 0;
    turn->wakes = request->kind_case == XUNFANG__LOG_REQUEST__KIND_APPEND ||
                  request->kind_case == XUNFANG__LOG_REQUEST__KIND_DELETE;
    turn->read = request;
    buf_init(&turn->header, LOG_HEADER_MAX);
    if (!log_request_changes(request))
        return;
    turn->read = NULL;
    begin_change(server, turn, request, payload);
    xunfang__log_request__free_unpacked(request, NULL);
}

/* Takes what has arrived, up to the limits of a group: one write and one sync serve them all.
 * Garbage counts too, so that a flood of it cannot keep the others waiting. */
static enum status gather(struct log_server *server, struct error *err)
{
    size_t garbage = 0;

    server->turn_count = 0;
    while (server->turn_count + garbage < LOG_GROUP_MAX) {
        struct log_message message;
        uint64_t before = server->stats.garbage;
        enum status status = log_socket_receive(server->socket, &message, err);
        if (status == STATUS_AGAIN)
            break;
        if (status == STATUS_INVALID) {
            server->stats.garbage++;
            garbage++;
            continue;
        }
        if (status != STATUS_OK)
            return status;
        begin_turn(server, &message);
        log_message_destroy(&message);
        garbage += server->stats.garbage - before;
        if (server->log != NULL && log_partitions_pending(server->log) >= LOG_GROUP_BYTES)
            break;
    }
    return STATUS_OK;
}

/* Writes the open group, with the crash points around it. */
static enum status write_group(struct log_server *server, bool *written, struct error *err)
{
    struct error cause = {0};
    enum status status;

    *written = true;
    if (server->log == NULL || log_partitions_pending(server->log) == 0)
        return STATUS_OK;
    status = crash_here(CRASH_LOG_BEFORE_WRITE, err);
    if (status != STATUS_OK)
        return status;
    status = log_partitions_write(server->log, server->options.sync_always, &cause);
    if (status != STATUS_OK) {
        *written = false;
        server->down = cause;
        return survive(server, &cause, err);
    }
    server->stats.writes++;
    if (!server->options.sync_always && server->sync_ms == 0)
        server->sync_ms = now_ms(server) + LOG_SYNC_MS;
    return crash_here(CRASH_LOG_AFTER_WRITE, err);
}

/* The acknowledgement; nothing may be said before the group is written. */
static void end_change(struct log_server *server, struct turn *turn, bool written)
{
    if (!written) {
        send_failure(server, &turn->peer, turn->id, &server->down);
        return;
    }
    send_packed(server, &turn->peer, &turn->header, NULL);
    server->stats.appended_records += turn->records;
    server->changed = server->changed || turn->wakes;
}

/* Writes the group, then answers it: changes, and reads that see them, in the order of arrival. */
static enum status end_turns(struct log_server *server, struct error *err)
{
    bool written = true;
    enum status status = write_group(server, &written, err);

    for (size_t i = 0; i < server->turn_count; i++) {
        struct turn *turn = &server->turns[i];
        if (status == STATUS_CRASHED && turn->read != NULL)
            xunfang__log_request__free_unpacked(turn->read, NULL);
        else if (status != STATUS_CRASHED && turn->read != NULL)
            begin_read(server, turn);
        else if (status != STATUS_CRASHED)
            end_change(server, turn, written);
        buf_fini(&turn->header);
    }
    server->turn_count = 0;
    return status;
}

/* ---- steps ---- */

/* What LOG_SYNC_MS promises about power cuts; kills need no sync. */
static enum status sync_if_due(struct log_server *server, struct error *err)
{
    struct error cause = {0};

    if (server->log == NULL || server->sync_ms == 0 || now_ms(server) < server->sync_ms)
        return STATUS_OK;
    server->sync_ms = 0;
    server->stats.syncs++;
    if (log_partitions_sync(server->log, &cause) == STATUS_OK)
        return STATUS_OK;
    return survive(server, &cause, err);
}

/* A little of what deleted topics left, whenever nobody asks for anything. */
static enum status sweep_if_idle(struct log_server *server, bool idle, struct error *err)
{
    struct error cause = {0};
    bool more;

    if (!idle || server->log == NULL ||
        log_partitions_sweep(server->log, &more, &cause) == STATUS_OK)
        return STATUS_OK;
    return survive(server, &cause, err);
}

/* Until when nothing is to be done unless somebody asks. */
static int64_t time_left(const struct log_server *server, int64_t timeout_ms)
{
    int64_t now = now_ms(server);
    int64_t until = now + timeout_ms;
    int64_t deadline = log_waits_deadline(&server->waits);

    if (deadline < until)
        until = deadline;
    if (server->sync_ms != 0 && server->sync_ms < until)
        until = server->sync_ms;
    return until > now ? until - now : 0;
}

/* What has arrived becomes one group: written once, then answered in the order of arrival. Then
 * fetches that wait get what the group brought. The sync comes last: without sync_always no answer
 * promised anything about power cuts. */
enum status log_server_step(struct log_server *server, int64_t timeout_ms, struct error *err)
{
    enum status status;
    bool idle;

    try_reopen(server);
    status = log_socket_wait(server->socket, time_left(server, timeout_ms), err);
    if (status == STATUS_OK)
        status = gather(server, err);
    if (status != STATUS_OK)
        return status;
    idle = server->turn_count == 0;
    status = end_turns(server, err);
    if (status != STATUS_OK)
        return status;
    serve_waits(server);
    status = sync_if_due(server, err);
    return status == STATUS_OK ? sweep_if_idle(server, idle, err) : status;
}

/* ---- life ---- */

static enum status open_server(struct log_server *server, struct error *err)
{
    const char *data = server->options.data;
    enum status status;
    int size = snprintf(server->path, sizeof server->path, "%s/log", data);

    if (size < 0 || (size_t) size >= sizeof server->path)
        return error_set(err, STATUS_INVALID, "the path of the data folder is too long");
    server->space = (struct log_space){
        .path = server->path, .least = server->options.space_min, .clock = server->options.clock};
    if (mkdir(data, DIRECTORY_MODE) != 0 && errno != EEXIST && errno != ENOENT)
        return error_set_errno(err, errno, "create folder %s", data);
    status = log_waits_init(&server->waits, err);
    if (status == STATUS_OK)
        status = log_partitions_open(server->path, server->options.memory_bytes, &server->log, err);
    /* Only who holds the store's lock may take over the address. */
    if (status == STATUS_OK)
        status = log_socket_serve(data, &server->socket, err);
    return status;
}

enum status log_server_create(const struct log_server_options *options, struct log_server **server,
                              struct error *err)
{
    struct log_server *made = calloc(1, sizeof *made);
    enum status status = STATUS_NOMEM;

    if (made != NULL) {
        made->options = *options;
        if (made->options.clock == NULL)
            made->options.clock = clock_system();
        if (made->options.space_min == 0)
            made->options.space_min = LOG_SPACE_MIN;
        made->arena = arena_create(LOG_REPLY_ARENA);
    }
    if (made == NULL || made->arena == NULL)
        error_set(err, STATUS_NOMEM, "open the log server");
    else
        status = open_server(made, err);
    if (status == STATUS_OK)
        *server = made;
    else
        log_server_destroy(made);
    return status;
}

void log_server_destroy(struct log_server *server)
{
    if (server == NULL)
        return;
    log_socket_close(server->socket);
    if (server->log != NULL)
        status_ignore(log_partitions_sync(server->log, NULL));
    log_partitions_close(server->log);
    log_waits_fini(&server->waits);
    arena_destroy(server->arena);
    free(server);
}

struct log_server_stats log_server_stats(const struct log_server *server)
{
    struct log_server_stats stats = server->stats;

    stats.waiting = server->waits.count;
    return stats;
}
