/*
 * worker_mark: how a partition was left, as text beside its committed offset. Private to the
 * worker.
 *
 * Clean    Drained: whoever takes over need not be careful. Also a partition never committed.
 * Running  Records behind the offset may have been under way when the process ended.
 * Try N    The one record at the offset is being attempted, alone, for the N-th time; who finds
 *          this mark knows that N attempts have ended in a death.
 * Life     Who left it so, as 16 hexadecimal digits behind the rest; a fold's on a bus with groups.
 * Until    When all is over that was done on the partition, behind the life.
 * Text     "clean", "running", "try 2", "running 00c0ffee00c0ffee", "clean 00c0ffee00c0ffee
 *          1700000000000"; fits BUS_METADATA_MAX. What cannot be read counts as running, and
 *          nobody's: being careful costs little.
 */
#ifndef XUNFANG_BASE_WORKER_MARK_H
#define XUNFANG_BASE_WORKER_MARK_H

#include "base/util/slice.h"

enum { MARK_TEXT_SIZE = 48, MARK_TRIES_MAX = 999 };

enum mark_kind { MARK_CLEAN, MARK_RUNNING, MARK_TRY };

struct mark {
    enum mark_kind kind;
    unsigned tries;   /* of MARK_TRY: 1 … MARK_TRIES_MAX */
    uint64_t life;    /* 0: not told */
    int64_t until_ms; /* with a life; 0: not told */
};

struct mark mark_parse(struct slice text);
/* Writes the text and NUL; returns it as a slice of `text`. */
struct slice mark_text(struct mark mark, char text[MARK_TEXT_SIZE]);

#endif
