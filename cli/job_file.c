#include "cli/job_file.h"

#include <stdio.h>
#include <string.h>

enum status job_file_load(const char *path, struct study **study, struct error *err)
{
    const struct study_source source = {.job_path = path};
    struct error cause = {STATUS_OK, ""};
    enum status status = study_load(&source, study, &cause);

    if (status == STATUS_OK)
        return STATUS_OK;
    /* Of a command line's file these are the caller's to mend. */
    if (status == STATUS_NOT_FOUND || status == STATUS_TOO_LARGE)
        status = STATUS_INVALID;
    return error_set(err, status, "%s", cause.message);
}

enum status job_file_name(const char *word, struct job_name *name, struct error *err)
{
    struct study *study = NULL;
    enum status status;

    /* A file without slash and dot in its name is taken for a job's name; "./NAME" says that it is
     * a file. */
    if (strpbrk(word, "/.") == NULL)
        status = topic_check_name("job", slice_from(word), err);
    else
        status = job_file_load(word, &study, err);
    if (status == STATUS_OK)
        (void) snprintf(name->text, sizeof name->text, "%s",
                        study == NULL ? word : study->job.name.data);
    study_destroy(study);
    return status;
}
