#include "crawler/outline.h"

#include "crawler/html.h"
#include "crawler/known_words.h"
#include "crawler/utf8.h"

#include <string.h>

enum { DEPTH_MAX = HTML_DEPTH_MAX + 8, TITLE_MAX = 4096, LINE_MAX = 1 << 20 };

/* What the builder remembers of an open element. */
struct open_element {
    uint32_t box; /* that it made, UINT32_MAX if none */
    bool hidden;  /* began an invisible part */
    bool link;
};

struct builder {
    struct outline *outline;
    struct arena *arena;
    size_t box_room, line_room, meta_room, link_room;
    struct open_element stack[DEPTH_MAX];
    size_t depth;
    uint32_t box; /* innermost open one */
    unsigned hidden, links, in_title;
    struct buf line;
    struct outline_line counts; /* of the line being written */
    struct buf title;
    bool failed;
};

/* Room for one more element in an array of the arena; NULL at the limit or without memory. */
static void *grow(struct builder *builder, void *array, size_t count, size_t *room, size_t size)
{
    void *larger;

    if (count < *room)
        return array;
    larger = arena_array(builder->arena, *room == 0 ? 64 : *room * 2, size);
    if (larger == NULL) {
        builder->failed = true;
        return NULL;
    }
    if (count > 0)
        memcpy(larger, array, count * size);
    *room = *room == 0 ? 64 : *room * 2;
    return larger;
}

/* Bytes of events live for the event only. */
static struct slice keep(struct builder *builder, struct slice text)
{
    struct slice copy = arena_copy(builder->arena, text);

    if (copy.data == NULL)
        builder->failed = true;
    return copy;
}

/* Code point class and size at the front of `text`. */
enum glyph { GLYPH_WHITE, GLYPH_NOTHING, GLYPH_STOP, GLYPH_TEXT };

/* Ideographic and no-break blanks are white; zero-width and direction marks are nothing at all, or
 * they would hide words from every later search. */
static enum glyph classify_wide(uint32_t code_point)
{
    if (code_point == 0xA0 || code_point == 0x3000 ||
        (code_point >= 0x2000 && code_point <= 0x200A))
        return GLYPH_WHITE;
    if ((code_point >= 0x200B && code_point <= 0x200F) || code_point == 0xFEFF ||
        (code_point >= 0x202A && code_point <= 0x202E) || code_point == 0xAD)
        return GLYPH_NOTHING;
    if (code_point == 0xFF0C || code_point == 0x3002 || code_point == 0x3001 ||
        code_point == 0xFF1B || code_point == 0xFF01 || code_point == 0xFF1F)
        return GLYPH_STOP;
    return GLYPH_TEXT;
}

/* What decoding replaced is dropped: it is no character of the page. */
static enum glyph next_glyph(struct slice text, size_t *size)
{
    uint32_t code_point;

    *size = utf8_next(text, &code_point);
    if (code_point == UINT32_MAX)
        return GLYPH_NOTHING;
    if (code_point >= 0x80)
        return classify_wide(code_point);
    if (code_point <= ' ' || code_point == 0x7F)
        return GLYPH_WHITE;
    return GLYPH_TEXT;
}

struct counts {
    uint32_t chars;
    uint32_t stops;
};

/* Appends text with white space collapsed, going on from what stands behind `start`: a blank is put
 * only behind text. The result is never longer than the text. */
static struct counts put_collapsed(struct buf *out, size_t start, struct slice text)
{
    struct counts counts = {0, 0};
    bool blank = out->size == start || out->data[out->size - 1] == ' ';
    char *room = buf_reserve(out, text.size);
    size_t size, done = 0;

    while (room != NULL && text.size > 0) {
        enum glyph kind = next_glyph(text, &size);
        if (kind == GLYPH_TEXT || kind == GLYPH_STOP) {
            memcpy(room + done, text.data, size);
            done += size;
            counts.chars++;
            counts.stops += kind == GLYPH_STOP;
            blank = false;
        } else if (kind == GLYPH_WHITE && !blank) {
            room[done++] = ' ';
            blank = true;
        }
        text.data += size;
        text.size -= size;
    }
    if (room != NULL)
        buf_added(out, done);
    return counts;
}

/* At most one blank can stand there. */
static void trim_end(struct buf *out, size_t start)
{
    if (out->size > start && out->data[out->size - 1] == ' ')
        buf_truncate(out, out->size - 1);
}

void outline_collapse(struct buf *out, struct slice text)
{
    size_t start = out->size;

    (void) put_collapsed(out, start, text);
    trim_end(out, start);
}

/* Lines without a visible character do not exist. */
static void end_line(struct builder *builder)
{
    struct outline *outline = builder->outline;
    struct outline_line *lines;

    trim_end(&builder->line, 0);
    if (builder->counts.chars > 0 && outline->line_count < OUTLINE_LINES_MAX) {
        lines =
            grow(builder, outline->lines, outline->line_count, &builder->line_room, sizeof *lines);
        if (lines != NULL) {
            outline->lines = lines;
            builder->counts.text = keep(builder, buf_slice(&builder->line));
            builder->counts.box = builder->box;
            builder->counts.marks = known_marks(builder->counts.text);
            lines[outline->line_count++] = builder->counts;
        }
    }
    buf_reset(&builder->line);
    builder->counts = (struct outline_line){.box = builder->box};
}

/* Counted while it is copied: pages are long and this is the innermost loop. */
static void put_text(struct builder *builder, struct slice text)
{
    struct counts counts = put_collapsed(&builder->line, 0, text);

    builder->counts.chars += counts.chars;
    builder->counts.linked += builder->links > 0 ? counts.chars : 0;
    builder->counts.stops += counts.stops;
}

/* <title> lies in the hidden head and is kept apart. */
static void on_text(void *self, struct slice text)
{
    struct builder *builder = self;

    if (builder->in_title > 0)
        buf_append(&builder->title, slice_sub(text, 0, TITLE_MAX - builder->title.size));
    else if (builder->hidden == 0)
        put_text(builder, text);
}

/* Past the limit text goes on into the box that is open. */
static void open_box(struct builder *builder, const char *tag, enum box_hint hint)
{
    struct outline *outline = builder->outline;
    struct outline_box *boxes;

    if (outline->box_count >= OUTLINE_BOXES_MAX)
        return;
    boxes = grow(builder, outline->boxes, outline->box_count, &builder->box_room, sizeof *boxes);
    if (boxes == NULL)
        return;
    outline->boxes = boxes;
    boxes[outline->box_count] = (struct outline_box){
        .parent = builder->box,
        .first_line = (uint32_t) outline->line_count,
        .hint = (uint8_t) hint,
        .heading = tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6' ? (uint8_t) (tag[1] - '0') : 0,
    };
    builder->box = (uint32_t) outline->box_count++;
    if (builder->depth > 0)
        builder->stack[builder->depth - 1].box = builder->box;
}

/* Boxes close in the order in which they opened, so ranges nest. */
static void close_box(struct builder *builder, uint32_t box)
{
    struct outline_box *closed = &builder->outline->boxes[box];

    closed->end = (uint32_t) builder->outline->box_count;
    closed->end_line = (uint32_t) builder->outline->line_count;
    builder->box = closed->parent;
}

/* The first of the attributes that names the meta counts; without content it says nothing. */
static void read_meta(struct builder *builder, const char *const *attributes)
{
    static const char *const keys[] = {"name", "property", "itemprop", "http-equiv"};
    struct outline *outline = builder->outline;
    struct slice content = html_attribute(attributes, "content");
    struct outline_meta *metas;

    for (size_t i = 0; content.size > 0 && i < sizeof keys / sizeof *keys; i++) {
        struct slice name = slice_trim(html_attribute(attributes, keys[i]));
        if (name.size == 0 || outline->meta_count >= OUTLINE_METAS_MAX)
            continue;
        metas =
            grow(builder, outline->metas, outline->meta_count, &builder->meta_room, sizeof *metas);
        if (metas == NULL)
            return;
        outline->metas = metas;
        metas[outline->meta_count++] =
            (struct outline_meta){keep(builder, name), keep(builder, slice_trim(content))};
        return;
    }
}

/* As written: resolving costs more than all the rest and not every caller wants it. */
static void read_link(struct builder *builder, const char *const *attributes)
{
    struct outline *outline = builder->outline;
    struct slice href = slice_trim(html_attribute(attributes, "href"));
    struct slice *links;

    if (href.size == 0 || href.data[0] == '#' || outline->link_count >= OUTLINE_LINKS_MAX)
        return;
    links = grow(builder, outline->links, outline->link_count, &builder->link_room, sizeof *links);
    if (links == NULL)
        return;
    outline->links = links;
    links[outline->link_count++] = keep(builder, href);
}

/* Hidden by an inline style or attribute? */
static bool is_invisible(const char *const *attributes)
{
    struct slice style = html_attribute(attributes, "style");

    return html_attribute(attributes, "hidden").data != NULL ||
           slice_contains(style, SLICE("display:none")) ||
           slice_contains(style, SLICE("display: none")) ||
           slice_contains(style, SLICE("DISPLAY: none"));
}

/* A hidden element hides all below it, but a container of articles is read even then: sites show it
 * by script. */
static void on_start(void *self, const char *tag, const char *const *attributes)
{
    struct builder *builder = self;
    struct open_element *element = &builder->stack[builder->depth];
    enum box_hint hint = attributes == NULL ? BOX_PLAIN
                                            : known_hint(html_attribute(attributes, "id"),
                                                         html_attribute(attributes, "class"));

    ENSURE(builder->depth < DEPTH_MAX);
    *element = (struct open_element){.box = UINT32_MAX};
    builder->depth++;
    if (strcmp(tag, "meta") == 0)
        read_meta(builder, attributes);
    else if (strcmp(tag, "base") == 0 && builder->outline->base.size == 0)
        builder->outline->base = keep(builder, html_attribute(attributes, "href"));
    if (strcmp(tag, "title") == 0)
        builder->in_title++;
    element->hidden = html_is_hidden(tag) || (hint != BOX_BODY && is_invisible(attributes));
    builder->hidden += element->hidden;
    if (builder->hidden > 0)
        return;
    element->link = strcmp(tag, "a") == 0 && html_attribute(attributes, "href").data != NULL;
    builder->links += element->link;
    if (element->link)
        read_link(builder, attributes);
    if (html_is_block(tag) || hint == BOX_BODY) {
        end_line(builder);
        if (strcmp(tag, "br") != 0)
            open_box(builder, tag, hint);
    }
}

/* html_walk promises an end for every start, so the stack is never empty here. */
static void on_end(void *self, const char *tag)
{
    struct builder *builder = self;
    struct open_element *element;

    ENSURE(builder->depth > 0);
    element = &builder->stack[--builder->depth];
    builder->hidden -= element->hidden;
    builder->links -= element->link;
    if (strcmp(tag, "title") == 0 && builder->in_title > 0)
        builder->in_title--;
    if (element->box == UINT32_MAX)
        return;
    end_line(builder);
    close_box(builder, element->box);
}

/* Box 0 is the page itself: text outside of <body> has a place, too. */
static enum status build(struct builder *builder, struct slice text, struct error *err)
{
    static const struct html_events events = {on_start, on_end, on_text};
    struct buf title;
    enum status status;

    open_box(builder, "", BOX_PLAIN);
    status = html_walk(text, &events, builder, err);
    end_line(builder);
    if (!builder->failed)
        close_box(builder, 0);
    buf_init(&title, TITLE_MAX);
    outline_collapse(&title, buf_slice(&builder->title));
    builder->outline->title = keep(builder, buf_slice(&title));
    buf_fini(&title);
    if (status == STATUS_OK && builder->failed)
        status = error_set(err, STATUS_NOMEM, "no memory for a page's outline");
    return status;
}

/* The builder is too large for the stack of a thread and lives in the arena. */
enum status outline_create(struct slice text, struct arena *arena, struct outline **outline,
                           struct error *err)
{
    struct builder *builder = arena_alloc(arena, sizeof *builder);
    enum status status;

    if (builder != NULL)
        builder->outline = arena_alloc(arena, sizeof *builder->outline);
    if (builder == NULL || builder->outline == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a page's outline");
    builder->arena = arena;
    buf_init(&builder->line, LINE_MAX);
    buf_init(&builder->title, TITLE_MAX);
    status = build(builder, text, err);
    buf_fini(&builder->line);
    buf_fini(&builder->title);
    if (status == STATUS_OK)
        *outline = builder->outline;
    return status;
}
