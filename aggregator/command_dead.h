/*
 * command_dead: `dead JOB [--redrive]`: documents that no stage could decide about, and another
 * try.
 *
 * Lists    Every document whose outcome is dead now: id, the stage it died in, reason, URL; one
 *          JSON object a line with --json. A dead outcome that a later good one replaced is not
 *          listed.
 * Redrive  Appends the same document records again, with the next generation, and announces them in
 *          control; `xunfang run` then works them and seals that generation.
 * Range    What stands in the logs now, sealed or not.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_DEAD_H
#define XUNFANG_AGGREGATOR_COMMAND_DEAD_H

int command_dead(int argc, char **argv);

#endif
