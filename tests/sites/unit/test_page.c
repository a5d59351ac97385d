#include "tests/sites/page.h"

#include "tests/sites/encoding.h"
#include "tests/sites/fill.h"
#include "tests/sites/unit/small_world.h"

static struct world *world;
static struct arena *arena;

static bool value_of(void *self, struct slice name, struct buf *out)
{
    (void) self;
    if (!slice_equal(name, SLICE("x")))
        return false;
    buf_puts(out, "1");
    return true;
}

static void test_fill(void **state)
{
    struct buf out;

    (void) state;
    buf_init(&out, 1000);
    fill(SLICE("{x}{\"x\":{x},\"y\":{unknown}} {} {x"), value_of, NULL, &out);
    assert_string_equal(buf_text(&out), "1{\"x\":1,\"y\":{unknown}} {} {x");
    buf_fini(&out);
}

static void test_addresses_lead_back(void **state)
{
    char path[PAGE_PATH_MAX];
    uint32_t found;

    (void) state;
    for (uint32_t i = 0; i < world->document_count; i++) {
        struct slice text = slice_from(page_path(world, i, path));
        uint32_t site = world->documents[i].site;

        assert_true(page_find(world, site, text, &found));
        assert_int_equal(found, i);
        assert_false(page_find(world, (site + 1) % world->site_count, text, &found));
        path[1]++;
        assert_false(page_find(world, site, text, &found));
    }
    assert_false(page_find(world, 0, SLICE("/x/999999.html"), &found));
    assert_false(page_find(world, 0, SLICE("/"), &found));
}

static bool has_text(struct slice html, struct slice text)
{
    struct buf escaped;
    bool found;

    buf_init(&escaped, PAGE_LIMIT);
    encoding_html(text, &escaped);
    found = slice_contains(html, buf_slice(&escaped));
    buf_fini(&escaped);
    return found;
}

static void test_pages_hold_their_story(void **state)
{
    struct buf html;

    (void) state;
    buf_init(&html, PAGE_LIMIT);
    for (uint32_t i = 0; i < world->page_count; i++) {
        struct story story;

        arena_reset(arena);
        buf_reset(&html);
        page_render(world, i, arena, &html);
        assert_int_equal(buf_status(&html, NULL), STATUS_OK);
        story_tell(world, i, arena, &story);
        assert_true(has_text(buf_slice(&html), story.title));
        for (size_t p = 0; p < story.count; p++)
            assert_true(has_text(buf_slice(&html), story.paragraphs[p]));
        assert_false(slice_contains(buf_slice(&html), SLICE("{title}")) ||
                     slice_contains(buf_slice(&html), SLICE("{body}")) ||
                     slice_contains(buf_slice(&html), SLICE("@@")));
        assert_true(slice_contains(buf_slice(&html),
                                   page_is_gbk(world, i) ? SLICE("gb2312") : SLICE("utf-8")));
    }
    buf_fini(&html);
}

static void test_dates(void **state)
{
    struct buf html;
    bool seen[STYLE_EXAMPLE + 1] = {false};

    (void) state;
    buf_init(&html, PAGE_LIMIT);
    for (uint32_t i = 0; i < world->page_count; i++) {
        uint8_t style = world->documents[i].style;

        if (seen[style])
            continue;
        seen[style] = true;
        arena_reset(arena);
        buf_reset(&html);
        page_render(world, i, arena, &html);
        assert_int_equal(page_has_date(world, i), style != STYLE_NONE);
        assert_int_equal(slice_contains(buf_slice(&html), SLICE("发布日期：")) ||
                             slice_contains(buf_slice(&html), SLICE("发布时间：")) ||
                             slice_contains(buf_slice(&html), SLICE("日期：")) ||
                             slice_contains(buf_slice(&html), SLICE("fbsj")),
                         style != STYLE_NONE && style != STYLE_URL);
    }
    for (int i = 0; i <= STYLE_EXAMPLE; i++)
        assert_true(seen[i]);
    buf_fini(&html);
}

static void test_home_and_missing(void **state)
{
    struct buf html;

    (void) state;
    buf_init(&html, PAGE_LIMIT);
    page_home(world, 2, arena, &html);
    assert_true(slice_contains(buf_slice(&html), SLICE("无锡市人民政府")));
    buf_reset(&html);
    page_missing(&html);
    assert_true(slice_contains(buf_slice(&html), SLICE("404")));
    assert_false(slice_contains(buf_slice(&html), SLICE("@@")));
    buf_fini(&html);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_addresses_lead_back),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_pages_hold_their_story),
        cmocka_unit_test(test_home_and_missing),
    };
    int failed;

    world = dialect_world(3000, false);
    arena = arena_create(4 * STORY_ARENA);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_destroy(arena);
    world_destroy(world);
    return failed;
}
