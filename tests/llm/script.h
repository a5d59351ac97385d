/*
 * script: how the server misbehaves, and when.
 *
 * File     JSON lines: {"match": TEXT, "then": [BEHAVIOUR, …]}. The first line whose TEXT stands in
 *          what the user asks (question.h; "" in all) holds; its n-th request gets the n-th
 *          behaviour, later ones the last. Without a line, or a script: ok.
 * Behaviour
 *   "ok"             an answer that fits (tests/llm/answer.h)
 *   "slow MS"        the same, after so long in its slot
 *   {"text": TEXT}   exactly that, as the model's words
 *   "STATUS [S]"     400 to 599, with Retry-After: S if given; takes no slot
 *   "hang"           holds its slot and says nothing until the client goes
 *   "reset"          the connection is reset; takes no slot
 *   "garbage"        200, and a body that is no JSON
 *   "noise"          bytes that are no HTTP
 *   "truncated"      half the answer, finish_reason "length"
 *   "cut"            a body shorter than its Content-Length, then the end of the connection
 *   "endless"        an answer without an end, as fast as it is read
 *   "drip"           a white space every DRIP_MS, without an end
 *   "wrong-label"    the form is right, the labels are not
 *   "no-schema"      200, with prose around an answer
 *   "no-content"     200, a message without content
 *   "empty"          200, the empty text
 */
#ifndef XUNFANG_TESTS_LLM_SCRIPT_H
#define XUNFANG_TESTS_LLM_SCRIPT_H

#include "base/util/slice.h"

struct script;

enum { SCRIPT_RULES_MAX = 256, SCRIPT_STEPS_MAX = 64, SCRIPT_FILE_MAX = 4 * 1024 * 1024 };

/* name, as it is written */
#define DEEDS(X)                                                                                   \
    X(OK, "ok")                                                                                    \
    X(SLOW, "slow")                                                                                \
    X(TEXT, "text")                                                                                \
    X(STATUS, "status")                                                                            \
    X(HANG, "hang")                                                                                \
    X(RESET, "reset")                                                                              \
    X(GARBAGE, "garbage")                                                                          \
    X(NOISE, "noise")                                                                              \
    X(TRUNCATED, "truncated")                                                                      \
    X(CUT, "cut")                                                                                  \
    X(ENDLESS, "endless")                                                                          \
    X(DRIP, "drip")                                                                                \
    X(WRONG_LABEL, "wrong-label")                                                                  \
    X(NO_SCHEMA, "no-schema")                                                                      \
    X(NO_CONTENT, "no-content")                                                                    \
    X(EMPTY, "empty")

enum deed {
#define X(name, text) DEED_##name,
    DEEDS(X)
#undef X
        DEED_COUNT
};

struct behaviour {
    enum deed deed;
    unsigned status;       /* STATUS */
    int64_t retry_after_s; /* STATUS; -1: not said */
    int64_t slow_ms;       /* SLOW */
    struct slice text;     /* TEXT */
};

/* NULL path: no rules. STATUS_INVALID names file, line and what is wrong. */
CHECKED enum status script_load(const char *path, struct script **script, struct error *err);
/* NULL is fine. */
void script_destroy(struct script *script);
/* What this request gets; counts it. */
const struct behaviour *script_next(struct script *script, struct slice user);
const char *deed_text(enum deed deed);

#endif
