/*
 * asked.h: a job that asks a language model, on logs in memory: documents with their text, the log
 * of answers as a worker writes it, reports that name its answers.
 *
 * Study    The shipped codebook and gazetteer; llm: model "m" at "http://127.0.0.1:1/v1".
 * Answers  asked_answer claims, replies and reads back through base/llm/answers.h, as slot
 *          "main.classifier-0".
 * Source   `source` is a job_source put together by hand, reading what stands there.
 */
#ifndef XUNFANG_TESTS_UNIT_AGGREGATOR_ASKED_H
#define XUNFANG_TESTS_UNIT_AGGREGATOR_ASKED_H

#include "tests/unit/aggregator/logs.h"

#include "aggregator/job_source.h"
#include "aggregator/questions.h"
#include "base/llm/answers.h"
#include "proto/answer.pb-c.h"

enum { ASKED_REPORT_TASKS = 4 };

struct asked_job {
    struct logs logs;
    struct job_settings settings;
    struct catalog_run run;
    Xunfang__JobSubmitted submitted;
    struct study *study;
    struct job_source source;
    struct questions questions;
    struct store *store;
    struct answers *answers;
};

static inline void asked_open_answers(struct asked_job *job, uint64_t life)
{
    const struct answers_options options = {.bus = job->logs.bus,
                                            .topic = job->logs.topics[TOPIC_ANSWERS].text,
                                            .store = job->store,
                                            .clock = clock_system(),
                                            .job = {"test", 4},
                                            .slot = "main.classifier-0",
                                            .life = life,
                                            .caps = {100, 100000, 0},
                                            .claim_ms = 600000};
    struct error err = {.code = STATUS_OK};

    if (answers_open(&options, &job->answers, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static inline void asked_open(struct asked_job *job)
{
    struct error err = {.code = STATUS_OK};

    memset(job, 0, sizeof *job);
    logs_open(&job->logs);
    job->settings.so_far = true;
    job->run.job = "test";
    job->run.run = "main";
    xunfang__job_submitted__init(&job->submitted);
    job->run.submitted = &job->submitted;
    if (study_load_parts(NULL, NULL, SOURCE_DIR, &job->study, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    job->study->job.llm.endpoint = SLICE("http://127.0.0.1:1/v1");
    job->study->job.llm.model = SLICE("m");
    job->study->job.llm.prices.currency = SLICE("CNY");
    job->study->job.llm.budget = (struct job_budget){100, 100000, 0};
    job->source = (struct job_source){
        .settings = &job->settings, .bus = job->logs.bus, .run = &job->run, .study = job->study};
    memcpy(job->source.topics, job->logs.topics, sizeof job->source.topics);
    if (questions_init(&job->questions, job->study, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    job->store = store_open_memory();
    asked_open_answers(job, 7);
}

static inline void asked_close(struct asked_job *job)
{
    answers_close(job->answers);
    store_close(job->store);
    questions_fini(&job->questions);
    study_destroy(job->study);
    logs_close(&job->logs);
}

/* A document of 南京's site, published 2019-05-09. */
struct asked_text {
    const char *url;
    const char *title;
    const char *body;
};

static inline void asked_fill_brief(Xunfang__Brief *brief, const struct asked_text *text,
                                    struct id *fingerprint)
{
    xunfang__brief__init(brief);
    *fingerprint = id_of(slice_from(text->title), slice_from(text->body));
    brief->url = fixture_text(text->url);
    brief->title = fixture_text(text->title);
    brief->site_city = fixture_text("南京");
    brief->has_date = true;
    brief->date = fixture_day("2019-05-09");
    brief->fingerprint = message_bytes(id_slice(fingerprint));
}

static inline void asked_document(struct asked_job *job, const struct asked_text *text)
{
    Xunfang__Document document = XUNFANG__DOCUMENT__INIT;
    Xunfang__Brief brief;
    struct id fingerprint;

    asked_fill_brief(&brief, text, &fingerprint);
    document.brief = &brief;
    document.body = fixture_text(text->body);
    logs_put_message(&job->logs, TOPIC_DOCUMENTS, logs_record(text->url, OUTCOME_PASSED, "", 0),
                     &document.base);
}

/* The question about the task; `parts` point to the arena and the study. */
static inline struct id asked_question(struct asked_job *job, const struct asked_text *text,
                                       const char *task, struct answer_question *parts)
{
    const struct source_text source = {.title = slice_from(text->title),
                                       .body = slice_from(text->body),
                                       .site_city = SLICE("南京"),
                                       .url = slice_from(text->url),
                                       .day = fixture_day("2019-05-09")};
    const struct prompt *prompt = questions_find(&job->questions, slice_from(task));
    struct asker_question asked = {.generation = 0};

    assert_non_null(prompt);
    assert_int_equal(prompt_question(prompt, &source, job->logs.arena, &asked, NULL), STATUS_OK);
    *parts = (struct answer_question){asked.task, job->study->job.llm.model, asked.prompt,
                                      asked.content};
    return answer_key(parts);
}

static inline void asked_poll(struct asked_job *job)
{
    struct error err = {.code = STATUS_OK};

    for (int i = 0; i < 8; i++)
        if (answers_poll(job->answers, 0, &err) != STATUS_OK)
            fail_msg("%s", err.message);
}

/* Claims the key; 0: it was not granted. */
static inline uint64_t asked_claim(struct asked_job *job, struct id key)
{
    const struct answer_claim claim = {.reserve = {4, 4000, 0}};
    struct answer_entry entry;

    assert_int_equal(answers_claim(job->answers, key, &claim, NULL), STATUS_OK);
    asked_poll(job);
    assert_int_equal(answers_find(job->answers, key, job->logs.arena, &entry, NULL), STATUS_OK);
    return entry.state == ANSWER_OURS ? entry.claim : 0;
}

/* One call of 30 + 10 tokens, 12 ms, 5 millionths. */
static inline struct id asked_answer(struct asked_job *job, const struct asked_text *text,
                                     const char *task, const char *json)
{
    struct answer_question parts;
    struct id key = asked_question(job, text, task, &parts);
    struct answer_reply reply = {.claim = asked_claim(job, key),
                                 .question = &parts,
                                 .text = slice_from(json),
                                 .served_by = SLICE("server"),
                                 .usage = {1, 30, 10, 12},
                                 .money = 5};

    assert_int_not_equal(reply.claim, 0);
    assert_int_equal(answers_reply(job->answers, key, &reply, NULL), STATUS_OK);
    asked_poll(job);
    return key;
}

static inline struct id asked_fail(struct asked_job *job, const struct asked_text *text,
                                   const char *task)
{
    struct answer_question parts;
    struct id key = asked_question(job, text, task, &parts);
    struct answer_failure failure = {.claim = asked_claim(job, key),
                                     .reason = SLICE("HTTP 500"),
                                     .usage = {2, 60, 0, 20},
                                     .money = 3};

    assert_int_not_equal(failure.claim, 0);
    assert_int_equal(answers_fail(job->answers, key, &failure, NULL), STATUS_OK);
    asked_poll(job);
    return key;
}

/* What the extractor says of the document; `kind` may be TOPIC_VISITS too. */
struct asked_report {
    const struct asked_text *text;
    enum outcome outcome;
    const char *reason;
    const char *decided_by;
    const char *asked; /* as in struct telling */
    struct id answers[ASKED_REPORT_TASKS];
    size_t answer_count;
    const char *purpose;
    const char *theme;
    const char *origin; /* NULL: no event */
    const char *origin_dept;
};

static inline Xunfang__Consulted *asked_consulted(struct asked_job *job,
                                                  const struct asked_report *given)
{
    Xunfang__Consulted *consulted = fixture_consulted(given->asked, job->logs.arena);

    if (consulted == NULL)
        return NULL;
    consulted->answers =
        arena_array(job->logs.arena, ASKED_REPORT_TASKS, sizeof *consulted->answers);
    for (size_t i = 0; i < given->answer_count; i++)
        consulted->answers[i] = message_bytes(id_slice(&given->answers[i]));
    consulted->n_answers = given->answer_count;
    return consulted;
}

static inline void asked_fill_report(struct asked_job *job, const struct asked_report *given,
                                     Xunfang__Report *report)
{
    const struct telling telling = {
        .origin = given->origin, .day = "2019-05-08", .origin_dept = given->origin_dept};
    Xunfang__Event *event = arena_alloc(job->logs.arena, sizeof *event);
    Xunfang__Event **events = arena_array(job->logs.arena, 1, sizeof *events);
    char **themes = arena_array(job->logs.arena, 1, sizeof *themes);

    report->decided_by = fixture_text(given->decided_by);
    report->model = fixture_text("m@1");
    report->consulted = asked_consulted(job, given);
    if (given->origin == NULL)
        return;
    fixture_fill_event(event, &telling, "南京");
    events[0] = event;
    themes[0] = fixture_text(given->theme);
    report->events = events;
    report->n_events = 1;
    report->themes = themes;
    report->n_themes = given->theme != NULL;
    report->purpose = fixture_text(given->purpose);
}

static inline void asked_put_report(struct asked_job *job, const struct asked_report *given)
{
    Xunfang__Report report = XUNFANG__REPORT__INIT;
    Xunfang__Brief brief;
    struct id fingerprint;

    asked_fill_brief(&brief, given->text, &fingerprint);
    asked_fill_report(job, given, &report);
    report.brief = &brief;
    logs_put_message(&job->logs, TOPIC_REPORTS,
                     logs_record(given->text->url, given->outcome, given->reason, 0), &report.base);
}

/* A record of the log of answers that no worker would write. */
static inline void asked_put_answer(struct asked_job *job, struct id key,
                                    const Xunfang__AnswerRecord *answer)
{
    const struct record record = {.id = key};

    logs_put_message(&job->logs, TOPIC_ANSWERS, record, &answer->base);
}

static const struct asked_text asked_texts[] = {
    {"http://b.example/1", "上海市代表团来宁考察",
     "5月8日，上海市教育局局长一行来我市考察，双方希望深化合作。"},
    {"http://b.example/2", "企业家座谈会举行", "5月7日，我市举行企业家座谈会，听取意见。"},
    {"http://b.example/3", "市领导赴外地学习", "日前，市领导赴外地学习考察。"},
};

/* In the form that the shipped codebook asks for. */
#define ASKED_YES                                                                                  \
    "{\"来访方\":\"上海市\",\"来访市\":\"上海\",\"到访市\":\"南京\",\"类型\":\"两市往来\"}"
#define ASKED_NO    "{\"来访方\":\"\",\"来访市\":\"\",\"到访市\":\"\",\"类型\":\"本市活动\"}"
#define ASKED_LEARN "{\"目的\":\"学习\"}"
static const char asked_event[] =
    "{\"来访城市\":\"上海市\",\"接待城市\":\"我市\",\"来访单位\":\"教育局\","
    "\"接待单位\":\"\",\"日期\":\"5月8日\"}";

#endif
