#include "base/bus/bus_kafka_nudge.h"

#include "base/bus/bus_kafka_offsets.h"

#include <stdlib.h>

enum { QUESTION_MS = 500 }; /* the longest that kafka_nudge_destroy waits */

struct kafka_nudge {
    rd_kafka_t *consumer;
    const rd_kafka_topic_partition_list_t *places;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool running; /* the thread was started; only the reader's thread looks */
    bool stopping;
    int wanted_count; /* of `wanted` */
    bool wanted[];    /* by partition, so many nudges of one are one question */
};

struct kafka_nudge *kafka_nudge_create(rd_kafka_t *consumer,
                                       const rd_kafka_topic_partition_list_t *places)
{
    struct kafka_nudge *nudge = calloc(1, sizeof *nudge + (size_t) places->cnt * sizeof(bool));

    if (nudge == NULL)
        return NULL;
    nudge->consumer = consumer;
    nudge->places = places;
    (void) pthread_mutex_init(&nudge->lock, NULL);
    (void) pthread_cond_init(&nudge->changed, NULL);
    return nudge;
}

/* The next partition wanted; -1: the end. */
static int wait_for_one(struct kafka_nudge *nudge)
{
    int found = -1;

    (void) pthread_mutex_lock(&nudge->lock);
    while (nudge->wanted_count == 0 && !nudge->stopping)
        (void) pthread_cond_wait(&nudge->changed, &nudge->lock);
    for (int i = 0; !nudge->stopping && found < 0 && i < nudge->places->cnt; i++)
        if (nudge->wanted[i]) {
            nudge->wanted[i] = false;
            nudge->wanted_count--;
            found = i;
        }
    (void) pthread_mutex_unlock(&nudge->lock);
    return found;
}

/* Nobody needs the answers. */
static void *run(void *self)
{
    struct kafka_nudge *nudge = self;
    int index;

    while ((index = wait_for_one(nudge)) >= 0) {
        const rd_kafka_topic_partition_t *place = &nudge->places->elems[index];
        const struct bus_partition at = {place->topic, (uint32_t) place->partition};
        uint64_t end;
        (void) kafka_end_ask(nudge->consumer, &at, kafka_deadline(QUESTION_MS), &end);
    }
    return NULL;
}

/* Without a thread fetching is only slower. */
void kafka_nudge(struct kafka_nudge *nudge, size_t index)
{
    if (!nudge->running)
        nudge->running = pthread_create(&nudge->thread, NULL, run, nudge) == 0;
    (void) pthread_mutex_lock(&nudge->lock);
    if (!nudge->wanted[index]) {
        nudge->wanted[index] = true;
        nudge->wanted_count++;
        (void) pthread_cond_signal(&nudge->changed);
    }
    (void) pthread_mutex_unlock(&nudge->lock);
}

void kafka_nudge_destroy(struct kafka_nudge *nudge)
{
    if (nudge == NULL)
        return;
    (void) pthread_mutex_lock(&nudge->lock);
    nudge->stopping = true;
    (void) pthread_cond_signal(&nudge->changed);
    (void) pthread_mutex_unlock(&nudge->lock);
    if (nudge->running)
        (void) pthread_join(nudge->thread, NULL);
    (void) pthread_cond_destroy(&nudge->changed);
    (void) pthread_mutex_destroy(&nudge->lock);
    free(nudge);
}
