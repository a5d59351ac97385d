/*
 * log_process: a log server in a child process, for tests that kill it.
 *
 * Child    Runs log_server_step until it is told to end or killed; its exit status is 0 after a
 *          clean end, 1 when the server failed (the message goes to standard error).
 * Folder   A fresh one under the system's place for temporary files, removed by log_folder_remove.
 */
#ifndef XUNFANG_TESTS_CONTRACT_LOG_PROCESS_H
#define XUNFANG_TESTS_CONTRACT_LOG_PROCESS_H

#include "base/bus/log_server.h"

#include <sys/types.h>

enum { LOG_FOLDER_SIZE = 512 };

/* Makes an empty folder; aborts the test program if it cannot. */
void log_folder_make(char folder[LOG_FOLDER_SIZE]);
/* Deletes the folder with all it holds. */
void log_folder_remove(const char *folder);

/* Starts a server and waits until it answers; `crash_at` (may be NULL) is its CRASH_AT. */
pid_t log_process_start(const struct log_server_options *options, const char *crash_at);
/* Kills with `signal` (SIGTERM ends it cleanly) and waits; returns waitpid's status. */
int log_process_end(pid_t pid, int signal);

#endif
