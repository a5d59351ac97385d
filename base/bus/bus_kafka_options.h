/*
 * bus_kafka_options: what stands behind "kafka://", and the settings of the client library.
 *
 * Address  SERVER[,SERVER…][/PREFIX][?NAME=VALUE[&NAME=VALUE…]], SERVER being HOST:PORT.
 * Prefix   Put before every topic and group with a dot, so that several installations share one
 *          cluster and one access rule "PREFIX.*" covers each: "/lab" makes lab.urls of urls.
 * Settings Any property of librdkafka's CONFIGURATION.md, except those that the promises of bus.h
 *          rest on (groups, commits, acknowledgements): naming one of them is STATUS_INVALID.
 *          First those of a file of lines NAME=VALUE (blank ones and '#' comments are skipped),
 *          then those of the address; a later one wins. In the address %XX stands for a byte.
 * Secrets  A value "@PATH" is the content of that file without the line feed behind it, so that
 *          passwords stand neither in a command line nor in a configuration that others read.
 * Places   Of a setting that ends in ".location" the file or folder must be readable ("probe" and
 *          nothing at all are the client library's own words).
 * Limits   64 servers, 64 settings, 64 KiB a file.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_OPTIONS_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_OPTIONS_H

#include "base/util/slice.h"

enum { KAFKA_SETTINGS_MAX = 64, KAFKA_SERVERS_MAX = 64, KAFKA_PREFIX_MAX = 40 };

struct kafka_setting {
    char *name;
    char *value;
};

struct kafka_address {
    char *servers;                     /* as the client library wants them: joined by commas */
    char prefix[KAFKA_PREFIX_MAX + 2]; /* with its dot; "": none */
    struct kafka_setting settings[KAFKA_SETTINGS_MAX]; /* in the order of their use */
    size_t setting_count;
};

/* Reads `text`, and before its settings those of the file `path` unless that is NULL. On failure
 * nothing is left to free. STATUS_INVALID: which part, or file and line, and why; STATUS_NOT_FOUND,
 * STATUS_…: of a file that is named. */
CHECKED enum status kafka_address_read(const char *text, const char *path,
                                       struct kafka_address *address, struct error *err);
void kafka_address_fini(struct kafka_address *address);

#endif
