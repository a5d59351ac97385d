/* The shipped models on plain texts, and what a judge refuses. */
#include "study/judge.h"

#include "tests/unit/study/reader_fixture.h"
#include "tests/unit/study/temp_dir.h"

#include <string.h>

static struct judge *judge;
static struct judgement judgement;

static void ask(const char *site, const char *title, const char *body)
{
    const struct source_text source = fixture_source(site, title, body);

    arena_reset(fixture.arena);
    assert_int_equal(judge_document(judge, &source, fixture.arena, &judgement, &fixture.err),
                     STATUS_OK);
}

static void test_visit(void **state)
{
    (void) state;
    ask("常州", "无锡市党政代表团来我市考察",
        "5月8日，无锡市委书记率党政代表团来常州考察，市委书记陪同。双方签署合作协议，深化产业合作"
        "。");
    assert_true(judgement.is_visit);
    assert_true(judgement.margin > 0);
    assert_true(judgement.chance > 0.5 && judgement.chance <= 1);
    assert_true(judgement.theme_count >= 1);
    assert_string_equal(judgement.purpose, "cooperative");
    assert_int_equal(judgement.trip.leg_count, 1);
}

static void test_no_visit(void **state)
{
    (void) state;
    ask("常州", "关于调整医保政策的通知",
        "各辖市区医保局：为落实全省统一政策，现就有关事项通知如下。");
    assert_false(judgement.is_visit);
    assert_true(judgement.margin <= 0);
    assert_true(judgement.chance < 0.5);
    assert_int_equal(judgement.theme_count, 0);
    assert_null(judgement.purpose);
}

static void test_learning(void **state)
{
    (void) state;
    ask("常州", "市档案局赴苏州学习取经",
        "5月8日，市档案局副局长一行赴苏州市档案馆参观学习，听取介绍，借鉴经验。");
    assert_true(judgement.is_visit);
    assert_string_equal(judgement.purpose, "learning");
}

static void test_subject_of_a_decision_made_elsewhere(void **state)
{
    (void) state;
    ask("常州", "天气", "晴。");
    assert_int_equal(judge_subject(judge, fixture.arena, &judgement, &fixture.err), STATUS_OK);
    assert_true(judgement.theme_count >= 1);
    assert_non_null(judgement.purpose);
}

static void test_themes_are_sorted(void **state)
{
    (void) state;
    ask("常州", "市政协、公安局、教育局赴苏州考察城市更新",
        "考察教育、医疗、养老，公安警务、社区网格，城市更新、老旧小区，产业投资，生态环境治水。");
    assert_int_equal(judge_subject(judge, fixture.arena, &judgement, &fixture.err), STATUS_OK);
    for (size_t i = 1; i < judgement.theme_count; i++)
        assert_true(strcmp(judgement.themes[i - 1], judgement.themes[i]) < 0);
}

static bool unsure(enum judge_task task, unsigned from, unsigned to)
{
    const struct judge_band band = {from, to};

    return judge_unsure(judge, &judgement, task, &band);
}

static void test_unsure_between_two_chances(void **state)
{
    unsigned percent;

    (void) state;
    ask("常州", "", "代表团在衢州考察学习经验。");
    percent = (unsigned) (judgement.chance * 100);
    assert_in_range(percent, 51, 98);
    assert_true(unsure(JUDGE_VISIT, 0, 100));
    assert_true(unsure(JUDGE_VISIT, percent, percent + 1));
    assert_true(unsure(JUDGE_VISIT, percent, 100));
    assert_false(unsure(JUDGE_VISIT, percent + 1, 100));
    assert_false(unsure(JUDGE_VISIT, 0, percent));
    assert_false(unsure(JUDGE_VISIT, 0, 0));
    assert_false(unsure(JUDGE_VISIT, 100, 100));
    assert_int_equal(unsure(JUDGE_PURPOSE, 0, 50), !unsure(JUDGE_PURPOSE, 51, 100));
}

static void test_unsure_themes(void **state)
{
    (void) state;
    ask("常州", "市教育局赴苏州考察", "市教育局一行赴苏州考察义务教育、职业学校和幼儿园。");
    assert_true(judgement.is_visit);
    assert_true(unsure(JUDGE_THEMES, 0, 100));
    assert_false(unsure(JUDGE_THEMES, 0, 1)); /* one holds, and not by so small a chance */
    for (size_t i = 0; i < JUDGE_THEMES_MAX; i++)
        judgement.theme_margins[i] = 0;
    assert_true(unsure(JUDGE_THEMES, 100, 100)); /* none holds */
}

static void test_names_of_tasks(void **state)
{
    (void) state;
    assert_string_equal(judge_task_text(JUDGE_VISIT), "visit");
    assert_string_equal(judge_task_text(JUDGE_PURPOSE), "purpose");
    assert_string_equal(judge_task_text(JUDGE_THEMES), "themes");
}

static void test_same_answer_twice(void **state)
{
    int64_t margin;

    (void) state;
    ask("", "", "5月8日，嘉兴市代表团在衢州考察。");
    margin = judgement.margin;
    ask("", "", "5月8日，嘉兴市代表团在衢州考察。");
    assert_true(margin == judgement.margin);
}

static void test_version_names_the_model(void **state)
{
    (void) state;
    assert_int_equal(strncmp(judge_version(judge), "visit@", 6), 0);
    assert_int_equal(strlen(judge_version(judge)), 6 + 16);
}

#define MODEL(task, features)                                                                      \
    "xunfang-model 1\ntask " task "\nversion v\nfeatures " features "\nbuckets 8\n"                \
    "label x bias 1 slope 1 offset 1 weights 0\n"

static void test_refused_models(void **state)
{
    struct judge *other = NULL;
    struct temp_dir dir;

    (void) state;
    assert_int_equal(temp_dir_create(&dir), 0);
    assert_int_equal(judge_load(dir.path, fixture.reader, &other, &fixture.err), STATUS_NOT_FOUND);
    temp_dir_write(&dir, "models/visit.model", MODEL("themes", "1"));
    assert_int_equal(judge_load(dir.path, fixture.reader, &other, &fixture.err), STATUS_INVALID);
    assert_non_null(strstr(fixture.err.message, "for task themes"));
    temp_dir_write(&dir, "models/visit.model", MODEL("visit", "999"));
    assert_int_equal(judge_load(dir.path, fixture.reader, &other, &fixture.err), STATUS_INVALID);
    assert_non_null(strstr(fixture.err.message, "features 999"));
    assert_null(other);
    temp_dir_destroy(&dir);
}

static int open_judge(void **state)
{
    return fixture_open(state) != 0 || judge_load(SOURCE_DIR "/codebooks/visits", fixture.reader,
                                                  &judge, &fixture.err) != STATUS_OK;
}

static int close_judge(void **state)
{
    judge_destroy(judge);
    return fixture_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visit),
        cmocka_unit_test(test_no_visit),
        cmocka_unit_test(test_learning),
        cmocka_unit_test(test_subject_of_a_decision_made_elsewhere),
        cmocka_unit_test(test_themes_are_sorted),
        cmocka_unit_test(test_unsure_between_two_chances),
        cmocka_unit_test(test_unsure_themes),
        cmocka_unit_test(test_names_of_tasks),
        cmocka_unit_test(test_same_answer_twice),
        cmocka_unit_test(test_version_names_the_model),
        cmocka_unit_test(test_refused_models),
    };

    return cmocka_run_group_tests(tests, open_judge, close_judge);
}
