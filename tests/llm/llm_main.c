/* xunfang-scripted-llm: a model server that answers, or misbehaves, by a script (README.md). */
#include "base/options.h"
#include "tests/llm/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, SLOTS_MAX = 1024 };

struct arguments {
    const char *address;
    uint64_t port;
    uint64_t slots;
    uint64_t queue;
    uint64_t latency;
    const char *key;
    const char *script;
    const char *log;
    bool orphan;
};

static const struct option_row rows[] = {
    {"address", OPTION_TEXT, offsetof(struct arguments, address), "A.B.C.D", "127.0.0.1",
     "where to listen"},
    {"port", OPTION_UINT, offsetof(struct arguments, port), "PORT", "0", "0: any that is free"},
    {"slots", OPTION_UINT, offsetof(struct arguments, slots), "N", "4",
     "questions worked on at once"},
    {"queue", OPTION_UINT, offsetof(struct arguments, queue), "N", "1024",
     "questions that may wait; more get 503"},
    {"latency", OPTION_UINT, offsetof(struct arguments, latency), "MS", "0",
     "how long a question takes in its slot"},
    {"key", OPTION_TEXT, offsetof(struct arguments, key), "KEY", NULL,
     "what the client must send as its key"},
    {"script", OPTION_TEXT, offsetof(struct arguments, script), "FILE", NULL, "how to misbehave"},
    {"log", OPTION_TEXT, offsetof(struct arguments, log), "FILE", NULL,
     "append a JSON line a question"},
    {"orphan", OPTION_FLAG, offsetof(struct arguments, orphan), NULL, NULL,
     "live on when the parent dies"},
};

static const struct options options = {
    rows, sizeof rows / sizeof rows[0], "xunfang-scripted-llm [options]",
    "Answers questions to a language model by a script until SIGTERM. Prints \"ready PORT\"."};

static enum status serve(const struct server_options *given, struct error *err)
{
    struct server *server = NULL;
    enum status status;
    sigset_t signals;
    int stop;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    stop = signalfd(-1, &signals, SFD_CLOEXEC);
    if (stop < 0)
        return error_set_errno(err, errno, "signalfd");
    status = server_create(given, &server, err);
    if (status == STATUS_OK) {
        printf("ready %u\n", server_port(server));
        fflush(stdout);
        status = server_run(server, stop, err);
    }
    server_destroy(server);
    close(stop);
    return status;
}

static enum status run(const struct arguments *given, struct error *err)
{
    FILE *log = given->log == NULL ? NULL : fopen(given->log, "ae");
    struct server_options server = {.address = given->address,
                                    .port = (uint16_t) given->port,
                                    .slots = (unsigned) given->slots,
                                    .queue = (unsigned) given->queue,
                                    .latency_ms = (int64_t) given->latency,
                                    .key = given->key};
    enum status status = STATUS_OK;

    if (given->log != NULL && log == NULL)
        return error_set_errno(err, errno, "open %s", given->log);
    status = script_load(given->script, &server.script, err);
    if (status == STATUS_OK)
        status = stats_create(server.slots, log, &server.stats, err);
    else if (log != NULL)
        fclose(log);
    if (status == STATUS_OK)
        status = serve(&server, err);
    stats_destroy(server.stats);
    script_destroy(server.script);
    return status;
}

static enum status check(const struct arguments *given, struct error *err)
{
    if (given->port > UINT16_MAX || given->slots == 0 || given->slots > SLOTS_MAX ||
        given->queue > SERVER_CLIENTS_MAX || given->latency > INT32_MAX)
        return error_set(err, STATUS_USAGE, "--port, --slots, --queue or --latency out of range");
    return STATUS_OK;
}

int main(int argc, char **argv)
{
    struct command_line line = {.argc = argc, .argv = argv};
    struct arguments given = {0};
    struct error err = {0};
    enum status status;

    if (options_answered(&options, argc, argv))
        return 0;
    status = options_parse(&options, &line, &given, &err);
    if (status == STATUS_OK)
        status = check(&given, &err);
    if (status == STATUS_OK && !given.orphan)
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (status == STATUS_OK)
        status = run(&given, &err);
    if (status == STATUS_OK)
        return 0;
    fprintf(stderr, "xunfang-scripted-llm: %s\n", err.message);
    return status == STATUS_USAGE ? EXIT_USAGE : EXIT_FAILED;
}
