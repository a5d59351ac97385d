#include "study/lexicon.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

enum { GROUP_SERVICES, GROUP_ECONOMY, GROUP_PARTY, GROUP_MARKET = 6, GROUP_COOPERATION = 8 };

static void test_counts(void **state)
{
    (void) state;
    assert_int_equal(lexicon_count(GROUP_ECONOMY, SLICE("")), 0);
    assert_int_equal(lexicon_count(GROUP_ECONOMY, SLICE("招商，招商")), 2);
    assert_true(lexicon_count(GROUP_MARKET, SLICE("市市场监管局考察食品安全")) >= 2);
    assert_true(lexicon_count(GROUP_SERVICES, SLICE("教育和医疗")) == 2);
    assert_int_equal(lexicon_count(GROUP_PARTY, SLICE("天气晴朗")), 0);
    assert_true(lexicon_count(GROUP_COOPERATION, SLICE("双方签署协议，深化合作")) >= 3);
}

static void test_limit(void **state)
{
    char text[3 * 1000 + 1];

    (void) state;
    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 3 * i, "碳", 3);
    text[3000] = '\0';
    assert_int_equal(lexicon_count(7, slice_from(text)), LEXICON_COUNT_MAX);
}

static void test_every_group_has_words(void **state)
{
    (void) state;
    for (size_t group = 0; group < LEXICON_GROUPS; group++)
        assert_true(
            lexicon_count(group, SLICE("教育 经济 党建 公安 审计 交通 计量 林业 合作 学习")) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_every_group_has_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
