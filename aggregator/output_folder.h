/*
 * output_folder: a folder of results that appears whole or not at all.
 *
 * Begin    Everything is written to PATH.part beside the final place; what a crashed run left there
 *          is removed first. Missing parents of PATH are created.
 * Commit   Files are on the disk by then; PATH.part and PATH change names in one step (where the
 *          file system cannot, in two) and the old folder is removed. Crash point
 *          REPORT_BEFORE_RENAME lies right before. A folder is replaced as a whole: nothing in it
 *          survives.
 * Refuses  A PATH that exists and is neither empty nor results of ours (it lacks measures.json) is
 *          left alone: STATUS_EXISTS.
 * Failure  The old folder stays as it was; output_abort removes PATH.part. A full disk is
 *          STATUS_DISK_FULL with the file's name.
 */
#ifndef XUNFANG_AGGREGATOR_OUTPUT_FOLDER_H
#define XUNFANG_AGGREGATOR_OUTPUT_FOLDER_H

#include "base/util/buf.h"

enum { OUTPUT_PATH_MAX = 4096, OUTPUT_DEPTH_MAX = 4 };

struct output_folder;

CHECKED enum status output_begin(const char *path, struct output_folder **folder,
                                 struct error *err);
/* The same, but PATH must not exist, or be empty: results are not replaced either. */
CHECKED enum status output_begin_new(const char *path, struct output_folder **folder,
                                     struct error *err);
/* Writes a file; `name` may be in one folder below ("figures/a.csv"), which is created. */
CHECKED enum status output_write(struct output_folder *folder, const char *name, struct slice bytes,
                                 struct error *err);
/* Where a file of this name is written until the commit: for libraries that write files
 * themselves. */
CHECKED enum status output_path(const struct output_folder *folder, const char *name,
                                struct buf *path, struct error *err);
/* Frees the folder, whatever the outcome. */
CHECKED enum status output_commit(struct output_folder *folder, struct error *err);
/* Removes what was written; NULL is fine. */
void output_abort(struct output_folder *folder);

/* Writes one file beside its place and renames it. */
CHECKED enum status output_file(const char *path, struct slice bytes, struct error *err);

#endif
