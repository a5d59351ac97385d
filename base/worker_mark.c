/*
 * Words are taken from the end, so that what older versions wrote (a kind alone) and what newer
 * ones add behind it are read by the same code.
 */
#include "base/worker_mark.h"

#include <inttypes.h>
#include <stdio.h>

enum { LIFE_DIGITS = 16 };

static bool read_digit(char byte, uint64_t *number)
{
    if (byte >= '0' && byte <= '9')
        *number = *number * 16 + (uint64_t) (byte - '0');
    else if (byte >= 'a' && byte <= 'f')
        *number = *number * 16 + (uint64_t) (byte - 'a') + 10;
    else
        return false;
    return true;
}

/* Cuts the word behind the last space off the text; empty, and the text as it is, without one. */
static struct slice take_word(struct slice *text)
{
    size_t space = text->size;
    struct slice word;

    while (space > 0 && text->data[space - 1] != ' ')
        space--;
    if (space == 0)
        return slice_of(NULL, 0);
    word = slice_sub(*text, space, SIZE_MAX);
    *text = slice_sub(*text, 0, space - 1);
    return word;
}

/* Cuts the life off the end of the text; 0, and the text as it is, if none stands there. */
static uint64_t take_life(struct slice *text)
{
    struct slice rest = *text, word = take_word(&rest);
    uint64_t life = 0;

    if (word.size != LIFE_DIGITS)
        return 0;
    for (size_t i = 0; i < word.size; i++)
        if (!read_digit(word.data[i], &life))
            return 0;
    *text = rest;
    return life;
}

/* A life, and maybe the time behind it. */
static void take_person(struct slice *text, struct mark *mark)
{
    struct slice rest = *text, word = take_word(&rest);
    uint64_t until;

    /* The life first: it has 16 digits, a time in milliseconds 13 until the year 2286, so neither
     * passes for the other. */
    mark->life = take_life(text);
    if (mark->life != 0 || slice_to_uint(word, 1, INT64_MAX, &until, NULL) != STATUS_OK)
        return;
    mark->life = take_life(&rest);
    if (mark->life == 0)
        return;
    mark->until_ms = (int64_t) until;
    *text = rest;
}

struct mark mark_parse(struct slice text)
{
    const struct slice prefix = SLICE("try ");
    struct mark mark = {.kind = MARK_RUNNING};
    uint64_t tries;

    /* A partition without a commit has no predecessor to be careful about. */
    if (text.size == 0)
        return (struct mark){.kind = MARK_CLEAN};
    take_person(&text, &mark);
    if (slice_equal(text, SLICE("clean"))) {
        mark.kind = MARK_CLEAN;
    } else if (slice_starts(text, prefix) &&
               slice_to_uint(slice_sub(text, prefix.size, text.size), 1, MARK_TRIES_MAX, &tries,
                             NULL) == STATUS_OK) {
        mark.kind = MARK_TRY;
        mark.tries = (unsigned) tries;
    }
    return mark;
}

struct slice mark_text(struct mark mark, char text[MARK_TEXT_SIZE])
{
    int size;

    ENSURE(mark.kind != MARK_TRY || (mark.tries >= 1 && mark.tries <= MARK_TRIES_MAX));
    if (mark.kind == MARK_TRY)
        size = snprintf(text, MARK_TEXT_SIZE, "try %u", mark.tries);
    else
        size = snprintf(text, MARK_TEXT_SIZE, mark.kind == MARK_CLEAN ? "clean" : "running");
    if (mark.life != 0)
        size += snprintf(text + size, MARK_TEXT_SIZE - (size_t) size, " %016" PRIx64, mark.life);
    if (mark.life != 0 && mark.until_ms > 0)
        size += snprintf(text + size, MARK_TEXT_SIZE - (size_t) size, " %" PRId64, mark.until_ms);
    ENSURE(size > 0 && size < MARK_TEXT_SIZE);
    return slice_of(text, (size_t) size);
}
