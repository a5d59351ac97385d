/*
 * A child process that does what its arguments say, for the tests of base/supervise, base/scrape
 * and study/steward.
 *
 * --file F       appends one line to F at each start: "start", with " crash-at" if CRASH_AT is set,
 *                and of a job its name, run and index; F may stand in XUNFANG_TEST_CHILD_FILE
 * --job J        a job named die-N: --die N; named deaf: does not end by SIGTERM
 * --die N        ends with exit status N at once, before being ready
 * --live-ms N    ends by itself (status 1) after N ms
 * otherwise it serves an admin endpoint, becomes ready and waits for SIGTERM.
 */
#include "base/daemon.h"
#include "base/metrics.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    struct daemon_settings daemon;
    const char *file;
    const char *die;
    uint64_t live_ms;
};

static const struct option_row rows[] = {
    {"file", OPTION_TEXT, offsetof(struct settings, file), "F", NULL, "note each start here"},
    {"die", OPTION_TEXT, offsetof(struct settings, die), "N", NULL, "exit at once"},
    {"live-ms", OPTION_UINT, offsetof(struct settings, live_ms), "N", NULL, "exit after a while"},
};

static const struct metric_family starts = {.name = "xunfang_test_child_starts",
                                            .kind = METRIC_COUNTER,
                                            .help = "Starts.",
                                            .labels = {"what"}};

static void note_start(const struct settings *settings)
{
    const char *path = settings->file == NULL ? getenv("XUNFANG_TEST_CHILD_FILE") : settings->file;
    int file = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

    char job[256] = "";

    if (file < 0)
        return;
    if (settings->daemon.job != NULL)
        (void) snprintf(job, sizeof job, " %s.%s-%llu", settings->daemon.job, settings->daemon.run,
                        (unsigned long long) settings->daemon.index);
    /* In one piece: others write there too. */
    (void) dprintf(file, "start%s%s\n", getenv("CRASH_AT") == NULL ? "" : " crash-at", job);
    (void) close(file);
}

/* NULL: it does not die. */
static const char *death(const struct settings *settings)
{
    const char *job = settings->daemon.job;

    return job != NULL && strncmp(job, "die-", 4) == 0 ? job + 4 : settings->die;
}

int main(int argc, char **argv)
{
    const struct options options = {rows, sizeof rows / sizeof rows[0], "test child", NULL};
    struct settings settings = {0};
    struct daemon *daemon;
    int64_t begun = clock_mono_ms(clock_system());
    int exit_status;
    bool deaf;

    if (!daemon_parse(&options, argc, argv, &settings, &exit_status))
        return exit_status;
    note_start(&settings);
    if (death(&settings) != NULL)
        return (int) strtol(death(&settings), NULL, 10);
    deaf = settings.daemon.job != NULL && strcmp(settings.daemon.job, "deaf") == 0;
    if (daemon_start("test-child", &settings.daemon, &daemon, NULL) != STATUS_OK)
        return 1;
    metric_add(metric_series(&starts, "x", NULL, NULL), 1);
    daemon_ready(daemon);
    while (deaf || !daemon_stopping(daemon)) {
        clock_sleep_ms(clock_system(), 10);
        if (settings.live_ms > 0 &&
            clock_mono_ms(clock_system()) - begun >= (int64_t) settings.live_ms)
            return 1;
    }
    daemon_stop(daemon);
    return 0;
}
