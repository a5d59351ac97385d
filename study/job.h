/*
 * job: what to collect, from when to when, how politely, and what reads it.
 *
 * File     docs/files.md lists the fields, their units and defaults.
 * Numbers  Days are day numbers (base/util/civil.h), durations milliseconds, sizes bytes.
 * Memory   Lives in the study's arena; texts have a NUL behind.
 */
#ifndef XUNFANG_STUDY_JOB_H
#define XUNFANG_STUDY_JOB_H

#include "base/fields.h"

enum job_robots { JOB_ROBOTS_OBEY, JOB_ROBOTS_IGNORE_FOR_TESTS };

struct job_period {
    int32_t from; /* both ends belong to it */
    int32_t to;
};

struct job_pair { /* site city × query city, short names as in the file */
    struct slice site;
    struct slice query;
    uint32_t line;
};

struct job_crawl {
    struct slice contact;          /* goes into the user agent */
    int64_t delay_ms;              /* per host, end of one request to the next send */
    uint64_t connections_per_host; /* 1 */
    int64_t request_timeout_ms;    /* of one request, as a whole */
    int robots;                    /* enum job_robots */
    bool allow_private_addresses;
    uint64_t max_pages_per_list;
    uint64_t max_body;
    uint64_t max_requests; /* reached: the job pauses */
    struct slice hours;    /* "22:00-06:00", Asia/Shanghai */
    uint32_t hours_from;   /* minutes of the day; from ≤ minute < to, or around midnight */
    uint32_t hours_to;
    const uint64_t *ports; /* further ports a request may go to, besides 80 and 443 */
    size_t port_count;
    uint32_t line; /* of the job file */
};

enum job_constraint { JOB_SCHEMA, JOB_GRAMMAR, JOB_UNCONSTRAINED };
enum job_failure { JOB_BUILTIN, JOB_DEAD };

struct job_budget { /* of the whole job, all runs; 0: no cap */
    uint64_t calls;
    uint64_t tokens;
    int64_t money; /* millionths of the currency */
};

struct job_prices {
    struct slice currency;
    int64_t prompt;     /* millionths of the currency per million tokens sent */
    int64_t completion; /* … and received */
};

struct job_ask { /* a task of the codebook that is asked, and when */
    struct slice task;
    uint64_t from_percent; /* 0: as the codebook says */
    uint64_t to_percent;
    uint32_t line;
};

struct job_llm { /* endpoint empty: the built-in models decide alone */
    struct slice endpoint;
    struct slice model;
    struct slice key_file; /* as written */
    int constraint;        /* enum job_constraint: how the server is told the form of an answer */
    int on_failure; /* enum job_failure: without a usable answer the built-in decision holds, or the
                       document is dead */
    uint64_t concurrency; /* of one worker, at most */
    int64_t timeout_ms;   /* of one call */
    int64_t patience_ms;  /* of one question, waits and all */
    struct job_budget budget;
    struct job_prices prices;
    struct job_ask *ask; /* none: every task that the codebook has questions for */
    size_t ask_count;
    uint32_t line;
};

struct job {
    struct slice name;   /* letters, digits, '-', '_' : part of topic names */
    struct slice region; /* as written: path or shipped name */
    struct slice codebook;
    struct job_period period;
    bool all_pairs;
    struct job_pair *pairs; /* when not all */
    size_t pair_count;
    struct job_crawl crawl;
    struct job_llm llm;
};

extern const struct field_table job_table;

CHECKED enum status job_read(const struct yaml_source *source, struct job *job, struct error *err);

/* Is this minute of the day (0 … 1439, Asia/Shanghai) within the job's hours? */
bool job_hour_allowed(const struct job *job, uint32_t minute);

#endif
