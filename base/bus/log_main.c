/* xunfang-log: the log server as a program (log_server.h). */
#include "base/bus/log_server.h"
#include "base/daemon.h"
#include "base/log.h"
#include "base/metrics.h"

enum { STEP_MS = 100 }; /* the longest that a wish to stop waits */

struct settings {
    struct daemon_settings common;
    const char *sync;
    uint64_t memory;
};

static const struct option_row rows[] = {
    {"sync", OPTION_TEXT, offsetof(struct settings, sync), "always|second", "second",
     "what is acknowledged survives a power cut always, or after a second"},
    {"memory", OPTION_BYTES, offsetof(struct settings, memory), "SIZE", "16MiB",
     "write buffers and block cache of the store together"},
};

/* One row a counter: where it stands in the server's own figures. */
static const struct {
    struct metric_family family;
    size_t offset;
} counters[] = {
#define COUNTER(member, text)                                                                      \
    {                                                                                              \
        {.name = "xunfang_log_" #member, .kind = METRIC_COUNTER, .help = (text)},                  \
            offsetof(struct log_server_stats, member)                                              \
    }
    COUNTER(requests, "Requests of clients."),
    COUNTER(appended_records, "Records appended and acknowledged."),
    COUNTER(appended_bytes, "Bytes of records appended."),
    COUNTER(fetched_records, "Records sent to readers."),
    COUNTER(fetched_bytes, "Bytes of records sent to readers."),
    COUNTER(failed, "Requests answered with a failure."),
    COUNTER(garbage, "Messages that are no request."),
    COUNTER(writes, "Groups of changes written."),
    COUNTER(syncs, "Syncs to the disk."),
    COUNTER(reopened, "Times the store was opened again after the disk was full."),
#undef COUNTER
};
enum { COUNTERS = sizeof counters / sizeof counters[0] };

/* The server counts for itself, since base/bus knows no metrics; here the differences are told. */
static void count(const struct log_server *server, struct log_server_stats *counted)
{
    struct log_server_stats stats = log_server_stats(server);

    for (size_t i = 0; i < COUNTERS; i++) {
        uint64_t now = *(const uint64_t *) ((const char *) &stats + counters[i].offset);
        uint64_t before = *(const uint64_t *) ((const char *) counted + counters[i].offset);
        if (now > before)
            metric_add(metric_series(&counters[i].family, NULL, NULL, NULL),
                       (double) (now - before));
    }
    *counted = stats;
}

/* Ready at once: the store is open and locked, the socket there. */
static enum status serve(struct daemon *daemon, struct log_server *server, struct error *err)
{
    struct log_server_stats counted = {0};
    enum status status = STATUS_OK;

    daemon_ready(daemon);
    while (status == STATUS_OK && !daemon_stopping(daemon)) {
        status = log_server_step(server, STEP_MS, err);
        daemon_alive(daemon);
        count(server, &counted);
    }
    return status;
}

/* The admin endpoint first, so that a long recovery of the store shows as "not ready". */
static enum status run(const struct settings *settings, struct error *err)
{
    bool always = slice_equal(slice_from(settings->sync), SLICE("always"));
    struct log_server_options options = {
        .data = settings->common.data, .sync_always = always, .memory_bytes = settings->memory};
    struct log_server *server = NULL;
    struct daemon *daemon = NULL;
    enum status status;

    if (!always && !slice_equal(slice_from(settings->sync), SLICE("second")))
        return error_set(err, STATUS_USAGE, "--sync is always or second, not \"%s\"",
                         settings->sync);
    status = daemon_start("log", &settings->common, &daemon, err);
    if (status == STATUS_OK)
        status = log_server_create(&options, &server, err);
    if (status == STATUS_OK)
        status = serve(daemon, server, err);
    log_server_destroy(server);
    daemon_stop(daemon);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {.rows = rows,
                              .count = sizeof rows / sizeof rows[0],
                              .usage = "xunfang log [options]",
                              .about = "Keeps the logs of one data folder for the local bus."};
    struct settings settings = {.sync = NULL};
    struct error err = {0};
    int exit_status;
    enum status status;

    if (!daemon_parse(&options, argc, argv, &settings, &exit_status))
        return exit_status;
    status = run(&settings, &err);
    if (status != STATUS_OK)
        log_failure(LOG_ERROR, "the log server ends", &err);
    return daemon_exit_status(status);
}
