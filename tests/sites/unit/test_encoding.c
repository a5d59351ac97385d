#include "tests/sites/encoding.h"

#include "tests/sites/story.h"
#include "tests/sites/unit/small_world.h"

enum { TEXT_LIMIT = 64 * 1024 };

typedef void escape(struct slice text, struct buf *out);

static void assert_escape(escape *function, struct slice text, const char *expected)
{
    struct buf out;

    buf_init(&out, TEXT_LIMIT);
    function(text, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static void test_escapes(void **state)
{
    (void) state;
    assert_escape(encoding_percent, SLICE("a-Z 苏/"), "a-Z%20%E8%8B%8F%2F");
    assert_escape(encoding_unpercent, SLICE("a+%E8%8B%8f%2F%zz%4"), "a 苏/%zz%4");
    assert_escape(encoding_html, SLICE("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    assert_escape(encoding_json, SLICE("\"\\\n苏"), "\\\"\\\\\\u000a苏");
    assert_escape(encoding_unjson, SLICE("\\u82cf\\u5DDE\\n\\\"\\/\\"), "苏州\n\"/\\");
    assert_escape(encoding_unjson, SLICE("\\u82"), "u82");
}

static void assert_round_trip(struct encoder *encoder, struct slice text)
{
    struct buf gbk;
    struct buf back;

    buf_init(&gbk, TEXT_LIMIT);
    buf_init(&back, TEXT_LIMIT);
    encoder_to_gbk(encoder, text, &gbk);
    encoder_from_gbk(encoder, buf_slice(&gbk), &back);
    assert_true(slice_equal(buf_slice(&back), text));
    /* Two bytes a character: nothing needs GB18030's long form, so GBK decoders read it too. */
    for (size_t i = 0; i < gbk.size; i++) {
        if ((unsigned char) gbk.data[i] >= 0x80) {
            assert_true(i + 1 < gbk.size && (unsigned char) gbk.data[i + 1] >= 0x40);
            i++;
        }
    }
    buf_fini(&gbk);
    buf_fini(&back);
}

static void test_gbk_round_trip_of_all_texts(void **state)
{
    struct world *world = city_world(5, 2000, 41);
    struct arena *arena = arena_create(STORY_ARENA);
    struct encoder *encoder = encoder_create();

    (void) state;
    for (uint32_t i = 0; i < world->page_count; i++) {
        struct story story;

        arena_reset(arena);
        story_tell(world, i, arena, &story);
        assert_round_trip(encoder, story.title);
        for (size_t p = 0; p < story.count; p++)
            assert_round_trip(encoder, story.paragraphs[p]);
    }
    encoder_destroy(encoder);
    arena_destroy(arena);
    world_destroy(world);
}

static void test_gbk_bytes(void **state)
{
    struct encoder *encoder = encoder_create();
    struct buf out;

    (void) state;
    buf_init(&out, TEXT_LIMIT);
    encoder_to_gbk(encoder, SLICE("苏州a"), &out);
    assert_string_equal(buf_text(&out), "\xcb\xd5\xd6\xdd"
                                        "a");
    buf_reset(&out);
    encoder_from_gbk(encoder, SLICE("\xff\xcb\xd5\xcb"), &out);
    assert_string_equal(buf_text(&out), "?苏?");
    buf_fini(&out);
    encoder_destroy(encoder);
    encoder_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_gbk_round_trip_of_all_texts),
        cmocka_unit_test(test_gbk_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
