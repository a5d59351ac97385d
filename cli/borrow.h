/*
 * borrow: commands that read a job's logs (report, export, status, verify, dead, trace, compare).
 *
 * Bus     cli/bus_place.h says which; the program gets its address in place of what the user wrote.
 *         Its other words are its own to judge.
 * Server  On the local bus: if a log server answers on --data (a `run` is going on), it serves;
 *         else one is started and ended with the command.
 */
#ifndef XUNFANG_CLI_BORROW_H
#define XUNFANG_CLI_BORROW_H

/* Runs the libexec program with argv (argv[0] is the command's name) and `--bus URL`. */
int borrow_command(const char *program, int argc, char **argv);

#endif
