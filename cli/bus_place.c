#include "cli/bus_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the words begin with; base/bus/bus.h knows the same two, but reads addresses only: a bare
 * `local`, which leaves the folder to --data, is a word of commands. */
static const char local_prefix[] = "local:";
static const char kafka_prefix[] = "kafka://";

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* An empty variable is how a shell takes one back. */
static const char *find_word(const char *word)
{
    const char *variable = getenv(BUS_PLACE_VARIABLE);

    if (word != NULL)
        return word;
    return variable == NULL || variable[0] == '\0' ? "local" : variable;
}

enum status bus_place_choose(const char *given, const char *data, struct bus_place *place,
                             struct error *err)
{
    const char *word = find_word(given);
    const char *source = given == NULL ? "$" BUS_PLACE_VARIABLE : "--bus";
    struct bus_place chosen = {.local = true, .folder = data};
    int size;

    if (begins(word, kafka_prefix))
        chosen.local = false;
    else if (begins(word, local_prefix) && word[sizeof local_prefix - 1] != '\0')
        chosen.folder = word + sizeof local_prefix - 1;
    else if (strcmp(word, "local") != 0)
        return error_set(err, STATUS_USAGE,
                         "%s '%s': must be `local` or a cluster's address, such as "
                         "kafka://broker1:9092,broker2:9092",
                         source, word);
    if (chosen.local)
        size = snprintf(chosen.url, sizeof chosen.url, "local:%s", chosen.folder);
    else
        size = snprintf(chosen.url, sizeof chosen.url, "%s", word);
    if (size >= (int) sizeof chosen.url)
        return error_set(err, STATUS_USAGE, "%s: more than %d bytes",
                         chosen.local && chosen.folder == data ? "--data" : source,
                         BUS_PLACE_URL_MAX);
    *place = chosen;
    return STATUS_OK;
}

const char *bus_place_text(const struct bus_place *place, char *text, size_t size)
{
    if (place->local)
        (void) snprintf(text, size, "--data %s", place->folder);
    else
        /* Behind the '?' stand the settings, maybe with a password. */
        (void) snprintf(text, size, "--bus %.*s", (int) strcspn(place->url, "?"), place->url);
    return text;
}
