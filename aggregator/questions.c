#include "aggregator/questions.h"

#include "base/llm/answers.h"

/* Missing parts are empty, as the workers take them. They must be just as the workers take them:
 * one byte more and every key is another. */
struct source_text questions_source(const Xunfang__Document *document)
{
    const Xunfang__Brief *brief = document->brief;
    struct source_text source = {.body = slice_from(document->body), .day = CIVIL_NONE};

    if (brief == NULL)
        return source;
    source.title = slice_from(brief->title);
    source.url = slice_from(brief->url);
    source.site_city = slice_from(brief->site_city);
    source.day = brief->has_date ? brief->date : CIVIL_NONE;
    return source;
}

enum status questions_init(struct questions *questions, const struct study *study,
                           struct error *err)
{
    const struct codebook *codebook = &study->codebook;
    enum status status = STATUS_OK;

    *questions = (struct questions){.study = study};
    if (study->job.llm.endpoint.size == 0)
        return STATUS_OK;
    for (size_t i = 0; i < codebook->task_count && status == STATUS_OK; i++) {
        if (!codebook->tasks[i].ask.given)
            continue;
        if (questions->count == QUESTIONS_MAX)
            return error_set(err, STATUS_TOO_LARGE, "more than %d tasks are asked", QUESTIONS_MAX);
        status = prompt_create(&codebook->tasks[i], &questions->prompts[questions->count], err);
        questions->count += status == STATUS_OK;
    }
    return status;
}

void questions_fini(struct questions *questions)
{
    for (size_t i = 0; i < questions->count; i++)
        prompt_destroy(questions->prompts[i]);
    questions->count = 0;
}

const struct prompt *questions_find(const struct questions *questions, struct slice task)
{
    for (size_t i = 0; i < questions->count; i++)
        if (slice_equal(prompt_task(questions->prompts[i])->name, task))
            return questions->prompts[i];
    return NULL;
}

/* The model's name is the job's: what the server calls itself plays no part. */
enum status questions_make(const struct questions *questions, const struct source_text *source,
                           struct arena *arena, struct question *question, struct error *err)
{
    /* The generation is no part of the key. */
    struct asker_question asked = {.generation = 0};
    struct answer_question parts;
    enum status status = prompt_question(question->prompt, source, arena, &asked, err);

    if (status != STATUS_OK)
        return status;
    parts = (struct answer_question){.task = asked.task,
                                     .model = questions->study->job.llm.model,
                                     .prompt = asked.prompt,
                                     .content = asked.content};
    question->key = answer_key(&parts);
    question->shape = asked.shape;
    return STATUS_OK;
}
