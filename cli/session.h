/*
 * session: what every command that works on a data folder for a while has open: the folder's lock,
 * the bus, on the local one its log server, the supervisor of child processes, and one admin
 * endpoint for all.
 *
 * Bus      --bus as cli/bus_place.h says. The local bus' logs lie in the same folder; on a cluster
 *          the folder holds what this machine's workers remember.
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
#include "base/scrape.h"
#include "base/supervise.h"
#include "cli/bus_place.h"

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
                "state, and the logs of a local bus; one job after another may use it"),           \
        SESSION_ROW(bus, "bus", OPTION_TEXT, "URL", NULL, BUS_PLACE_HELP),                         \
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
    struct bus_place place; /* its url is for child processes */
    int lock;
    bool serves_log;  /* the log server is a child of ours, … */
    size_t log_index; /* … this one of the supervisor */
};

/* `client` names us on the bus. With `create`, and on a cluster, the data folder is made if need
 * be; else STATUS_USAGE if there is none. */
CHECKED enum status session_open(const struct session_settings *settings, const char *client,
                                 bool create, struct session **session, struct error *err);
/* NULL is fine. */
void session_close(struct session *session);

#endif
