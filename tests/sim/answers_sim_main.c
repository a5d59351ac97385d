/* sim-answers SEED | sim-answers --seeds A B: README.md. */
#include "answers_sim.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool number(const char *text, uint64_t *value)
{
    return slice_to_uint(slice_from(text), 0, UINT64_MAX - 1, value, NULL) == STATUS_OK;
}

static int run_many(uint64_t from, uint64_t to)
{
    static struct answers_sim sim;
    uint64_t failed = 0, kills = 0, asked = 0;

    for (uint64_t seed = from; seed <= to; seed++) {
        answers_sim_run(&sim, seed, false);
        kills += sim.kills;
        asked += sim.server.questions;
        if (sim.broken[0] == '\0')
            continue;
        printf("seed %" PRIu64 ": %s\n", seed, sim.broken);
        failed++;
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " failed; %" PRIu64 " questions asked, %" PRIu64
           " processes ended\n",
           to - from + 1, failed, asked, kills);
    return failed > 0;
}

int main(int argc, char **argv)
{
    static struct answers_sim sim;
    uint64_t from, to;

    log_open("sim", LOG_ERROR);
    if (argc == 4 && strcmp(argv[1], "--seeds") == 0 && number(argv[2], &from) &&
        number(argv[3], &to) && from <= to)
        return run_many(from, to);
    if (argc != 2 || !number(argv[1], &from)) {
        (void) fprintf(stderr, "usage: sim-answers SEED | sim-answers --seeds A B\n");
        return 2;
    }
    answers_sim_run(&sim, from, true);
    printf("%s\n", sim.broken[0] == '\0' ? "all promises kept" : sim.broken);
    return sim.broken[0] != '\0';
}
