#include "tests/sites/story.h"

#include "tests/sites/unit/small_world.h"

static struct world *world;
static struct arena *arena;

static bool holds(const struct story *story, struct slice text)
{
    bool found = slice_contains(story->title, text);

    for (size_t i = 0; i < story->count; i++)
        found = found || slice_contains(story->paragraphs[i], text);
    return found;
}

static void test_every_text_is_whole(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < world->page_count; i++) {
        const struct document *document = &world->documents[i];
        struct story story;

        arena_reset(arena);
        story_tell(world, i, arena, &story);
        assert_true(story.title.size > 0 && story.title.size < 300);
        assert_true(slice_equal(story.title, story_title(world, i, arena)));
        assert_int_equal(story.count == 0, document->kind == KIND_BLANK);
        assert_false(holds(&story, SLICE("{")) || holds(&story, SLICE("}")) ||
                     holds(&story, SLICE("[")) || holds(&story, SLICE("|")) ||
                     holds(&story, SLICE("~")));
        for (size_t p = 0; p < story.count; p++)
            assert_true(story.paragraphs[p].size > 0);
        for (int m = 0; m < document->mentions; m++)
            assert_true(holds(&story, world->places.cities[document->mention[m]].name));
    }
}

static void test_copies_are_equal(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < world->page_count; i++) {
        struct story copy;
        struct story source;

        if (world->documents[i].kind != KIND_COPY)
            continue;
        arena_reset(arena);
        story_tell(world, i, arena, &copy);
        story_tell(world, world->documents[i].ref, arena, &source);
        assert_true(slice_equal(copy.title, source.title));
        assert_int_equal(copy.count, source.count);
        for (size_t p = 0; p < copy.count; p++)
            assert_true(slice_equal(copy.paragraphs[p], source.paragraphs[p]));
        assert_int_equal(story_is_visit(world, i), story_is_visit(world, world->documents[i].ref));
    }
}

/* Is the text's date that of the event? */
static void check_event(const struct document *document, const struct told_event *event)
{
    assert_true(event->origin != event->host);
    assert_int_equal(event->day == STORY_NO_DAY, document->form == FORM_VAGUE);
    if (document->form == FORM_YESTERDAY)
        assert_int_equal(event->day, document->day - 1);
    if (document->form == FORM_TODAY)
        assert_int_equal(event->day, document->day);
    assert_true(document->day >= event->true_day - 2 && document->day <= event->true_day + 9);
}

static void test_events(void **state)
{
    uint32_t told = 0;

    (void) state;
    for (uint32_t i = 0; i < world->page_count; i++) {
        const struct document *document = &world->documents[i];
        struct told_event events[TRIP_HOSTS_MAX];
        size_t count;

        arena_reset(arena);
        count = story_events(world, i, arena, events);
        if (document->kind != KIND_VISIT) {
            assert_true(count == 0 || document->kind == KIND_COPY);
            continue;
        }
        told += count > 0;
        assert_true(story_is_visit(world, i));
        assert_int_equal(count > 1,
                         document->side == SIDE_ORIGIN && world->trips[document->ref].hosts > 1);
        for (size_t e = 0; e < count; e++)
            check_event(document, &events[e]);
    }
    assert_true(told > 100);
}

static void test_both_sides_agree(void **state)
{
    (void) state;
    for (uint32_t i = 1; i < world->page_count; i++) {
        const struct document *one = &world->documents[i - 1];
        const struct document *two = &world->documents[i];
        struct told_event a[TRIP_HOSTS_MAX];
        struct told_event b[TRIP_HOSTS_MAX];

        if (one->kind != KIND_VISIT || two->kind != KIND_VISIT || one->ref != two->ref ||
            two->side != 0 || one->side != SIDE_ORIGIN)
            continue;
        arena_reset(arena);
        assert_true(story_events(world, i - 1, arena, a) > 0);
        assert_int_equal(story_events(world, i, arena, b), 1);
        assert_int_equal(a[0].true_day, b[0].true_day);
        assert_true(slice_equal(a[0].origin_unit, b[0].origin_unit));
        assert_true(slice_equal(a[0].host_unit, b[0].host_unit));
    }
}

/* Different documents must not have equal texts more than now and then. */
static void test_wording_varies(void **state)
{
    uint32_t equal = 0;
    struct slice last = SLICE("");

    (void) state;
    arena_reset(arena);
    for (uint32_t i = 0; i < world->page_count; i++) {
        struct slice title;

        if (world->documents[i].kind != KIND_VISIT)
            continue;
        title = story_title(world, i, arena);
        equal += slice_equal(title, last);
        last = title;
    }
    assert_true(equal < 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_text_is_whole),
        cmocka_unit_test(test_copies_are_equal),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_both_sides_agree),
        cmocka_unit_test(test_wording_varies),
    };
    int failed;

    world = city_world(5, 4000, 41);
    arena = arena_create(64 * STORY_ARENA);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_destroy(arena);
    world_destroy(world);
    return failed;
}
