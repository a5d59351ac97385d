/*
 * command_compare: `xunfang compare JOB RUN1 RUN2`: what changed between two runs of a job.
 *
 * Runs     Both must be sealed; usually the second is a replay of the first.
 * Prints   Tables, or with --json one object (aggregator/compare_print.h), to standard output.
 * Status   0 compared, whatever came out; 1 failed; 2 wrong usage.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_COMPARE_H
#define XUNFANG_AGGREGATOR_COMMAND_COMPARE_H

int command_compare(int argc, char **argv);

#endif
