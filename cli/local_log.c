#include "cli/local_log.h"

#include "base/bus/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What a command waits for a server that is not there before it starts its own; one that is there
 * answers far sooner. */
enum { LOCAL_LOG_PROBE_MS = 300, LOCAL_LOG_ARGUMENTS = 8, LOCAL_LOG_PATH_MAX = 4096 };

struct local_log {
    struct supervisor *supervisor; /* NULL: somebody else's server serves */
    size_t index;
};

enum status local_log_start(struct supervisor *supervisor, const char *data,
                            const char *const *extra, size_t *index, struct error *err)
{
    const char *arguments[LOCAL_LOG_ARGUMENTS + 1] = {"--data", data};
    const struct child_command command = {
        .name = "log", .program = "xunfang-log", .arguments = arguments};
    size_t count = 2;
    enum status status;

    for (; extra != NULL && *extra != NULL; extra++) {
        ENSURE(count < LOCAL_LOG_ARGUMENTS);
        arguments[count++] = *extra;
    }
    status = supervisor_start(supervisor, &command, index, err);
    if (status == STATUS_OK)
        status = supervisor_wait_ready(supervisor, *index, LOCAL_LOG_READY_MS, err);
    return status;
}

/* Does a server answer for this data folder now? */
static bool answers(const char *data)
{
    struct bus_options options = {.client = "probe", .timeout_ms = LOCAL_LOG_PROBE_MS};
    char url[LOCAL_LOG_PATH_MAX];
    struct bus *bus;

    if (snprintf(url, sizeof url, "local:%s", data) >= (int) sizeof url ||
        bus_open(url, &options, &bus, NULL) != STATUS_OK)
        return false;
    bus_close(bus);
    return true;
}

enum status local_log_borrow(const char *data, struct local_log **result, struct error *err)
{
    struct local_log *log;
    struct stat folder;
    enum status status = STATUS_OK;

    if (stat(data, &folder) != 0)
        return error_set(err, STATUS_USAGE, "--data %s: no such folder", data);
    log = calloc(1, sizeof *log);
    if (log == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the log server");
    /* Two commands may find nobody at the same moment: the folder's database then lets one server
     * in. */
    if (!answers(data)) {
        log->supervisor = supervisor_create();
        status = log->supervisor == NULL
                     ? error_set(err, STATUS_NOMEM, "no memory for the log server")
                     : local_log_start(log->supervisor, data, NULL, &log->index, err);
    }
    if (status != STATUS_OK) {
        local_log_return(log);
        return status;
    }
    *result = log;
    return STATUS_OK;
}

bool local_log_is_ours(const struct local_log *log)
{
    return log->supervisor != NULL;
}

void local_log_return(struct local_log *log)
{
    if (log == NULL)
        return;
    if (log->supervisor != NULL && supervisor_count(log->supervisor) > 0)
        supervisor_drain(log->supervisor, log->index, LOCAL_LOG_DRAIN_MS);
    supervisor_destroy(log->supervisor);
    free(log);
}
