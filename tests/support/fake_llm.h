/*
 * fake_llm: base/llm/llm.h without a server, for tests of what stands above it. A program that
 * links it has no other.
 *
 * Server    Outlives the clients, counts what was asked, even of clients that are gone. An answer
 *           is the client's number of the question among all, so two answers to one question
 *           differ: {"n":"17"}. The shape must be of one text field.
 * Luck      By the seed: how long an answer takes, how many calls (within max_calls), whether it
 *           fails; in per mille.
 * Time      The manual clock's; a step with a timeout moves it.
 */
#ifndef XUNFANG_TESTS_FAKE_LLM_H
#define XUNFANG_TESTS_FAKE_LLM_H

#include "base/llm/llm.h"
#include "base/util/map.h"
#include "base/util/random.h"

struct fake_server {
    struct clock_manual *clock;
    struct random random;
    size_t slots;     /* of one client */
    int64_t most_ms;  /* an answer takes 1 … so long */
    unsigned invalid; /* per mille */
    unsigned unavailable;
    bool stuck;        /* nothing ends, and the client knows of the trouble */
    unsigned repeats;  /* that a call is followed by another */
    struct map *asked; /* last turn's text → how often, a struct fake_count */
    uint64_t questions;
    uint64_t calls;
    uint64_t tokens;
    uint64_t cancelled;
};

struct fake_count {
    uint64_t times;
    size_t size;
    char content[];
};

void fake_server_init(struct fake_server *server, struct clock_manual *clock, uint64_t seed);
void fake_server_fini(struct fake_server *server);
/* How often a question with this last turn was asked. */
uint64_t fake_server_asked(const struct fake_server *server, struct slice content);

/* Tells every question this client has open: its last turn. */
void fake_llm_list(const struct llm *llm, void (*tell)(void *self, struct slice content),
                   void *self);

/* NULL when memory is out. The client belongs to one "process". */
struct llm *fake_llm_open(struct fake_server *server, const char *model);

#endif
