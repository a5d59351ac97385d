/*
 * submit_replay: a new run of a job over logs that another run left.
 *
 * Source   A sealed run of the same job. What is read from it is pinned to the generation it is
 *          sealed for: what comes later is not the replay's. If the source is a replay itself, the
 *          new run reads the logs the source reads; no record is copied.
 * From     The first stage that works again: `parse` reads the archived pages (ingested documents
 *          have none and are not the replay's), `classify` documents, `extract` visits too,
 *          `aggregate` reports too. What that stage and the later ones write is the run's own.
 * Again    A run that stands on the bus already goes on if it reads the same logs from the same
 *          stage with the same files, whatever its source did since; else STATUS_INVALID says what
 *          differs.
 * Names    STATUS_NOT_FOUND: no such job or source. STATUS_INVALID: a name that is none.
 *          STATUS_USAGE: a name taken by a run that is no replay, a source that is not sealed.
 * Threads  The bus's.
 */
#ifndef XUNFANG_CLI_SUBMIT_REPLAY_H
#define XUNFANG_CLI_SUBMIT_REPLAY_H

#include "study/catalog.h"
#include "study/study.h"

enum replay_from { REPLAY_PARSE, REPLAY_CLASSIFY, REPLAY_EXTRACT, REPLAY_AGGREGATE };

struct replay_options {
    const char *run;    /* the new one */
    const char *source; /* the run it reads */
    enum replay_from from;
};

/* "parse", "classify", "extract", "aggregate"; STATUS_USAGE for anything else. */
CHECKED enum status replay_from_text(const char *text, enum replay_from *from, struct error *err);

/* The study is the new run's. Afterwards the catalogue knows it. */
CHECKED enum status submit_replay(struct bus *bus, struct catalog *catalog,
                                  const struct study *study, const struct replay_options *options,
                                  struct error *err);

#endif
