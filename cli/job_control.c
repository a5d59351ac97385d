#include "cli/job_control.h"

#include "base/daemon.h"
#include "base/log.h"
#include "base/util/clock.h"
#include "cli/command.h"
#include "cli/job_file.h"
#include "cli/job_near.h"

#include <stdio.h>
#include <string.h>

enum { CONTROL_RUNS_MAX = CATALOG_RUNS_MAX };

struct control_settings {
    struct bus_loan_settings place;
    const char *run;
};

static const struct option_row rows[] = {
    BUS_LOAN_OPTION_ROWS,
    {"run", OPTION_TEXT, offsetof(struct control_settings, run), "NAME", "",
     "this run alone; default all of the job"},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

/* One row a command; they differ in nothing but the word that goes to the log. */
static const struct {
    const char *name;
    Xunfang__JobCommand__Action action;
    struct options options;
} commands_of[] = {
    {"pause",
     XUNFANG__JOB_COMMAND__ACTION__PAUSE,
     {rows, ROWS, "xunfang pause JOB [--run NAME] [options]",
      "Lets a job rest until it is resumed: no request is sent, no document worked on."}},
    {"resume",
     XUNFANG__JOB_COMMAND__ACTION__RESUME,
     {rows, ROWS, "xunfang resume JOB [--run NAME] [options]",
      "Lets a paused job go on: on a cluster its workers do, else `xunfang run` it again."}},
    {"cancel",
     XUNFANG__JOB_COMMAND__ACTION__CANCEL,
     {rows, ROWS, "xunfang cancel JOB [--run NAME] [options]",
      "Ends a job for good. Its logs stay until it is purged."}},
};

/* ---- the word ---- */

static bool is_meant(const struct catalog_run *run, const struct job_word *word)
{
    return strcmp(run->job, word->job) == 0 &&
           (word->run[0] == '\0' || strcmp(run->run, word->run) == 0);
}

static bool is_there(const struct bus_loan *loan, const struct job_word *word)
{
    size_t count = loan->catalog == NULL ? 0 : catalog_run_count(loan->catalog);

    for (size_t i = 0; i < count; i++)
        if (is_meant(catalog_run_at(loan->catalog, i), word))
            return true;
    return false;
}

enum status job_say(struct bus_loan *loan, const struct job_word *word, struct error *err)
{
    const struct catalog_command command = {word->job, word->run, word->action,
                                            clock_wall_ms(clock_system())};
    enum status status;

    /* Looked at before anything is written: a word about a job nobody knows would change
     * nothing and stand in `control` for ever. */
    if (!is_there(loan, word))
        return job_unknown(loan->catalog, &loan->place, &(struct job_wanted){word->job, word->run},
                           err);
    status = catalog_command(loan->bus, loan->catalog, &command, err);
    return status == STATUS_OK ? catalog_refresh(loan->catalog, 0, err) : status;
}

/* ---- what came of it ---- */

/* What a word does depends on each run's state, so the difference is what is told. */
static enum status say_and_tell(struct bus_loan *loan, const struct job_word *word,
                                struct error *err)
{
    enum run_state before[CONTROL_RUNS_MAX];
    size_t count = loan->catalog == NULL ? 0 : catalog_run_count(loan->catalog);
    bool changed = false;
    enum status status;

    ENSURE(count <= CONTROL_RUNS_MAX);
    for (size_t i = 0; i < count; i++)
        before[i] = catalog_run_at(loan->catalog, i)->state;
    status = job_say(loan, word, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        const struct catalog_run *run = catalog_run_at(loan->catalog, i);

        if (!is_meant(run, word) || run->state == before[i])
            continue;
        (void) printf("job %s, run %s: %s\n", run->job, run->run, run_state_text(run->state));
        changed = true;
    }
    if (status == STATUS_OK && !changed)
        (void) printf("job %s: as it was\n", word->job);
    return status;
}

static enum status control(const struct control_settings *settings, const char *job,
                           Xunfang__JobCommand__Action action, struct error *err)
{
    struct bus_loan *loan = NULL;
    struct job_name name;
    const struct job_word word = {name.text, settings->run, action};
    enum status status = job_file_name(job, &name, err);

    if (status == STATUS_OK)
        status = bus_loan_open(&settings->place, "control", &loan, err);
    if (status != STATUS_OK)
        return status;
    status = say_and_tell(loan, &word, err);
    bus_loan_close(loan);
    return status;
}

int job_control_command(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv, .words_max = 1};
    struct control_settings settings = {0};
    struct error err;
    size_t which = 0;
    enum status status;

    while (strcmp(commands_of[which].name, argv[0]) != 0)
        ENSURE(++which < sizeof commands_of / sizeof commands_of[0]);
    if (options_answered(&commands_of[which].options, argc, argv))
        return EXIT_DONE;
    log_open(argv[0], LOG_WARN);
    status = options_parse(&commands_of[which].options, &line, &settings, &err);
    if (status == STATUS_OK && line.word_count == 0)
        status =
            error_set(&err, STATUS_USAGE, "which job? usage: %s", commands_of[which].options.usage);
    if (status == STATUS_OK)
        status = control(&settings, line.words[0], commands_of[which].action, &err);
    if (status == STATUS_OK)
        return EXIT_DONE;
    (void) fprintf(stderr, "xunfang %s: %s\n", argv[0], err.message);
    return daemon_exit_status(status);
}
