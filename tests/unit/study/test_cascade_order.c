/* Many documents at once, answered in any order: each gets its own answers. */
#include "study/cascade.h"

#include "base/util/random.h"
#include "tests/unit/study/cascade_fixture.h"

enum { MANY = 40 };

static struct {
    char bodies[MANY][160];
    struct source_text sources[MANY];
    size_t ended;
} crowd;

/* The answer to a question about this body: anything will do that differs from one to the next. */
static size_t right_answer(struct slice body, enum judge_task task)
{
    struct id id = id_of(slice_from(judge_task_text(task)), body);

    return ((const unsigned char *) id_slice(&id).data)[0] % 2;
}

static void begin_crowd(void)
{
    crowd.ended = 0;
    for (size_t i = 0; i < MANY; i++) {
        struct cascade_input input = {&crowd.sources[i], fixture.arena, 0, &crowd.sources[i]};
        struct decision *decision = NULL;

        (void) snprintf(crowd.bodies[i], sizeof crowd.bodies[i], "%s%zu", visit_body, i);
        crowd.sources[i] = fixture_source("常州", visit_title, crowd.bodies[i]);
        assert_int_equal(cascade_begin(cascade, &input, &decision, &fixture.err), STATUS_OK);
        assert_null(decision);
    }
}

static void check_one(const struct decision *decision)
{
    struct slice body = decision->source->body;
    bool is_visit = right_answer(body, JUDGE_VISIT) == PROMPT_YES;

    assert_ptr_equal(decision->owner, decision->source);
    assert_int_equal(decision->judgement.is_visit, is_visit);
    assert_int_equal(decision->consulted.answer_count, is_visit ? 3 : 1);
    crowd.ended++;
    if (!is_visit)
        return;
    assert_string_equal(decision->judgement.purpose,
                        fake_purposes[right_answer(body, JUDGE_PURPOSE)].name.data);
    assert_string_equal(decision->judgement.themes[0],
                        fake_themes[right_answer(body, JUDGE_THEMES)].name.data);
}

static void answer_some(struct random *random)
{
    for (size_t i = 0; i < fake.count; i++) {
        const struct fake_question *question = &fake.questions[i];
        enum judge_task task = (enum judge_task)(question->prompt - fake.prompts);

        if (question->open && random_below(random, 4) == 0)
            fake_answer(i, right_answer(question->content, task));
    }
}

static void test_answers_in_any_order_with_any_room(void **state)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct random random;

        random_init(&random, seed);
        set_up(state);
        for (int i = 0; i < JUDGE_TASKS; i++)
            fake_band((enum judge_task) i, 0, 100);
        fake.room = 1 + (size_t) random_below(&random, 12);
        create(fake_consult());
        begin_crowd();
        for (int round = 0; round < 10000 && cascade_open_count(cascade) > 0; round++) {
            answer_some(&random);
            for (struct decision *one = step(); one != NULL; one = cascade_next(cascade))
                check_one(one);
        }
        assert_int_equal(crowd.ended, MANY);
        tear_down(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_in_any_order_with_any_room),
    };

    return cmocka_run_group_tests(tests, open_judge, close_judge);
}
