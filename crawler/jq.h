/*
 * jq: one compiled jq program run on JSON texts. libjq lives here only.
 *
 * Cost     A program holds an interpreter with jq's whole library: a few megabytes and some 20 ms
 *          to compile, so callers put all they ask of a page into one program and keep it.
 * Input    JSON text of a hostile site, looked through by json_check.h first: at most
 *          JQ_VALUES_MAX values and JSON_CHECK_DEPTH deep, for libjq ends the process when memory
 *          is out.
 * Output   The program's first value as JSON text; a program without a value gives "null".
 * Errors   jq_create: STATUS_INVALID with jq's own words. jq_run: STATUS_INVALID (no JSON, or the
 *          program fails on it), STATUS_TOO_LARGE.
 * Threads  A program belongs to one thread.
 */
#ifndef XUNFANG_CRAWLER_JQ_H
#define XUNFANG_CRAWLER_JQ_H

#include "base/util/buf.h"

enum { JQ_VALUES_MAX = 300000 };

struct jq_program;

CHECKED enum status jq_create(struct slice text, struct jq_program **program, struct error *err);
/* NULL is fine. */
void jq_destroy(struct jq_program *program);

CHECKED enum status jq_run(struct jq_program *program, struct slice json, struct buf *out,
                           struct error *err);

#endif
