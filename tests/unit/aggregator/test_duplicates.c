#include "tests/unit/aggregator/fixture.h"

#include "base/util/random.h"

/* Builds groups of documents that told nothing; returns the URL that speaks for `text`. */
static struct slice speaker_of(const struct telling *tellings, size_t count, size_t *groups_count)
{
    static char url[64];
    struct dataset *dataset = fixture_dataset(tellings, count);
    struct groups groups;
    struct slice found;

    assert_int_equal(dataset_finish(dataset, NULL), STATUS_OK);
    assert_int_equal(groups_build(dataset, &groups, NULL), STATUS_OK);
    *groups_count = groups.count;
    found = dataset_text(dataset, group_speaker(dataset, &groups, 0)->url);
    (void) snprintf(url, sizeof url, "%.*s", SLICE_ARG(found));
    groups_fini(&groups);
    dataset_destroy(dataset);
    return slice_from(url);
}

static struct telling copy(const char *url, const char *published)
{
    return (struct telling){
        .url = url, .published = published, .origin = "上海", .host = "南京", .text = "one text"};
}

static void earliest_date_speaks(void **state)
{
    const struct telling copies[] = {copy("a", "2019-03-02"), copy("b", "2019-03-01"),
                                     copy("c", NULL)};
    size_t groups;

    (void) state;
    assert_true(slice_equal(speaker_of(copies, 3, &groups), SLICE("b")));
    assert_int_equal(groups, 1);
}

static void equal_dates_give_way_to_the_smallest_url(void **state)
{
    const struct telling copies[] = {copy("b", "2019-03-01"), copy("a", "2019-03-01")};
    const struct telling dateless[] = {copy("z", NULL), copy("y", NULL)};
    size_t groups;

    (void) state;
    assert_true(slice_equal(speaker_of(copies, 2, &groups), SLICE("a")));
    assert_true(slice_equal(speaker_of(dateless, 2, &groups), SLICE("y")));
}

static void blank_documents_are_in_no_group(void **state)
{
    struct telling tellings[] = {copy("a", NULL), copy("b", NULL), copy("c", NULL)};
    struct dataset *dataset;
    struct groups groups;
    uint32_t *group_of;

    (void) state;
    tellings[1].text = tellings[2].text = "";
    dataset = fixture_dataset(tellings, 1);
    fixture_outcome(dataset, &tellings[1], OUTCOME_DROPPED, "blank");
    fixture_outcome(dataset, &tellings[2], OUTCOME_DEAD, "crash");
    assert_int_equal(dataset_finish(dataset, NULL), STATUS_OK);
    assert_int_equal(groups_build(dataset, &groups, NULL), STATUS_OK);
    assert_int_equal(groups.count, 1);
    assert_int_equal(groups.blank, 1);
    assert_int_equal(groups.dead, 1);
    group_of = groups_by_document(dataset, &groups);
    assert_int_equal(group_of[0], 0);
    assert_int_equal(group_of[1], UINT32_MAX);
    free(group_of);
    groups_fini(&groups);
    dataset_destroy(dataset);
}

/* Ranks number the speakers by date (none last), then URL. */
static void ranks_follow_publication(void **state)
{
    struct telling tellings[] = {copy("a", NULL), copy("b", "2019-01-02"), copy("c", "2019-01-01"),
                                 copy("d", "2019-01-02")};
    static const uint32_t ranks[] = {3, 1, 0, 2};
    struct dataset *dataset;
    struct groups groups;

    (void) state;
    for (size_t i = 0; i < 4; i++)
        tellings[i].text = tellings[i].url;
    dataset = fixture_dataset(tellings, 4);
    assert_int_equal(dataset_finish(dataset, NULL), STATUS_OK);
    assert_int_equal(groups_build(dataset, &groups, NULL), STATUS_OK);
    assert_int_equal(groups.count, 4);
    for (size_t g = 0; g < 4; g++)
        assert_int_equal(groups.groups[g].rank, ranks[groups.members[groups.groups[g].first]]);
    groups_fini(&groups);
    dataset_destroy(dataset);
}

/* Every group's speaker is the least of its members, whatever the order of arrival. */
static void speakers_do_not_depend_on_order(void **state)
{
    static const char *const dates[] = {NULL, "2019-01-01", "2019-01-02", "2019-01-03"};
    struct random random;

    (void) state;
    random_init(&random, 7);
    for (int round = 0; round < 200; round++) {
        struct telling tellings[12];
        char urls[12][4], first[64];
        size_t groups;

        for (size_t i = 0; i < 12; i++) {
            (void) snprintf(urls[i], sizeof urls[i], "u%zu", i);
            tellings[i] = copy(urls[i], dates[random_below(&random, 4)]);
        }
        (void) snprintf(first, sizeof first, "%s", speaker_of(tellings, 12, &groups).data);
        for (size_t i = 12; i > 1; i--) {
            size_t other = random_below(&random, i);
            struct telling kept = tellings[i - 1];

            tellings[i - 1] = tellings[other];
            tellings[other] = kept;
        }
        assert_string_equal(speaker_of(tellings, 12, &groups).data, first);
        assert_int_equal(groups, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(earliest_date_speaks),
        cmocka_unit_test(equal_dates_give_way_to_the_smallest_url),
        cmocka_unit_test(blank_documents_are_in_no_group),
        cmocka_unit_test(ranks_follow_publication),
        cmocka_unit_test(speakers_do_not_depend_on_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
