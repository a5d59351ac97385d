/*
 * Lines are parsed into one arena that lives as long as the corpus, and texts and labels are slices
 * of it. Only the array of documents moves while it grows, so pointers into it hold from the end of
 * corpus_load on.
 */
#include "classifier/corpus.h"

#include "study/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CORPUS_MEMORY_MAX = 1 << 30, CORPUS_FIRST = 256 };

struct corpus {
    struct arena *arena;
    struct labelled *docs;
    size_t count;
    size_t capacity;
};

bool gold_has_theme(const struct gold *gold, struct slice theme)
{
    for (size_t i = 0; i < gold->theme_count; i++)
        if (slice_equal(gold->themes[i], theme))
            return true;
    return false;
}

bool gold_has_event(const struct gold *gold, struct slice origin, struct slice host)
{
    for (size_t i = 0; i < gold->event_count; i++)
        if (slice_equal(gold->events[i].origin, origin) && slice_equal(gold->events[i].host, host))
            return true;
    return false;
}

static void read_themes(const struct json *themes, struct gold *gold)
{
    for (size_t i = 0; i < json_size(themes); i++) {
        struct slice theme = json_text(json_element(themes, i));

        if (theme.size > 0 && gold->theme_count < CORPUS_THEMES_MAX && !gold_has_theme(gold, theme))
            gold->themes[gold->theme_count++] = theme;
    }
}

static enum status read_event(const struct json *event, struct gold *gold, struct error *err)
{
    struct gold_event pair = {json_text(json_member(event, "origin_city")),
                              json_text(json_member(event, "host_city"))};

    if (pair.origin.size == 0 || pair.host.size == 0)
        return error_set(err, STATUS_INVALID, "an event of \"gold\" lacks a city");
    /* A pair counts once, however many events tell of it; what is over the limit is left out. */
    if (gold->event_count < CORPUS_EVENTS_MAX && !gold_has_event(gold, pair.origin, pair.host))
        gold->events[gold->event_count++] = pair;
    read_themes(json_member(event, "themes"), gold);
    if (slice_equal(json_text(json_member(event, "purpose")), SLICE("cooperative")))
        gold->cooperative = true;
    return STATUS_OK;
}

static enum status read_gold(const struct json *object, struct gold *gold, struct error *err)
{
    const struct json *member = json_member(object, "gold");
    const struct json *events = json_member(member, "events");
    enum status status = STATUS_OK;

    /* Never taken for false where it is missing: an unlabelled line would become a negative
     * example. */
    if (json_kind(json_member(member, "is_visit")) != JSON_KIND_BOOL)
        return error_set(err, STATUS_INVALID, "no \"gold\" with \"is_visit\"");
    gold->is_visit = json_truth(json_member(member, "is_visit"), false);
    for (size_t i = 0; i < json_size(events) && status == STATUS_OK; i++)
        status = read_event(json_element(events, i), gold, err);
    return status;
}

static enum status grow(struct corpus *corpus, struct error *err)
{
    size_t capacity = corpus->capacity == 0 ? CORPUS_FIRST : corpus->capacity * 2;
    struct labelled *docs;

    if (corpus->count < corpus->capacity)
        return STATUS_OK;
    if (corpus->count >= CORPUS_DOCS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "more than %d documents", CORPUS_DOCS_MAX);
    docs = realloc(corpus->docs, capacity * sizeof *docs);
    if (docs == NULL) {
        error_set(err, STATUS_NOMEM, "out of memory");
        return STATUS_NOMEM;
    }
    corpus->docs = docs;
    corpus->capacity = capacity;
    return STATUS_OK;
}

static enum status add_line(struct corpus *corpus, struct slice line, struct error *err)
{
    struct labelled labelled = {.gold = {false}};
    enum status status = docline_parse(line, corpus->arena, &labelled.doc, err);

    if (status == STATUS_OK)
        status = read_gold(labelled.doc.object, &labelled.gold, err);
    if (status == STATUS_OK)
        status = grow(corpus, err);
    if (status == STATUS_OK)
        corpus->docs[corpus->count++] = labelled;
    return status;
}

/* The first bad line ends it, unlike in a data command: figures of a part would pass for those of
 * the whole. */
static enum status read_lines(struct corpus *corpus, FILE *file, const char *path,
                              struct error *err)
{
    struct lines_reader lines;
    enum status status = STATUS_OK;

    lines_open(&lines, file, DOCLINE_MAX);
    while (status == STATUS_OK) {
        struct slice line;

        status = lines_next(&lines, &line, err);
        if (status == STATUS_OK && line.size > 0)
            status = add_line(corpus, line, err);
    }
    /* NOT_FOUND is how lines_next tells the end. An empty file is most likely the wrong one. */
    if (status == STATUS_NOT_FOUND && corpus->count > 0)
        status = STATUS_OK;
    else if (status == STATUS_NOT_FOUND)
        status = error_set(err, STATUS_INVALID, "%s: empty", path);
    else
        status =
            error_prefix(err, status, "%s: line %llu", path, (unsigned long long) lines.number);
    lines_close(&lines);
    return status;
}

enum status corpus_load(const char *path, struct corpus **corpus, struct error *err)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    struct corpus *loaded;
    enum status status;

    if (file == NULL)
        return error_set(err, STATUS_NOT_FOUND, "cannot open %s", path);
    loaded = calloc(1, sizeof *loaded);
    if (loaded != NULL)
        loaded->arena = arena_create(CORPUS_MEMORY_MAX);
    if (loaded == NULL || loaded->arena == NULL)
        status = error_set(err, STATUS_NOMEM, "out of memory");
    else
        status = read_lines(loaded, file, path, err);
    if (!standard)
        fclose(file);
    if (status != STATUS_OK) {
        corpus_destroy(loaded);
        return status;
    }
    *corpus = loaded;
    return STATUS_OK;
}

void corpus_destroy(struct corpus *corpus)
{
    if (corpus == NULL)
        return;
    arena_destroy(corpus->arena);
    free(corpus->docs);
    free(corpus);
}

size_t corpus_size(const struct corpus *corpus)
{
    return corpus->count;
}

const struct labelled *corpus_at(const struct corpus *corpus, size_t index)
{
    return &corpus->docs[index];
}
