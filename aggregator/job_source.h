/*
 * job_source: a job's logs opened for reading: bus, catalogue, study, and the results of a sealed
 * range.
 *
 * Job      By name, or by the path of its file (then its name is read from it).
 * Range    job_results reads exactly the range sealed for the newest generation; a job without that
 *          seal is not complete: STATUS_NOT_FOUND says so. With `so_far` it reads what stands there
 *          now.
 * Study    The one embedded in the job's record, so results fit the run whatever the disk holds by
 *          now.
 * Memory   job_close frees all but the results, which are the caller's. NULL is fine.
 * Threads  One.
 */
#ifndef XUNFANG_AGGREGATOR_JOB_SOURCE_H
#define XUNFANG_AGGREGATOR_JOB_SOURCE_H

#include "aggregator/log_range.h"
#include "aggregator/results.h"
#include "base/options.h"
#include "study/catalog.h"
#include "study/topics.h"

/* Common options of the commands that read a job; the first member of their settings. */
struct job_settings {
    const char *bus;
    const char *data;
    const char *run;
    bool so_far;
};

/* Where the logs are. */
#define BUS_OPTION_ROWS                                                                            \
    {"bus", OPTION_TEXT, offsetof(struct job_settings, bus),                                       \
     "URL", NULL,        "where the logs are; default local:DATA"},                                \
    {                                                                                              \
        "data", OPTION_TEXT, offsetof(struct job_settings, data), "DIR", "./xunfang-data",         \
            "the data folder the job ran in"                                                       \
    }

#define JOB_OPTION_ROWS                                                                            \
    BUS_OPTION_ROWS, {"run",  OPTION_TEXT, offsetof(struct job_settings, run),                     \
                      "NAME", RUN_DEFAULT, "which run of the job"},                                \
    {                                                                                              \
        "so-far", OPTION_FLAG, offsetof(struct job_settings, so_far), NULL, NULL,                  \
            "read what there is, though the job is not complete"                                   \
    }

struct job_source {
    const struct job_settings *settings;
    struct bus *bus;
    struct catalog *catalog;
    const struct catalog_run *run;
    struct study *study;
    struct topic_name topics[TOPIC_KINDS];
};

enum { JOB_NAME_SIZE = NAME_MAX_SIZE + 1 };

/* The bus alone; the caller closes it. */
CHECKED enum status job_connect(const struct job_settings *settings, struct bus **bus,
                                struct error *err);
/* The name of a job that is given by it, or by the path of its file. */
CHECKED enum status job_name(const char *job, char name[JOB_NAME_SIZE], struct error *err);

/* The study that stands with a run in `control`; the caller destroys it. */
CHECKED enum status job_study(const struct catalog_run *run, struct study **study,
                              struct error *err);

CHECKED enum status job_open(const struct job_settings *settings, const char *job,
                             struct job_source **source, struct error *err);
void job_close(struct job_source *source);

/* The range of a log that counts. */
CHECKED enum status job_range(const struct job_source *source, enum topic_kind kind,
                              struct log_range *range, struct error *err);
/* Every record of that range, through the handler. */
CHECKED enum status job_read_log(const struct job_source *source, enum topic_kind kind,
                                 const struct log_handler *handler, struct error *err);
/* … of all that stands in the log now, sealed or not. */
CHECKED enum status job_read_now(const struct job_source *source, enum topic_kind kind,
                                 const struct log_handler *handler, struct error *err);
/* The rows of the range, not finished yet (dataset_finish). */
CHECKED enum status job_dataset(const struct job_source *source, struct dataset **dataset,
                                struct error *err);
CHECKED enum status job_results(const struct job_source *source, struct results *results,
                                struct error *err);

#endif
