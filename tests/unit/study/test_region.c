#include "study/region.h"

#include "base/util/civil.h"
#include "study/pairs.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct gazetteer *gazetteer;
static struct arena *arena;
static struct error err;
static struct region region;

static int load(void **state)
{
    (void) state;
    return gazetteer_load(SOURCE_DIR, &gazetteer, &err) != STATUS_OK;
}

static int unload(void **state)
{
    (void) state;
    gazetteer_destroy(gazetteer);
    return 0;
}

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(4 << 20);
    region = (struct region){0};
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static enum status read_region(const char *text)
{
    struct yaml_source source = {slice_from(text), "r.yaml", arena};

    return region_read(&source, gazetteer, &region, &err);
}

static void fails(const char *text, const char *message)
{
    assert_int_equal(read_region(text), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

#define CITY(name, site) "  - {name: " name ", publishers: [{site: \"" site "\", platform: p}]}\n"
#define THREE                                                                                      \
    "region: t\ncities:\n" CITY("苏州", "http://a.cn") CITY("宿州", "http://b.cn")                 \
        CITY("上海", "http://c.cn")

static void test_cities_and_publishers(void **state)
{
    (void) state;
    assert_int_equal(
        read_region("region: t\ncities:\n"
                    "  - name: 苏州市\n    search_names: [苏州, 姑苏]\n    publishers:\n"
                    "      - {site: \"http://A.cn:8080/\", platform: p, params: {k: v}}\n"
                    "      - {site: https://b.cn, platform: q, hosts: [b.cn, c.cn], unit: 昆山}\n"
                    "  - name: 上海\n    publishers: [{site: https://d.cn, platform: p}]\n"),
        STATUS_OK);
    assert_int_equal(region.city_count, 2);
    assert_string_equal(region.cities[0].name.data, "苏州");
    assert_int_equal(region.cities[0].search_name_count, 2);
    assert_string_equal(region.cities[1].search_names[0].data, "上海");
    assert_int_equal(region.publisher_count, 3);
    assert_int_equal(region.cities[1].first_publisher, 2);
    assert_string_equal(region.publishers[0].site.data, "http://a.cn:8080");
    assert_string_equal(region.publishers[0].host.data, "a.cn");
    assert_int_equal(region.publishers[0].port, 8080);
    assert_string_equal(region.publishers[0].params[0].value.data, "v");
    assert_string_equal(region.publishers[0].hosts[0].data, "a.cn");
    assert_string_equal(region.publishers[1].unit.data, "昆山");
    assert_int_equal(region.publishers[1].host_count, 2);
    assert_int_equal(region.publishers[2].city, 1);
    assert_int_equal(region.publishers[1].line, 7);
    assert_int_equal(region_find_city(&region, SLICE("上海")), 1);
    assert_int_equal(region_find_city(&region, SLICE("上海市")), 1);
    assert_int_equal(region_find_city(&region, SLICE("杭州")), REGION_NONE);
}

static void test_errors_in_cities(void **state)
{
    (void) state;
    fails("region: t\ncities: []\n", "r.yaml:2: cities: must not be empty");
    fails("region: t\ncities:\n" CITY("苏洲", "http://a.cn"),
          "r.yaml:3: cities.name: '苏洲' is no prefecture-level city");
    fails("region: t\ncities:\n" CITY("昆山", "http://a.cn"), "'昆山' is no prefecture-level city");
    fails("region: t\ncities:\n" CITY("苏州", "http://a.cn") CITY("苏州市", "http://b.cn"),
          "r.yaml:4: cities.name: '苏州市' stands there twice");
    fails("region: t\ncities: [{name: 苏州}]\n", "r.yaml:2: cities[0].publishers: is missing");
    fails("region: t\ncities: [{name: 苏州, publishers: []}]\n",
          "cities[0].publishers: must not be empty");
    fails("region: t\ncities:\n  - {name: 苏州, search_names: [a, a], publishers: [{site: "
          "\"http://a.cn\", platform: p}]}\n",
          "r.yaml:3: cities.search_names: 'a' stands there twice");
    fails("region: t\ncities:\n  - {name: 苏州, search_names: ['　', ' '], publishers: [{site: "
          "\"http://a.cn\", platform: p}]}\n",
          "has an empty name");
}

static void test_errors_in_publishers(void **state)
{
    (void) state;
    fails("region: t\ncities:\n" CITY("苏州", "a.cn"),
          "r.yaml:3: publishers.site: 'a.cn' must begin with http:// or https://");
    fails("region: t\ncities:\n  - {name: 苏州, publishers: [{site: \"http://a.cn\"}]}\n",
          "r.yaml:3: cities[0].publishers[0].platform: is missing");
    fails("region: t\ncities:\n  - {name: 苏州, publishers: [{site: \"http://a.cn\", platform: p, "
          "params: {page: 1}}]}\n",
          "publishers.params: 'page' is a placeholder of its own");
    fails("region: t\ncities:\n  - {name: 苏州, publishers: [{site: \"http://a.cn\", platform: p, "
          "hosts: ['http://a.cn']}]}\n",
          "publishers.hosts: 'http://a.cn' is no host name");
    fails("region: t\ncities:\n  - name: 苏州\n    publishers:\n      - site: http://a.cn\n        "
          "platform: p\n        unti: x\n",
          "r.yaml:7: cities[0].publishers[0].unti: unknown field (did you mean 'unit'?)");
}

static void test_facts(void **state)
{
    (void) state;
    assert_int_equal(read_region(THREE "central: [上海]\ndeveloped: [苏州]\n"
                                       "groups:\n  z: [宿州, 苏州]\n"
                                       "  a: {members: [上海, 苏州], valid_from: 2016-06-01, "
                                       "valid_to: 2020, metro: true}\n"
                                       "pair_overrides:\n  - [上海, 苏州, same province]\n"),
                     STATUS_OK);
    assert_true(region.cities[2].central);
    assert_true(region.cities[2].developed);
    assert_false(region.cities[0].central);
    assert_true(region.cities[0].developed);
    assert_false(region.cities[1].developed);
    assert_int_equal(region.group_count, 2);
    assert_string_equal(region.groups[0].name.data, "a");
    assert_true(region.groups[0].metro);
    assert_int_equal(region.groups[0].valid_from, civil_to_day((struct civil){2016, 6, 1}));
    assert_int_equal(region.groups[0].valid_to, civil_to_day((struct civil){2020, 12, 31}));
    assert_int_equal(region.groups[0].members[0], 0);
    assert_int_equal(region.groups[0].members[1], 2);
    assert_int_equal(region.groups[1].valid_from, CIVIL_NONE);
    assert_int_equal(region.override_count, 1);
    assert_int_equal(region.overrides[0].city_a, 0);
    assert_int_equal(region.overrides[0].pair_class, PAIR_CLASS_PROVINCE);
}

static void test_empty_facts(void **state)
{
    (void) state;
    assert_int_equal(read_region(THREE "groups: {}\npair_overrides: []\ncentral: []\n"), STATUS_OK);
    assert_int_equal(region.group_count, 0);
    assert_int_equal(read_region(THREE "groups:\npair_overrides:\n"), STATUS_OK);
}

static void test_errors_in_facts(void **state)
{
    (void) state;
    fails(THREE "central: [杭州]\n", "r.yaml:6: central: '杭州' is none of this region's cities");
    fails(THREE "developed:\n  - 苏州\n  - 杭州\n", "r.yaml:8: developed: '杭州' is none");
    fails(THREE "groups: [a]\n", "r.yaml:6: groups: must be a map");
    fails(THREE "groups: {a: [杭州]}\n", "r.yaml:6: groups: '杭州' is none");
    fails(THREE "groups: {a: [苏州, 苏州]}\n", "groups: 'a' has '苏州' twice");
    fails(THREE "groups: {a: {members: [苏州], until: 2020}}\n", "until: unknown field");
    fails(THREE "groups: {a: {valid_from: 2020}}\n", "members: is missing");
    fails(THREE "groups: {a: {members: [苏州], valid_from: soon}}\n", "r.yaml:6: groups: 'soon'");
    fails(THREE "pair_overrides: [[苏州, 上海]]\n", "pair_overrides: must be [city, city, class]");
    fails(THREE "pair_overrides: {a: b}\n", "pair_overrides: must be a list");
    fails(THREE "pair_overrides: [[苏州, 上海, near]]\n", "pair_overrides: 'near' is no class");
    fails(THREE "pair_overrides: [[苏州, 苏州, other]]\n", "'苏州' is paired with itself");
    fails(THREE "pair_overrides: [[苏州, 杭州, other]]\n", "pair_overrides: '杭州' is none");
}

static void check_city(const char *url, const char *city)
{
    int index = region_city_of_url(&region, slice_from(url));

    if (city == NULL)
        assert_int_equal(index, REGION_NONE);
    else if (index == REGION_NONE)
        fail_msg("%s has no city", url);
    else
        assert_string_equal(region.cities[index].name.data, city);
}

static void test_longest_suffix_speaks(void **state)
{
    (void) state;
    assert_int_equal(
        read_region("region: t\ncities:\n"
                    "  - name: 苏州\n    publishers:\n"
                    "      - {site: \"https://s.js.gov.cn\", platform: p, hosts: [suzhou.gov.cn]}\n"
                    "  - name: 上海\n    publishers:\n"
                    "      - {site: \"https://s.js.gov.cn\", platform: p, hosts: [gov.cn]}\n"
                    "      - {site: \"https://mh.gov.cn\", platform: p}\n"),
        STATUS_OK);
    check_city("http://www.suzhou.gov.cn/a.html", "苏州");
    check_city("https://WWW.SUZHOU.GOV.CN:8443/", "苏州");
    check_city("http://xsuzhou.gov.cn/", "上海");
    check_city("http://www.mh.gov.cn/", "上海");
    check_city("http://suzhou.gov.cn.evil.com/", NULL);
    check_city("http://127.0.0.1/", NULL);
    check_city("not a url", NULL);
}

static void test_shared_hosts(void **state)
{
    (void) state;
    assert_int_equal(read_region("region: t\ncities:\n" CITY("苏州", "http://127.0.0.1:8001") CITY(
                         "宿州", "http://127.0.0.1:8002") CITY("上海", "http://shared.cn")
                                     CITY("杭州", "http://shared.cn")),
                     STATUS_OK);
    check_city("http://127.0.0.1:8001/x", "苏州");
    check_city("http://127.0.0.1:8002/x", "宿州");
    check_city("http://127.0.0.1:8003/x", NULL);
    check_city("http://shared.cn/x", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cities_and_publishers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors_in_cities, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors_in_publishers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_facts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_empty_facts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors_in_facts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_longest_suffix_speaks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shared_hosts, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
