/*
 * llm_bench: does the client of language models keep a server busy, and what does that cost here?
 *
 * usage: llm_bench SERVER [QUESTIONS [SLOTS [LATENCY_MS]]]
 *
 * SERVER is the scripted server (tests/llm), started in a process of its own. The questions are of
 * the size of real ones and all differ. The busy share is what the server counted of its slots from
 * the first question's arrival to the last one's end; CPU is user and system time of this process.
 */
#include "base/http/http.h"
#include "base/json.h"
#include "base/llm/llm.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_MS = 100, PROMPT_BYTES = 4096, TEXT_BYTES = 2048, STATS_MAX = 64 * 1024 };

struct bench {
    const char *server;
    uint64_t questions;
    uint64_t slots;
    uint64_t latency_ms;
    pid_t pid;
    unsigned port;
    uint64_t outcomes[8];
    uint64_t calls;
    unsigned most_open;
};

static void check(enum status status, const struct error *err)
{
    if (status == STATUS_OK)
        return;
    (void) fprintf(stderr, "llm_bench: %s\n", err->message);
    exit(1);
}

static uint64_t number(int argc, char **argv, int at, uint64_t otherwise)
{
    uint64_t value = otherwise;
    struct error err;

    if (argc > at)
        check(slice_to_uint(slice_from(argv[at]), 1, UINT32_MAX, &value, &err), &err);
    return value;
}

/* ---- the server ---- */

static _Noreturn void serve(const struct bench *bench, int out)
{
    char slots[24];
    char latency[24];

    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void) snprintf(slots, sizeof slots, "%" PRIu64, bench->slots);
    (void) snprintf(latency, sizeof latency, "%" PRIu64, bench->latency_ms);
    (void) dup2(out, STDOUT_FILENO);
    (void) execl(bench->server, bench->server, "--port", "0", "--slots", slots, "--latency",
                 latency, (char *) NULL);
    _exit(127);
}

static void start_server(struct bench *bench)
{
    static const char ready[] = "ready ";
    int ends[2];
    char line[64] = "";
    FILE *from;

    if (pipe(ends) != 0 || (bench->pid = fork()) < 0)
        exit(1);
    if (bench->pid == 0)
        serve(bench, ends[1]);
    (void) close(ends[1]);
    from = fdopen(ends[0], "r");
    if (from == NULL || fgets(line, sizeof line, from) == NULL ||
        strncmp(line, ready, sizeof ready - 1) != 0) {
        (void) fprintf(stderr, "llm_bench: %s does not start\n", bench->server);
        exit(1);
    }
    bench->port = (unsigned) strtoul(line + sizeof ready - 1, NULL, 10);
    (void) fclose(from);
}

static void stop_server(const struct bench *bench)
{
    (void) kill(bench->pid, SIGTERM);
    (void) waitpid(bench->pid, NULL, 0);
}

static double stat_of(const struct json *stats, const char *name)
{
    double value = json_double(json_member(stats, name), -1);

    if (value >= 0)
        return value;
    (void) fprintf(stderr, "llm_bench: the server's /stats have no %s\n", name);
    exit(1);
}

/* What the server counted. */
static const struct json *read_stats(const struct bench *bench, struct arena *arena)
{
    struct http_options options = {.clock = clock_system()};
    struct http_request request = {.method = "GET", .owner = arena};
    const struct http_response *response = NULL;
    const struct json *stats = NULL;
    struct http *http = NULL;
    struct error err;
    char url[64];

    (void) snprintf(url, sizeof url, "http://127.0.0.1:%u/stats", bench->port);
    request.url = slice_from(url);
    check(http_create(&options, &http, &err), &err);
    check(http_submit(http, &request, &err), &err);
    while ((response = http_next(http)) == NULL)
        check(http_step(http, STEP_MS, &err), &err);
    check(json_parse(response->body, arena, &stats, &err), &err);
    http_release(http, response);
    http_destroy(http);
    return stats;
}

/* ---- the client ---- */

static void fill(char *text, size_t size)
{
    static const char words[] = "市委书记率党政代表团赴外地考察交流，双方就深化合作进行座谈。";

    for (size_t at = 0; at < size; at += sizeof words - 1)
        (void) snprintf(text + at, size - at, "%s", words);
}

static enum status ask(struct llm *llm, uint64_t at, struct error *err)
{
    static char prompt[PROMPT_BYTES];
    static char text[TEXT_BYTES];
    static const struct slice choices[] = {{"yes", 3}, {"no", 2}};
    static const struct shape_field fields[] = {{{"visit", 5}, SHAPE_CHOICE, choices, 2, 0},
                                                {{"city", 4}, SHAPE_TEXT, NULL, 0, 40}};
    static const struct shape shape = {fields, 2};
    struct llm_turn turns[] = {{LLM_SYSTEM, {prompt, PROMPT_BYTES - 64}},
                               {LLM_USER, {text, TEXT_BYTES - 64}}};
    const struct llm_question question = {.turns = turns, .turn_count = 2, .shape = &shape};

    if (prompt[0] == '\0') {
        fill(prompt, sizeof prompt);
        fill(text, sizeof text);
    }
    (void) snprintf(text, 24, "%020" PRIu64 ":", at);
    text[21] = ' ';
    return llm_ask(llm, &question, err);
}

static void take_answers(struct bench *bench, struct llm *llm, uint64_t *ended)
{
    const struct llm_answer *answer;

    while ((answer = llm_next(llm)) != NULL) {
        bench->outcomes[answer->outcome]++;
        bench->calls += answer->usage.calls;
        llm_release(llm, answer);
        (*ended)++;
    }
}

static void ask_all(struct bench *bench)
{
    struct llm_options options = {.model = "bench", .clock = clock_system()};
    struct llm *llm = NULL;
    uint64_t asked = 0;
    uint64_t ended = 0;
    struct error err;
    char endpoint[64];

    (void) snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u/v1", bench->port);
    options.endpoint = endpoint;
    check(llm_create(&options, &llm, &err), &err);
    while (ended < bench->questions) {
        enum status status = STATUS_OK;
        while (asked < bench->questions && (status = ask(llm, asked, &err)) == STATUS_OK)
            asked++;
        if (status != STATUS_AGAIN)
            check(status, &err);
        check(llm_step(llm, STEP_MS, &err), &err);
        if (llm_open(llm) > bench->most_open)
            bench->most_open = (unsigned) llm_open(llm);
        take_answers(bench, llm, &ended);
    }
    llm_destroy(llm);
}

static double own_cpu_ms(void)
{
    struct rusage usage;

    (void) getrusage(RUSAGE_SELF, &usage);
    return 1e3 * (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void tell(const struct bench *bench, const struct json *stats, int64_t wall_ms, double cpu)
{
    double span = stat_of(stats, "last_us") - stat_of(stats, "first_us");
    double busy = stat_of(stats, "busy_slot_us") / ((double) bench->slots * span);
    double count = (double) bench->questions;

    printf("%" PRIu64 " questions, %" PRIu64 " slots of %" PRIu64 " ms: %.1f s, %.1f answers/s\n",
           bench->questions, bench->slots, bench->latency_ms, (double) wall_ms / 1e3,
           1e3 * count / (double) wall_ms);
    printf("slots busy %.1f %%   client CPU %.3f ms a question   open at most %u\n", 100 * busy,
           cpu / count, bench->most_open);
    for (size_t i = 0; i <= LLM_REFUSED; i++)
        printf("%s %" PRIu64 "   ", llm_outcome_text((enum llm_outcome) i), bench->outcomes[i]);
    printf("calls %" PRIu64 "\n", bench->calls);
}

int main(int argc, char **argv)
{
    struct bench bench = {.questions = number(argc, argv, 2, 10000),
                          .slots = number(argc, argv, 3, 32),
                          .latency_ms = number(argc, argv, 4, 200)};
    struct arena *arena = arena_create(STATS_MAX);
    int64_t begun;
    double cpu;

    if (argc < 2 || arena == NULL) {
        (void) fprintf(stderr, "usage: llm_bench SERVER [QUESTIONS [SLOTS [LATENCY_MS]]]\n");
        return 2;
    }
    bench.server = argv[1];
    start_server(&bench);
    begun = clock_mono_ms(clock_system());
    cpu = own_cpu_ms();
    ask_all(&bench);
    cpu = own_cpu_ms() - cpu;
    tell(&bench, read_stats(&bench, arena), clock_mono_ms(clock_system()) - begun, cpu);
    stop_server(&bench);
    arena_destroy(arena);
    return 0;
}
