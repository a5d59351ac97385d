/*
 * One leg becomes one event. The scene, the sentence that tells the journey, gives persons, day and
 * evidence, and its first verb parts them: who stands before it travels, who stands behind it
 * receives, unless the hosts come first. Departments stand behind the mentions of the places, and
 * the level is that of the visitors' best title.
 */
#include "extractor/extract.h"

#include "extractor/named.h"

/* Bytes, three a Chinese character: of a department's name, behind the scene where its hosts may
 * stand, of the body where its speaker's place may. */
enum { DEPARTMENT_MAX = 240, HOST_REACH = 360, OWN_LEAD = 300 };

/* One document on its way to events. */
struct work {
    const struct extractor *extractor;
    const struct judgement *judgement;
    const struct source_text *source;
    const struct told *told; /* NULL: rules alone */
    struct arena *arena;
    const struct scene *scene; /* the sentence that tells the journey */
    struct scene told_scene;   /* that of a told leg */
    struct slice evidence;
    size_t verb;    /* offset of its first verb of motion, or its end */
    bool reception; /* hosts stand before the guests */
};

/* ---- where to look ---- */

static bool is_verb(const struct token *token)
{
    return token->kind == TOKEN_CUE && (token->cue == CUE_GO || token->cue == CUE_COME ||
                                        token->cue == CUE_AT || token->cue == CUE_RECEIVE);
}

/* Where the first verb of text[from, end) begins; `end` if there is none. */
static size_t first_verb(const struct reading *reading, size_t from, size_t end)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct token *token = &reading->tokens[i];

        if (token->offset >= end)
            break;
        if (token->offset >= from && is_verb(token))
            return token->offset;
    }
    return end;
}

static void look_at_scene(struct work *work)
{
    size_t from;

    work->reception = work->scene->origin_count > 0 && work->scene->host_count > 0 &&
                      work->scene->hosts[0].size > 0 &&
                      work->scene->hosts[0].offset < work->scene->origins[0].offset;
    /* A verb before the travellers belongs to another clause; in a reception the verb stands
     * between the hosts and them. */
    from = work->scene->begin;
    if (!work->reception && work->scene->origin_count > 0 && work->scene->origins[0].offset > from)
        from = work->scene->origins[0].offset;
    work->verb = first_verb(&work->judgement->reading, from, work->scene->end);
}

static void look_at_trip(struct work *work)
{
    const struct trip *trip = &work->judgement->trip;
    const struct scene *lead = &trip->lead;

    work->scene = lead->moves || !trip->title.moves ? lead : &trip->title;
    work->evidence = slice_sub(work->judgement->reading.text, trip->begin, trip->end - trip->begin);
    look_at_scene(work);
}

static void look_at_told(struct work *work, const struct leg *leg)
{
    const struct reading *reading = &work->judgement->reading;

    work->told_scene = named_scene(reading, &leg->origin, &leg->host);
    work->scene = &work->told_scene;
    work->evidence = trip_evidence(reading, work->scene);
    look_at_scene(work);
}

/* ---- departments ---- */

static struct slice behind(struct slice text, size_t offset)
{
    return slice_sub(text, offset, text.size - offset);
}

static bool is_county(const struct party *party)
{
    return party->place != NULL && party->place->level >= PLACE_COUNTY;
}

/* How far the parties may be named again. */
static size_t lead_end(const struct work *work)
{
    return work->told == NULL ? work->judgement->trip.lead.end : work->scene->end;
}

/* The organ behind the party's own mention, else behind another of its city in title and lead. */
static struct slice organ_of_place(const struct work *work, const struct party *party)
{
    const struct reading *reading = &work->judgement->reading;
    const struct departments *departments = work->extractor->departments;
    struct slice canonical = {NULL, 0};

    if (party->size > 0 && !party->own)
        canonical =
            departments_find(departments, behind(reading->text, party->offset + party->size));
    for (size_t i = 0; i < reading->count && canonical.data == NULL; i++) {
        const struct token *token = &reading->tokens[i];

        if (token->offset >= lead_end(work))
            break;
        if (token->kind == TOKEN_PLACE && token->city == party->city)
            canonical =
                departments_find(departments, behind(reading->text, token->offset + token->size));
    }
    return canonical;
}

/* The publisher's own organ at the start of a clause: 市信访局赴…, or 区城管局…陪同. */
static struct slice organ_of_clause(const struct work *work, size_t begin, size_t end)
{
    const struct reading *reading = &work->judgement->reading;
    struct slice canonical =
        departments_find(work->extractor->departments, behind(reading->text, begin));

    for (size_t i = 0; i < reading->count && canonical.data == NULL; i++) {
        const struct token *token = &reading->tokens[i];

        if (token->kind == TOKEN_CUE && token->cue == CUE_BREAK && token->offset >= begin &&
            token->offset < end)
            canonical = departments_find(work->extractor->departments,
                                         behind(reading->text, token->offset + token->size));
    }
    return canonical;
}

/* The organ as it stands on outputs, with the party's county before it. */
static enum status find_department(const struct work *work, const struct party *party,
                                   struct slice canonical, struct slice *department,
                                   struct error *err)
{
    struct slice county = is_county(party) ? party->place->name : SLICE("");
    struct buf out;
    enum status status;

    *department = (struct slice){NULL, 0};
    if (canonical.data == NULL)
        return STATUS_OK;
    buf_init(&out, DEPARTMENT_MAX);
    departments_put(&out, canonical, county);
    status = buf_status(&out, err);
    if (status == STATUS_OK)
        *department = arena_copy(work->arena, buf_slice(&out));
    buf_fini(&out);
    if (status == STATUS_OK && department->data == NULL)
        status = error_set(err, STATUS_NOMEM, "out of memory");
    return status;
}

static enum status find_origin_department(const struct work *work, const struct party *party,
                                          struct slice *department, struct error *err)
{
    struct slice canonical = organ_of_place(work, party);

    if (canonical.data == NULL && party->own)
        canonical = organ_of_clause(work, 0, work->judgement->trip.title.end);
    /* Up to the verb: behind it stand the hosts, whose organs would be taken for the visitors'. */
    if (canonical.data == NULL && party->own)
        canonical = organ_of_clause(work, work->scene->begin, work->verb);
    return find_department(work, party, canonical, department, err);
}

static enum status find_host_department(const struct work *work, const struct party *party,
                                        struct slice *department, struct error *err)
{
    struct slice canonical = organ_of_place(work, party);

    if (canonical.data == NULL && party->own)
        canonical = organ_of_clause(work, work->verb, work->scene->end);
    return find_department(work, party, canonical, department, err);
}

/* ---- level ---- */

static bool place_is_county(const void *self, struct slice place)
{
    const struct work *work = self;
    const struct gazetteer *gazetteer = reader_gazetteer(work->extractor->reader);
    const struct place *places[GAZETTEER_PLACES_MAX];
    uint32_t name = 0;
    size_t count;

    if (!gazetteer_find_name(gazetteer, place, &name))
        return false;
    /* Cities come first: a name that a prefecture has, too, is taken for the prefecture's. */
    count = gazetteer_places(gazetteer, name, work->source->day, places, GAZETTEER_PLACES_MAX);
    return count > 0 && places[0]->level >= PLACE_COUNTY;
}

/* A county-level city of the origin named at the start tells whose 市委书记 it is. */
static bool speaks_county(const struct work *work, const struct party *origin)
{
    const struct reading *reading = &work->judgement->reading;
    size_t end = reading->title_size + OWN_LEAD;

    if (is_county(origin))
        return true;
    if (!origin->own)
        return false;
    for (size_t i = 0; i < reading->count && reading->tokens[i].offset < end; i++) {
        const struct token *token = &reading->tokens[i];

        if (token->city == origin->city && token->place != NULL)
            return token->place->level >= PLACE_COUNTY;
    }
    return false;
}

/* A bureau and the like; of the four bodies the organ alone tells no level. */
static bool is_single_organ(struct slice department)
{
    static const char *const bodies[] = {"市委、市政府", "市委", "市政府", "市人大常委会",
                                         "市政协"};

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        if (slice_equal(department, slice_from(bodies[i])))
            return false;
    return department.size > 0;
}

static const char *find_level(const struct work *work, const struct event *event,
                              const struct party *origin)
{
    const struct title_context context = {place_is_county, work, speaks_county(work, origin)};
    enum title_level best = TITLE_NONE;

    for (size_t i = 0; i < event->visitors.count; i++) {
        enum title_level level =
            titles_level(work->extractor->titles, event->visitors.titles[i], &context);

        /* Below it stand former offices and those of a province, which say nothing of a city's
         * level. */
        if (level >= TITLE_DEPARTMENT && level > best)
            best = level;
    }
    if (best == TITLE_NONE && (is_county(origin) || is_single_organ(event->origin_dept)))
        best = TITLE_DEPARTMENT;
    return best == TITLE_NONE ? "" : title_level_text(best);
}

/* ---- persons ---- */

/* Which side a clause's persons are on. */
enum side { SIDE_VISITORS, SIDE_HOSTS };

/* 带队 puts them among the visitors, 陪同 among the hosts, else where the clause stands: behind the
 * verb the hosts, in a reception the guests. */
static enum side side_of(const struct work *work, size_t begin, size_t end)
{
    const struct reading *reading = &work->judgement->reading;
    bool behind_verb = begin >= work->verb;

    for (size_t i = 0; i < reading->count; i++) {
        const struct token *token = &reading->tokens[i];

        if (token->kind != TOKEN_CUE || token->offset < begin || token->offset >= end)
            continue;
        if (token->cue == CUE_LEAD)
            return SIDE_VISITORS;
        if (token->cue == CUE_ESCORT || (token->cue == CUE_RECEIVE && !work->reception))
            return SIDE_HOSTS;
    }
    return behind_verb != work->reception ? SIDE_HOSTS : SIDE_VISITORS;
}

static void take_people(const struct work *work, size_t begin, size_t end, struct event *event)
{
    const struct titles *titles = work->extractor->titles;
    const struct reading *reading = &work->judgement->reading;
    bool hosts = side_of(work, begin, end) == SIDE_HOSTS;

    people_find(titles, reading, begin, end, hosts ? &event->hosts : &event->visitors);
}

/* Clause by clause; the clause with the verb is cut there. */
static void take_clauses(const struct work *work, size_t begin, size_t end, struct event *event)
{
    const struct reading *reading = &work->judgement->reading;

    for (size_t i = 0; i < reading->count && begin < end; i++) {
        const struct token *token = &reading->tokens[i];
        bool cut =
            token->offset == work->verb ||
            (token->kind == TOKEN_CUE && (token->cue == CUE_BREAK || token->cue == CUE_STOP));

        if (token->offset < begin || token->offset >= end || !cut)
            continue;
        take_people(work, begin, token->offset, event);
        begin = token->offset;
    }
    if (begin < end)
        take_people(work, begin, end, event);
}

static void find_people(const struct work *work, struct event *event)
{
    const struct reading *reading = &work->judgement->reading;
    const struct scene *title = &work->judgement->trip.title;
    size_t reach = work->scene->end + HOST_REACH;

    if (reach > reading->text.size)
        reach = reading->text.size;
    take_clauses(work, work->scene->begin, work->scene->end, event);
    /* The next sentence names who received them if this one does not. */
    if (event->hosts.count == 0)
        people_find(work->extractor->titles, reading, work->scene->end, reach, &event->hosts);
    if (event->visitors.count == 0 && work->scene != title && title->end > 0)
        people_find(work->extractor->titles, reading, title->begin,
                    first_verb(reading, title->begin, title->end), &event->visitors);
}

/* ---- events ---- */

/* The lead may name the county where the title names only its city: the narrower one counts. */
static struct party narrowed(const struct party *party, const struct party *others, size_t count)
{
    for (size_t i = 0; i < count && !is_county(party); i++)
        if (others[i].city == party->city && is_county(&others[i]))
            return others[i];
    return *party;
}

static struct visit_date find_date(const struct work *work)
{
    struct slice text = work->judgement->reading.text;
    size_t begin = (size_t) (work->evidence.data - text.data);
    int32_t published = work->source->day;
    struct visit_date date;

    if (published == CIVIL_NONE)
        published = url_day(work->source->url);
    date = visit_date_find(text, begin, begin + work->evidence.size, published);
    if (work->told != NULL && work->told->day != CIVIL_NONE && date.precision != DATE_PRECISION_DAY)
        date = (struct visit_date){work->told->day, DATE_PRECISION_DAY};
    return date;
}

static enum status find_departments(const struct work *work, const struct leg *leg,
                                    struct event *event, struct error *err)
{
    const struct told *told = work->told;
    enum status status = find_origin_department(work, &leg->origin, &event->origin_dept, err);

    if (status == STATUS_OK)
        status = find_host_department(work, &leg->host, &event->host_dept, err);
    if (told != NULL && event->origin_dept.size == 0)
        event->origin_dept = told->origin_dept;
    if (told != NULL && event->host_dept.size == 0)
        event->host_dept = told->host_dept;
    return status;
}

static enum status make_event(struct work *work, const struct leg *leg, struct event *event,
                              struct error *err)
{
    const struct scene *lead = &work->judgement->trip.lead;
    const struct leg narrow = {narrowed(&leg->origin, lead->origins, lead->origin_count),
                               narrowed(&leg->host, lead->hosts, lead->host_count)};
    enum status status;

    if (work->told == NULL)
        look_at_trip(work);
    else
        look_at_told(work, leg);
    event->origin_city = leg->origin.city->short_name;
    event->host_city = leg->host.city->short_name;
    event->date = find_date(work);
    event->evidence = work->evidence;
    find_people(work, event);
    status = find_departments(work, &narrow, event, err);
    if (status == STATUS_OK)
        event->level = find_level(work, event, &narrow.origin);
    return status;
}

static int compare_legs(const struct leg *a, const struct leg *b)
{
    if (a->origin.city->code != b->origin.city->code)
        return a->origin.city->code < b->origin.city->code ? -1 : 1;
    return a->host.city->code < b->host.city->code ? -1 : a->host.city->code > b->host.city->code;
}

bool extractor_covers(const struct extractor *extractor, const struct city *city)
{
    const struct region *region = extractor->region;

    if (region == NULL || region->city_count == 0)
        return true;
    for (size_t i = 0; i < region->city_count; i++)
        if (region->cities[i].city == city)
            return true;
    return false;
}

/* The region's legs in the order of their cities' codes: the order in the text does not matter. */
static size_t choose_legs(const struct work *work, struct leg legs[TRIP_LEGS_MAX])
{
    const struct trip *trip = &work->judgement->trip;
    const struct leg *found = work->told == NULL ? trip->legs : work->told->legs;
    size_t found_count = work->told == NULL ? trip->leg_count : work->told->leg_count;
    size_t count = 0;

    for (size_t i = 0; i < found_count; i++) {
        const struct leg *leg = &found[i];
        size_t at = count;

        if (!extractor_covers(work->extractor, leg->origin.city) ||
            !extractor_covers(work->extractor, leg->host.city))
            continue;
        /* Put in their order as they come: there are TRIP_LEGS_MAX at most. */
        for (; at > 0 && compare_legs(leg, &legs[at - 1]) < 0; at--)
            legs[at] = legs[at - 1];
        legs[at] = *leg;
        count++;
    }
    return count;
}

enum status extract_events(const struct extractor *extractor, const struct extract_input *input,
                           struct arena *arena, struct extraction *extraction, struct error *err)
{
    struct work work = {.extractor = extractor,
                        .judgement = input->judgement,
                        .source = input->source,
                        .told = input->told,
                        .arena = arena};
    struct leg legs[TRIP_LEGS_MAX];
    size_t count = choose_legs(&work, legs);
    struct event *events = arena_array(arena, count + 1, sizeof *events);
    enum status status = STATUS_OK;

    if (events == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = make_event(&work, &legs[i], &events[i], err);
    if (status == STATUS_OK)
        *extraction = (struct extraction){events, count};
    return status;
}
