#include "tests/sites/party.h"

#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static struct places places;
static struct arena *arena;

static struct party party_of(struct slice city, const char *county, const char *title, bool full)
{
    struct party party = {.city = &places.cities[places_find(&places, city)],
                          .county = slice_from(county),
                          .office = {title, full, BODY_PARTY},
                          .year = 2015};

    snprintf(party.person, sizeof party.person, "王平");
    return party;
}

static void assert_text(struct slice text, struct slice expected)
{
    if (!slice_equal(text, expected))
        fail_msg("%.*s instead of %.*s", SLICE_ARG(text), SLICE_ARG(expected));
}

static void test_city(void **state)
{
    struct party party = party_of(SLICE("六安"), NULL, "市委书记", false);

    (void) state;
    assert_text(party_short(&party), SLICE("六安"));
    assert_text(party_place(&party, false, arena), SLICE("六安市"));
    assert_text(party_place(&party, true, arena), SLICE("安徽省六安市"));
    assert_text(party_leaders_home(&party, arena), SLICE("市委书记王平"));
    assert_text(party_leaders_abroad(&party, arena), SLICE("六安市委书记王平"));
    snprintf(party.second, sizeof party.second, "李明");
    assert_text(party_leaders_abroad(&party, arena), SLICE("六安市委书记王平、市长李明"));
    assert_text(party_delegation_home(&party, arena), SLICE("市党政代表团"));
    assert_text(party_delegation_abroad(&party, arena), SLICE("六安市党政代表团"));
    party.office = (struct office){"副市长", true, BODY_PARTY};
    party.second[0] = '\0';
    assert_text(party_leaders_abroad(&party, arena), SLICE("六安市副市长王平"));
    party.office.body = BODY_CONGRESS;
    assert_text(party_delegation_abroad(&party, arena), SLICE("六安市人大常委会考察组"));
}

static void test_municipality(void **state)
{
    struct party party = party_of(SLICE("上海"), "闵行区", "~长", true);

    (void) state;
    assert_text(party_place(&party, true, arena), SLICE("上海市闵行区"));
    assert_text(party_leaders_abroad(&party, arena), SLICE("上海市闵行区区长王平"));
}

static void test_county(void **state)
{
    struct party party = party_of(SLICE("六安"), "金寨县", "~委副书记、~长", false);

    (void) state;
    assert_text(party_short(&party), SLICE("金寨"));
    assert_text(party_place(&party, false, arena), SLICE("六安市金寨县"));
    assert_text(party_leaders_home(&party, arena), SLICE("金寨县委副书记、县长王平"));
    assert_text(party_leaders_abroad(&party, arena), SLICE("六安市金寨县委副书记、县长王平"));
    assert_text(party_office_home(&party, arena), SLICE("金寨县"));
    assert_text(party_organ(&party, SLICE("~委、~政府"), arena), SLICE("金寨县委、县政府"));
}

static void test_department(void **state)
{
    const struct department department = {
        .before = SLICE("~环境保护局"), .after = SLICE("~生态环境局"), .year = 2019};
    struct party party = party_of(SLICE("苏州"), NULL, NULL, false);

    (void) state;
    party.department = &department;
    party.head = SLICE("副局长");
    assert_text(party_office_home(&party, arena), SLICE("市环境保护局"));
    assert_text(party_leaders_abroad(&party, arena), SLICE("苏州市环境保护局副局长王平"));
    party.year = 2019;
    assert_text(party_delegation_abroad(&party, arena), SLICE("苏州市生态环境局"));
    party.county = SLICE("昆山市");
    assert_text(party_office_home(&party, arena), SLICE("昆山市生态环境局"));
    assert_text(party_leaders_home(&party, arena), SLICE("昆山市生态环境局副局长王平"));
    assert_text(party_office_abroad(&party, arena), SLICE("苏州市昆山市生态环境局"));
    party.county = SLICE("泾县");
    assert_text(party_office_home(&party, arena), SLICE("泾县生态环境局"));
}

static void test_people(void **state)
{
    char one[PERSON_SIZE];
    char two[PERSON_SIZE];
    struct random random;

    (void) state;
    random_init(&random, 1);
    assert_true(strlen(person_draw(&random, one)) >= 6);
    random_init(&random, 1);
    assert_string_equal(person_draw(&random, two), one);
    for (int i = 0; i < 100; i++) {
        assert_non_null(strstr(office_draw(LEVEL_PRINCIPAL, &random).title, "市"));
        assert_null(strstr(office_draw(LEVEL_DEPUTY, &random).title, "~"));
        assert_non_null(strstr(office_draw(LEVEL_DEPARTMENT, &random).title, "~"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_city),   cmocka_unit_test(test_municipality),
        cmocka_unit_test(test_county), cmocka_unit_test(test_department),
        cmocka_unit_test(test_people),
    };
    int failed;

    arena = arena_create(1024 * 1024);
    failed = places_load(&places, NULL) != STATUS_OK || cmocka_run_group_tests(tests, NULL, NULL);
    arena_destroy(arena);
    return failed;
}
