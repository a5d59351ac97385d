/* A cascade over the shipped models and a scripted consult; tests set it up anew each. */
#ifndef XUNFANG_TESTS_UNIT_STUDY_CASCADE_FIXTURE_H
#define XUNFANG_TESTS_UNIT_STUDY_CASCADE_FIXTURE_H

#include "tests/unit/study/consult_fake.h"
#include "tests/unit/study/reader_fixture.h"

static struct judge *judge;
static struct cascade *cascade;
static struct source_text source; /* the one begun last */
static int owner;

static const char visit_title[] = "无锡市党政代表团来我市考察";
static const char visit_body[] =
    "5月8日，无锡市委书记率党政代表团来常州考察，市委书记陪同。双方签署合作协议，深化产业合作。";
static const char other_title[] = "关于调整医保政策的通知";
static const char other_body[] = "各辖市区医保局：为落实全省统一政策，现就有关事项通知如下。";

static inline int set_up(void **state)
{
    (void) state;
    fake_open();
    arena_reset(fixture.arena);
    return 0;
}

static inline int tear_down(void **state)
{
    (void) state;
    cascade_destroy(cascade);
    cascade = NULL;
    return 0;
}

static inline void create(struct consult *consult)
{
    assert_int_equal(cascade_create(judge, consult, &cascade, &fixture.err), STATUS_OK);
}

static inline struct decision *begin(const char *title, const char *body)
{
    struct source_text *given = arena_alloc(fixture.arena, sizeof *given);
    const struct cascade_input input = {given, fixture.arena, 7, &owner};
    struct decision *decision = NULL;

    source = fixture_source("常州", title, body);
    assert_non_null(given);
    *given = source;
    assert_int_equal(cascade_begin(cascade, &input, &decision, &fixture.err), STATUS_OK);
    return decision;
}

static inline struct decision *step(void)
{
    assert_int_equal(cascade_step(cascade, 5, &fixture.err), STATUS_OK);
    return cascade_next(cascade);
}

static inline int open_judge(void **state)
{
    return fixture_open(state) != 0 || judge_load(SOURCE_DIR "/codebooks/visits", fixture.reader,
                                                  &judge, &fixture.err) != STATUS_OK;
}

static inline int close_judge(void **state)
{
    judge_destroy(judge);
    return fixture_close(state);
}

/* A test of the cascade. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
