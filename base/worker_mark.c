#include "base/worker_mark.h"

#include <stdio.h>

struct mark mark_parse(struct slice text)
{
    const struct slice prefix = SLICE("try ");
    uint64_t tries;

    /* A partition without a commit has no predecessor to be careful about. */
    if (text.size == 0 || slice_equal(text, SLICE("clean")))
        return (struct mark){.kind = MARK_CLEAN};
    if (!slice_starts(text, prefix) || slice_to_uint(slice_sub(text, prefix.size, text.size), 1,
                                                     MARK_TRIES_MAX, &tries, NULL) != STATUS_OK)
        return (struct mark){.kind = MARK_RUNNING};
    return (struct mark){.kind = MARK_TRY, .tries = (unsigned) tries};
}

struct slice mark_text(struct mark mark, char text[MARK_TEXT_SIZE])
{
    int size;

    ENSURE(mark.kind != MARK_TRY || (mark.tries >= 1 && mark.tries <= MARK_TRIES_MAX));
    if (mark.kind == MARK_TRY)
        size = snprintf(text, MARK_TEXT_SIZE, "try %u", mark.tries);
    else
        size = snprintf(text, MARK_TEXT_SIZE, mark.kind == MARK_CLEAN ? "clean" : "running");
    ENSURE(size > 0 && size < MARK_TEXT_SIZE);
    return slice_of(text, (size_t) size);
}
