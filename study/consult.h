/*
 * consult: the language model of a job or a data command, opened: client, answers, asker, prompts.
 *
 * Job       consult_open_job: endpoint, budget and prices of the job file, the log JOB.answers, a
 *           copy of it in DATA/state. The key file lies relative to the job file, on this machine.
 *           A job without `llm` gives NULL: that is how stages know that nobody is to be asked.
 * Command   consult_open_command: --llm URL --model NAME; answers live in memory for as long as the
 *           command runs. Without --llm NULL.
 * Prompts   One for every task that the codebook asks about and the job has not left out
 *           (study/asking.h); prompt_task tells the job's bounds.
 * Identity  consult_name is MODEL@VERSIONS for the column `model`: what decided.
 * Memory    consult_close frees all of it; NULL is fine.
 * Threads   One, the bus's.
 */
#ifndef XUNFANG_STUDY_CONSULT_H
#define XUNFANG_STUDY_CONSULT_H

#include "base/options.h"
#include "study/prompt.h"
#include "study/role.h"

struct consult;

/* Options of a data command that can ask; embed in its settings. */
struct consult_settings {
    const char *llm;   /* endpoint; NULL: nobody is asked */
    const char *model; /* needed with it */
    const char *key_file;
    const char *record;     /* file of recorded replies, to be had again as --llm replay:FILE */
    const char *constraint; /* schema, grammar, none */
    uint64_t concurrency;
    int64_t timeout_ms;
    int64_t patience_ms;
};

/* Rows of an option table whose settings have a `struct consult_settings` named `consult`:
 * CONSULT_OPTION_ROWS(struct settings, consult). A type and members cannot stand in parentheses:
 * NOLINTBEGIN(bugprone-macro-parentheses) */
#define CONSULT_OPTION(type, member, name, kind, placeholder, fallback, help)                      \
    {                                                                                              \
        name, kind, offsetof(type, member), placeholder, fallback, help                            \
    }
#define CONSULT_OPTION_ROWS(type, base)                                                            \
    CONSULT_OPTION(type, base.llm, "llm", OPTION_TEXT, "URL", NULL,                                \
                   "ask a language model there where the built-in model is unsure"),               \
        CONSULT_OPTION(type, base.model, "model", OPTION_TEXT, "NAME", NULL, "the model's name"),  \
        CONSULT_OPTION(type, base.key_file, "key-file", OPTION_TEXT, "FILE", NULL,                 \
                       "file with the access key"),                                                \
        CONSULT_OPTION(type, base.record, "record", OPTION_TEXT, "FILE", NULL,                     \
                       "keep replies here; --llm replay:FILE gives them again"),                   \
        CONSULT_OPTION(type, base.constraint, "constraint", OPTION_TEXT, "HOW", "schema",          \
                       "schema, grammar or none: how the form of answers is told"),                \
        CONSULT_OPTION(type, base.concurrency, "concurrency", OPTION_UINT, "N", "64",              \
                       "questions in flight at most"),                                             \
        CONSULT_OPTION(type, base.timeout_ms, "timeout", OPTION_DURATION, "TIME", "60s",           \
                       "longest call"),                                                            \
        CONSULT_OPTION(type, base.patience_ms, "patience", OPTION_DURATION, "TIME", "10m",         \
                       "longest question, waits and all")
/* NOLINTEND(bugprone-macro-parentheses) */

/* `stage` is the worker's: its slot in claims and its copy of the log. */
CHECKED enum status consult_open_job(struct role *role, const char *stage, struct consult **consult,
                                     struct error *err);
CHECKED enum status consult_open_command(const struct consult_settings *settings,
                                         const struct codebook *codebook, struct consult **consult,
                                         struct error *err);
void consult_close(struct consult *consult);

struct asker *consult_asker(const struct consult *consult);

/* Who waits for an answer: `owner` of every question asked through a consult points to one, mostly
 * the first member of what it is part of. `asked` is valid until `ended` returns. */
struct consult_waiter {
    void (*ended)(struct consult_waiter *self, const struct asked *asked);
};
/* Moves all questions; those that ended go to their waiters. Waits at most `timeout_ms`. */
CHECKED enum status consult_step(struct consult *consult, int64_t timeout_ms, struct error *err);

/* NULL: this task is never asked. */
const struct prompt *consult_prompt(const struct consult *consult, const char *task);
/* Without a usable answer the document is dead, by the job's word. */
bool consult_failure_is_dead(const struct consult *consult);
/* "qwen2.5@3f2a…" of the model and the prompt of this task; NULL: never asked. */
const char *consult_name(const struct consult *consult, const char *task);

#endif
