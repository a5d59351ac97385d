/*
 * borrow: commands that read a job's logs (report, export, status, verify, dead, trace).
 *
 * Server  If a log server answers on --data (a `run` is going on), it serves; else one is started
 *         and ended with the command. --bus local (the default) means this.
 */
#ifndef XUNFANG_CLI_BORROW_H
#define XUNFANG_CLI_BORROW_H

/* Runs the libexec program with argv (argv[0] is the command's name) and `--bus local:DIR`. */
int borrow_command(const char *program, int argc, char **argv);

#endif
