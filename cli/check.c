#include "cli/check.h"

#include "base/options.h"
#include "cli/command.h"
#include "study/plan.h"
#include "study/plan_print.h"

#include <stdio.h>

enum { PLAN_MEMORY_MAX = 64 * 1024 * 1024, PLAN_TEXT_MAX = 16 * 1024 * 1024 };

struct check_options {
    bool json;
    uint64_t hits_per_list;
    uint64_t hits_per_page;
    int64_t answer_ms;
    uint64_t screened;
    uint64_t visits;
};

#define CHECK(member) offsetof(struct check_options, member)
static const struct option_row rows[] = {
    {"json", OPTION_FLAG, CHECK(json), NULL, NULL, "one JSON object instead of a table"},
    {"hits-per-list", OPTION_UINT, CHECK(hits_per_list), "N", "450", "assumed hits of a list"},
    {"hits-per-page", OPTION_UINT, CHECK(hits_per_page), "N", "10", "assumed hits of a page"},
    {"answer-time", OPTION_DURATION, CHECK(answer_ms), "TIME", "500ms",
     "assumed time of one answer"},
    {"screened", OPTION_UINT, CHECK(screened), "PERCENT", "38",
     "assumed share of documents that pass dictionary and period"},
    {"visits", OPTION_UINT, CHECK(visits), "PERCENT", "24", "assumed share of visits among those"},
};

static const struct options check_table = {
    rows, sizeof rows / sizeof *rows, "xunfang check JOB.yaml [options]",
    "Validates a job and says what it will cost: lists, requests and hours for every host, "
    "calls, tokens and money for a language model."};

static enum status print_plan(const struct study *study, const struct check_options *options,
                              struct arena *arena, struct error *err)
{
    struct plan_options assumed = {options->hits_per_list, options->hits_per_page,
                                   options->answer_ms, options->screened, options->visits};
    struct plan plan;
    struct buf out;
    enum status status = plan_make(study, &assumed, arena, &plan, err);

    if (status != STATUS_OK)
        return status;
    buf_init(&out, PLAN_TEXT_MAX);
    if (options->json)
        plan_print_json(study, &plan, &out);
    else
        plan_print_table(study, &plan, &out);
    status = buf_status(&out, err);
    if (status == STATUS_OK &&
        (fwrite(out.data, 1, out.size, stdout) != out.size || fflush(stdout)))
        status = error_set(err, STATUS_IO, "write to standard output");
    buf_fini(&out);
    return status;
}

static enum status check(const char *job, const struct check_options *options, struct error *err)
{
    struct study_source source = {.job_path = job};
    struct arena *arena = NULL;
    struct study *study = NULL;
    enum status status = study_load(&source, &study, err);

    if (status == STATUS_OK) {
        arena = arena_create(PLAN_MEMORY_MAX);
        status = arena == NULL ? error_set(err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM))
                               : print_plan(study, options, arena, err);
    }
    arena_destroy(arena);
    study_destroy(study);
    return status;
}

/* Not daemon_exit_status: to a worker a file that is missing, too large or not understood is a
 * failure, here it is what was asked about, and 2 tells scripts that the files are at fault. */
static int exit_status(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return EXIT_DONE;
    case STATUS_USAGE:
    case STATUS_INVALID:
    case STATUS_NOT_FOUND:
    case STATUS_TOO_LARGE:
    case STATUS_UNSUPPORTED:
        return EXIT_USAGE;
    default:
        return EXIT_FAILED;
    }
}

int check_command(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct check_options options = {0};
    struct error err;
    enum status status;

    if (options_answered(&check_table, argc, argv))
        return EXIT_DONE;
    status = options_parse(&check_table, &line, &options, &err);
    if (status == STATUS_OK && line.word_count == 0)
        status = error_set(&err, STATUS_USAGE, "which job? (xunfang check JOB.yaml)");
    if (status == STATUS_OK)
        status = check(line.words[0], &options, &err);
    if (status != STATUS_OK)
        (void) fprintf(stderr, "xunfang check: %s\n", err.message);
    return exit_status(status);
}
