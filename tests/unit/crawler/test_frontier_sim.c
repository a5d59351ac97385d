/*
 * A frontier against a made-up web, with lost leases, restarts and a lost state: whatever happens,
 * the same requests get the same end, and no host is asked too soon.
 *
 * The web: hosts h0.cn …, each with lists whose pages name articles on any host, with redirects,
 * missing pages, pages that fail at first, pages that always fail, and paths that robots.txt
 * forbids.
 */
#include "tests/unit/crawler/frontier_world.h"

#include "base/log.h"
#include "base/util/random.h"

enum { HOSTS = 5, LISTS = 12, PAGES = 4, ARTICLES = 400, DELAY_MS = 50, TOOK_MS = 3 };

struct pending { /* a result that the crawler will publish */
    const Xunfang__Lease *lease;
    Xunfang__Result *result;
    int64_t at_ms;
};

struct sim {
    struct world *world;
    struct random random;
    struct map *tries; /* URL → how often it was asked, as a number in a pointer */
    int64_t ended[HOSTS];
    struct pending pending[HOSTS * 2];
    size_t pending_count;
    size_t requests;
    unsigned lose_per_mille;    /* results that never come */
    unsigned restart_per_mille; /* of the frontier, each 20 ms */
};

static uintptr_t tries_of(struct sim *sim, const char *url)
{
    return (uintptr_t) map_get(sim->tries, slice_from(url));
}

static int host_number(const char *url)
{
    assert_true(slice_starts(slice_from(url), SLICE("http://h")));
    assert_in_range(url[8] - '0', 0, HOSTS - 1);
    return url[8] - '0';
}

static const char *article_url(struct sim *sim, unsigned number)
{
    static const char *const kinds[] = {"a",       "a",     "a",      "a",       "moved",
                                        "missing", "flaky", "broken", "private", "a"};
    unsigned kind = number / HOSTS % (sizeof kinds / sizeof kinds[0]);

    return arena_printf(sim->world->arena, "http://h%u.cn/%s/%u", number % HOSTS, kinds[kind],
                        number);
}

static void add_link(struct sim *sim, Xunfang__FetchResult *fetch, Xunfang__Request *request)
{
    Xunfang__Link *link = arena_alloc(sim->world->arena, sizeof *link);

    xunfang__link__init(link);
    link->request = request;
    fetch->links = arena_alloc(sim->world->arena, sizeof(void *));
    fetch->links[fetch->n_links++] = link;
}

/* Page p of list l has 10 hits, page PAGES repeats the one before. */
static void fill_list(struct sim *sim, Xunfang__FetchResult *fetch)
{
    const Xunfang__Request *asked = fetch->request;
    uint32_t page = asked->page < PAGES ? asked->page : PAGES - 1;
    Xunfang__Request *next;

    fetch->hits = arena_array(sim->world->arena, 10, sizeof(void *));
    for (unsigned i = 0; i < 10; i++) {
        Xunfang__Hit *hit = arena_alloc(sim->world->arena, sizeof *hit);
        xunfang__hit__init(hit);
        hit->url = arena_printf(sim->world->arena, "%s",
                                article_url(sim, (asked->list * 31 + page * 10 + i) % ARTICLES));
        fetch->hits[fetch->n_hits++] = hit;
    }
    next = world_request(sim->world,
                         arena_printf(sim->world->arena, "http://h%d.cn/list?l=%u&p=%u",
                                      host_number(asked->url), asked->list, asked->page + 1),
                         XUNFANG__REQUEST__KIND__LIST);
    next->list = asked->list;
    next->page = asked->page + 1;
    add_link(sim, fetch, next);
}

static void answer(struct sim *sim, Xunfang__FetchResult *fetch)
{
    const char *url = fetch->request->url;

    fetch->outcome = OUTCOME(OK);
    fetch->http_status = 200;
    fetch->detail = arena_printf(sim->world->arena, "answer");
    if (fetch->request->kind == XUNFANG__REQUEST__KIND__ROBOTS)
        fetch->robots = message_bytes(SLICE("User-agent: *\nDisallow: /private\n"));
    else if (fetch->request->kind == XUNFANG__REQUEST__KIND__LIST)
        fill_list(sim, fetch);
    else if (strstr(url, "/moved/") != NULL) {
        unsigned number = (unsigned) strtoul(strrchr(url, '/') + 1, NULL, 10);
        fetch->outcome = OUTCOME(MOVED);
        add_link(sim, fetch,
                 world_request(sim->world, article_url(sim, number + 1),
                               XUNFANG__REQUEST__KIND__ARTICLE));
    } else if (strstr(url, "/missing/") != NULL)
        fetch->outcome = OUTCOME(NOT_FOUND);
    else if (strstr(url, "/broken/") != NULL ||
             (strstr(url, "/flaky/") != NULL && tries_of(sim, url) < 3)) {
        fetch->outcome = OUTCOME(TRY_AGAIN);
        fetch->http_status = 500;
    }
}

/* Sends as the crawler would: one after the other, the host's clock kept, nothing after expiry. */
static void work_on(struct sim *sim, const Xunfang__Lease *lease)
{
    struct world *world = sim->world;
    Xunfang__Result *result = world_result(world, lease, OUTCOME(NOT_SENT), 0);
    int host = host_number(arena_printf(world->arena, "http://%s", lease->host));
    int64_t at =
        lease->not_before_ms > world->clock.now_ms ? lease->not_before_ms : world->clock.now_ms;
    bool lost = random_chance(&sim->random, sim->lose_per_mille);
    size_t sends = lost ? random_below(&sim->random, lease->n_items + 1) : lease->n_items;

    for (size_t i = 0; i < result->n_fetches; i++) {
        Xunfang__FetchResult *fetch = result->fetches[i];
        fetch->sent_ms = fetch->ended_ms = 0;
        if (i >= sends || at >= lease->expires_ms)
            continue;
        assert_true(at >= sim->ended[host] + DELAY_MS); /* courtesy, over all leases */
        OK_OR_FAIL(map_put(sim->tries, slice_from(fetch->request->url),
                           (void *) (tries_of(sim, fetch->request->url) + 1)));
        assert_null(strstr(fetch->request->url, "/private/"));
        fetch->sent_ms = at;
        fetch->ended_ms = at + TOOK_MS;
        sim->ended[host] = at + TOOK_MS;
        answer(sim, fetch);
        sim->requests++;
        at += TOOK_MS + lease->delay_ms;
    }
    if (lost)
        return;
    assert_true(sim->pending_count < sizeof sim->pending / sizeof sim->pending[0]);
    sim->pending[sim->pending_count++] = (struct pending){lease, result, at};
}

static void publish_due(struct sim *sim)
{
    for (size_t i = 0; i < sim->pending_count;) {
        struct pending pending = sim->pending[i];
        if (pending.at_ms > sim->world->clock.now_ms) {
            i++;
            continue;
        }
        sim->pending[i] = sim->pending[--sim->pending_count];
        world_publish_result(sim->world, pending.lease, pending.result);
        if (random_chance(&sim->random, 100))
            world_publish_result(sim->world, pending.lease, pending.result);
    }
}

/* All that `urls` tells: is something known that has no end yet? As the aggregator would see it. */
struct ledger {
    struct map *known;
    struct map *final;
};

static void note(struct map *map, ProtobufCBinaryData id)
{
    OK_OR_FAIL(map_put(map, message_slice(id), map));
}

static void note_request(struct map *map, const Xunfang__Request *request)
{
    struct id id = request_id(request);

    if (request->kind != XUNFANG__REQUEST__KIND__ROBOTS)
        OK_OR_FAIL(map_put(map, id_slice(&id), map));
}

static void note_result(struct ledger *ledger, const Xunfang__Result *result)
{
    for (size_t i = 0; i < result->n_fetches; i++) {
        const Xunfang__FetchResult *fetch = result->fetches[i];
        for (size_t j = 0; j < fetch->n_links; j++)
            note_request(ledger->known, fetch->links[j]->request);
        for (size_t j = 0; j < fetch->n_hits; j++) {
            struct id id = request_id_of_url(slice_from(fetch->hits[j]->url));
            OK_OR_FAIL(map_put(ledger->known, id_slice(&id), ledger));
        }
        if (fetch->outcome != OUTCOME(TRY_AGAIN) && fetch->outcome != OUTCOME(NOT_SENT) &&
            fetch->outcome != OUTCOME(BLOCKED))
            note(ledger->final, fetch->request_id);
    }
}

static size_t count_open(const struct ledger *ledger)
{
    struct slice id;
    void *value;
    size_t cursor = 0, open = 0;

    while (map_next(ledger->known, &cursor, &id, &value))
        open += map_get(ledger->final, id) == NULL ? 1 : 0;
    return open;
}

static void read_log(struct world *world, struct ledger *ledger)
{
    Xunfang__UrlRecord *record;

    while ((record = world_next_url(world)) != NULL)
        if (record->kind_case == XUNFANG__URL_RECORD__KIND_LINK)
            note_request(ledger->known, record->link->request);
        else if (record->kind_case == XUNFANG__URL_RECORD__KIND_RESULT)
            note_result(ledger, record->result);
        else if (record->kind_case == XUNFANG__URL_RECORD__KIND_VERDICT)
            note(ledger->final, record->verdict->request_id);
}

/* Crawls the web to its end; returns the id of the set of all requests and of how they ended. */
static struct id crawl(uint64_t seed, unsigned lose_per_mille, unsigned restart_per_mille,
                       bool lose_state)
{
    struct sim sim = {.world = world_open(seed),
                      .tries = map_create(),
                      .lose_per_mille = lose_per_mille,
                      .restart_per_mille = restart_per_mille};
    struct ledger ledger = {map_create(), map_create()};
    struct hash *hash = hash_create();
    size_t rounds = 0;

    random_init(&sim.random, seed);
    sim.world->study.job.crawl.delay_ms = DELAY_MS;
    sim.world->study.job.crawl.robots = JOB_ROBOTS_OBEY;
    for (int i = 0; i < HOSTS; i++)
        sim.ended[i] = -DELAY_MS;
    for (unsigned i = 0; i < LISTS; i++)
        world_list(sim.world,
                   arena_printf(sim.world->arena, "http://h%u.cn/list?l=%u&p=0", i % HOSTS, i), i,
                   0);
    read_log(sim.world, &ledger);
    while (count_open(&ledger) > 0) {
        const Xunfang__Lease *lease;
        assert_true(rounds++ < 200000); /* it must come to an end */
        world_run(sim.world, 20);
        while ((lease = world_take_lease(sim.world)) != NULL)
            work_on(&sim, lease);
        publish_due(&sim);
        if (random_chance(&sim.random, sim.restart_per_mille))
            world_restart(sim.world, lose_state && random_chance(&sim.random, 200));
        read_log(sim.world, &ledger);
    }
    for (unsigned i = 0; i < ARTICLES; i++) {
        const char *url = article_url(&sim, i);
        struct id id = request_id_of_url(slice_from(url));
        hash_number(hash, map_get(ledger.known, id_slice(&id)) != NULL);
        hash_number(hash, tries_of(&sim, url) > 0);
    }
    map_destroy(sim.tries);
    map_destroy(ledger.known);
    map_destroy(ledger.final);
    world_close(sim.world);
    return hash_finish(hash);
}

static void test_every_request_ends(void **state)
{
    struct id first = crawl(1, 0, 0, false);
    struct id second = crawl(2, 0, 0, false);

    (void) state;
    assert_true(id_equal(first, second));
}

static void test_lost_leases_and_restarts_change_nothing(void **state)
{
    struct id undisturbed = crawl(1, 0, 0, false);

    (void) state;
    for (uint64_t seed = 10; seed < 18; seed++)
        assert_true(id_equal(crawl(seed, 200, 20, false), undisturbed));
}

static void test_lost_state_changes_nothing(void **state)
{
    struct id undisturbed = crawl(1, 0, 0, false);

    (void) state;
    for (uint64_t seed = 30; seed < 33; seed++)
        assert_true(id_equal(crawl(seed, 50, 5, true), undisturbed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_request_ends),
        cmocka_unit_test(test_lost_leases_and_restarts_change_nothing),
        cmocka_unit_test(test_lost_state_changes_nothing),
    };

    log_open("test", LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
