#include "tests/unit/aggregator/fixture.h"

#include "aggregator/event_cluster.h"
#include "base/util/random.h"

enum { NONE = CIVIL_NONE, ITEMS_MAX = 40 };

/* Department n is the member n alone; members 1 and 2 together are department 12. */
static const uint32_t members[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static const struct cluster_rule rule = {1, 7, 1, 3, false, members};

/* Items are named by their claim. */
static struct cluster_item dated(uint32_t claim, int32_t day, uint32_t rank)
{
    return (struct cluster_item){
        .origin = 1, .host = 2, .day = day, .published = day + 2, .rank = rank, .claim = claim};
}

static struct cluster_item undated(uint32_t claim, int32_t published, uint32_t rank)
{
    return (struct cluster_item){
        .origin = 1, .host = 2, .day = NONE, .published = published, .rank = rank, .claim = claim};
}

/* Clusters and returns the event of the item with this claim. */
static const struct cluster_event *event_of(const struct cluster_item *items, size_t count,
                                            const struct rows *events, uint32_t claim)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].claim == claim)
            return rows_at(events, items[i].event);
    fail_msg("claim %u is lost", claim);
    return NULL;
}

static void run(struct cluster_item *items, size_t count, const struct cluster_rule *by,
                struct rows *events)
{
    rows_init(events, sizeof(struct cluster_event), 1000);
    assert_int_equal(event_cluster(items, count, by, events, NULL), STATUS_OK);
}

static void equal_days_are_one_event(void **state)
{
    struct cluster_item items[] = {dated(0, 100, 5), dated(1, 100, 2), dated(2, 101, 3)};
    struct rows events;

    (void) state;
    run(items, 3, &rule, &events);
    assert_int_equal(events.count, 2);
    assert_ptr_equal(event_of(items, 3, &events, 0), event_of(items, 3, &events, 1));
    assert_int_equal(event_of(items, 3, &events, 0)->count, 2);
    assert_int_equal(event_of(items, 3, &events, 0)->source, DATE_TEXT);
    assert_int_equal(event_of(items, 3, &events, 2)->day, 101);
    /* Items of an event are by rank. */
    assert_int_equal(items[event_of(items, 3, &events, 0)->first].claim, 1);
    rows_fini(&events);
}

static void other_pairs_and_directions_stay_apart(void **state)
{
    struct cluster_item items[] = {dated(0, 100, 1), dated(1, 100, 2), dated(2, 100, 3)};
    struct rows events;

    (void) state;
    items[1].origin = 2;
    items[1].host = 1;
    items[2].host = 3;
    run(items, 3, &rule, &events);
    assert_int_equal(events.count, 3);
    rows_fini(&events);
}

/* Published 105: imputed 104; the window is [98, 106]. */
static void undated_joins_the_nearest_in_the_window(void **state)
{
    static const struct {
        int32_t days[2];
        int32_t joins; /* NONE: none of them */
    } cases[] = {
        {{97, 90}, NONE},   {{98, 90}, 98},    {{106, 120}, 106},
        {{107, 120}, NONE}, {{103, 105}, 103}, /* both one day off: the earlier */
        {{102, 105}, 105},  {{104, 105}, 104}, {{98, 106}, 106},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cluster_item items[] = {dated(0, cases[i].days[0], 0), dated(1, cases[i].days[1], 1),
                                       undated(2, 105, 9)};
        const struct cluster_event *found;
        struct rows events;

        run(items, 3, &rule, &events);
        found = event_of(items, 3, &events, 2);
        assert_int_equal(found->day, cases[i].joins == NONE ? 104 : cases[i].joins);
        assert_int_equal(found->source, cases[i].joins == NONE ? DATE_IMPUTED : DATE_TEXT);
        rows_fini(&events);
    }
}

static void give_department(struct cluster_item *item, uint32_t department)
{
    item->origin_dept = department;
    item->member_first = department == 12 ? 1 : department;
    item->member_count = department == 0 ? 0 : department == 12 ? 2 : 1;
}

static void departments_must_share_a_member_or_be_unknown(void **state)
{
    static const struct {
        uint32_t theirs;
        uint32_t ours;
        bool joins;
    } cases[] = {{0, 0, true},  {5, 0, true},  {0, 5, true},  {5, 5, true},
                 {5, 6, false}, {12, 1, true}, {2, 12, true}, {12, 5, false}};

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cluster_item items[] = {dated(0, 104, 0), undated(1, 105, 9)};
        struct rows events;

        give_department(&items[0], cases[i].theirs);
        give_department(&items[1], cases[i].ours);
        run(items, 2, &rule, &events);
        assert_int_equal(events.count, cases[i].joins ? 1 : 2);
        rows_fini(&events);
    }
}

/* One of the event's reports names no department: it may have been any. */
static void one_unknown_report_opens_the_event(void **state)
{
    struct cluster_item items[] = {dated(0, 104, 0), dated(1, 104, 1), undated(2, 105, 9)};
    struct rows events;

    (void) state;
    give_department(&items[0], 5);
    give_department(&items[2], 6);
    run(items, 3, &rule, &events);
    assert_int_equal(events.count, 1);
    rows_fini(&events);
}

/* Of two dated events the nearest whose departments fit, not the nearest. */
static void a_misfit_gives_way_to_a_farther_event(void **state)
{
    struct cluster_item items[] = {dated(0, 104, 0), dated(1, 101, 1), undated(2, 105, 9)};
    struct rows events;

    (void) state;
    give_department(&items[0], 8);
    give_department(&items[2], 7);
    run(items, 3, &rule, &events);
    assert_int_equal(event_of(items, 3, &events, 2)->day, 101);
    rows_fini(&events);
}

static void left_overs_chain(void **state)
{
    struct cluster_item items[] = {undated(0, 100, 0), undated(1, 103, 1), undated(2, 106, 2),
                                   undated(3, 110, 3)};
    struct rows events;

    (void) state;
    run(items, 4, &rule, &events);
    assert_int_equal(events.count, 2);
    assert_int_equal(event_of(items, 4, &events, 2)->day, 99);
    assert_int_equal(event_of(items, 4, &events, 2)->source, DATE_IMPUTED);
    assert_int_equal(event_of(items, 4, &events, 3)->day, 109);
    rows_fini(&events);
}

/* One that joined a dated event is no link of the chain between those left over. */
static void joined_reports_do_not_chain(void **state)
{
    struct cluster_item items[] = {undated(0, 100, 0), undated(1, 103, 1), undated(2, 105, 2),
                                   dated(3, 96, 3)};
    struct rows events;

    (void) state;
    for (int i = 0; i < 3; i++)
        give_department(&items[i], i == 1 ? 7 : 9);
    give_department(&items[3], 7);
    run(items, 4, &rule, &events);
    /* 1 joins day 96; 0 and 2 are five days apart. */
    assert_int_equal(event_of(items, 4, &events, 1)->day, 96);
    assert_int_equal(events.count, 3);
    rows_fini(&events);
}

static void without_any_date_each_is_its_own(void **state)
{
    struct cluster_item items[] = {undated(0, NONE, 4), undated(1, NONE, 3), undated(2, 100, 1)};
    struct rows events;

    (void) state;
    run(items, 3, &rule, &events);
    assert_int_equal(events.count, 3);
    assert_int_equal(event_of(items, 3, &events, 0)->source, DATE_NONE);
    assert_int_equal(event_of(items, 3, &events, 0)->day, CIVIL_NONE);
    /* Ordinals follow rank. */
    assert_int_equal(event_of(items, 3, &events, 1)->ordinal, 0);
    assert_int_equal(event_of(items, 3, &events, 0)->ordinal, 1);
    rows_fini(&events);
}

/* A chain whose imputed day is that of a dated event it does not fit. */
static void same_key_gets_the_next_ordinal(void **state)
{
    struct cluster_item items[] = {dated(0, 104, 0), undated(1, 105, 1)};
    struct rows events;

    (void) state;
    give_department(&items[0], 1);
    give_department(&items[1], 2);
    run(items, 2, &rule, &events);
    assert_int_equal(event_of(items, 2, &events, 1)->day, 104);
    assert_int_equal(event_of(items, 2, &events, 1)->ordinal, 1);
    rows_fini(&events);
}

static void department_may_be_part_of_the_key(void **state)
{
    struct cluster_rule by_department = rule;
    struct cluster_item items[] = {dated(0, 100, 0), dated(1, 100, 1), dated(2, 100, 2)};
    struct rows events;

    (void) state;
    by_department.department_in_key = true;
    items[0].origin_dept = items[2].origin_dept = 1;
    items[1].origin_dept = 2;
    run(items, 3, &by_department, &events);
    assert_int_equal(events.count, 2);
    assert_ptr_equal(event_of(items, 3, &events, 0), event_of(items, 3, &events, 2));
    rows_fini(&events);
}

/* ---- against a plain statement of the rule, and shuffled ---- */

struct plain_event {
    int32_t day;
    enum date_source source;
    bool dated;
};

static bool fits(const struct cluster_item *items, size_t count, const uint32_t *event_of_item,
                 uint32_t event, const struct cluster_item *item)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t theirs = items[i].origin_dept, ours = item->origin_dept;

        if (items[i].day == NONE || event_of_item[i] != event)
            continue;
        if (theirs == 0 || ours == 0 || theirs == ours || (theirs == 12 && ours <= 2) ||
            (ours == 12 && theirs <= 2))
            return true;
    }
    return false;
}

/* Items are sorted by rank. Fills event_of_item; returns the events. */
static size_t plain_cluster(const struct cluster_item *items, size_t count, uint32_t *event_of_item,
                            struct plain_event *events)
{
    size_t n = 0;
    int32_t last = NONE;
    uint32_t chain = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t e = 0;
        if (items[i].day == NONE)
            continue;
        while (e < n && events[e].day != items[i].day)
            e++;
        if (e == n)
            events[n++] = (struct plain_event){items[i].day, DATE_TEXT, true};
        event_of_item[i] = e;
    }
    for (size_t i = 0; i < count; i++) {
        int32_t published = items[i].published, best = INT32_MAX;
        uint32_t found = UINT32_MAX;

        if (items[i].day != NONE)
            continue;
        for (uint32_t e = 0; published != NONE && e < n; e++) {
            int32_t away = events[e].day - (published - 1);
            int32_t score = away < 0 ? -2 * away : 2 * away + 1; /* ties: the earlier */

            if (events[e].dated && events[e].day >= published - 7 &&
                events[e].day <= published + 1 && score < best &&
                fits(items, count, event_of_item, e, &items[i])) {
                best = score;
                found = e;
            }
        }
        if (found == UINT32_MAX && published != NONE && last != NONE && published - last <= 3)
            found = chain;
        else if (found == UINT32_MAX) {
            found = (uint32_t) n;
            events[n++] = (struct plain_event){published == NONE ? NONE : published - 1,
                                               published == NONE ? DATE_NONE : DATE_IMPUTED, false};
        }
        if (published != NONE && !events[found].dated) {
            last = published;
            chain = found;
        }
        event_of_item[i] = found;
    }
    return n;
}

static int by_rank(const void *a, const void *b)
{
    const struct cluster_item *x = a, *y = b;

    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static int by_published(const void *a, const void *b)
{
    const struct cluster_item *x = a, *y = b;

    if (x->published != y->published)
        return x->published == NONE          ? 1
               : y->published == NONE        ? -1
               : x->published < y->published ? -1
                                             : 1;
    return x->claim < y->claim ? -1 : 1;
}

static size_t make_items(struct random *random, struct cluster_item *items)
{
    static const uint32_t departments[] = {0, 1, 2, 12, 5};
    size_t count = 1 + random_below(random, ITEMS_MAX);

    for (size_t i = 0; i < count; i++) {
        items[i] = undated((uint32_t) i, (int32_t) (1000 + random_below(random, 40)), 0);
        if (random_chance(random, 400))
            items[i].day = (int32_t) (995 + random_below(random, 40));
        if (random_chance(random, 100))
            items[i].published = NONE;
        give_department(&items[i], departments[random_below(random, 5)]);
    }
    qsort(items, count, sizeof *items, by_published);
    for (size_t i = 0; i < count; i++)
        items[i].rank = items[i].claim = (uint32_t) i;
    return count;
}

static void shuffle(struct random *random, struct cluster_item *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, i);
        struct cluster_item kept = items[i - 1];

        items[i - 1] = items[other];
        items[other] = kept;
    }
}

static void agrees_with_a_plain_statement_in_any_order(void **state)
{
    struct random random;

    (void) state;
    random_init(&random, 20250308);
    for (int round = 0; round < 3000; round++) {
        struct cluster_item items[ITEMS_MAX];
        struct plain_event plain[ITEMS_MAX];
        uint32_t plain_of[ITEMS_MAX];
        size_t count = make_items(&random, items);
        size_t wanted = plain_cluster(items, count, plain_of, plain);
        struct rows events;

        shuffle(&random, items, count);
        run(items, count, &rule, &events);
        assert_int_equal(events.count, wanted);
        qsort(items, count, sizeof *items, by_rank);
        for (size_t i = 0; i < count; i++) {
            const struct cluster_event *event = rows_at(&events, items[i].event);

            assert_int_equal(event->day, plain[plain_of[i]].day);
            assert_int_equal(event->source, plain[plain_of[i]].source);
            for (size_t k = 0; k < i; k++)
                assert_int_equal(items[i].event == items[k].event, plain_of[i] == plain_of[k]);
        }
        rows_fini(&events);
    }
}

static void too_many_events_is_an_error(void **state)
{
    struct cluster_item items[] = {dated(0, 1, 0), dated(1, 2, 1)};
    struct rows events;

    (void) state;
    rows_init(&events, sizeof(struct cluster_event), 1);
    assert_int_equal(event_cluster(items, 2, &rule, &events, NULL), STATUS_TOO_LARGE);
    rows_fini(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_days_are_one_event),
        cmocka_unit_test(other_pairs_and_directions_stay_apart),
        cmocka_unit_test(undated_joins_the_nearest_in_the_window),
        cmocka_unit_test(departments_must_share_a_member_or_be_unknown),
        cmocka_unit_test(one_unknown_report_opens_the_event),
        cmocka_unit_test(a_misfit_gives_way_to_a_farther_event),
        cmocka_unit_test(left_overs_chain),
        cmocka_unit_test(joined_reports_do_not_chain),
        cmocka_unit_test(without_any_date_each_is_its_own),
        cmocka_unit_test(same_key_gets_the_next_ordinal),
        cmocka_unit_test(department_may_be_part_of_the_key),
        cmocka_unit_test(agrees_with_a_plain_statement_in_any_order),
        cmocka_unit_test(too_many_events_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
