#include "base/log.h"

#include "base/util/buf.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LOG_LINE_MAX = 8 * 1024,
    LOG_RATE_WINDOW_S = 10,
    LOG_RATE_COUNT = 20,
    LOG_RATE_SLOTS = 64,
};

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *program_name = "xunfang";
static enum log_level threshold = LOG_INFO;

/* How often a message was written in the current window; slots are shared by messages whose hash
 * collides, which at worst silences one of them a little early. */
static struct {
    const char *message;
    time_t window;
    unsigned written;
    unsigned silenced;
} rates[LOG_RATE_SLOTS];
static pthread_mutex_t rates_lock = PTHREAD_MUTEX_INITIALIZER;

void log_open(const char *program, enum log_level level)
{
    program_name = program;
    threshold = level;
}

enum status log_level_parse(struct slice text, enum log_level *level, struct error *err)
{
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (!slice_equal(text, slice_from(level_names[i])))
            continue;
        *level = (enum log_level) i;
        return STATUS_OK;
    }
    return error_set(err, STATUS_INVALID, "'%.*s' is no log level (error, warn, info, debug)",
                     SLICE_ARG(text));
}

/* May this message be written now? *silenced gets how many were left out before. */
static bool within_rate(const char *message, time_t now, unsigned *silenced)
{
    size_t slot = 0;
    bool allowed;

    for (const char *at = message; *at != '\0'; at++)
        slot = slot * 31 + (unsigned char) *at;
    slot %= LOG_RATE_SLOTS;
    (void) pthread_mutex_lock(&rates_lock);
    *silenced = 0;
    if (rates[slot].message != message || now - rates[slot].window >= LOG_RATE_WINDOW_S) {
        *silenced = rates[slot].message == message ? rates[slot].silenced : 0;
        rates[slot].message = message;
        rates[slot].window = now;
        rates[slot].written = rates[slot].silenced = 0;
    }
    allowed = rates[slot].written < LOG_RATE_COUNT;
    if (allowed)
        rates[slot].written++;
    else
        rates[slot].silenced++;
    (void) pthread_mutex_unlock(&rates_lock);
    return allowed;
}

static bool needs_quotes(struct slice value)
{
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char) value.data[i] <= ' ' || strchr("\"=\\\x7f", value.data[i]) != NULL)
            return true;
    return value.size == 0;
}

static void put_value(struct buf *line, struct slice value)
{
    bool cut = value.size > LOG_VALUE_MAX;

    value = slice_sub(value, 0, LOG_VALUE_MAX);
    if (!needs_quotes(value)) {
        buf_append(line, value);
        buf_puts(line, cut ? "..." : "");
        return;
    }
    buf_putc(line, '"');
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else if ((unsigned char) c < ' ' || c == 0x7f)
            buf_printf(line, "\\x%02x", (unsigned) (unsigned char) c);
        else
            buf_putc(line, c);
    }
    buf_puts(line, cut ? "...\"" : "\"");
}

static void put_time(struct buf *line, const struct timespec *now)
{
    struct tm parts;
    char text[32];

    if (gmtime_r(&now->tv_sec, &parts) == NULL ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        return;
    buf_printf(line, "time=%s.%03ldZ", text, now->tv_nsec / 1000000);
}

static void put_line(struct buf *line)
{
    const char *at = line->data;
    size_t left = line->size;

    while (left > 0) {
        ssize_t written = write(STDERR_FILENO, at, left);
        if (written <= 0)
            return; /* nobody reads our standard error: nothing better to tell */
        at += written;
        left -= (size_t) written;
    }
}

void log_event(enum log_level level, const char *message, const struct log_field *fields,
               size_t count)
{
    struct timespec now;
    struct buf line;
    unsigned silenced;

    if (level > threshold || clock_gettime(CLOCK_REALTIME, &now) != 0 ||
        !within_rate(message, now.tv_sec, &silenced))
        return;
    buf_init(&line, LOG_LINE_MAX);
    put_time(&line, &now);
    buf_printf(&line, " level=%s program=%s msg=", level_names[level], program_name);
    put_value(&line, slice_from(message));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&line, " %s=", fields[i].key);
        put_value(&line, fields[i].value);
    }
    if (silenced > 0)
        buf_printf(&line, " silenced_before=%u", silenced);
    line.failure = STATUS_OK; /* an overlong line is cut, its end is still needed */
    if (line.size + 1 > LOG_LINE_MAX)
        buf_truncate(&line, LOG_LINE_MAX - 1);
    buf_putc(&line, '\n');
    if (line.data != NULL)
        put_line(&line);
    buf_fini(&line);
}

void log_failure(enum log_level level, const char *action, const struct error *err)
{
    log_write(level, action, {"status", slice_from(status_text(err->code))},
              {"error", slice_from(err->message)});
}
