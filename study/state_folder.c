#include "study/state_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATE_PATH_MAX = 4096 };

static void put_path(const struct state_place *place, const char *prefix, const char *name,
                     struct buf *path)
{
    buf_printf(path, "%s/state/%s%s", place->data, prefix, name);
    if (place->job != NULL)
        buf_printf(path, "-%s.%s", place->job, place->run);
    buf_printf(path, "-%llu", (unsigned long long) place->index);
}

enum status state_path(const struct state_place *place, const char *name, struct buf *path,
                       struct error *err)
{
    struct buf folder;
    enum status status;

    buf_init(&folder, STATE_PATH_MAX);
    buf_printf(&folder, "%s/state", place->data);
    status = buf_status(&folder, err);
    if (status == STATUS_OK && mkdir(buf_text(&folder), 0700) != 0 && errno != EEXIST)
        status = error_set_errno(err, errno, "cannot create %s", buf_text(&folder));
    buf_fini(&folder);
    if (status != STATUS_OK)
        return status;
    put_path(place, "", name, path);
    return buf_status(path, err);
}

/* A store is a folder of plain files. */
static enum status remove_store(const char *path, struct error *err)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;

    if (folder == NULL)
        return errno == ENOENT ? STATUS_OK : error_set_errno(err, errno, "cannot read %s", path);
    while ((entry = readdir(folder)) != NULL)
        (void) unlinkat(dirfd(folder), entry->d_name, 0); /* what stays is told by rmdir */
    (void) closedir(folder);
    return rmdir(path) == 0 ? STATUS_OK : error_set_errno(err, errno, "cannot remove %s", path);
}

enum status state_forget(const struct state_place *place, const char *stage, struct error *err)
{
    /* The stage's own store and its copy of the job's answers (study/consult.c). */
    static const char *const prefixes[] = {"", "answers-"};
    enum status status = STATUS_OK;

    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0] && status == STATUS_OK; i++) {
        struct buf path;

        buf_init(&path, STATE_PATH_MAX);
        put_path(place, prefixes[i], stage, &path);
        status = buf_status(&path, err);
        if (status == STATUS_OK)
            status = remove_store(buf_text(&path), err);
        buf_fini(&path);
    }
    return status;
}
