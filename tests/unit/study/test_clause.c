/* One sentence at a time: what a scene says. */
#include "study/clause.h"

#include "tests/unit/study/reader_fixture.h"

#include <string.h>

static struct scene scene;

/* Reads `text` as one sentence of the body of a site of 常州. */
static void read_sentence(const char *text)
{
    fixture_read("常州", "", text);
    memset(&scene, 0, sizeof scene);
    scene.end = fixture.reading.text.size;
    clause_read(&fixture.reading, 0, fixture.reading.count, &scene);
}

static bool is_city(const struct party *party, const char *city)
{
    return party->city != NULL && slice_equal(party->city->short_name, slice_from(city));
}

static void test_motion(void **state)
{
    (void) state;
    read_sentence("无锡市代表团赴苏州市、南通市考察");
    assert_true(scene.moves);
    assert_true(scene.group);
    assert_int_equal(scene.origin_count, 1);
    assert_true(is_city(&scene.origins[0], "无锡"));
    assert_int_equal(scene.host_count, 2);
    assert_true(is_city(&scene.hosts[0], "苏州"));
    assert_true(is_city(&scene.hosts[1], "南通"));
    assert_int_equal(scene.hosts[0].size, strlen("苏州市"));
    assert_false(scene.wide);
}

static void test_own(void **state)
{
    (void) state;
    read_sentence("无锡市代表团来访");
    assert_int_equal(scene.host_count, 1);
    assert_true(scene.hosts[0].own);
    assert_true(is_city(&scene.hosts[0], "常州"));
    assert_int_equal(scene.hosts[0].size, 0); /* implied */
}

static void test_reception(void **state)
{
    (void) state;
    read_sentence("常州市长会见苏州市代表团");
    assert_true(is_city(&scene.origins[0], "苏州"));
    assert_true(is_city(&scene.hosts[0], "常州"));
}

static void test_stay(void **state)
{
    (void) state;
    read_sentence("无锡市代表团在苏州考察");
    assert_true(is_city(&scene.origins[0], "无锡"));
    assert_true(is_city(&scene.hosts[0], "苏州"));
    read_sentence("座谈会在苏州举行");
    assert_true(scene.has_meet);
    assert_true(is_city(&scene.meet, "苏州"));
    assert_int_equal(scene.host_count, 0);
}

static void test_escort(void **state)
{
    (void) state;
    read_sentence("无锡市代表团来访,常州市委书记陪同");
    assert_true(scene.has_escort);
    assert_true(is_city(&scene.escort, "常州"));
}

static void test_no_travellers(void **state)
{
    (void) state;
    read_sentence("江苏省统计局来常州调研");
    assert_true(scene.above);
    assert_int_equal(scene.origin_count, 0);
    read_sentence("苏州某集团一行来常州考察");
    assert_true(scene.above);
    read_sentence("应苏州市邀请,无锡市代表团赴苏州");
    assert_true(is_city(&scene.origins[0], "无锡"));
    read_sentence("在苏州市领导陪同下,无锡市代表团来常州");
    assert_true(is_city(&scene.origins[0], "无锡"));
}

static void test_signs(void **state)
{
    (void) state;
    read_sentence("拟于下月赴苏州考察");
    assert_true(scene.plan);
    assert_int_equal(scene.host_count, 0);
    read_sentence("通过视频会议与苏州交流");
    assert_true(scene.remote);
    read_sentence("无锡市代表团赴浙江考察");
    assert_true(scene.wide);
    assert_int_equal(scene.host_count, 0);
    read_sentence("无锡市代表团赴苏州等地考察");
    assert_true(scene.wide);
    assert_int_equal(scene.host_count, 1);
}

static void test_companies_taken_along(void **state)
{
    (void) state;
    read_sentence("无锡市副市长带领部门和企业负责人赴苏州考察");
    assert_false(scene.above);
    assert_true(is_city(&scene.origins[0], "无锡"));
}

static void test_nothing(void **state)
{
    (void) state;
    read_sentence("天气晴朗");
    assert_false(scene.moves);
    assert_int_equal(scene.host_count + scene.origin_count, 0);
    read_sentence("赴");
    read_sentence("在");
    read_sentence("会见");
    assert_int_equal(scene.host_count + scene.origin_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_motion),    cmocka_unit_test(test_own),
        cmocka_unit_test(test_reception), cmocka_unit_test(test_stay),
        cmocka_unit_test(test_escort),    cmocka_unit_test(test_no_travellers),
        cmocka_unit_test(test_signs),     cmocka_unit_test(test_companies_taken_along),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
