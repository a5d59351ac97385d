/* Feature vectors: golden values, and that they see form, not names. */
#include "study/features.h"

#include "tests/unit/study/reader_fixture.h"

#include <string.h>

enum {
    BUCKETS = 1 << 18,
    /* Of FEATURES_VERSION 1; they change only with it. */
    GOLDEN_EMPTY_COUNT = 2,
    GOLDEN_COUNT = 19,
    GOLDEN_BUCKET = 38192,
    GOLDEN_VALUE = 21845
};

static struct features features;

static void make(enum features_kind kind, uint32_t buckets)
{
    const struct features_request request = {kind, &fixture.reading, &fixture.trip, buckets};

    assert_int_equal(features_make(&request, fixture.arena, &features, &fixture.err), STATUS_OK);
}

/* One number for a whole vector. */
static uint64_t digest(void)
{
    uint64_t sum = 1469598103934665603ULL;

    for (size_t i = 0; i < features.count; i++)
        sum = (sum ^ features.items[i].bucket ^ ((uint64_t) features.items[i].value << 32)) *
              1099511628211ULL;
    return sum;
}

static void test_sorted_and_distinct(void **state)
{
    (void) state;
    fixture_read("常州", "无锡市党政代表团来我市考察",
                 "5月8日，无锡市市长率党政代表团来常州考察。");
    make(FEATURES_EVENT, BUCKETS);
    assert_true(features.count > 100);
    for (size_t i = 0; i < features.count; i++) {
        assert_true(features.items[i].bucket < BUCKETS);
        assert_true(features.items[i].value > 0);
        if (i > 0)
            assert_true(features.items[i - 1].bucket < features.items[i].bucket);
    }
}

static uint64_t digest_of(const char *site, const char *title, const char *body)
{
    fixture_read(site, title, body);
    make(FEATURES_EVENT, BUCKETS);
    return digest();
}

static void test_names_do_not_matter(void **state)
{
    uint64_t a = digest_of("常州", "无锡市党政代表团来我市考察", "无锡市代表团5月8日到常州市。");
    uint64_t b = digest_of("成都", "绵阳市党政代表团来我市考察", "绵阳市代表团6月9日到成都市。");
    uint64_t c = digest_of("常州", "常州市党政代表团来我市考察", "常州市代表团5月8日到常州市。");

    (void) state;
    assert_true(a == b);
    assert_true(a != c);
}

static void test_white_space_and_width_do_not_matter(void **state)
{
    uint64_t a = digest_of("常州", "来 访", "8日,到访");
    uint64_t b = digest_of("常州", "来访", "９日，到 访");

    (void) state;
    assert_true(a == b);
}

static void test_golden(void **state)
{
    (void) state;
    fixture_read("", "", "");
    make(FEATURES_TOPIC, 16);
    assert_int_equal(features.count, GOLDEN_EMPTY_COUNT);
    fixture_read("常州", "赴苏州", "学习");
    make(FEATURES_TOPIC, BUCKETS);
    assert_int_equal(features.count, GOLDEN_COUNT);
    assert_int_equal(features.items[0].bucket, GOLDEN_BUCKET);
    assert_int_equal(features.items[0].value, GOLDEN_VALUE);
}

static void test_small_tables_add_up(void **state)
{
    int64_t wide = 0;
    int64_t narrow = 0;

    (void) state;
    fixture_read("常州", "无锡市来访", "无锡市来常州考察");
    make(FEATURES_EVENT, 1 << 20);
    for (size_t i = 0; i < features.count; i++)
        wide += features.items[i].value;
    make(FEATURES_EVENT, 7);
    assert_true(features.count <= 7);
    for (size_t i = 0; i < features.count; i++)
        narrow += features.items[i].value;
    assert_true(wide > 0 && narrow > 0);
}

static void test_long_bodies_are_bounded(void **state)
{
    static char body[FEATURES_BODY * 12 + 1];

    (void) state;
    for (size_t i = 0; i + 3 < sizeof body; i += 3)
        memcpy(body + i, i % 2 == 0 ? "学" : "习", 3);
    fixture_read("常州", "题", body);
    make(FEATURES_TOPIC, BUCKETS);
    assert_true(features.count < FEATURES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sorted_and_distinct),
        cmocka_unit_test(test_names_do_not_matter),
        cmocka_unit_test(test_white_space_and_width_do_not_matter),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_small_tables_add_up),
        cmocka_unit_test(test_long_bodies_are_bounded),
    };

    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
