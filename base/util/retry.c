#include "base/util/retry.h"

#include "base/util/random.h"

int64_t retry_wait_ms(const struct retry_policy *policy, unsigned attempt, uint64_t seed)
{
    int64_t wait = policy->first_ms;
    struct random random;

    for (unsigned i = 0; i < attempt && wait < policy->max_ms; i++)
        wait *= 2;
    if (wait > policy->max_ms)
        wait = policy->max_ms;
    random_init(&random, seed ^ ((uint64_t) attempt << 32));
    return wait / 2 + (int64_t) random_below(&random, (uint64_t) (wait - wait / 2) + 1);
}
