/* Command line of the simulation: README.md. */
#include "sim.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int usage(void)
{
    (void) fprintf(stderr, "usage: sim [--groups] SEED | --seeds A B | --twice A B\n");
    return 2;
}

static bool with_groups;

static bool same_end(const struct sim_end *a, const struct sim_end *b)
{
    return id_equal(a->source_state, b->source_state) &&
           id_equal(a->counter_state, b->counter_state);
}

/* Runs one seed and compares its end with the undisturbed one's; says so if it differs. */
static bool run_seed(uint64_t seed, bool tell, const struct sim_end *calm, struct sim_end *end)
{
    struct sim_options options = {.seed = seed, .groups = with_groups, .tell = tell};
    struct error err = {0};

    if (sim_run(&options, end, &err) != STATUS_OK) {
        printf("seed %" PRIu64 ": %s\n", seed, err.message);
        return false;
    }
    if (same_end(end, calm))
        return true;
    printf("seed %" PRIu64 ": another end than the undisturbed run\n", seed);
    return false;
}

static bool run_twice(uint64_t seed, const struct sim_end *calm)
{
    struct sim_end first, second;

    if (!run_seed(seed, false, calm, &first) || !run_seed(seed, false, calm, &second))
        return false;
    if (id_equal(first.trace, second.trace))
        return true;
    printf("seed %" PRIu64 ": the second run went another way\n", seed);
    return false;
}

static int run_many(uint64_t from, uint64_t to, bool twice, const struct sim_end *calm)
{
    uint64_t failed = 0, deaths = 0, moves = 0, steps = 0;
    struct sim_end end = {0};

    for (uint64_t seed = from; seed <= to; seed++) {
        if (!(twice ? run_twice(seed, calm) : run_seed(seed, false, calm, &end)))
            failed++;
        deaths += end.deaths;
        moves += end.moves;
        steps += end.steps;
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " failed", to - from + 1, failed);
    if (!twice)
        printf(", %" PRIu64 " deaths and %" PRIu64 " moves in %" PRIu64 " steps", deaths, moves,
               steps);
    printf("\n");
    return failed > 0;
}

static bool number(const char *text, uint64_t *value)
{
    return slice_to_uint(slice_from(text), 0, UINT64_MAX - 1, value, NULL) == STATUS_OK;
}

int main(int argc, char **argv)
{
    char trace[ID_TEXT_SIZE];
    struct sim_end calm, end;
    struct error err = {0};
    uint64_t from, to;
    const struct sim_options undisturbed = {.undisturbed = true};

    log_open("sim", LOG_ERROR);
    if (argc > 1 && strcmp(argv[1], "--groups") == 0) {
        with_groups = true;
        argv++;
        argc--;
    }
    if (sim_run(&undisturbed, &calm, &err) != STATUS_OK) {
        (void) fprintf(stderr, "the undisturbed run: %s\n", err.message);
        return 1;
    }
    if (argc == 4 && number(argv[2], &from) && number(argv[3], &to) && from <= to) {
        if (strcmp(argv[1], "--seeds") == 0)
            return run_many(from, to, false, &calm);
        if (strcmp(argv[1], "--twice") == 0)
            return run_many(from, to, true, &calm);
    }
    if (argc != 2 || !number(argv[1], &from))
        return usage();
    if (!run_seed(from, true, &calm, &end))
        return 1;
    printf("seed %" PRIu64 ": %u deaths, %u steps, trace %s\n", from, end.deaths, end.steps,
           id_text(end.trace, trace));
    return 0;
}
