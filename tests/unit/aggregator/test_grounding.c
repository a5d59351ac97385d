#include "tests/unit/aggregator/fixture.h"

#include "aggregator/grounding.h"

static struct gazetteer *gazetteer;
static struct grounding grounding;
static struct arena *arena;

static int set_up(void **state)
{
    struct error err = {.code = STATUS_OK};

    (void) state;
    if (gazetteer_load(SOURCE_DIR, &gazetteer, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(grounding_init(&grounding, gazetteer, NULL), STATUS_OK);
    arena = arena_create(64 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    grounding_fini(&grounding);
    gazetteer_destroy(gazetteer);
    return 0;
}

static struct grounding_text read_text(const char *title, const char *body, const char *site)
{
    const struct source_text source = {.title = slice_from(title),
                                       .body = slice_from(body),
                                       .site_city = slice_from(site),
                                       .day = CIVIL_NONE};
    struct grounding_text text;
    struct error err = {.code = STATUS_OK};

    if (grounding_read(&grounding, &source, arena, &text, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return text;
}

static bool names(const struct grounding_text *text, const char *city)
{
    return grounding_names_city(text, slice_from(city));
}

static void cities_are_named_in_many_ways(void **state)
{
    struct grounding_text text =
        read_text("昆山市代表团来我市", "代表团赴沪后到绍兴考察。", "南京");

    (void) state;
    assert_true(names(&text, "苏州")); /* 昆山 lies there */
    assert_true(names(&text, "绍兴"));
    assert_true(names(&text, "南京")); /* the publisher's */
    assert_false(names(&text, "合肥"));
    assert_false(names(&text, ""));
}

/* Four cities have a 鼓楼区: the text may mean any of them. */
static void an_open_name_names_all_its_cities(void **state)
{
    struct grounding_text text = read_text("", "鼓楼区代表团来访。", "合肥");

    (void) state;
    assert_true(names(&text, "南京"));
    assert_true(names(&text, "徐州"));
    assert_true(names(&text, "福州"));
    assert_false(names(&text, "苏州"));
}

static bool made_up(const struct grounding_text *text, const char *organ, const char *answered)
{
    bool result = false;

    assert_int_equal(
        grounding_made_up(text, slice_from(organ), slice_from(answered), &result, NULL), STATUS_OK);
    return result;
}

static void an_organ_in_the_text_is_none_made_up(void **state)
{
    struct grounding_text text =
        read_text("", "苏州市教育局局长与我市  商务局、昆山市委 负责人座谈。", "南京");

    (void) state;
    assert_false(made_up(&text, "市教育局", "苏州市教育局"));
    assert_false(made_up(&text, "市商务局", "我市商务局"));
    assert_false(made_up(&text, "市教育局、市商务局", "教育局、商务局"));
    assert_false(made_up(&text, "昆山市委", "昆山市委"));
    assert_false(made_up(&text, "昆山市商务局", "商务局"));
    assert_false(made_up(&text, "", "财政局"));
}

static void an_organ_of_the_answer_alone_is(void **state)
{
    struct grounding_text text = read_text("", "苏州市教育局局长来访。", "南京");

    (void) state;
    assert_true(made_up(&text, "市财政局", "财政局"));
    assert_true(made_up(&text, "市财政局", "苏州市财政局"));
    assert_true(made_up(&text, "市教育局、市财政局", "教育局、财政局"));
    assert_true(made_up(&text, "昆山市财政局", "昆山市财政局"));
}

/* 工商局 has another name on outputs: the rules' tables know, and no answer gave it. */
static void an_organ_that_no_answer_gave_is_the_rules(void **state)
{
    struct grounding_text text = read_text("", "苏州市工商局局长来访。", "南京");

    (void) state;
    assert_false(made_up(&text, "市市场监督管理局", "工商局"));
    assert_false(made_up(&text, "市市场监督管理局", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cities_are_named_in_many_ways),
        cmocka_unit_test(an_open_name_names_all_its_cities),
        cmocka_unit_test(an_organ_in_the_text_is_none_made_up),
        cmocka_unit_test(an_organ_of_the_answer_alone_is),
        cmocka_unit_test(an_organ_that_no_answer_gave_is_the_rules),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
