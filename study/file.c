#include "study/file.h"

#include "base/util/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024 };

/* Reads to the end or one byte past the limit. */
static enum status read_all(int fd, const char *path, struct buf *bytes, struct error *err)
{
    ssize_t got;

    do {
        char *room = buf_reserve(bytes, READ_SIZE);
        if (room == NULL)
            return bytes->failure == STATUS_TOO_LARGE
                       ? STATUS_OK /* the caller sees it by the size */
                       : error_set(err, STATUS_NOMEM, "%s: %s", path, status_text(STATUS_NOMEM));
        got = read(fd, room, READ_SIZE);
        if (got > 0)
            buf_added(bytes, (size_t) got);
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got < 0)
        return error_set_errno(err, errno, "read %s", path);
    return STATUS_OK;
}

static enum status open_file(const char *path, int *fd, struct error *err)
{
    struct stat info;

    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return error_set(err, STATUS_NOT_FOUND, "%s: there is no such file", path);
    if (*fd < 0)
        return error_set_errno(err, errno, "open %s", path);
    if (fstat(*fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        close(*fd);
        return error_set(err, STATUS_INVALID, "%s: is a directory, a file is needed", path);
    }
    return STATUS_OK;
}

enum status file_read(const char *path, size_t limit, struct arena *arena, struct slice *content,
                      struct error *err)
{
    enum status status;
    struct slice copy;
    struct buf bytes;
    int fd;

    status = open_file(path, &fd, err);
    if (status != STATUS_OK)
        return status;
    /* Room to read beyond the limit, so that a file of exactly `limit` bytes is told from a larger
     * one without asking for its size first, which a pipe has not. */
    buf_init(&bytes, limit + 2 * (size_t) READ_SIZE);
    status = read_all(fd, path, &bytes, err);
    close(fd);
    if (status == STATUS_OK && (bytes.size > limit || bytes.failure != STATUS_OK))
        status = error_set(err, STATUS_TOO_LARGE, "%s: is larger than %zu bytes", path, limit);
    if (status == STATUS_OK) {
        copy = arena_copy(arena, buf_slice(&bytes));
        if (copy.data == NULL)
            status = error_set(err, STATUS_NOMEM, "%s: %s", path, status_text(STATUS_NOMEM));
        else
            *content = copy;
    }
    buf_fini(&bytes);
    return status;
}

bool file_exists(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

char *file_directory(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return arena_printf(arena, ".");
    if (slash == path)
        return arena_printf(arena, "/");
    return arena_printf(arena, "%.*s", (int) (slash - path), path);
}
