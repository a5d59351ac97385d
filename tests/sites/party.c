#include "tests/sites/party.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 512 };

struct slice text_of(struct arena *arena, const char *format, ...)
{
    char text[TEXT_MAX];
    struct slice copy;
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    copy = arena_copy(arena, slice_from(text));
    return copy.data == NULL ? SLICE("") : copy;
}

/* 市, 县 or 区: what ~ stands for. */
static struct slice rank(const struct party *party)
{
    return party->county.size == 0 ? SLICE("市") : places_suffix(party->county);
}

/* The pattern with every ~ replaced. A county of one character keeps its 县 in the stem: 泾县教育局, but
 * 泾县县委. */
static struct slice with_rank(const struct party *party, struct slice pattern, struct arena *arena)
{
    char text[TEXT_MAX];
    struct slice word = rank(party);
    size_t used = 0;

    if (party->department != NULL && party->county.size > 0 &&
        slice_equal(places_stem(party->county), party->county) &&
        !slice_starts(pattern, SLICE("~委")))
        pattern = slice_sub(pattern, 1, pattern.size);

    for (size_t i = 0; i < pattern.size && used + word.size < sizeof text; i++) {
        if (pattern.data[i] == '~') {
            memcpy(text + used, word.data, word.size);
            used += word.size;
        } else {
            text[used++] = pattern.data[i];
        }
    }
    return text_of(arena, "%.*s", (int) used, text);
}

/* Its name in the year of the visit. */
static struct slice department_name(const struct party *party, struct arena *arena)
{
    const struct department *department = party->department;
    bool before = party->year < department->year && !slice_equal(department->before, SLICE("-"));

    return with_rank(party, before ? department->before : department->after, arena);
}

struct slice party_short(const struct party *party)
{
    return party->county.size == 0 ? party->city->name : places_stem(party->county);
}

struct slice party_place(const struct party *party, bool province, struct arena *arena)
{
    bool municipality = slice_equal(party->city->province, party->city->name);

    return text_of(arena, "%.*s%s%.*s市%.*s",
                   province && !municipality ? (int) party->city->province.size : 0,
                   party->city->province.data, province && !municipality ? "省" : "",
                   SLICE_ARG(party->city->name), (int) party->county.size,
                   party->county.size == 0 ? "" : party->county.data);
}

/* What stands before 市委书记 or 县教育局 abroad: 六安, 六安市金寨. */
static struct slice stem_abroad(const struct party *party, struct arena *arena)
{
    if (party->county.size == 0)
        return party->city->name;
    return text_of(arena, "%.*s市%.*s", SLICE_ARG(party->city->name),
                   SLICE_ARG(places_stem(party->county)));
}

/* Nothing for the city itself, the county's stem for a county. */
static struct slice stem_home(const struct party *party)
{
    return party->county.size == 0 ? SLICE("") : places_stem(party->county);
}

struct slice party_organ(const struct party *party, struct slice pattern, struct arena *arena)
{
    return text_of(arena, "%.*s%.*s", SLICE_ARG(stem_home(party)),
                   SLICE_ARG(with_rank(party, pattern, arena)));
}

struct slice party_office_home(const struct party *party, struct arena *arena)
{
    if (party->department == NULL)
        return party->county.size == 0 ? SLICE("市") : party->county;
    return text_of(arena, "%.*s%.*s", SLICE_ARG(stem_home(party)),
                   SLICE_ARG(department_name(party, arena)));
}

struct slice party_office_abroad(const struct party *party, struct arena *arena)
{
    if (party->department == NULL)
        return party_place(party, false, arena);
    return text_of(arena, "%.*s%.*s", SLICE_ARG(stem_abroad(party, arena)),
                   SLICE_ARG(department_name(party, arena)));
}

/* 市委书记王某、市长李某 behind `front`. */
static struct slice leaders(const struct party *party, struct slice front, struct arena *arena)
{
    struct slice title = with_rank(party, slice_from(party->office.title), arena);
    bool two = party->second[0] != '\0';

    return text_of(arena, "%.*s%.*s%s%s%.*s%s%s", SLICE_ARG(front), SLICE_ARG(title), party->person,
                   two ? "、" : "", two ? (int) rank(party).size : 0, rank(party).data,
                   two ? "长" : "", party->second);
}

struct slice party_leaders_home(const struct party *party, struct arena *arena)
{
    if (party->department != NULL)
        return text_of(arena, "%.*s%.*s%s", SLICE_ARG(party_office_home(party, arena)),
                       SLICE_ARG(party->head), party->person);
    if (party->county.size == 0)
        return leaders(party, SLICE(""), arena);
    return leaders(party, party->office.full ? party->county : places_stem(party->county), arena);
}

struct slice party_leaders_abroad(const struct party *party, struct arena *arena)
{
    if (party->department != NULL)
        return text_of(arena, "%.*s%.*s%s", SLICE_ARG(party_office_abroad(party, arena)),
                       SLICE_ARG(party->head), party->person);
    if (party->office.full)
        return leaders(party, party_place(party, false, arena), arena);
    return leaders(party, stem_abroad(party, arena), arena);
}

/* What a body sends on its way. */
static const char *group(const struct party *party)
{
    static const char *const groups[] = {"党政代表团", "人大常委会考察组", "政协考察组"};

    return groups[party->office.body];
}

struct slice party_delegation_home(const struct party *party, struct arena *arena)
{
    if (party->department != NULL)
        return party_office_home(party, arena);
    return text_of(arena, "%.*s%s", SLICE_ARG(party_office_home(party, arena)), group(party));
}

struct slice party_delegation_abroad(const struct party *party, struct arena *arena)
{
    if (party->department != NULL)
        return party_office_abroad(party, arena);
    return text_of(arena, "%.*s%s", SLICE_ARG(party_place(party, false, arena)), group(party));
}
