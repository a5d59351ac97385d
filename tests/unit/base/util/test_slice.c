#include "base/util/slice.h"
#include "tests/support/cmocka_all.h"

static void test_compare(void **state)
{
    (void) state;
    assert_true(slice_equal(SLICE("ab"), slice_from("ab")));
    assert_true(slice_equal(SLICE(""), slice_from(NULL)));
    assert_false(slice_equal(SLICE("ab"), SLICE("abc")));
    assert_true(slice_equal_nocase(SLICE("Content-TYPE"), SLICE("content-type")));
    assert_false(slice_equal_nocase(SLICE("a["), SLICE("A{")));
    assert_true(slice_compare(SLICE("a"), SLICE("ab")) < 0);
    assert_true(slice_compare(SLICE("\xff"), SLICE("a")) > 0);
    assert_int_equal(slice_compare(SLICE(""), SLICE("")), 0);
}

static void test_find(void **state)
{
    (void) state;
    assert_int_equal(slice_find(SLICE("aaab"), SLICE("aab")), 1);
    assert_int_equal(slice_find(SLICE("abc"), SLICE("d")), 3);
    assert_int_equal(slice_find(SLICE("abc"), SLICE("abcd")), 3);
    assert_int_equal(slice_find(SLICE("abc"), SLICE("")), 0);
    assert_int_equal(slice_find(slice_from(NULL), SLICE("x")), 0);
    assert_false(slice_contains(slice_from(NULL), SLICE("x")));
    assert_true(slice_contains(SLICE("苏州市"), SLICE("州")));
    assert_true(slice_starts(SLICE("http://x"), SLICE("http")));
    assert_false(slice_starts(SLICE("ht"), SLICE("http")));
    assert_true(slice_ends(SLICE("a.json"), SLICE(".json")));
    assert_false(slice_ends(SLICE("n"), SLICE(".json")));
}

static void test_cut(void **state)
{
    struct slice rest = SLICE("a,,b");

    (void) state;
    assert_true(slice_equal(slice_sub(SLICE("abc"), 1, 100), SLICE("bc")));
    assert_true(slice_equal(slice_sub(SLICE("abc"), 9, 1), SLICE("")));
    assert_true(slice_equal(slice_trim(SLICE(" \t a b\r\n")), SLICE("a b")));
    assert_true(slice_equal(slice_trim(SLICE("  ")), SLICE("")));
    assert_true(slice_equal(slice_split(&rest, ','), SLICE("a")));
    assert_true(slice_equal(slice_split(&rest, ','), SLICE("")));
    assert_non_null(rest.data);
    assert_true(slice_equal(slice_split(&rest, ','), SLICE("b")));
    assert_null(rest.data);
}

static void test_whole_numbers_are_strict(void **state)
{
    uint64_t value = 7;
    struct error err;

    (void) state;
    assert_int_equal(slice_to_uint(SLICE("0042"), 0, 99, &value, &err), STATUS_OK);
    assert_int_equal(value, 42);
    assert_int_equal(slice_to_uint(SLICE("18446744073709551615"), 0, UINT64_MAX, &value, &err),
                     STATUS_OK);
    assert_true(value == UINT64_MAX);
    value = 7;
    assert_int_equal(slice_to_uint(SLICE("18446744073709551616"), 0, UINT64_MAX, &value, &err),
                     STATUS_INVALID);
    assert_int_equal(slice_to_uint(SLICE("-1"), 0, 9, &value, &err), STATUS_INVALID);
    assert_int_equal(slice_to_uint(SLICE("1.5"), 0, 9, &value, &err), STATUS_INVALID);
    assert_int_equal(slice_to_uint(SLICE(""), 0, 9, &value, &err), STATUS_INVALID);
    assert_int_equal(slice_to_uint(SLICE("10"), 0, 9, &value, &err), STATUS_INVALID);
    assert_string_equal(err.message, "'10' is not between 0 and 9");
    assert_int_equal(value, 7);
}

static void test_units_are_required(void **state)
{
    uint64_t bytes = 1;
    int64_t ms = 1;
    struct error err;

    (void) state;
    assert_int_equal(slice_to_bytes(SLICE("8MiB"), &bytes, &err), STATUS_OK);
    assert_int_equal(bytes, 8 * 1024 * 1024);
    assert_int_equal(slice_to_bytes(SLICE("8"), &bytes, &err), STATUS_INVALID);
    assert_int_equal(slice_to_bytes(SLICE("8MB"), &bytes, &err), STATUS_INVALID);
    assert_int_equal(slice_to_bytes(SLICE("9999999999999GiB"), &bytes, &err), STATUS_INVALID);
    assert_int_equal(bytes, 8 * 1024 * 1024);
    assert_int_equal(slice_to_duration(SLICE("20ms"), &ms, &err), STATUS_OK);
    assert_int_equal(ms, 20);
    assert_int_equal(slice_to_duration(SLICE("1d"), &ms, &err), STATUS_OK);
    assert_int_equal(ms, 86400000);
    assert_int_equal(slice_to_duration(SLICE("0s"), &ms, &err), STATUS_OK);
    assert_int_equal(ms, 0);
    assert_int_equal(slice_to_duration(SLICE("1.5s"), &ms, &err), STATUS_INVALID);
    assert_string_equal(err.message, "'1.5s' is not a number with a unit (20ms, 1s, 5m, 2h, 1d)");
}

static void test_decimals_are_exact(void **state)
{
    static const struct {
        const char *text;
        int64_t millionths;
    } good[] = {{"0", 0},          {"12", 12000000},
                {"0.5", 500000},   {"3.000001", 3000001},
                {"00.10", 100000}, {"9223372036853.999999", INT64_C(9223372036853999999)}};
    static const char *const bad[] = {"",    ".5",  "1.",   "1.0000001",       "-1",  "+1",
                                      "1e3", "1,5", "1.5 ", "9223372036854.0", "1.-5"};
    struct error err;
    int64_t value = 7;

    (void) state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(slice_to_millionths(slice_from(bad[i]), &value, &err), STATUS_INVALID);
    assert_int_equal(value, 7);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(slice_to_millionths(slice_from(good[i].text), &value, &err), STATUS_OK);
        assert_int_equal(value, good[i].millionths);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_whole_numbers_are_strict),
        cmocka_unit_test(test_units_are_required),
        cmocka_unit_test(test_decimals_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
