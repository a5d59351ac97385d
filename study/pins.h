/*
 * pins: what the outcomes of a run depend on besides its files, and whether this build has it.
 *
 * Pins      A run is submitted with the versions of its day (JobSubmitted.pins): codebook, tables
 *           beside it, models, gazetteer, and the logic of each stage, a number in pins.c that is
 *           raised by hand whenever outcomes for the same input change.
 * Check     A stage compares what it itself depends on: the classifier's models are nothing to the
 *           extractor. What this build has never heard of (a newer build pinned it) it lacks. A run
 *           without pins was submitted by a build that knew none: nothing is checked.
 * Answer    STATUS_UNSUPPORTED with a text for people: "job J run R wants model visit@ab12, this
 *           build has visit@cd34". That is no failure of the worker: the run waits for a build that
 *           has it, or is replayed under another name.
 * Cost      Reads the heads of the models and the tables of the codebook: some milliseconds.
 */
#ifndef XUNFANG_STUDY_PINS_H
#define XUNFANG_STUDY_PINS_H

#include "study/catalog_run.h"
#include "study/study.h"

enum { PINS_MAX = 16, PIN_WHAT_MAX = 32, PIN_VERSION_MAX = 128 };

struct pin {
    char what[PIN_WHAT_MAX];       /* "codebook", "model.visit", "logic.extractor" */
    char version[PIN_VERSION_MAX]; /* "visits@7c0f…", "visit@5b68…", "extractor-1" */
};

struct pins {
    struct pin list[PINS_MAX];
    size_t count;
};

/* What this build has for the study, ordered by `what`. A codebook whose folder is not here, or has
 * no models, gives "none" for those. */
void pins_of(const struct study *study, struct pins *pins);

/* Has this build what `stage` ("crawler", "parser", "classifier", "extractor", "aggregator") needs
 * for the run? `study` is the run's (role_load_study). */
CHECKED enum status pins_check(const struct catalog_run *run, const struct study *study,
                               const char *stage, struct error *err);
/* The same for who has the pins of that study already. */
CHECKED enum status pins_compare(const struct catalog_run *run, const struct pins *pins,
                                 const char *stage, struct error *err);

#endif
