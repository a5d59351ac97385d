/*
 * job_control: `xunfang pause|resume|cancel JOB [--run R]`: an operator's word in `control`.
 *
 * Pause    No new request is sent, no document worked on; what is under way ends. Undone by resume.
 * Cancel   The same, for good. What is there can still be reported (--so-far), until purge.
 * Run      Without --run all runs of the job that there are by then.
 * Answer   A line for each run whose state is another now, or that none changed (status 0).
 * Errors   Exit status 2: no such job or run (names that are near), or a state from which there is
 *          no way back.
 */
#ifndef XUNFANG_CLI_JOB_CONTROL_H
#define XUNFANG_CLI_JOB_CONTROL_H

#include "cli/bus_loan.h"

/* argv[0] says which of them it is. */
int job_control_command(int argc, char **argv);

/* A job as a command names it: its runs, one or all, and the word about them. */
struct job_word {
    const char *job;
    const char *run; /* "": all */
    Xunfang__JobCommand__Action action;
};

/* Appends the word and reads on until the catalogue has taken it. STATUS_USAGE: there is no such
 * job or run, or it can change nothing. */
CHECKED enum status job_say(struct bus_loan *loan, const struct job_word *word, struct error *err);

#endif
