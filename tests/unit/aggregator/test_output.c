#include "tests/unit/aggregator/folder.h"

#include "aggregator/figures.h"
#include "aggregator/html.h"
#include "aggregator/output.h"
#include "aggregator/tables.h"

static void write_story(const char *path, struct error *warning)
{
    struct results results;
    struct error err;

    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    if (output_results(&results, NULL, path, warning, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    results_fini(&results);
}

static void the_folder_is_complete(void **state)
{
    const char *base = folder_make();
    struct error warning = {.code = STATUS_OK};
    char path[FOLDER_PATH], name[256];

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    write_story(path, &warning);
    for (size_t i = 0; i < table_count(); i++)
        assert_true(folder_size(path, table_at(i)->file) > 0);
    assert_true(folder_size(path, "results.sqlite") > 0);
    assert_true(folder_size(path, "report.html") > 0);
    for (size_t i = 0; i < figure_count(); i++) {
        (void) snprintf(name, sizeof name, "figures/%s.csv", figure_at(i)->name);
        assert_true(folder_size(path, name) > 0);
        (void) snprintf(name, sizeof name, "figures/%s.gp", figure_at(i)->name);
        assert_true(folder_size(path, name) > 0);
        (void) snprintf(name, sizeof name, "figures/%s.svg", figure_at(i)->name);
        if (warning.code == STATUS_OK)
            assert_true(folder_size(path, name) > 1000);
    }
    folder_remove(base);
}

/* Without gnuplot everything but the pictures is there, and both the caller and the page say so. */
static void without_gnuplot_the_rest_is_written(void **state)
{
    const char *base = folder_make();
    struct error warning = {.code = STATUS_OK};
    char path[FOLDER_PATH], *search = strdup(getenv("PATH"));

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    assert_int_equal(setenv("PATH", base, 1), 0);
    write_story(path, &warning);
    assert_int_equal(setenv("PATH", search, 1), 0);
    free(search);
    assert_int_equal(warning.code, STATUS_UNSUPPORTED);
    assert_non_null(strstr(warning.message, "gnuplot"));
    assert_true(folder_has(path, "figures/u_by_year.gp"));
    assert_false(folder_has(path, "figures/u_by_year.svg"));
    assert_non_null(strstr(folder_read(path, "report.html"), "not drawn"));
    folder_remove(base);
}

static void pictures_have_the_same_bytes_again(void **state)
{
    const char *base = folder_make();
    struct error warning = {.code = STATUS_OK};
    char path[FOLDER_PATH], name[128], *first;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    write_story(path, &warning);
    if (warning.code != STATUS_OK) {
        folder_remove(base);
        skip();
    }
    (void) snprintf(name, sizeof name, "figures/%s.svg", figure_at(0)->name);
    first = strdup(folder_read(path, name));
    write_story(path, &warning);
    assert_string_equal(folder_read(path, name), first);
    free(first);
    folder_remove(base);
}

/* A job without a single document still draws and writes. */
static void an_empty_job_has_a_report(void **state)
{
    const char *base = folder_make();
    struct error warning = {.code = STATUS_OK}, err;
    struct results results;
    char path[FOLDER_PATH];

    (void) state;
    (void) snprintf(path, sizeof path, "%s/out", base);
    fixture_results(dataset_create(), &results);
    if (output_results(&results, NULL, path, &warning, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_true(warning.code == STATUS_OK || warning.code == STATUS_UNSUPPORTED);
    results_fini(&results);
    folder_remove(base);
}

static void render(const struct telling *telling, const struct slice *pictures, struct buf *page)
{
    struct results results;

    fixture_results(fixture_dataset(telling, 1), &results);
    buf_init(page, 4 << 20);
    html_report(&results, NULL, pictures, page);
    assert_int_equal(buf_status(page, NULL), STATUS_OK);
    results_fini(&results);
}

static void the_page_names_gaps_and_loads_nothing(void **state)
{
    const struct slice none[FIGURES_MAX] = {{NULL, 0}};
    const struct telling telling = {
        .url = "a", .origin = "上海", .host = "南京", .day = "2019-01-01"};
    struct buf page;

    (void) state;
    render(&telling, none, &page);
    assert_non_null(strstr(buf_text(&page), "3 incomplete"));
    assert_non_null(strstr(buf_text(&page), "not asked"));
    assert_null(strstr(buf_text(&page), "src=\"http"));
    assert_null(strstr(buf_text(&page), "<script"));
    assert_null(strstr(buf_text(&page), "<link"));
    buf_fini(&page);
}

static void pictures_stand_inside_the_page(void **state)
{
    const struct slice pictures[FIGURES_MAX] = {{"<svg/>", 6}};
    const struct telling telling = {
        .url = "a", .origin = "上海", .host = "南京", .day = "2019-01-01"};
    struct buf page;

    (void) state;
    render(&telling, pictures, &page);
    assert_non_null(strstr(buf_text(&page), "data:image/svg+xml;base64,PHN2Zy8+"));
    buf_fini(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_folder_is_complete),
        cmocka_unit_test(without_gnuplot_the_rest_is_written),
        cmocka_unit_test(pictures_have_the_same_bytes_again),
        cmocka_unit_test(an_empty_job_has_a_report),
        cmocka_unit_test(the_page_names_gaps_and_loads_nothing),
        cmocka_unit_test(pictures_stand_inside_the_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
