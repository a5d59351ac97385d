/*
 * command_verify: `verify JOB [--out DIR]`: is everything there once, and every number right?
 *
 * Checks  Conservation between logs and the way from events to pages (verify_logs.h), courtesy
 *         (verify_courtesy.h), events (verify_events.h) and numbers (verify_numbers.h) by a second
 *         route, what a language model decided (verify_answers.h), and with --out a folder of
 *         results (verify_folder.h). One JSON object a check.
 * Status  1 if any check fails.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_VERIFY_H
#define XUNFANG_AGGREGATOR_COMMAND_VERIFY_H

int command_verify(int argc, char **argv);

#endif
