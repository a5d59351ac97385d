/*
 * named_read lists the cities that a text names, named_find leads from a name to the one of them
 * that it can mean, and named_scene to the sentence that tells of two of them. All three go by the
 * tokens of the rules, so an answer never means another city by a word than the rules do.
 */
#include "extractor/named.h"

/* ---- names ---- */

/* The cities that the name of a place can mean on that day: 鼓楼区 four of them. */
static size_t cities_of_name(const struct named *named, struct slice name,
                             const struct city *cities[GAZETTEER_PLACES_MAX])
{
    uint32_t number = 0;

    if (!gazetteer_find_name(named->gazetteer, name, &number))
        return 0;
    return gazetteer_cities(named->gazetteer, number, named->day, cities, GAZETTEER_PLACES_MAX);
}

static struct slice token_text(const struct reading *reading, const struct token *token)
{
    return slice_sub(reading->text, token->offset, token->size);
}

/* The city that the rules read this token as; NULL for cues and for what they left open. */
static const struct city *city_of_token(const struct token *token)
{
    return token->kind == TOKEN_PLACE || token->cue == CUE_OWN ? token->city : NULL;
}

static const struct named_city *find_city(const struct named *named, const struct city *city)
{
    for (size_t i = 0; i < named->count; i++)
        if (named->cities[i].city == city)
            return &named->cities[i];
    return NULL;
}

void named_read(const struct gazetteer *gazetteer, const struct reading *reading, int32_t day,
                struct named *named)
{
    *named = (struct named){.gazetteer = gazetteer, .reading = reading, .day = day};
    for (size_t i = 0; i < reading->count && named->count < NAMED_MAX; i++) {
        const struct city *city = city_of_token(&reading->tokens[i]);

        if (city != NULL && find_city(named, city) == NULL)
            named->cities[named->count++] = (struct named_city){city, &reading->tokens[i]};
    }
}

/* ---- what a name means ---- */

static bool lies_in(const struct named *named, const struct city *city,
                    const struct mention *mention)
{
    const struct place *places[GAZETTEER_PLACES_MAX];
    size_t count =
        gazetteer_places(named->gazetteer, mention->name, named->day, places, GAZETTEER_PLACES_MAX);

    for (size_t i = 0; i < count; i++)
        if (places[i]->city == city || (places[i]->level == PLACE_PROVINCE &&
                                        slice_equal(places[i]->short_name, city->province)))
            return true;
    return false;
}

/* Names side by side that fill the whole text, each within the one before it (江苏省|苏州市|昆山市). */
static size_t cities_of_names(const struct named *named, struct slice text,
                              const struct city *cities[GAZETTEER_PLACES_MAX])
{
    struct mention mentions[GAZETTEER_PLACES_MAX];
    size_t count = gazetteer_scan(named->gazetteer, text, mentions, GAZETTEER_PLACES_MAX);
    size_t found;
    size_t kept = 0;
    size_t end = 0;

    for (size_t i = 0; i < count && mentions[i].offset == end; i++)
        end += mentions[i].size;
    /* A gap is a word that is no place: the whole is then no name of one. */
    if (count == 0 || end != text.size)
        return 0;
    found = gazetteer_cities(named->gazetteer, mentions[count - 1].name, named->day, cities,
                             GAZETTEER_PLACES_MAX);
    for (size_t i = 0; i < found; i++) {
        bool inside = true;

        for (size_t k = 0; k + 1 < count; k++)
            inside = inside && lies_in(named, cities[i], &mentions[k]);
        if (inside)
            cities[kept++] = cities[i];
    }
    return kept;
}

/* The text's own word (我市, 来绍's 绍) means there what the rules read it as. */
static const struct city *city_of_word(const struct named *named, struct slice word)
{
    const struct reading *reading = named->reading;
    const struct city *city = NULL;

    for (size_t i = 0; i < reading->count && city == NULL; i++)
        if (slice_equal(token_text(reading, &reading->tokens[i]), word))
            city = city_of_token(&reading->tokens[i]);
    return city;
}

/* The text's own use first: a name may have several cities, but the rules chose one there. */
static size_t meanings(const struct named *named, struct slice name,
                       const struct city *cities[GAZETTEER_PLACES_MAX])
{
    size_t count;

    cities[0] = city_of_word(named, name);
    if (cities[0] != NULL)
        return 1;
    count = cities_of_name(named, name, cities);
    return count == 0 ? cities_of_names(named, name, cities) : count;
}

/* A name of several cities is fine as long as the text speaks of one of them alone. */
const struct named_city *named_find(const struct named *named, struct slice name)
{
    const struct city *cities[GAZETTEER_PLACES_MAX];
    size_t count = meanings(named, name, cities);
    const struct named_city *found = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct named_city *city = find_city(named, cities[i]);

        if (city != NULL && found != NULL) /* two could be meant: choosing would be a guess */
            return NULL;
        if (city != NULL)
            found = city;
    }
    return found;
}

/* ---- parties ---- */

struct party named_party(const struct named_city *found)
{
    const struct token *token = found->token;

    return (struct party){.city = found->city,
                          .place = token->place,
                          .own = token->kind == TOKEN_CUE,
                          .offset = token->offset,
                          .size = token->size};
}

/* ---- the sentence ---- */

/* Does the token speak of this party? */
static bool tells(const struct token *token, const struct party *party)
{
    if (token->offset == party->offset && token->size == party->size)
        return true;
    return token->city == party->city && (token->kind == TOKEN_PLACE || token->cue == CUE_OWN);
}

/* The tokens [first, last) of one sentence, and where it stands. */
struct sentence {
    bool started;
    size_t first;
    size_t last;
    size_t begin;
    size_t end;
};

/* From one sentence to the next; false behind the last. Starts with zeros. */
static bool next_sentence(const struct reading *reading, struct sentence *sentence)
{
    if (sentence->started && sentence->last >= reading->count)
        return false;
    if (sentence->started) {
        const struct token *stop = &reading->tokens[sentence->last];

        /* The stop itself belongs to neither. */
        sentence->first = sentence->last + 1;
        sentence->begin = stop->offset + stop->size;
    }
    sentence->started = true;
    sentence->last = sentence->first;
    while (sentence->last < reading->count && reading->tokens[sentence->last].cue != CUE_STOP)
        sentence->last++;
    sentence->end = reading->text.size;
    if (sentence->last < reading->count)
        sentence->end = reading->tokens[sentence->last].offset;
    return true;
}

static unsigned tells_of(const struct reading *reading, const struct sentence *sentence,
                         const struct party *party)
{
    for (size_t i = sentence->first; i < sentence->last; i++)
        if (tells(&reading->tokens[i], party))
            return 1;
    return 0;
}

/* A sentence of the body tells more than a title with as many of the parties. */
static bool tells_more(const struct reading *reading, unsigned parties,
                       const struct sentence *sentence, unsigned most, const struct scene *best)
{
    if (parties != most)
        return parties > most;
    return parties > 0 && best->begin <= reading->title_size &&
           sentence->begin > reading->title_size;
}

struct scene named_scene(const struct reading *reading, const struct party *origin,
                         const struct party *host)
{
    struct sentence sentence = {.started = false};
    /* If no sentence tells of either it stays the whole text. */
    struct scene scene = {.moves = true, .end = reading->text.size};
    unsigned most = 0;

    scene.origins[scene.origin_count++] = *origin;
    scene.hosts[scene.host_count++] = *host;
    while (next_sentence(reading, &sentence)) {
        unsigned parties =
            tells_of(reading, &sentence, origin) + tells_of(reading, &sentence, host);

        if (!tells_more(reading, parties, &sentence, most, &scene))
            continue;
        most = parties;
        scene.begin = sentence.begin;
        scene.end = sentence.end;
        scene.tokens = sentence.last - sentence.first;
    }
    return scene;
}
