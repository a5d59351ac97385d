/*
 * job_llm: the part of a job that says which language model is asked, how, and how much of it.
 *
 * Endpoint  "http://HOST:PORT/v1", "https://…", or "replay:FILE" for recorded replies, relative to
 *           the job file like the key (base/llm/llm.h).
 * Bounds    A job may narrow what the codebook asks: `ask` lists tasks and their bands. A bound
 *           that it leaves out is the codebook's.
 * Table     Part of job_table (study/job.h), which docs/files.md is printed from.
 */
#ifndef XUNFANG_STUDY_JOB_LLM_H
#define XUNFANG_STUDY_JOB_LLM_H

#include "study/job.h"

enum { JOB_ASK_MAX = 50 };

extern const struct field_table job_llm_table;

/* STATUS_INVALID: no address, a band upside down, a task twice. No llm at all is fine. */
CHECKED enum status job_check_llm(const struct job_llm *llm, const char *file, struct error *err);

#endif
