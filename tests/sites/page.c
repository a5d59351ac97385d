#include "tests/sites/page.h"

#include "base/util/civil.h"
#include "tests/sites/embedded.h"
#include "tests/sites/encoding.h"
#include "tests/sites/fill.h"

#include <stdio.h>

enum { RELATED = 4 };

static const char *const style_sections[] = {"meta", "trs",   "table",  "url",
                                             "none", "plain", "example"};
static const char *const columns[] = {"政务要闻", "工作动态", "部门动态", "县区动态", "今日关注"};

/* A page while it is filled. */
struct sheet {
    const struct world *world;
    const struct site *site;
    uint32_t number;
    const struct document *document;
    const struct story *story; /* NULL on the home page */
    struct arena *arena;
    struct random random;
    uint32_t linked; /* the document a related link is about */
};

/* The day of publication. */
static struct civil date_of(const struct document *document)
{
    return civil_from_day(document->day + TRIP_EPOCH);
}

/* ---- addresses ---- */

const char *page_path(const struct world *world, uint32_t number, char path[PAGE_PATH_MAX])
{
    const struct document *document = &world->documents[number];
    struct civil date = date_of(document);
    unsigned long id = (unsigned long) number + PAGE_NUMBER_BASE;
    unsigned column = 10 + document->site * 7u % 50;

    switch (document->style) {
    case STYLE_META:
        snprintf(path, PAGE_PATH_MAX, "/art/%d/%d/%d/art_%u_%lu.html", date.year, date.month,
                 date.day, column, id);
        break;
    case STYLE_TRS:
        snprintf(path, PAGE_PATH_MAX, "/xwzx/gzdt/%d%02d/t%d%02d%02d_%lu.html", date.year,
                 date.month, date.year, date.month, date.day, id);
        break;
    case STYLE_TABLE:
        snprintf(path, PAGE_PATH_MAX, "/html/%u/%lu.htm", column, id);
        break;
    case STYLE_URL:
        snprintf(path, PAGE_PATH_MAX, "/%d/%02d%02d/c%ua%lu/page.htm", date.year, date.month,
                 date.day, column, id);
        break;
    case STYLE_NONE:
        snprintf(path, PAGE_PATH_MAX, "/gcyw/content/%lu.html", id);
        break;
    case STYLE_PLAIN:
        snprintf(path, PAGE_PATH_MAX, "/zfxxgk/public/%u/%lu.html", column, id);
        break;
    default:
        snprintf(path, PAGE_PATH_MAX, "/nr/%u/%lu.html", column, id);
    }
    return path;
}

void page_url(const struct world *world, uint32_t number, struct buf *out)
{
    char path[PAGE_PATH_MAX];

    buf_printf(out, "http://%s%s", world->sites[world->documents[number].site].host,
               page_path(world, number, path));
}

/* The last run of digits of the path, which is the number in every style. */
static struct slice last_digits(struct slice path)
{
    size_t end = path.size;
    size_t begin;

    while (end > 0 && (path.data[end - 1] < '0' || path.data[end - 1] > '9'))
        end--;
    for (begin = end; begin > 0 && path.data[begin - 1] >= '0' && path.data[begin - 1] <= '9';)
        begin--;
    return slice_sub(path, begin, end - begin);
}

bool page_find(const struct world *world, uint32_t site, struct slice path, uint32_t *number)
{
    char expected[PAGE_PATH_MAX];
    uint64_t id;

    if (slice_to_uint(last_digits(path), PAGE_NUMBER_BASE,
                      (uint64_t) PAGE_NUMBER_BASE + world->document_count - 1, &id,
                      NULL) != STATUS_OK)
        return false;
    id -= PAGE_NUMBER_BASE;
    if (world->documents[id].site != site ||
        !slice_equal(path, slice_from(page_path(world, (uint32_t) id, expected))))
        return false;
    *number = (uint32_t) id;
    return true;
}

bool page_is_gbk(const struct world *world, uint32_t number)
{
    const struct document *document = &world->documents[number];

    return world->sites[document->site].gbk &&
           (document->style == STYLE_TABLE || document->style == STYLE_EXAMPLE);
}

bool page_has_date(const struct world *world, uint32_t number)
{
    return world->documents[number].style != STYLE_NONE;
}

/* ---- markup ---- */

/* The part of templates.txt that begins with "@@ NAME". */
static struct slice section(const char *name)
{
    struct slice file = embedded_file("templates.txt");
    char heading[32];
    size_t begin;

    snprintf(heading, sizeof heading, "@@ %s\n", name);
    begin = slice_find(file, slice_from(heading)) + slice_from(heading).size;
    ENSURE(begin < file.size);
    file = slice_sub(file, begin, file.size);
    return slice_sub(file, 0, slice_find(file, SLICE("@@ ")));
}

static void put_paragraph(const struct sheet *sheet, struct slice text, struct buf *out)
{
    bool spans = sheet->document->style == STYLE_TRS;

    buf_puts(out, spans ? "<p align=\"justify\"><span style=\"font-size:16px\">" : "<p>");
    buf_puts(out, sheet->document->style == STYLE_TABLE ? "&nbsp;&nbsp;&nbsp; " : "　　");
    encoding_html(text, out);
    buf_puts(out, spans ? "</span></p>\n" : "</p>\n");
}

/* A blank page holds a picture or an attachment without words. */
static void put_body(const struct sheet *sheet, struct buf *out)
{
    for (size_t i = 0; i < sheet->story->count; i++)
        put_paragraph(sheet, sheet->story->paragraphs[i], out);
    if (sheet->story->count == 0)
        buf_printf(out, "<p align=\"center\"><img src=\"/images/%u.jpg\" alt=\"\"></p>",
                   (unsigned) sheet->number);
}

/* Names of a related link. */
static bool linked_value(void *self, struct slice name, struct buf *out)
{
    struct sheet *sheet = self;
    const struct document *linked = &sheet->world->documents[sheet->linked];
    char date[CIVIL_TEXT_SIZE];

    if (slice_equal(name, SLICE("link")))
        page_url(sheet->world, sheet->linked, out);
    else if (slice_equal(name, SLICE("title")))
        encoding_html(story_title(sheet->world, sheet->linked, sheet->arena), out);
    else if (slice_equal(name, SLICE("date")))
        buf_puts(out, civil_text(linked->day + TRIP_EPOCH, date));
    else
        return false;
    return true;
}

/* Links to documents of any site, as "hot news" boxes have them. */
static void put_related(struct sheet *sheet, const char *name, struct buf *out)
{
    struct slice frame = section(name);

    for (int i = 0; i < RELATED; i++) {
        sheet->linked = (uint32_t) random_below(&sheet->random, sheet->world->page_count);
        fill(frame, linked_value, sheet, out);
    }
}

/* Values that the home page has too. */
static bool site_value(struct sheet *sheet, struct slice name, struct buf *out)
{
    const struct municipality *city = &sheet->world->places.cities[sheet->site->city];

    if (slice_equal(name, SLICE("city")))
        buf_append(out, city->name);
    else if (slice_equal(name, SLICE("site")))
        buf_printf(out, "%.*s市", SLICE_ARG(city->name));
    else if (slice_equal(name, SLICE("siteid")))
        buf_printf(out, "%u0001", (unsigned) city->code);
    else if (slice_equal(name, SLICE("host")))
        buf_puts(out, sheet->site->host);
    else if (slice_equal(name, SLICE("related")))
        put_related(sheet, "related", out);
    else if (slice_equal(name, SLICE("plainrelated")))
        put_related(sheet, "plainrelated", out);
    else
        return false;
    return true;
}

/* Names that show the day of publication. */
static bool date_value(struct sheet *sheet, struct slice name, struct buf *out)
{
    struct civil date = date_of(sheet->document);
    char text[CIVIL_TEXT_SIZE];

    if (slice_equal(name, SLICE("date")))
        buf_puts(out, civil_text(sheet->document->day + TRIP_EPOCH, text));
    else if (slice_equal(name, SLICE("longdate")))
        buf_printf(out, "%d年%d月%d日", date.year, date.month, date.day);
    else if (slice_equal(name, SLICE("time")))
        buf_printf(out, "%02u:%02u", 8 + (unsigned) (sheet->number % 10),
                   (unsigned) (sheet->number * 7 % 60));
    else
        return false;
    return true;
}

static bool page_value(void *self, struct slice name, struct buf *out)
{
    struct sheet *sheet = self;
    char person[PERSON_SIZE];

    if (site_value(sheet, name, out) || date_value(sheet, name, out))
        return true;
    if (slice_equal(name, SLICE("head")) || slice_equal(name, SLICE("foot")))
        fill(section(name.data[0] == 'h' ? "head" : "foot"), page_value, sheet, out);
    else if (slice_equal(name, SLICE("title")))
        encoding_html(sheet->story->title, out);
    else if (slice_equal(name, SLICE("body")))
        put_body(sheet, out);
    else if (slice_equal(name, SLICE("charset")))
        buf_puts(out, page_is_gbk(sheet->world, sheet->number) ? "gb2312" : "utf-8");
    else if (slice_equal(name, SLICE("column")))
        buf_puts(out, columns[sheet->document->site % (sizeof columns / sizeof columns[0])]);
    else if (slice_equal(name, SLICE("source")))
        buf_puts(out, sheet->number % 3 == 0 ? "本站" : sheet->number % 3 == 1 ? "日报" : "市府办");
    else if (slice_equal(name, SLICE("editor")))
        buf_puts(out, person_draw(&sheet->random, person));
    else if (slice_equal(name, SLICE("clicks")))
        buf_printf(out, "%u", (unsigned) random_below(&sheet->random, 3000));
    else if (slice_equal(name, SLICE("previous")))
        put_related(sheet, "plainrelated", out);
    else
        return false;
    return true;
}

void page_render(const struct world *world, uint32_t number, struct arena *arena, struct buf *out)
{
    struct sheet sheet = {.world = world, .number = number, .arena = arena};
    struct story story;

    story_tell(world, number, arena, &story);
    sheet.document = &world->documents[number];
    sheet.site = &world->sites[sheet.document->site];
    sheet.story = &story;
    sheet.random = world_random(world, number, ASPECT_PAGE);
    fill(section(style_sections[sheet.document->style]), page_value, &sheet, out);
}

void page_home(const struct world *world, uint32_t site, struct arena *arena, struct buf *out)
{
    struct sheet sheet = {.world = world, .site = &world->sites[site], .arena = arena};
    const struct story story = {.title = SLICE("")};

    sheet.document = &world->documents[0];
    sheet.story = &story;
    sheet.random = world_random(world, site, ASPECT_PAGE);
    fill(section("home"), page_value, &sheet, out);
}

void page_missing(struct buf *out)
{
    buf_append(out, section("missing"));
}
