#include "tests/sites/http_message.h"

/* One field line of the head. */
static enum status read_field(struct slice line, struct http_request *request, uint64_t *length,
                              struct error *err)
{
    struct slice value = line;
    struct slice name = slice_split(&value, ':');

    value = slice_trim(value);
    if (slice_equal_nocase(name, SLICE("Content-Length")))
        return slice_to_uint(value, 0, MESSAGE_BODY_MAX, length, err);
    if (slice_equal_nocase(name, SLICE("Transfer-Encoding")))
        return error_set(err, STATUS_INVALID, "chunked request");
    if (slice_equal_nocase(name, SLICE("Connection")))
        request->keep_alive = !slice_equal_nocase(value, SLICE("close"));
    return STATUS_OK;
}

/* METHOD SP PATH SP VERSION; only paths, no absolute targets. */
static enum status read_request_line(struct slice line, struct http_request *request,
                                     struct error *err)
{
    request->method = slice_split(&line, ' ');
    request->target = line.data == NULL ? line : slice_split(&line, ' ');
    if (request->target.size == 0 || request->target.data[0] != '/' ||
        !slice_starts(line, SLICE("HTTP/1.")))
        return error_set(err, STATUS_INVALID, "no request line");
    request->keep_alive = slice_equal(slice_trim(line), SLICE("HTTP/1.1"));
    return STATUS_OK;
}

enum status http_request_read(struct slice bytes, struct http_request *request, struct error *err)
{
    size_t end = slice_find(bytes, SLICE("\r\n\r\n"));
    struct slice head = slice_sub(bytes, 0, end);
    uint64_t length = 0;
    enum status status;

    if (end == bytes.size)
        return bytes.size < MESSAGE_HEAD_MAX
                   ? error_set(err, STATUS_AGAIN, "head incomplete")
                   : error_set(err, STATUS_INVALID, "head over %d bytes", MESSAGE_HEAD_MAX);
    *request = (struct http_request){.size = 0};
    status = read_request_line(slice_split(&head, '\n'), request, err);
    while (status == STATUS_OK && head.data != NULL)
        status = read_field(slice_trim(slice_split(&head, '\n')), request, &length, err);
    if (status != STATUS_OK)
        return status;
    if (bytes.size - end - 4 < length)
        return error_set(err, STATUS_AGAIN, "body incomplete");
    request->body = slice_sub(bytes, end + 4, length);
    request->size = end + 4 + length;
    return STATUS_OK;
}

const char *http_reason(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}
