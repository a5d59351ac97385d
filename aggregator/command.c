#include "aggregator/command.h"

#include <errno.h>
#include <stdio.h>

bool command_parse(const struct options *options, struct command_line *line, size_t least,
                   void *settings, int *exit_status)
{
    struct error err;
    enum status status;

    *exit_status = COMMAND_DONE;
    if (options_answered(options, line->argc, line->argv))
        return false;
    status = options_parse(options, line, settings, &err);
    if (status == STATUS_OK && line->word_count < least)
        status = error_set(&err, STATUS_USAGE, "something is missing; usage: %s", options->usage);
    if (status == STATUS_OK)
        return true;
    *exit_status = command_fail(line->argv[0], status, &err);
    return false;
}

/* Wrong words and bad files are the caller's to mend (2); everything else is ours or the
 * machine's (1). */
int command_fail(const char *name, enum status status, const struct error *err)
{
    (void) fprintf(stderr, "xunfang %s: %s\n", name, err->message);
    return status == STATUS_USAGE || status == STATUS_INVALID ? COMMAND_USAGE : COMMAND_FAILED;
}

enum status command_write(struct slice bytes, struct error *err)
{
    if (fwrite(bytes.data, 1, bytes.size, stdout) != bytes.size || fflush(stdout) != 0)
        return error_set_errno(err, errno, "cannot write the output");
    return STATUS_OK;
}
