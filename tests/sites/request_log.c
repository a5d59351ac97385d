#include "tests/sites/request_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct request_log {
    FILE *file;
};

enum status request_log_open(const char *path, struct request_log **opened, struct error *err)
{
    struct request_log *log = calloc(1, sizeof *log);

    if (log == NULL)
        return error_set(err, STATUS_NOMEM, "request log");
    log->file = fopen(path, "a");
    if (log->file == NULL) {
        free(log);
        return error_set_errno(err, errno, "open %s", path);
    }
    *opened = log;
    return STATUS_OK;
}

void request_log_close(struct request_log *log)
{
    if (log == NULL)
        return;
    fclose(log->file);
    free(log);
}

void request_log_add(struct request_log *log, const struct request_line *line)
{
    if (log == NULL)
        return;
    fprintf(log->file, "%lld.%03d\t%lld.%03d\t%s\t%.*s\t%.*s\t%u\t%llu\n",
            (long long) (line->start_us / 1000), (int) (line->start_us % 1000),
            (long long) (line->end_us / 1000), (int) (line->end_us % 1000), line->host,
            SLICE_ARG(line->method), SLICE_ARG(line->target), line->status,
            (unsigned long long) line->bytes);
}

void request_log_flush(struct request_log *log)
{
    if (log != NULL)
        fflush(log->file);
}

int64_t request_log_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
