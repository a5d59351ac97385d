/*
 * Rows keep the order of the file, since the first that fits decides. A title is cut into offices,
 * each office into body and post by the posts of all rows together, and each is held against the
 * rows from the top; the best office counts.
 */
#include "extractor/titles.h"

#include "base/util/map.h"
#include "extractor/rows.h"

#include <stdlib.h>
#include <string.h>

enum how { HOW_ANY, HOW_IS, HOW_ENDS, HOW_STARTS, HOW_HAS };

enum { COLUMN_LEVEL, COLUMN_SUB, COLUMN_HOW, COLUMN_PLACE, COLUMN_BODIES, COLUMN_POSTS, COLUMNS };

/* Words of a row: a range of the table's word list. */
struct words {
    size_t first;
    size_t count;
};

struct row {
    enum title_level level;
    enum how how;
    bool place;    /* a county-level city makes it department */
    bool any_post; /* the column has * */
    struct words bodies;
    struct words posts;
};

struct titles {
    char *text;
    struct row rows[TITLES_ROWS_MAX];
    size_t row_count;
    struct slice words[TITLES_WORDS_MAX];
    size_t word_count;
    struct map *posts; /* of every row, for titles_post_at */
    size_t post_longest;
};

/* ---- loading ---- */

static enum status parse_level(struct slice name, enum title_level *level, struct error *err)
{
    for (int i = TITLE_EXCLUDED; i <= TITLE_PRINCIPAL; i++)
        if (slice_equal(name, slice_from(title_level_text((enum title_level) i)))) {
            *level = (enum title_level) i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_INVALID, "unknown level \"%.*s\"", SLICE_ARG(name));
}

static enum status parse_how(struct slice name, enum how *how, struct error *err)
{
    static const char *const names[] = {"any", "is", "ends", "starts", "has"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_equal(name, slice_from(names[i]))) {
            *how = (enum how) i;
            return STATUS_OK;
        }
    return error_set(err, STATUS_INVALID, "unknown word \"%.*s\" in column how", SLICE_ARG(name));
}

static enum status parse_words(struct titles *titles, struct slice text, struct words *words,
                               struct error *err)
{
    *words = (struct words){titles->word_count, 0};
    while (text.data != NULL) {
        struct slice word = slice_split(&text, '|');

        if (word.size == 0)
            continue;
        if (titles->word_count == TITLES_WORDS_MAX)
            return error_set(err, STATUS_TOO_LARGE, "more than %d words", TITLES_WORDS_MAX);
        titles->words[titles->word_count++] = word;
        words->count++;
    }
    return STATUS_OK;
}

static enum status add_posts(struct titles *titles, struct words posts, struct error *err)
{
    for (size_t i = posts.first; i < posts.first + posts.count; i++) {
        struct slice word = titles->words[i];

        /* A set: any value but NULL will do. */
        if (map_put(titles->posts, word, titles) != STATUS_OK)
            return error_set(err, STATUS_NOMEM, "out of memory");
        if (word.size > titles->post_longest)
            titles->post_longest = word.size;
    }
    return STATUS_OK;
}

static enum status fill_row(struct titles *titles, const struct slice *cells, struct row *row,
                            struct error *err)
{
    enum status status = parse_level(cells[COLUMN_LEVEL], &row->level, err);

    if (status == STATUS_OK)
        status = parse_how(cells[COLUMN_HOW], &row->how, err);
    if (status == STATUS_OK)
        status = parse_words(titles, cells[COLUMN_BODIES], &row->bodies, err);
    row->place = slice_equal(cells[COLUMN_PLACE], SLICE("1"));
    row->any_post = slice_equal(cells[COLUMN_POSTS], SLICE("*"));
    if (status == STATUS_OK && !row->any_post)
        status = parse_words(titles, cells[COLUMN_POSTS], &row->posts, err);
    if (status == STATUS_OK)
        status = add_posts(titles, row->posts, err);
    return status;
}

static enum status add_row(void *self, struct slice line, struct error *err)
{
    struct titles *titles = self;
    struct slice cells[COLUMNS] = {{0}};
    size_t count = 0;
    enum status status;

    while (line.data != NULL && count < COLUMNS)
        cells[count++] = slice_split(&line, '\t');
    if (count != COLUMNS || line.data != NULL)
        return error_set(err, STATUS_INVALID, "not %d columns", COLUMNS);
    if (titles->row_count == TITLES_ROWS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "more than %d rows", TITLES_ROWS_MAX);
    status = fill_row(titles, cells, &titles->rows[titles->row_count], err);
    if (status == STATUS_OK)
        titles->row_count++;
    return status;
}

enum status titles_load(const char *path, struct titles **titles, struct error *err)
{
    struct titles *loaded = calloc(1, sizeof *loaded);
    struct rows_handler handler = {.on_row = add_row};
    enum status status;

    if (loaded == NULL || (loaded->posts = map_create()) == NULL) {
        titles_destroy(loaded);
        return error_set(err, STATUS_NOMEM, "out of memory");
    }
    handler.self = loaded;
    status = rows_read(path, TITLES_FILE_MAX, &handler, &loaded->text, err);
    if (status != STATUS_OK) {
        titles_destroy(loaded);
        return status;
    }
    *titles = loaded;
    return STATUS_OK;
}

void titles_destroy(struct titles *titles)
{
    if (titles == NULL)
        return;
    map_destroy(titles->posts);
    free(titles->text);
    free(titles);
}

/* ---- one office ---- */

static bool body_matches(enum how how, struct slice body, struct slice word)
{
    switch (how) {
    case HOW_ANY:
        return true;
    case HOW_IS:
        return slice_equal(body, word);
    case HOW_ENDS:
        return slice_ends(body, word);
    case HOW_STARTS:
        return slice_starts(body, word);
    case HOW_HAS:
        break;
    }
    return slice_contains(body, word);
}

/* The word of the row that fits the body; data NULL if none. Rows of HOW_ANY fit with "". */
static struct slice fitting_body(const struct titles *titles, const struct row *row,
                                 struct slice body)
{
    if (row->how == HOW_ANY)
        return SLICE("");
    for (size_t i = row->bodies.first; i < row->bodies.first + row->bodies.count; i++)
        if (body_matches(row->how, body, titles->words[i]))
            return titles->words[i];
    return (struct slice){NULL, 0};
}

static bool post_fits(const struct titles *titles, const struct row *row, struct slice post)
{
    if (row->any_post)
        return true;
    for (size_t i = row->posts.first; i < row->posts.first + row->posts.count; i++)
        if (slice_equal(post, titles->words[i]))
            return true;
    return false;
}

/* 昆山 of the body 昆山市委 whose matched word is 市委, or of 昆山市 before 市长. The offices behind it
 * in the same title (义乌市委副书记、市长) are of that place too. */
static bool is_county_city(struct title_context *context, struct slice body, struct slice word)
{
    struct slice place = slice_sub(body, 0, body.size - word.size);

    if (slice_ends(place, SLICE("市")))
        place.size -= SLICE("市").size;
    if (place.size == 0)
        return context->own_is_county;
    if (context->is_county == NULL || !context->is_county(context->self, place))
        return false;
    context->own_is_county = true;
    return true;
}

struct office {
    struct slice body;
    struct slice post;
    bool inherited; /* the body is that of the office before */
};

static enum title_level office_level(const struct titles *titles, struct office office,
                                     struct slice whole, struct title_context *context)
{
    for (size_t i = 0; i < titles->row_count; i++) {
        const struct row *row = &titles->rows[i];
        /* Rows for any post judge the whole office: the body may hide the post (市长热线). */
        struct slice body = row->any_post ? whole : office.body;
        struct slice word;

        if (!post_fits(titles, row, office.post))
            continue;
        word = fitting_body(titles, row, body);
        if (word.data == NULL)
            continue;
        if (row->place &&
            (office.inherited ? context->own_is_county : is_county_city(context, body, word)))
            return TITLE_DEPARTMENT;
        return row->level;
    }
    return TITLE_NONE;
}

/* The longest post at the end of the office. */
static struct office cut_office(const struct titles *titles, struct slice whole)
{
    struct office office = {whole, {whole.data + whole.size, 0}, false};

    /* From the left, so that the first post found is the longest: 副市长, not 市长. */
    for (size_t at = 0; at < whole.size; at++) {
        struct slice tail = slice_sub(whole, at, whole.size);

        if (tail.size <= titles->post_longest && map_get(titles->posts, tail) != NULL) {
            office.post = tail;
            office.body.size = at;
            break;
        }
    }
    return office;
}

/* ---- a title: a list of offices ---- */

/* Bytes of the separator at the start of `text`; 0 if it is none. */
static size_t separator_at(struct slice text)
{
    static const char *const separators[] = {"、", "，", "；", "兼", "和", ",", ";", "/", " "};

    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++)
        if (slice_starts(text, slice_from(separators[i])))
            return strlen(separators[i]);
    return 0;
}

static struct slice next_office(struct slice *rest)
{
    struct slice office = {rest->data, 0};

    while (office.size < rest->size) {
        /* Byte by byte is safe: in UTF-8 no character begins within another. */
        size_t separator = separator_at(slice_sub(*rest, office.size, rest->size));

        if (separator > 0) {
            *rest = slice_sub(*rest, office.size + separator, rest->size);
            return office;
        }
        office.size++;
    }
    rest->size = 0;
    return office;
}

/* What a bare post inherits: the body without its party group. */
static struct slice inherited(struct slice body)
{
    struct slice group = SLICE("党组");

    if (slice_ends(body, group))
        body.size -= group.size;
    return body;
}

/* The enum has province and nation below department, for callers who ask for a level of a city at
 * least; within one title they go before a department. */
static enum title_level better(enum title_level a, enum title_level b)
{
    if (a == TITLE_HIGHER && b == TITLE_DEPARTMENT)
        return a;
    if (b == TITLE_HIGHER && a == TITLE_DEPARTMENT)
        return b;
    return a > b ? a : b;
}

enum title_level titles_level(const struct titles *titles, struct slice title,
                              const struct title_context *context)
{
    /* A copy: a county-level city named by one office is remembered for those behind it. */
    struct title_context state = *context;
    enum title_level best = TITLE_NONE;
    struct slice body = {NULL, 0};

    while (title.size > 0) {
        struct slice whole = next_office(&title);
        struct office office = cut_office(titles, whole);

        office.inherited = office.body.size == 0 && body.size > 0;
        if (office.inherited)
            office.body = inherited(body);
        body = office.body;
        best = better(best, office_level(titles, office, whole, &state));
    }
    return best;
}

size_t titles_post_at(const struct titles *titles, struct slice text, size_t offset)
{
    size_t size = text.size - offset;

    if (size > titles->post_longest)
        size = titles->post_longest;
    for (; size > 0; size--)
        if (map_get(titles->posts, slice_sub(text, offset, size)) != NULL)
            return size;
    return 0;
}

const char *title_level_text(enum title_level level)
{
    static const char *const names[] = {"",           "exclude", "former",   "higher",
                                        "department", "deputy",  "principal"};

    return names[level];
}
