#include "aggregator/grounding.h"

#include "study/text.h"

#include <string.h>

enum {
    ORGAN_BYTES_MAX = 64 * 1024,
    ORGAN_FORMS_MAX = 4,
    ORGAN_CHARS_MIN = 2, /* a single character is in every text */
    CITIES_MAX = GAZETTEER_PLACES_MAX
};

enum status grounding_init(struct grounding *grounding, const struct gazetteer *gazetteer,
                           struct error *err)
{
    *grounding = (struct grounding){gazetteer, reader_create(gazetteer)};
    if (grounding->reader == NULL)
        return error_set(err, STATUS_NOMEM, "no memory to read texts");
    return STATUS_OK;
}

void grounding_fini(struct grounding *grounding)
{
    reader_destroy(grounding->reader);
    grounding->reader = NULL;
}

/* Appends the text narrow and without white space. Pages break names with white space and write
 * digits and letters in either width; names in answers come without. */
static void put_plain(struct slice text, struct buf *out)
{
    struct buf normal;

    buf_init(&normal, text.size * 4 + 1);
    text_normalise(text, &normal);
    for (size_t i = 0; i < normal.size; i++)
        if (normal.data[i] != ' ')
            buf_putc(out, normal.data[i]);
    if (normal.failure != STATUS_OK)
        out->failure = normal.failure;
    buf_fini(&normal);
}

static enum status make_plain(const struct source_text *source, struct arena *arena,
                              struct slice *plain, struct error *err)
{
    struct buf text;
    enum status status;

    buf_init(&text, (source->title.size + source->body.size) * 4 + 1);
    put_plain(source->title, &text);
    put_plain(source->body, &text);
    status = buf_status(&text, err);
    if (status == STATUS_OK) {
        *plain = arena_copy(arena, buf_slice(&text));
        if (plain->data == NULL)
            status = error_set(err, STATUS_NOMEM, "no memory for a text");
    }
    buf_fini(&text);
    return status;
}

enum status grounding_read(const struct grounding *grounding, const struct source_text *source,
                           struct arena *arena, struct grounding_text *text, struct error *err)
{
    struct mention *mentions = arena_array(arena, GROUNDING_MENTIONS_MAX, sizeof *mentions);
    enum status status;

    if (mentions == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for places");
    *text = (struct grounding_text){
        .gazetteer = grounding->gazetteer, .mentions = mentions, .day = source->day};
    status = reader_read(grounding->reader, source, arena, &text->reading, err);
    if (status == STATUS_OK)
        status = make_plain(source, arena, &text->plain, err);
    if (status == STATUS_OK)
        text->mention_count =
            gazetteer_scan(grounding->gazetteer, text->plain, mentions, GROUNDING_MENTIONS_MAX);
    return status;
}

static bool belongs_on(const struct grounding_text *text, const struct mention *mention,
                       int32_t day, struct slice city)
{
    const struct city *cities[CITIES_MAX];
    size_t count = gazetteer_cities(text->gazetteer, mention->name, day, cities, CITIES_MAX);

    for (size_t i = 0; i < count; i++)
        if (slice_equal(cities[i]->short_name, city))
            return true;
    return false;
}

/* The place is tried by the day of publication and by today's divisions: a county may have changed
 * its city, and reports use old and new names side by side. */
bool grounding_names_city(const struct grounding_text *text, struct slice city)
{
    if (text->reading.site != NULL && slice_equal(text->reading.site->short_name, city))
        return true;
    for (size_t i = 0; i < text->reading.count; i++) {
        const struct token *token = &text->reading.tokens[i];

        if (token->city != NULL && slice_equal(token->city->short_name, city))
            return true;
    }
    for (size_t i = 0; i < text->mention_count; i++)
        if (belongs_on(text, &text->mentions[i], text->day, city) ||
            belongs_on(text, &text->mentions[i], CIVIL_NONE, city))
            return true; /* divisions change */
    return false;
}

/* ---- organs ---- */

/* An organ by the names a text may have for it, the barest last. */
struct forms {
    struct slice names[ORGAN_FORMS_MAX];
    size_t count;
};

static void add_form(struct forms *forms, struct slice name)
{
    if (forms->count < ORGAN_FORMS_MAX && text_length(name) >= ORGAN_CHARS_MIN)
        forms->names[forms->count++] = name;
}

/* Cuts off what `marks` has, once. */
static struct slice without(struct slice name, const char *const *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_starts(name, slice_from(marks[i])))
            return slice_sub(name, strlen(marks[i]), name.size);
    return name;
}

/* Only places that follow each other from the very beginning: 江苏省昆山市, but not a name in the
 * middle. */
static struct slice without_places(const struct grounding_text *text, struct slice name)
{
    struct mention mentions[GAZETTEER_PLACES_MAX];
    size_t count = gazetteer_scan(text->gazetteer, name, mentions, GAZETTEER_PLACES_MAX);
    size_t end = 0;

    for (size_t i = 0; i < count && mentions[i].offset == end; i++)
        end += mentions[i].size;
    return slice_sub(name, end, name.size);
}

/* 我市教育局, 昆山市教育局, 市教育局, 教育局; of 昆山市委 what stands behind 昆山 too. */
static struct forms forms_of(const struct grounding_text *text, struct slice name)
{
    static const char *const own[] = {"我", "本", "该"};
    static const char *const marks[] = {"市", "县", "区", "州", "旗"};
    struct slice plain = without(name, own, sizeof own / sizeof own[0]);
    struct slice rest = without_places(text, plain);
    struct forms forms = {.count = 0};

    add_form(&forms, plain);
    if (rest.size > 0 && rest.size < plain.size) {
        size_t mark = plain.size - rest.size;

        /* Back over the continuation bytes of UTF-8 to the last character of the place. */
        while (mark > 0 && (plain.data[--mark] & 0xC0) == 0x80)
            continue;
        add_form(&forms, slice_sub(plain, mark, plain.size)); /* 市委 of 昆山市委 */
    }
    add_form(&forms, rest);
    add_form(&forms, without(rest, marks, sizeof marks / sizeof marks[0]));
    return forms;
}

static bool text_has(const struct grounding_text *text, const struct forms *forms)
{
    for (size_t i = 0; i < forms->count; i++)
        if (slice_contains(text->plain, forms->names[i]))
            return true;
    return false;
}

static bool forms_meet(const struct forms *a, const struct forms *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (slice_equal(a->names[i], b->names[k]))
                return true;
    return false;
}

/* Is this part of the organ one of the answer's, and neither in the text? An organ of ours that
 * meets nothing the answer said is the rules' own and no matter of the model; one that meets a name
 * which is in the text was only renamed. */
static bool part_made_up(const struct grounding_text *text, struct slice part,
                         struct slice answered)
{
    struct forms ours = forms_of(text, part);

    if (text_has(text, &ours))
        return false;
    while (answered.size > 0) {
        size_t size = slice_find(answered, SLICE("、"));
        struct forms said = forms_of(text, slice_sub(answered, 0, size));

        if (forms_meet(&ours, &said) && !text_has(text, &said))
            return true;
        answered = slice_sub(answered, size + strlen("、"), answered.size);
    }
    return false;
}

enum status grounding_made_up(const struct grounding_text *text, struct slice organ,
                              struct slice answered, bool *made_up, struct error *err)
{
    struct buf parts, said;
    struct slice rest;
    bool found = false;
    enum status status;

    buf_init(&parts, ORGAN_BYTES_MAX);
    buf_init(&said, ORGAN_BYTES_MAX);
    put_plain(organ, &parts);
    put_plain(answered, &said);
    status = buf_status(&parts, err);
    if (status == STATUS_OK)
        status = buf_status(&said, err);
    for (rest = buf_slice(&parts); status == STATUS_OK && rest.size > 0 && !found;) {
        size_t size = slice_find(rest, SLICE("、"));

        found = part_made_up(text, slice_sub(rest, 0, size), buf_slice(&said));
        rest = slice_sub(rest, size + strlen("、"), rest.size);
    }
    buf_fini(&parts);
    buf_fini(&said);
    if (status == STATUS_OK)
        *made_up = found;
    return status;
}
