#include "tests/unit/aggregator/fixture.h"

static void rows_are_found_by_id(void **state)
{
    struct dataset *dataset = dataset_create();
    struct document *document = dataset_document(dataset, fixture_id("a"));

    (void) state;
    assert_int_equal(document->date, CIVIL_NONE);
    document->fetch_number = 9;
    assert_non_null(dataset_document(dataset, fixture_id("b")));
    assert_int_equal(dataset_document(dataset, fixture_id("a"))->fetch_number, 9);
    assert_int_equal(dataset->documents.count, 2);
    dataset_destroy(dataset);
}

static void first_good_outcome_stays_else_the_first_dead(void **state)
{
    static const struct {
        enum outcome before;
        enum outcome now;
        bool takes;
    } cases[] = {
        {OUTCOME_NONE, OUTCOME_PASSED, true},     {OUTCOME_NONE, OUTCOME_DEAD, true},
        {OUTCOME_NONE, OUTCOME_NONE, false},      {OUTCOME_DEAD, OUTCOME_DEAD, false},
        {OUTCOME_DEAD, OUTCOME_DROPPED, true},    {OUTCOME_DEAD, OUTCOME_PASSED, true},
        {OUTCOME_DROPPED, OUTCOME_PASSED, false}, {OUTCOME_PASSED, OUTCOME_DROPPED, false},
        {OUTCOME_PASSED, OUTCOME_DEAD, false},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct document document = {.outcome = (uint8_t) cases[i].before};
        assert_int_equal(document_takes(&document, cases[i].now), cases[i].takes);
    }
}

static void hits_are_distinct(void **state)
{
    struct dataset *dataset = dataset_create();
    const struct hit *hits;

    (void) state;
    assert_int_equal(dataset_add_hit(dataset, 2, fixture_id("a"), NULL), STATUS_OK);
    assert_int_equal(dataset_add_hit(dataset, 1, fixture_id("b"), NULL), STATUS_OK);
    assert_int_equal(dataset_add_hit(dataset, 2, fixture_id("a"), NULL), STATUS_OK);
    assert_int_equal(dataset_add_hit(dataset, 1, fixture_id("a"), NULL), STATUS_OK);
    assert_int_equal(dataset_finish(dataset, NULL), STATUS_OK);
    assert_int_equal(dataset->hits.count, 3);
    hits = dataset->hits.data;
    assert_int_equal(hits[0].list, 1);
    assert_int_equal(hits[2].list, 2);
    dataset_destroy(dataset);
}

/* The flags and outcome of one document; does it count? */
static bool counted(unsigned flags, enum outcome outcome)
{
    struct dataset *dataset = dataset_create();
    struct document *document = dataset_document(dataset, fixture_id("a"));
    bool counts;

    document->flags = (uint8_t) flags;
    document->outcome = (uint8_t) outcome;
    assert_int_equal(dataset_finish(dataset, NULL), STATUS_OK);
    counts = dataset_at(dataset, 0)->flags & DOCUMENT_COUNTED;
    dataset_destroy(dataset);
    return counts;
}

static void only_fetched_or_ingested_documents_count(void **state)
{
    (void) state;
    assert_true(counted(DOCUMENT_KNOWN | DOCUMENT_FINAL | DOCUMENT_FETCHED, OUTCOME_PASSED));
    assert_true(counted(DOCUMENT_KNOWN | DOCUMENT_FINAL | DOCUMENT_FETCHED, OUTCOME_DEAD));
    assert_true(counted(0, OUTCOME_DROPPED));
    assert_false(counted(DOCUMENT_KNOWN | DOCUMENT_FINAL, OUTCOME_PASSED));
    assert_true(counted(DOCUMENT_KNOWN | DOCUMENT_FINAL | DOCUMENT_LATER, OUTCOME_PASSED));
    assert_false(counted(DOCUMENT_KNOWN | DOCUMENT_FINAL | DOCUMENT_FETCHED, OUTCOME_NONE));
}

static void highest_ok_fetch_number_counts(void **state)
{
    struct dataset *dataset = dataset_create();

    (void) state;
    for (uint32_t number = 0; number < 4; number++) {
        char name[8];
        struct document *document;

        (void) snprintf(name, sizeof name, "f%u", number);
        document = dataset_document(dataset, fixture_id(name));
        document->url = strings_append(dataset->strings, SLICE("http://a.example/1"));
        document->fetch_number = number;
        document->outcome = OUTCOME_PASSED;
        document->flags = DOCUMENT_KNOWN | DOCUMENT_FINAL;
        if (number < 3) /* the fourth fetch failed */
            document->flags |= DOCUMENT_FETCHED;
    }
    assert_int_equal(dataset_finish(dataset, NULL), STATUS_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal((dataset_at(dataset, i)->flags & DOCUMENT_COUNTED) != 0, i == 2);
    dataset_destroy(dataset);
}

static void a_document_takes_little_memory(void **state)
{
    (void) state;
    assert_true(sizeof(struct document) <= 72);
    assert_true(sizeof(struct hit) <= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_by_id),
        cmocka_unit_test(first_good_outcome_stays_else_the_first_dead),
        cmocka_unit_test(hits_are_distinct),
        cmocka_unit_test(only_fetched_or_ingested_documents_count),
        cmocka_unit_test(highest_ok_fetch_number_counts),
        cmocka_unit_test(a_document_takes_little_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
