/*
 * bus_bench: what the local bus does on this machine.
 *
 * usage: bus_bench [RECORDS [BYTES [FOLDER]]]
 *
 * One publisher and one reader against a log server in a process of its own: append everything,
 * fetch everything, both at once, then the round trip of single acknowledged records and of
 * commits. The content is text-like (it compresses to about a third). CPU is user and system time
 * of both processes.
 */
#include "base/bus/bus.h"
#include "base/bus/log_server.h"
#include "base/util/random.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PARTITIONS = 4, STEP_MS = 100, WAIT_MS = 60 * 1000, ROUND_TRIPS = 2000, WORDS = 4096 };

struct bench {
    struct bus *bus;
    struct bus_reader *reader;
    char *words; /* twice as long as a record, cut anywhere */
    size_t size;
    uint64_t records;
    pid_t server;
};

static void check(enum status status, const struct error *err)
{
    if (status == STATUS_OK)
        return;
    (void) fprintf(stderr, "bus_bench: %s\n", err->message);
    exit(1);
}

static _Noreturn void serve(const char *folder, int ready)
{
    struct log_server_options options = {.data = folder};
    struct log_server *server;
    struct error err;

    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    check(log_server_create(&options, &server, &err), &err);
    (void) !write(ready, "+", 1);
    for (;;)
        check(log_server_step(server, STEP_MS, &err), &err);
}

static pid_t start_server(const char *folder)
{
    int ends[2];
    char answer;
    pid_t pid;

    if (pipe(ends) != 0 || (pid = fork()) < 0)
        exit(1);
    if (pid == 0)
        serve(folder, ends[1]);
    (void) close(ends[1]);
    if (read(ends[0], &answer, 1) != 1)
        exit(1);
    (void) close(ends[0]);
    return pid;
}

/* ---- figures ---- */

/* CPU time of another process in µs. */
static double server_cpu(pid_t pid)
{
    unsigned long user = 0;
    unsigned long kernel = 0;
    char path[64];
    char line[1024];
    char *at;
    FILE *file;

    (void) snprintf(path, sizeof path, "/proc/%d/stat", (int) pid);
    file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        exit(1);
    (void) fclose(file);
    at = strrchr(line, ')');
    for (int field = 2; at != NULL && field < 14; field++)
        at = strchr(at + 1, ' ');
    if (at != NULL) {
        user = strtoul(at, &at, 10);
        kernel = strtoul(at, &at, 10);
    }
    return 1e6 * (double) (user + kernel) / (double) sysconf(_SC_CLK_TCK);
}

static double own_cpu(void)
{
    struct rusage usage;

    (void) getrusage(RUSAGE_SELF, &usage);
    return 1e6 * (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct mark {
    int64_t wall_ms;
    double own;
    double server;
};

static struct mark mark_now(const struct bench *bench)
{
    return (struct mark){clock_mono_ms(clock_system()), own_cpu(), server_cpu(bench->server)};
}

static void tell(const struct bench *bench, const char *what, struct mark begun, uint64_t items)
{
    struct mark now = mark_now(bench);
    double seconds = (double) (now.wall_ms - begun.wall_ms) / 1000;
    double count = (double) items;

    printf("%-16s %9.0f records/s %7.1f MB/s   CPU us a record: client %5.2f server %5.2f\n", what,
           count / seconds, count * (double) bench->size / seconds / 1e6,
           (now.own - begun.own) / count, (now.server - begun.server) / count);
}

/* Proportional set size of a process in KiB. */
static unsigned long memory_of(pid_t pid)
{
    unsigned long size = 0;
    char path[64];
    char line[256];
    FILE *file;

    (void) snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int) pid);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Pss:", 4) == 0)
            size = strtoul(line + 4, NULL, 10);
    if (file != NULL)
        (void) fclose(file);
    return size;
}

static void tell_memory(const struct bench *bench)
{
    printf("PSS: client %lu KiB, server %lu KiB\n", memory_of(getpid()), memory_of(bench->server));
}

/* ---- work ---- */

static void fill_words(struct bench *bench)
{
    char vocabulary[WORDS][8];
    struct random random;
    size_t at = 0;

    random_init(&random, 7);
    for (size_t i = 0; i < WORDS; i++)
        for (size_t j = 0; j < sizeof vocabulary[i]; j++)
            vocabulary[i][j] = (char) ('a' + random_below(&random, 26));
    while (at < 64 * bench->size) {
        size_t size = 2 + random_below(&random, 6);
        memcpy(bench->words + at, vocabulary[random_below(&random, WORDS)], size);
        at += size;
    }
}

static void append(struct bench *bench, uint64_t number)
{
    char key[32];
    int size = snprintf(key, sizeof key, "%016llx", (unsigned long long) number);
    struct bus_message message = {
        .topic = "bench",
        .partition = (uint32_t) (number % PARTITIONS),
        .key = {key, (size_t) size},
        .value = {bench->words + number * 131 % (63 * bench->size), bench->size}};
    struct error err;
    enum status status;

    while ((status = bus_publish(bench->bus, &message, NULL, &err)) == STATUS_AGAIN)
        check(bus_step(bench->bus, STEP_MS, &err), &err);
    check(status, &err);
}

static uint64_t fetch(struct bench *bench, int64_t timeout_ms)
{
    struct bus_event event;
    struct error err;

    check(bus_reader_poll(bench->reader, timeout_ms, &event, &err), &err);
    return event.kind == BUS_EVENT_RECORDS ? event.record_count : 0;
}

static void bench_apart(struct bench *bench)
{
    struct mark begun = mark_now(bench);
    struct error err;

    for (uint64_t i = 0; i < bench->records; i++)
        append(bench, i);
    check(bus_flush(bench->bus, WAIT_MS, &err), &err);
    tell(bench, "append", begun, bench->records);
    begun = mark_now(bench);
    for (uint64_t got = 0; got < bench->records;)
        got += fetch(bench, STEP_MS);
    tell(bench, "fetch", begun, bench->records);
}

static void bench_together(struct bench *bench)
{
    struct mark begun = mark_now(bench);
    uint64_t got = 0;
    struct error err;

    for (uint64_t i = 0; i < bench->records; i++) {
        append(bench, i);
        if (i % 64 == 0)
            got += fetch(bench, 0);
    }
    check(bus_flush(bench->bus, WAIT_MS, &err), &err);
    while (got < bench->records)
        got += fetch(bench, STEP_MS);
    tell(bench, "both", begun, bench->records);
}

static void bench_round_trips(struct bench *bench)
{
    struct mark begun = mark_now(bench);
    struct error err;

    for (uint64_t i = 0; i < ROUND_TRIPS; i++) {
        append(bench, i);
        check(bus_flush(bench->bus, WAIT_MS, &err), &err);
    }
    tell(bench, "append one", begun, ROUND_TRIPS);
    begun = mark_now(bench);
    for (uint64_t i = 0; i < ROUND_TRIPS; i++)
        check(bus_reader_commit(bench->reader, 0, i, SLICE("clean"), &err), &err);
    tell(bench, "commit", begun, ROUND_TRIPS);
}

static void open_bench(struct bench *bench, const char *folder)
{
    static struct bus_partition partitions[PARTITIONS];
    struct bus_reader_options options = {
        .stage = "bench", .partitions = partitions, .partition_count = PARTITIONS};
    struct bus_options bus_options = {.client = "bench"};
    char url[512];
    struct error err;

    for (uint32_t i = 0; i < PARTITIONS; i++)
        partitions[i] = (struct bus_partition){"bench", i};
    bench->words = calloc(65, bench->size + 8);
    if (bench->words == NULL)
        exit(1);
    fill_words(bench);
    bench->server = start_server(folder);
    (void) snprintf(url, sizeof url, "local:%s", folder);
    check(bus_open(url, &bus_options, &bench->bus, &err), &err);
    check(bus_topic_create(bench->bus, "bench", PARTITIONS, &err), &err);
    check(bus_reader_open(bench->bus, &options, &bench->reader, &err), &err);
    for (int i = 0; i < PARTITIONS; i++)
        (void) fetch(bench, STEP_MS); /* ASSIGNED */
}

int main(int argc, char **argv)
{
    char folder[256] = "/tmp/xunfang-bench-XXXXXX";
    struct bench bench = {.records = 200 * 1000, .size = 2700};

    if (argc > 1)
        bench.records = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        bench.size = strtoull(argv[2], NULL, 10);
    if (argc > 3)
        (void) snprintf(folder, sizeof folder, "%s", argv[3]);
    else if (mkdtemp(folder) == NULL)
        return 1;
    open_bench(&bench, folder);
    printf("%llu records of %zu bytes, %d partitions, folder %s\n",
           (unsigned long long) bench.records, bench.size, PARTITIONS, folder);
    bench_apart(&bench);
    bench_together(&bench);
    bench_round_trips(&bench);
    tell_memory(&bench);
    bus_reader_close(bench.reader);
    bus_close(bench.bus);
    (void) kill(bench.server, SIGKILL);
    (void) waitpid(bench.server, NULL, 0);
    free(bench.words);
    return 0;
}
