/* Every question has a queue of its own, so an answer that comes too late is never taken for that
 * to the next question. */
#include "base/bus/bus_kafka_question.h"

void question_begin(struct question *question, const struct kafka_client *client, rd_kafka_t *rk,
                    rd_kafka_admin_op_t kind)
{
    *question = (struct question){
        .rk = rk,
        .options = rd_kafka_AdminOptions_new(rk, kind),
        .queue = rd_kafka_queue_new(rk),
        .deadline_ms = kafka_deadline(client->timeout_ms),
    };
    (void) rd_kafka_AdminOptions_set_request_timeout(question->options, client->timeout_ms, NULL,
                                                     0);
}

void question_end(struct question *question)
{
    if (question->answer != NULL)
        rd_kafka_event_destroy(question->answer);
    rd_kafka_queue_destroy(question->queue);
    rd_kafka_AdminOptions_destroy(question->options);
}

rd_kafka_resp_err_t question_wait(struct question *question)
{
    question->answer = rd_kafka_queue_poll(question->queue, kafka_left(question->deadline_ms));
    if (question->answer == NULL)
        return RD_KAFKA_RESP_ERR__TIMED_OUT;
    return rd_kafka_event_error(question->answer);
}
