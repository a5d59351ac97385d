/*
 * topics: the names of the logs.
 *
 * Cluster  urls, leases (key: host), control (one partition).
 * Job      JOB.pages (the archive), JOB.answers: shared by the job's runs.
 * Run      JOB.RUN.documents, JOB.RUN.visits, JOB.RUN.reports.
 * Names    Job and run names have 1 to 64 letters, digits, '-' and '_', so a topic name reads back
 *          without doubt.
 */
#ifndef XUNFANG_STUDY_TOPICS_H
#define XUNFANG_STUDY_TOPICS_H

#include "base/bus/bus.h"

enum topic_kind {
    TOPIC_URLS,
    TOPIC_LEASES,
    TOPIC_CONTROL,
    TOPIC_PAGES,
    TOPIC_ANSWERS,
    TOPIC_DOCUMENTS,
    TOPIC_VISITS,
    TOPIC_REPORTS,
    TOPIC_KINDS
};

enum { NAME_MAX_SIZE = 64 };

/* The first run of every job. */
#define RUN_DEFAULT "main"

struct topic_name {
    char text[BUS_TOPIC_MAX + 1];
};

/* STATUS_INVALID with what is wrong: `what` says whose name it is ("job"). */
CHECKED enum status topic_check_name(const char *what, struct slice name, struct error *err);

/* Job and run must be valid names; those a kind does not need are ignored and may be NULL. */
struct topic_name topic_name(enum topic_kind kind, const char *job, const char *run);

#endif
