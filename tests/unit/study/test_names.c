/* Which names are places, one question at a time. */
#include "study/names.h"

#include "tests/unit/study/reader_fixture.h"

#include <string.h>

enum { MENTIONS = 32 };

static struct reading reading;
static struct token tokens[MENTIONS];
static struct mention mentions[MENTIONS];
static struct cues *cues;

static struct draft prepare(const char *text, const char *site)
{
    struct draft draft = {.gazetteer = fixture.gazetteer,
                          .cues = cues,
                          .reading = &reading,
                          .tokens = tokens,
                          .limit = MENTIONS,
                          .mentions = mentions,
                          .day = CIVIL_NONE};

    memset(&reading, 0, sizeof reading);
    reading.text = slice_from(text);
    reading.site = gazetteer_find_city(fixture.gazetteer, slice_from(site));
    draft.mention_count = gazetteer_scan(fixture.gazetteer, reading.text, mentions, MENTIONS);
    names_prepare(&draft);
    return draft;
}

static void test_cities_named_beyond_doubt(void **state)
{
    struct draft draft = prepare("苏州市与无锡", "");

    (void) state;
    assert_true(names_seen(&draft, gazetteer_find_city(fixture.gazetteer, SLICE("苏州"))));
    assert_true(names_seen(&draft, gazetteer_find_city(fixture.gazetteer, SLICE("无锡"))));
    assert_false(names_seen(&draft, gazetteer_find_city(fixture.gazetteer, SLICE("常州"))));
}

static void test_fit_rises_with_evidence(void **state)
{
    struct draft alone = prepare("鼓楼区", "");
    struct draft own;
    int fit = 0;
    const struct place *place;

    (void) state;
    assert_null(names_best(&alone, &mentions[0], NULL, &fit)); /* several cities */
    own = prepare("鼓楼区", "徐州");
    place = names_best(&own, &mentions[0], NULL, &fit);
    assert_non_null(place);
    assert_true(slice_equal(place->city->short_name, SLICE("徐州")));
    assert_int_equal(fit, 7);
}

static void test_place_before_decides(void **state)
{
    struct draft draft = prepare("南京鼓楼区", "徐州");
    struct token before = {.kind = TOKEN_PLACE};
    const struct place *places[GAZETTEER_PLACES_MAX];
    int fit = 0;

    (void) state;
    assert_int_equal(names_readings(&draft, &mentions[0], places), 1);
    before.place = places[0];
    before.city = places[0]->city;
    assert_true(slice_equal(names_best(&draft, &mentions[1], &before, &fit)->city->short_name,
                            SLICE("南京")));
    assert_int_equal(fit, 10);
}

static bool first_is_place(const char *text, const char *site)
{
    struct draft draft = prepare(text, site);
    int fit = 0;
    const struct place *place;

    assert_true(draft.mention_count > 0);
    place = names_best(&draft, &mentions[0], NULL, &fit);
    return names_place(&draft, &mentions[0], place, fit);
}

static void test_places_and_others(void **state)
{
    (void) state;
    assert_true(first_is_place("昆山市", ""));
    assert_true(first_is_place("昆山", ""));
    assert_false(first_is_place("合作", ""));     /* a word */
    assert_false(first_is_place("院长宁波", "")); /* a person */
    assert_true(first_is_place("上午昆山", ""));
}

static int open_names(void **state)
{
    cues = cues_create();
    return cues == NULL || fixture_open(state) != 0;
}

static int close_names(void **state)
{
    cues_destroy(cues);
    return fixture_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cities_named_beyond_doubt),
        cmocka_unit_test(test_fit_rises_with_evidence),
        cmocka_unit_test(test_place_before_decides),
        cmocka_unit_test(test_places_and_others),
    };

    return cmocka_run_group_tests(tests, open_names, close_names);
}
