/*
 * asking: which tasks of a codebook a language model is asked about, and when, for one job.
 *
 * Tasks    Those with `ask` in the codebook; a job that lists tasks in llm.ask is asked about these
 *          alone, with its own bounds where it gives some.
 * Memory   Copies in the arena, which share everything but the bounds with the codebook.
 */
#ifndef XUNFANG_STUDY_ASKING_H
#define XUNFANG_STUDY_ASKING_H

#include "base/util/arena.h"
#include "study/codebook.h"
#include "study/job.h"

struct asking {
    struct codebook_task *tasks; /* in the codebook's order */
    size_t count;
};

/* `llm` NULL: a data command, which follows the codebook. Lines of llm->ask that asking_check would
 * refuse are left out. */
CHECKED enum status asking_make(const struct codebook *codebook, const struct job_llm *llm,
                                struct arena *arena, struct asking *asking, struct error *err);

/* STATUS_INVALID: llm.ask names what the codebook never asks about, or a band turns out upside
 * down. `file` is the job's, for messages. */
CHECKED enum status asking_check(const struct codebook *codebook, const struct job_llm *llm,
                                 const char *file, struct error *err);

#endif
