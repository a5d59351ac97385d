/*
 * Each name is judged twice. A first pass over all of them collects persons and what is beyond
 * doubt; the walk then asks for one name at a time, with the token before it, how well each
 * reading fits.
 */
#include "study/names.h"

#include "study/text.h"

size_t names_readings(const struct draft *draft, const struct mention *mention,
                      const struct place **places)
{
    return gazetteer_places(draft->gazetteer, mention->name, draft->day, places,
                            GAZETTEER_PLACES_MAX);
}

/* ---- names that leave no doubt ---- */

static void see_city(struct draft *draft, const struct city *city)
{
    for (size_t i = 0; i < draft->seen_count; i++)
        if (draft->seen[i] == city)
            return;
    if (draft->seen_count < NAMES_SEEN_MAX)
        draft->seen[draft->seen_count++] = city;
}

static void see_province(struct draft *draft, struct slice province)
{
    if (draft->province_count < NAMES_SEEN_MAX)
        draft->provinces[draft->province_count++] = province;
}

/* Does the text before a name end in an office (书记, 院长)? */
static bool ends_in_office(struct slice before)
{
    static const char *const offices[] = {"主任", "书记", "主席", "市长", "县长", "区长", "局长",
                                          "部长", "院长", "馆长", "校长", "处长", "会长", "队长",
                                          "行长", "所长", "书长", "站长", "厅长", "组长", "科长",
                                          "委员", "视员", "研员", "主委", "责人", "记者", "讯员"};

    for (size_t i = 0; i < sizeof offices / sizeof offices[0]; i++)
        if (slice_ends(before, slice_from(offices[i])))
            return true;
    return false;
}

/* 院长宁波, 副主任汪明光, 部|长白|伟: an office before a short name, one character before it, or cut by
 * it. The character between must not be a word of its own (委员赴黄山). */
static bool is_person(const struct draft *draft, const struct mention *mention)
{
    struct slice text = draft->reading->text;
    struct slice before = slice_sub(text, 0, mention->offset);
    size_t behind = mention->offset;
    enum cue cue = CUE_NONE;
    uint32_t point = 0;

    if (mention->form == NAME_FULL)
        return false;
    if (ends_in_office(before))
        return true;
    /* U+957F is 长, the last character of most offices: in 部长白伟 the scanner has found 长白. */
    if (text_next(text, &behind, &point) && point == 0x957F &&
        ends_in_office(slice_sub(text, 0, behind)))
        return true;
    if (!text_previous(text, &before.size, &point) || !text_is_han(point) ||
        cue_at(draft->cues, text, before.size, &cue) > 0)
        return false;
    return ends_in_office(before);
}

/* A name once seen as a person's is one throughout: 程永康在无锡考察 of 主委程永康. */
static void see_persons(struct draft *draft)
{
    for (size_t i = 0; i < draft->mention_count; i++) {
        const struct mention *mention = &draft->mentions[i];

        if (draft->person_count < NAMES_PERSONS_MAX && is_person(draft, mention))
            draft->persons[draft->person_count++] = mention->name;
    }
}

static bool names_person(const struct draft *draft, const struct mention *mention)
{
    if (mention->form == NAME_FULL)
        return false;
    for (size_t i = 0; i < draft->person_count; i++)
        if (draft->persons[i] == mention->name)
            return true;
    return false;
}

/* First pass: single readings, whose cities and provinces help with the rest. */
static void see_certain(struct draft *draft)
{
    const struct place *places[GAZETTEER_PLACES_MAX];

    for (size_t i = 0; i < draft->mention_count; i++) {
        const struct mention *mention = &draft->mentions[i];
        size_t count = names_readings(draft, mention, places);

        if (count == 0 || (mention->common_word && mention->form != NAME_FULL) ||
            names_person(draft, mention))
            continue;
        /* A short name of a county is too often part of a word to confirm others. */
        if (places[0]->level >= PLACE_COUNTY && mention->form != NAME_FULL)
            continue;
        if (places[0]->level == PLACE_PROVINCE)
            see_province(draft, places[0]->short_name);
        if (count == 1 && places[0]->city != NULL)
            see_city(draft, places[0]->city);
    }
}

bool names_seen(const struct draft *draft, const struct city *city)
{
    for (size_t i = 0; i < draft->seen_count; i++)
        if (draft->seen[i] == city)
            return true;
    return false;
}

static bool province_seen(const struct draft *draft, struct slice province)
{
    for (size_t i = 0; i < draft->province_count; i++)
        if (slice_equal(draft->provinces[i], province))
            return true;
    return false;
}

/* ---- one name in its place ---- */

/* How well a reading fits; 0 not at all. `before` is the place directly in front, or NULL. */
static int fit_of(const struct draft *draft, const struct place *place, const struct token *before)
{
    const struct reading *reading = draft->reading;

    if (before != NULL && before->place != NULL) {
        if (before->place->level == PLACE_PROVINCE)
            return slice_equal(place->province, before->place->short_name) ? 9 : 0;
        if (place->city != NULL && place->city == before->city)
            return 10;
    }
    if (place->city != NULL && place->city == reading->site)
        return 7;
    if (place->city != NULL && names_seen(draft, place->city))
        return 6;
    if (place->level == PLACE_PROVINCE)
        return 5;
    if (place->level == PLACE_CITY)
        return 4;
    return province_seen(draft, place->province) ? 3 : 1;
}

/* The reading that fits best; NULL if two fit equally well (several counties). */
const struct place *names_best(const struct draft *draft, const struct mention *mention,
                               const struct token *before, int *fit)
{
    const struct place *places[GAZETTEER_PLACES_MAX];
    size_t count = names_readings(draft, mention, places);
    const struct place *best = NULL;
    bool tie = false;

    *fit = 0;
    for (size_t i = 0; i < count; i++) {
        int found = fit_of(draft, places[i], before);

        /* Two readings in one city leave no doubt about the city, which is all that counts. */
        tie = found == *fit ? best != NULL && places[i]->city != best->city
                            : (found > *fit ? false : tie);
        if (found > *fit) {
            *fit = found;
            best = places[i];
        }
    }
    return tie ? NULL : best;
}

/* A word such as 和平, 市区 or 高新区 is a place only where its city stands before it. */
static bool needs_parent(const struct draft *draft, const struct mention *mention)
{
    static const char *const kinds[] = {"高新区", "经开区", "开发区"};
    struct slice name = slice_sub(draft->reading->text, mention->offset, mention->size);
    bool two = name.size == 2 * SLICE("市").size;

    if (mention->common_word && mention->form != NAME_FULL)
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (slice_equal(name, slice_from(kinds[i])))
            return true;
    return two && (slice_ends(name, SLICE("区")) || slice_ends(name, SLICE("市")));
}

/* Characters after which a name begins anew: 上午|长兴, 由|宁国. */
static bool opens_name(uint32_t point)
{
    static const char *const openers =
        "日午讯前由将率的省与同经请应问及晚近随带领赴到来在往访从自让为";
    struct slice text = slice_from(openers);
    size_t at = 0;
    uint32_t opener = 0;

    if (!text_is_han(point))
        return true;
    while (text_next(text, &at, &opener))
        if (opener == point)
            return true;
    return false;
}

/* The token that ends where the name begins, NULL if none does. */
static const struct token *token_before(const struct draft *draft, size_t offset)
{
    const struct reading *reading = draft->reading;
    const struct token *last = reading->count > 0 ? &draft->tokens[reading->count - 1] : NULL;

    return last != NULL && last->offset + last->size == offset ? last : NULL;
}

/* Does the short name of a county stand where a name can begin? 电商水平 names no 商水, and 无锡马山 no
 * 马山 of another city. */
static bool begins_name(const struct draft *draft, size_t offset)
{
    const struct token *last = token_before(draft, offset);
    size_t at = offset;
    uint32_t point = 0;

    if (last != NULL)
        return last->place == NULL || last->place->level != PLACE_CITY;
    return !text_previous(draft->reading->text, &at, &point) || opens_name(point);
}

/* Is the name a place here, read as `place` with that fit? */
bool names_place(const struct draft *draft, const struct mention *mention,
                 const struct place *place, int fit)
{
    const struct token *last = token_before(draft, mention->offset);
    bool behind_place = last != NULL && last->kind == TOKEN_PLACE;

    /* Right behind 赴 or 到: a prefecture (赴朝阳), or the publisher's own district (到西湖景区). */
    if (needs_parent(draft, mention) && fit < 9 &&
        (last == NULL || last->kind != TOKEN_CUE ||
         (fit < 7 && (place == NULL || place->level != PLACE_CITY))))
        return false;
    if (!behind_place && names_person(draft, mention))
        return false;
    return place == NULL || place->level < PLACE_COUNTY || mention->form == NAME_FULL || fit >= 6 ||
           begins_name(draft, mention->offset);
}

void names_prepare(struct draft *draft)
{
    see_persons(draft);
    see_certain(draft);
}
