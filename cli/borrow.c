/*
 * The command line is not parsed here: the program of libexec has the table of its options, and a
 * second one would have to be kept like it. Only the two words that decide which bus is meant are
 * looked for; the program gets the address, not the user's `--bus local`, as it knows addresses
 * alone.
 */
#include "cli/borrow.h"

#include "base/daemon.h"
#include "base/log.h"
#include "cli/bus_place.h"
#include "cli/command.h"
#include "cli/execute.h"
#include "cli/local_log.h"

#include <stdio.h>
#include <string.h>

/* What the program is called with: its name, --bus and an address, then the user's words. */
struct borrowing {
    const char *bus; /* of the user; NULL: none */
    const char *data;
    bool help;
    struct bus_place place;
    char *words[EXECUTE_WORDS_MAX + 1];
    size_t count;
};

/* The command's name, `--bus` and its address; borrow() fills in the last two once they are
 * known. */
enum { FIRST_WORDS = 3 };

/* Takes the option's value from its word or the next one (NULL: none follows). How many words it
 * has; 0: it is another one, or lacks its value, which is for the program to say. */
static int take_option(const char *name, const char *word, const char *next, const char **value)
{
    size_t size = strlen(name);

    if (strncmp(word, name, size) != 0)
        return 0;
    if (word[size] == '=') {
        *value = word + size + 1;
        return 1;
    }
    if (word[size] != '\0' || next == NULL)
        return 0;
    *value = next;
    return 2;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "--version") == 0;
}

/* --bus is taken out; everything else stays, in its order. */
static enum status sort_words(int argc, char **argv, struct borrowing *borrowing, struct error *err)
{
    bool ended = false;
    int count;

    borrowing->words[0] = argv[0];
    borrowing->count = FIRST_WORDS;
    borrowing->help = argc == 1;
    /* Behind "--" every word is the program's, whatever it looks like. --data is noted and passed
     * on: the program has that option too. */
    for (int i = 1; i < argc; i += count) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;

        ended = ended || strcmp(argv[i], "--") == 0;
        borrowing->help = borrowing->help || (!ended && is_help(argv[i]));
        count = ended ? 0 : take_option("--bus", argv[i], next, &borrowing->bus);
        if (count > 0)
            continue;
        count = ended ? 0 : take_option("--data", argv[i], next, &borrowing->data);
        if (count == 0)
            count = 1;
        if (borrowing->count + (size_t) count > EXECUTE_WORDS_MAX)
            return error_set(err, STATUS_USAGE, "more than %d arguments", EXECUTE_WORDS_MAX);
        for (int word = 0; word < count; word++)
            borrowing->words[borrowing->count++] = argv[i + word];
    }
    borrowing->words[borrowing->count] = NULL;
    return STATUS_OK;
}

/* --help needs no logs, and must work where there are none. */
static enum status borrow(const char *program, struct borrowing *borrowing, int *exit_status,
                          struct error *err)
{
    struct bus_place *place = &borrowing->place;
    struct local_log *log = NULL;
    enum status status = bus_place_choose(borrowing->bus, borrowing->data, place, err);

    if (status != STATUS_OK)
        return status;
    borrowing->words[1] = (char *) (uintptr_t) "--bus"; /* execv's words are not const */
    borrowing->words[2] = place->url;
    if (place->local && !borrowing->help)
        status = local_log_borrow(place->folder, &log, err);
    if (status == STATUS_OK)
        status = execute_and_wait(program, borrowing->words, exit_status, err);
    local_log_return(log);
    return status;
}

int borrow_command(const char *program, int argc, char **argv)
{
    struct borrowing borrowing = {.data = "./xunfang-data"};
    int exit_status = EXIT_FAILED;
    struct error err;
    enum status status;

    log_open("xunfang", LOG_WARN);
    status = sort_words(argc, argv, &borrowing, &err);
    if (status == STATUS_OK)
        status = borrow(program, &borrowing, &exit_status, &err);
    if (status == STATUS_OK)
        return exit_status;
    (void) fprintf(stderr, "xunfang %s: %s\n", argv[0], err.message);
    return daemon_exit_status(status);
}
