/*
 * Tables first and pictures after them, since gnuplot reads its data from the folder; the page at
 * the end. All of it happens in PATH.part (output_folder.h), so that whatever fails in between is
 * never seen.
 */
#include "aggregator/output.h"

#include "aggregator/database.h"
#include "aggregator/figures.h"
#include "aggregator/html.h"
#include "aggregator/output_folder.h"
#include "aggregator/tables.h"

#include <stdio.h>
#include <string.h>

enum { PICTURE_BYTES_MAX = 8 << 20 };

static enum status write_tables(const struct results *results, struct output_folder *folder,
                                struct error *err)
{
    enum status status = STATUS_OK;
    struct buf text;

    buf_init(&text, TABLE_BYTES_MAX);
    for (size_t i = 0; i < table_count() && status == STATUS_OK; i++) {
        const struct table *table = table_at(i);

        buf_reset(&text);
        table->render(results, &text);
        status = buf_status(&text, err);
        if (status == STATUS_OK)
            status = output_write(folder, table->file, buf_slice(&text), err);
    }
    buf_fini(&text);
    return status;
}

static enum status write_database(const struct results *results, const struct output_folder *folder,
                                  struct error *err)
{
    struct buf path;
    enum status status;

    buf_init(&path, (size_t) OUTPUT_PATH_MAX * 2);
    status = output_path(folder, "results.sqlite", &path, err);
    if (status == STATUS_OK)
        status = database_write(results, buf_text(&path), err);
    buf_fini(&path);
    return status;
}

/* A picture that is not there, or too large for the page, stays empty: the page names it. */
static void read_picture(const struct output_folder *folder, const char *name, struct buf *picture)
{
    char file_name[128];
    struct buf path;
    FILE *file = NULL;
    size_t size;
    char *room;

    buf_init(&path, (size_t) OUTPUT_PATH_MAX * 2);
    (void) snprintf(file_name, sizeof file_name, "figures/%s.svg", name);
    if (output_path(folder, file_name, &path, NULL) == STATUS_OK)
        file = fopen(buf_text(&path), "rb");
    while (file != NULL && (room = buf_reserve(picture, 65536)) != NULL &&
           (size = fread(room, 1, 65536, file)) > 0)
        buf_added(picture, size);
    if (file == NULL || ferror(file) || picture->failure != STATUS_OK)
        buf_reset(picture);
    if (file != NULL)
        (void) fclose(file);
    buf_fini(&path);
}

static enum status write_page(const struct results *results, const struct account *account,
                              struct output_folder *folder, struct error *err)
{
    struct buf pictures[FIGURES_MAX], page;
    struct slice views[FIGURES_MAX] = {{NULL, 0}};
    enum status status;

    for (size_t i = 0; i < figure_count(); i++) {
        buf_init(&pictures[i], PICTURE_BYTES_MAX);
        read_picture(folder, figure_at(i)->name, &pictures[i]);
        if (pictures[i].size > 0)
            views[i] = buf_slice(&pictures[i]);
    }
    buf_init(&page, HTML_BYTES_MAX);
    html_report(results, account, views, &page);
    status = buf_status(&page, err);
    if (status == STATUS_OK)
        status = output_write(folder, "report.html", buf_slice(&page), err);
    buf_fini(&page);
    for (size_t i = 0; i < figure_count(); i++)
        buf_fini(&pictures[i]);
    return status;
}

/* The page comes last: it holds the pictures. */
static enum status write_all(const struct results *results, const struct account *account,
                             struct output_folder *folder, struct error *warning, struct error *err)
{
    enum status status = write_tables(results, folder, err);

    if (status == STATUS_OK)
        status = write_database(results, folder, err);
    if (status == STATUS_OK)
        status = figures_write(results, folder, err);
    if (status != STATUS_OK)
        return status;
    warning->code = STATUS_OK;
    /* The warning carries what went wrong: a machine without gnuplot still gets its results. */
    status_ignore(figures_draw(folder, warning));
    return write_page(results, account, folder, err);
}

enum status output_results(const struct results *results, const struct account *account,
                           const char *path, struct error *warning, struct error *err)
{
    struct output_folder *folder = NULL;
    enum status status = output_begin(path, &folder, err);

    if (status != STATUS_OK)
        return status;
    status = write_all(results, account, folder, warning, err);
    if (status != STATUS_OK) {
        output_abort(folder);
        return error_prefix(err, status, "writing %s", path);
    }
    return output_commit(folder, err);
}
