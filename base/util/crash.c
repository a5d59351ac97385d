#include "base/util/crash.h"

#include "base/util/slice.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CRASH_EXIT_STATUS = 137, CRASH_NAME_MAX = 40 };

static const struct {
    const char *symbol;
    const char *text;
} points[] = {
#define X(name, text) {#name, text},
#include "base/util/crash_points.def"
#undef X
};

static char names[CRASH_POINT_COUNT][CRASH_NAME_MAX];
static int chosen = -1; /* from CRASH_AT; -1: none */
static uint64_t countdown = 1;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool (*hook_function)(void *self, enum crash_point point);
static void *hook_self;

static void choose(struct slice wish)
{
    struct slice name = slice_split(&wish, ':');

    for (int i = 0; i < CRASH_POINT_COUNT; i++)
        if (slice_equal(name, slice_from(names[i])))
            chosen = i;
    if (wish.data != NULL && slice_to_uint(wish, 1, UINT64_MAX, &countdown, NULL) != STATUS_OK)
        chosen = -1;
}

static void prepare(void)
{
    const char *wish = getenv("CRASH_AT");

    for (int i = 0; i < CRASH_POINT_COUNT; i++) {
        size_t size = strlen(points[i].symbol);
        ENSURE(size < CRASH_NAME_MAX);
        for (size_t j = 0; j < size; j++) {
            char c = points[i].symbol[j];
            names[i][j] = (char) (c == '_' ? '-' : c - 'A' + 'a');
        }
    }
    if (wish != NULL)
        choose(slice_from(wish));
}

const char *crash_point_name(enum crash_point point)
{
    (void) pthread_once(&once, prepare);
    return point < CRASH_POINT_COUNT ? names[point] : NULL;
}

const char *crash_point_text(enum crash_point point)
{
    return point < CRASH_POINT_COUNT ? points[point].text : NULL;
}

enum status crash_here(enum crash_point point, struct error *err)
{
    (void) pthread_once(&once, prepare);
    if ((int) point == chosen && --countdown == 0)
        _exit(CRASH_EXIT_STATUS);
    if (hook_function != NULL && hook_function(hook_self, point))
        return error_set(err, STATUS_CRASHED, "crash point %s", names[point]);
    return STATUS_OK;
}

void crash_set_hook(bool (*hook)(void *self, enum crash_point point), void *self)
{
    hook_function = hook;
    hook_self = self;
}
