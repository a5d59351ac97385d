#include "base/worker_batch.h"

enum { BATCH_WRITES_SOFT = 8 * 1024 * 1024 };

enum status batch_init(struct fold_batch *batch, struct worker *worker, struct store *store,
                       struct error *err)
{
    enum status status = outbox_init(&batch->emits, err);

    batch->worker = worker;
    if (status == STATUS_OK)
        status = outbox_init(&batch->sends, err);
    if (status != STATUS_OK)
        return status;
    batch->writes = store_batch_create(store);
    return batch->writes == NULL ? error_set(err, STATUS_NOMEM, "no memory for a batch")
                                 : STATUS_OK;
}

void batch_fini(struct fold_batch *batch)
{
    store_batch_destroy(batch->writes);
    outbox_fini(&batch->emits);
    outbox_fini(&batch->sends);
    batch->writes = NULL;
}

bool batch_dirty(const struct fold_batch *batch)
{
    return batch->applied > 0 || store_batch_bytes(batch->writes) > 0 ||
           !outbox_empty(&batch->emits) || !outbox_empty(&batch->sends);
}

bool batch_full(const struct fold_batch *batch)
{
    return batch->applied >= batch->worker->window ||
           store_batch_bytes(batch->writes) >= BATCH_WRITES_SOFT ||
           outbox_bytes(&batch->emits) + outbox_bytes(&batch->sends) >= OUTBOX_BYTES_SOFT;
}

/* ---- what a stage sees ---- */

struct store_batch *fold_store(struct fold_batch *batch)
{
    return batch->writes;
}

static enum status post(struct fold_batch *batch, struct outbox *outbox, const char *topic,
                        const struct record *record, struct error *err)
{
    uint32_t partition;
    enum status status = worker_partition(batch->worker, topic, record->key, &partition, err);

    return status == STATUS_OK ? outbox_add(outbox, topic, partition, record, err) : status;
}

enum status fold_emit(struct fold_batch *batch, const char *topic, const struct record *record,
                      struct error *err)
{
    /* A rebuild is silent: what it would emit was acknowledged before this record was left
     * behind. */
    return batch->told ? STATUS_OK : post(batch, &batch->emits, topic, record, err);
}

enum status fold_send(struct fold_batch *batch, const char *topic, const struct record *record,
                      struct error *err)
{
    return post(batch, &batch->sends, topic, record, err);
}

struct record_source fold_position(const struct fold_batch *batch)
{
    return batch->position;
}

uint64_t fold_offset(const struct fold_batch *batch, size_t index)
{
    ENSURE(index < batch->worker->input_count);
    return batch->worker->inputs[index].next;
}

bool fold_owns(const struct fold_batch *batch, size_t index)
{
    ENSURE(index < batch->worker->input_count);
    return batch->worker->inputs[index].assigned && !batch->worker->inputs[index].lost;
}

int64_t fold_wall_ms(const struct fold_batch *batch)
{
    return batch->wall_ms;
}
