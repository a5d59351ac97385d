#include "base/bus/log_waits.h"

#include <stdlib.h>
#include <string.h>

enum status log_waits_init(struct log_waits *waits, struct error *err)
{
    waits->count = 0;
    waits->items = calloc(LOG_WAITS_MAX, sizeof waits->items[0]);
    return waits->items == NULL ? error_set(err, STATUS_NOMEM, "room for waiting fetches")
                                : STATUS_OK;
}

/* Without an answer: nobody waits for it any more. */
static void drop(struct log_waits *waits, size_t index)
{
    struct log_wait wait = log_waits_take(waits, index);

    xunfang__log_request__free_unpacked(wait.request, NULL);
}

void log_waits_fini(struct log_waits *waits)
{
    while (waits->count > 0)
        drop(waits, waits->count - 1);
    free(waits->items);
    waits->items = NULL;
}

/* ZeroMQ gives every connection a name of its own, so a restarted client is another peer. */
static bool same_peer(const struct log_peer *a, const struct log_peer *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

void log_waits_replace(struct log_waits *waits, const struct log_peer *peer, uint32_t reader)
{
    for (size_t i = waits->count; i-- > 0;)
        if (waits->items[i].request->fetch->reader == reader &&
            same_peer(&waits->items[i].peer, peer))
            drop(waits, i);
}

/* A full list is no failure: the caller answers at once, and the reader asks again. */
bool log_waits_add(struct log_waits *waits, const struct log_wait *wait)
{
    if (waits->count == LOG_WAITS_MAX)
        return false;
    waits->items[waits->count++] = *wait;
    return true;
}

/* Order does not matter: whoever looks at the list looks at all of it. */
struct log_wait log_waits_take(struct log_waits *waits, size_t index)
{
    struct log_wait taken;

    ENSURE(index < waits->count);
    taken = waits->items[index];
    waits->items[index] = waits->items[--waits->count];
    return taken;
}

/* A walk, not a heap: some dozens wait, and each write walks them anyway. */
int64_t log_waits_deadline(const struct log_waits *waits)
{
    int64_t earliest = INT64_MAX;

    for (size_t i = 0; i < waits->count; i++)
        if (waits->items[i].deadline_ms < earliest)
            earliest = waits->items[i].deadline_ms;
    return earliest;
}
