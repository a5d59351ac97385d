#include "tests/sites/listing.h"

#include "base/util/civil.h"
#include "tests/sites/fill.h"
#include "tests/sites/page.h"

enum { FIELD_MAX = 512, ITEM_MAX = 16 * 1024, MS_PER_DAY = 86400000 };

/* ---- the question ---- */

/* Appends the decoded value of a form or query field; nothing if it is absent. */
static void form_field(struct slice form, const char *name, struct buf *out)
{
    while (form.data != NULL) {
        struct slice value = slice_split(&form, '&');
        struct slice key = slice_split(&value, '=');

        if (slice_equal(key, slice_from(name)) && value.data != NULL) {
            encoding_unpercent(value, out);
            return;
        }
    }
}

/* Where the JSON string that begins at 0 ends. */
static size_t json_string_end(struct slice text)
{
    size_t i = 0;

    while (i < text.size && text.data[i] != '"')
        i += text.data[i] == '\\' ? 2 : 1;
    return i;
}

/* The same for a member of a JSON object: a string or a number. Enough for the bodies of searches.
 * */
static void json_field(struct slice body, const char *name, struct buf *out)
{
    char quoted[64];
    struct buf key;
    size_t at;

    buf_init(&key, sizeof quoted);
    buf_printf(&key, "\"%s\":", name);
    at = slice_find(body, buf_slice(&key));
    body = at < body.size ? slice_trim(slice_sub(body, at + key.size, body.size)) : SLICE("");
    buf_fini(&key);
    if (body.size > 0 && body.data[0] == '"') {
        body = slice_sub(body, 1, body.size);
        encoding_unjson(slice_sub(body, 0, json_string_end(body)), out);
        return;
    }
    for (size_t i = 0; i < body.size && body.data[i] >= '0' && body.data[i] <= '9'; i++)
        buf_putc(out, body.data[i]);
}

/* The raw text of a field, wherever the dialect puts fields. */
static void field(const struct dialect *dialect, struct slice source, const char *name,
                  struct buf *out)
{
    buf_reset(out);
    if (dialect->input == INPUT_JSON)
        json_field(source, name, out);
    else
        form_field(source, name, out);
}

/* A number, or `otherwise` where the field is absent or none. */
static uint64_t number_field(const struct dialect *dialect, struct slice source, const char *name,
                             uint64_t otherwise, struct buf *room)
{
    uint64_t number;

    if (name == NULL)
        return otherwise;
    field(dialect, source, name, room);
    return slice_to_uint(buf_slice(room), 0, UINT32_MAX, &number, NULL) == STATUS_OK ? number
                                                                                     : otherwise;
}

struct listing_question listing_ask(const struct world *world, const struct dialect *dialect,
                                    struct slice query, struct slice body, struct encoder *encoder)
{
    struct slice source = dialect->input == INPUT_QUERY ? query : body;
    struct listing_question question = {.city = -1};
    struct buf text;
    struct buf keyword;
    uint64_t page;

    buf_init(&text, FIELD_MAX);
    buf_init(&keyword, FIELD_MAX);
    field(dialect, source, dialect->keyword, &text);
    if (dialect->gbk)
        encoder_from_gbk(encoder, buf_slice(&text), &keyword);
    else
        buf_append(&keyword, buf_slice(&text));
    question.city = places_find(&world->places, slice_trim(buf_slice(&keyword)));
    page = number_field(dialect, source, dialect->page, dialect->first, &text);
    question.size = (uint32_t) number_field(dialect, source, dialect->rows, dialect->size, &text);
    if (question.size == 0 || question.size > DIALECT_ROWS_MAX)
        question.size = dialect->size;
    if (!dialect->offset)
        page = page < dialect->first ? 0 : (page - dialect->first) * question.size;
    question.begin = page;
    buf_fini(&text);
    buf_fini(&keyword);
    return question;
}

/* ---- the answer ---- */

/* A list page while it is filled. */
struct listing {
    const struct world *world;
    const struct site *site;
    const struct dialect *dialect;
    struct arena *arena;
    int city;
    uint32_t size;
    uint32_t total;
    uint64_t next; /* index of the next page's first hit; 0: none */
    uint32_t number;
    struct slice title;
};

uint32_t listing_total(const struct dialect *dialect, uint32_t count)
{
    return dialect->wrong_total ? count + count / 10 : count;
}

/* Text for the place it stands in. */
static void put(const struct listing *listing, struct slice text, struct buf *out)
{
    if (listing->dialect->kind == ANSWER_JSON)
        encoding_json(text, out);
    else
        encoding_html(text, out);
}

/* The title with the keyword in <em>, as search engines show it. */
static void put_marked(const struct listing *listing, struct buf *out)
{
    struct slice keyword = listing->world->places.cities[listing->city].name;
    size_t at = slice_find(listing->title, keyword);

    put(listing, slice_sub(listing->title, 0, at), out);
    if (at == listing->title.size)
        return;
    buf_puts(out, "<em>");
    put(listing, keyword, out);
    buf_puts(out, "</em>");
    put(listing, slice_sub(listing->title, at + keyword.size, listing->title.size), out);
}

/* Only dialects whose frames ask for it have a link to the next page. */
static void put_next(const struct listing *listing, struct buf *out)
{
    if (listing->next == 0)
        return;
    buf_printf(out, "<a class=\"next\" href=\"%s?%s=", listing->dialect->path,
               listing->dialect->keyword);
    encoding_percent(listing->world->places.cities[listing->city].name, out);
    buf_printf(
        out, "&amp;field=all&amp;%s=%llu\">下页</a>", listing->dialect->page,
        (unsigned long long) (listing->next / listing->dialect->size + listing->dialect->first));
}

/* The full address, as text or as a parameter of a redirector. */
static void put_address(const struct listing *listing, bool encoded, struct buf *out)
{
    struct buf url;

    buf_init(&url, FIELD_MAX);
    page_url(listing->world, listing->number, &url);
    if (encoded)
        encoding_percent(buf_slice(&url), out);
    else
        put(listing, buf_slice(&url), out);
    buf_fini(&url);
}

/* Names of one hit. */
static bool item_value(const struct listing *listing, struct slice name, struct buf *out)
{
    int32_t day = listing->world->documents[listing->number].day + TRIP_EPOCH;
    char date[CIVIL_TEXT_SIZE];
    char path[PAGE_PATH_MAX];

    if (slice_equal(name, SLICE("title")))
        put(listing, listing->title, out);
    else if (slice_equal(name, SLICE("marked")))
        put_marked(listing, out);
    else if (slice_equal(name, SLICE("url")) || slice_equal(name, SLICE("urlenc")))
        put_address(listing, name.size > 3, out);
    else if (slice_equal(name, SLICE("path")))
        buf_puts(out, page_path(listing->world, listing->number, path));
    else if (slice_equal(name, SLICE("date")))
        buf_puts(out, civil_text(day, date));
    else if (slice_equal(name, SLICE("ms")))
        buf_printf(out, "%lld", (long long) day * MS_PER_DAY + 3600000);
    else if (slice_equal(name, SLICE("source")))
        buf_puts(out, "本站");
    else
        return false;
    return true;
}

/* Names of the page; those of a hit come after them. */
static bool listing_value(void *self, struct slice name, struct buf *out)
{
    struct listing *listing = self;

    if (slice_equal(name, SLICE("total")))
        buf_printf(out, "%u", (unsigned) listing->total);
    else if (slice_equal(name, SLICE("next")))
        put_next(listing, out);
    else if (slice_equal(name, SLICE("none")))
        buf_puts(out, listing->total == 0 ? "<p>很抱歉，没有找到相关结果</p>" : "");
    else
        return item_value(listing, name, out);
    return true;
}

/* Fragments are filled as HTML first and put into the JSON as a string. */
static void put_item(struct listing *listing, struct buf *out)
{
    const struct dialect *dialect = listing->dialect;
    struct buf item;

    listing->title = story_title(listing->world, listing->number, listing->arena);
    if (dialect->kind != ANSWER_FRAGMENTS) {
        fill(slice_from(dialect->item), listing_value, listing, out);
        return;
    }
    buf_init(&item, ITEM_MAX);
    fill(slice_from(dialect->item), listing_value, listing, &item);
    buf_putc(out, '"');
    encoding_json(buf_slice(&item), out);
    buf_putc(out, '"');
    buf_fini(&item);
}

/* The first hit to show: of the page asked for, or of the last one where the site repeats it. */
static uint64_t clip(const struct listing *listing, uint64_t begin, uint32_t count)
{
    if (begin < count || listing->dialect->beyond == BEYOND_EMPTY || count == 0)
        return begin;
    return (uint64_t) (count - 1) / listing->size * listing->size;
}

void listing_render(const struct world *world, uint32_t site, struct listing_question question,
                    struct arena *arena, struct buf *out)
{
    struct listing listing = {.world = world, .site = &world->sites[site], .arena = arena};
    const uint32_t *hits = NULL;
    uint32_t count = 0;
    uint64_t begin;
    uint64_t end;

    listing.dialect = dialect_find(listing.site->dialect);
    listing.city = question.city < 0 ? 0 : question.city;
    if (question.city >= 0)
        hits = world_hits(world, site, question.city, &count);
    listing.total = listing_total(listing.dialect, count);
    listing.size = question.size;
    begin = clip(&listing, question.begin, count);
    end = begin + listing.size < count ? begin + listing.size : count;
    listing.next = end < count ? end : 0;
    fill(slice_from(listing.dialect->head), listing_value, &listing, out);
    for (uint64_t i = begin; i < end; i++) {
        if (i > begin && listing.dialect->between != NULL)
            buf_puts(out, listing.dialect->between);
        listing.number = hits[i];
        put_item(&listing, out);
    }
    fill(slice_from(listing.dialect->tail), listing_value, &listing, out);
}
