#include "base/bus/log_space.h"

#include <sys/statvfs.h>

/* Counts before the write: a burst must not outrun the look. */
void log_space_add(struct log_space *space, size_t bytes)
{
    space->added += bytes;
}

bool log_space_full(struct log_space *space)
{
    struct statvfs disk;
    int64_t now = clock_mono_ms(space->clock);

    if (space->added < LOG_SPACE_CHECK_BYTES && now < space->next_ms)
        return space->full;
    space->added = 0;
    space->next_ms = now + LOG_SPACE_CHECK_MS;
    /* f_bavail, not f_bfree: the reserve of the superuser is not ours. */
    space->full =
        statvfs(space->path, &disk) == 0 && (uint64_t) disk.f_bavail * disk.f_frsize < space->least;
    return space->full;
}
