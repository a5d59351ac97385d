#include "aggregator/figures.h"

#include "aggregator/csv.h"
#include "aggregator/figure_scripts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_PROGRAM = 127, FIGURE_BYTES_MAX = 1 << 20 };

/* ---- data ---- */

static void put_labels(const struct results *results, enum measure_group group, struct buf *out)
{
    const struct setting *setting = &results->setting;
    bool themes = group == MEASURE_THEME;
    const struct setting_label *labels = themes ? setting->themes : setting->levels;
    size_t count = themes ? setting->theme_count : setting->level_count;
    struct csv csv = csv_begin(out, "label,english,visits,mean_u,expected_u,cooperative,"
                                    "cooperative_mean_u");

    for (size_t i = 0; i < count; i++) {
        const char *key = labels[i].name.data;
        const struct summary *all = measures_find(&results->measures[NETWORK_ALL], group, key);
        const struct summary *cooperative =
            measures_find(&results->measures[NETWORK_COOPERATIVE], group, key);

        /* measures.c makes a row for every label of the codebook, also without visits. */
        ENSURE(all != NULL && cooperative != NULL);
        csv_text(&csv, labels[i].name);
        csv_text(&csv, labels[i].english);
        csv_uint(&csv, all->events);
        csv_number(&csv, all->mean_u);
        csv_number(&csv, all->expected_u);
        csv_uint(&csv, cooperative->events);
        csv_number(&csv, cooperative->mean_u);
        csv_end(&csv);
    }
}

static void theme_data(const struct results *results, struct buf *out)
{
    put_labels(results, MEASURE_THEME, out);
}

static void level_data(const struct results *results, struct buf *out)
{
    put_labels(results, MEASURE_LEVEL, out);
}

static void year_data(const struct results *results, struct buf *out)
{
    const struct measures *all = &results->measures[NETWORK_ALL];
    struct csv csv = csv_begin(out, "year,visits,mean_u,expected_u,constant_mean_u,"
                                    "cooperative_mean_u");

    for (size_t i = 0; i < all->rows.count; i++) {
        const struct measure *measure = rows_at(&all->rows, i);
        const struct summary *constant, *cooperative;

        if (measure->group != MEASURE_YEAR)
            continue;
        constant = measures_find(all, MEASURE_YEAR_CONSTANT, measure->key);
        cooperative =
            measures_find(&results->measures[NETWORK_COOPERATIVE], MEASURE_YEAR, measure->key);
        ENSURE(constant != NULL && cooperative != NULL);
        csv_text(&csv, slice_from(measure->key));
        csv_uint(&csv, measure->summary.events);
        csv_number(&csv, measure->summary.mean_u);
        csv_number(&csv, measure->summary.expected_u);
        csv_number(&csv, constant->mean_u);
        csv_number(&csv, cooperative->mean_u);
        csv_end(&csv);
    }
}

static const struct figure figures[] = {
    {"visits_u_by_theme", "各主题的考察次数与不均衡度", "Visits and U by theme", theme_data,
     figure_script_bars},
    {"visits_u_by_level", "各级别的考察次数与不均衡度", "Visits and U by level", level_data,
     figure_script_bars},
    {"u_by_year", "不均衡度的逐年变化", "U by year", year_data, figure_script_years},
};

size_t figure_count(void)
{
    return sizeof figures / sizeof figures[0];
}

const struct figure *figure_at(size_t index)
{
    ENSURE(index < figure_count());
    return &figures[index];
}

/* ---- files ---- */

static enum status write_one(const struct results *results, const struct figure *figure,
                             struct output_folder *folder, struct error *err)
{
    char name[128];
    struct buf text;
    enum status status;
    bool has_data;

    buf_init(&text, FIGURE_BYTES_MAX);
    figure->data(results, &text);
    /* A table that is only its header has no point to draw. */
    has_data = slice_find(buf_slice(&text), SLICE("\n")) + 1 < text.size;
    (void) snprintf(name, sizeof name, "figures/%s.csv", figure->name);
    status = buf_status(&text, err);
    if (status == STATUS_OK)
        status = output_write(folder, name, buf_slice(&text), err);
    buf_reset(&text);
    figure->script(figure, has_data, &text);
    (void) snprintf(name, sizeof name, "figures/%s.gp", figure->name);
    if (status == STATUS_OK)
        status = buf_status(&text, err);
    if (status == STATUS_OK)
        status = output_write(folder, name, buf_slice(&text), err);
    buf_fini(&text);
    return status;
}

enum status figures_write(const struct results *results, struct output_folder *folder,
                          struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < figure_count() && status == STATUS_OK; i++)
        status = write_one(results, figure_at(i), folder, err);
    return status;
}

/* ---- gnuplot ---- */

/* The child between fork and exec: only calls that are safe there. */
static _Noreturn void run_gnuplot(const char *folder, char *const words[])
{
    int nowhere = open("/dev/null", O_RDWR);

    /* Its warnings (an empty range, a font) are about pictures nobody sees yet. */
    if (nowhere >= 0 && dup2(nowhere, 1) >= 0 && dup2(nowhere, 2) >= 0 && chdir(folder) == 0)
        (void) execvp("gnuplot", words);
    _exit(NO_PROGRAM);
}

/* A gnuplot that is not there and one that failed are different news. */
static enum status wait_for(pid_t child, struct error *err)
{
    int how;

    while (waitpid(child, &how, 0) < 0)
        if (errno != EINTR)
            return error_set_errno(err, errno, "waiting for gnuplot");
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
        return STATUS_OK;
    if (WIFEXITED(how) && WEXITSTATUS(how) == NO_PROGRAM)
        return error_set(err, STATUS_UNSUPPORTED, "no figures: gnuplot is not in PATH");
    return error_set(err, STATUS_IO,
                     "no figures: gnuplot failed; run it on figures/*.gp to see why");
}

enum status figures_draw(const struct output_folder *folder, struct error *err)
{
    char scripts[FIGURES_MAX][64];
    char program[] = "gnuplot";
    char *words[FIGURES_MAX + 2] = {program};
    struct buf path;
    pid_t child;
    enum status status;

    ENSURE(figure_count() <= FIGURES_MAX);
    buf_init(&path, (size_t) OUTPUT_PATH_MAX * 2);
    status = output_path(folder, "figures", &path, err);
    if (status != STATUS_OK)
        goto out;
    for (size_t i = 0; i < figure_count(); i++) {
        (void) snprintf(scripts[i], sizeof scripts[i], "%s.gp", figure_at(i)->name);
        words[i + 1] = scripts[i];
    }
    /* Cairo, which writes the pdf, takes its date of making from here: no clock in the output. */
    (void) setenv("SOURCE_DATE_EPOCH", "0", 0);
    child = fork();
    if (child == 0)
        run_gnuplot(buf_text(&path), words);
    status = child < 0 ? error_set_errno(err, errno, "cannot start gnuplot") : wait_for(child, err);
out:
    buf_fini(&path);
    return status;
}
