#include "tests/sites/listing.h"

#include "tests/sites/page.h"
#include "tests/sites/unit/small_world.h"

static struct world *world;
static struct arena *arena;
static struct encoder *encoder;

/* Asks as a client would: the keyword and page in the fields and the spelling of the dialect. */
static struct listing_question ask(const struct dialect *dialect, struct slice keyword,
                                   uint64_t page)
{
    struct listing_question question;
    struct buf text;
    struct buf bytes;

    buf_init(&text, 4096);
    buf_init(&bytes, 4096);
    if (dialect->gbk)
        encoder_to_gbk(encoder, keyword, &bytes);
    else
        buf_append(&bytes, keyword);
    if (dialect->input == INPUT_JSON) {
        buf_printf(&text, "{\"other\":\"x\\\"y\",\"%s\":\"%.*s\",\"%s\":%llu,\"z\":[]}",
                   dialect->keyword, SLICE_ARG(keyword), dialect->page, (unsigned long long) page);
    } else {
        buf_printf(&text, "siteId=1&empty=&%s=", dialect->keyword);
        encoding_percent(buf_slice(&bytes), &text);
        buf_printf(&text, "&%s=%llu&other=9", dialect->page, (unsigned long long) page);
    }
    question = dialect->input == INPUT_QUERY
                   ? listing_ask(world, dialect, buf_slice(&text), SLICE(""), encoder)
                   : listing_ask(world, dialect, SLICE(""), buf_slice(&text), encoder);
    buf_fini(&text);
    buf_fini(&bytes);
    return question;
}

static bool shows(const struct dialect *dialect, struct slice answer, uint32_t number)
{
    char path[PAGE_PATH_MAX];
    struct buf address;
    bool found;

    (void) dialect;
    buf_init(&address, 256);
    buf_puts(&address, page_path(world, number, path));
    found = slice_contains(answer, buf_slice(&address));
    buf_fini(&address);
    return found;
}

/* Every page of a list shows exactly its part of the hits. */
static void check_list(uint32_t site, int city, const struct dialect *dialect)
{
    uint32_t count;
    const uint32_t *hits = world_hits(world, site, city, &count);
    uint32_t pages = (count + dialect->size - 1) / dialect->size;
    struct slice name = world->places.cities[city].name;
    struct buf answer;

    buf_init(&answer, LISTING_LIMIT);
    for (uint32_t page = 0; page < pages; page++) {
        uint64_t number = dialect->offset ? (uint64_t) page * dialect->size : page + dialect->first;
        struct listing_question question = ask(dialect, name, number);

        assert_int_equal(question.city, city);
        assert_int_equal(question.begin, page * dialect->size);
        arena_reset(arena);
        buf_reset(&answer);
        listing_render(world, site, question, arena, &answer);
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(shows(dialect, buf_slice(&answer), hits[i]),
                             i / dialect->size == page);
        assert_int_equal(slice_contains(buf_slice(&answer), SLICE("下页")),
                         strcmp(dialect->name, "city-search") == 0 && page + 1 < pages);
    }
    buf_fini(&answer);
}

static void test_pages_add_up(void **state)
{
    (void) state;
    for (uint32_t site = 0; site < world->site_count; site++) {
        for (int city = 0; city < 12; city++)
            check_list(site, city, dialect_find(world->sites[site].dialect));
    }
}

static void test_behind_the_last_page(void **state)
{
    struct buf answer;

    (void) state;
    buf_init(&answer, LISTING_LIMIT);
    for (uint32_t site = 0; site < world->site_count; site++) {
        const struct dialect *dialect = dialect_find(world->sites[site].dialect);
        int city = world->sites[site].city == 0 ? 1 : 0;
        uint32_t count;
        const uint32_t *hits = world_hits(world, site, city, &count);
        struct listing_question question = {.city = city, .begin = 100000, .size = dialect->size};

        assert_true(count > 0);
        arena_reset(arena);
        buf_reset(&answer);
        listing_render(world, site, question, arena, &answer);
        assert_int_equal(shows(dialect, buf_slice(&answer), hits[count - 1]),
                         dialect->beyond == BEYOND_REPEATS);
    }
    buf_fini(&answer);
}

static void test_odd_questions(void **state)
{
    const struct dialect *form = dialect_find(SLICE("jsearch"));
    const struct dialect *json = dialect_find(SLICE("epoint"));
    struct listing_question question;
    struct buf answer;

    (void) state;
    assert_int_equal(ask(form, SLICE("成都"), 1).city, -1);
    assert_true(ask(form, SLICE("南京市"), 1).city > 0);
    question = listing_ask(world, form, SLICE("q=x"), SLICE(""), encoder);
    assert_true(question.city == -1 && question.begin == 0);
    question = listing_ask(world, form, SLICE(""), SLICE("q=%E5%8D%97%E4%BA%AC&p=-3"), encoder);
    assert_true(question.city > 0 && question.begin == 0);
    question = listing_ask(world, json, SLICE(""), SLICE("{\"wd\":\"\\u5357\\u4eac\",\"pn\": 40"),
                           encoder);
    assert_true(question.city > 0 && question.begin == 40);
    question = listing_ask(world, form, SLICE(""), SLICE("q=x&p=3&pg=7"), encoder);
    assert_true(question.size == 7 && question.begin == 14);
    question = listing_ask(world, form, SLICE(""), SLICE("q=x&p=2&pg=700"), encoder);
    assert_true(question.size == 19 && question.begin == 19);
    question = listing_ask(world, json, SLICE(""), SLICE("{\"wd\":"), encoder);
    assert_int_equal(question.city, -1);
    buf_init(&answer, LISTING_LIMIT);
    listing_render(world, 0, question, arena, &answer);
    assert_true(slice_contains(buf_slice(&answer), SLICE("totalResults\">0<")));
    buf_fini(&answer);
}

static void test_totals(void **state)
{
    (void) state;
    assert_int_equal(listing_total(dialect_find(SLICE("trs-igs")), 57), 57);
    assert_int_equal(listing_total(dialect_find(SLICE("jsearch-zj")), 57), 62);
    assert_null(dialect_find(SLICE("nothing")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_add_up),
        cmocka_unit_test(test_behind_the_last_page),
        cmocka_unit_test(test_odd_questions),
        cmocka_unit_test(test_totals),
    };
    int failed;

    world = dialect_world(4000, false);
    arena = arena_create(4 * STORY_ARENA);
    encoder = encoder_create();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    encoder_destroy(encoder);
    arena_destroy(arena);
    world_destroy(world);
    return failed;
}
