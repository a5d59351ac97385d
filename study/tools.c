#include "study/tools.h"

#include <stdlib.h>

enum { PATH_MAX_SIZE = 4096 };

enum status tools_path(const struct tools *tools, const char *name, struct buf *path,
                       struct error *err)
{
    buf_append(path, tools->study->codebook.directory);
    buf_printf(path, "/%s", name);
    return buf_status(path, err);
}

static enum status open_judge(struct tools *tools, struct error *err)
{
    struct buf path;
    enum status status;

    buf_init(&path, PATH_MAX_SIZE);
    buf_append(&path, tools->study->codebook.directory);
    status = buf_status(&path, err);
    if (status == STATUS_OK)
        status = judge_load(buf_text(&path), tools->reader, &tools->judge, err);
    buf_fini(&path);
    return status;
}

static enum status open_reader(struct tools *tools, bool models, struct error *err)
{
    tools->reader = reader_create(tools->study->gazetteer);
    if (tools->reader == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    return models ? open_judge(tools, err) : STATUS_OK;
}

enum status tools_open(const char *codebook, bool models, struct tools **tools, struct error *err)
{
    struct tools *opened = calloc(1, sizeof *opened);
    enum status status;

    if (opened == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    status = study_load_parts(NULL, codebook, NULL, &opened->study, err);
    if (status == STATUS_OK)
        status = open_reader(opened, models, err);
    if (status != STATUS_OK) {
        tools_close(opened);
        return status;
    }
    *tools = opened;
    return STATUS_OK;
}

enum status tools_open_study(struct study *study, bool models, struct tools **tools,
                             struct error *err)
{
    struct tools *opened = calloc(1, sizeof *opened);
    enum status status;

    if (opened == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    opened->study = study;
    opened->lent = true;
    status = open_reader(opened, models, err);
    if (status != STATUS_OK) {
        tools_close(opened);
        return status;
    }
    *tools = opened;
    return STATUS_OK;
}

void tools_close(struct tools *tools)
{
    if (tools == NULL)
        return;
    judge_destroy(tools->judge);
    reader_destroy(tools->reader);
    if (!tools->lent)
        study_destroy(tools->study);
    free(tools);
}
