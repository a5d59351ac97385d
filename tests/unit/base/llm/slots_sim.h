/*
 * slots_sim: servers of several kinds and clients that follow base/llm/slots.h, in steps of one
 * millisecond of simulated time.
 */
#ifndef XUNFANG_TESTS_SLOTS_SIM_H
#define XUNFANG_TESTS_SLOTS_SIM_H

#include "base/llm/slots.h"
#include "base/util/random.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { SIM_OPEN_MAX = 2048, SIM_CLIENTS_MAX = 8 };

struct sim_server {
    unsigned slots;       /* questions it works on at once; the others wait in line */
    unsigned service_ms;  /* of one alone */
    unsigned scatter;     /* per cent: service lies evenly in ± that */
    unsigned crowding;    /* thousandths that every other busy slot slows one down */
    unsigned refuse_over; /* 429 if so many are there; 0: never */
    bool hangs;           /* answers nothing */
};

struct sim_question {
    unsigned client;
    int64_t sent_ms;
    int64_t work; /* microseconds left */
    bool running;
};

struct sim {
    struct sim_server server;
    struct slots clients[SIM_CLIENTS_MAX];
    unsigned client_count;
    unsigned demand; /* a client never has more in flight; 0: always enough to ask */
    int64_t timeout_ms;
    struct sim_question open[SIM_OPEN_MAX]; /* in the order they came */
    size_t open_count;
    struct random random;
    int64_t now_ms;
    uint64_t answered, refused, timed_out;
    uint64_t answered_by[SIM_CLIENTS_MAX];
    uint64_t busy_ms; /* slots × time */
    size_t most_open;
    unsigned most_limit;
};

static struct sim the_sim;

static struct sim *sim_new(struct sim_server server, unsigned clients, unsigned most)
{
    struct sim *sim = &the_sim;

    memset(sim, 0, sizeof *sim);
    sim->server = server;
    sim->client_count = clients;
    sim->timeout_ms = 60 * 1000;
    random_init(&sim->random, 11);
    for (unsigned i = 0; i < clients; i++)
        slots_init(&sim->clients[i], most, sim->timeout_ms, 0);
    return sim;
}

static int64_t sim_work(struct sim *sim)
{
    int64_t mean = sim->server.service_ms * 1000LL;
    int64_t spread = mean * sim->server.scatter / 100;

    return mean - spread + (int64_t) random_below(&sim->random, (uint64_t) (2 * spread + 1));
}

static void sim_remove(struct sim *sim, size_t at)
{
    sim->open_count--;
    memmove(&sim->open[at], &sim->open[at + 1], (sim->open_count - at) * sizeof sim->open[0]);
}

static void sim_send(struct sim *sim)
{
    for (unsigned i = 0; i < sim->client_count; i++) {
        struct slots *slots = &sim->clients[i];

        if (slots_limit(slots) > sim->most_limit)
            sim->most_limit = slots_limit(slots);
        while (slots_free(slots) > 0 && sim->open_count < SIM_OPEN_MAX &&
               (sim->demand == 0 || slots_in_flight(slots) < sim->demand)) {
            slots_sent(slots, sim->now_ms);
            if (sim->server.refuse_over > 0 && sim->open_count >= sim->server.refuse_over) {
                sim->refused++;
                slots_ended(slots, sim->now_ms, sim->now_ms, SLOTS_REFUSED);
                break;
            }
            sim->open[sim->open_count++] =
                (struct sim_question){i, sim->now_ms, sim_work(sim), false};
        }
    }
    if (sim->open_count > sim->most_open)
        sim->most_open = sim->open_count;
}

static unsigned sim_start_next(struct sim *sim)
{
    unsigned busy = 0;

    for (size_t i = 0; i < sim->open_count; i++)
        busy += sim->open[i].running;
    for (size_t i = 0; i < sim->open_count && busy < sim->server.slots; i++)
        if (!sim->open[i].running) {
            sim->open[i].running = true;
            busy++;
        }
    return busy;
}

static void sim_end(struct sim *sim, size_t at, enum slots_end end)
{
    struct sim_question ended = sim->open[at];

    sim_remove(sim, at);
    if (end == SLOTS_ANSWERED) {
        sim->answered++;
        sim->answered_by[ended.client]++;
    } else {
        sim->timed_out++;
    }
    slots_ended(&sim->clients[ended.client], sim->now_ms, ended.sent_ms, end);
}

static void sim_step(struct sim *sim)
{
    unsigned busy;
    int64_t progress;

    sim_send(sim);
    busy = sim_start_next(sim);
    progress = busy == 0 ? 0 : 1000LL * 1000 / (1000 + sim->server.crowding * (busy - 1));
    sim->busy_ms += busy;
    sim->now_ms++;
    for (size_t i = 0; i < sim->open_count;) {
        struct sim_question *question = &sim->open[i];

        if (question->running && !sim->server.hangs)
            question->work -= progress;
        if (question->work <= 0)
            sim_end(sim, i, SLOTS_ANSWERED);
        else if (sim->now_ms - question->sent_ms >= sim->timeout_ms)
            sim_end(sim, i, SLOTS_TIMED_OUT);
        else
            i++;
    }
}

static void sim_answer(struct sim *sim, uint64_t questions)
{
    uint64_t goal = sim->answered + questions;

    while (sim->answered < goal)
        sim_step(sim);
}

static void sim_wait(struct sim *sim, int64_t ms)
{
    int64_t end = sim->now_ms + ms;

    while (sim->now_ms < end)
        sim_step(sim);
}

/* Per mille of the slots that were busy since `begun_ms`, `busy_ms` being what was counted then. */
static unsigned sim_busy(const struct sim *sim, int64_t begun_ms, uint64_t busy_ms)
{
    uint64_t time = (uint64_t) (sim->now_ms - begun_ms) * sim->server.slots;

    return (unsigned) ((sim->busy_ms - busy_ms) * 1000 / time);
}

#endif
