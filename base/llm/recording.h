/*
 * recording: what a model said, in a file, so that the same questions can be answered without it.
 *
 * Lines    JSON, one a reply, in the order they came:
 *          {"question":"<32 hex>","model":"…","text":"…","cut":false,"served_by":"…",
 *           "prompt_tokens":812,"completion_tokens":14}
 * Question A hash of model, turns, shape and max_tokens: whatever changes the answer changes it.
 *          The question's own text is not kept, nor any key.
 * Append   Several processes may append to one file: every line is written whole under a lock, and
 *          a line that a death cut short is removed by the next one who opens it. A failed write
 *          leaves the file as it was.
 * Read     An unfinished last line is no line. Any other that is none of ours is STATUS_INVALID.
 * Limits   RECORDING_LINE_MAX, and RECORDING_FILE_MAX for reading.
 * Threads  A recording belongs to one thread.
 */
#ifndef XUNFANG_BASE_LLM_RECORDING_H
#define XUNFANG_BASE_LLM_RECORDING_H

#include "base/llm/llm_backend.h"
#include "base/util/hash.h"

struct recording;

enum {
    RECORDING_LINE_MAX = 6 * LLM_REPLY_MAX + 4096, /* every byte may be written as \u00XX */
    RECORDING_FILE_MAX = 512 * 1024 * 1024
};

struct recording_entry {
    struct id question;
    bool cut; /* LLM_END_CUT */
    struct slice text;
    struct slice served_by;
    uint64_t prompt_tokens;
    uint64_t completion_tokens;
};

struct id recording_question(const char *model, const struct llm_attempt *attempt);

/* Made if it is not there. STATUS_INVALID: the path cannot be written. */
CHECKED enum status recording_open(const char *path, struct recording **recording,
                                   struct error *err);
/* NULL is fine. */
void recording_close(struct recording *recording);
/* Ends other than REPLY and CUT say nothing and are not kept, nor are vectors. */
CHECKED enum status recording_append(struct recording *recording, const char *model,
                                     const struct llm_attempt *attempt,
                                     const struct llm_attempt_end *end, struct error *err);

/* Text points into the arena. */
CHECKED enum status recording_read(struct slice line, struct arena *arena,
                                   struct recording_entry *entry, struct error *err);
/* Calls `take` for every line; its failures end the walk. Errors name file and line. */
typedef enum status (*recording_take)(void *self, const struct recording_entry *entry,
                                      struct error *err);
CHECKED enum status recording_each(const char *path, recording_take take, void *self,
                                   struct error *err);

#endif
