/*
 * options: command lines from tables: one row an option, checked, filled into a struct.
 *
 * Form    --name VALUE, --name=VALUE, --flag; options may stand anywhere, "--" ends them. An option
 *         given twice: the last one counts.
 * Target  A plain struct; each row names the offset of its member, whose type follows the row's:
 *         TEXT const char *, FLAG bool, UINT and BYTES uint64_t, DURATION int64_t (ms).
 * Errors  STATUS_USAGE with a message that names the option and what it wants.
 * Memory  Texts point into argv or into the table's fallback.
 */
#ifndef XUNFANG_BASE_OPTIONS_H
#define XUNFANG_BASE_OPTIONS_H

#include "base/util/buf.h"

enum option_type { OPTION_TEXT, OPTION_FLAG, OPTION_UINT, OPTION_BYTES, OPTION_DURATION };

struct option_row {
    const char *name; /* without dashes */
    enum option_type type;
    size_t offset;           /* offsetof the member in the target */
    const char *placeholder; /* "DIR"; NULL for flags */
    const char *fallback;    /* as it would be written; NULL: member keeps 0 */
    const char *help;        /* one sentence for people */
};

struct options {
    const struct option_row *rows;
    size_t count;
    const char *usage; /* "xunfang run JOB.yaml [options]" */
    const char *about; /* what the program does, a few lines; may be NULL */
};

enum { OPTIONS_WORDS_MAX = 64 };

struct command_line {
    int argc;
    char *const *argv;                    /* argv[0] is skipped */
    size_t words_max;                     /* how many words may stand beside the options, 0: none */
    const char *words[OPTIONS_WORDS_MAX]; /* filled: those words, in order */
    size_t word_count;
};

/* Fills *target, fallbacks first, and line->words. */
CHECKED enum status options_parse(const struct options *options, struct command_line *line,
                                  void *target, struct error *err);
/* Usage, the text about, a line an option: what --help prints. */
void options_help(const struct options *options, struct buf *out);

/* `--help` or `--version` among the arguments (before "--"): prints to standard output, true. */
bool options_answered(const struct options *options, int argc, char *const *argv);

#endif
