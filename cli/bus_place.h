/*
 * bus_place: which bus a command works on: what --bus and $XUNFANG_BUS say, as an address.
 *
 * Words    "local" (the log server of the data folder), "local:DIR", "kafka://HOST:PORT,…" and
 *          what base/bus/bus_kafka_options.h allows behind it. Without --bus $XUNFANG_BUS counts,
 *          without that "local".
 * Local    is a bus that needs a log server of ours on `folder`; every other one runs somewhere.
 * Memory   By value; `folder` points into what was given or into the environment.
 */
#ifndef XUNFANG_CLI_BUS_PLACE_H
#define XUNFANG_CLI_BUS_PLACE_H

#include "base/util/status.h"

enum { BUS_PLACE_URL_MAX = 4096 };

#define BUS_PLACE_VARIABLE "XUNFANG_BUS"
#define BUS_PLACE_HELP     "local or kafka://HOST:PORT; default $XUNFANG_BUS, else local (--data)"

struct bus_place {
    bool local;
    const char *folder; /* of the log server, if local */
    char url[BUS_PLACE_URL_MAX];
};

/* `word`: --bus, or NULL. STATUS_USAGE: no such kind of bus, or too long. */
CHECKED enum status bus_place_choose(const char *word, const char *data, struct bus_place *place,
                                     struct error *err);
/* What people call it: "--data DIR" of a local one, "--bus URL" of a cluster, without its settings,
 * which may hold a password. Cut at `size` bytes; returns `text`. */
const char *bus_place_text(const struct bus_place *place, char *text, size_t size);

#endif
