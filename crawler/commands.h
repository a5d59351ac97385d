/*
 * commands: the data commands parse, url, robots and decode, as functions of streams.
 *
 * Streams  Input comes from `in`, answers go to `out`, complaints to `errors`; main gives
 *          standard ones.
 * Status   The exit status of the process: 0 done, 1 failed (a line that is no JSON object, input
 *          over its limit, trouble with a stream), 2 wrong usage. A URL that is none is an
 *          answer, not a failure.
 * Limits   COMMAND_INPUT_MAX bytes of a page, robots.txt or bytes to decode, COMMAND_LINE_MAX of
 *          a line.
 */
#ifndef XUNFANG_CRAWLER_COMMANDS_H
#define XUNFANG_CRAWLER_COMMANDS_H

#include <stdio.h>

enum { COMMAND_INPUT_MAX = 64 << 20, COMMAND_LINE_MAX = 1 << 20 };

struct command_streams {
    FILE *in;
    FILE *out;
    FILE *errors;
};

/* One JSON object: title, date, date_rule, body, links, charset. argv[0] is the command's name. */
int command_parse(int argc, char **argv, const struct command_streams *streams);

/* {"input","base"} lines → {"href","key"} or {"error"} lines. */
int command_url(int argc, char **argv, const struct command_streams *streams);

/* "allowed" or "disallowed". */
int command_robots(int argc, char **argv, const struct command_streams *streams);

/* Bytes in any charset → UTF-8. */
int command_decode(int argc, char **argv, const struct command_streams *streams);

#endif
