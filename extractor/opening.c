#include "extractor/opening.h"

enum { PATH_SIZE_MAX = 4096 };

static enum status open_titles(const struct tools *tools, struct titles **titles, struct error *err)
{
    struct buf path;
    enum status status;

    buf_init(&path, PATH_SIZE_MAX);
    status = tools_path(tools, "titles.tsv", &path, err);
    if (status == STATUS_OK)
        status = titles_load(buf_text(&path), titles, err);
    buf_fini(&path);
    return status;
}

static enum status open_departments(const struct tools *tools, struct departments **departments,
                                    struct error *err)
{
    struct buf path;
    enum status status;

    buf_init(&path, PATH_SIZE_MAX);
    status = tools_path(tools, "departments.tsv", &path, err);
    if (status == STATUS_OK)
        status = departments_load(buf_text(&path), departments, err);
    buf_fini(&path);
    return status;
}

enum status extractor_open(const struct tools *tools, struct extractor *extractor,
                           struct error *err)
{
    struct titles *titles = NULL;
    struct departments *departments = NULL;
    enum status status = open_titles(tools, &titles, err);

    if (status == STATUS_OK)
        status = open_departments(tools, &departments, err);
    /* *extractor is untouched, so closing it frees nothing twice. */
    if (status != STATUS_OK) {
        titles_destroy(titles);
        return status;
    }
    *extractor = (struct extractor){tools->reader, titles, departments, &tools->study->region};
    return STATUS_OK;
}

void extractor_close(struct extractor *extractor)
{
    /* The tables are const for their users; here is their owner. */
    titles_destroy((struct titles *) extractor->titles);
    departments_destroy((struct departments *) extractor->departments);
    *extractor = (struct extractor){NULL, NULL, NULL, NULL};
}
