/*
 * suite: the shared public test data beside the repository, for the crawler's unit tests.
 *
 * Absent  The data is not part of the repository; suite_open then returns false and the test
 *         skips.
 * Memory  The file and its JSON tree live in the suite's arena until suite_close.
 */
#ifndef XUNFANG_TESTS_UNIT_CRAWLER_SUITE_H
#define XUNFANG_TESTS_UNIT_CRAWLER_SUITE_H

#include "base/json.h"

#include <stdio.h>

enum { SUITE_FILE_MAX = 64 << 20, SUITE_MEMORY_MAX = 512 << 20 };

struct suite {
    struct arena *arena;
    struct slice text;
};

static inline void suite_close(struct suite *suite)
{
    arena_destroy(suite->arena);
    suite->arena = NULL;
}

/* Reads ../shared/suites/NAME; false if it is not there. */
static inline bool suite_open(struct suite *suite, const char *name)
{
    struct buf bytes;
    char path[4096];
    FILE *file;
    size_t got;

    (void) snprintf(path, sizeof path, "%s/../shared/suites/%s", SOURCE_DIR, name);
    file = fopen(path, "rb");
    if (file == NULL)
        return false;
    buf_init(&bytes, SUITE_FILE_MAX);
    do {
        char *room = buf_reserve(&bytes, 65536);
        got = room == NULL ? 0 : fread(room, 1, 65536, file);
        buf_added(&bytes, got);
    } while (got > 0);
    (void) fclose(file);
    suite->arena = arena_create(SUITE_MEMORY_MAX);
    suite->text = arena_copy(suite->arena, buf_slice(&bytes));
    buf_fini(&bytes);
    return suite->text.data != NULL;
}

/* NULL if the file is no JSON. */
static inline const struct json *suite_json(struct suite *suite)
{
    const struct json *value = NULL;

    return json_parse(suite->text, suite->arena, &value, NULL) == STATUS_OK ? value : NULL;
}

static inline struct slice suite_text(const struct json *object, const char *key)
{
    return json_text(json_member(object, key));
}

#endif
