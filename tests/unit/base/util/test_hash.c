#include "base/util/hash.h"
#include "tests/support/cmocka_all.h"

static void test_fields_do_not_run_together(void **state)
{
    (void) state;
    assert_false(id_equal(id_of(SLICE("ab"), SLICE("c")), id_of(SLICE("a"), SLICE("bc"))));
    assert_true(id_equal(id_of(SLICE("ab"), SLICE("c")), id_of(SLICE("ab"), SLICE("c"))));
    assert_false(id_equal(id_of(SLICE(""), SLICE("")), id_of(SLICE("\0"), SLICE(""))));
}

static void test_sha256_of_a_known_text(void **state)
{
    unsigned char digest[SHA256_SIZE];

    (void) state;
    sha256_of(SLICE("abc"), digest);
    assert_memory_equal(digest, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23",
                        16);
}

static void test_sha256_of_pieces(void **state)
{
    unsigned char whole[SHA256_SIZE], pieces[SHA256_SIZE];
    struct hash *hash = hash_create();

    (void) state;
    sha256_of(SLICE("abc"), whole);
    hash_bytes(hash, SLICE("a"));
    hash_bytes(hash, SLICE(""));
    hash_bytes(hash, SLICE("bc"));
    hash_finish_sha256(hash, pieces);
    assert_memory_equal(whole, pieces, SHA256_SIZE);
}

static void test_text_form(void **state)
{
    struct id id = id_of(SLICE("x"), SLICE("y")), back;
    char text[ID_TEXT_SIZE];

    (void) state;
    assert_int_equal(id_from_text(slice_from(id_text(id, text)), &back, NULL), STATUS_OK);
    assert_true(id_equal(id, back));
    assert_int_equal(id_from_bytes(id_slice(&id), &back, NULL), STATUS_OK);
    assert_int_equal(id_from_bytes(SLICE("short"), &back, NULL), STATUS_INVALID);
    assert_int_equal(id_from_text(SLICE("0123"), &back, NULL), STATUS_INVALID);
    text[5] = 'g';
    assert_int_equal(id_from_text(slice_from(text), &back, NULL), STATUS_INVALID);
}

/* These values are contract: a change would send records of old logs to other partitions. */
static void test_partitions_are_fixed_for_ever(void **state)
{
    unsigned counts[8] = {0};

    (void) state;
    assert_int_equal(partition_of(SLICE("www.suzhou.gov.cn"), 1), 0);
    for (uint64_t i = 0; i < 8000; i++)
        counts[partition_of(slice_of(&i, sizeof i), 8)]++;
    for (int i = 0; i < 8; i++)
        assert_in_range(counts[i], 850, 1150);
    assert_int_equal(partition_of(SLICE("www.suzhou.gov.cn"), 16), 15);
    assert_int_equal(partition_of(SLICE("127.0.2.1"), 16), 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_do_not_run_together),
        cmocka_unit_test(test_sha256_of_a_known_text),
        cmocka_unit_test(test_sha256_of_pieces),
        cmocka_unit_test(test_text_form),
        cmocka_unit_test(test_partitions_are_fixed_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
