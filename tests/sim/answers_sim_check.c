/* What must hold. */
#include "answers_sim.h"

#include "base/llm/answers_message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sim_broken(struct answers_sim *sim, const char *format, ...)
{
    va_list args;

    if (sim->broken[0] != '\0')
        return;
    va_start(args, format);
    (void) vsnprintf(sim->broken, sizeof sim->broken, format, args);
    va_end(args);
}

void sim_say(const struct answers_sim *sim, const char *format, ...)
{
    va_list args;

    if (!sim->tell)
        return;
    printf("%8lld  ", (long long) sim->clock.now_ms);
    va_start(args, format);
    (void) vprintf(format, args);
    va_end(args);
    printf("\n");
}

/* ---- outcomes ---- */

void check_outcome(struct answers_sim *sim, size_t question, const struct asked *asked)
{
    struct outcome *known = &sim->outcomes[question];
    struct outcome now = {.ended = true, .known = true, .outcome = asked->outcome};
    struct slice text =
        asked->outcome == ASKED_ANSWERED ? asked->values[0].texts[0] : asked->reason;

    (void) snprintf(now.text, sizeof now.text, "%.*s", SLICE_ARG(text));
    sim_say(sim, "%s/%zu: outcome %d, %s", sim_content(question), question / SIM_CONTENTS,
            (int) now.outcome, now.text);
    /* Of several failures the newest is told. */
    if (now.outcome == ASKED_FAILED)
        (void) snprintf(now.text, sizeof now.text, "failed");
    if (known->known && (known->outcome != now.outcome || strcmp(known->text, now.text) != 0))
        sim_broken(sim, "%s in generation %zu: first %d, %s; then %d, %s", sim_content(question),
                   question / SIM_CONTENTS, (int) known->outcome, known->text, (int) now.outcome,
                   now.text);
    *known = now;
}

void check_caps(struct answers_sim *sim)
{
    if (sim->cuts)
        return;
    if (sim->caps.calls != 0 && sim->server.calls > sim->caps.calls)
        sim_broken(sim, "%llu calls, the cap is %llu", (unsigned long long) sim->server.calls,
                   (unsigned long long) sim->caps.calls);
    if (sim->caps.tokens != 0 && sim->server.tokens > sim->caps.tokens)
        sim_broken(sim, "%llu tokens, the cap is %llu", (unsigned long long) sim->server.tokens,
                   (unsigned long long) sim->caps.tokens);
}

/* ---- the end ---- */

/* Failures of each content that stand in the log. */
static void count_failures(struct answers_sim *sim, unsigned failures[SIM_CONTENTS])
{
    struct arena *arena = arena_create(ANSWERS_ARENA_MAX);
    const AnswerRecord *record;
    struct bus_record bytes;
    struct id key;

    ENSURE(arena != NULL);
    for (uint64_t at = 0; bus_world_record(sim->world, "answers", 0, at, &bytes); at++) {
        arena_reset(arena);
        if (answers_message_read(bytes.value, arena, &key, &record, NULL) != STATUS_OK)
            sim_broken(sim, "record %llu is unreadable", (unsigned long long) at);
        else if (record->kind_case == XUNFANG__ANSWER_RECORD__KIND_FAILURE)
            for (size_t i = 0; i < SIM_CONTENTS; i++) {
                const struct answer_question question = {SLICE("sim"), SLICE("model"), SLICE("v1"),
                                                         slice_from(sim_content(i))};
                if (id_equal(answer_key(&question), key))
                    failures[i]++;
            }
    }
    arena_destroy(arena);
}

static void check_asked(struct answers_sim *sim)
{
    unsigned failures[SIM_CONTENTS] = {0};

    count_failures(sim, failures);
    for (size_t i = 0; i < SIM_CONTENTS && !sim->cuts; i++) {
        uint64_t asked = fake_server_asked(&sim->server, slice_from(sim_content(i)));
        if (asked > 1 + sim->excused[i] + failures[i])
            sim_broken(sim, "%s was asked %llu times: %u of them excused, %u failed",
                       sim_content(i), (unsigned long long) asked, sim->excused[i], failures[i]);
    }
}

static void check_same(struct answers_sim *sim, const char *slot, const struct answers_totals *copy,
                       const struct answers_totals *anew)
{
    if (memcmp(copy, anew, sizeof *copy) != 0)
        sim_broken(sim,
                   "%s has %llu replies, %llu calls spent, %llu held; anew it is %llu, %llu, %llu",
                   slot, (unsigned long long) copy->replies, (unsigned long long) copy->spent.calls,
                   (unsigned long long) copy->held.calls, (unsigned long long) anew->replies,
                   (unsigned long long) anew->spent.calls, (unsigned long long) anew->held.calls);
}

/* The budget must know of everything that was asked. */
static void check_totals(struct answers_sim *sim, const struct answers_totals *totals)
{
    if (!sim->cuts && totals->spent.calls + totals->held.calls < sim->server.calls)
        sim_broken(sim, "the log knows of %llu calls, the server of %llu",
                   (unsigned long long) (totals->spent.calls + totals->held.calls),
                   (unsigned long long) sim->server.calls);
    if (totals->unreadable != 0)
        sim_broken(sim, "%llu records are unreadable", (unsigned long long) totals->unreadable);
}

static void check_copies(struct answers_sim *sim)
{
    struct answers_options options = {
        .topic = "answers", .clock = &sim->clock.clock, .slot = "", .caps = sim->caps};
    struct answers *anew;

    options.store = store_open_memory();
    ENSURE(bus_memory_open(sim->world, NULL, &options.bus, NULL) == STATUS_OK);
    ENSURE(answers_open(&options, &anew, NULL) == STATUS_OK);
    while (!answers_ready(anew))
        ENSURE(answers_poll(anew, 0, NULL) == STATUS_OK);
    check_totals(sim, answers_totals(anew));
    for (size_t i = 0; i < SIM_SLOTS; i++)
        if (sim->places[i].process != NULL)
            check_same(sim, sim->places[i].slot, asker_totals(sim->places[i].process->asker),
                       answers_totals(anew));
    answers_close(anew);
    bus_close(options.bus);
    store_close(options.store);
}

void check_end(struct answers_sim *sim)
{
    check_caps(sim);
    check_asked(sim);
    check_copies(sim);
}
