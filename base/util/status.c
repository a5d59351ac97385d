#include "base/util/status.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    enum verdict verdict;
} table[] = {
#define X(name, text, verdict) [STATUS_##name] = {text, VERDICT_##verdict},
    STATUS_TABLE(X)
#undef X
};

const char *status_text(enum status status)
{
    ENSURE((size_t) status < sizeof table / sizeof table[0]);
    return table[status].text;
}

enum verdict status_verdict(enum status status)
{
    ENSURE((size_t) status < sizeof table / sizeof table[0]);
    return table[status].verdict;
}

enum status error_set(struct error *err, enum status code, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return code;
    err->code = code;
    va_start(args, format);
    (void) vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return code;
}

enum status error_set_errno(struct error *err, int errnum, const char *format, ...)
{
    enum status code = errnum == ENOSPC || errnum == EDQUOT ? STATUS_DISK_FULL
                       : errnum == ENOENT                   ? STATUS_NOT_FOUND
                                                            : STATUS_IO;
    char reason[128] = "";
    size_t used;
    va_list args;

    if (err == NULL)
        return code;
    err->code = code;
    va_start(args, format);
    (void) vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (strerror_r(errnum, reason, sizeof reason) != 0)
        (void) snprintf(reason, sizeof reason, "error %d", errnum);
    used = strlen(err->message);
    (void) snprintf(err->message + used, sizeof err->message - used, ": %s", reason);
    return code;
}

enum status error_prefix(struct error *err, enum status code, const char *format, ...)
{
    char message[ERROR_MESSAGE_MAX];
    size_t used;
    va_list args;

    if (err == NULL)
        return code;
    va_start(args, format);
    (void) vsnprintf(message, sizeof message, format, args);
    va_end(args);
    used = strlen(message);
    (void) snprintf(message + used, sizeof message - used, ": %s", err->message);
    memcpy(err->message, message, sizeof message);
    return code;
}

_Noreturn void ensure_failed(const char *condition, const char *file, int line)
{
    (void) fprintf(stderr, "level=error msg=\"broken invariant\" at=%s:%d condition=\"%s\"\n", file,
                   line, condition);
    abort();
}
