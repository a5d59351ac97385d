/*
 * folder: a temporary folder of a test and looks into it.
 *
 * Life  folder_make creates one below /tmp and returns its path (static memory of the test
 *       program); folder_remove removes it with all it holds, three levels deep.
 */
#ifndef XUNFANG_TESTS_UNIT_AGGREGATOR_FOLDER_H
#define XUNFANG_TESTS_UNIT_AGGREGATOR_FOLDER_H

#include "tests/unit/aggregator/fixture.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_PATH = 1024 };

static inline const char *folder_make(void)
{
    static char path[64];

    (void) snprintf(path, sizeof path, "/tmp/xunfang-test-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static inline bool folder_has(const char *folder, const char *name)
{
    char path[FOLDER_PATH];
    struct stat status;

    (void) snprintf(path, sizeof path, "%s/%s", folder, name);
    return lstat(path, &status) == 0;
}

static inline off_t folder_size(const char *folder, const char *name)
{
    char path[FOLDER_PATH];
    struct stat status;

    (void) snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(lstat(path, &status), 0);
    return status.st_size;
}

static inline void folder_write(const char *folder, const char *name, const char *text)
{
    char path[FOLDER_PATH];
    FILE *file;

    (void) snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Up to 64 KiB of a file, as text. */
static inline const char *folder_read(const char *folder, const char *name)
{
    static char text[65536];
    char path[FOLDER_PATH];
    FILE *file;

    (void) snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void) fclose(file);
    return text;
}

static inline void folder_remove_level(const char *path, int levels)
{
    DIR *dir = levels > 0 ? opendir(path) : NULL;
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char inner[FOLDER_PATH];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void) snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlink(inner) != 0)
            folder_remove_level(inner, levels - 1);
    }
    if (dir != NULL)
        (void) closedir(dir);
    (void) rmdir(path);
}

static inline void folder_remove(const char *path)
{
    folder_remove_level(path, 4);
}

#endif
