/*
 * command_status: `status JOB [--json]`: how far a job is, and what asking a language model cost.
 *
 * Reads  What stands in the logs now; a job that runs may be asked, and goes on undisturbed. See
 *        standing.h for what is told.
 * Status 0 whatever the job's state; 1 if there is no such job.
 */
#ifndef XUNFANG_AGGREGATOR_COMMAND_STATUS_H
#define XUNFANG_AGGREGATOR_COMMAND_STATUS_H

int command_status(int argc, char **argv);

#endif
