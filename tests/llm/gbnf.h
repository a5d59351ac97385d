/*
 * gbnf: a text that a GBNF grammar allows, chosen by dice: what a server that is bound by the
 * grammar could say.
 *
 * Knows    Rules on one line each, literals with escapes, character classes, groups, | ? * +.
 *          `*` and `+` of a class give a span of the data; of anything else nothing, or one.
 * Limits   GBNF_DEPTH_MAX rules within rules. What is beyond, or not understood, gives nothing.
 */
#ifndef XUNFANG_TESTS_LLM_GBNF_H
#define XUNFANG_TESTS_LLM_GBNF_H

#include "tests/llm/answer.h"

enum { GBNF_DEPTH_MAX = 200 };

void gbnf_put(struct slice grammar, struct slice data, struct dice *dice, struct buf *out);

#endif
