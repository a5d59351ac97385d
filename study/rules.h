/*
 * rules: what no single file can decide: whether a job may be run on a region's sites as it says.
 *
 * Checks  No delay, or no robots.txt, only when every site's host is a loopback address; loopback
 *         and private hosts only with allow_private_addresses. Host names are judged again, by
 *         their addresses, when the crawler resolves them.
 * Asking  The tasks that a job lists for its language model are in the codebook (study/asking.h).
 * Ports   A request may go to 80, 443, the ports of the region's sites and those the job names.
 */
#ifndef XUNFANG_STUDY_RULES_H
#define XUNFANG_STUDY_RULES_H

#include "study/study.h"

/* `job_file` and `region_file` are for messages. */
CHECKED enum status rules_check(const struct study *study, const char *job_file,
                                const char *region_file, struct error *err);
bool rules_port_allowed(const struct study *study, uint16_t port);
/* Is the publisher's host a loopback address? All of them, for all publishers. */
bool rules_all_loopback(const struct region *region);

#endif
