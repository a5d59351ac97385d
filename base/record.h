/*
 * record: the envelope around everything that stands in a log.
 *
 * Identity  id and key depend on the id of the input alone, never on fetched bytes, answers, clocks
 *           or attempts; so a repeat is recognised by its id.
 * Outcome   What a stage decided: passed with content, dropped(reason), dead(reason). Records that
 *           are no outcome (a link, a lease) have OUTCOME_NONE.
 * Sources   Positions this record was derived from, oldest first: the page, the document, …
 * Format    proto/envelope.proto. Fields that a newer version added are kept as they stood
 *           (`beyond`), and a record copied from another one carries them on.
 * Memory    A decoded record points into the arena and into the bytes it was decoded from.
 */
#ifndef XUNFANG_BASE_RECORD_H
#define XUNFANG_BASE_RECORD_H

#include "base/util/arena.h"
#include "base/util/buf.h"
#include "base/util/hash.h"

enum {
    RECORD_SOURCES_MAX = 4,
    RECORD_SCHEMA = 1,
    RECORD_BYTES_MAX = 16 * 1024 * 1024, /* what a bus takes; more is garbage */
};

enum outcome { OUTCOME_NONE, OUTCOME_PASSED, OUTCOME_DROPPED, OUTCOME_DEAD };

struct record_source {
    struct slice topic;
    uint32_t partition;
    uint64_t offset;
};

/* Fields of a message that this version does not know, in protobuf-c's form. */
struct record_beyond {
    const struct ProtobufCMessageUnknownField *fields;
    size_t count;
};

struct record {
    struct id id;
    struct slice key; /* decides the partition */
    struct slice job;
    struct slice run; /* empty for cluster-wide logs */
    uint32_t schema;
    uint32_t generation; /* raised by ingest, redrive and updates; 0 at first */
    enum outcome outcome;
    struct slice reason; /* of dropped and dead: a short code, then maybe ": detail" */
    struct record_source sources[RECORD_SOURCES_MAX];
    size_t source_count;
    struct slice payload; /* a packed message of the topic's kind */
    struct record_beyond beyond;
    struct record_beyond sources_beyond[RECORD_SOURCES_MAX]; /* of each of the sources */
};

/* Appends the envelope's bytes to `out`. */
CHECKED enum status record_encode(const struct record *record, struct buf *out, struct error *err);
/* STATUS_INVALID: garbage, a bad id, a newer schema, more than RECORD_BYTES_MAX. */
CHECKED enum status record_decode(struct slice bytes, struct arena *arena, struct record *record,
                                  struct error *err);
const char *outcome_text(enum outcome outcome);

#endif
