/*
 * study: everything a researcher wrote for one job, loaded once and read by every role.
 *
 * Sources  The disk (a job's path; what it names lies relative to it, else among the shipped data),
 *          or the files that stand in a control record: same names, same bytes, hence the same
 *          study anywhere.
 * Files    Every file read is remembered with its bytes and SHA-256, the job first, in the order of
 *          reading; the gazetteer is not among them (gazetteer_version pins it).
 * Errors   STATUS_INVALID with "file:line: field: what is wrong, what to do"; STATUS_NOT_FOUND
 *          names the places looked at.
 * Memory   One study owns everything it points to.
 * Threads  Read-only after loading: may be shared.
 */
#ifndef XUNFANG_STUDY_STUDY_H
#define XUNFANG_STUDY_STUDY_H

#include "base/util/hash.h"
#include "study/codebook.h"
#include "study/gazetteer.h"
#include "study/job.h"
#include "study/platform.h"
#include "study/region.h"

enum { STUDY_FILE_MAX = 4 * 1024 * 1024, STUDY_FILES_MAX = 500, STUDY_LISTS_MAX = 1000000 };

struct study_file {
    struct slice
        name; /* as the job or region refers to it: "job.yaml", "platforms/x.yaml", "yrd" */
    struct slice content;
    unsigned char sha256[SHA256_SIZE]; /* not read on input */
};

struct study_source {
    const char *job_path;           /* on disk; NULL: from `files` */
    const struct study_file *files; /* files[0] is the job */
    size_t file_count;
    const char *directory; /* of a job not on disk: where its file lies on another machine, or "" */
    const char *data_dir;  /* shipped data; NULL: install_data_dir() */
};

/* One search list: a publisher asked for one name of another city. */
struct study_list {
    uint32_t publisher;  /* index in region.publishers */
    uint32_t query_city; /* index in region.cities */
    struct slice keyword;
};

struct study {
    struct job job;
    struct region region;
    struct platform *platforms;
    size_t platform_count;
    struct codebook codebook;
    struct gazetteer *gazetteer;
    struct study_list *lists; /* study/seeds.h */
    size_t list_count;
    struct study_file *files;
    size_t file_count;
    struct slice directory; /* where the job file lies, absolute; what it names but does not carry
                               (its key file) lies relative to it. Empty if there is none */
    struct arena *arena;
};

CHECKED enum status study_load(const struct study_source *source, struct study **study,
                               struct error *err);
/* Without a job: a region (shipped name or path; NULL: no region, zero cities) and a codebook
 * (NULL: visits), for the data commands. The job part is empty but for the period 1900–2100. */
CHECKED enum status study_load_parts(const char *region, const char *codebook, const char *data_dir,
                                     struct study **study, struct error *err);
/* NULL is fine. */
void study_destroy(struct study *study);

#endif
