/*
 * worker_life: who a fold is to other folds of its group, and until when others acted on what is
 * its own now. Private to the worker.
 *
 * Life     A random number that stands in the store. It is good while the machine runs: after a
 *          power cut the store may have forgotten its last moments, so another start of the machine
 *          is another life. A copy of the store elsewhere, or a wiped one, is another life too.
 * Past     For each input the wall-clock time at which it was gained: until then somebody else may
 *          have acted on it; and, if he left it in order, when all is over that he did. Kept, so
 *          that a restart right after the gain knows it as well.
 * Keys     Below byte 0 and an empty text, where no topic's row can be (worker_state.h).
 */
#ifndef XUNFANG_BASE_WORKER_LIFE_H
#define XUNFANG_BASE_WORKER_LIFE_H

#include "base/store/store.h"
#include "base/worker.h"
#include "base/worker_input.h"

/* The store's life, given to it if it has none for this run of the machine; never 0. */
CHECKED enum status life_open(struct store *store, uint64_t *life, struct error *err);

/* An input that is ours now. Given are our life, how it was left, whether nobody ever left it, and
 * the wall clock; life_claim says the rest. */
struct life_claim {
    uint64_t life;
    struct mark found;
    bool first;
    int64_t now_ms;
    bool kept; /* nobody else has acted on it since we did */
    struct fold_past past;
};
CHECKED enum status life_claim(struct store *store, const struct input *input,
                               struct life_claim *claim, struct error *err);

/* Is this a key of ours, beside the rows of inputs? */
bool life_owns_key(struct slice key);

#endif
