/*
 * file: a whole small file read into memory.
 *
 * Limit   Given by the caller; a larger file is STATUS_TOO_LARGE before it is read to its end.
 * Kinds   Regular files and pipes; a directory is STATUS_INVALID.
 * Memory  The bytes live in the arena and have a NUL behind; they may be written to.
 */
#ifndef XUNFANG_STUDY_FILE_H
#define XUNFANG_STUDY_FILE_H

#include "base/util/arena.h"

/* STATUS_NOT_FOUND: no such file (the message names it); STATUS_IO: the system's own words. */
CHECKED enum status file_read(const char *path, size_t limit, struct arena *arena,
                              struct slice *content, struct error *err);
/* Is there something under this name that is no directory? */
bool file_exists(const char *path);
/* The part of a path before its last '/', "." if it has none; NULL when memory is out. */
CHECKED char *file_directory(const char *path, struct arena *arena);

#endif
