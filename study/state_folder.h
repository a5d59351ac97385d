/*
 * state_folder: what workers keep below DATA/state: stores that can be rebuilt from the logs.
 *
 * Names    NAME-INDEX of a worker of the whole cluster, NAME-JOB.RUN-INDEX of one run's; NAME is
 *          the stage, or answers-STAGE for its copy of the job's answers.
 * Forget   After a purge nothing can be rebuilt and nobody asks again: the run's folders go.
 */
#ifndef XUNFANG_STUDY_STATE_FOLDER_H
#define XUNFANG_STUDY_STATE_FOLDER_H

#include "base/util/buf.h"

struct state_place {
    const char *data;
    const char *job; /* NULL: the whole cluster's */
    const char *run;
    uint64_t index;
};

/* Appends the path; the folder DATA/state is created. */
CHECKED enum status state_path(const struct state_place *place, const char *name, struct buf *path,
                               struct error *err);
/* Removes both folders of the stage there; fine if there are none. Its worker must have ended. */
CHECKED enum status state_forget(const struct state_place *place, const char *stage,
                                 struct error *err);

#endif
