#include "tests/llm/message.h"

#include <inttypes.h>

static enum status read_field(struct slice line, struct message *message, uint64_t *length,
                              struct error *err)
{
    struct slice value = line;
    struct slice name = slice_split(&value, ':');

    value = slice_trim(value);
    if (slice_equal_nocase(name, SLICE("Content-Length")))
        return slice_to_uint(value, 0, MESSAGE_BODY_MAX, length, err);
    if (slice_equal_nocase(name, SLICE("Transfer-Encoding")))
        return error_set(err, STATUS_INVALID, "a request in chunks");
    if (slice_equal_nocase(name, SLICE("Authorization")))
        message->authorization = value;
    if (slice_equal_nocase(name, SLICE("Connection")))
        message->keep_alive = !slice_equal_nocase(value, SLICE("close"));
    return STATUS_OK;
}

static enum status read_head(struct slice head, struct message *message, uint64_t *length,
                             struct error *err)
{
    struct slice line = slice_trim(slice_split(&head, '\n'));
    enum status status = STATUS_OK;

    message->method = slice_split(&line, ' ');
    message->target = line.data == NULL ? line : slice_split(&line, ' ');
    if (message->target.size == 0 || !slice_starts(line, SLICE("HTTP/1.")))
        return error_set(err, STATUS_INVALID, "no request line");
    message->keep_alive = slice_equal(line, SLICE("HTTP/1.1"));
    while (status == STATUS_OK && head.data != NULL)
        status = read_field(slice_trim(slice_split(&head, '\n')), message, length, err);
    return status;
}

enum status message_read(struct slice bytes, struct message *message, struct error *err)
{
    size_t end = slice_find(bytes, SLICE("\r\n\r\n"));
    uint64_t length = 0;
    enum status status;

    if (end > MESSAGE_HEAD_MAX)
        return error_set(err, STATUS_INVALID, "a head over %d bytes", MESSAGE_HEAD_MAX);
    if (end == bytes.size)
        return error_set(err, STATUS_AGAIN, "head incomplete");
    *message = (struct message){.size = 0};
    status = read_head(slice_sub(bytes, 0, end), message, &length, err);
    if (status != STATUS_OK)
        return status;
    if (bytes.size - end - 4 < length)
        return error_set(err, STATUS_AGAIN, "body incomplete");
    message->body = slice_sub(bytes, end + 4, length);
    message->size = end + 4 + length;
    return STATUS_OK;
}

void message_put_head(const struct message_head *head, struct buf *out)
{
    buf_printf(out, "HTTP/1.1 %u %s\r\nServer: xunfang-scripted-llm\r\nContent-Type: %s\r\n",
               head->status, head->status == 200 ? "OK" : "Not OK", head->type);
    if (head->retry_after_s >= 0)
        buf_printf(out, "Retry-After: %" PRId64 "\r\n", head->retry_after_s);
    if (head->chunked)
        buf_puts(out, "Transfer-Encoding: chunked\r\n");
    else
        buf_printf(out, "Content-Length: %zu\r\n", head->length);
    buf_puts(out, head->close ? "Connection: close\r\n\r\n" : "\r\n");
}
