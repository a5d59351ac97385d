/*
 * random: a small seeded generator for jitter, sampling and simulations. Never for secrets.
 *
 * Source  SplitMix64 (Steele, Lea, Flood 2014): one 64-bit state, equal seeds give equal streams on
 *         every machine.
 */
#ifndef XUNFANG_BASE_UTIL_RANDOM_H
#define XUNFANG_BASE_UTIL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
/* 0 … bound - 1; 0 for bound 0. The bias of at most bound / 2^64 does not matter here. */
uint64_t random_below(struct random *random, uint64_t bound);
/* true `per_mille` times in a thousand. */
bool random_chance(struct random *random, unsigned per_mille);

#endif
