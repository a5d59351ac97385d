#include "base/options.h"

#include <stdio.h>
#include <string.h>

enum { OPTIONS_HELP_MAX = 64 * 1024 };

static enum status set_value(const struct option_row *row, const char *text, void *target,
                             struct error *err)
{
    char *member = (char *) target + row->offset;
    struct slice value = slice_from(text);
    enum status status = STATUS_OK;

    switch (row->type) {
    case OPTION_TEXT:
        memcpy(member, &text, sizeof text);
        break;
    case OPTION_FLAG:
        *(bool *) (void *) member = true;
        break;
    case OPTION_UINT:
        status = slice_to_uint(value, 0, INT64_MAX, (uint64_t *) (void *) member, err);
        break;
    case OPTION_BYTES:
        status = slice_to_bytes(value, (uint64_t *) (void *) member, err);
        break;
    case OPTION_DURATION:
        status = slice_to_duration(value, (int64_t *) (void *) member, err);
        break;
    }
    if (status != STATUS_OK) {
        status_ignore(error_prefix(err, status, "--%s", row->name));
        if (err != NULL)
            err->code = STATUS_USAGE;
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

static const struct option_row *find_row(const struct options *options, struct slice name)
{
    for (size_t i = 0; i < options->count; i++)
        if (slice_equal(name, slice_from(options->rows[i].name)))
            return &options->rows[i];
    return NULL;
}

/* One option at argv[*at]; moves *at over a value in a word of its own. */
static enum status parse_option(const struct options *options, char *const *argv, int *at,
                                void *target, struct error *err)
{
    struct slice rest = slice_from(argv[*at] + 2);
    struct slice name = slice_split(&rest, '=');
    const struct option_row *row = find_row(options, name);
    const char *value = rest.data;

    if (row == NULL)
        return error_set(err, STATUS_USAGE, "unknown option --%.*s; see --help", SLICE_ARG(name));
    if (row->type == OPTION_FLAG && value != NULL)
        return error_set(err, STATUS_USAGE, "--%s takes no value", row->name);
    if (row->type != OPTION_FLAG && value == NULL) {
        value = argv[*at + 1];
        if (value == NULL)
            return error_set(err, STATUS_USAGE, "--%s wants a value: %s", row->name,
                             row->placeholder);
        ++*at;
    }
    return set_value(row, value, target, err);
}

static enum status set_fallbacks(const struct options *options, void *target, struct error *err)
{
    for (size_t i = 0; i < options->count; i++) {
        const struct option_row *row = &options->rows[i];
        enum status status;

        if (row->fallback == NULL)
            continue;
        status = set_value(row, row->fallback, target, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status add_word(struct command_line *line, const char *word, struct error *err)
{
    if (line->word_count == line->words_max || line->word_count == OPTIONS_WORDS_MAX)
        return error_set(err, STATUS_USAGE, "unexpected argument '%s'; see --help", word);
    line->words[line->word_count++] = word;
    return STATUS_OK;
}

enum status options_parse(const struct options *options, struct command_line *line, void *target,
                          struct error *err)
{
    bool ended = false;
    /* First, and by the same reader: what the line says is written over them. */
    enum status status = set_fallbacks(options, target, err);

    line->word_count = 0;
    for (int i = 1; i < line->argc && status == STATUS_OK; i++) {
        const char *word = line->argv[i];

        if (!ended && strcmp(word, "--") == 0)
            ended = true;
        else if (!ended && strncmp(word, "--", 2) == 0)
            status = parse_option(options, line->argv, &i, target, err);
        else if (!ended && word[0] == '-' && word[1] != '\0')
            status = error_set(err, STATUS_USAGE, "unknown option %s; see --help", word);
        else
            status = add_word(line, word, err);
    }
    return status;
}

void options_help(const struct options *options, struct buf *out)
{
    buf_printf(out, "usage: %s\n", options->usage);
    if (options->about != NULL)
        buf_printf(out, "\n%s\n", options->about);
    buf_puts(out, "\noptions:\n");
    for (size_t i = 0; i < options->count; i++) {
        const struct option_row *row = &options->rows[i];
        char left[64];

        (void) snprintf(left, sizeof left, "--%s%s%s", row->name,
                        row->placeholder == NULL ? "" : " ",
                        row->placeholder == NULL ? "" : row->placeholder);
        buf_printf(out, "  %-24s %s", left, row->help);
        if (row->fallback != NULL)
            buf_printf(out, " (default %s)", row->fallback);
        buf_putc(out, '\n');
    }
    buf_puts(out, "  --help                   this text\n"
                  "  --version                the version\n");
}

bool options_answered(const struct options *options, int argc, char *const *argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        struct buf out;

        if (strcmp(argv[i], "--version") == 0) {
            (void) puts("xunfang " XUNFANG_VERSION);
            return true;
        }
        if (strcmp(argv[i], "--help") != 0)
            continue;
        buf_init(&out, OPTIONS_HELP_MAX);
        options_help(options, &out);
        (void) fputs(buf_text(&out), stdout);
        buf_fini(&out);
        return true;
    }
    return false;
}
