#include "study/cues.h"

#include "tests/support/cmocka_all.h"

static struct cues *cues;

static void check(const char *text, size_t offset, size_t size, enum cue want)
{
    enum cue cue = CUE_STOP;

    assert_int_equal(cue_at(cues, slice_from(text), offset, &cue), size);
    if (size > 0)
        assert_int_equal(cue, want);
}

static void test_words(void **state)
{
    (void) state;
    check("赴苏州", 0, 3, CUE_GO);
    check("来访", 0, 6, CUE_COME);
    check("我市赴", 0, 6, CUE_OWN);
    check("我市赴", 6, 3, CUE_GO);
    check("、", 0, 3, CUE_LIST);
    check(",", 0, 1, CUE_BREAK);
    check(" ", 0, 1, CUE_BREAK);
    check("\n", 0, 1, CUE_STOP);
    check("代表团", 0, 9, CUE_GROUP);
    check("率队", 0, 6, CUE_LEAD);
    check("视频会议", 0, 12, CUE_REMOTE);
}

static void test_longest_wins(void **state)
{
    (void) state;
    check("来自各地", 0, 6, CUE_NONE);
    check("效率", 0, 6, CUE_NONE);
    check("率先", 0, 6, CUE_NONE);
    check("率团", 0, 6, CUE_LEAD);
    check("市民政局", 0, 12, CUE_NONE);
    check("招商局", 0, 9, CUE_NONE);
    check("招商引资", 0, 6, CUE_TALK);
}

static void test_no_word(void **state)
{
    (void) state;
    check("", 0, 0, CUE_NONE);
    check("苏州", 0, 0, CUE_NONE);
    check("a", 0, 0, CUE_NONE);
    check("\xe8\xb5", 0, 0, CUE_NONE); /* the head of 赴 */
    check("\xff\xff\xff", 0, 0, CUE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_longest_wins),
        cmocka_unit_test(test_no_word),
    };
    int failed;

    cues = cues_create();
    failed = cues == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
    cues_destroy(cues);
    return failed;
}
