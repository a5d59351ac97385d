#include "tests/llm/stats.h"

#include "base/json.h"
#include "base/util/map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum { ABOUT_MAX = 300, LINE_MAX_SIZE = 4096 };

struct stats {
    FILE *log;
    unsigned slots;
    unsigned busy;
    unsigned in_flight;
    unsigned most_in_flight;
    uint64_t requests;
    uint64_t answered;
    uint64_t gone;
    uint64_t refused;
    uint64_t with_key;
    uint64_t deeds[DEED_COUNT];
    struct map *distinct;
    int64_t start_us;
    int64_t first_us; /* 0: no question yet */
    int64_t last_us;
    int64_t changed_us;
    int64_t busy_us;
};

int64_t stats_now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

enum status stats_create(unsigned slots, FILE *log, struct stats **stats, struct error *err)
{
    struct stats *made = calloc(1, sizeof *made);

    if (made == NULL || (made->distinct = map_create()) == NULL) {
        free(made);
        return error_set(err, STATUS_NOMEM, "no memory for counts");
    }
    made->slots = slots;
    made->log = log;
    made->start_us = made->changed_us = stats_now_us();
    *stats = made;
    return STATUS_OK;
}

void stats_destroy(struct stats *stats)
{
    if (stats == NULL)
        return;
    if (stats->log != NULL)
        fclose(stats->log);
    map_destroy(stats->distinct);
    free(stats);
}

void stats_asked(struct stats *stats, struct id question, enum deed deed)
{
    if (stats->first_us == 0)
        stats->first_us = stats_now_us();
    stats->requests++;
    stats->deeds[deed]++;
    if (++stats->in_flight > stats->most_in_flight)
        stats->most_in_flight = stats->in_flight;
    /* Only its size matters; a failure for memory would show as a count that is too low. */
    status_ignore(map_put(stats->distinct, id_slice(&question), stats));
}

void stats_slots(struct stats *stats, unsigned busy)
{
    int64_t now = stats_now_us();

    stats->busy_us += (now - stats->changed_us) * stats->busy;
    stats->changed_us = now;
    stats->busy = busy;
}

void stats_refused(struct stats *stats)
{
    stats->refused++;
}

/* Where the question begins, for tests that look for one. */
static void put_about(struct slice about, struct buf *out)
{
    size_t size = about.size < ABOUT_MAX ? about.size : ABOUT_MAX;

    while (size > 0 && size < about.size && ((unsigned char) about.data[size] & 0xC0) == 0x80)
        size--;
    json_put_text(out, slice_of(about.data == NULL ? "" : about.data, size));
}

static void log_line(const struct stats *stats, const struct stats_line *line)
{
    char hex[ID_TEXT_SIZE];
    char form[ID_TEXT_SIZE];
    struct buf out;

    buf_init(&out, LINE_MAX_SIZE);
    buf_printf(&out,
               "{\"asked_ms\":%" PRId64 ",\"took_ms\":%" PRId64 ",\"behaviour\":\"%s\","
               "\"question\":\"%s\",\"status\":%u,\"whole\":%s,\"key\":%s,"
               "\"form\":\"%s\",\"about\":",
               (line->asked_us - stats->start_us) / 1000, (stats->last_us - line->asked_us) / 1000,
               deed_text(line->deed), id_text(line->question, hex), line->status,
               line->whole ? "true" : "false", line->key ? "true" : "false",
               id_text(line->form, form));
    put_about(line->about, &out);
    buf_puts(&out, "}\n");
    fputs(buf_text(&out), stats->log);
    fflush(stats->log);
    buf_fini(&out);
}

void stats_ended(struct stats *stats, const struct stats_line *line)
{
    stats->last_us = stats_now_us();
    stats->in_flight--;
    stats->answered += line->whole && line->status == 200;
    stats->gone += !line->whole;
    stats->with_key += line->key;
    if (stats->log != NULL)
        log_line(stats, line);
}

void stats_put(const struct stats *stats, struct buf *out)
{
    const char *between = "";

    buf_printf(out,
               "{\"requests\":%" PRIu64 ",\"answered\":%" PRIu64 ",\"gone\":%" PRIu64
               ",\"refused\":%" PRIu64 ",\"with_key\":%" PRIu64 ",\"distinct\":%zu,",
               stats->requests, stats->answered, stats->gone, stats->refused, stats->with_key,
               map_size(stats->distinct));
    buf_printf(out, "\"in_flight\":%u,\"most_in_flight\":%u,\"slots\":%u,\"busy\":%u,",
               stats->in_flight, stats->most_in_flight, stats->slots, stats->busy);
    buf_printf(out, "\"busy_slot_us\":%" PRId64 ",\"first_us\":%" PRId64 ",\"last_us\":%" PRId64,
               stats->busy_us, stats->first_us == 0 ? 0 : stats->first_us - stats->start_us,
               stats->last_us == 0 ? 0 : stats->last_us - stats->start_us);
    buf_puts(out, ",\"behaviours\":{");
    for (size_t i = 0; i < DEED_COUNT; i++) {
        if (stats->deeds[i] == 0)
            continue;
        buf_printf(out, "%s\"%s\":%" PRIu64, between, deed_text((enum deed) i), stats->deeds[i]);
        between = ",";
    }
    buf_puts(out, "}}");
}
