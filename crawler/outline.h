/*
 * outline: a page flattened by one pass of events into boxes and lines of text, for rules to
 * score.
 *
 * Boxes   Block elements in document order, each with its parent and its range of lines; box 0 is
 *         the page. Inline elements become boxes only if they carry a known container's id or
 *         class.
 * Lines   Runs of text between block boundaries and <br>, white space collapsed (U+00A0 and
 *         U+3000 are white space), never empty. What people do not see (script, style, hidden
 *         elements, form controls) is left out.
 * Counts  Characters are code points that are no white space. Stops are ，。；！？、 and their like:
 *         the mark of sentences, as opposed to menus.
 * Limits  OUTLINE_BOXES_MAX, OUTLINE_LINES_MAX, OUTLINE_LINKS_MAX, OUTLINE_METAS_MAX; the rest is
 *         left out. Boxes deeper than the walk (html.h) do not exist.
 * Memory  Everything in the arena.
 */
#ifndef XUNFANG_CRAWLER_OUTLINE_H
#define XUNFANG_CRAWLER_OUTLINE_H

#include "base/util/arena.h"
#include "base/util/buf.h"

enum {
    OUTLINE_BOXES_MAX = 200000,
    OUTLINE_LINES_MAX = 200000,
    OUTLINE_LINKS_MAX = 20000,
    OUTLINE_METAS_MAX = 500,
    OUTLINE_HEADINGS_MAX = 200
};

/* What an element's id or class says about its content. */
enum box_hint {
    BOX_PLAIN,
    BOX_BODY,    /* a container that government systems put the article's text in */
    BOX_ARTICLE, /* sounds like the article: content, article, detail */
    BOX_ASIDE,   /* sounds like anything else: footer, nav, related, comment */
    BOX_TITLE,   /* sounds like the title */
    BOX_DATE     /* sounds like the publish date */
};

struct outline_box {
    uint32_t parent;
    uint32_t end;        /* boxes below it are those up to here, exclusive */
    uint32_t first_line; /* its lines, those of boxes below included */
    uint32_t end_line;
    uint8_t hint;    /* enum box_hint */
    uint8_t heading; /* 1 … 6 for h1 … h6, else 0 */
};

/* What the words of a line say about it; short lines only. */
enum line_mark {
    LINE_FOOT = 1,      /* the foot of the page: 版权所有, ICP备, 网站地图 … */
    LINE_FURNITURE = 2, /* its machinery: 字体：大 中 小, 打印, 分享到 … */
    LINE_COMMENTS = 4,  /* readers' comments follow: 发表评论 … */
    LINE_END = 8 /* what stands behind articles, now and then in one: 相关新闻, 上一篇 … */
};

struct outline_line {
    struct slice text;
    uint32_t box; /* innermost */
    uint32_t chars;
    uint32_t linked; /* chars inside links */
    uint32_t stops;
    unsigned marks; /* bits of enum line_mark */
};

struct outline_meta {
    struct slice name; /* of name, property, itemprop or http-equiv */
    struct slice content;
};

struct outline {
    struct outline_box *boxes;
    size_t box_count;
    struct outline_line *lines;
    size_t line_count;
    struct outline_meta *metas;
    size_t meta_count;
    struct slice *links; /* href values as written */
    size_t link_count;
    struct slice title; /* of <title>, white space collapsed */
    struct slice base;  /* href of <base>; empty if none */
};

CHECKED enum status outline_create(struct slice text, struct arena *arena, struct outline **outline,
                                   struct error *err);

/* Appends `text` with runs of white space as one blank and none at the ends. */
void outline_collapse(struct buf *out, struct slice text);

#endif
