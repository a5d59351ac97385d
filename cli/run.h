/*
 * run: a whole job with workers on this machine: these, and on the local bus its log server, as
 * child processes, live progress, the report at the end.
 *
 * Steps   validate → lock --data → bus (cli/session.h) → submit (cli/submit.h) → workers → wait for
 *         the seal → drain in the order of the pipeline → report (cli/conduct.h).
 * Cluster The workers work beside those that other machines have; frontier and crawlers serve all
 *         jobs there. Who wants none here uses `submit`.
 * Resume  Ctrl-C drains; the same command goes on where it stood, after a kill -9 of anything too.
 *         A job that is sealed already goes straight to the report.
 * Status  0 done; 3 done with gaps, or paused; 2 a bad file or usage; 1 failed, a
 *         second run on the same data, interrupted.
 */
#ifndef XUNFANG_CLI_RUN_H
#define XUNFANG_CLI_RUN_H

int run_command(int argc, char **argv);

#endif
