/*
 * replay: a new run over what another run left in the logs; nothing is crawled.
 *
 * Job      By name or by the path of its file, of which only the name is read.
 * Files    Those of the source run, or with --with FILE those of another job file: another
 *          codebook, period or language model (cli/replay_same.h says what must stay).
 * Steps    lock --data → bus → submit (cli/submit_replay.h) → the workers that are needed →
 *          seal → report, as `run` does (cli/conduct.h).
 * Resume   The same command goes on; a replay that is sealed goes straight to the report.
 * Status   As of `run`.
 */
#ifndef XUNFANG_CLI_REPLAY_H
#define XUNFANG_CLI_REPLAY_H

int replay_command(int argc, char **argv);

#endif
