#include "tests/unit/aggregator/fixture.h"

#include "aggregator/dataset_lines.h"

/* One line into a fresh dataset. */
static struct dataset *take(const char *line, enum status wanted, struct error *err)
{
    struct dataset *dataset = dataset_create();
    struct arena *arena = arena_create(1 << 20);
    struct docline doc;

    assert_int_equal(docline_parse(slice_from(line), arena, &doc, err), STATUS_OK);
    assert_int_equal(dataset_take_line(dataset, &doc, arena, err), wanted);
    arena_destroy(arena);
    return dataset;
}

static void a_visit_is_read_whole(void **state)
{
    struct dataset *dataset =
        take("{\"id\":\"x1\",\"url\":\"http://a.example/1\",\"site_city\":\"上海\",\"title\":\"t\","
             "\"date\":\"2019-05-09\",\"body\":\"b\",\"is_visit\":true,\"themes\":[\"公共服务\","
             "\"经济发展\"],\"purpose\":\"learning\",\"decided_by\":\"model\",\"events\":[{"
             "\"origin_city\":\"上海\",\"host_city\":\"南京\",\"origin_dept\":\"市教育局\","
             "\"host_dept\":null,\"date\":\"2019-05-08\",\"date_precision\":\"day\","
             "\"visitor_titles\":[\"局长\",\"处长\"],\"host_titles\":[],\"level\":\"department\","
             "\"purpose\":\"cooperative\",\"evidence\":\"一行\"}]}",
             STATUS_OK, NULL);
    const struct document *document = dataset_at(dataset, 0);
    const struct report *report = dataset_report(dataset, document);
    const struct claim *claim = dataset_claim(dataset, 0);

    (void) state;
    assert_int_equal(document->outcome, OUTCOME_PASSED);
    assert_int_equal(document->date, fixture_day("2019-05-09"));
    assert_true(slice_equal(dataset_text(dataset, report->themes), SLICE("公共服务|经济发展")));
    assert_true(slice_equal(dataset_text(dataset, dataset_ruling(dataset, document).decided_by),
                            SLICE("model")));
    assert_true(slice_equal(dataset_text(dataset, claim->visitor_titles), SLICE("处长|局长")));
    assert_int_equal(claim->host_dept, 0);
    assert_int_equal(claim->day, fixture_day("2019-05-08"));
    dataset_destroy(dataset);
}

static void outcomes_follow_from_the_answers(void **state)
{
    static const struct {
        const char *line;
        const char *reason;
    } cases[] = {
        {"{\"id\":\"1\",\"body\":\" \\n\",\"events\":[]}", "blank"},
        {"{\"id\":\"1\",\"body\":\"b\",\"events\":[]}", "no visit"},
        {"{\"id\":\"1\",\"body\":\"b\",\"is_visit\":false,\"events\":[]}", "no visit"},
        {"{\"id\":\"1\",\"body\":\"b\",\"is_visit\":true,\"events\":[]}", "no event"},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dataset *dataset = take(cases[i].line, STATUS_OK, NULL);

        assert_int_equal(dataset_at(dataset, 0)->outcome, OUTCOME_DROPPED);
        assert_true(slice_equal(dataset_text(dataset, dataset_at(dataset, 0)->reason),
                                slice_from(cases[i].reason)));
        dataset_destroy(dataset);
    }
}

static void ids_of_ours_stay_and_others_are_hashed(void **state)
{
    static const char id[] = "0123456789abcdef0123456789abcdef";
    char line[200], text[ID_TEXT_SIZE];
    struct dataset *dataset;

    (void) state;
    (void) snprintf(line, sizeof line, "{\"id\":\"%s\",\"body\":\"b\",\"events\":[]}", id);
    dataset = take(line, STATUS_OK, NULL);
    assert_string_equal(id_text(dataset_at(dataset, 0)->id, text), id);
    /* Without a URL the id stands for it. */
    assert_true(slice_equal(dataset_text(dataset, dataset_at(dataset, 0)->url), slice_from(id)));
    dataset_destroy(dataset);
}

static void months_and_missing_precision(void **state)
{
    static const char form[] = "{\"id\":\"1\",\"body\":\"b\",\"events\":[{\"origin_city\":\"上海\","
                               "\"host_city\":\"南京\",\"date\":%s,\"date_precision\":%s}]}";
    static const struct {
        const char *date;
        const char *precision;
        const char *day;
    } cases[] = {{"\"2019-05\"", "\"month\"", NULL},
                 {"\"2019-05-08\"", "null", "2019-05-08"},
                 {"\"2019-05-08\"", "\"day\"", "2019-05-08"},
                 {"null", "\"none\"", NULL}};

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[400];
        struct dataset *dataset;

        (void) snprintf(line, sizeof line, form, cases[i].date, cases[i].precision);
        dataset = take(line, STATUS_OK, NULL);
        assert_int_equal(dataset_claim(dataset, 0)->day, fixture_day(cases[i].day));
        dataset_destroy(dataset);
    }
}

static void bad_members_are_named_and_leave_nothing(void **state)
{
    static const struct {
        const char *line;
        const char *message;
    } cases[] = {
        {"{\"id\":\"1\",\"body\":\"b\"}", "\"events\" is missing"},
        {"{\"id\":\"1\",\"body\":\"b\",\"events\":7}", "\"events\" is missing or no list"},
        {"{\"id\":\"1\",\"body\":\"b\",\"events\":[3]}", "something else than objects"},
        {"{\"id\":\"1\",\"body\":\"b\",\"events\":[{\"origin_city\":5}]}", "\"origin_city\""},
        {"{\"id\":\"1\",\"body\":\"b\",\"events\":[{\"visitor_titles\":\"x\"}]}",
         "\"visitor_titles\""},
        {"{\"id\":\"1\",\"body\":\"b\",\"events\":[{\"date\":\"8 "
         "May\",\"date_precision\":\"day\"}]}",
         "\"date\" of an event"},
        {"{\"id\":\"1\",\"body\":\"b\",\"themes\":[1],\"events\":[]}", "\"themes\""},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err;
        struct dataset *dataset = take(cases[i].line, STATUS_INVALID, &err);

        if (strstr(err.message, cases[i].message) == NULL)
            fail_msg("'%s' does not say %s", err.message, cases[i].message);
        assert_int_equal(dataset->documents.count, 0);
        dataset_destroy(dataset);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_is_read_whole),
        cmocka_unit_test(outcomes_follow_from_the_answers),
        cmocka_unit_test(ids_of_ours_stay_and_others_are_hashed),
        cmocka_unit_test(months_and_missing_precision),
        cmocka_unit_test(bad_members_are_named_and_leave_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
