/*
 * program: the main of every worker program, once for all.
 *
 * Life     options → daemon → role (bus, job, study) → work → exit status, one log line on failure.
 * Reach    PROGRAM_RUN works for one run (--job, --run); on a bus with groups and without --job it
 *          is a steward (study/steward.h), whose children are the same program with --job.
 *          PROGRAM_CLUSTER serves every job of a bus with groups: its role has no run and no study.
 * Work     gets a role without inputs: it takes its logs (role_take), makes its stage and runs it
 *          by one of the program_run functions, which end when a signal drained the worker.
 */
#ifndef XUNFANG_STUDY_PROGRAM_H
#define XUNFANG_STUDY_PROGRAM_H

#include "study/role.h"

enum program_reach { PROGRAM_RUN, PROGRAM_CLUSTER };

struct program {
    const char *name;  /* "frontier": xunfang-frontier, client name on the bus */
    const char *about; /* for --help */
    enum status (*work)(struct daemon *daemon, struct role *role, struct error *err);
    enum program_reach reach;
};

/* Returns the exit status. */
int program_main(const struct program *program, int argc, char *const *argv);

struct program_map {
    const struct map_stage *stage;
    void *self;
    enum topic_kind output; /* its outcomes go there */
};

/* Runs a map over the role's inputs. Its commits are the run's own (catalog_owner). */
CHECKED enum status program_run_map(struct daemon *daemon, struct role *role,
                                    const struct program_map *map, struct error *err);

struct program_fold {
    const struct fold_stage *stage;
    void *self;
    bool per_run;        /* the state is one run's, not the whole cluster's: owner STAGE.JOB.RUN */
    bool onlooker;       /* on a bus with groups: every one of several folds all it reads */
    size_t memory_bytes; /* of the store; 0: its default */
};

/* Runs a fold over the role's inputs, with its store at role_state_path(stage name). */
CHECKED enum status program_run_fold(struct daemon *daemon, struct role *role,
                                     const struct program_fold *fold, struct error *err);

#endif
