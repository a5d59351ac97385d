/* A reader and the shipped tables; events of texts that are visits. */
#ifndef XUNFANG_TESTS_UNIT_EXTRACTOR_EXTRACT_FIXTURE_H
#define XUNFANG_TESTS_UNIT_EXTRACTOR_EXTRACT_FIXTURE_H

#include "extractor/extract.h"
#include "tests/unit/study/reader_fixture.h"

#include <string.h>

static struct titles *shipped_titles;
static struct departments *shipped_departments;
static struct extractor extractor;
static struct extraction extraction;

static inline int extract_open(void **state)
{
    if (fixture_open(state) != 0 ||
        titles_load(SOURCE_DIR "/codebooks/visits/titles.tsv", &shipped_titles, &fixture.err) !=
            STATUS_OK ||
        departments_load(SOURCE_DIR "/codebooks/visits/departments.tsv", &shipped_departments,
                         &fixture.err) != STATUS_OK)
        return 1;
    extractor = (struct extractor){fixture.reader, shipped_titles, shipped_departments, NULL};
    return 0;
}

static inline int extract_close(void **state)
{
    titles_destroy(shipped_titles);
    departments_destroy(shipped_departments);
    return fixture_close(state);
}

/* Reads and extracts; `day` is the day of publication. */
static inline void extract_text(const char *site, const char *title, const char *body, int32_t day)
{
    static struct judgement judgement;
    struct source_text source = fixture_source(site, title, body);

    source.day = day;
    arena_reset(fixture.arena);
    assert_int_equal(
        reader_read(fixture.reader, &source, fixture.arena, &judgement.reading, &fixture.err),
        STATUS_OK);
    trip_read(&judgement.reading, &judgement.trip);
    assert_int_equal(extract_events(&extractor, &(struct extract_input){&source, &judgement, NULL},
                                    fixture.arena, &extraction, &fixture.err),
                     STATUS_OK);
}

/* Titles joined by "|". */
static inline const char *joined(const struct people *people)
{
    static char text[1024];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < people->count; i++)
        used += (size_t) snprintf(text + used, sizeof text - used, "%s%.*s", i == 0 ? "" : "|",
                                  SLICE_ARG(people->titles[i]));
    return text;
}

#endif
