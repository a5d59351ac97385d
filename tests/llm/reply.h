/*
 * reply: the bytes that go back for a question, as the script wants them.
 *
 * Tokens   Counted as bytes / 3 + 1: not what a tokenizer says, but the same every time.
 */
#ifndef XUNFANG_TESTS_LLM_REPLY_H
#define XUNFANG_TESTS_LLM_REPLY_H

#include "tests/llm/question.h"
#include "tests/llm/script.h"

enum { REPLY_MAX = 8 * 1024 * 1024, EMBEDDING_SIZE = 16 };

/* What is done with the connection after the bytes. */
enum reply_end { REPLY_KEEP, REPLY_CLOSE, REPLY_RESET, REPLY_ENDLESS, REPLY_DRIP };

/* HANG has no reply. */
enum reply_end reply_put(const struct question *question, const struct behaviour *behaviour,
                         struct buf *out);
/* Any other JSON document with its head. */
void reply_put_json(unsigned status, struct slice json, struct buf *out);
/* {"error":{"message":…}} with its head. */
void reply_put_error(unsigned status, int64_t retry_after_s, const char *message, struct buf *out);
/* The next piece of a body without an end, as a chunk of HTTP. */
void reply_put_more(enum reply_end end, struct buf *out);

#endif
