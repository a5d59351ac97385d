/*
 * bus_loan: the bus of a command that comes and goes (ingest, submit, jobs, pause, …).
 *
 * Local    A log server that answers on the folder serves (a `run` is going on); else one is
 *          started and ended with the loan (cli/local_log.h).
 * Cluster  The brokers are asked within BUS_LOAN_WAIT_MS; nothing is started, no folder needed.
 * Catalog  The jobs that `control` tells of. A bus nobody submitted a job to has none: to look for
 *          one there creates nothing.
 * Memory   The loan owns its parts; bus_loan_close ends all of it, NULL is fine.
 * Threads  One.
 */
#ifndef XUNFANG_CLI_BUS_LOAN_H
#define XUNFANG_CLI_BUS_LOAN_H

#include "base/options.h"
#include "cli/bus_place.h"
#include "cli/local_log.h"
#include "study/catalog.h"

enum { BUS_LOAN_WAIT_MS = 10000 };

/* The options of such a command; the first member of its settings. */
struct bus_loan_settings {
    const char *bus;
    const char *data;
};

#define BUS_LOAN_OPTION_ROWS                                                                       \
    {"bus", OPTION_TEXT, offsetof(struct bus_loan_settings, bus), "URL", NULL, BUS_PLACE_HELP},    \
    {                                                                                              \
        "data", OPTION_TEXT, offsetof(struct bus_loan_settings, data), "DIR", "./xunfang-data",    \
            "the data folder of a local bus"                                                       \
    }

struct bus_loan {
    struct bus_place place;
    struct local_log *log; /* NULL: none of ours */
    struct bus *bus;
    struct catalog *catalog; /* NULL: nobody submitted a job yet */
};

/* `client` names us on the bus. STATUS_USAGE: no such bus, no such folder. */
CHECKED enum status bus_loan_open(const struct bus_loan_settings *settings, const char *client,
                                  struct bus_loan **loan, struct error *err);
void bus_loan_close(struct bus_loan *loan);

/* The run of a job; STATUS_USAGE says where there is none, and which job's name is near. */
CHECKED enum status bus_loan_find(const struct bus_loan *loan, const char *job, const char *run,
                                  const struct catalog_run **found, struct error *err);

#endif
