#include "study/clause.h"

#include <string.h>

/* Distances in bytes between words that belong together; a Chinese character has three. */
enum {
    GAP_FIRST = 24,  /* verb … first place */
    GAP_LISTED = 45, /* place … 、place */
    GAP_OBJECT = 3,  /* 考察 … place */
    GAP_SUFFIX = 3,  /* place … 日报 */
    GAP_GUEST = 90,  /* 会见 … the guests' place */
    GAP_AT = 30,     /* 在 place … 考察 */
    LABEL_MAX = 45
};

/* The verbs of a sentence are read from left to right; each takes the places it governs and marks
 * them. */
struct walk {
    const struct reading *reading;
    const struct token *tokens;
    size_t first;
    size_t last;
    struct scene *scene;
    bool used[READING_TOKENS_MAX]; /* places that are hosts already */
};

static size_t token_end(const struct token *token)
{
    return token->offset + token->size;
}

static bool is_cue(const struct token *token, enum cue cue)
{
    return token->kind == TOKEN_CUE && token->cue == cue;
}

/* A place or 我市. */
static bool is_party(const struct token *token)
{
    return token->kind == TOKEN_PLACE || token->cue == CUE_OWN;
}

static struct party party_of(const struct token *token)
{
    return (struct party){.city = token->city,
                          .place = token->place,
                          .own = token->kind == TOKEN_CUE,
                          .offset = token->offset,
                          .size = token->size};
}

static struct party own_party(const struct walk *walk)
{
    return (struct party){.city = walk->reading->site, .own = true};
}

/* Two mentions of one county, or own twice, are one party; an unknown city is never merged. */
static void add_party(struct party *parties, size_t *count, struct party party)
{
    for (size_t i = 0; i < *count; i++)
        if (parties[i].place == party.place && parties[i].city == party.city &&
            parties[i].own == party.own)
            return;
    if (*count < CLAUSE_PARTIES_MAX)
        parties[(*count)++] = party;
}

static void add_host(struct walk *walk, struct party party)
{
    walk->scene->moves = true;
    if (party.city == NULL && !party.own)
        walk->scene->wide = true; /* 赴江苏考察: the cities follow */
    else
        add_party(walk->scene->hosts, &walk->scene->host_count, party);
}

/* ---- travellers ---- */

/* 【湖北】 or 武进区: at the start of a title says where the news is from. */
static bool is_label(const struct walk *walk, const struct token *token)
{
    struct slice text = walk->reading->text;
    struct slice rest = slice_sub(text, token_end(token), LABEL_MAX);
    size_t closing = slice_find(rest, SLICE("】"));

    if (slice_starts(rest, SLICE(":")) || slice_starts(rest, SLICE("：")))
        return true;
    return closing < rest.size && slice_find(rest, SLICE("【")) > closing &&
           slice_find(rest, SLICE("\n")) > closing;
}

/* Is the place at `at` somebody who only invites, escorts or prints? */
static bool is_bystander(const struct walk *walk, size_t at)
{
    const struct token *token = &walk->tokens[at];

    if (is_label(walk, token) ||
        slice_ends(slice_sub(walk->reading->text, 0, token->offset), SLICE("来自")))
        return true;
    if (at > walk->first && is_cue(&walk->tokens[at - 1], CUE_AT) &&
        token_end(&walk->tokens[at - 1]) == token->offset)
        return true;
    for (size_t i = at + 1; i < walk->last; i++) {
        const struct token *next = &walk->tokens[i];

        if (is_cue(next, CUE_MEDIA))
            return next->offset - token_end(token) <= GAP_SUFFIX;
        if (is_cue(next, CUE_INVITE))
            return next->offset - token_end(token) <= GAP_FIRST;
        if (is_party(next) || is_cue(next, CUE_BREAK))
            return false;
    }
    return false;
}

/* 常州、苏州两地: both sides at once say nothing about who travels. */
static bool is_both(const struct walk *walk, size_t at)
{
    for (size_t i = at + 1; i < walk->last; i++) {
        const struct token *next = &walk->tokens[i];

        if (is_cue(next, CUE_BOTH))
            return next->offset - token_end(&walk->tokens[i - 1]) <= GAP_SUFFIX;
        if (!is_party(next) && !is_cue(next, CUE_LIST))
            return false;
    }
    return false;
}

/* The first place before token `verb` that can be a traveller; `verb` if there is none. */
static size_t find_traveller(const struct walk *walk, size_t verb)
{
    for (size_t i = walk->first; i < verb; i++)
        if (is_party(&walk->tokens[i]) && !walk->used[i] && !is_bystander(walk, i) &&
            !is_both(walk, i))
            return i;
    return verb;
}

/* 常州某集团总经理一行: between the place and the verb stands what no city's government sends. */
static bool is_private(const struct walk *walk, size_t at, size_t verb)
{
    for (size_t i = at + 1; i < verb; i++) {
        if (is_cue(&walk->tokens[i], CUE_OTHER))
            return true;
        /* 带领部门和企业负责人: companies that an official takes along. */
        if (is_party(&walk->tokens[i]) || is_cue(&walk->tokens[i], CUE_BREAK) ||
            is_cue(&walk->tokens[i], CUE_LEAD))
            return false;
    }
    return false;
}

/* 市实验小学赴上海: nobody's place is named in the clause, but a school is. */
static bool speaks_private(const struct walk *walk, size_t verb)
{
    for (size_t i = verb; i-- > walk->first;) {
        if (is_cue(&walk->tokens[i], CUE_OTHER))
            return true;
        if (is_cue(&walk->tokens[i], CUE_BREAK) || is_cue(&walk->tokens[i], CUE_LEAD))
            return false;
    }
    return false;
}

/* The traveller and those joined to it by 、 before the verb. */
static void add_travellers(struct walk *walk, size_t at, size_t verb)
{
    struct scene *scene = walk->scene;

    if (is_private(walk, at, verb)) {
        scene->above = true;
        return;
    }
    if (!walk->tokens[at].province)
        add_party(scene->origins, &scene->origin_count, party_of(&walk->tokens[at]));
    for (size_t i = at + 1; i + 1 < verb; i++) {
        const struct token *next = &walk->tokens[i + 1];

        if (is_cue(&walk->tokens[i], CUE_BREAK) || is_cue(&walk->tokens[i], CUE_AT))
            break;
        if (is_cue(&walk->tokens[i], CUE_LIST) && next->kind == TOKEN_PLACE && next->city != NULL &&
            token_end(&walk->tokens[i]) == next->offset && !walk->used[i + 1])
            add_party(scene->origins, &scene->origin_count, party_of(next));
    }
    /* A province's delegation is a city's only where one is named with it. */
    scene->above = scene->origin_count == 0;
}

/* Before a verb of motion: the sentence's traveller, once. */
static void need_travellers(struct walk *walk, size_t verb)
{
    size_t at;

    if (walk->scene->origin_count > 0 || walk->scene->above)
        return;
    at = find_traveller(walk, verb);
    if (at < verb)
        add_travellers(walk, at, verb);
    else
        walk->scene->above = speaks_private(walk, verb);
}

/* ---- destinations ---- */

/* Ends a list of destinations: anything but places, 、 and 等地. */
static bool ends_list(const struct token *token)
{
    return !is_party(token) && !is_cue(token, CUE_LIST) && !is_cue(token, CUE_WIDE) &&
           !is_cue(token, CUE_BOTH);
}

/* 安徽三市(滁州、芜湖): the list goes on within the bracket. */
static bool opens_bracket(const struct walk *walk, const struct token *token)
{
    struct slice text = slice_sub(walk->reading->text, token->offset, token->size);

    return slice_equal(text, SLICE("(")) || slice_equal(text, SLICE("（"));
}

static bool closes_bracket(const struct walk *walk, const struct token *token)
{
    struct slice text = slice_sub(walk->reading->text, token->offset, token->size);

    return slice_equal(text, SLICE(")")) || slice_equal(text, SLICE("）"));
}

/* Places behind the verb; returns how many were taken. */
static size_t take_destinations(struct walk *walk, size_t verb)
{
    size_t end = token_end(&walk->tokens[verb]);
    size_t limit = GAP_FIRST;
    size_t taken = 0;

    for (size_t i = verb + 1; i < walk->last; i++) {
        const struct token *token = &walk->tokens[i];

        if (opens_bracket(walk, token) && walk->scene->wide) {
            limit = GAP_SUFFIX;
            end = token_end(token);
            continue;
        }
        if (ends_list(token) || token->offset - end > (is_party(token) ? limit : GAP_LISTED))
            break;
        if (is_cue(token, CUE_BOTH) && taken > 0)
            continue; /* 温州、绍兴两地及上海 */
        if (is_cue(token, CUE_WIDE)) {
            walk->scene->wide = taken > 0 || walk->scene->wide;
            continue;
        }
        if (is_cue(token, CUE_LIST)) {
            limit = taken > 0 ? GAP_LISTED : GAP_FIRST;
            continue;
        }
        add_host(walk, party_of(token));
        walk->used[i] = true;
        taken++;
        end = token_end(token);
        limit = 0; /* the next one must touch, or a 、 must come between */
    }
    return taken;
}

/* 来访, 来考察: to the speaker although no place is said. */
static bool comes_here(const struct walk *walk, size_t verb)
{
    const struct token *token = &walk->tokens[verb];
    const struct token *next;

    if (verb + 1 >= walk->last)
        return true;
    next = &walk->tokens[verb + 1];
    return next->offset - token_end(token) <= GAP_SUFFIX && !is_party(next) &&
           !is_cue(next, CUE_LIST);
}

/* 此前到金华, 全年组织百人次赴温州: another journey, in the same clause; 拟于下月…赴杭州: none yet, in the
 * same sentence. */
static bool is_elsewhen(const struct walk *walk, size_t verb)
{
    bool same_clause = true;

    for (size_t i = verb; i-- > walk->first;) {
        if (is_cue(&walk->tokens[i], CUE_PLAN) ||
            (same_clause && is_cue(&walk->tokens[i], CUE_PAST)))
            return true;
        if (is_cue(&walk->tokens[i], CUE_BREAK))
            same_clause = false;
    }
    return false;
}

/* 前来考察的云和县代表团: who comes stands behind 的, who is before the verb receives. */
static bool read_guests(struct walk *walk, size_t verb)
{
    for (size_t i = verb + 1; i + 1 < walk->last; i++) {
        const struct token *token = &walk->tokens[i];
        const struct token *guest = &walk->tokens[i + 1];
        size_t host;

        if (is_cue(token, CUE_BREAK) || is_cue(token, CUE_GROUP) || is_cue(token, CUE_LEAD))
            return false;
        if (!is_cue(token, CUE_VISIT) && !is_cue(token, CUE_TALK))
            continue;
        if (guest->kind != TOKEN_PLACE || guest->offset - token_end(token) != SLICE("的").size ||
            guest->city == NULL)
            continue;
        host = find_traveller(walk, verb);
        walk->scene->origin_count = 0;
        add_party(walk->scene->origins, &walk->scene->origin_count, party_of(guest));
        if (host < verb)
            add_host(walk, party_of(&walk->tokens[host]));
        else if (take_destinations(walk, verb) == 0)
            add_host(walk, own_party(walk));
        return true;
    }
    return false;
}

static void read_motion(struct walk *walk, size_t verb)
{
    size_t taken;

    /* Another journey's verb gives neither hosts nor travellers; its places stay free for the next
     * verb. */
    if (is_elsewhen(walk, verb) ||
        (is_cue(&walk->tokens[verb], CUE_COME) && read_guests(walk, verb)))
        return;
    taken = take_destinations(walk, verb);
    if (taken == 0) {
        if (!is_cue(&walk->tokens[verb], CUE_COME) || !comes_here(walk, verb))
            return;
        add_host(walk, own_party(walk));
    }
    need_travellers(walk, verb);
}

/* ---- receptions, stays, visits ---- */

/* HOST 会见 ORIGIN 代表团: the guests stand behind. */
static void read_reception(struct walk *walk, size_t verb)
{
    size_t end = token_end(&walk->tokens[verb]);
    size_t host = find_traveller(walk, verb);

    if (host == verb && speaks_private(walk, verb)) {
        walk->scene->above = true;
        return;
    }
    for (size_t i = verb + 1; i < walk->last; i++) {
        const struct token *token = &walk->tokens[i];

        if (token->offset - end > GAP_GUEST || is_cue(token, CUE_OTHER))
            return;
        if (token->kind != TOKEN_PLACE)
            continue;
        if (token->province) {
            walk->scene->above = true;
            return;
        }
        if (walk->scene->origin_count == 0 || walk->scene->host_count == 0) {
            walk->scene->origin_count = 0;
            add_party(walk->scene->origins, &walk->scene->origin_count, party_of(token));
            add_host(walk, host < verb ? party_of(&walk->tokens[host]) : own_party(walk));
        }
        return;
    }
}

/* What is done at the places behind 在, and the first token behind them. */
static enum cue stay_verb(const struct walk *walk, size_t at)
{
    size_t end = token_end(&walk->tokens[at]);

    for (size_t i = at + 1; i < walk->last; i++) {
        const struct token *token = &walk->tokens[i];

        if (is_party(token) || is_cue(token, CUE_LIST) || is_cue(token, CUE_BOTH) ||
            is_cue(token, CUE_WIDE) || opens_bracket(walk, token) || closes_bracket(walk, token)) {
            end = token_end(token);
            continue;
        }
        if (token->offset - end > GAP_AT || is_cue(token, CUE_BREAK))
            return CUE_NONE;
        if (token->cue == CUE_ESCORT || token->cue == CUE_MEET || token->cue == CUE_VISIT ||
            token->cue == CUE_TALK)
            return token->cue;
    }
    return CUE_NONE;
}

/* 在X考察 makes X a host, 在X举行 the place of a meeting; 在X领导陪同下 nothing. */
static void read_stay(struct walk *walk, size_t at)
{
    const struct token *place = &walk->tokens[at + 1];
    enum cue verb;

    if (at + 1 >= walk->last || !is_party(place) || place->offset != token_end(&walk->tokens[at]) ||
        is_elsewhen(walk, at))
        return;
    verb = stay_verb(walk, at);
    if (verb == CUE_MEET && !walk->scene->has_meet) {
        walk->scene->meet = party_of(place);
        walk->scene->has_meet = true;
    }
    if (verb != CUE_VISIT && verb != CUE_TALK)
        return;
    need_travellers(walk, at);
    take_destinations(walk, at);
}

/* 代表团考察武进: only where somebody is said to travel. */
static void read_object(struct walk *walk, size_t verb)
{
    const struct token *next = &walk->tokens[verb + 1];
    size_t traveller = find_traveller(walk, verb);

    if (verb + 1 >= walk->last || !is_party(next) ||
        next->offset - token_end(&walk->tokens[verb]) > GAP_OBJECT)
        return;
    if (traveller == verb && !walk->scene->group)
        return;
    need_travellers(walk, verb);
    take_destinations(walk, verb);
}

/* The last place in the clause before 陪同. */
static void read_escort(struct walk *walk, size_t verb)
{
    if (walk->scene->has_escort)
        return;
    for (size_t i = verb; i-- > walk->first;) {
        const struct token *token = &walk->tokens[i];

        if (is_cue(token, CUE_BREAK) || is_cue(token, CUE_GROUP) || is_cue(token, CUE_LEAD))
            return;
        if (is_party(token) && !token->province && !walk->used[i]) {
            walk->scene->escort = party_of(token);
            walk->scene->has_escort = true;
        }
    }
}

static void read_token(struct walk *walk, size_t at)
{
    const struct token *token = &walk->tokens[at];

    if (token->kind == TOKEN_PLACE)
        return;
    switch (token->cue) {
    case CUE_GO:
    case CUE_COME:
        read_motion(walk, at);
        break;
    case CUE_RECEIVE:
        read_reception(walk, at);
        break;
    case CUE_AT:
        read_stay(walk, at);
        break;
    case CUE_VISIT:
        read_object(walk, at);
        break;
    case CUE_ESCORT:
        read_escort(walk, at);
        break;
    case CUE_GROUP:
    case CUE_LEAD:
        walk->scene->group = true;
        break;
    case CUE_PLAN:
        walk->scene->plan = true;
        break;
    case CUE_REMOTE:
        walk->scene->remote = true;
        break;
    default:
        break;
    }
}

void clause_read(const struct reading *reading, size_t first, size_t last, struct scene *scene)
{
    struct walk walk = {.reading = reading,
                        .tokens = reading->tokens,
                        .first = first,
                        .last = last,
                        .scene = scene};

    for (size_t i = first; i < last; i++)
        read_token(&walk, i);
}
