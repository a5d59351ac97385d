/*
 * tools: what classifying and extracting stand on, opened together: study, reader, models.
 *
 * Codebook  A shipped name, a path, or NULL for visits; its folder holds models/, titles.tsv and
 *           departments.tsv.
 * Memory    tools_close frees all of it; NULL is fine. The study of a running job may be lent
 *           instead.
 */
#ifndef XUNFANG_STUDY_TOOLS_H
#define XUNFANG_STUDY_TOOLS_H

#include "study/judge.h"
#include "study/study.h"

struct tools {
    struct study *study;
    bool lent; /* the study is somebody else's */
    struct reader *reader;
    struct judge *judge; /* NULL unless asked for */
};

/* For a data command. Without `models` only the reader is opened (`train` makes the models). */
CHECKED enum status tools_open(const char *codebook, bool models, struct tools **tools,
                               struct error *err);
/* On the study of a running job, which stays the caller's. */
CHECKED enum status tools_open_study(struct study *study, bool models, struct tools **tools,
                                     struct error *err);
void tools_close(struct tools *tools);

/* Appends the path of a file in the codebook's folder. */
CHECKED enum status tools_path(const struct tools *tools, const char *name, struct buf *path,
                               struct error *err);

#endif
