#include "tests/sites/story.h"

#include <string.h>

enum {
    PARAGRAPH_MAX = 4096,
    CUE_PER_MILLE = 850, /* of a cooperative trip's reports, those that say so */
    BACKGROUND_PER_MILLE = 350,
    SECOND_TALK_PER_MILLE = 250,
    ENDING_PER_MILLE = 600,
    FILLERS_MAX = 3,
};

/* A story being written. */
struct telling {
    struct cast cast;
    struct story *story;
    struct buf paragraph;
};

static const char *const kind_rules[] = {
#define X(name, rules, share) rules,
#include "tests/sites/kinds.def"
#undef X
};

static const char *const scopes[] = {"city", "county", "dept"};

/* Expands a rule into the paragraph being written. */
static void add_rule(struct telling *at, struct slice rule)
{
    grammar_rule(at->cast.world->grammar, &at->cast.scope, rule, &at->paragraph);
}

/* Adds the rule PREFIX.SIDE.SCOPE of a visit's report, or PREFIX.KIND of another document. */
static void add_rule_of(struct telling *at, const char *prefix)
{
    const struct document *document = at->cast.document;
    const char *side = document->side == SIDE_ORIGIN ? "o" : "h";
    struct arena *arena = at->cast.arena;

    if (document->kind == KIND_VISIT)
        add_rule(at, text_of(arena, "%s.%s.%s", prefix, side,
                             scopes[at->cast.world->trips[document->ref].scope]));
    else if (document->kind == KIND_OUTSIDE)
        add_rule(at, text_of(arena, "%s.outside.%s", prefix, side));
    else if (document->kind == KIND_BLANK)
        add_rule(at, text_of(arena, "%s.blank", prefix));
    else
        add_rule(at, text_of(arena, "%s.%s", prefix, kind_rules[document->kind]));
}

/* What was written so far, moved to the arena. */
static struct slice take_text(struct telling *at)
{
    struct slice text = arena_copy(at->cast.arena, buf_slice(&at->paragraph));

    buf_reset(&at->paragraph);
    return text.data == NULL ? SLICE("") : text;
}

/* An empty paragraph is none. */
static void end_paragraph(struct telling *at)
{
    if (at->paragraph.size > 0 && at->story->count < STORY_PARAGRAPHS_MAX)
        at->story->paragraphs[at->story->count++] = take_text(at);
    buf_reset(&at->paragraph);
}

/* From the generator of the part being written. */
static bool chance(struct telling *at, unsigned per_mille)
{
    return random_chance(&at->cast.scope.random, per_mille);
}

/* Lead, tour, hosts, talk, ending: the order such reports keep. */
static void tell_visit(struct telling *at)
{
    const struct document *document = at->cast.document;
    bool origin = document->side == SIDE_ORIGIN;
    bool cooperative =
        at->cast.world->trips[document->ref].cooperative && chance(at, CUE_PER_MILLE);
    struct slice talk = cooperative ? SLICE("talk.coop") : SLICE("talk.learn");

    at->story->cooperative = cooperative;
    add_rule_of(at, "lead");
    if (chance(at, 500))
        end_paragraph(at);
    add_rule(at, origin ? SLICE("tour.o") : SLICE("tour.h"));
    end_paragraph(at);
    if (chance(at, BACKGROUND_PER_MILLE))
        add_rule(at, SLICE("background"));
    end_paragraph(at);
    add_rule(at, origin ? SLICE("host.words.o") : SLICE("host.words.h"));
    add_rule(at, talk);
    if (chance(at, SECOND_TALK_PER_MILLE))
        add_rule(at, talk);
    end_paragraph(at);
    if (chance(at, ENDING_PER_MILLE))
        add_rule(at, SLICE("entourage"));
    if (origin && chance(at, ENDING_PER_MILLE))
        add_rule(at, SLICE("resolve"));
    end_paragraph(at);
}

/* One telling paragraph and some filler that says nothing. */
static void tell_other(struct telling *at)
{
    bool outside = at->cast.document->kind == KIND_OUTSIDE;
    uint64_t fillers = 1 + random_below(&at->cast.scope.random, FILLERS_MAX);

    add_rule_of(at, outside ? "lead" : "body");
    end_paragraph(at);
    if (outside)
        add_rule(at, SLICE("more.outside"));
    end_paragraph(at);
    for (uint64_t i = 0; i < fillers; i++) {
        add_rule(at, SLICE("filler"));
        if (chance(at, 500))
            end_paragraph(at);
    }
    end_paragraph(at);
}

/* Does the text hold the name already? */
static bool names_city(const struct story *story, struct slice name)
{
    bool named = slice_contains(story->title, name);

    for (size_t i = 0; i < story->count && !named; i++)
        named = slice_contains(story->paragraphs[i], name);
    return named;
}

/* One more sentence for the cities that the document is listed for and has not named yet. */
static void tell_rest(struct telling *at)
{
    const struct document *document = at->cast.document;
    struct slice rest = SLICE("");

    for (uint8_t i = 0; i < document->mentions; i++) {
        struct slice name = at->cast.world->places.cities[document->mention[i]].name;

        if (!names_city(at->story, name))
            rest = text_of(at->cast.arena, "%.*s%s%.*s市", SLICE_ARG(rest),
                           rest.size > 0 ? "、" : "", SLICE_ARG(name));
    }
    if (rest.size == 0)
        return;
    cast_set(&at->cast, "rest", rest);
    add_rule(at, document->kind == KIND_VISIT ? SLICE("extra.visit") : SLICE("extra.other"));
    if (at->story->count == STORY_PARAGRAPHS_MAX)
        at->story->count--;
    end_paragraph(at);
}

/* Writes the title; the body may follow. */
static void begin(struct telling *at, const struct world *world, uint32_t number,
                  struct arena *arena)
{
    cast_init(&at->cast, world, world_text_of(world, number), arena);
    buf_init(&at->paragraph, PARAGRAPH_MAX);
    cast_for_title(&at->cast);
    add_rule_of(at, "title");
}

struct slice story_title(const struct world *world, uint32_t number, struct arena *arena)
{
    struct telling at = {.story = NULL};
    struct slice title;

    begin(&at, world, number, arena);
    title = take_text(&at);
    buf_fini(&at.paragraph);
    return title;
}

void story_tell(const struct world *world, uint32_t number, struct arena *arena,
                struct story *story)
{
    struct telling at = {.story = story};

    memset(story, 0, sizeof *story);
    begin(&at, world, number, arena);
    story->title = take_text(&at);
    cast_for_body(&at.cast);
    if (at.cast.document->kind == KIND_VISIT)
        tell_visit(&at);
    else if (at.cast.document->kind != KIND_BLANK)
        tell_other(&at);
    if (at.cast.document->kind != KIND_BLANK)
        tell_rest(&at);
    buf_fini(&at.paragraph);
}

/* The department, or the organ that the leaders stand for: party and government count as one. */
static struct slice unit_of(const struct party *party, struct arena *arena)
{
    static const char *const organs[] = {"~委、~政府", "~人大常委会", "~政协"};

    if (party->department != NULL)
        return party_office_home(party, arena);
    return party_organ(party, slice_from(organs[party->office.body]), arena);
}

size_t story_events(const struct world *world, uint32_t number, struct arena *arena,
                    struct told_event events[TRIP_HOSTS_MAX])
{
    struct cast cast;
    const struct trip *trip;

    number = world_text_of(world, number);
    if (world->documents[number].kind != KIND_VISIT)
        return 0;
    cast_init(&cast, world, number, arena);
    trip = &world->trips[cast.document->ref];
    for (uint8_t i = 0; i < cast.hosts; i++) {
        uint8_t host = (uint8_t) (cast.first_host + i);

        events[i] = (struct told_event){
            .origin = trip->origin,
            .host = trip->host[host],
            .day = cast.document->form == FORM_VAGUE ? STORY_NO_DAY : cast_told_day(&cast),
            .true_day = (int16_t) (trip->day + host),
            .origin_unit = unit_of(&cast.origin, arena),
            .host_unit = unit_of(&cast.host[i], arena),
        };
    }
    return cast.hosts;
}

bool story_is_visit(const struct world *world, uint32_t number)
{
    uint8_t kind = world->documents[world_text_of(world, number)].kind;

    return kind == KIND_VISIT || kind == KIND_OUTSIDE;
}
