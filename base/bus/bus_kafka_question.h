/*
 * bus_kafka_question: one request of the admin interface and its answer.
 *
 * Use      question_begin, the library's call with rk, options and queue, question_wait, a look at
 *          `answer`, question_end.
 * Waits    question_wait waits until deadline_ms, which is the client's time-out unless changed; an
 *          answer that comes later is dropped with the queue.
 * Whom     is asked the library decides (the controller, a group's coordinator), or the options.
 * Threads  The bus's.
 */
#ifndef XUNFANG_BASE_BUS_BUS_KAFKA_QUESTION_H
#define XUNFANG_BASE_BUS_BUS_KAFKA_QUESTION_H

#include "base/bus/bus_kafka_client.h"

struct question {
    rd_kafka_t *rk;
    rd_kafka_AdminOptions_t *options;
    rd_kafka_queue_t *queue;
    rd_kafka_event_t *answer; /* NULL until question_wait */
    int64_t deadline_ms;
};

/* By `rk`, a handle of the client's. */
void question_begin(struct question *question, const struct kafka_client *client, rd_kafka_t *rk,
                    rd_kafka_admin_op_t kind);
/* The failure of the request as a whole. */
rd_kafka_resp_err_t question_wait(struct question *question);
/* Frees all, the answer too. */
void question_end(struct question *question);

#endif
