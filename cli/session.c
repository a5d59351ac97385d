#include "cli/session.h"

#include "cli/local_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The rest is room for the longest name put behind it, /out/JOB.RUN with two names of 64 bytes. */
enum { SESSION_BUS_TIMEOUT_MS = 30000, SESSION_DATA_MAX = SESSION_PATH_MAX - 256 };

/* ---- the folder ---- */

static enum status find_folder(const char *data, bool create, struct error *err)
{
    struct stat folder;

    if (strlen(data) > SESSION_DATA_MAX)
        return error_set(err, STATUS_USAGE, "--data: a path of more than %d bytes",
                         SESSION_DATA_MAX);
    if (!create && stat(data, &folder) != 0)
        return error_set(err, STATUS_USAGE, "--data %s: no such folder", data);
    if (create && mkdir(data, 0700) != 0 && errno != EEXIST)
        return error_set_errno(err, errno, "cannot create --data %s", data);
    return STATUS_OK;
}

static enum status take_lock(struct session *session, struct error *err)
{
    char path[SESSION_PATH_MAX], holder[32] = "";

    (void) snprintf(path, sizeof path, "%s/run.lock", session->settings->data);
    /* Closed on exec: a child that outlives us by an instant must not hold the folder. */
    session->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (session->lock < 0)
        return error_set_errno(err, errno, "cannot open %s", path);
    /* The kernel gives the lock back when its holder dies, however: no stale lock ever has to be
     * removed. The number in the file is for the message alone. */
    if (flock(session->lock, LOCK_EX | LOCK_NB) != 0) {
        ssize_t size = read(session->lock, holder, sizeof holder - 1);
        holder[size > 0 ? size : 0] = '\0';
        return error_set(err, STATUS_BUSY,
                         "another `xunfang run` (process %s) works in %s; wait for it or use "
                         "another --data",
                         holder[0] == '\0' ? "?" : holder, session->settings->data);
    }
    /* The file stays when we end: unlinking it would let two processes lock two files of one
     * name. */
    if (ftruncate(session->lock, 0) != 0 || dprintf(session->lock, "%d", (int) getpid()) < 0)
        return error_set_errno(err, errno, "cannot write %s", path);
    return STATUS_OK;
}

/* ---- the parts ---- */

/* The admin endpoint's thread calls this while the main thread scrapes; the scrape has a lock. */
static void render_all(void *self, struct buf *out)
{
    scrape_render(self, out);
}

/* The scrape exists before the endpoint that renders it, and ends after it (session_close). */
static enum status open_parts(struct session *session, struct error *err)
{
    enum status status = scrape_create(&session->scrape, err);

    if (status != STATUS_OK)
        return status;
    session->admin = (struct daemon_settings){.data = session->settings->data,
                                              .admin = session->settings->admin,
                                              .log_level = session->settings->log_level,
                                              .of = 1,
                                              .render = render_all,
                                              .render_self = session->scrape};
    status = daemon_start("run", &session->admin, &session->daemon, err);
    if (status != STATUS_OK)
        return status;
    session->supervisor = supervisor_create();
    if (session->supervisor == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for child processes");
    return STATUS_OK;
}

/* Our own server first: a bus that nobody serves would only time out. */
static enum status serve_log(struct session *session, struct error *err)
{
    const struct session_settings *settings = session->settings;
    const char *const extra[] = {"--sync", settings->sync, NULL};

    session->serves_log = true;
    return local_log_start(session->supervisor, settings->data, extra, &session->log_index, err);
}

static enum status open_bus(struct session *session, const char *client, struct error *err)
{
    struct bus_options options = {.client = client, .timeout_ms = SESSION_BUS_TIMEOUT_MS};
    enum status status = session->place.local ? serve_log(session, err) : STATUS_OK;

    return status == STATUS_OK ? bus_open(session->place.url, &options, &session->bus, err)
                               : status;
}

/* Logs elsewhere than the rest would need a lock of their own. */
static enum status choose_place(struct session *session, struct error *err)
{
    const struct session_settings *settings = session->settings;
    enum status status = bus_place_choose(settings->bus, settings->data, &session->place, err);

    if (status != STATUS_OK || !session->place.local ||
        strcmp(session->place.folder, settings->data) == 0)
        return status;
    return error_set(err, STATUS_USAGE,
                     "--bus %s: the logs of a local run lie in its --data: use --data %s",
                     session->place.url, session->place.folder);
}

enum status session_open(const struct session_settings *settings, const char *client, bool create,
                         struct session **result, struct error *err)
{
    struct session *session = calloc(1, sizeof *session);
    enum status status;

    if (session == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to start");
    session->settings = settings;
    session->lock = -1;
    /* Cheap checks, then the lock before anything is started: a second run must not disturb the
     * first, not even by a log server that fails on its database. */
    status = choose_place(session, err);
    if (status == STATUS_OK)
        status = find_folder(settings->data, create || !session->place.local, err);
    if (status == STATUS_OK)
        status = take_lock(session, err);
    if (status == STATUS_OK)
        status = open_parts(session, err);
    if (status == STATUS_OK)
        status = open_bus(session, client, err);
    if (status != STATUS_OK) {
        session_close(session);
        return status;
    }
    *result = session;
    return STATUS_OK;
}

void session_close(struct session *session)
{
    if (session == NULL)
        return;
    /* The bus before its server, so that nothing of ours waits for an answer that cannot come. */
    bus_close(session->bus);
    if (session->serves_log && supervisor_count(session->supervisor) > 0)
        supervisor_drain(session->supervisor, session->log_index, LOCAL_LOG_DRAIN_MS);
    supervisor_destroy(session->supervisor);
    daemon_stop(session->daemon); /* its thread renders the scrape: it goes first */
    scrape_destroy(session->scrape);
    if (session->lock >= 0)
        (void) close(session->lock);
    free(session);
}
