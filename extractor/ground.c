/*
 * Text and answer are brought into one form, so that a blank or a full-width digit makes no
 * difference. Then the cities are looked up among those that the rules read, and after them the
 * organs, since an organ is held against the one city of its side; the day stands by itself.
 */
#include "extractor/ground.h"

#include "study/prompt_text.h"
#include "study/text.h"

#include <string.h>

/* One answer on its way into the text. */
struct grounding {
    const struct ground_input *input;
    struct slice text; /* of the document, cleaned */
    struct party origins[CLAUSE_PARTIES_MAX];
    size_t origin_count;
    struct party hosts[CLAUSE_PARTIES_MAX];
    size_t host_count;
    unsigned *dropped; /* values left out, by field: the caller's metrics */
};

const char *ground_field_text(enum ground_field field)
{
    static const char *const texts[] = {
#define X(name, text) text,
        GROUND_FIELD_TABLE(X)
#undef X
    };

    return texts[field];
}

/* As the model was shown it, and as it may write it: invisible characters gone, full-width letters
 * and digits narrow, no blanks. */
static enum status clean(struct slice text, struct arena *arena, struct slice *cleaned,
                         struct error *err)
{
    /* Blanks that are put in make a text longer, but never so much. */
    size_t limit = text.size * 4 + 1;
    struct slice kept = {NULL, 0};
    struct buf shown;
    struct buf folded;
    enum status status;

    buf_init(&shown, limit);
    buf_init(&folded, limit);
    (void) prompt_text_put(text, SIZE_MAX, &shown);
    text_normalise(buf_slice(&shown), &folded);
    status = buf_status(&shown, err);
    if (status == STATUS_OK)
        status = buf_status(&folded, err);
    if (status == STATUS_OK) {
        char *data = folded.data;
        size_t size = 0;

        for (size_t i = 0; i < folded.size; i++)
            if (data[i] != ' ')
                data[size++] = data[i];
        kept = arena_copy(arena, slice_of(data, size));
        if (kept.data == NULL)
            status = error_set(err, STATUS_NOMEM, "out of memory");
    }
    buf_fini(&shown);
    buf_fini(&folded);
    if (status == STATUS_OK)
        *cleaned = kept;
    return status;
}

/* Cuts the part before the next 、 or comma off *rest; false when nothing is left. */
static bool next_part(struct slice *rest, struct slice *part)
{
    static const char *const joints[] = {"、", ",", "，", ";", "；", "/"};

    do {
        size_t at = rest->size;
        size_t size = 0;

        for (size_t i = 0; i < sizeof joints / sizeof joints[0]; i++) {
            size_t found = slice_find(*rest, slice_from(joints[i]));

            if (found >= at)
                continue;
            at = found;
            size = strlen(joints[i]);
        }
        *part = slice_sub(*rest, 0, at);
        *rest = slice_sub(*rest, at + size, rest->size);
    } while (part->size == 0 && rest->size > 0);
    return part->size > 0;
}

/* ---- cities ---- */

static bool has_city(const struct party *parties, size_t count, const struct city *city)
{
    for (size_t i = 0; i < count; i++)
        if (parties[i].city == city)
            return true;
    return false;
}

/* Where a side of the journey is gathered, and the field its next value comes from. */
struct side {
    struct party *parties;
    size_t *count;
    enum ground_field field;
};

static void ground_cities(struct grounding *grounding, const struct side *side, struct slice value)
{
    const struct named *named = grounding->input->named;
    bool host = side->field == GROUND_HOST_CITY;
    struct slice part;

    while (next_part(&value, &part)) {
        const struct named_city *found = named_find(named, part);

        if (found == NULL || *side->count == CLAUSE_PARTIES_MAX ||
            (host && has_city(grounding->origins, grounding->origin_count, found->city)))
            grounding->dropped[side->field]++;
        else if (!has_city(side->parties, *side->count, found->city))
            side->parties[(*side->count)++] = named_party(found);
    }
}

/* Everyone from everywhere: an answer tells two lists, not who of one went to whom of the other. */
static void put_legs(const struct grounding *grounding, struct told *told)
{
    for (size_t i = 0; i < grounding->origin_count; i++)
        for (size_t k = 0; k < grounding->host_count && told->leg_count < TRIP_LEGS_MAX; k++)
            told->legs[told->leg_count++] =
                (struct leg){grounding->origins[i], grounding->hosts[k]};
}

/* ---- organs ---- */

static const char *const own_marks[] = {"我", "本", "该"};
static const char *const organ_ends[] = {
    "局",     "委",     "办",     "部",     "院",     "处",   "署",   "所",   "站",
    "馆",     "队",     "室",     "中心",   "政府",   "政协", "人大", "工会", "党校",
    "委员会", "常委会", "管委会", "联合会", "开发区", "园区", "街道"};
/* Words of sentences, which no organ's name has. */
static const char *const no_organ[] = {"的", "了", "请", "是", "在", "把", "被", "将", "赴",
                                       "率", "来", "我", "你", "您", "他", "并", "与", "到"};

static bool ends_like_organ(struct slice name)
{
    for (size_t i = 0; i < sizeof organ_ends / sizeof organ_ends[0]; i++)
        if (slice_ends(name, slice_from(organ_ends[i])))
            return true;
    return false;
}

/* For names that no table knows: strict, as a page may have told the model to answer a sentence,
 * and the name stands in the outputs as it is. */
static bool is_organ(struct slice name)
{
    uint32_t point = 0;

    if (text_length(name) < 2 || text_length(name) > GROUND_ORGAN_MAX || !ends_like_organ(name))
        return false;
    for (size_t at = 0; text_next(name, &at, &point);)
        if (!text_is_han(point))
            return false;
    for (size_t i = 0; i < sizeof no_organ / sizeof no_organ[0]; i++)
        if (slice_contains(name, slice_from(no_organ[i])))
            return false;
    return true;
}

/* 我市信访局 is 市信访局. */
static struct slice without_own(struct slice name)
{
    for (size_t i = 0; i < sizeof own_marks / sizeof own_marks[0]; i++)
        if (slice_starts(name, slice_from(own_marks[i])))
            return slice_sub(name, strlen(own_marks[i]), name.size);
    return name;
}

/* The organ of one side: which place stands before it, and what is left. */
struct organ {
    struct slice name;
    struct slice county; /* full name of the county that it belongs to; empty: the prefecture's */
    bool placed;         /* a place of that city stood before it */
};

/* A name of the party's city, or of a county in it; NULL if it is one of somewhere else. */
static const struct place *place_of(const struct grounding *grounding,
                                    const struct mention *mention, const struct party *party)
{
    const struct named *named = grounding->input->named;
    const struct place *places[GAZETTEER_PLACES_MAX];
    size_t count =
        gazetteer_places(named->gazetteer, mention->name, named->day, places, GAZETTEER_PLACES_MAX);

    for (size_t i = 0; i < count; i++)
        if (places[i]->city == party->city)
            return places[i];
    return NULL;
}

/* Takes the names in front off (江苏省|苏州市|昆山市). false: it belongs to another city. */
static bool take_places(const struct grounding *grounding, const struct party *party,
                        struct organ *organ)
{
    struct mention mentions[GAZETTEER_PLACES_MAX];
    const struct named *named = grounding->input->named;
    size_t count = gazetteer_scan(named->gazetteer, organ->name, mentions, GAZETTEER_PLACES_MAX);
    struct slice name = organ->name;
    size_t end = 0;

    for (size_t i = 0; i < count && mentions[i].offset == end; i++) {
        const struct place *place = place_of(grounding, &mentions[i], party);
        size_t next = end + mentions[i].size;

        /* 高新区管委会: an ordinary word, or an organ that is nothing but the place. */
        if (next == name.size || (place == NULL && mentions[i].common_word))
            break;
        if (place == NULL)
            return false;
        end = next;
        organ->placed = true;
        if (place->level >= PLACE_COUNTY)
            organ->county = place->name;
    }
    organ->name = slice_sub(name, end, name.size);
    return true;
}

static enum status put_organ(const struct grounding *grounding, const struct organ *organ,
                             struct slice *department, struct error *err)
{
    struct slice canonical =
        departments_known(grounding->input->extractor->departments, organ->name);
    struct slice name = canonical.data == NULL ? organ->name : canonical;
    struct buf out;
    enum status status;

    buf_init(&out, GROUND_VALUE_MAX);
    /* 苏州市|信访局: the place took its 市 along, and outputs write organs of a city with it. */
    if (canonical.data == NULL && organ->placed && organ->county.size == 0 &&
        !slice_starts(name, SLICE("市")))
        buf_puts(&out, "市");
    departments_put(&out, name, organ->county);
    status = buf_status(&out, err);
    if (status == STATUS_OK)
        *department = arena_copy(grounding->input->arena, buf_slice(&out));
    buf_fini(&out);
    if (status == STATUS_OK && department->data == NULL)
        status = error_set(err, STATUS_NOMEM, "out of memory");
    return status;
}

/* The places come off first: what is answered as 苏州市信访局 may be 我市信访局 in the text. */
static bool find_organ(const struct grounding *grounding, const struct party *party,
                       struct slice value, struct organ *organ)
{
    struct slice part = {NULL, 0};
    bool known = false;

    (void) next_part(&value, &part);
    *organ = (struct organ){.name = without_own(part)};
    if (party->place != NULL && party->place->level >= PLACE_COUNTY)
        organ->county = party->place->name;
    if (!take_places(grounding, party, organ) || organ->name.size == 0 ||
        !slice_contains(grounding->text, organ->name))
        return false;
    known = departments_known(grounding->input->extractor->departments, organ->name).data != NULL;
    return known || is_organ(organ->name);
}

static enum status ground_organ(struct grounding *grounding, const struct side *side,
                                struct slice value, struct slice *department, struct error *err)
{
    struct organ organ;

    if (value.size == 0)
        return STATUS_OK;
    /* Of a side with several cities nobody could say whose organ it is. */
    if (*side->count != 1 || !find_organ(grounding, side->parties, value, &organ)) {
        grounding->dropped[side->field]++;
        return STATUS_OK;
    }
    return put_organ(grounding, &organ, department, err);
}

/* ---- the day ---- */

static const struct date_mention *first_day(const struct date_mention *mentions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mentions[i].precision == DATE_PRECISION_DAY)
            return &mentions[i];
    return NULL;
}

/* By its value, not its letters: 2023-05-08 is a good answer where the text has 5月8日. */
static bool writes_day(struct slice text, int32_t published, int32_t day)
{
    struct date_mention mentions[DATES_MAX];
    size_t count = dates_find(text, published, mentions, DATES_MAX);

    for (size_t i = 0; i < count; i++)
        if (mentions[i].precision == DATE_PRECISION_DAY && mentions[i].first == day)
            return true;
    return false;
}

/* Days without a year are resolved alike in both, from one day of publication. */
static void ground_day(struct grounding *grounding, struct slice value, struct told *told)
{
    struct date_mention mentions[DATES_MAX];
    const struct source_text *source = grounding->input->source;
    int32_t published = source->day == CIVIL_NONE ? url_day(source->url) : source->day;
    size_t count = dates_find(value, published, mentions, DATES_MAX);
    const struct date_mention *day = first_day(mentions, count);
    /* 日前 or a month is no day, but no invention either if the text has it. */
    bool vague = count > 0 && day == NULL && slice_contains(grounding->text, value);

    if (day != NULL && writes_day(grounding->input->named->reading->text, published, day->first))
        told->day = day->first;
    else if (value.size > 0 && !vague)
        grounding->dropped[GROUND_DATE]++;
}

/* ---- the answer ---- */

static enum status clean_values(const struct ground_input *input, struct grounding *grounding,
                                struct slice values[GROUND_FIELDS], struct error *err)
{
    enum status status = clean(input->named->reading->text, input->arena, &grounding->text, err);

    for (size_t i = 0; i < GROUND_FIELDS && status == STATUS_OK; i++) {
        if (input->answered[i].size > GROUND_VALUE_MAX)
            grounding->dropped[i]++;
        else
            status = clean(input->answered[i], input->arena, &values[i], err);
    }
    return status;
}

enum status ground_answer(const struct ground_input *input, struct told *told,
                          unsigned dropped[GROUND_FIELDS], struct error *err)
{
    struct grounding grounding = {.input = input, .dropped = dropped};
    struct side origin = {grounding.origins, &grounding.origin_count, GROUND_ORIGIN_CITY};
    struct side host = {grounding.hosts, &grounding.host_count, GROUND_HOST_CITY};
    struct slice values[GROUND_FIELDS] = {{NULL, 0}};
    struct told found = {.day = CIVIL_NONE};
    enum status status;

    memset(dropped, 0, GROUND_FIELDS * sizeof dropped[0]);
    status = clean_values(input, &grounding, values, err);
    if (status != STATUS_OK)
        return status;
    ground_cities(&grounding, &origin, values[GROUND_ORIGIN_CITY]);
    ground_cities(&grounding, &host, values[GROUND_HOST_CITY]);
    put_legs(&grounding, &found);
    /* The sides have their cities now; from here on their values are organs. */
    origin.field = GROUND_ORIGIN_DEPT;
    host.field = GROUND_HOST_DEPT;
    status = ground_organ(&grounding, &origin, values[GROUND_ORIGIN_DEPT], &found.origin_dept, err);
    if (status == STATUS_OK)
        status = ground_organ(&grounding, &host, values[GROUND_HOST_DEPT], &found.host_dept, err);
    ground_day(&grounding, values[GROUND_DATE], &found);
    if (status == STATUS_OK)
        *told = found;
    return status;
}
