/*
 * kafka_storm: a stage of several members over a real cluster, one of which dies, leaves or sleeps
 * every other second, and what must hold all the same.
 *
 * Members  Processes of this very program (MEMBER as the first word, the bus's address as the
 *          second) that run a map from "numbers" to "outcomes"; SIGTERM drains one.
 * Held     Every number has an outcome, and only that one; repeats are the same bytes. Committed
 *          offsets never go back, and stand at the ends when all have drained.
 */
#ifndef XUNFANG_TESTS_CONTRACT_KAFKA_STORM_H
#define XUNFANG_TESTS_CONTRACT_KAFKA_STORM_H

#define KAFKA_STORM_MEMBER "storm-member"

/* A member's life; its exit status. */
int kafka_storm_member(const char *address);
/* A storm of `rounds` deaths; fails the cmocka test. */
void kafka_storm(const char *address, int rounds);

#endif
