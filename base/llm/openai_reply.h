/*
 * openai_reply: what a server of the OpenAI interface answered. Private to base/llm.
 *
 * Frame    Members that are not needed are ignored; those that are must be there and of their type,
 *          else the reply is STATUS_INVALID, never guessed at.
 * Chat     choices[0].message.content, complete if finish_reason is "stop". usage.prompt_tokens and
 *          usage.completion_tokens; OPENAI_UNKNOWN where the server does not say.
 * Vectors  data[] of {index, embedding}: every index from 0 on once, all of one dimension.
 * Names    served_by is `model` and, in brackets, system_fingerprint, cleaned like messages.
 * Clean    Texts of servers that people will read are cut to OPENAI_NOTE_MAX bytes between
 *          characters, controls become blanks, broken UTF-8 becomes '?'.
 * Memory   Everything lives in the arena given.
 */
#ifndef XUNFANG_BASE_LLM_OPENAI_REPLY_H
#define XUNFANG_BASE_LLM_OPENAI_REPLY_H

#include "base/llm/llm.h"

enum { OPENAI_NOTE_MAX = 200 };
#define OPENAI_UNKNOWN UINT64_MAX

struct openai_reply {
    struct slice text;
    bool complete;
    struct slice finish; /* finish_reason, cleaned */
    const float *vectors;
    size_t dimension;
    struct slice served_by;
    uint64_t prompt_tokens;
    uint64_t completion_tokens;
};

CHECKED enum status openai_read_chat(struct slice body, struct arena *arena,
                                     struct openai_reply *reply, struct error *err);
CHECKED enum status openai_read_vectors(struct slice body, size_t text_count, struct arena *arena,
                                        struct openai_reply *reply, struct error *err);

/* What an error's body says: error.message, error, message or detail; cleaned; "" if none is there
 * or memory is out. */
const char *openai_read_error(struct slice body, struct arena *arena);

#endif
