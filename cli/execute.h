/*
 * execute: programs of libexec, run in our place or for us.
 *
 * Arguments  NULL-ended words; argv[0] is put in front.
 * Errors     STATUS_NOT_FOUND: the installation lacks the program.
 */
#ifndef XUNFANG_CLI_EXECUTE_H
#define XUNFANG_CLI_EXECUTE_H

#include "base/util/status.h"

enum { EXECUTE_WORDS_MAX = 128 };

/* Becomes the program; returns on failure only. */
CHECKED enum status execute_instead(const char *program, char *const *words, struct error *err);

/* Runs it and waits. *exit_status is its exit status, 128 + N if signal N ended it. */
CHECKED enum status execute_and_wait(const char *program, char *const *words, int *exit_status,
                                     struct error *err);

#endif
