#include "tests/unit/aggregator/fixture.h"

#include "aggregator/csv.h"

#include <math.h>

static void quotes_only_where_needed(void **state)
{
    struct buf out;
    struct csv csv;

    (void) state;
    buf_init(&out, 1000);
    csv = csv_begin(&out, "a,b,c");
    csv_text(&csv, SLICE("plain 文字"));
    csv_text(&csv, SLICE("a,b"));
    csv_text(&csv, SLICE("say \"no\""));
    csv_end(&csv);
    csv_text(&csv, SLICE(""));
    csv_text(&csv, SLICE("two\nlines"));
    csv_text(&csv, SLICE(" edge"));
    csv_end(&csv);
    assert_string_equal(buf_text(&out), "a,b,c\nplain 文字,\"a,b\",\"say \"\"no\"\"\"\n"
                                        ",\"two\nlines\",\" edge\"\n");
    buf_fini(&out);
}

static void check_number(double number, const char *wanted)
{
    struct buf out;

    buf_init(&out, 100);
    number_put(&out, number, "-");
    assert_string_equal(buf_text(&out), wanted);
    buf_fini(&out);
}

static void numbers_have_up_to_six_decimals(void **state)
{
    (void) state;
    check_number(0.5, "0.5");
    check_number(2.0 / 3, "0.666667");
    check_number(0, "0");
    check_number(-0.0000001, "0");
    check_number(-0.25, "-0.25");
    check_number(100, "100");
    check_number(1e-6, "0.000001");
    check_number(NAN, "-");
    check_number(INFINITY, "-");
}

static void fields_of_every_kind(void **state)
{
    struct buf out;
    struct csv csv;

    (void) state;
    buf_init(&out, 1000);
    csv = csv_begin(&out, "h");
    csv_uint(&csv, 18446744073709551615U);
    csv_maybe_uint(&csv, false, 3);
    csv_maybe_uint(&csv, true, 3);
    csv_number(&csv, NAN);
    csv_number(&csv, 1.25);
    csv_day(&csv, CIVIL_NONE);
    csv_day(&csv, 0);
    csv_end(&csv);
    assert_string_equal(buf_text(&out), "h\n18446744073709551615,,3,,1.25,,1970-01-01\n");
    buf_fini(&out);
}

/* Whatever is written reads back: a property over seeded texts of nasty characters. */
static void reads_back_what_it_wrote(void **state)
{
    static const char letters[] = "a,\"\n\r |中";
    unsigned seed = 1;

    (void) state;
    for (int round = 0; round < 500; round++) {
        char texts[5][12];
        struct buf out, memory;
        struct csv_row row;
        struct slice rest;
        struct error err = {.code = STATUS_OK};
        struct csv csv = {.out = &out};

        buf_init(&out, 1000);
        buf_init(&memory, 1000);
        for (int i = 0; i < 5; i++) {
            size_t size = (seed = seed * 1103515245U + 12345U) >> 16 & 7;
            for (size_t k = 0; k < size; k++)
                texts[i][k] =
                    letters[((seed = seed * 1103515245U + 12345U) >> 16) % (sizeof letters - 1)];
            texts[i][size] = '\0';
            csv_text(&csv, slice_from(texts[i]));
        }
        csv_end(&csv);
        rest = buf_slice(&out);
        assert_true(csv_next(&rest, &memory, &row, &err));
        assert_int_equal(row.count, 5);
        for (int i = 0; i < 5; i++)
            assert_true(slice_equal(row.fields[i], slice_from(texts[i])));
        assert_false(csv_next(&rest, &memory, &row, &err));
        assert_int_equal(err.code, STATUS_OK);
        buf_fini(&out);
        buf_fini(&memory);
    }
}

static void a_broken_row_is_an_error(void **state)
{
    struct slice rest = SLICE("\"open,b\n");
    struct error err = {.code = STATUS_OK};
    struct csv_row row;
    struct buf memory;

    (void) state;
    buf_init(&memory, 1000);
    assert_false(csv_next(&rest, &memory, &row, &err));
    assert_int_equal(err.code, STATUS_INVALID);
    buf_fini(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_only_where_needed),
        cmocka_unit_test(numbers_have_up_to_six_decimals),
        cmocka_unit_test(fields_of_every_kind),
        cmocka_unit_test(reads_back_what_it_wrote),
        cmocka_unit_test(a_broken_row_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
