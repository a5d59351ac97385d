/*
 * llm_kit: a scripted model server in a child process, and questions about nothing in particular,
 * for tests of base/llm/llm.h against real sockets.
 *
 * Use      kit_open(script), kit_client(options), kit_ask…, kit_finish; kit_close in the tear-down.
 * Fails    the running test with a message wherever something is not as it must be.
 * Ends     kit.ends[i] is the end of the i-th question asked; a second end of one fails the test.
 */
#ifndef XUNFANG_TESTS_CONTRACT_LLM_KIT_H
#define XUNFANG_TESTS_CONTRACT_LLM_KIT_H

#include "base/llm/llm.h"

#include <sys/types.h>

enum { KIT_QUESTIONS_MAX = 2048, KIT_TEXT_MAX = 256, KIT_PATH_MAX = 256, KIT_OPTIONS_MAX = 8 };

struct kit_end {
    bool ended;
    enum llm_outcome outcome;
    char text[KIT_TEXT_MAX];
    char served_by[KIT_TEXT_MAX];
    char reason[KIT_TEXT_MAX];
    size_t dimension;
    struct llm_usage usage;
};

struct kit {
    char folder[KIT_PATH_MAX];
    pid_t server;
    unsigned port;
    char endpoint[KIT_PATH_MAX];
    struct llm *llm;
    struct kit_end ends[KIT_QUESTIONS_MAX];
    size_t asked;
    size_t ended;
};

/* The form of all questions: {"label": yes | no | maybe, "words": text of at most 20}. */
extern const struct shape kit_shape;

/* `script` may be NULL; `options` are the server's, ended by NULL, or NULL. */
void kit_open(struct kit *kit, const char *script, const char *const *options);
void kit_close(struct kit *kit);
void kit_stop_server(struct kit *kit);
/* Again at the same port, with the same counts from zero. */
void kit_start_server(struct kit *kit, const char *script, const char *const *options);
/* `name` inside the kit's folder. */
const char *kit_path(const struct kit *kit, const char *name);
void kit_write(const struct kit *kit, const char *name, const char *text);

/* Quick retries and few seconds of patience; tests change what they are about. */
struct llm_options kit_options(const struct kit *kit);
void kit_client(struct kit *kit, const struct llm_options *options);

/* A question whose last turn holds `text`; its place in `ends` is its owner. */
enum status kit_try(struct kit *kit, const char *text, struct error *err);
/* Steps until the client takes it; its index. */
size_t kit_ask(struct kit *kit, const char *text);
/* Waits at most so long, and takes what ends. */
void kit_step(struct kit *kit, int64_t timeout_ms);
/* Until `count` have ended in all. */
void kit_finish(struct kit *kit, size_t count);
void kit_assert_outcome(const struct kit *kit, size_t at, enum llm_outcome outcome);

/* A number of the server's /stats; a number of the n-th line of its log. */
int64_t kit_stat(const struct kit *kit, const char *name);
int64_t kit_logged(const struct kit *kit, size_t line, const char *name);

#endif
