/*
 * answers_sim: askers over one log of answers, one model server, and a seed that is against them.
 *
 * World    A log in memory, a server that counts, three slots. Each worker has the same questions
 *          in an order of its own, some twice, some again in a newer generation once they failed.
 * Trouble  By the seed: faults of the bus, kills, copies lost, workers that sleep longer than
 *          their claims live, successors started while the old one still runs, power cuts that
 *          take the log's tail; answers that are late or never in shape; caps.
 * Must be  All questions end. One question has one outcome, whoever asks and however often. The
 *          server was asked a question at most once, and once more for each failure and each worker
 *          that was gone while it asked. What the server was asked in all is within the caps. Every
 *          copy says the same as one made anew.
 */
#ifndef XUNFANG_TESTS_ANSWERS_SIM_H
#define XUNFANG_TESTS_ANSWERS_SIM_H

#include "base/bus/bus_memory.h"
#include "base/llm/asker.h"
#include "base/store/store_memory.h"
#include "tests/support/fake_llm.h"

enum {
    SIM_SLOTS = 3,
    SIM_CONTENTS = 20,
    SIM_GENERATIONS = 2,
    SIM_QUESTIONS = SIM_CONTENTS * SIM_GENERATIONS,
    SIM_TURN_MAX = 3, /* times each is asked by each worker */
    SIM_CLAIM_MS = 4000,
    SIM_STEPS_MAX = 60000
};

/* What came of a question: index content + SIM_CONTENTS * generation. */
struct outcome {
    bool ended; /* once, maybe before a power cut */
    bool known;
    enum asked_outcome outcome;
    char text[64];
};

struct process {
    struct bus *bus;
    struct answers *answers;
    struct llm *llm;
    struct asker *asker;
    struct store *store;       /* its own: another was begun in its place; NULL: the place's */
    bool asked[SIM_QUESTIONS]; /* in this life */
    int64_t asleep_until_ms;
};

/* Survives its processes. */
struct place {
    char slot[16];
    struct store *store;
    unsigned times[SIM_QUESTIONS]; /* still to be asked */
    struct process *process;       /* NULL: none runs */
    struct process *older;         /* a successor was started beside it */
};

struct answers_sim {
    struct clock_manual clock;
    struct random random;
    struct bus_world *world;
    struct fake_server server;
    struct place places[SIM_SLOTS];
    struct answers_cost caps;
    struct outcome outcomes[SIM_QUESTIONS];
    unsigned excused[SIM_CONTENTS]; /* how often it may have been asked once more */
    uint64_t lives;
    unsigned kills;
    unsigned steps;
    bool cuts; /* power may be cut: what is lost with the log's tail cannot be held to caps */
    bool calm; /* trouble is over */
    bool tell;
    char broken[256]; /* the first promise that was broken; empty: none */
};

/* Runs one seed; what was broken stands in sim->broken. */
void answers_sim_run(struct answers_sim *sim, uint64_t seed, bool tell);

/* ---- answers_sim_process.c ---- */

/* Of question `index`, e.g. "q07". */
const char *sim_content(size_t index);
void process_start(struct answers_sim *sim, struct place *place);
/* Gone without a word. */
void process_kill(struct answers_sim *sim, struct process **process);
/* Asks, steps, takes what ended; a failure of the bus ends it. */
void process_step(struct answers_sim *sim, struct place *place, struct process **process);
bool place_done(const struct place *place);

/* ---- answers_sim_check.c ---- */

void sim_broken(struct answers_sim *sim, const char *format, ...) PRINTF_LIKE(2, 3);
void sim_say(const struct answers_sim *sim, const char *format, ...) PRINTF_LIKE(2, 3);
void check_outcome(struct answers_sim *sim, size_t question, const struct asked *asked);
/* At any time. */
void check_caps(struct answers_sim *sim);
/* When all is done. */
void check_end(struct answers_sim *sim);

#endif
