/*
 * openai_request: bodies of requests to the OpenAI interface. Private to base/llm.
 *
 * Chat       {model, messages, temperature 0, a fixed seed, max_tokens, stream false} and how the
 *            answer's form is told: response_format with a JSON schema, which llama.cpp's server,
 *            vLLM and Ollama take alike; or llama.cpp's own `grammar`. Strict services refuse
 *            fields they do not know, so what is llama.cpp's alone (grammar, cache_prompt) is sent
 *            with LLM_GRAMMAR only.
 * Embeddings {model, input: texts, encoding_format "float"}.
 * Text       What is not UTF-8 becomes U+FFFD; failures stick to the buf.
 */
#ifndef XUNFANG_BASE_LLM_OPENAI_REQUEST_H
#define XUNFANG_BASE_LLM_OPENAI_REQUEST_H

#include "base/llm/llm_backend.h"
#include "base/util/buf.h"

enum {
    OPENAI_SEED = 1,
    /* Escapes take at most six bytes for one; schema or grammar are far smaller than the rest. */
    OPENAI_REQUEST_MAX = 6 * LLM_PROMPT_MAX + 512 * 1024
};

void openai_put_chat(struct buf *out, const char *model, enum llm_constraint constraint,
                     const struct llm_attempt *attempt);
void openai_put_embed(struct buf *out, const char *model, const struct llm_attempt *attempt);

#endif
