/* Commit metadata as text: readable where it can be, whole in any case. */
#include "base/bus/bus_kafka_offsets.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static void there_and_back(struct slice bytes, const char *expected)
{
    char text[KAFKA_METADATA_MAX];
    char back[BUS_METADATA_MAX];
    size_t size;

    kafka_metadata_write(bytes, text);
    if (expected != NULL)
        assert_string_equal(text, expected);
    size = kafka_metadata_read(slice_from(text), back);
    assert_true(slice_equal(slice_of(back, size), bytes));
}

static void test_texts(void **state)
{
    (void) state;
    there_and_back(SLICE(""), "");
    there_and_back(SLICE("clean"), "clean");
    there_and_back(SLICE("try 2"), "try 2");
    there_and_back(SLICE("hex"), "hex");
}

static void test_bytes(void **state)
{
    char most[BUS_METADATA_MAX];

    (void) state;
    there_and_back(SLICE("a\0b"), "hex:610062");
    there_and_back(SLICE("\xff"), "hex:ff");
    there_and_back(SLICE("hex:61"), "hex:6865783a3631");
    for (size_t i = 0; i < sizeof most; i++)
        most[i] = (char) (unsigned char) (i * 5);
    there_and_back(slice_of(most, sizeof most), NULL);
    memset(most, '~', sizeof most);
    there_and_back(slice_of(most, sizeof most), NULL);
}

/* Somebody else's commit, by another tool. */
static void test_foreign(void **state)
{
    char text[3 * BUS_METADATA_MAX];
    char back[BUS_METADATA_MAX];

    (void) state;
    memset(text, 'x', sizeof text);
    assert_int_equal(kafka_metadata_read(slice_of(text, sizeof text), back), BUS_METADATA_MAX);
    assert_int_equal(kafka_metadata_read(SLICE("hex:6"), back), 0);
    assert_int_equal(kafka_metadata_read(SLICE("hex:61zz"), back), 1);
    memcpy(text, "hex:", 4);
    memset(text + 4, '1', sizeof text - 4);
    assert_int_equal(kafka_metadata_read(slice_of(text, sizeof text), back), BUS_METADATA_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_foreign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
