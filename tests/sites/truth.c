#include "tests/sites/truth.h"

#include "base/util/civil.h"
#include "base/util/hash.h"
#include "tests/sites/encoding.h"
#include "tests/sites/listing.h"
#include "tests/sites/page.h"

#include <errno.h>

enum { LINE_MAX_BYTES = 64 * 1024 };

const char *const truth_dictionary[] = {
    "接待", "赴",   "调研", "带队", "率队", "学习", "交流", "访问", "考察", "走访", "会见", "对接",
    "邀请", "座谈", "来访", "拜会", "拜访", "参观", "洽谈", "回访", "取经", "观摩", NULL};

static const char *const kind_names[] = {
#define X(name, rules, share) rules,
#include "tests/sites/kinds.def"
#undef X
    "visit", "outside", "blank", "copy", "dead", "moved", "home", "fault"};

/* The line being written. */
struct report {
    const struct world *world;
    struct arena *arena;
    struct buf line;
    FILE *file;
};

/* A member; empty text is null. */
static void put_string(struct report *report, const char *key, struct slice text)
{
    buf_printf(&report->line, ",\"%s\":", key);
    if (text.size == 0) {
        buf_puts(&report->line, "null");
        return;
    }
    buf_putc(&report->line, '"');
    encoding_json(text, &report->line);
    buf_putc(&report->line, '"');
}

static void put_bool(struct report *report, const char *key, bool value)
{
    buf_printf(&report->line, ",\"%s\":%s", key, value ? "true" : "false");
}

/* A member; no day is null. */
static void put_day(struct report *report, const char *key, int32_t day)
{
    char text[CIVIL_TEXT_SIZE];

    put_string(report, key, slice_from(civil_text(day, text)));
}

static void put_url(struct report *report, const char *key, uint32_t number)
{
    buf_printf(&report->line, ",\"%s\":\"", key);
    page_url(report->world, number, &report->line);
    buf_putc(&report->line, '"');
}

static struct slice city_name(const struct report *report, int city)
{
    return report->world->places.cities[city].name;
}

static void begin_line(struct report *report, const char *type)
{
    buf_reset(&report->line);
    buf_printf(&report->line, "{\"type\":\"%s\"", type);
}

static void end_line(struct report *report)
{
    buf_puts(&report->line, "}\n");
    fwrite(report->line.data, 1, report->line.size, report->file);
}

/* What the run was made from. */
static void write_meta(struct report *report)
{
    begin_line(report, "meta");
    buf_printf(&report->line, ",\"seed\":%llu,\"documents\":%u,\"sites\":%u,\"cities\":[",
               (unsigned long long) report->world->options.seed,
               (unsigned) report->world->page_count, (unsigned) report->world->site_count);
    for (int i = 0, count = 0; i < report->world->places.city_count; i++) {
        if ((report->world->region >> i & 1) != 0)
            buf_printf(&report->line, "%s\"%.*s\"", count++ > 0 ? "," : "",
                       SLICE_ARG(city_name(report, i)));
    }
    buf_puts(&report->line, "],\"dictionary\":[");
    for (int i = 0; truth_dictionary[i] != NULL; i++)
        buf_printf(&report->line, "%s\"%s\"", i > 0 ? "," : "", truth_dictionary[i]);
    buf_putc(&report->line, ']');
    end_line(report);
}

/* One list with what the site declares and what it holds. */
static void write_list(struct report *report, uint32_t number, int city)
{
    const struct site *site = &report->world->sites[number];
    uint32_t count;

    (void) world_hits(report->world, number, city, &count);
    begin_line(report, "list");
    buf_printf(&report->line, ",\"site\":\"http://%s\"", site->host);
    put_string(report, "site_city", city_name(report, site->city));
    put_string(report, "query", city_name(report, city));
    buf_printf(&report->line, ",\"declared\":%u,\"hits\":%u",
               (unsigned) listing_total(dialect_find(site->dialect), count), (unsigned) count);
    end_line(report);
}

static void write_lists(struct report *report)
{
    for (uint32_t i = 0; i < report->world->site_count; i++) {
        for (int city = 0; city < report->world->places.city_count; city++) {
            if ((report->world->region >> city & 1) != 0 && report->world->sites[i].city != city)
                write_list(report, i, city);
        }
    }
}

/* The lists a document stands on: of its site, for these cities. */
static void put_queries(struct report *report, const struct document *document)
{
    put_string(report, "site_city", city_name(report, report->world->sites[document->site].city));
    buf_puts(&report->line, ",\"queries\":[");
    for (uint8_t i = 0; i < document->mentions; i++)
        buf_printf(&report->line, "%s\"%.*s\"", i > 0 ? "," : "",
                   SLICE_ARG(city_name(report, document->mention[i])));
    buf_putc(&report->line, ']');
}

/* Title and body without white space: the stories hold ASCII blanks only. */
static void put_fingerprint(struct report *report, const struct story *story)
{
    struct buf text;
    struct id id;
    char hex[ID_TEXT_SIZE];

    buf_init(&text, LINE_MAX_BYTES);
    buf_append(&text, story->title);
    for (size_t i = 0; i < story->count; i++)
        buf_append(&text, story->paragraphs[i]);
    for (size_t from = 0, to = 0; from < text.size; from++) {
        text.data[to] = text.data[from];
        to += text.data[from] != ' ';
        if (from + 1 == text.size)
            buf_truncate(&text, to);
    }
    id = id_of(buf_slice(&text), SLICE(""));
    put_string(report, "fingerprint", slice_from(id_text(id, hex)));
    buf_fini(&text);
}

/* The screen's second half. */
static bool has_word(const struct story *story)
{
    bool found = false;

    for (int i = 0; truth_dictionary[i] != NULL && !found; i++) {
        struct slice word = slice_from(truth_dictionary[i]);

        found = slice_contains(story->title, word);
        for (size_t p = 0; p < story->count && !found; p++)
            found = slice_contains(story->paragraphs[p], word);
    }
    return found;
}

/* One event as told and as it was. */
static void put_event(struct report *report, const struct told_event *event)
{
    buf_printf(&report->line, "{\"origin\":\"%.*s\"", SLICE_ARG(city_name(report, event->origin)));
    put_string(report, "host", city_name(report, event->host));
    put_day(report, "date", event->day == STORY_NO_DAY ? CIVIL_NONE : event->day + TRIP_EPOCH);
    put_day(report, "true_date", event->true_day + TRIP_EPOCH);
    put_string(report, "origin_unit", event->origin_unit);
    put_string(report, "host_unit", event->host_unit);
    buf_putc(&report->line, '}');
}

/* What only reports of visits inside the region have. */
static void put_visit(struct report *report, uint32_t number, const struct story *story)
{
    const struct document *document =
        &report->world->documents[world_text_of(report->world, number)];
    struct told_event events[TRIP_HOSTS_MAX];
    size_t count = story_events(report->world, number, report->arena, events);

    if (count > 0) {
        const struct trip *trip = &report->world->trips[document->ref];
        struct slice theme = trip->department == PLACES_NONE
                                 ? SLICE("经济发展")
                                 : report->world->places.departments[trip->department].theme;

        buf_printf(&report->line, ",\"trip\":%u", (unsigned) document->ref);
        put_string(report, "level", slice_from(level_text(trip->level)));
        put_string(report, "purpose",
                   story->cooperative ? SLICE("cooperative") : SLICE("learning"));
        put_string(report, "themes", theme);
    }
    buf_puts(&report->line, ",\"events\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(&report->line, ',');
        put_event(report, &events[i]);
    }
    buf_putc(&report->line, ']');
}

/* Everything about one page. */
static void write_document(struct report *report, uint32_t number)
{
    const struct document *document = &report->world->documents[number];
    struct story story;

    arena_reset(report->arena);
    story_tell(report->world, number, report->arena, &story);
    begin_line(report, "document");
    put_url(report, "url", number);
    put_queries(report, document);
    put_day(report, "date",
            page_has_date(report->world, number) ? document->day + TRIP_EPOCH : CIVIL_NONE);
    put_string(report, "title", story.title);
    put_fingerprint(report, &story);
    put_bool(report, "blank", story.count == 0);
    put_bool(report, "words", has_word(&story));
    put_bool(report, "is_visit", story_is_visit(report->world, number));
    put_string(report, "kind", slice_from(kind_names[document->kind]));
    if (document->kind == KIND_COPY)
        put_url(report, "copy_of", document->ref);
    put_visit(report, number, &story);
    end_line(report);
}

/* A hit that is no document. */
static void write_dead_end(struct report *report, uint32_t number)
{
    const struct document *document = &report->world->documents[number];

    begin_line(report, "dead_end");
    put_url(report, "url", number);
    put_queries(report, document);
    put_string(report, "answer", slice_from(kind_names[document->kind]));
    if (document->kind == KIND_MOVED)
        put_url(report, "target", document->ref);
    end_line(report);
}

enum status truth_write(const struct world *world, FILE *file, struct error *err)
{
    struct report report = {.world = world, .file = file, .arena = arena_create(STORY_ARENA)};

    if (report.arena == NULL)
        return error_set(err, STATUS_NOMEM, "truth");
    buf_init(&report.line, LINE_MAX_BYTES);
    write_meta(&report);
    write_lists(&report);
    for (uint32_t i = 0; i < world->page_count; i++)
        write_document(&report, i);
    for (uint32_t i = world->page_count; i < world->document_count; i++)
        write_dead_end(&report, i);
    buf_fini(&report.line);
    arena_destroy(report.arena);
    if (fflush(file) != 0 || ferror(file) != 0)
        return error_set_errno(err, errno, "write the truth");
    return STATUS_OK;
}
