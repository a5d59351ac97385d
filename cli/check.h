/*
 * check: `xunfang check JOB.yaml`: is the job good, and what will it cost?
 *
 * Reads   The job with everything it names, and builds every first request, so nothing of it can
 *         fail later for the files' sake. Sends nothing.
 * Prints  Lists, requests and hours for every real host (study/plan.h), as a table or with --json
 *         as one object. Warnings are part of it and change no exit status.
 * Status  0 the job is good; 2 wrong usage or a bad file, the message on standard error names file,
 *         line and field; 1 anything else.
 */
#ifndef XUNFANG_CLI_CHECK_H
#define XUNFANG_CLI_CHECK_H

int check_command(int argc, char **argv);

#endif
