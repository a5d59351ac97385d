/*
 * question: the body of a request for a chat completion or for embeddings, as far as an answer
 * depends on it.
 *
 * User     The user's last turn that holds data marks; without any, the last one. So a repair
 *          question, which only says what was wrong, is about the same text as the first.
 * Memory   Everything points into the arena given.
 */
#ifndef XUNFANG_TESTS_LLM_QUESTION_H
#define XUNFANG_TESTS_LLM_QUESTION_H

#include "base/json.h"
#include "base/util/hash.h"

struct question {
    struct id id;              /* of the whole body */
    struct id form;            /* of schema and grammar */
    struct slice model;        /* "" if not named */
    struct slice user;         /* see below, or the text to embed */
    struct slice assistant;    /* the last turn of the assistant: an example; data NULL: none */
    struct slice grammar;      /* GBNF; data NULL: none */
    const struct json *schema; /* NULL: none */
    const struct json *input;  /* of embeddings; NULL: a chat */
    size_t turn_count;
};

/* STATUS_INVALID: no JSON, or neither messages nor input. */
CHECKED enum status question_read(struct slice body, struct arena *arena, struct question *question,
                                  struct error *err);
/* What stands between the marks "<<<CODE" and "CODE>>>"; else empty. */
struct slice question_data(const struct question *question);

#endif
