/*
 * commands: extract as a program, and the opening of an extractor that the worker shares.
 *
 * extract   Document lines in, the same lines out with `events`: none if is_visit is present and
 *           false; without is_visit the codebook's model decides. Purpose is the line's own if it
 *           has one.
 * Status    0, 1 failed (bad lines included), 2 wrong usage or bad file.
 */
#ifndef XUNFANG_EXTRACTOR_COMMANDS_H
#define XUNFANG_EXTRACTOR_COMMANDS_H

#include "extractor/extract.h"
#include "study/tools.h"

/* argv[0] is the command's own name. */
int command_extract(int argc, char **argv);

/* Loads the codebook's tables; the tools must outlive the extractor. */
CHECKED enum status extractor_open(const struct tools *tools, struct extractor *extractor,
                                   struct error *err);
void extractor_close(struct extractor *extractor);

#endif
