/*
 * All ways to call all places are gathered as entries and sorted; entries of one text are then one
 * name, its places the name's readings, and the text a key of the trie. Sorted by bytes, keys come
 * in the order that trie_build wants.
 */
#include "study/gazetteer_names.h"

#include <stdlib.h>
#include <string.h>

/* One way to call one place. */
struct entry {
    struct slice text;
    uint16_t place;
    uint8_t form; /* enum name_form */
    uint8_t rank; /* of the place's level among the readings of a name */
    uint32_t code;
};

struct entries {
    struct entry *items;
    size_t count;
    size_t capacity;
};

static enum status no_memory(struct error *err)
{
    return error_set(err, STATUS_NOMEM, "gazetteer: %s", status_text(STATUS_NOMEM));
}

static bool add(struct entries *e, const struct gazetteer *g, struct slice text,
                const struct place *place, enum name_form form)
{
    /* By enum place_level: a name is a city's before a county's or zone's, and a province's
     * last. */
    static const uint8_t ranks[] = {3, 0, 1, 2};

    if (e->count == e->capacity) {
        size_t capacity = e->capacity == 0 ? 4096 : e->capacity * 2;
        struct entry *items = realloc(e->items, capacity * sizeof *items);
        if (items == NULL)
            return false;
        e->items = items;
        e->capacity = capacity;
    }
    e->items[e->count++] = (struct entry){text, (uint16_t) (place - g->places), (uint8_t) form,
                                          ranks[place->level], place->code};
    return true;
}

static int compare_entry(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    int order = slice_compare(x->text, y->text);

    if (order == 0)
        order = x->rank - y->rank;
    if (order == 0)
        order = (x->code > y->code) - (x->code < y->code);
    if (order == 0)
        order = x->place - y->place;
    return order == 0 ? x->form - y->form : order;
}

/* ---- what stands in the files ---- */

static enum status add_divisions(struct entries *e, const struct gazetteer *g, struct error *err)
{
    for (size_t i = 0; i < g->place_count; i++) {
        const struct place *place = &g->places[i];
        bool same = slice_equal(place->name, place->short_name);
        if (!add(e, g, place->name, place, NAME_FULL) ||
            (!same && !add(e, g, place->short_name, place, NAME_SHORT)))
            return no_memory(err);
    }
    return STATUS_OK;
}

static enum status read_form(const struct tsv *tsv, struct slice text, enum name_form *form,
                             struct error *err)
{
    static const char *const names[] = {"full", "short", "alias", "abbreviation"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_equal(text, slice_from(names[i]))) {
            *form = (enum name_form) i;
            return STATUS_OK;
        }
    }
    return error_set(err, STATUS_INVALID,
                     "%s:%u: '%.*s' is no form (full, short, alias, abbreviation)", tsv->file,
                     tsv->line, SLICE_ARG(text));
}

/* Columns: name, code, form. */
static enum status add_name(struct entries *e, struct entries *abbreviations,
                            const struct gazetteer *g, const struct tsv *tsv, struct error *err)
{
    const struct place *place;
    enum name_form form = NAME_FULL;
    uint32_t code = 0;
    enum status status = gazetteer_read_code(tsv, tsv->cells[1], &code, err);

    if (status == STATUS_OK)
        status = read_form(tsv, tsv->cells[2], &form, err);
    if (status != STATUS_OK)
        return status;
    place = gazetteer_place_by_code(g, code);
    if (place == NULL || tsv->cells[0].size == 0)
        return error_set(err, STATUS_INVALID, "%s:%u: no name, or %u is no line of divisions.tsv",
                         tsv->file, tsv->line, code);
    if (!add(form == NAME_ABBREVIATION ? abbreviations : e, g, tsv->cells[0], place, form))
        return no_memory(err);
    return STATUS_OK;
}

static enum status add_names(struct entries *e, struct entries *abbreviations, struct gazetteer *g,
                             const char *directory, struct error *err)
{
    struct tsv tsv;
    bool more = true;
    enum status status = gazetteer_open_table(g, directory, "names.tsv", &tsv, err);

    if (status == STATUS_OK && tsv.columns != 3)
        status = error_set(err, STATUS_INVALID, "%s:1: must have the columns name, code, form",
                           tsv.file);
    while (status == STATUS_OK) {
        status = tsv_next(&tsv, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = add_name(e, abbreviations, g, &tsv, err);
    }
    return status;
}

/* ---- the index ---- */

/* Closes the name that began at entry `first`; its readings are the different places in it. */
static void make_name(struct gazetteer *g, const struct entry *entries, size_t count)
{
    struct gazetteer_name *name = &g->names[g->name_count++];

    *name = (struct gazetteer_name){(uint32_t) g->reading_count, 0, NAME_ABBREVIATION, true};
    for (size_t i = 0; i < count; i++) {
        /* Entries are sorted, so those of one place stand together. */
        bool repeated = i > 0 && entries[i].place == entries[i - 1].place;
        if (entries[i].form < name->form)
            name->form = entries[i].form;
        /* A name is an ordinary word only if none of its readings makes it more than that. */
        name->common_word &=
            entries[i].form != NAME_FULL && g->places[entries[i].place].common_word;
        if (repeated || name->reading_count == GAZETTEER_PLACES_MAX)
            continue;
        g->readings[g->reading_count++] = entries[i].place;
        name->reading_count++;
    }
}

static enum status make_index(struct gazetteer *g, struct entries *e, struct trie_key *keys,
                              size_t *key_count, struct error *err)
{
    size_t first = 0;

    g->names = arena_array(g->arena, e->count, sizeof *g->names);
    g->readings = arena_array(g->arena, e->count, sizeof *g->readings);
    if (g->names == NULL || g->readings == NULL)
        return no_memory(err);
    if (e->count > 1)
        qsort(e->items, e->count, sizeof *e->items, compare_entry);
    for (size_t i = 1; i <= e->count; i++) {
        if (i < e->count && slice_equal(e->items[i].text, e->items[first].text))
            continue;
        keys[(*key_count)++] = (struct trie_key){e->items[first].text, (uint32_t) g->name_count};
        make_name(g, &e->items[first], i - first);
        first = i;
    }
    return STATUS_OK;
}

static int compare_key(const void *a, const void *b)
{
    return slice_compare(((const struct trie_key *) a)->text, ((const struct trie_key *) b)->text);
}

struct word_lists {
    struct trie_key *whole;
    size_t whole_count;
    struct trie_key *behind;
    size_t behind_count;
};

/* Hiding words join the names; where both are one text the name wins. */
static enum status build_trie(struct gazetteer *g, struct trie_key *keys, size_t count,
                              const struct word_lists *words, struct error *err)
{
    size_t names = count;

    for (size_t i = 0; i < words->whole_count; i++)
        if (bsearch(&words->whole[i], keys, names, sizeof *keys, compare_key) == NULL)
            keys[count++] = words->whole[i];
    qsort(keys, count, sizeof *keys, compare_key);
    return trie_build(keys, count, &g->trie, err);
}

/* Columns: word, where. */
static enum status add_word(const struct tsv *tsv, struct word_lists *words, struct error *err)
{
    struct trie_key key = {tsv->cells[0], NAME_NO_PLACE};

    if (slice_equal(tsv->cells[1], SLICE("whole")))
        words->whole[words->whole_count++] = key;
    else if (slice_equal(tsv->cells[1], SLICE("behind")))
        words->behind[words->behind_count++] = key;
    else
        return error_set(err, STATUS_INVALID, "%s:%u: '%.*s' is neither whole nor behind",
                         tsv->file, tsv->line, SLICE_ARG(tsv->cells[1]));
    return STATUS_OK;
}

enum { WORDS_MAX = 10000 };

static enum status read_words(struct gazetteer *g, const char *directory, struct word_lists *words,
                              struct error *err)
{
    struct tsv tsv;
    bool more = true;
    enum status status = gazetteer_open_table(g, directory, "not_places.tsv", &tsv, err);

    if (status == STATUS_OK && tsv.columns != 2)
        status =
            error_set(err, STATUS_INVALID, "%s:1: must have the columns word, where", tsv.file);
    if (status != STATUS_OK)
        return status;
    words->whole = calloc(WORDS_MAX, sizeof *words->whole);
    words->behind = calloc(WORDS_MAX, sizeof *words->behind);
    if (words->whole == NULL || words->behind == NULL)
        return no_memory(err);
    while (status == STATUS_OK) {
        status = tsv_next(&tsv, &more, err);
        if (status != STATUS_OK || !more)
            break;
        if (words->whole_count == WORDS_MAX || words->behind_count == WORDS_MAX)
            return error_set(err, STATUS_TOO_LARGE, "%s: more than %d words", tsv.file, WORDS_MAX);
        status = add_word(&tsv, words, err);
    }
    if (status == STATUS_OK && words->behind_count > 1)
        qsort(words->behind, words->behind_count, sizeof *words->behind, compare_key);
    return status;
}

static enum status keep_abbreviations(struct gazetteer *g, struct entries *e, struct error *err)
{
    g->abbreviations = arena_array(g->arena, e->count, sizeof *g->abbreviations);
    if (g->abbreviations == NULL)
        return no_memory(err);
    if (e->count > 1)
        qsort(e->items, e->count, sizeof *e->items, compare_entry);
    for (size_t i = 0; i < e->count; i++)
        g->abbreviations[g->abbreviation_count++] =
            (struct abbreviation){e->items[i].text, e->items[i].place};
    return STATUS_OK;
}

enum status gazetteer_read_names(struct gazetteer *g, const char *directory, struct error *err)
{
    struct entries names = {0};
    struct entries abbreviations = {0};
    struct word_lists words = {0};
    struct trie_key *keys = NULL;
    size_t key_count = 0;
    enum status status = add_divisions(&names, g, err);

    if (status == STATUS_OK)
        status = add_names(&names, &abbreviations, g, directory, err);
    if (status == STATUS_OK)
        status = read_words(g, directory, &words, err);
    if (status != STATUS_OK)
        goto out;
    keys = calloc(names.count + words.whole_count + 1, sizeof *keys);
    if (keys == NULL) {
        status = no_memory(err);
        goto out;
    }
    status = make_index(g, &names, keys, &key_count, err);
    if (status == STATUS_OK)
        status = build_trie(g, keys, key_count, &words, err);
    if (status == STATUS_OK)
        status = trie_build(words.behind, words.behind_count, &g->behind, err);
    if (status == STATUS_OK)
        status = keep_abbreviations(g, &abbreviations, err);
out:
    free(keys);
    free(words.whole);
    free(words.behind);
    free(names.items);
    free(abbreviations.items);
    return status;
}
