#include "tests/unit/aggregator/fixture.h"

static void story_is_counted(void **state)
{
    struct results results;
    const struct funnel *funnel = &results.funnel;

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    assert_int_equal(funnel->lists, 3);
    assert_int_equal(funnel->documents, 8); /* nine, one of them a copy */
    assert_int_equal(funnel->screened, 8);
    assert_int_equal(funnel->visits, 8);
    assert_int_equal(funnel->events, 6);
    assert_int_equal(funnel->cooperative, 4);
    assert_int_equal(funnel->reasons[REASON_DUPLICATE], 1);
    results_fini(&results);
}

/* One document a reason; the first that holds is the one that counts. */
static void every_document_has_one_reason(void **state)
{
    static const struct {
        const char *url;
        enum outcome outcome;
        const char *reason;
        enum reason counts;
    } cases[] = {
        {"p", OUTCOME_DROPPED, "period", REASON_PERIOD},
        {"d", OUTCOME_DROPPED, "dictionary", REASON_DICTIONARY},
        {"v", OUTCOME_DROPPED, "no visit", REASON_NO_VISIT},
        {"w", OUTCOME_DROPPED, "no visit: margin -3", REASON_NO_VISIT},
        {"e", OUTCOME_DROPPED, "no event", REASON_NO_EVENT},
        {"x", OUTCOME_DEAD, "crash", REASON_DEAD},
        {"o", OUTCOME_DROPPED, "weather", REASON_OTHER},
        {"n", OUTCOME_DROPPED, "no visitors", REASON_OTHER},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    struct dataset *dataset = dataset_create();
    uint64_t wanted[REASONS] = {[REASON_BLANK] = 1};
    struct telling blank = {.url = "b", .text = ""};
    struct results results;

    (void) state;
    for (size_t i = 0; i < CASES; i++) {
        struct telling telling = {.url = cases[i].url};

        fixture_outcome(dataset, &telling, cases[i].outcome, cases[i].reason);
        wanted[cases[i].counts]++;
    }
    fixture_outcome(dataset, &blank, OUTCOME_DROPPED, "blank");
    fixture_results(dataset, &results);
    assert_memory_equal(results.funnel.reasons, wanted, sizeof wanted);
    assert_int_equal(results.funnel.documents, CASES);
    assert_int_equal(results.funnel.screened, 3);
    assert_int_equal(results.funnel.visits, 1);
    assert_int_equal(results.dead, 1);
    assert_int_equal(results_gaps(&results), 3 + 1); /* three lists were never asked */
    results_fini(&results);
}

/* The group's outcome is its speaker's: the copy in the period does not save it. */
static void the_speaker_decides(void **state)
{
    struct dataset *dataset = dataset_create();
    struct telling first = {.url = "a", .published = "2001-01-01", .text = "t"};
    struct telling second = {.url = "b",
                             .published = "2019-01-01",
                             .text = "t",
                             .origin = "上海",
                             .host = "南京",
                             .day = "2019-01-01"};
    struct results results;

    (void) state;
    fixture_tell(dataset, &second);
    fixture_outcome(dataset, &first, OUTCOME_DROPPED, "period");
    fixture_results(dataset, &results);
    assert_int_equal(results.funnel.documents, 1);
    assert_int_equal(results.funnel.screened, 0);
    assert_int_equal(results.funnel.events, 0);
    results_fini(&results);
}

static void stages_are_in_order(void **state)
{
    static const char *const names[FUNNEL_STAGES] = {"lists",  "hits",   "documents",  "screened",
                                                     "visits", "events", "cooperative"};
    const struct funnel funnel = {1, 2, 3, 4, 5, 6, 7, {0}};
    struct funnel_stage stages[FUNNEL_STAGES];

    (void) state;
    funnel_stages(&funnel, stages);
    for (int i = 0; i < FUNNEL_STAGES; i++) {
        assert_string_equal(stages[i].name, names[i]);
        assert_int_equal(stages[i].count, i + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(story_is_counted),
        cmocka_unit_test(every_document_has_one_reason),
        cmocka_unit_test(the_speaker_decides),
        cmocka_unit_test(stages_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
