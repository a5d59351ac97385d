#include "base/worker_outbox.h"

struct letter {
    struct letter *next;
    struct bus_message message;
};

enum status outbox_init(struct outbox *outbox, struct error *err)
{
    *outbox = (struct outbox){.arena = arena_create(OUTBOX_BYTES_MAX)};
    buf_init(&outbox->scratch, BUS_RECORD_MAX);
    if (outbox->arena == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for outputs");
    return STATUS_OK;
}

void outbox_fini(struct outbox *outbox)
{
    arena_destroy(outbox->arena);
    buf_fini(&outbox->scratch);
    outbox->arena = NULL;
    outbox->head = outbox->tail = NULL;
}

/* A letter with copies of everything; NULL when the outbox is full. */
static struct letter *write_letter(struct outbox *outbox, const char *topic, struct slice key)
{
    struct letter *letter = arena_alloc(outbox->arena, sizeof *letter);

    if (letter == NULL)
        return NULL;
    letter->message.topic = arena_copy(outbox->arena, slice_from(topic)).data;
    letter->message.key = arena_copy(outbox->arena, key);
    letter->message.value = arena_copy(outbox->arena, buf_slice(&outbox->scratch));
    if (letter->message.topic == NULL || letter->message.key.data == NULL ||
        letter->message.value.data == NULL)
        return NULL;
    return letter;
}

enum status outbox_add(struct outbox *outbox, const char *topic, uint32_t partition,
                       const struct record *record, struct error *err)
{
    struct letter *letter;
    enum status status;
    bool full;

    buf_reset(&outbox->scratch);
    status = record_encode(record, &outbox->scratch, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "record for %s", topic);
    /* Told from a failed malloc beforehand, since the arena's NULL means either. */
    full = outbox_bytes(outbox) + outbox->scratch.size > OUTBOX_BYTES_MAX - BUS_RECORD_MAX;
    letter = full ? NULL : write_letter(outbox, topic, record->key);
    if (letter == NULL)
        return error_set(err, full ? STATUS_TOO_LARGE : STATUS_NOMEM,
                         "no room for outputs beyond %zu bytes", outbox_bytes(outbox));
    letter->message.partition = partition;
    if (outbox->tail != NULL)
        outbox->tail->next = letter;
    else
        outbox->head = letter;
    outbox->tail = letter;
    return STATUS_OK;
}

/* Letters lie in one arena, so memory comes back when the last one has gone. */
void outbox_drop(struct outbox *outbox)
{
    outbox->head = outbox->tail = NULL;
    arena_reset(outbox->arena);
}

enum status outbox_publish(struct outbox *outbox, struct bus *bus, struct error *err)
{
    while (outbox->head != NULL) {
        /* Without a ticket: one flush tells about all of them. */
        enum status status = bus_publish(bus, &outbox->head->message, NULL, err);
        if (status != STATUS_OK)
            return status;
        outbox->head = outbox->head->next;
    }
    outbox_drop(outbox);
    return STATUS_OK;
}

bool outbox_empty(const struct outbox *outbox)
{
    return outbox->head == NULL;
}

size_t outbox_bytes(const struct outbox *outbox)
{
    return arena_used(outbox->arena);
}
