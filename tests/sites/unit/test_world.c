#include "tests/sites/unit/small_world.h"

static void test_equal_seeds_give_equal_worlds(void **state)
{
    struct world *one = city_world(7, 3000, 41);
    struct world *same = city_world(7, 3000, 41);
    struct world *other = city_world(8, 3000, 41);
    size_t bytes = one->document_count * sizeof *one->documents;

    (void) state;
    assert_int_equal(one->document_count, same->document_count);
    assert_memory_equal(one->documents, same->documents, bytes);
    assert_memory_equal(one->trips, same->trips, one->trip_count * sizeof *one->trips);
    assert_int_not_equal(memcmp(one->documents, other->documents, bytes), 0);
    world_destroy(one);
    world_destroy(same);
    world_destroy(other);
}

static bool lists(const struct world *world, uint32_t site, int city, uint32_t number)
{
    uint32_t count;
    const uint32_t *hits = world_hits(world, site, city, &count);

    for (uint32_t i = 0; i < count; i++) {
        if (hits[i] == number)
            return true;
    }
    return false;
}

static void test_lists_hold_every_document(void **state)
{
    struct world *world = city_world(7, 2000, 9);
    uint32_t listed = 0;
    uint32_t named = 0;
    uint32_t count;

    (void) state;
    for (uint32_t i = 0; i < world->document_count; i++) {
        const struct document *document = &world->documents[i];

        assert_in_range(document->mentions, 1, WORLD_MENTIONS_MAX);
        for (int m = 0; m < document->mentions; m++) {
            assert_int_not_equal(document->mention[m], world->sites[document->site].city);
            assert_true(lists(world, document->site, document->mention[m], i));
        }
        named += document->mentions;
    }
    for (uint32_t site = 0; site < world->site_count; site++) {
        for (int city = 0; city < world->places.city_count; city++) {
            (void) world_hits(world, site, city, &count);
            assert_true(city < 9 || count == 0);
            listed += count;
        }
    }
    assert_int_equal(listed, named);
    world_destroy(world);
}

static void test_copies_and_dead_ends(void **state)
{
    struct world *world = city_world(7, 5000, 41);
    uint32_t kinds[KIND_FAULT + 1] = {0};

    (void) state;
    assert_int_equal(world->page_count, 5000);
    assert_int_equal(world->document_count, 5060);
    for (uint32_t i = 0; i < world->document_count; i++) {
        const struct document *document = &world->documents[i];

        kinds[document->kind]++;
        assert_int_equal(i >= world->page_count, document->kind >= KIND_DEAD);
        if (document->kind == KIND_COPY) {
            const struct document *source = &world->documents[document->ref];

            assert_true(source->kind != KIND_COPY && source->kind != KIND_BLANK);
            assert_true(document->day >= source->day + (document->site != source->site));
            assert_int_equal(world_text_of(world, i), document->ref);
        } else if (document->kind < KIND_DEAD) {
            assert_int_equal(world_text_of(world, i), i);
        } else {
            assert_true(world->documents[world_text_of(world, i)].kind < KIND_COPY);
        }
        if (document->kind == KIND_MOVED)
            assert_int_equal(world->documents[document->ref].site, document->site);
    }
    assert_in_range(kinds[KIND_VISIT], 400, 560);
    assert_in_range(kinds[KIND_COPY], 100, 200);
    assert_in_range(kinds[KIND_BLANK], 40, 110);
    assert_int_equal(kinds[KIND_DEAD] + kinds[KIND_MOVED] + kinds[KIND_HOME], 60);
    assert_int_equal(kinds[KIND_FAULT], 0);
    world_destroy(world);
}

static void test_reports_belong_to_their_trip(void **state)
{
    struct world *world = city_world(9, 4000, 12);
    uint32_t both = 0;

    (void) state;
    for (uint32_t i = 0; i < world->page_count; i++) {
        const struct document *document = &world->documents[i];
        const struct trip *trip = &world->trips[document->ref];

        if (document->kind != KIND_VISIT)
            continue;
        if (document->side == SIDE_ORIGIN)
            assert_int_equal(world->sites[document->site].city, trip->origin);
        else
            assert_int_equal(world->sites[document->site].city, trip->host[document->side]);
        both += i > 0 && world->documents[i - 1].kind == KIND_VISIT &&
                world->documents[i - 1].ref == document->ref &&
                world->documents[i - 1].side != document->side;
        assert_true(document->style != STYLE_NONE || document->form == FORM_FULL ||
                    document->form == FORM_VAGUE);
    }
    assert_true(both > 20);
    world_destroy(world);
}

static void test_refuses(void **state)
{
    struct world *world = NULL;
    struct error err;

    (void) state;
    assert_int_equal(world_create((struct world_options){.documents = 0}, &world, &err),
                     STATUS_INVALID);
    assert_int_equal(world_create((struct world_options){.documents = 10}, &world, &err),
                     STATUS_OK);
    assert_int_equal(world_add_site(world, "127.0.2.1", 80, SLICE("成都"), SLICE("trs-igs"), &err),
                     STATUS_INVALID);
    assert_non_null(strstr(err.message, "成都"));
    assert_int_equal(world_add_site(world, "127.0.2.1", 80, SLICE("苏州"), SLICE("x"), &err),
                     STATUS_INVALID);
    assert_int_equal(world_add_site(world, "127.0.2.1", 80, SLICE("苏州"), SLICE("trs-igs"), &err),
                     STATUS_OK);
    assert_int_equal(world_build(world, &err), STATUS_INVALID);
    world_destroy(world);
    world_destroy(NULL);
}

static void test_several_sites_of_a_city(void **state)
{
    struct world *world = dialect_world(1500, true);
    uint32_t pages[WORLD_SITES_MAX] = {0};
    uint32_t faults = 0;

    (void) state;
    for (uint32_t i = 0; i < world->document_count; i++) {
        pages[world->documents[i].site]++;
        faults += world->documents[i].kind == KIND_FAULT;
    }
    for (uint32_t i = 0; i < world->site_count; i++)
        assert_true(pages[i] > 0);
    assert_int_equal(faults, 6);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_seeds_give_equal_worlds),
        cmocka_unit_test(test_lists_hold_every_document),
        cmocka_unit_test(test_copies_and_dead_ends),
        cmocka_unit_test(test_reports_belong_to_their_trip),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_several_sites_of_a_city),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
