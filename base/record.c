#include "base/record.h"

#include "base/message.h"

#include "proto/envelope.pb-c.h"

/* Job, run, reason and topics together; key and payload are not copied on the way out. */
enum { RECORD_TEXTS_MAX = 64 * 1024, RECORD_ARENA = 2 * RECORD_TEXTS_MAX };

typedef Xunfang__Envelope Envelope;
typedef Xunfang__Source Source;

/* ---- writing ---- */

/* protobuf-c has no const in its structs; packing only reads. */
static void put_beyond(const struct record_beyond *beyond, ProtobufCMessage *message)
{
    message->unknown_fields = (ProtobufCMessageUnknownField *) (uintptr_t) beyond->fields;
    message->n_unknown_fields = (unsigned) beyond->count;
}

/* A text for a `string` field: protobuf-c writes NULL as the default, empty. */
static bool put_text(struct arena *arena, struct slice text, char **field)
{
    if (text.size == 0)
        return true;
    *field = message_text(arena, text);
    return *field != NULL;
}

static bool put_sources(struct arena *arena, const struct record *record, Envelope *envelope)
{
    envelope->sources = arena_array(arena, RECORD_SOURCES_MAX, sizeof(Source *));
    if (envelope->sources == NULL)
        return false;
    for (size_t i = 0; i < record->source_count; i++) {
        Source *source = arena_alloc(arena, sizeof *source);
        if (source == NULL)
            return false;
        xunfang__source__init(source);
        source->partition = record->sources[i].partition;
        source->offset = record->sources[i].offset;
        put_beyond(&record->sources_beyond[i], &source->base);
        envelope->sources[envelope->n_sources++] = source;
        if (!put_text(arena, record->sources[i].topic, &source->topic))
            return false;
    }
    return true;
}

static bool fill(struct arena *arena, const struct record *record, Envelope *envelope)
{
    envelope->id = message_bytes(id_slice(&record->id));
    envelope->key = message_bytes(record->key);
    envelope->schema = record->schema == 0 ? RECORD_SCHEMA : record->schema;
    envelope->generation = record->generation;
    envelope->outcome = (Xunfang__Envelope__Outcome) record->outcome;
    envelope->payload = message_bytes(record->payload);
    put_beyond(&record->beyond, &envelope->base);
    return put_text(arena, record->job, &envelope->job) &&
           put_text(arena, record->run, &envelope->run) &&
           put_text(arena, record->reason, &envelope->reason) &&
           put_sources(arena, record, envelope);
}

static size_t text_bytes(const struct record *record)
{
    size_t size = record->job.size + record->run.size + record->reason.size;

    for (size_t i = 0; i < record->source_count; i++)
        size += record->sources[i].topic.size;
    return size;
}

enum status record_encode(const struct record *record, struct buf *out, struct error *err)
{
    Envelope envelope = XUNFANG__ENVELOPE__INIT;
    struct arena *arena;
    enum status status;

    ENSURE(record->source_count <= RECORD_SOURCES_MAX && record->outcome <= OUTCOME_DEAD);
    if (text_bytes(record) > RECORD_TEXTS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "texts of a record with %zu bytes: %d are allowed",
                         text_bytes(record), (int) RECORD_TEXTS_MAX);
    arena = arena_create(RECORD_ARENA);
    if (arena == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to write a record");
    if (fill(arena, record, &envelope)) {
        message_pack(&envelope.base, out);
        status = buf_status(out, err);
    } else {
        status = error_set(err, STATUS_NOMEM, "no memory for the texts of a record");
    }
    arena_destroy(arena);
    return status;
}

/* ---- reading ---- */

static enum status check(const Envelope *envelope, struct error *err)
{
    if (envelope->schema == 0 || envelope->schema > RECORD_SCHEMA)
        return error_set(err, STATUS_INVALID, "a record of schema %u: up to %d are known",
                         envelope->schema, RECORD_SCHEMA);
    /* protobuf-c lets any number into an enum. */
    if (envelope->outcome < 0 || envelope->outcome > XUNFANG__ENVELOPE__OUTCOME__DEAD)
        return error_set(err, STATUS_INVALID, "a record with outcome %d", (int) envelope->outcome);
    if (envelope->n_sources > RECORD_SOURCES_MAX)
        return error_set(err, STATUS_INVALID, "a record with %zu sources: %d are allowed",
                         envelope->n_sources, RECORD_SOURCES_MAX);
    return STATUS_OK;
}

static struct record_beyond beyond_of(const ProtobufCMessage *message)
{
    return (struct record_beyond){message->unknown_fields, message->n_unknown_fields};
}

static void read_sources(const Envelope *envelope, struct record *record)
{
    record->source_count = envelope->n_sources;
    for (size_t i = 0; i < envelope->n_sources; i++) {
        record->sources[i] = (struct record_source){
            .topic = slice_from(envelope->sources[i]->topic),
            .partition = envelope->sources[i]->partition,
            .offset = envelope->sources[i]->offset,
        };
        record->sources_beyond[i] = beyond_of(&envelope->sources[i]->base);
    }
}

enum status record_decode(struct slice bytes, struct arena *arena, struct record *record,
                          struct error *err)
{
    struct error cause = {0};
    const Envelope *envelope;
    enum status status;
    struct id id;

    if (bytes.size > RECORD_BYTES_MAX)
        return error_set(err, STATUS_INVALID, "a record of %zu bytes: at most %d are read",
                         bytes.size, (int) RECORD_BYTES_MAX);
    envelope = message_unpack(&xunfang__envelope__descriptor, bytes, arena, &cause);
    if (envelope == NULL)
        return error_set(err, cause.code, "%s", cause.message);
    status = check(envelope, err);
    if (status == STATUS_OK)
        status = id_from_bytes(message_slice(envelope->id), &id, err);
    if (status != STATUS_OK)
        return status;
    *record = (struct record){
        .id = id,
        .key = message_slice(envelope->key),
        .job = slice_from(envelope->job),
        .run = slice_from(envelope->run),
        .schema = envelope->schema,
        .generation = envelope->generation,
        .outcome = (enum outcome) envelope->outcome,
        .reason = slice_from(envelope->reason),
        .payload = message_slice(envelope->payload),
        .beyond = beyond_of(&envelope->base),
    };
    read_sources(envelope, record);
    return STATUS_OK;
}

const char *outcome_text(enum outcome outcome)
{
    static const char *const texts[] = {"none", "passed", "dropped", "dead"};

    ENSURE(outcome <= OUTCOME_DEAD);
    return texts[outcome];
}
