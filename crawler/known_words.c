#include "crawler/known_words.h"

/* Longer lines are text, whatever words they use. */
enum { FURNITURE_LINE_MAX = 60, END_LINE_MAX = 120, FOOT_LINE_MAX = 400, NAME_MAX_SIZE = 64 };

/* A list and its length, so that one function searches them all. */
struct words {
    const struct slice *list;
    size_t count;
};

#define WORDS(array) ((struct words){(array), sizeof(array) / sizeof *(array)})

static bool is_separator(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Cuts the next class name off. */
static struct slice next_name(struct slice *names)
{
    struct slice name;
    size_t end = 0;

    *names = slice_trim(*names);
    while (end < names->size && !is_separator(names->data[end]))
        end++;
    name = slice_sub(*names, 0, end);
    *names = slice_sub(*names, end, names->size);
    return name;
}

/* Whole names only: #zoom is a container, #zoomIn a button. */
static bool is_one_of(struct slice name, struct words words)
{
    for (size_t i = 0; i < words.count; i++)
        if (slice_equal_nocase(name, words.list[i]))
            return true;
    return false;
}

/* Phrases are compared byte by byte: lines are not folded. */
static bool contains_one_of(struct slice text, struct words words)
{
    for (size_t i = 0; i < words.count; i++)
        if (slice_contains(text, words.list[i]))
            return true;
    return false;
}

/* Containers of the usual systems: JCMS, TRS, and sites with a habit of their own. */
static const struct slice body_names[] = {
    {"zoom", 4},          {"trs_editor", 10},     {"trs_editor_view", 15},
    {"zw_content", 10},   {"zoomcon", 7},         {"con_color", 9},
    {"czfxfontzoom", 12}, {"xl_text", 7},         {"cas_content", 11},
    {"ucap-content", 12}, {"articlecontent", 14}, {"article_content", 15},
    {"zwcontent", 9},     {"v_news_content", 14}, {"artibody", 8},
    {"trs_ueditor", 11},  {"pages_content", 13},  {"easysite-news-text", 18},
};

/* Elements that hold nothing but the title, or the date. */
static const struct slice title_names[] = {
    {"zw_title", 8}, {"zoomtitle", 9}, {"xl_title", 8}, {"article_title", 13}, {"articletitle", 12},
};

static const struct slice date_names[] = {
    {"zw_time", 7}, {"publish_time", 12}, {"pubtime", 7}, {"fbsj", 4}, {"pubdate", 7},
};

/* Parts of names: topNav, footer_main, relatedNews. */
static const struct slice aside_words[] = {
    {"foot", 4},    {"copyright", 9}, {"nav", 3},     {"menu", 4},        {"comment", 7},
    {"related", 7}, {"recommend", 9}, {"sidebar", 7}, {"breadcrumb", 10}, {"crumb", 5},
    {"share", 5},   {"login", 5},     {"pinglun", 7}, {"xiangguan", 9},
};

static const struct slice article_words[] = {
    {"article", 7},  {"content", 7},  {"detail", 6},   {"newstext", 8},
    {"zhengwen", 8}, {"maintext", 8}, {"bodytext", 8}, {"newscon", 7},
};

/* `name` in lower case, cut at the room. */
static struct slice fold(struct slice name, char room[NAME_MAX_SIZE])
{
    size_t size = name.size < NAME_MAX_SIZE ? name.size : NAME_MAX_SIZE;

    for (size_t i = 0; i < size; i++)
        room[i] =
            (char) (name.data[i] + (name.data[i] >= 'A' && name.data[i] <= 'Z' ? 'a' - 'A' : 0));
    return slice_of(room, size);
}

/* Exact names first: they mean one thing, parts of words mean many. */
static enum box_hint hint_of_name(struct slice name)
{
    char room[NAME_MAX_SIZE];

    name = fold(name, room);
    if (is_one_of(name, WORDS(body_names)))
        return BOX_BODY;
    if (is_one_of(name, WORDS(title_names)))
        return BOX_TITLE;
    if (is_one_of(name, WORDS(date_names)))
        return BOX_DATE;
    if (contains_one_of(name, WORDS(aside_words)))
        return BOX_ASIDE;
    if (contains_one_of(name, WORDS(article_words)))
        return BOX_ARTICLE;
    return BOX_PLAIN;
}

/* The id speaks before the classes, of these the first that says anything. */
enum box_hint known_hint(struct slice id, struct slice classes)
{
    enum box_hint hint = id.size == 0 ? BOX_PLAIN : hint_of_name(slice_trim(id));

    while (hint == BOX_PLAIN && classes.size > 0)
        hint = hint_of_name(next_name(&classes));
    return hint;
}

static const struct slice foot_phrases[] = {
    {"版权所有", 12},     {"ICP备", 6},       {"公安网备", 12},
    {"公网安备", 12},     {"网站地图", 12},   {"版权声明", 12},
    {"信息公开指南", 18}, {"网站标识码", 15}, {"浏览器推荐", 15},
    {"ICP证", 6},         {"建议使用", 12},   {"All Rights Reserved", 19},
    {"Copyright", 9},     {"copyright", 9},   {"All rights reserved", 19},
};

static const struct slice furniture_phrases[] = {
    {"打印", 6},      {"关闭", 6},      {"字体：", 9},    {"字号：", 9},    {"分享到", 9},
    {"收藏", 6},      {"浏览次数", 12}, {"点击数", 9},    {"点击次数", 12}, {"阅读次数", 12},
    {"上一篇", 9},    {"下一篇", 9},    {"当前位置", 12}, {"您的位置", 12}, {"您所在的位置", 18},
    {"相关新闻", 12}, {"相关链接", 12}, {"返回顶部", 12}, {"网友评论", 12}, {"发表评论", 12},
    {"智能问答", 12}, {"关怀版", 9},    {"老年模式", 12}, {"无障碍", 9},    {"扫一扫", 9},
};

static const struct slice comment_phrases[] = {
    {"发表评论", 12}, {"篇评论", 9}, {"条评论", 9}, {"件评论", 9}, {"网友评论", 12},
};

static const struct slice end_phrases[] = {
    {"相关新闻", 12}, {"相关报道", 12}, {"相关链接", 12}, {"相关文章", 12}, {"相关阅读", 12},
    {"上一篇", 9},    {"下一篇", 9},    {"打印本", 9},    {"关闭窗口", 12}, {"推荐阅读", 12},
    {"返回顶部", 12}, {"返回页首", 12}, {"相关信息", 12}, {"延伸阅读", 12}, {"扫一扫", 9},
};

/* Lengths first: most bytes of a page stand in long lines, which need no search at all. */
unsigned known_marks(struct slice line)
{
    unsigned marks = 0;

    if (line.size <= FOOT_LINE_MAX && contains_one_of(line, WORDS(foot_phrases)))
        marks |= LINE_FOOT;
    if (line.size <= FURNITURE_LINE_MAX && contains_one_of(line, WORDS(furniture_phrases)))
        marks |= LINE_FURNITURE;
    if (line.size <= END_LINE_MAX && contains_one_of(line, WORDS(comment_phrases)))
        marks |= LINE_COMMENTS;
    if (line.size <= END_LINE_MAX && contains_one_of(line, WORDS(end_phrases)))
        marks |= LINE_END;
    return marks;
}

/* Names of <meta> are compared without case: PubDate, pubDate and pubdate are all in use. */
static unsigned rank_of(struct slice name, struct words words)
{
    for (size_t i = 0; i < words.count; i++)
        if (slice_equal_nocase(name, words.list[i]))
            return (unsigned) i + 1;
    return 0;
}

unsigned known_title_meta(struct slice name)
{
    static const struct slice names[] = {
        {"ArticleTitle", 12}, {"og:title", 8}, {"title", 5}, {"twitter:title", 13}};

    return rank_of(name, WORDS(names));
}

unsigned known_date_meta(struct slice name)
{
    static const struct slice names[] = {
        {"PubDate", 7},
        {"publishdate", 11},
        {"PublishTime", 11},
        {"article:published_time", 22},
        {"og:published_time", 17},
        {"og:release_date", 15},
        {"datePublished", 13},
        {"publication_date", 16},
        {"Maketime", 8},
        {"weibo:article:create_at", 23},
        {"createDate", 10},
        {"DC.date", 7},
        {"date", 4},
    };

    return rank_of(name, WORDS(names));
}
