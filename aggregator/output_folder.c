#define _GNU_SOURCE /* renameat2 */
#include "aggregator/output_folder.h"

#include "base/util/crash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output_folder {
    char path[OUTPUT_PATH_MAX];
    char part[OUTPUT_PATH_MAX + 8];
};

/* ---- removing ---- */

static void remove_tree_at(int parent, const char *name, int depth);

static void remove_entries(DIR *dir, int depth)
{
    struct dirent *entry;

    while ((entry = readdir(dir)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_tree_at(dirfd(dir), entry->d_name, depth + 1);
}

/* Best effort: what cannot be removed stays and is met again by the next run. Never follows
 * links. */
static void remove_tree_at(int parent, const char *name, int depth)
{
    int fd;
    DIR *dir;

    /* Works for files and links; on a folder it fails, and only then it is opened. */
    if (unlinkat(parent, name, 0) == 0 || depth > OUTPUT_DEPTH_MAX)
        return;
    fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    dir = fdopendir(fd);
    if (dir == NULL) {
        close(fd);
        return;
    }
    remove_entries(dir, depth);
    closedir(dir);
    (void) unlinkat(parent, name, AT_REMOVEDIR);
}

static void remove_tree(const char *path)
{
    remove_tree_at(AT_FDCWD, path, 0);
}

/* ---- looking at the final place ---- */

static bool is_empty(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    if (dir == NULL)
        return false;
    while (count <= 2 && readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count <= 2; /* . and .. */
}

static bool holds(const char *path, const char *name)
{
    char file[OUTPUT_PATH_MAX + 64];
    struct stat status;

    (void) snprintf(file, sizeof file, "%s/%s", path, name);
    return lstat(file, &status) == 0;
}

/* Somebody's thesis must not be swapped away by a mistyped --out. measures.json is the mark: every
 * folder of results has it, and hardly anything else. */
static enum status check_place(const char *path, bool replaces, struct error *err)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return errno == ENOENT ? STATUS_OK : error_set_errno(err, errno, "%s", path);
    if (!S_ISDIR(status.st_mode))
        return error_set(err, STATUS_EXISTS, "%s exists and is no folder", path);
    if (is_empty(path) || (replaces && holds(path, "measures.json")))
        return STATUS_OK;
    if (!replaces)
        return error_set(err, STATUS_EXISTS, "%s is not empty: choose another folder", path);
    return error_set(err, STATUS_EXISTS,
                     "%s holds something else than results: choose another folder", path);
}

/* Every prefix of the path that ends before a slash. */
static enum status make_parents(const char *path, struct error *err)
{
    char prefix[OUTPUT_PATH_MAX];

    for (size_t i = 1; path[i] != '\0'; i++) {
        if (path[i] != '/')
            continue;
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        if (mkdir(prefix, 0777) != 0 && errno != EEXIST)
            return error_set_errno(err, errno, "cannot create the folder %s", prefix);
    }
    return STATUS_OK;
}

static enum status begin(const char *path, bool replaces, struct output_folder **result,
                         struct error *err)
{
    struct output_folder *folder;
    size_t size = strlen(path);
    enum status status;

    while (size > 1 && path[size - 1] == '/')
        size--;
    if (size == 0 || size >= OUTPUT_PATH_MAX)
        return error_set(err, STATUS_USAGE, "the output folder's path is empty or too long");
    folder = calloc(1, sizeof *folder);
    if (folder == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for the output");
    memcpy(folder->path, path, size);
    (void) snprintf(folder->part, sizeof folder->part, "%s.part", folder->path);
    status = check_place(folder->path, replaces, err);
    if (status == STATUS_OK)
        status = make_parents(folder->path, err);
    if (status == STATUS_OK) {
        /* Of a run that crashed: its files are of other results, and none may be left among
         * ours. */
        remove_tree(folder->part);
        if (mkdir(folder->part, 0777) != 0)
            status = error_set_errno(err, errno, "cannot create the folder %s", folder->part);
    }
    if (status != STATUS_OK) {
        free(folder);
        return status;
    }
    *result = folder;
    return STATUS_OK;
}

enum status output_begin(const char *path, struct output_folder **folder, struct error *err)
{
    return begin(path, true, folder, err);
}

enum status output_begin_new(const char *path, struct output_folder **folder, struct error *err)
{
    return begin(path, false, folder, err);
}

/* ---- writing ---- */

static enum status write_all(int fd, struct slice bytes, const char *path, struct error *err)
{
    while (bytes.size > 0) {
        ssize_t written = write(fd, bytes.data, bytes.size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_set_errno(err, errno, "cannot write %s", path);
        bytes = slice_sub(bytes, (size_t) written, bytes.size);
    }
    return STATUS_OK;
}

/* On the disk before the rename: a name must not come before its bytes. EINVAL and ENOTSUP of
 * fsync: a file system that has none. */
static enum status write_file(const char *path, struct slice bytes, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    enum status status;

    if (fd < 0)
        return error_set_errno(err, errno, "cannot create %s", path);
    status = write_all(fd, bytes, path, err);
    if (status == STATUS_OK && fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
        status = error_set_errno(err, errno, "cannot write %s", path);
    if (close(fd) != 0 && status == STATUS_OK)
        status = error_set_errno(err, errno, "cannot write %s", path);
    return status;
}

enum status output_path(const struct output_folder *folder, const char *name, struct buf *path,
                        struct error *err)
{
    ENSURE(strstr(name, "..") == NULL && name[0] != '/');
    buf_printf(path, "%s/%s", folder->part, name);
    return buf_status(path, err);
}

enum status output_write(struct output_folder *folder, const char *name, struct slice bytes,
                         struct error *err)
{
    struct buf path;
    enum status status;

    buf_init(&path, (size_t) OUTPUT_PATH_MAX * 2);
    status = output_path(folder, name, &path, err);
    if (status == STATUS_OK && strchr(name, '/') != NULL)
        status = make_parents(buf_text(&path), err);
    if (status == STATUS_OK)
        status = write_file(buf_text(&path), bytes, err);
    buf_fini(&path);
    return status;
}

enum status output_file(const char *path, struct slice bytes, struct error *err)
{
    char part[OUTPUT_PATH_MAX + 8];
    enum status status;

    if (strlen(path) >= OUTPUT_PATH_MAX)
        return error_set(err, STATUS_USAGE, "the output's path is too long");
    (void) snprintf(part, sizeof part, "%s.part", path);
    status = write_file(part, bytes, err);
    if (status == STATUS_OK && rename(part, path) != 0)
        status = error_set_errno(err, errno, "cannot rename %s", part);
    if (status != STATUS_OK)
        (void) unlink(part);
    return status;
}

/* ---- the end ---- */

/* After success PATH.part is the old folder, if there was one. Tried in this order: a plain rename,
 * which replaces nothing but an empty folder; the exchange, in which no moment is without a
 * complete folder; for file systems that cannot exchange, two renames with a moment between them in
 * which only PATH.old has the old results. */
static enum status swap(const struct output_folder *folder, struct error *err)
{
    char old[OUTPUT_PATH_MAX + 8];

    if (rename(folder->part, folder->path) == 0)
        return STATUS_OK; /* there was none, or an empty one */
    if (renameat2(AT_FDCWD, folder->part, AT_FDCWD, folder->path, RENAME_EXCHANGE) == 0)
        return STATUS_OK;
    (void) snprintf(old, sizeof old, "%s.old", folder->path);
    remove_tree(old);
    if (rename(folder->path, old) != 0)
        return error_set_errno(err, errno, "cannot rename %s", folder->path);
    if (rename(folder->part, folder->path) != 0) {
        /* The rename back would overwrite it. */
        int cause = errno;
        (void) rename(old, folder->path);
        return error_set_errno(err, cause, "cannot rename %s", folder->part);
    }
    remove_tree(old);
    return STATUS_OK;
}

enum status output_commit(struct output_folder *folder, struct error *err)
{
    enum status status = crash_here(CRASH_REPORT_BEFORE_RENAME, err);

    if (status == STATUS_OK)
        status = swap(folder, err);
    output_abort(folder);
    return status;
}

void output_abort(struct output_folder *folder)
{
    if (folder == NULL)
        return;
    remove_tree(folder->part);
    free(folder);
}
