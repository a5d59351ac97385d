/*
 * replay_same: what the job file of a replay (--with) must leave as it is.
 *
 * Same     The job's name, its region with platforms and distances (by their bytes, whatever they
 *          are called), its lists (pairs), and every field of `crawl`: they say what was collected
 *          and what the numbers of stored records mean.
 * Free     Codebook, period, llm: what is read out of it.
 * Errors   STATUS_INVALID names the field and what is wrong with it.
 */
#ifndef XUNFANG_CLI_REPLAY_SAME_H
#define XUNFANG_CLI_REPLAY_SAME_H

#include "study/study.h"

/* `path` is the new job's file, for messages. */
CHECKED enum status replay_check_same(const struct study *source, const struct study *with,
                                      const char *path, struct error *err);

#endif
