/*
 * command_embed: `embed` as a program: document lines in, the same lines out with an embedding, the
 * vector that a model gives for title and body.
 *
 * Server    Any with the OpenAI interface for embeddings (base/llm/llm.h); many documents at once,
 *           lines come out in the order they came in.
 * Text      Title, a line feed, body; of them the first --max-chars characters, since models read
 *           no further than their window. A document without text has null.
 * Numbers   9 significant digits, which give back the same single-precision number.
 * Failure   A document that gets no vector is a bad line.
 * Status    The exit status of the program: 0, 1 failed (bad lines included), 2 wrong usage or bad
 *           file.
 */
#ifndef XUNFANG_CLASSIFIER_COMMAND_EMBED_H
#define XUNFANG_CLASSIFIER_COMMAND_EMBED_H

/* argv[0] is the command's own name. */
int command_embed(int argc, char **argv);

#endif
