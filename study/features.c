/*
 * A document becomes numbers in three blocks (title, body, rules or subjects), each of which is
 * sorted, freed from repeats and given one common value by its size, so that a long text does not
 * outvote its title. All of it is integers: the same text gives the same vector, and so the same
 * decision, on every machine.
 */
#include "study/features.h"

#include "study/lexicon.h"
#include "study/text.h"

#include <stdlib.h>
#include <string.h>

/* Symbols in the private use area that stand for places; + 1 for a place within the city. */
enum {
    SYMBOL_OWN_CITY = 0xE000,
    SYMBOL_OTHER = 0xE002, /* first other city; second: + 2; third and later: + 4 */
    SYMBOL_PROVINCE = 0xE008,
    SYMBOL_UNKNOWN = 0xE009,
    SYMBOL_OWN = 0xE00A,
    SYMBOL_DIGIT = 0xE00B,
    SYMBOL_PUNCTUATION = 0xE00C,
    SYMBOL_EDGE = 0xE00D,
    OTHERS_MAX = 3
};

enum { GRAM_MAX = 4, STREAM_MAX = 4096, RULES_MAX = 512 };

/* Weight of a block, in hundredths. */
enum { GAIN_TITLE = 100, GAIN_LEAD = 120, GAIN_RULES = 20, GAIN_BODY = 100, GAIN_SUBJECTS = 120 };

enum block { BLOCK_TITLE, BLOCK_BODY, BLOCK_RULES, BLOCK_COUNT };

struct maker {
    const struct features_request *request;
    struct feature *items;
    size_t count;
    size_t limit;                          /* of items */
    const struct city *others[OTHERS_MAX]; /* in the order of the text */
    size_t other_count;
};

/* ---- hashing ---- */

/* FNV-1a's step with a whole number instead of a byte. */
static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 0x100000001B3ULL;
}

static uint32_t bucket_of(uint64_t hash, uint32_t buckets)
{
    /* FNV's high bits are mixed best, the low ones worst; so they are folded, and the top half is
     * taken. */
    hash ^= hash >> 32;
    hash *= 0x9E3779B97F4A7C15ULL;
    return (uint32_t) ((hash >> 32) % buckets);
}

static void add(struct maker *maker, uint64_t hash)
{
    if (maker->count < maker->limit)
        maker->items[maker->count++].bucket = bucket_of(hash, maker->request->buckets);
}

/* ---- text ---- */

static uint32_t city_symbol(struct maker *maker, const struct city *city)
{
    size_t at = 0;

    if (city == maker->request->reading->site)
        return SYMBOL_OWN_CITY;
    /* Cities are numbered as they come in the text: the model sees that two mentions are one city,
     * and not which one it is. */
    while (at < maker->other_count && maker->others[at] != city)
        at++;
    if (at == maker->other_count && at < OTHERS_MAX)
        maker->others[maker->other_count++] = city;
    if (at >= OTHERS_MAX)
        at = OTHERS_MAX - 1;
    return SYMBOL_OTHER + 2 * (uint32_t) at;
}

static uint32_t place_symbol(struct maker *maker, const struct token *token)
{
    if (token->kind == TOKEN_CUE)
        return SYMBOL_OWN;
    if (token->province)
        return SYMBOL_PROVINCE;
    if (token->city == NULL)
        return SYMBOL_UNKNOWN;
    return city_symbol(maker, token->city) +
           (token->place != NULL && token->place->level >= PLACE_COUNTY);
}

/* Digits and punctuation become one symbol each; letters lose their case. */
static uint32_t plain_symbol(uint32_t point)
{
    if ((point >= '0' && point <= '9') || (point >= 0xFF10 && point <= 0xFF19))
        return SYMBOL_DIGIT;
    if (point >= 'A' && point <= 'Z')
        return point - 'A' + 'a';
    if (point < 0x80 && !(point >= 'a' && point <= 'z'))
        return SYMBOL_PUNCTUATION;
    if ((point >= 0x2000 && point < 0x2070) || (point >= 0x3000 && point < 0x3020) ||
        (point >= 0xFF00 && point < 0xFF66))
        return SYMBOL_PUNCTUATION;
    return point;
}

struct stream {
    uint32_t symbols[STREAM_MAX];
    size_t count;
};

static void put_symbol(struct stream *stream, uint32_t symbol, size_t limit)
{
    if (stream->count < limit && stream->count < STREAM_MAX)
        stream->symbols[stream->count++] = symbol;
}

/* text[begin, end) as symbols, edges included. */
static void fill_stream(struct maker *maker, size_t begin, size_t end, size_t limit,
                        struct stream *stream)
{
    const struct reading *reading = maker->request->reading;
    struct slice text = slice_sub(reading->text, 0, end);
    size_t token = 0;
    size_t at = begin;
    uint32_t point = 0;

    stream->count = 0;
    put_symbol(stream, SYMBOL_EDGE, limit);
    while (at < end && stream->count < limit) {
        /* Cues are read as the characters they are; only places and the speaker's own names become
         * symbols. */
        while (token < reading->count &&
               (reading->tokens[token].offset < at || (reading->tokens[token].kind == TOKEN_CUE &&
                                                       reading->tokens[token].cue != CUE_OWN)))
            token++;
        if (token < reading->count && reading->tokens[token].offset == at) {
            put_symbol(stream, place_symbol(maker, &reading->tokens[token]), limit);
            at += reading->tokens[token].size;
            continue;
        }
        if (!text_next(text, &at, &point))
            break;
        if (!text_is_space(point))
            put_symbol(stream, plain_symbol(point), limit);
    }
    /* One more than the text may have, so that a text that was cut has its edge too. */
    put_symbol(stream, SYMBOL_EDGE, limit + 1);
}

static void add_grams(struct maker *maker, const struct stream *stream, enum block block)
{
    for (size_t i = 0; i < stream->count; i++) {
        /* FNV's offset basis, then the block: the same run in title and body gives two features. */
        uint64_t hash = mix(0xCBF29CE484222325ULL, (uint64_t) block + 1);

        for (size_t n = 0; n < GRAM_MAX && i + n < stream->count; n++) {
            hash = mix(hash, stream->symbols[i + n]);
            /* The runs of 1 to GRAM_MAX symbols that begin here grow out of one another; the length
             * is mixed in, so a run is never its own prefix. */
            add(maker, mix(hash, n));
        }
    }
}

/* ---- rules ---- */

static void add_rule(struct maker *maker, const char *name, size_t value)
{
    uint64_t hash = mix(0xCBF29CE484222325ULL, BLOCK_RULES + 1);

    for (; *name != '\0'; name++)
        hash = mix(hash, (unsigned char) *name);
    add(maker, mix(hash, 0x10000 + value));
}

/* Does the cue stand in text[begin, end)? */
static bool has_cue(const struct reading *reading, enum cue cue, size_t begin, size_t end)
{
    for (size_t i = 0; i < reading->count; i++)
        if (reading->tokens[i].kind == TOKEN_CUE && reading->tokens[i].cue == cue &&
            reading->tokens[i].offset >= begin && reading->tokens[i].offset < end)
            return true;
    return false;
}

static size_t count_cities(const struct reading *reading, size_t end, size_t most)
{
    const struct city *seen[8];
    size_t count = 0;

    for (size_t i = 0; i < reading->count && count < most; i++) {
        const struct token *token = &reading->tokens[i];
        bool known = token->kind != TOKEN_PLACE || token->city == NULL || token->offset >= end;

        for (size_t k = 0; k < count; k++)
            known = known || seen[k] == token->city;
        if (!known)
            seen[count++] = token->city;
    }
    return count;
}

static size_t at_most(size_t value, size_t most)
{
    return value < most ? value : most;
}

static void add_scene(struct maker *maker, const char *which, const struct scene *scene)
{
    const struct party *host = scene->host_count > 0 ? &scene->hosts[0] : NULL;
    const struct party *origin = scene->origin_count > 0 ? &scene->origins[0] : NULL;
    const struct city *site = maker->request->reading->site;
    size_t state = 0;

    state |= scene->moves ? 1 : 0;
    state |= scene->group ? 2 : 0;
    state |= scene->above ? 4 : 0;
    state |= host != NULL ? 8 : 0;
    state |= origin != NULL ? 16 : 0;
    state |= host != NULL && origin != NULL && host->city == origin->city ? 32 : 0;
    add_rule(maker, which, state);
    /* The whole state and each of its bits: the model may learn from a combination or from one sign
     * alone. */
    for (size_t bit = 0; bit < 6; bit++)
        if (state & ((size_t) 1 << bit))
            add_rule(maker, which, 256 + bit);
    if (host != NULL)
        add_rule(maker, which, 300 + (host->own || (host->city == site && site != NULL)));
    if (origin != NULL)
        add_rule(maker, which, 302 + (origin->own || (origin->city == site && site != NULL)));
    if (origin != NULL && origin->place != NULL)
        add_rule(maker, which, 310 + (size_t) origin->place->level);
}

static void add_rules(struct maker *maker)
{
    const struct reading *reading = maker->request->reading;
    const struct trip *trip = maker->request->trip;
    size_t title = reading->title_size;
    size_t lead = trip->lead.end;
    bool leg = trip->leg_count > 0;
    static const enum cue cues[] = {CUE_OTHER, CUE_HIGHER, CUE_PLAN, CUE_PAST, CUE_REMOTE, CUE_LEAD,
                                    CUE_GROUP, CUE_ESCORT, CUE_MEET, CUE_OWN,  CUE_BOTH};

    add_rule(maker, "legs", at_most(trip->leg_count, 3) + (trip->weak ? 10 : 0));
    add_rule(maker, "same", trip->same_city + (leg ? 2U : 0U));
    add_rule(maker, "above", (trip->title.above || trip->lead.above) + (leg ? 2U : 0U));
    add_rule(maker, "untitled", title == 0);
    add_rule(maker, "unsigned", reading->site == NULL);
    add_scene(maker, "title", &trip->title);
    add_scene(maker, "lead", &trip->lead);
    for (size_t i = 0; i < sizeof cues / sizeof cues[0]; i++) {
        size_t state = has_cue(reading, cues[i], 0, title) + (leg ? 4U : 0U);

        add_rule(maker, "cue title", 16 * (size_t) cues[i] + state);
        state = has_cue(reading, cues[i], title, lead) + (leg ? 4U : 0U);
        add_rule(maker, "cue lead", 16 * (size_t) cues[i] + state);
    }
    add_rule(maker, "title cities", count_cities(reading, title, 4));
    add_rule(maker, "cities", count_cities(reading, lead, 6));
}

/* How much of each theme's words there is: some, several, many; in the title apart. */
static void add_subjects(struct maker *maker)
{
    /* As a staircase: a count of 5 also sets the features of 1, 2 and 3, so a linear model can
     * weigh each step by itself. */
    static const size_t steps[] = {1, 2, 3, 5, 8};
    const struct reading *reading = maker->request->reading;
    struct slice title = slice_sub(reading->text, 0, reading->title_size);
    struct slice body = slice_sub(reading->text, reading->title_size, (size_t) FEATURES_BODY * 3);

    for (size_t group = 0; group < LEXICON_GROUPS; group++) {
        size_t in_title = lexicon_count(group, title);
        size_t in_body = lexicon_count(group, body);

        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            if (in_title >= steps[i])
                add_rule(maker, "subject title", group * 16 + i);
            if (in_title + in_body >= steps[i])
                add_rule(maker, "subject", group * 16 + i);
        }
    }
}

/* ---- values ---- */

static int compare_features(const void *a, const void *b)
{
    const struct feature *left = a;
    const struct feature *right = b;

    return left->bucket < right->bucket ? -1 : left->bucket > right->bucket;
}

static uint32_t integer_root(uint32_t value)
{
    uint32_t root = 0;

    while ((root + 1) * (root + 1) <= value)
        root++;
    return root;
}

/* Sorts the block that began at `first`, drops repeats, and gives all the same value. */
static void close_block(struct maker *maker, size_t first, int32_t gain)
{
    struct feature *items = maker->items + first;
    size_t count = 0;
    uint32_t root;

    qsort(items, maker->count - first, sizeof *items, compare_features);
    for (size_t i = 0; i < maker->count - first; i++)
        if (count == 0 || items[count - 1].bucket != items[i].bucket)
            items[count++] = items[i];
    maker->count = first + count;
    /* The root of 100 * count keeps two more digits. */
    root = integer_root((uint32_t) count * 10000);
    for (size_t i = 0; i < count; i++)
        items[i].value = (int32_t) ((int64_t) gain * MODEL_UNIT / (root > 0 ? root : 1));
}

/* Two blocks may share a bucket: then the values add up. */
static void join_blocks(struct maker *maker)
{
    size_t count = 0;

    qsort(maker->items, maker->count, sizeof *maker->items, compare_features);
    for (size_t i = 0; i < maker->count; i++) {
        if (count > 0 && maker->items[count - 1].bucket == maker->items[i].bucket)
            maker->items[count - 1].value += maker->items[i].value;
        else
            maker->items[count++] = maker->items[i];
    }
    maker->count = count;
}

static void make_text(struct maker *maker, struct stream *stream)
{
    const struct reading *reading = maker->request->reading;
    bool event = maker->request->kind == FEATURES_EVENT;
    size_t first = maker->count;

    fill_stream(maker, 0, reading->title_size, STREAM_MAX - 2, stream);
    if (reading->title_size > 0)
        add_grams(maker, stream, BLOCK_TITLE);
    close_block(maker, first, GAIN_TITLE);
    first = maker->count;
    fill_stream(maker, reading->title_size + 1, reading->text.size,
                event ? FEATURES_LEAD : FEATURES_BODY, stream);
    add_grams(maker, stream, BLOCK_BODY);
    close_block(maker, first, event ? GAIN_LEAD : GAIN_BODY);
}

enum status features_make(const struct features_request *request, struct arena *arena,
                          struct features *features, struct error *err)
{
    struct maker maker = {.request = request};
    struct stream *stream = arena_alloc(arena, sizeof *stream);
    size_t first;

    /* A character begins at most GRAM_MAX runs, and rules are few. */
    maker.limit = at_most(GRAM_MAX * (request->reading->text.size + 8) + RULES_MAX, FEATURES_MAX);
    maker.items = arena_array(arena, maker.limit, sizeof *maker.items);
    if (maker.items == NULL || stream == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    make_text(&maker, stream);
    first = maker.count;
    if (request->kind == FEATURES_EVENT)
        add_rules(&maker);
    else
        add_subjects(&maker);
    close_block(&maker, first, request->kind == FEATURES_EVENT ? GAIN_RULES : GAIN_SUBJECTS);
    join_blocks(&maker);
    *features = (struct features){maker.items, maker.count};
    return STATUS_OK;
}
