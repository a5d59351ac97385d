#include "base/bus/log_link.h"

#include <stdlib.h>

enum { BUSY_OWNER_MS = 1000 }; /* a longer pause between two steps was not spent waiting */

struct log_call {
    struct log_link *link;
    struct log_call *next;
    uint64_t id;
    int64_t deadline_ms;
    bool sent; /* on the present connection */
    struct buf header;
    struct log_frame *payload;
    Xunfang__LogReply *reply;
    struct log_frame *reply_payload;
};

struct log_link {
    struct log_socket *socket;
    const struct clock *clock;
    const char *folder;
    int64_t timeout_ms;
    int64_t connect_ms; /* when the present connection was begun */
    int64_t step_ms;    /* when the last step ended */
    uint64_t last_id;
    size_t call_count;
    struct log_call *calls; /* oldest first */
    struct log_call **last;
};

/* ---- calls ---- */

/* At the end: the list is in the order of ids, which is the order of sending again. */
static void link_call(struct log_link *link, struct log_call *call)
{
    *link->last = call;
    link->last = &call->next;
    link->call_count++;
}

static void unlink_call(struct log_link *link, struct log_call *call)
{
    struct log_call **at = &link->calls;

    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    if (link->last == &call->next)
        link->last = at;
    link->call_count--;
}

static void free_call(struct log_call *call)
{
    buf_fini(&call->header);
    log_frame_destroy(call->payload);
    log_frame_destroy(call->reply_payload);
    if (call->reply != NULL)
        xunfang__log_reply__free_unpacked(call->reply, NULL);
    free(call);
}

void log_call_destroy(struct log_call *call)
{
    if (call == NULL)
        return;
    unlink_call(call->link, call);
    free_call(call);
}

void log_call_allow(struct log_call *call, int64_t more_ms)
{
    call->deadline_ms += more_ms;
}

const Xunfang__LogReply *log_call_reply(const struct log_call *call)
{
    return call->reply;
}

struct slice log_call_payload(const struct log_call *call)
{
    return call->reply_payload == NULL ? (struct slice){NULL, 0}
                                       : log_frame_bytes(call->reply_payload);
}

enum status log_call_status(const struct log_call *call, struct error *err)
{
    const Xunfang__LogReply *reply = call->reply;

    ENSURE(reply != NULL);
    if (reply->status == STATUS_OK)
        return STATUS_OK;
    /* From another process: a number that is no status must not become one. */
    return error_set(err, reply->status > STATUS_INTERNAL ? STATUS_INTERNAL : reply->status, "%s",
                     reply->message);
}

/* ---- the connection ---- */

static enum status send_call(struct log_link *link, struct log_call *call, struct error *err)
{
    enum status status =
        log_socket_send(link->socket, NULL, buf_slice(&call->header), call->payload, err);

    ENSURE(call->reply == NULL);
    call->sent = status == STATUS_OK;
    /* Not connected, or a full queue: the next step sends it. */
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

/* Sends the unanswered calls that the present connection has not seen; stops at the first that does
 * not go out, since their order counts. */
static enum status send_waiting(struct log_link *link, struct error *err)
{
    enum status status = STATUS_OK;

    for (struct log_call *call = link->calls; call != NULL && status == STATUS_OK;
         call = call->next) {
        if (call->sent || call->reply != NULL)
            continue;
        status = send_call(link, call, err);
        if (!call->sent)
            break;
    }
    return status;
}

/* What the server has of the old connection is unknown, so everything unanswered goes out again. */
static enum status renew(struct log_link *link, struct error *err)
{
    link->connect_ms = clock_mono_ms(link->clock);
    for (struct log_call *call = link->calls; call != NULL; call = call->next)
        call->sent = false;
    return log_socket_renew(link->socket, err);
}

/* ---- answers ---- */

static void take_reply(struct log_link *link, struct log_message *message)
{
    struct slice bytes = log_frame_bytes(message->header);
    Xunfang__LogReply *reply = NULL;
    struct log_call *call = link->calls;

    if (bytes.size <= LOG_HEADER_MAX)
        reply = xunfang__log_reply__unpack(NULL, bytes.size, (const uint8_t *) bytes.data);
    while (call != NULL && (reply == NULL || call->id != reply->id))
        call = call->next;
    /* Nobody waits for it: abandoned, or answered twice after a break. */
    if (call == NULL || call->reply != NULL) {
        if (reply != NULL)
            xunfang__log_reply__free_unpacked(reply, NULL);
        return;
    }
    call->reply = reply;
    call->reply_payload = message->payload;
    message->payload = NULL;
    /* The request will not be sent again. */
    log_frame_destroy(call->payload);
    call->payload = NULL;
}

/* Sets *any if something came. */
static enum status receive_all(struct log_link *link, bool *any, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < LOG_QUEUE_MAX; i++) {
        struct log_message message;
        status = log_socket_receive(link->socket, &message, err);
        if (status == STATUS_INVALID)
            continue;
        if (status != STATUS_OK)
            break;
        take_reply(link, &message);
        log_message_destroy(&message);
        *any = true;
    }
    return status == STATUS_AGAIN || status == STATUS_INVALID ? STATUS_OK : status;
}

/* A new connection for a lost one. What the old one brought before it broke is taken first. */
static enum status keep_connected(struct log_link *link, bool *any, struct error *err)
{
    enum status status = STATUS_OK;

    if (log_socket_lost(link->socket) &&
        clock_mono_ms(link->clock) - link->connect_ms >= LOG_RECONNECT_MS) {
        status = receive_all(link, any, err);
        if (status == STATUS_OK)
            status = renew(link, err);
    }
    return status == STATUS_OK ? send_waiting(link, err) : status;
}

/* Time its owner spent elsewhere is not the server's fault. */
static void forgive_pause(struct log_link *link)
{
    int64_t now = clock_mono_ms(link->clock);
    int64_t pause = now - link->step_ms;

    link->step_ms = now;
    if (pause < BUSY_OWNER_MS)
        return;
    for (struct log_call *call = link->calls; call != NULL; call = call->next)
        call->deadline_ms += pause;
}

static enum status check_deadlines(struct log_link *link, struct error *err)
{
    int64_t now = clock_mono_ms(link->clock);

    link->step_ms = now;
    for (struct log_call *call = link->calls; call != NULL; call = call->next)
        if (call->reply == NULL && call->deadline_ms < now)
            return error_set(err, STATUS_TIMEOUT,
                             "the log server at %s/log.sock has not answered for %lld ms",
                             link->folder, (long long) link->timeout_ms);
    return STATUS_OK;
}

enum status log_link_step(struct log_link *link, int64_t timeout_ms, struct error *err)
{
    int64_t end = clock_mono_ms(link->clock) + timeout_ms;
    enum status status;
    bool any = false;

    forgive_pause(link);
    for (;;) {
        int64_t left;
        status = receive_all(link, &any, err);
        if (status == STATUS_OK)
            status = keep_connected(link, &any, err);
        if (status == STATUS_OK)
            status = check_deadlines(link, err);
        left = end - clock_mono_ms(link->clock);
        if (status != STATUS_OK || any || left <= 0)
            return status;
        if (log_socket_lost(link->socket) && left > LOG_RECONNECT_MS)
            left = LOG_RECONNECT_MS; /* so that a new server is found soon */
        status = log_socket_wait(link->socket, left, err);
        if (status != STATUS_OK)
            return status;
    }
}

/* ---- sending ---- */

/* Sets the request's id and packs it. */
/* Ids count up for the life of the link, also across connections: a late reply finds nobody. */
static enum status pack(struct log_link *link, Xunfang__LogRequest *request, struct buf *header,
                        struct error *err)
{
    size_t size;
    char *room;

    request->id = ++link->last_id;
    size = xunfang__log_request__get_packed_size(request);
    room = buf_reserve(header, size);
    if (room == NULL)
        return error_prefix(err, buf_status(header, err), "a request to the log");
    buf_added(header, xunfang__log_request__pack(request, (uint8_t *) room));
    return STATUS_OK;
}

enum status log_link_send(struct log_link *link, Xunfang__LogRequest *request,
                          struct log_frame *payload, struct log_call **call, struct error *err)
{
    struct log_call *made = link->call_count >= LOG_CALLS_MAX ? NULL : calloc(1, sizeof *made);
    enum status status;
    bool any = false;

    if (made == NULL) {
        log_frame_destroy(payload);
        error_set(err, STATUS_NOMEM, "no room for another call of the log");
        return STATUS_NOMEM;
    }
    forgive_pause(link);
    made->link = link;
    made->payload = payload;
    buf_init(&made->header, LOG_HEADER_MAX);
    link_call(link, made);
    status = pack(link, request, &made->header, err);
    made->id = request->id;
    made->deadline_ms = clock_mono_ms(link->clock) + link->timeout_ms;
    if (status == STATUS_OK)
        status = keep_connected(link, &any, err);
    if (status != STATUS_OK) {
        log_call_destroy(made);
        return status;
    }
    *call = made;
    return STATUS_OK;
}

/* Others' replies are taken on the way, so appends go on while a commit waits. */
enum status log_link_ask(struct log_link *link, Xunfang__LogRequest *request,
                         struct log_call **call, struct error *err)
{
    struct log_call *made = NULL;
    enum status status = log_link_send(link, request, NULL, &made, err);

    while (status == STATUS_OK && made->reply == NULL)
        status = log_link_step(link, link->timeout_ms, err);
    if (status == STATUS_OK)
        status = log_call_status(made, err);
    if (status == STATUS_OK)
        *call = made;
    else
        log_call_destroy(made);
    return status;
}

/* ---- opening ---- */

/* The first call also proves that somebody is there: connecting alone does not. */
static enum status greet(struct log_link *link, const char *client, struct error *err)
{
    Xunfang__LogRequest request = XUNFANG__LOG_REQUEST__INIT;
    Xunfang__LogHello hello = XUNFANG__LOG_HELLO__INIT;
    struct log_call *call = NULL;
    enum status status;

    hello.protocol = LOG_PROTOCOL;
    hello.client = (char *) client;
    request.kind_case = XUNFANG__LOG_REQUEST__KIND_HELLO;
    request.hello = &hello;
    status = log_link_ask(link, &request, &call, err);
    log_call_destroy(status == STATUS_OK ? call : NULL);
    return status;
}

enum status log_link_open(const struct log_link_options *options, struct log_link **link,
                          struct error *err)
{
    struct log_link *made = calloc(1, sizeof *made);
    enum status status;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "connect to the log server");
    made->last = &made->calls;
    made->clock = options->clock;
    made->folder = options->folder;
    made->timeout_ms = options->timeout_ms;
    made->step_ms = clock_mono_ms(made->clock);
    status = log_socket_create(options->folder, &made->socket, err);
    if (status == STATUS_OK)
        status = renew(made, err);
    if (status == STATUS_OK)
        status = greet(made, options->client, err);
    if (status == STATUS_OK)
        *link = made;
    else
        log_link_close(made);
    return status;
}

void log_link_close(struct log_link *link)
{
    if (link == NULL)
        return;
    for (struct log_call *call = link->calls, *next; call != NULL; call = next) {
        next = call->next;
        free_call(call);
    }
    log_socket_close(link->socket);
    free(link);
}
