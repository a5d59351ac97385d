/* torture-answers: a worker asks a model through the log of answers; again and again, with the n-th
 * allocation or store write failing, once or from there on. Whatever n is: a clean error, nothing
 * left behind, and a new worker comes to the end. README.md. */
#include "torture_alloc.h"

#include "base/bus/bus_memory.h"
#include "base/llm/asker.h"
#include "base/log.h"
#include "base/store/store_memory.h"
#include "tests/support/fake_llm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { QUESTIONS = 4, STEPS_MAX = 400, ROUNDS_MAX = 20000 };

static const struct shape_field field = {{"n", 1}, SHAPE_TEXT, NULL, 0, 40};
static const struct shape shape = {&field, 1};

/* Outlives the workers. */
struct scene {
    struct clock_manual clock;
    struct bus_world *world;
    struct store *store;
    struct fake_server server;
    uint64_t life;
};

struct worker {
    struct bus *bus;
    struct answers *answers;
    struct llm *llm;
    struct asker *asker;
};

/* ---- the scene ---- */

static void open_scene(struct scene *scene)
{
    struct bus *bus;

    *scene = (struct scene){.life = 1};
    clock_manual_init(&scene->clock, 1000);
    scene->world = bus_world_create(1, &scene->clock);
    scene->store = store_open_memory();
    fake_server_init(&scene->server, &scene->clock, 1);
    ENSURE(scene->world != NULL && scene->store != NULL);
    ENSURE(bus_memory_open(scene->world, NULL, &bus, NULL) == STATUS_OK);
    ENSURE(bus_topic_create(bus, "answers", 1, NULL) == STATUS_OK);
    bus_close(bus);
}

static void close_scene(struct scene *scene)
{
    fake_server_fini(&scene->server);
    store_close(scene->store);
    bus_world_destroy(scene->world);
}

/* ---- a worker ---- */

static enum status start(struct scene *scene, struct worker *worker, struct error *err)
{
    struct answers_options log = {.topic = "answers",
                                  .store = scene->store,
                                  .clock = &scene->clock.clock,
                                  .job = SLICE("job"),
                                  .slot = "w",
                                  .life = ++scene->life,
                                  .caps = {.calls = 400},
                                  .claim_ms = 10000};
    struct asker_options options = {.clock = &scene->clock.clock};
    enum status status = bus_memory_open(scene->world, NULL, &worker->bus, err);

    log.bus = worker->bus;
    if (status == STATUS_OK)
        status = answers_open(&log, &worker->answers, err);
    if (status != STATUS_OK)
        return status;
    options.answers = worker->answers;
    options.llm = worker->llm = fake_llm_open(&scene->server, "m");
    if (options.llm == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a model");
    return asker_create(&options, &worker->asker, err);
}

static void stop(struct worker *worker)
{
    asker_destroy(worker->asker);
    llm_destroy(worker->llm);
    answers_close(worker->answers);
    bus_close(worker->bus);
}

static enum status ask(struct worker *worker, size_t number, struct error *err)
{
    static const char *const contents[QUESTIONS] = {"a", "b", "c", "d"};
    const struct llm_turn turn = {LLM_USER, slice_from(contents[number])};
    const struct asker_question question = {.task = SLICE("t"),
                                            .prompt = SLICE("p"),
                                            .content = slice_from(contents[number]),
                                            .turns = &turn,
                                            .turn_count = 1,
                                            .shape = &shape};

    return asker_ask(worker->asker, &question, err);
}

/* Asks everything, and takes what ends. */
static enum status work(struct worker *worker, struct error *err)
{
    size_t asked = 0, ended = 0;
    const struct asked *next;
    enum status status = asker_step(worker->asker, 0, err);

    for (int i = 0; status == STATUS_OK && ended < QUESTIONS && i < STEPS_MAX; i++) {
        if (asked < QUESTIONS)
            status = ask(worker, asked++, err);
        if (status == STATUS_OK)
            status = asker_step(worker->asker, 10, err);
        while (status == STATUS_OK && (next = asker_next(worker->asker)) != NULL) {
            if (next->outcome != ASKED_ANSWERED)
                status = error_set(err, STATUS_INTERNAL, "a question was not answered");
            asker_release(worker->asker, next);
            ended++;
        }
    }
    if (status == STATUS_OK && ended < QUESTIONS)
        status = error_set(err, STATUS_INTERNAL, "no end");
    return status;
}

static enum status live(struct scene *scene, struct error *err)
{
    struct worker worker = {.bus = NULL};
    enum status status = start(scene, &worker, err);

    if (status == STATUS_OK)
        status = work(&worker, err);
    stop(&worker);
    return status;
}

/* ---- torture ---- */

static uint64_t ordered;

static void order_memory(struct scene *scene, uint64_t nth, bool forever)
{
    (void) scene;
    torture_alloc_fail(nth, forever);
}

static bool memory_struck(const struct scene *scene)
{
    (void) scene;
    return torture_alloc_failed();
}

/* A store stops for good by itself. */
static void order_store(struct scene *scene, uint64_t nth, bool forever)
{
    ordered = nth;
    store_memory_fail(scene->store, nth, forever ? STATUS_CORRUPT : STATUS_DISK_FULL);
    if (nth == 0)
        store_memory_recover(scene->store);
}

static bool store_struck(const struct scene *scene)
{
    return store_memory_writes(scene->store) >= ordered;
}

struct order {
    const char *name;
    void (*give)(struct scene *scene, uint64_t nth, bool forever);
    bool (*struck)(const struct scene *scene);
};

static const struct order orders[] = {{"memory", order_memory, memory_struck},
                                      {"store", order_store, store_struck}};

static bool complain(const struct order *order, uint64_t nth, const char *what)
{
    printf("answers, %s, failure %" PRIu64 ": %s\n", order->name, nth, what);
    return false;
}

static bool one_round(const struct order *order, uint64_t nth, bool forever, bool *struck)
{
    int64_t before = torture_alloc_live();
    struct error err = {.message = ""}, again = {.message = ""};
    struct scene scene;
    enum status status, end;

    open_scene(&scene);
    order->give(&scene, nth, forever);
    status = live(&scene, &err);
    *struck = order->struck(&scene);
    order->give(&scene, 0, false);
    end = live(&scene, &again);
    if (end == STATUS_OK && scene.server.questions > 2 * QUESTIONS)
        end = error_set(&again, STATUS_INTERNAL, "%" PRIu64 " questions", scene.server.questions);
    close_scene(&scene);
    if (end != STATUS_OK)
        return complain(order, nth, again.message);
    if (status != STATUS_OK && (!*struck || err.message[0] == '\0'))
        return complain(order, nth, "an error without a cause, or without a message");
    if (torture_alloc_live() != before)
        return complain(order, nth, "memory is left behind");
    return true;
}

static bool torture(const struct order *order, bool forever)
{
    bool struck = true;
    uint64_t nth = 0;

    while (struck && nth < ROUNDS_MAX)
        if (!one_round(order, ++nth, forever, &struck))
            return false;
    if (struck)
        return complain(order, nth, "no end");
    printf("answers, %s: %" PRIu64 " failures %s\n", order->name, nth - 1,
           forever ? "for ever" : "once");
    return true;
}

int main(void)
{
    struct scene scene;
    struct error err;
    bool good = true;

    log_open("torture", LOG_ERROR);
    /* Metrics live as long as the process: made here, they do not count as left behind. */
    open_scene(&scene);
    ENSURE(live(&scene, &err) == STATUS_OK && live(&scene, &err) == STATUS_OK);
    close_scene(&scene);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        good = good && torture(&orders[i], false) && torture(&orders[i], true);
    return !good;
}
