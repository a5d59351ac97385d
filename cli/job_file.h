/*
 * job_file: a job as a command line names it.
 *
 * File     A path; a missing file and one over its limits are wrong files here: STATUS_INVALID.
 * Name     Commands that work on what ran already take the job's name, or the path of its file, of
 *          which the name is read. Names have neither slash nor dot, so the two cannot be mixed up.
 * Memory   The caller destroys the study.
 */
#ifndef XUNFANG_CLI_JOB_FILE_H
#define XUNFANG_CLI_JOB_FILE_H

#include "study/study.h"
#include "study/topics.h"

struct job_name {
    char text[NAME_MAX_SIZE + 1];
};

CHECKED enum status job_file_load(const char *path, struct study **study, struct error *err);
CHECKED enum status job_file_name(const char *word, struct job_name *name, struct error *err);

#endif
