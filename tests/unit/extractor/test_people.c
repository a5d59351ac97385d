#include "tests/unit/extractor/extract_fixture.h"

static void check(const char *text, const char *want)
{
    struct people people = {.count = 0};

    fixture_read("常州", "", text);
    people_find(shipped_titles, &fixture.reading, 0, fixture.reading.text.size, &people);
    if (strcmp(joined(&people), want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", text, joined(&people), want);
}

static void test_titles(void **state)
{
    (void) state;
    check("市委书记张三", "市委书记");
    check("市委副书记、市长张三", "市委副书记、市长");
    check("县委书记张三、县长李四率团", "县委书记|县长");
    check("无锡市市长张三", "市长");
    check("肥西县县长李四", "县长");
    check("邳州市城管局副局长张三", "市城管局副局长");
    check("5月8日,无锡市委书记张三", "市委书记");
    check("局长张三、副局长李四、局长王五", "局长|副局长");
    check("市政协副主席、市教育局局长张三", "市政协副主席、市教育局局长");
}

static void test_no_titles(void **state)
{
    (void) state;
    check("", "");
    check("天气晴朗", "");
    check("无锡市人大常委会考察组", "");
    check("市发展和改革委员会一行", "");
}

static void test_limits(void **state)
{
    char text[2048];
    size_t used = 0;
    struct people people = {.count = 0};

    (void) state;
    for (char name = 'a'; name < 'a' + 20; name++)
        used += (size_t) snprintf(text + used, sizeof text - used, "%c局局长,", name);
    fixture_read("常州", "", text);
    people_find(shipped_titles, &fixture.reading, 0, fixture.reading.text.size, &people);
    assert_int_equal(people.count, PEOPLE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_no_titles),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, extract_open, extract_close);
}
