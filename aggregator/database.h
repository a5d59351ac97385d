/*
 * database: everything in one SQLite file, results.sqlite.
 *
 * Tables   funnel, reasons, decisions, events, reports, network, pairs, cities, panel, lists,
 *          sensitivity: the CSV tables with typed columns; documents: every counted document with
 *          its one reason, its group (fingerprint), whether it speaks for it, and who decided;
 *          hits: list and document; questions to a language model: document, task, outcome.
 * Bytes    Contents are fixed; the file's bytes depend on SQLite's version.
 * Library  SQLite, here only.
 */
#ifndef XUNFANG_AGGREGATOR_DATABASE_H
#define XUNFANG_AGGREGATOR_DATABASE_H

#include "aggregator/results.h"

/* Creates the file, which must not exist. STATUS_DISK_FULL, STATUS_IO. */
CHECKED enum status database_write(const struct results *results, const char *path,
                                   struct error *err);

#endif
