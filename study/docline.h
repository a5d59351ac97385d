/*
 * docline: documents as JSON lines, the form every data command reads and writes.
 *
 * Input    One object a line: id, url, site_city, query_city, title, date ("YYYY-MM-DD"), body. All
 *          but id and body may be null or absent; members unknown here pass through untouched.
 *          `is_visit`, `events` and the other answers of an earlier command are members like these.
 * Output   The input's members in their order, then the answers appended by the command; a member
 *          that the command answers anew is left out of the first part, so no key comes twice.
 * Errors   A line that is no such document is named on `errors` with its number, counted, and the
 *          rest goes on; docline_run then returns STATUS_INVALID. Reading and writing trouble ends
 *          it.
 * Limits   DOCLINE_MAX bytes a line; DOCLINE_MEMORY_MAX bytes of memory for one document.
 * Threads  No shared state; one run belongs to one thread.
 */
#ifndef XUNFANG_STUDY_DOCLINE_H
#define XUNFANG_STUDY_DOCLINE_H

#include "base/json.h"
#include "study/reading.h"

#include <stdio.h>

enum { DOCLINE_MAX = 16 << 20, DOCLINE_MEMORY_MAX = 256 << 20 };

struct docline {
    const struct json *object; /* the whole line */
    struct slice id;
    struct slice url; /* data NULL if unknown, like the next three */
    struct slice site_city;
    struct slice query_city;
    struct slice title;
    struct slice body;
    int32_t day;    /* CIVIL_NONE if unknown */
    bool has_visit; /* the line carries a decision of its own … */
    bool is_visit;  /* … and this is it */
};

/* STATUS_INVALID names the member; the document points into the arena. */
CHECKED enum status docline_parse(struct slice line, struct arena *arena, struct docline *doc,
                                  struct error *err);

/* The document as readers and models take it; it points into the line's memory. */
struct source_text docline_source(const struct docline *doc);

/* Appends `{` and the members not named in the NULL-ended list, separated; the caller adds
 * docline_key(…), a value, and so on, and closes with docline_end. */
void docline_begin(struct buf *out, const struct docline *doc, const char *const *answered);
/* Comma if needed, then `"key":`. */
void docline_key(struct buf *out, const char *key);
/* A string, null if empty. */
void docline_text(struct buf *out, struct slice text);
/* `}` and a line feed. */
void docline_end(struct buf *out);

/* What a command does with one document: appends its line (or nothing) to `out`. */
typedef enum status docline_handler(void *self, const struct docline *doc, struct arena *arena,
                                    struct buf *out, struct error *err);

struct docline_job {
    FILE *in;
    FILE *out;
    FILE *errors; /* "NAME: line N: …" */
    const char *name;
    docline_handler *handler;
    void *self;
};

/* Every line of `in` through the handler. STATUS_INVALID if any line failed by its own fault. */
CHECKED enum status docline_run(const struct docline_job *job, struct error *err);

#endif
