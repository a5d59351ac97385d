/*
 * command: what the commands of xunfang-results share: their table, their command line, their end.
 *
 * Command  A function that gets its own name as argv[0] and returns the exit status: 0 done, 1
 *          failed, 2 wrong usage or bad file, 3 done with gaps that were named.
 * Words    Options may stand anywhere; the words between are counted here, and a wrong number of
 *          them is answered with the usage line.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_H
#define XUNFANG_AGGREGATOR_COMMAND_H

#include "base/options.h"

enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2, COMMAND_GAPS = 3 };

/* Parses into `settings`; between `least` and line->words_max words. false: *exit_status says
 * how to end (help was answered, or the error is printed). */
bool command_parse(const struct options *options, struct command_line *line, size_t least,
                   void *settings, int *exit_status);
/* Prints "xunfang NAME: message" to standard error; the exit status that fits. */
int command_fail(const char *name, enum status status, const struct error *err);
/* Writes all of it to standard output. STATUS_IO. */
CHECKED enum status command_write(struct slice bytes, struct error *err);

#endif
