/* The shipped gazetteer and a reader, once a program; readings of short texts. */
#ifndef XUNFANG_TESTS_UNIT_STUDY_READER_FIXTURE_H
#define XUNFANG_TESTS_UNIT_STUDY_READER_FIXTURE_H

#include "study/trip.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>

static struct {
    struct gazetteer *gazetteer;
    struct reader *reader;
    struct arena *arena;
    struct reading reading;
    struct trip trip;
    struct error err;
} fixture;

static inline int fixture_open(void **state)
{
    (void) state;
    if (gazetteer_load(SOURCE_DIR, &fixture.gazetteer, &fixture.err) != STATUS_OK)
        return 1;
    fixture.reader = reader_create(fixture.gazetteer);
    fixture.arena = arena_create(64 << 20);
    return fixture.reader == NULL || fixture.arena == NULL;
}

static inline int fixture_close(void **state)
{
    (void) state;
    arena_destroy(fixture.arena);
    reader_destroy(fixture.reader);
    gazetteer_destroy(fixture.gazetteer);
    return 0;
}

static inline struct source_text fixture_source(const char *site, const char *title,
                                                const char *body)
{
    return (struct source_text){.title = slice_from(title),
                                .body = slice_from(body),
                                .site_city = slice_from(site),
                                .day = CIVIL_NONE};
}

static inline void fixture_read(const char *site, const char *title, const char *body)
{
    const struct source_text source = fixture_source(site, title, body);

    arena_reset(fixture.arena);
    assert_int_equal(
        reader_read(fixture.reader, &source, fixture.arena, &fixture.reading, &fixture.err),
        STATUS_OK);
    trip_read(&fixture.reading, &fixture.trip);
}

/* The legs as "常州>无锡 常州>苏州", in the order of the text; "" for none. */
static inline const char *fixture_legs(void)
{
    static char text[512];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < fixture.trip.leg_count; i++) {
        const struct leg *leg = &fixture.trip.legs[i];

        used += (size_t) snprintf(text + used, sizeof text - used, "%s%.*s>%.*s", i == 0 ? "" : " ",
                                  SLICE_ARG(leg->origin.city->short_name),
                                  SLICE_ARG(leg->host.city->short_name));
    }
    return text;
}

#endif
