/*
 * answers: a job's log of model replies, and this worker's disposable copy of it.
 *
 * Log       One topic of one partition, shared by the job's runs and all its workers
 *           (proto/answer.proto). Its order decides everything, so every reader agrees: the first
 *           reply to a key is the answer, for ever; claims are granted against the budget in turn.
 * Key       answer_key(task, model, prompt version, content): the same question is asked once in a
 *           job, under whatever URL its text stands.
 * Copy      A store that follows the log, batch by batch. If it stands beyond the log's end, or
 *           its last record is not the log's (a power cut took the tail), or it cannot be read, it
 *           is wiped and built anew. Only a copy that is caught up should be asked
 *           (answers_ready).
 * Claim     A worker appends a claim, reads past it, and asks only if it was granted: the key is
 *           not answered, nobody else's claim is open, and it is within the budget. Asking begins
 *           in the first half of the claim's life and ends in the second. A claim is over with its
 *           reply, failure or release, when a newer life of its slot claims or refuses, or when a
 *           claim or refusal made after its expiry takes the key over. Clocks of workers must
 *           agree to within a quarter of claim_ms.
 * Budget    Spent = what ended questions cost + the whole reservation of claims that were never
 *           ended; a late end corrects it. Held = reservations of open claims. A claim is granted
 *           if spent + held + its own is within every cap it names. So caps hold exactly, whatever
 *           dies, as long as no question costs more than it reserved; only a power cut that takes
 *           claims out of the log can hide what they cost.
 * Failures  are remembered with the generation they happened in: a question of that generation or
 *           an older one has failed, even if a reply came later, so that repeats end alike. A
 *           newer generation (redrive, ingest) finds the reply or asks again.
 * Refusals  hold under the same caps, likewise even if a reply came later.
 * Onlooker  With an empty slot nothing can be appended; for totals and single answers.
 * Threads   One, the bus's. Appends are queued; nothing here waits longer than the timeout given.
 * Failure   After a failure of bus or store the object is of no use; close it and open it again.
 */
#ifndef XUNFANG_BASE_LLM_ANSWERS_H
#define XUNFANG_BASE_LLM_ANSWERS_H

#include "base/bus/bus.h"
#include "base/llm/llm.h"
#include "base/store/store.h"
#include "base/util/hash.h"

struct answers;

enum { ANSWERS_SLOT_MAX = 200 };

/* As a cap 0 is none. Money in millionths of the job's currency. */
struct answers_cost {
    uint64_t calls;
    uint64_t tokens;
    uint64_t money;
};

struct answers_options {
    struct bus *bus;
    const char *topic;   /* exists, one partition */
    struct store *store; /* for this alone */
    const struct clock *clock;
    struct slice job;
    const char *slot; /* no two living workers share it: "RUN.classifier-0"; "": an onlooker */
    uint64_t life;    /* random, not 0 */
    struct answers_cost caps;
    int64_t claim_ms; /* at least twice as long as a question can take */
};

struct answer_question {
    struct slice task;
    struct slice model;
    struct slice prompt; /* version */
    struct slice content;
};

struct id answer_key(const struct answer_question *question);

/* The first that holds. */
enum answer_state {
    ANSWER_QUEUED,  /* something we appended for the key is not read back yet; wait */
    ANSWER_REFUSED, /* under the caps of today */
    ANSWER_REPLIED,
    ANSWER_OURS,   /* our claim, granted: ask, if it is before until_ms */
    ANSWER_THEIRS, /* another worker asks; wait, at most until until_ms */
    ANSWER_FAILED,
    ANSWER_NONE
};

struct answer_entry {
    enum answer_state state;
    struct slice text;    /* REPLIED: JSON; REFUSED: the cap; in the arena given, like all here */
    bool failed;          /* the key has a failure, whatever the state: */
    uint32_t generation;  /* questions of this one and older ones have failed */
    struct slice failure; /* why */
    uint64_t claim;       /* of ours that is open on the key; 0: none */
    int64_t until_ms;     /* OURS, THEIRS: wall clock */
};

/* What everything in the log adds up to. */
struct answers_totals {
    uint64_t replies;      /* distinct keys with a reply */
    uint64_t failures;     /* with failures only */
    uint64_t refusals;     /* only refused */
    uint64_t unreadable;   /* records, left out */
    struct llm_usage used; /* by ended questions, as their servers say; latency: of all together */
    uint64_t used_money;
    struct answers_cost spent;
    struct answers_cost held;
};

/* STATUS_INVALID: the topic has more than one partition, the slot's name is too long, no life. */
CHECKED enum status answers_open(const struct answers_options *options, struct answers **answers,
                                 struct error *err);
/* NULL is fine; claims of ours that are open are left to the next life of the slot. */
void answers_close(struct answers *answers);
/* `changed` is told during answers_poll which keys may have another state than before; it must not
 * call back. One watcher. */
void answers_watch(struct answers *answers, void (*changed)(void *self, struct id key), void *self);

/* Reads what has come; waits at most `timeout_ms` for the first. STATUS_FENCED: a newer life of our
 * slot has spoken. */
CHECKED enum status answers_poll(struct answers *answers, int64_t timeout_ms, struct error *err);
/* Has the copy reached the end the log had when it was opened? */
bool answers_ready(const struct answers *answers);

CHECKED enum status answers_find(struct answers *answers, struct id key, struct arena *arena,
                                 struct answer_entry *entry, struct error *err);

/* STATUS_OK: there is room. STATUS_AGAIN: there may be when live claims end. STATUS_LIMIT: not even
 * then; *cap is "calls", "tokens" or "money". Advice; the log decides. */
CHECKED enum status answers_may_claim(const struct answers *answers,
                                      const struct answers_cost *reserve, const char **cap);

/* Appends; what they change is seen after answers_poll read them back. STATUS_AGAIN: the bus is
 * full, repeat later. */
struct answer_claim {
    uint32_t generation;
    struct answers_cost reserve; /* the question must not cost more */
};
CHECKED enum status answers_claim(struct answers *answers, struct id key,
                                  const struct answer_claim *claim, struct error *err);
struct answer_reply {
    uint64_t claim; /* it ends this one of ours */
    const struct answer_question *question;
    struct slice text;
    struct slice served_by;
    struct llm_usage usage;
    uint64_t money;
};
CHECKED enum status answers_reply(struct answers *answers, struct id key,
                                  const struct answer_reply *reply, struct error *err);
struct answer_failure {
    uint64_t claim;
    struct slice reason;
    uint32_t generation;
    struct llm_usage usage;
    uint64_t money;
};
CHECKED enum status answers_fail(struct answers *answers, struct id key,
                                 const struct answer_failure *failure, struct error *err);
/* The claim is given back: nothing was asked. */
CHECKED enum status answers_release(struct answers *answers, struct id key, uint64_t claim,
                                    struct error *err);
/* Not asked for the budget's sake: `cap` as of answers_may_claim. Void if a claim is open. */
CHECKED enum status answers_refuse(struct answers *answers, struct id key, const char *cap,
                                   struct error *err);

const struct answers_totals *answers_totals(const struct answers *answers);

#endif
