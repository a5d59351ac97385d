/* outline: boxes, lines, metas and links of a page. */
#include "crawler/outline.h"

#include "crawler/known_words.h"
#include "tests/support/cmocka_all.h"

#include <string.h>

static struct arena *arena;

static const struct outline *outline_of(const char *page)
{
    struct outline *outline = NULL;

    arena_reset(arena);
    assert_int_equal(outline_create(slice_from(page), arena, &outline, NULL), STATUS_OK);
    return outline;
}

/* All lines joined by "|". */
static const char *lines(const char *page)
{
    const struct outline *outline = outline_of(page);
    struct buf text;
    const char *copy;

    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < outline->line_count; i++) {
        buf_puts(&text, i == 0 ? "" : "|");
        buf_append(&text, outline->lines[i].text);
    }
    copy = arena_copy(arena, buf_slice(&text)).data;
    buf_fini(&text);
    return copy;
}

static void lines_end_at_blocks(void **state)
{
    (void) state;
    assert_string_equal(lines("<p>一<b>二</b></p><p>三<br>四</p>五<div>六</div>七"),
                        "一二|三|四|五|六|七");
    assert_string_equal(lines("<table><tr><td>甲<td>乙</table>"), "甲|乙");
    assert_string_equal(lines("<p> \n </p><p>&nbsp;</p>"), "");
    assert_string_equal(lines(""), "");
}

static void white_space_collapses(void **state)
{
    (void) state;
    assert_string_equal(lines("<p>\xE3\x80\x80\xE3\x80\x80一 \n\t&nbsp;二\xE3\x80\x80</p>"),
                        "一 二");
    assert_string_equal(lines("<p>一<b> </b> <i> 二</i></p>"), "一 二");
    assert_string_equal(lines("<p>一&#8203;二\xEF\xBB\xBF</p>"), "一二");
}

static void unseen_text_is_left_out(void **state)
{
    (void) state;
    assert_string_equal(lines("<p>一<script>x</script><style>y</style><select><option>z</select>"
                              "<p style='DISPLAY: none'>n</p><p style='display:none'><b>n</b></p>"
                              "<p hidden>h</p><noscript>s</noscript><textarea>t</textarea><p>二"),
                        "一|二");
    /* A container of articles that a script would show is shown. */
    assert_string_equal(lines("<div id=zoom style='display:none'>一</div>"), "一");
}

static void counts(void **state)
{
    const struct outline_line *line;
    const struct outline *outline =
        outline_of("<p>苏州，<a href=/x>无 锡</a>。a <a>b</a></p><p>京ICP备1号</p>");

    (void) state;
    assert_int_equal(outline->line_count, 2);
    line = &outline->lines[0];
    assert_int_equal(line->chars, 8);
    assert_int_equal(line->linked, 2);
    assert_int_equal(line->stops, 2);
    assert_int_equal(line->marks, 0);
    assert_int_equal(outline->lines[1].marks, LINE_FOOT);
}

static void boxes(void **state)
{
    const struct outline *outline =
        outline_of("<div class='x Content'><h2>标题</h2><p>甲</p><p>乙</p></div>"
                   "<div id=footer>丙</div><span class=zoom>丁</span>");
    const struct outline_box *box = outline->boxes;

    (void) state;
    for (size_t i = 0; i < outline->box_count; i++) {
        assert_true(box[i].end > i && box[i].end <= outline->box_count);
        assert_true(box[i].first_line <= box[i].end_line);
        assert_true(i == 0 || box[i].parent < i);
    }
    assert_int_equal(box[0].end_line, 5);
    assert_int_equal(box[outline->lines[0].box].heading, 2);
    assert_int_equal(box[box[outline->lines[1].box].parent].hint, BOX_ARTICLE);
    assert_int_equal(box[outline->lines[3].box].hint, BOX_ASIDE);
    assert_int_equal(box[outline->lines[4].box].hint, BOX_BODY);
}

static void head_of_the_page(void **state)
{
    const struct outline *outline =
        outline_of("<head><title> 甲\n乙 </title><base href='http://a/'><meta name=PubDate "
                   "content=' 2023-05-08 '><meta property=og:title content=T><meta name=x>"
                   "<meta content=y></head><a href=' /p '>1</a><a href='#q'>2</a><a>3</a>");

    (void) state;
    assert_true(slice_equal(outline->title, SLICE("甲 乙")));
    assert_true(slice_equal(outline->base, SLICE("http://a/")));
    assert_int_equal(outline->meta_count, 2);
    assert_true(slice_equal(outline->metas[0].name, SLICE("PubDate")));
    assert_true(slice_equal(outline->metas[0].content, SLICE("2023-05-08")));
    assert_true(slice_equal(outline->metas[1].name, SLICE("og:title")));
    assert_int_equal(outline->link_count, 1);
    assert_true(slice_equal(outline->links[0], SLICE("/p")));
}

static void limits(void **state)
{
    const struct outline *outline;
    struct outline *none = NULL;
    struct arena *tiny = arena_create(64 * 1024);
    struct buf page;

    (void) state;
    buf_init(&page, 1 << 24);
    for (int i = 0; i < OUTLINE_METAS_MAX + 10; i++)
        buf_puts(&page, "<meta name=a content=b>");
    for (int i = 0; i < OUTLINE_LINKS_MAX + 10; i++)
        buf_puts(&page, "<a href=b>c</a>");
    outline = outline_of(buf_text(&page));
    assert_int_equal(outline->meta_count, OUTLINE_METAS_MAX);
    assert_int_equal(outline->link_count, OUTLINE_LINKS_MAX);
    assert_int_equal(outline_create(buf_slice(&page), tiny, &none, NULL), STATUS_NOMEM);
    assert_null(none);
    buf_fini(&page);
    arena_destroy(tiny);
}

static void line_limit(void **state)
{
    const struct outline *outline;
    struct buf page;

    (void) state;
    buf_init(&page, 1 << 24);
    for (int i = 0; i < OUTLINE_LINES_MAX + 10; i++)
        buf_puts(&page, "x<br>");
    outline = outline_of(buf_text(&page));
    assert_int_equal(outline->line_count, OUTLINE_LINES_MAX);
    buf_fini(&page);
}

static void hints(void **state)
{
    (void) state;
    assert_int_equal(known_hint(SLICE("Zoom"), SLICE("")), BOX_BODY);
    assert_int_equal(known_hint(SLICE(""), SLICE("a TRS_Editor")), BOX_BODY);
    assert_int_equal(known_hint(SLICE("zoomer"), SLICE("")), BOX_PLAIN);
    assert_int_equal(known_hint(SLICE("zw_title"), SLICE("")), BOX_TITLE);
    assert_int_equal(known_hint(SLICE(""), SLICE("PubTime")), BOX_DATE);
    assert_int_equal(known_hint(SLICE(""), SLICE("topNavBar")), BOX_ASIDE);
    assert_int_equal(known_hint(SLICE("articleDetail"), SLICE("")), BOX_ARTICLE);
    assert_int_equal(known_hint(SLICE(""), SLICE(" \t ")), BOX_PLAIN);
}

static void marks(void **state)
{
    (void) state;
    assert_int_equal(known_marks(SLICE("版权所有 某某政府")), LINE_FOOT);
    assert_int_equal(known_marks(SLICE("【字体：大 中 小】")), LINE_FURNITURE);
    assert_int_equal(known_marks(SLICE("已有1件评论")), LINE_COMMENTS);
    assert_int_equal(known_marks(SLICE("相关报道：")), LINE_END);
    assert_int_equal(known_marks(SLICE("上一篇：无")), LINE_FURNITURE | LINE_END);
    assert_int_equal(known_marks(SLICE("苏州市政府代表团赴无锡考察")), 0);
}

static void metas(void **state)
{
    (void) state;
    assert_int_equal(known_title_meta(SLICE("articletitle")), 1);
    assert_true(known_title_meta(SLICE("og:title")) > 1);
    assert_int_equal(known_title_meta(SLICE("keywords")), 0);
    assert_int_equal(known_date_meta(SLICE("pubDate")), 1);
    assert_true(known_date_meta(SLICE("maketime")) > 1);
    assert_int_equal(known_date_meta(SLICE("")), 0);
}

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(256 << 20);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_at_blocks),
        cmocka_unit_test(white_space_collapses),
        cmocka_unit_test(unseen_text_is_left_out),
        cmocka_unit_test(counts),
        cmocka_unit_test(boxes),
        cmocka_unit_test(head_of_the_page),
        cmocka_unit_test(limits),
        cmocka_unit_test(line_limit),
        cmocka_unit_test(hints),
        cmocka_unit_test(marks),
        cmocka_unit_test(metas),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
