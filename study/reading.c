/*
 * Names of places are found first, over the whole text, so that what is said late can decide what
 * is meant early (names.h). Then one walk puts places and cue words into one row of tokens in the
 * order of the text: that row is all that the rules see.
 */
#include "study/reading.h"

#include "study/names.h"
#include "study/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    MENTIONS_MAX = 400,
    SITES_MAX = 512,
    BYLINE_MAX = 90,
};

/* The host of a city's main site without its www., to recognise a publisher by its URL. */
struct site {
    struct slice suffix;
    const struct city *city;
};

struct reader {
    const struct gazetteer *gazetteer;
    struct cues *cues;
    struct site sites[SITES_MAX];
    size_t site_count;
};

static void learn_sites(struct reader *reader)
{
    for (size_t i = 0; i < gazetteer_city_count(reader->gazetteer); i++) {
        const struct city *city = gazetteer_city_at(reader->gazetteer, i);
        struct slice suffix = city->site;

        if (suffix.size == 0 || reader->site_count == SITES_MAX)
            continue;
        /* So that news.suzhou.gov.cn speaks for the city as well. */
        if (slice_starts(suffix, SLICE("www.")))
            suffix = slice_sub(suffix, 4, suffix.size);
        reader->sites[reader->site_count++] = (struct site){suffix, city};
    }
}

struct reader *reader_create(const struct gazetteer *gazetteer)
{
    struct reader *reader = calloc(1, sizeof *reader);

    if (reader == NULL)
        return NULL;
    reader->gazetteer = gazetteer;
    reader->cues = cues_create();
    if (reader->cues == NULL) {
        free(reader);
        return NULL;
    }
    learn_sites(reader);
    return reader;
}

void reader_destroy(struct reader *reader)
{
    if (reader == NULL)
        return;
    cues_destroy(reader->cues);
    free(reader);
}

const struct gazetteer *reader_gazetteer(const struct reader *reader)
{
    return reader->gazetteer;
}

/* ---- the publisher ---- */

static struct slice url_host(struct slice url)
{
    size_t scheme = slice_find(url, SLICE("://"));
    struct slice host = slice_sub(url, scheme < url.size ? scheme + 3 : 0, url.size);

    for (size_t i = 0; i < host.size; i++)
        if (host.data[i] == '/' || host.data[i] == ':' || host.data[i] == '?')
            host.size = i;
    return host;
}

static bool host_speaks_for(struct slice host, struct slice suffix)
{
    if (!slice_ends(host, suffix))
        return false;
    return host.size == suffix.size || host.data[host.size - suffix.size - 1] == '.';
}

static const struct city *publisher(const struct reader *reader, const struct source_text *source)
{
    struct slice host = url_host(source->url);

    /* What the record says of its publisher goes before what its address looks like. */
    if (source->site_city.size > 0)
        return gazetteer_find_city(reader->gazetteer, source->site_city);
    for (size_t i = 0; i < reader->site_count; i++)
        if (host_speaks_for(host, reader->sites[i].suffix))
            return reader->sites[i].city;
    return NULL;
}

/* 我市(滕州): the speaker introduces itself. */
static bool introduces(struct slice before)
{
    static const char *const words[] = {"我市(", "我县(", "我区(", "我市（", "我县（", "我区（"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_ends(before, slice_from(words[i])))
            return true;
    return false;
}

/* 高邮日报讯: the first place of the body, if a newspaper's name goes on behind it. */
static const struct city *signed_by(const struct draft *draft)
{
    const struct place *places[GAZETTEER_PLACES_MAX];
    const struct reading *reading = draft->reading;

    for (size_t i = 0; i < draft->mention_count; i++) {
        const struct mention *mention = &draft->mentions[i];
        size_t end = mention->offset + mention->size;
        enum cue cue = CUE_NONE;

        if (introduces(slice_sub(reading->text, 0, mention->offset)) &&
            names_readings(draft, mention, places) > 0)
            return places[0]->city;
        if (mention->offset <= reading->title_size ||
            mention->offset > reading->title_size + BYLINE_MAX)
            continue;
        if (cue_at(draft->cues, reading->text, end, &cue) > 0 && cue == CUE_MEDIA &&
            names_readings(draft, mention, places) == 1)
            return places[0]->city;
    }
    return NULL;
}

/* Does the name at `mention` begin where the token ends? */
static const struct token *touching(const struct draft *draft, size_t offset)
{
    const struct reading *reading = draft->reading;
    const struct token *last = reading->count > 0 ? &draft->tokens[reading->count - 1] : NULL;

    if (last == NULL || last->kind != TOKEN_PLACE || last->offset + last->size != offset)
        return NULL;
    return last;
}

static struct token *new_token(struct draft *draft, size_t offset, size_t size)
{
    struct token *token = &draft->tokens[draft->reading->count++];

    *token = (struct token){.offset = offset, .size = size};
    return token;
}

/* A place within the one before it (浙江省|湖州市|吴兴区) makes that one longer and narrower. */
static bool narrows(const struct token *before, const struct place *place)
{
    if (before == NULL || before->place == NULL)
        return false;
    if (before->place->level == PLACE_PROVINCE)
        return slice_equal(place->province, before->place->short_name);
    return place->city != NULL && place->city == before->city &&
           place->level > before->place->level;
}

static bool put_place(struct draft *draft, const struct mention *mention)
{
    const struct token *before = touching(draft, mention->offset);
    int fit = 0;
    const struct place *place = names_best(draft, mention, before, &fit);
    struct token *token;

    if (!names_place(draft, mention, place, fit))
        return false;
    if (place != NULL && narrows(before, place)) {
        token = &draft->tokens[draft->reading->count - 1];
        token->size = mention->offset + mention->size - token->offset;
    } else {
        token = new_token(draft, mention->offset, mention->size);
        token->kind = TOKEN_PLACE;
    }
    token->place = place;
    token->city = place == NULL ? NULL : place->city;
    token->province = place != NULL && place->level == PLACE_PROVINCE && place->city == NULL;
    /* A place that grew keeps what its first part had made sure. */
    token->certain = token->certain || mention->form == NAME_FULL ||
                     (place != NULL && place->level == PLACE_CITY);
    return true;
}

/* ---- short forms: 来邮考察 ---- */

/* A city that the text names in full with the character in it. */
static const struct place *named_with(const struct draft *draft, struct slice character)
{
    const struct place *places[GAZETTEER_PLACES_MAX];

    for (size_t i = 0; i < draft->mention_count; i++) {
        const struct mention *mention = &draft->mentions[i];

        if (names_readings(draft, mention, places) == 1 && places[0]->city != NULL &&
            (mention->form == NAME_FULL || places[0]->level == PLACE_CITY) &&
            slice_contains(places[0]->short_name, character))
            return places[0];
    }
    return NULL;
}

/* The publisher's place before one that the text names, before one that is only listed. */
static const struct place *short_form(const struct draft *draft, struct slice character)
{
    const struct place *places[GAZETTEER_PLACES_MAX];
    size_t count = gazetteer_abbreviation(draft->gazetteer, character, draft->reading->site, places,
                                          GAZETTEER_PLACES_MAX);
    const struct place *named;

    for (size_t i = 0; i < count; i++)
        if (places[i]->city != NULL && places[i]->city == draft->reading->site)
            return places[i];
    named = named_with(draft, character);
    if (named != NULL)
        return named;
    for (size_t i = 0; i < count; i++)
        if (places[i]->city != NULL && names_seen(draft, places[i]->city))
            return places[i];
    return count == 1 ? places[0] : NULL;
}

/* A single Han character between a verb of motion and a verb of visiting (or the clause's end). */
static size_t lone_character(const struct draft *draft, size_t offset)
{
    struct slice text = draft->reading->text;
    enum cue cue = CUE_NONE;
    size_t at = offset;
    uint32_t point = 0;

    if (!text_next(text, &at, &point) || !text_is_han(point))
        return 0;
    if (cue_at(draft->cues, text, offset, &cue) > 0 && cue != CUE_LIST)
        return 0;
    if (at >= text.size)
        return at - offset;
    if (cue_at(draft->cues, text, at, &cue) == 0)
        return 0;
    if (cue == CUE_VISIT || cue == CUE_TALK || cue == CUE_BREAK || cue == CUE_STOP ||
        cue == CUE_MEET)
        return at - offset;
    return 0;
}

/* `at` is behind 来, 赴 or 在; a short form there becomes a place or, unknown, the speaker's own. */
static size_t put_short_form(struct draft *draft, size_t at, enum cue verb)
{
    size_t size = lone_character(draft, at);
    struct slice character = slice_sub(draft->reading->text, at, size);
    const struct place *place = size == 0 ? NULL : short_form(draft, character);
    struct token *token;

    if (size == 0 || (place == NULL && verb != CUE_COME))
        return 0;
    token = new_token(draft, at, size);
    token->kind = place == NULL ? TOKEN_CUE : TOKEN_PLACE;
    token->cue = CUE_OWN;
    token->place = place;
    token->city = place == NULL ? draft->reading->site : place->city;
    return size;
}

/* ---- the walk over the text ---- */

static size_t put_cue(struct draft *draft, size_t at)
{
    enum cue cue = CUE_NONE;
    size_t size = cue_at(draft->cues, draft->reading->text, at, &cue);
    struct token *token;

    if (size == 0 || cue == CUE_NONE)
        return size;
    token = new_token(draft, at, size);
    token->kind = TOKEN_CUE;
    token->cue = cue;
    token->city = cue == CUE_OWN ? draft->reading->site : NULL;
    return size;
}

static bool takes_short_form(const struct draft *draft)
{
    const struct token *last = &draft->tokens[draft->reading->count - 1];

    return last->kind == TOKEN_CUE &&
           (last->cue == CUE_COME || last->cue == CUE_GO || last->cue == CUE_AT);
}

static void walk(struct draft *draft)
{
    struct slice text = draft->reading->text;
    size_t next = 0;
    size_t at = 0;

    while (at < text.size && draft->reading->count + 2 < draft->limit) {
        const struct mention *mention = &draft->mentions[next];
        uint32_t point = 0;
        size_t size;

        if (next < draft->mention_count && mention->offset <= at) {
            next++;
            /* What is no place after all may begin with, or hide, a cue word. */
            if (mention->offset == at && put_place(draft, mention))
                at += mention->size;
            continue;
        }
        size = put_cue(draft, at);
        if (size == 0)
            (void) text_next(text, &at, &point);
        at += size;
        /* A place name behind the verb goes first: 来常州, not 来常. */
        if (size > 0 && draft->reading->count > 0 && takes_short_form(draft) &&
            (next >= draft->mention_count || draft->mentions[next].offset != at))
            at += put_short_form(draft, at, draft->tokens[draft->reading->count - 1].cue);
    }
}

/* At most `limit` bytes, cut between characters. */
static struct slice head_of(struct slice text, size_t limit)
{
    if (text.size <= limit)
        return text;
    /* 10xxxxxx bytes go on a character: back to where the one that is cut begins. */
    while (limit > 0 && ((unsigned char) text.data[limit] & 0xC0) == 0x80)
        limit--;
    return slice_sub(text, 0, limit);
}

static enum status join_text(const struct source_text *source, struct arena *arena,
                             struct reading *reading, struct error *err)
{
    struct slice body = head_of(source->body, READING_BODY_MAX);
    char *text = arena_alloc(arena, source->title.size + 1 + body.size + 1);

    if (text == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    if (source->title.size > 0)
        memcpy(text, source->title.data, source->title.size);
    text[source->title.size] = '\n';
    if (body.size > 0)
        memcpy(text + source->title.size + 1, body.data, body.size);
    reading->text = slice_of(text, source->title.size + 1 + body.size);
    reading->title_size = source->title.size;
    return STATUS_OK;
}

enum status reader_read(const struct reader *reader, const struct source_text *source,
                        struct arena *arena, struct reading *reading, struct error *err)
{
    struct reading read = {.site = publisher(reader, source)};
    struct draft draft = {
        .gazetteer = reader->gazetteer, .cues = reader->cues, .reading = &read, .day = source->day};
    enum status status = join_text(source, arena, &read, err);

    if (status != STATUS_OK)
        return status;
    /* No more tokens than characters, and room for two that a short form may take. */
    draft.limit = read.text.size + 4 < READING_TOKENS_MAX ? read.text.size + 4 : READING_TOKENS_MAX;
    draft.tokens = arena_array(arena, draft.limit, sizeof *draft.tokens);
    draft.mentions = arena_array(arena, MENTIONS_MAX, sizeof *draft.mentions);
    if (draft.tokens == NULL || draft.mentions == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    draft.mention_count =
        gazetteer_scan(reader->gazetteer, read.text, draft.mentions, MENTIONS_MAX);
    /* After the scan, as the by-line is found among the names; before the walk, which goes by the
     * site. */
    if (read.site == NULL)
        read.site = signed_by(&draft);
    names_prepare(&draft);
    walk(&draft);
    read.tokens = draft.tokens;
    *reading = read;
    return STATUS_OK;
}
