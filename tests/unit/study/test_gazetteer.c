#include "study/gazetteer.h"

#include "tests/support/cmocka_all.h"
#include "tests/unit/study/temp_dir.h"

static struct gazetteer *shipped;
static struct error err;

static int load_shipped(void **state)
{
    (void) state;
    return gazetteer_load(SOURCE_DIR, &shipped, &err) != STATUS_OK;
}

static int unload(void **state)
{
    (void) state;
    gazetteer_destroy(shipped);
    return 0;
}

static int32_t day(int year, int month, int d)
{
    return civil_to_day((struct civil){year, month, d});
}

static const struct city *find(const char *name)
{
    return gazetteer_find_city(shipped, slice_from(name));
}

static void test_all_prefectures(void **state)
{
    size_t present = 0;

    (void) state;
    for (size_t i = 0; i < gazetteer_city_count(shipped); i++) {
        const struct city *city = gazetteer_city_at(shipped, i);
        if (i > 0)
            assert_true(gazetteer_city_at(shipped, i - 1)->code < city->code);
        assert_true(city->province.size > 0);
        present += city->valid_to == CIVIL_NONE;
    }
    assert_true(present >= 337); /* 333 prefectures and 4 municipalities */
}

static void test_cities_by_name(void **state)
{
    (void) state;
    assert_int_equal(find("苏州")->code, 320500);
    assert_int_equal(find("宿州市")->code, 341300);
    assert_int_equal(find("上海")->code, 310000);
    assert_string_equal(find("上海")->province.data, "上海");
    assert_string_equal(find("苏州")->province.data, "江苏");
    assert_string_equal(find("苏州")->slug.data, "suzhou-js");
    assert_int_equal(find("吉林")->code, 220200);
    assert_int_equal(find("襄樊")->code, 420600); /* by its former name */
    assert_int_equal(find("成都")->code, 510100);
    assert_null(find("昆山"));
    assert_null(find("江苏"));
    assert_null(find("苏洲"));
    assert_string_equal(find("苏州")->short_name.data, "苏州");
}

/* Mentions of a text as "name:city,city|name:…" on a day. */
static void check_scan(const char *text, int32_t on, const char *expected)
{
    struct mention m[32];
    char shown[1024] = "";
    size_t used = 0;
    size_t count = gazetteer_scan(shipped, slice_from(text), m, 32);

    for (size_t i = 0; i < count; i++) {
        const struct city *cities[GAZETTEER_PLACES_MAX];
        size_t cities_count =
            gazetteer_cities(shipped, m[i].name, on, cities, GAZETTEER_PLACES_MAX);
        used += (size_t) snprintf(shown + used, sizeof shown - used, "%s%.*s:", i == 0 ? "" : "|",
                                  (int) m[i].size, text + m[i].offset);
        for (size_t j = 0; j < cities_count; j++)
            used += (size_t) snprintf(shown + used, sizeof shown - used, "%s%.*s",
                                      j == 0 ? "" : ",", SLICE_ARG(cities[j]->short_name));
    }
    assert_string_equal(shown, expected);
}

static void test_scanning(void **state)
{
    (void) state;
    check_scan("苏州市代表团赴宿州考察", CIVIL_NONE, "苏州市:苏州|宿州:宿州");
    check_scan("昆山市到义乌学习", CIVIL_NONE, "昆山市:苏州|义乌:金华");
    check_scan("鼓楼区", CIVIL_NONE, "鼓楼区:南京,徐州,福州,开封");
    check_scan("江苏省", CIVIL_NONE, "江苏省:");
    check_scan("丽水地区", CIVIL_NONE, "丽水地区:丽水");
    check_scan("景宁县", CIVIL_NONE, "景宁县:丽水");
    check_scan("苏州工业园区", CIVIL_NONE, "苏州工业园区:苏州");
    check_scan("", CIVIL_NONE, "");
    check_scan("没有地名", CIVIL_NONE, "");
    check_scan("苏\xE5", CIVIL_NONE, "");
}

static void test_names_that_are_no_places(void **state)
{
    (void) state;
    check_scan("在南京路步行", CIVIL_NONE, "");
    check_scan("苏州大学一行", CIVIL_NONE, "");
    check_scan("上海大众来访", CIVIL_NONE, "");
    check_scan("巢湖舰官兵", CIVIL_NONE, "");
    check_scan("苏州市大学生", CIVIL_NONE, "苏州市:苏州"); /* a full name stays one */
    check_scan("苏州人大", CIVIL_NONE, "苏州:苏州");
}

static void test_history(void **state)
{
    (void) state;
    check_scan("巢湖市", day(2011, 8, 21), "巢湖市:巢湖");
    check_scan("巢湖市", day(2011, 8, 22), "巢湖市:合肥");
    check_scan("含山县", day(2010, 1, 1), "含山县:巢湖");
    check_scan("含山县", day(2012, 1, 1), "含山县:马鞍山");
    check_scan("枞阳县", day(2015, 6, 1), "枞阳县:安庆");
    check_scan("枞阳县", day(2016, 1, 1), "枞阳县:铜陵");
    check_scan("寿县", day(2014, 1, 1), "寿县:六安");
    check_scan("寿县", CIVIL_NONE, "寿县:淮南");
    check_scan("居巢区", day(2020, 1, 1), "居巢区:巢湖"); /* long gone: as it was last */
    check_scan("高淳县", day(2020, 1, 1), "高淳县:南京");
}

static void test_places_of_a_name(void **state)
{
    const struct place *places[GAZETTEER_PLACES_MAX];
    uint32_t name = 0;

    (void) state;
    assert_true(gazetteer_find_name(shipped, SLICE("吉林"), &name));
    assert_int_equal(gazetteer_places(shipped, name, CIVIL_NONE, places, 8), 2);
    assert_int_equal(places[0]->level, PLACE_CITY);
    assert_int_equal(places[1]->level, PLACE_PROVINCE);
    assert_null(places[1]->city);
    assert_int_equal(gazetteer_places(shipped, name, CIVIL_NONE, places, 1), 1);
    assert_true(gazetteer_find_name(shipped, SLICE("昆山"), &name));
    assert_int_equal(gazetteer_places(shipped, name, CIVIL_NONE, places, 8), 1);
    assert_int_equal(places[0]->level, PLACE_COUNTY);
    assert_string_equal(places[0]->name.data, "昆山市");
    assert_string_equal(places[0]->province.data, "江苏");
    assert_false(gazetteer_find_name(shipped, SLICE("上海大众"), &name));
    assert_false(gazetteer_find_name(shipped, SLICE("苏"), &name));
}

static void test_forms_and_limits(void **state)
{
    struct mention m[2];

    (void) state;
    assert_int_equal(gazetteer_scan(shipped, SLICE("苏州市、宿州、金陵"), m, 2), 2);
    assert_int_equal(m[0].form, NAME_FULL);
    assert_int_equal(m[1].form, NAME_SHORT);
    assert_int_equal(gazetteer_scan(shipped, SLICE("金陵"), m, 2), 1);
    assert_int_equal(m[0].form, NAME_ALIAS);
    assert_int_equal(gazetteer_scan(shipped, SLICE("和平"), m, 2), 1);
    assert_true(m[0].common_word);
    assert_int_equal(gazetteer_scan(shipped, SLICE("和平区"), m, 2), 1);
    assert_false(m[0].common_word);
}

static void check_abbreviation(const char *character, const char *site, const char *city)
{
    const struct place *places[GAZETTEER_PLACES_MAX];
    size_t count =
        gazetteer_abbreviation(shipped, slice_from(character), site == NULL ? NULL : find(site),
                               places, GAZETTEER_PLACES_MAX);

    if (city == NULL) {
        assert_int_equal(count, 0);
        return;
    }
    assert_true(count > 0);
    assert_string_equal(places[0]->name.data, city);
}

static void test_abbreviations(void **state)
{
    (void) state;
    check_abbreviation("甬", NULL, "宁波市");
    check_abbreviation("肥", NULL, "合肥市");
    check_abbreviation("宜", "安庆", "安庆市");
    check_abbreviation("邮", "扬州", "高邮市");
    check_abbreviation("海", "南通", "海门区");
    check_abbreviation("邮", NULL, NULL);
    check_abbreviation("的", "扬州", NULL);
}

static void test_facts(void **state)
{
    (void) state;
    assert_true(gazetteer_adjacent(shipped, 320500, 310000));
    assert_true(gazetteer_adjacent(shipped, 310000, 320500));
    assert_false(gazetteer_adjacent(shipped, 310000, 320200));
    assert_true(gazetteer_paired(shipped, 341100, 320100, day(2021, 1, 1), day(2023, 12, 31)));
    assert_false(gazetteer_paired(shipped, 341100, 320100, day(2010, 1, 1), day(2020, 12, 31)));
    assert_true(gazetteer_same_metro(shipped, 320100, 341100, day(2021, 1, 1), CIVIL_NONE));
    assert_false(gazetteer_same_metro(shipped, 310000, 320900, CIVIL_NONE, CIVIL_NONE));
    assert_false(gazetteer_same_metro(shipped, 310000, 320500, CIVIL_NONE, day(2021, 1, 1)));
}

/* ---- files of one's own ---- */

static struct temp_dir dir;

static int write_small(void **state)
{
    (void) state;
    if (temp_dir_create(&dir))
        return 1;
    (void) snprintf(dir.file, sizeof dir.file, "%s/regions", dir.path);
    (void) mkdir(dir.file, 0700);
    (void) snprintf(dir.path + strlen(dir.path), 16, "/regions");
    temp_dir_write(&dir, "china/divisions.tsv",
                   "code\tname\tshort\tlevel\tcity\tfrom\tto\tcommon\n"
                   "320000\t江苏省\t江苏\tprovince\t\t\t\t\n"
                   "320500\t苏州市\t苏州\tcity\t\t\t\t\n"
                   "320583\t昆山市\t昆山\tcounty\t320500\t\t\t\n");
    temp_dir_write(&dir, "china/names.tsv", "name\tcode\tform\n姑苏\t320500\talias\n");
    temp_dir_write(&dir, "china/cities.tsv",
                   "code\tslug\tlon\tlat\tsite\n320500\tsuzhou\t120.5\t31.30408\t\n");
    temp_dir_write(&dir, "china/not_places.tsv", "word\twhere\n路\tbehind\n");
    temp_dir_write(&dir, "china/adjacency.tsv", "city_a\tcity_b\n");
    temp_dir_write(&dir, "china/metro_areas.tsv", "metro\tcity\tmembership\tfrom\n");
    temp_dir_write(&dir, "china/pairings.tsv", "helper\thelped\tfrom\tto\n");
    return 0;
}

static int remove_small(void **state)
{
    char *end;

    (void) state;
    end = strrchr(dir.path, '/');
    temp_dir_destroy(&dir);
    *end = 0;
    return rmdir(dir.path);
}

static enum status load_small(struct gazetteer **g)
{
    char parent[64];

    (void) snprintf(parent, sizeof parent, "%.*s", (int) (strrchr(dir.path, '/') - dir.path),
                    dir.path);
    return gazetteer_load(parent, g, &err);
}

static void check_bad(const char *name, const char *content, const char *message)
{
    struct gazetteer *g = NULL;
    enum status status;

    temp_dir_write(&dir, name, content);
    status = load_small(&g);
    assert_int_equal(status, STATUS_INVALID);
    assert_null(g);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static void test_a_small_gazetteer(void **state)
{
    struct gazetteer *g = NULL;

    (void) state;
    assert_int_equal(load_small(&g), STATUS_OK);
    assert_int_equal(gazetteer_city_count(g), 1);
    assert_int_equal(gazetteer_city_at(g, 0)->lon, 12050000);
    assert_int_equal(gazetteer_city_at(g, 0)->lat, 3130408);
    assert_int_equal(strlen(gazetteer_version(g)), 32);
    assert_string_not_equal(gazetteer_version(g), gazetteer_version(shipped));
    gazetteer_destroy(g);
    gazetteer_destroy(NULL);
}

static void test_errors_in_divisions(void **state)
{
    (void) state;
    check_bad("china/divisions.tsv", "code\tname\n", "divisions.tsv:1: column 'short' is missing");
    check_bad("china/divisions.tsv",
              "code\tname\tshort\tlevel\tcity\tfrom\tto\tcommon\nx\t苏州市\t苏州\tcity\t\t\t\t\n",
              "divisions.tsv:2: 'x' is no division code");
    check_bad(
        "china/divisions.tsv",
        "code\tname\tshort\tlevel\tcity\tfrom\tto\tcommon\n320500\t苏州市\t苏州\ttown\t\t\t\t\n",
        "divisions.tsv:2: 'town' is no level");
    check_bad("china/divisions.tsv",
              "code\tname\tshort\tlevel\tcity\tfrom\tto\tcommon\n"
              "320583\t昆山市\t昆山\tcounty\t320500\t\t\t\n",
              "'昆山市' belongs to city 320500, which is no line");
    check_bad("china/divisions.tsv",
              "code\tname\tshort\tlevel\tcity\tfrom\tto\tcommon\n"
              "320500\t苏州市\t苏州\tcity\t\t20xx\t\t\n",
              "divisions.tsv:2: ");
    check_bad("china/divisions.tsv",
              "code\tname\tshort\tlevel\tcity\tfrom\tto\tcommon\n320500\t\t苏州\tcity\t\t\t\t\n",
              "divisions.tsv:2: the name is empty");
    check_bad("china/divisions.tsv", "\xFF\n", "is not UTF-8 text");
}

static void test_errors_elsewhere(void **state)
{
    struct gazetteer *g = NULL;

    (void) state;
    check_bad("china/names.tsv", "name\tcode\tform\nx\t999999\talias\n", "names.tsv:2: no name");
    check_bad("china/names.tsv", "name\tcode\tform\nx\t320500\tnick\n", "'nick' is no form");
    check_bad("china/names.tsv", "name\tcode\n", "must have the columns name, code, form");
    temp_dir_write(&dir, "china/names.tsv", "name\tcode\tform\n");
    check_bad("china/not_places.tsv", "word\twhere\nx\tbefore\n", "'before' is neither whole");
    temp_dir_write(&dir, "china/not_places.tsv", "word\twhere\n");
    check_bad("china/cities.tsv", "code\tslug\tlon\tlat\tsite\n320500\ts\tx\t31\t\n",
              "cities.tsv:2: 'x' is no angle");
    check_bad("china/cities.tsv", "code\tslug\tlon\tlat\tsite\n320600\ts\t1\t31\t\n",
              "cities.tsv:2: 320600 is no city");
    check_bad("china/cities.tsv", "slug\tcode\tlon\tlat\tsite\n", "column 1 must be 'code'");
    temp_dir_write(&dir, "china/cities.tsv", "code\tslug\tlon\tlat\tsite\n");
    check_bad("china/adjacency.tsv", "city_a\tcity_b\n1\t2\n", "adjacency.tsv:2: '2' is no");
    (void) snprintf(dir.file, sizeof dir.file, "%s/china/pairings.tsv", dir.path);
    assert_int_equal(remove(dir.file), 0);
    temp_dir_write(&dir, "china/adjacency.tsv", "city_a\tcity_b\n");
    assert_int_equal(load_small(&g), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "pairings.tsv: there is no such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_prefectures),
        cmocka_unit_test(test_cities_by_name),
        cmocka_unit_test(test_scanning),
        cmocka_unit_test(test_names_that_are_no_places),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_places_of_a_name),
        cmocka_unit_test(test_forms_and_limits),
        cmocka_unit_test(test_abbreviations),
        cmocka_unit_test(test_facts),
        cmocka_unit_test_setup_teardown(test_a_small_gazetteer, write_small, remove_small),
        cmocka_unit_test_setup_teardown(test_errors_in_divisions, write_small, remove_small),
        cmocka_unit_test_setup_teardown(test_errors_elsewhere, write_small, remove_small),
    };

    return cmocka_run_group_tests(tests, load_shipped, unload);
}
