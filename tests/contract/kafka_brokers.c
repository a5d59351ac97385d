#include "tests/contract/kafka_brokers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 200, WORDS_MAX = 32 };

struct kafka_brokers {
    pid_t script;
    FILE *commands;
    FILE *answers;
    char servers[LINE_MAX_SIZE];
};

static _Noreturn void fail(const char *what)
{
    (void) fprintf(stderr, "brokers.py: %s\n", what);
    exit(1);
}

static _Noreturn void run_script(int count, const char *const *more)
{
    const char *words[WORDS_MAX] = {"python3", KAFKA_SCRIPT, "--jars", KAFKA_JARS, "--brokers"};
    size_t at = 5;
    char number[8];

    (void) snprintf(number, sizeof number, "%d", count);
    words[at++] = number;
    while (more != NULL && *more != NULL && at + 1 < WORDS_MAX)
        words[at++] = *more++;
    (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void) execvp(words[0], (char *const *) words);
    _exit(127);
}

static void spawn(struct kafka_brokers *brokers, int count, const char *const *words)
{
    int in[2];
    int out[2];

    if (pipe(in) != 0 || pipe(out) != 0 || (brokers->script = fork()) < 0)
        fail("cannot be started");
    if (brokers->script == 0) {
        (void) dup2(in[0], STDIN_FILENO);
        (void) dup2(out[1], STDOUT_FILENO);
        (void) close(in[0]);
        (void) close(in[1]);
        (void) close(out[0]);
        (void) close(out[1]);
        run_script(count, words);
    }
    (void) close(in[0]);
    (void) close(out[1]);
    brokers->commands = fdopen(in[1], "w");
    brokers->answers = fdopen(out[0], "r");
}

static int collect(struct kafka_brokers *brokers)
{
    int ended = 0;

    (void) fclose(brokers->commands);
    (void) fclose(brokers->answers);
    if (waitpid(brokers->script, &ended, 0) != brokers->script)
        fail("is lost");
    free(brokers);
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : 128;
}

struct kafka_brokers *kafka_brokers_start(int count, const char *const *words)
{
    struct kafka_brokers *brokers = calloc(1, sizeof *brokers);
    char line[LINE_MAX_SIZE];

    if (brokers == NULL)
        fail("no memory");
    spawn(brokers, count, words);
    if (fgets(line, sizeof line, brokers->answers) == NULL) {
        if (collect(brokers) != KAFKA_BROKERS_SKIP)
            fail("does not start");
        return NULL;
    }
    line[strcspn(line, "\n")] = '\0';
    (void) snprintf(brokers->servers, sizeof brokers->servers, "%s", line + strlen("ready "));
    return brokers;
}

const char *kafka_brokers_servers(const struct kafka_brokers *brokers)
{
    return brokers->servers;
}

void kafka_brokers_tell(struct kafka_brokers *brokers, const char *command)
{
    char line[LINE_MAX_SIZE];

    (void) fprintf(brokers->commands, "%s\n", command);
    (void) fflush(brokers->commands);
    if (fgets(line, sizeof line, brokers->answers) == NULL || strcmp(line, "done\n") != 0)
        fail(command);
}

void kafka_brokers_stop(struct kafka_brokers *brokers)
{
    if (collect(brokers) != 0)
        fail("ends badly");
}
