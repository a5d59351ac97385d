#include "base/admin.h"

#include "base/metrics.h"
#include "base/process.h"
#include "base/util/clock.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ADMIN_CONNECTIONS = 32,
    ADMIN_IDLE_S = 10,
    ADMIN_CONNECTION_MEMORY = 8 * 1024,
    ADMIN_BODY_MAX = 8 * 1024 * 1024,
    ADMIN_ADDRESS_MAX = 64,
};

struct admin {
    struct MHD_Daemon *daemon;
    void (*render)(void *self, struct buf *out);
    void *self;
    _Atomic(const char *) reason;
    _Atomic int64_t alive_ms;
    char address[ADMIN_ADDRESS_MAX];
    pthread_mutex_t lock; /* of the note */
    char note[ADMIN_NOTE_MAX];
};

static void render_own(void *self, struct buf *out)
{
    (void) self;
    process_metrics_update();
    metrics_render(out);
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned code, const char *type,
                              struct slice body)
{
    /* Copied: the bytes are sent after the handler, and their buffer, are gone. */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.size, (void *) (uintptr_t) body.data, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result;

    if (response == NULL)
        return MHD_NO;
    result = MHD_add_response_header(response, "Content-Type", type);
    if (result == MHD_YES)
        result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned code,
                                   const char *text)
{
    return answer(connection, code, "text/plain; charset=utf-8", slice_from(text));
}

static enum MHD_Result answer_metrics(struct admin *admin, struct MHD_Connection *connection)
{
    struct buf body;
    enum MHD_Result result;

    buf_init(&body, ADMIN_BODY_MAX);
    admin->render(admin->self, &body);
    if (buf_status(&body, NULL) == STATUS_OK)
        result =
            answer(connection, MHD_HTTP_OK,
                   "application/openmetrics-text; version=1.0.0; charset=utf-8", buf_slice(&body));
    else
        result = answer_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "metrics too large\n");
    buf_fini(&body);
    return result;
}

static enum MHD_Result answer_ready(struct admin *admin, struct MHD_Connection *connection)
{
    const char *reason = atomic_load(&admin->reason);
    char text[sizeof "ready\n" + ADMIN_NOTE_MAX];

    if (reason != NULL)
        return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, reason);
    /* A reason is a literal, so its pointer is enough; a note is written over in place. */
    (void) pthread_mutex_lock(&admin->lock);
    (void) snprintf(text, sizeof text, "ready\n%s", admin->note);
    (void) pthread_mutex_unlock(&admin->lock);
    return answer_text(connection, MHD_HTTP_OK, text);
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd dictates the parameters. */
static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **connection_data)
{
    struct admin *admin = self;
    int64_t idle = clock_mono_ms(clock_system()) - atomic_load(&admin->alive_ms);

    (void) version;
    (void) upload;
    (void) upload_size;
    (void) connection_data;
    if (strcmp(method, "GET") != 0)
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (strcmp(url, "/metrics") == 0)
        return answer_metrics(admin, connection);
    if (strcmp(url, "/healthz") == 0)
        return idle <= ADMIN_STALL_MS
                   ? answer_text(connection, MHD_HTTP_OK, "ok\n")
                   : answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "main loop stalled\n");
    if (strcmp(url, "/readyz") == 0)
        return answer_ready(admin, connection);
    return answer_text(connection, MHD_HTTP_NOT_FOUND, "try /metrics, /healthz, /readyz\n");
}

static enum status parse_address(const char *text, struct sockaddr_in *address, struct error *err)
{
    char host[ADMIN_ADDRESS_MAX];
    const char *colon = strrchr(text, ':');
    uint64_t port;

    if (colon == NULL || (size_t) (colon - text) >= sizeof host)
        return error_set(err, STATUS_USAGE, "'%s' is not HOST:PORT", text);
    memcpy(host, text, (size_t) (colon - text));
    host[colon - text] = '\0';
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
                  &address->sin_addr) != 1)
        return error_set(err, STATUS_USAGE, "'%s' is not an IPv4 address", host);
    if (slice_to_uint(slice_from(colon + 1), 0, 65535, &port, NULL) != STATUS_OK)
        return error_set(err, STATUS_USAGE, "'%s' is not a port", colon + 1);
    address->sin_port = htons((uint16_t) port);
    return STATUS_OK;
}

/* Writes the address in use, with the port the system chose. */
static void note_address(struct admin *admin, struct sockaddr_in *address)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(admin->daemon, MHD_DAEMON_INFO_BIND_PORT);
    char host[INET_ADDRSTRLEN] = "";

    if (inet_ntop(AF_INET, &address->sin_addr, host, sizeof host) == NULL)
        return;
    (void) snprintf(admin->address, sizeof admin->address, "%s:%u", host,
                    info == NULL ? 0u : (unsigned) info->port);
}

enum status admin_start(const char *address, void (*render)(void *self, struct buf *out),
                        void *self, struct admin **result, struct error *err)
{
    struct sockaddr_in parsed;
    enum status status = parse_address(address, &parsed, err);
    struct admin *admin;

    if (status != STATUS_OK)
        return status;
    admin = calloc(1, sizeof *admin);
    if (admin == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the admin endpoint");
    if (pthread_mutex_init(&admin->lock, NULL) != 0) {
        free(admin);
        return error_set(err, STATUS_NOMEM, "no mutex for the admin endpoint");
    }
    admin->render = render == NULL ? render_own : render;
    admin->self = self;
    /* Both before the thread starts: a request may come at once. */
    atomic_store(&admin->reason, "starting\n");
    atomic_store(&admin->alive_ms, clock_mono_ms(clock_system()));
    admin->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, admin, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *) &parsed, MHD_OPTION_CONNECTION_LIMIT, (unsigned) ADMIN_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) ADMIN_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t) ADMIN_CONNECTION_MEMORY, MHD_OPTION_END);
    if (admin->daemon == NULL) {
        (void) pthread_mutex_destroy(&admin->lock);
        free(admin);
        return error_set(err, STATUS_BUSY, "cannot listen on %s: is the port in use?", address);
    }
    note_address(admin, &parsed);
    *result = admin;
    return STATUS_OK;
}

void admin_stop(struct admin *admin)
{
    if (admin == NULL)
        return;
    MHD_stop_daemon(admin->daemon);
    (void) pthread_mutex_destroy(&admin->lock);
    free(admin);
}

const char *admin_address(const struct admin *admin)
{
    return admin->address;
}

void admin_set_reason(struct admin *admin, const char *not_ready_because)
{
    atomic_store(&admin->reason, not_ready_because);
}

void admin_set_note(struct admin *admin, const char *note)
{
    (void) pthread_mutex_lock(&admin->lock);
    (void) snprintf(admin->note, sizeof admin->note, "%s", note);
    (void) pthread_mutex_unlock(&admin->lock);
}

void admin_alive(struct admin *admin)
{
    atomic_store(&admin->alive_ms, clock_mono_ms(clock_system()));
}
