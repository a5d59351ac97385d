/*
 * The document cannot be packed into its envelope before the page's offset is known, so its payload
 * waits here, packed and no larger than it must be. Publishing copies, so it is freed right after.
 */
#include "crawler/fetch_output.h"

#include "base/message.h"
#include "study/request.h"

#include <stdlib.h>

enum status fetch_publish(struct worker *worker, const char *topic, const struct record *record,
                          struct bus_ticket *ticket, struct error *err)
{
    enum status status = worker_publish(worker, topic, record, ticket, err);

    if (status != STATUS_AGAIN)
        return status;
    /* The bus is full. Waiting delays the next sends, which is never wrong. */
    status = worker_flush(worker, err);
    return status == STATUS_OK ? worker_publish(worker, topic, record, ticket, err) : status;
}

/* Key and id are the request's, so every log has the page's traces in the same partition. */
static struct record envelope(const struct fetch_output *output, const struct fetch_target *target)
{
    return (struct record){.id = output->id,
                           .key = id_slice(&output->id),
                           .job = target->job,
                           .schema = RECORD_SCHEMA};
}

static enum status publish_page(struct fetch_output *output, const struct fetch_target *target,
                                const Xunfang__Page *page, struct error *err)
{
    struct record record = envelope(output, target);
    struct buf payload;
    enum status status;

    buf_init(&payload, FETCH_RECORD_MAX);
    message_pack(&page->base, &payload);
    status = buf_status(&payload, err);
    record.payload = buf_slice(&payload);
    if (status == STATUS_OK)
        status = fetch_publish(target->worker, target->pages.text, &record, &output->page, err);
    buf_fini(&payload);
    return status;
}

enum status fetch_output_begin(struct fetch_output *output, const struct fetch_target *target,
                               const Xunfang__Page *page, const Xunfang__Document *document,
                               struct error *err)
{
    struct buf packed;
    enum status status = STATUS_OK;

    ENSURE(output->state == OUTPUT_NONE && output->packed == NULL);
    output->id = request_id(page->request);
    buf_init(&packed, FETCH_RECORD_MAX);
    if (document != NULL) {
        message_pack(&document->base, &packed);
        status = buf_status(&packed, err);
        if (status == STATUS_OK)
            output->packed = buf_take(&packed, &output->packed_size);
    }
    if (status == STATUS_OK)
        status = publish_page(output, target, page, err);
    if (status == STATUS_OK)
        output->state = OUTPUT_PAGE;
    buf_fini(&packed);
    return status;
}

/* The page stands in its log now; its position is the document's source. */
static enum status publish_document(struct fetch_output *output, const struct fetch_target *target,
                                    struct error *err)
{
    struct record record = envelope(output, target);
    enum status status;

    /* Pages are the job's, documents one run's: another run may read the same pages in its own
     * way. */
    record.run = target->run;
    record.source_count = 1;
    record.sources[0].topic = slice_from(target->pages.text);
    record.sources[0].offset = output->page.offset;
    status = worker_partition(target->worker, target->pages.text, record.key,
                              &record.sources[0].partition, err);
    record.outcome = OUTCOME_PASSED;
    record.payload = slice_of(output->packed, output->packed_size);
    if (status == STATUS_OK)
        status =
            fetch_publish(target->worker, target->documents.text, &record, &output->document, err);
    if (status != STATUS_OK)
        return status;
    free(output->packed);
    output->packed = NULL;
    output->state = OUTPUT_DOCUMENT;
    return STATUS_OK;
}

enum status fetch_output_step(struct fetch_output *output, const struct fetch_target *target,
                              struct error *err)
{
    if (output->state == OUTPUT_PAGE && output->page.acknowledged) {
        if (output->packed != NULL)
            return publish_document(output, target, err);
        output->state = OUTPUT_DONE;
    } else if (output->state == OUTPUT_DOCUMENT && output->document.acknowledged)
        output->state = OUTPUT_DONE;
    return STATUS_OK;
}

bool fetch_output_done(const struct fetch_output *output)
{
    return output->state == OUTPUT_NONE || output->state == OUTPUT_DONE;
}

void fetch_output_fini(struct fetch_output *output)
{
    free(output->packed);
    output->packed = NULL;
}
