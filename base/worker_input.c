#include "base/worker_input.h"

#include <stdlib.h>
#include <string.h>

struct input *inputs_create(const struct bus_partition *partitions, size_t count)
{
    struct input *inputs = calloc(count, sizeof *inputs);

    for (size_t i = 0; inputs != NULL && i < count; i++) {
        inputs[i].index = i;
        inputs[i].partition = partitions[i].partition;
        inputs[i].topic = strdup(partitions[i].topic);
        if (inputs[i].topic == NULL) {
            inputs_destroy(inputs, count);
            return NULL;
        }
    }
    return inputs;
}

static void drop_backlog(struct input *input)
{
    free(input->block);
    input->block = NULL;
    input->records = NULL;
    input->record_count = input->record_next = 0;
}

void inputs_destroy(struct input *inputs, size_t count)
{
    for (size_t i = 0; inputs != NULL && i < count; i++) {
        ENSURE(inputs[i].head == NULL);
        drop_backlog(&inputs[i]);
        free(inputs[i].topic);
    }
    free(inputs);
}

void input_assign(struct input *input, uint64_t offset, uint64_t end, struct mark mark,
                  size_t window)
{
    drop_backlog(input);
    input->assigned = true;
    input->lost = false;
    input->committed = input->done = input->next = offset;
    input->end = input->goal = end;
    input->trying = false;
    /* Nothing behind the end can have been under way when the predecessor died. */
    input->careful_until = offset;
    if (mark.kind != MARK_CLEAN)
        input->careful_until = end - offset < window ? end : offset + window;
    /* Each was marked before it began, and none took its mark back: all of them ended in a
     * death. */
    input->tries = mark.kind == MARK_TRY ? mark.tries : 0;
}

void input_revoke(struct input *input)
{
    drop_backlog(input);
    input->assigned = false;
}

static size_t batch_bytes(const struct bus_event *event)
{
    size_t bytes = 0;

    for (size_t i = 0; i < event->record_count; i++)
        bytes += event->records[i].key.size + event->records[i].value.size;
    return bytes;
}

static char *copy_bytes(char *room, struct slice *bytes)
{
    if (bytes->size > 0)
        memcpy(room, bytes->data, bytes->size);
    bytes->data = room;
    return room + bytes->size;
}

enum status input_fill(struct input *input, const struct bus_event *event, struct error *err)
{
    size_t table = event->record_count * sizeof *event->records;
    char *room;

    ENSURE(input->assigned && input_peek(input) == NULL && event->record_count > 0);
    if (event->records[0].offset != input->next)
        return error_set(err, STATUS_CORRUPT, "%s/%u goes on at %llu where %llu was expected",
                         input->topic, input->partition,
                         (unsigned long long) event->records[0].offset,
                         (unsigned long long) input->next);
    drop_backlog(input);
    /* One block for the table and its bytes: `records` lies at its head, and both go together. */
    input->block = malloc(table + batch_bytes(event) + 1);
    if (input->block == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a batch of %s/%u", input->topic,
                         input->partition);
    input->records = (struct bus_record *) input->block;
    input->record_count = event->record_count;
    memcpy(input->records, event->records, table);
    room = input->block + table;
    for (size_t i = 0; i < input->record_count; i++) {
        room = copy_bytes(room, &input->records[i].key);
        room = copy_bytes(room, &input->records[i].value);
    }
    /* The bus may have looked at the end before it read the batch. */
    input->end = event->records[event->record_count - 1].offset + 1;
    if (input->end < event->end)
        input->end = event->end;
    return STATUS_OK;
}

const struct bus_record *input_peek(const struct input *input)
{
    return input->record_next < input->record_count ? &input->records[input->record_next] : NULL;
}

void input_take(struct input *input)
{
    ENSURE(input_peek(input) != NULL);
    input->next = input->records[input->record_next++].offset + 1;
}

bool input_careful(const struct input *input)
{
    return input->next < input->careful_until;
}

struct record_source input_position(const struct input *input, uint64_t offset)
{
    return (struct record_source){slice_from(input->topic), input->partition, offset};
}
