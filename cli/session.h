/*
 * session: what every command that works on a data folder for a while has open: the folder's lock,
 * the log server, the bus, the supervisor of child processes, and one admin endpoint for all.
 *
 * Lock     One session a folder: STATUS_BUSY names the process that has it.
 * Admin    The endpoint answers /metrics for all children (cli/scrape.h).
 * End      session_close drains the log server, so the order is: workers first (cli/conduct.h).
 * Options  SESSION_OPTION_ROWS gives the rows of an option table whose settings begin with a
 *          `struct session_settings`.
 * Memory   The session owns its parts; the settings must outlive it.
 * Threads  One, and the admin endpoint's.
 */
#ifndef XUNFANG_CLI_SESSION_H
#define XUNFANG_CLI_SESSION_H

#include "base/bus/bus.h"
#include "base/daemon.h"
#include "cli/scrape.h"
#include "cli/supervise.h"

enum { SESSION_PATH_MAX = 4096 };

struct session_settings {
    const char *data;
    const char *bus;
    const char *admin;
    const char *log_level;
    const char *sync;
    uint64_t classifiers; /* processes */
    uint64_t extractors;
};

#define SESSION_ROW(member, name, kind, placeholder, fallback, help)                               \
    {                                                                                              \
        name, kind, offsetof(struct session_settings, member), placeholder, fallback, help         \
    }
#define SESSION_OPTION_ROWS                                                                        \
    SESSION_ROW(data, "data", OPTION_TEXT, "DIR", "./xunfang-data",                                \
                "logs and state; one job after another may use it"),                               \
        SESSION_ROW(bus, "bus", OPTION_TEXT, "URL", "local",                                       \
                    "local: a log server of its own in --data"),                                   \
        SESSION_ROW(admin, "admin", OPTION_TEXT, "HOST:PORT", "127.0.0.1:0",                       \
                    "metrics of all processes, health"),                                           \
        SESSION_ROW(log_level, "log-level", OPTION_TEXT, "LEVEL", "warn",                          \
                    "error, warn, info or debug"),                                                 \
        SESSION_ROW(sync, "sync", OPTION_TEXT, "HOW", "second",                                    \
                    "second: fsync every second; always: before each ack"),                        \
        SESSION_ROW(classifiers, "classifiers", OPTION_UINT, "N", "1", "classifier processes"),    \
        SESSION_ROW(extractors, "extractors", OPTION_UINT, "N", "1", "extractor processes")

struct session {
    const struct session_settings *settings;
    struct daemon_settings admin;
    struct daemon *daemon;
    struct supervisor *supervisor;
    struct scrape *scrape;
    struct bus *bus;
    char bus_url[SESSION_PATH_MAX]; /* for child processes */
    int lock;
    size_t log_index; /* of the log server in the supervisor */
};

/* `client` names us on the bus. With `create` the data folder is made if need be; else
 * STATUS_USAGE if there is none. */
CHECKED enum status session_open(const struct session_settings *settings, const char *client,
                                 bool create, struct session **session, struct error *err);
/* NULL is fine. */
void session_close(struct session *session);

#endif
