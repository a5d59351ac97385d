/*
 * temp_dir: a folder of a test's own, with the files it writes there.
 *
 * Use      temp_dir_create in the set-up, temp_dir_write for each file, temp_dir_destroy in the
 *          tear-down.
 * Names    May have one folder in front ("platforms/x.yaml"), which is made.
 */
#ifndef XUNFANG_TESTS_UNIT_STUDY_TEMP_DIR_H
#define XUNFANG_TESTS_UNIT_STUDY_TEMP_DIR_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct temp_dir {
    char path[64];
    char file[256]; /* of the file written last */
};

static inline int temp_dir_create(struct temp_dir *dir)
{
    (void) snprintf(dir->path, sizeof dir->path, "/tmp/xunfang-test-XXXXXX");
    return mkdtemp(dir->path) == NULL;
}

/* Removes what lies in a folder (folders only if empty), then the folder. */
static inline void temp_dir_empty(const char *path, bool deep)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char name[512];

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        (void) snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (remove(name) != 0 && deep)
            temp_dir_empty(name, false);
    }
    if (dir != NULL)
        (void) closedir(dir);
    (void) rmdir(path);
}

static inline void temp_dir_destroy(struct temp_dir *dir)
{
    temp_dir_empty(dir->path, true);
}

/* Writes DIR/NAME and returns its path, valid until the next call. */
static inline const char *temp_dir_write(struct temp_dir *dir, const char *name, const char *text)
{
    char folder[128];
    const char *slash = strchr(name, '/');
    FILE *file;

    if (slash != NULL) {
        (void) snprintf(folder, sizeof folder, "%s/%.*s", dir->path, (int) (slash - name), name);
        (void) mkdir(folder, 0700);
    }
    (void) snprintf(dir->file, sizeof dir->file, "%s/%s", dir->path, name);
    file = fopen(dir->file, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
    return dir->file;
}

#endif
