/*
 * crash: named points at which a test can kill the process or abandon a simulated one.
 *
 * Points     base/util/crash_points.def lists every name; a point that is not in the table does not
 *            compile. `xunfang crash-points` prints them, so tests loop over all.
 * Process    CRASH_AT=NAME or CRASH_AT=NAME:N in the environment ends the process with _exit(137)
 *            the first or N-th time the point is passed. Without it a point costs one branch.
 * Simulated  A simulation sets a hook; the point returns STATUS_CRASHED where the hook says so, and
 *            the caller unwinds without a word to anybody, as a dead process would.
 */
#ifndef XUNFANG_BASE_UTIL_CRASH_H
#define XUNFANG_BASE_UTIL_CRASH_H

#include "base/util/status.h"

enum crash_point {
#define X(name, text) CRASH_##name,
#include "base/util/crash_points.def"
#undef X
    CRASH_POINT_COUNT
};

/* "after-publish" for CRASH_AFTER_PUBLISH; NULL past the last one. */
const char *crash_point_name(enum crash_point point);
/* What a process was doing there, for people; NULL past the last one. */
const char *crash_point_text(enum crash_point point);

CHECKED enum status crash_here(enum crash_point point, struct error *err);

/* `hook` answers true where the simulated process dies; NULL removes it. For one thread only. */
void crash_set_hook(bool (*hook)(void *self, enum crash_point point), void *self);

#endif
