#include "base/publish.h"

enum status publish_record(const struct publish_target *target, const struct record *record,
                           struct error *err)
{
    struct bus_message message = {.topic = target->topic,
                                  .partition = partition_of(record->key, target->partitions),
                                  .key = record->key};
    enum status status;

    buf_reset(target->scratch);
    status = record_encode(record, target->scratch, err);
    if (status != STATUS_OK)
        return status;
    message.value = buf_slice(target->scratch);
    status = bus_publish(target->bus, &message, NULL, err);
    if (status != STATUS_AGAIN)
        return status;
    /* The queue is full: once it is acknowledged there is room. */
    status = bus_flush(target->bus, PUBLISH_WAIT_MS, err);
    return status == STATUS_OK ? bus_publish(target->bus, &message, NULL, err) : status;
}
