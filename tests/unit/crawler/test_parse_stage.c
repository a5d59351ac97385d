/* parse_stage: what the crawler archived gives the documents it published. */
#include "crawler/parse_stage.h"

#include "tests/unit/crawler/fetch_world.h"

#define PATHS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* Runs the stage over all pages of the world, as run `again`. */
static void parse_all(struct world *world)
{
    struct page_parser self = {.study = world->study};
    const struct bus_partition input = {"job.pages", 0};
    struct worker_options options = {.bus = world->bus,
                                     .clock = clock_system(),
                                     .inputs = &input,
                                     .input_count = 1,
                                     .output = "job.again.documents",
                                     .owner = "parser.again",
                                     .run = "again"};
    struct worker *worker;

    OK_OR_FAIL(bus_topic_create(world->bus, options.output, 1, &world_error));
    OK_OR_FAIL(fetch_parser_create(&self.parser, &world_error));
    OK_OR_FAIL(worker_create_map(&parser_stage, &self, &options, &worker, &world_error));
    for (int i = 0; i < 50; i++)
        OK_OR_FAIL(worker_step(worker, 0, &world_error));
    assert_true(worker_caught_up(worker));
    worker_destroy(worker);
    fetch_parser_destroy(self.parser);
}

static void test_the_same_document_from_the_archive(void **state)
{
    struct world *world = world_open();
    struct record crawled, again;

    (void) state;
    world_send(world, world_lease(world, PATHS("/article/1", "/list?q=x", "/article/2"), 3));
    (void) world_wait(world, 0);
    parse_all(world);
    for (uint64_t i = 0; i < 2; i++) {
        assert_true(world_record(world, "job.main.documents", i, &crawled));
        assert_true(world_record(world, "job.again.documents", i, &again));
        assert_true(id_equal(crawled.id, again.id));
        assert_true(slice_equal(crawled.key, again.key));
        assert_true(slice_equal(crawled.payload, again.payload));
        assert_int_equal(again.outcome, OUTCOME_PASSED);
        assert_true(slice_equal(again.run, SLICE("again")));
        assert_int_equal(again.source_count, 1);
        assert_true(slice_equal(again.sources[0].topic, SLICE("job.pages")));
        assert_int_equal(again.sources[0].offset, crawled.sources[0].offset);
    }
    assert_false(world_record(world, "job.again.documents", 2, &again)); /* the list */
    world_close(world);
}

static void test_what_was_no_article_is_passed_over(void **state)
{
    struct world *world = world_open();
    struct record record;

    (void) state;
    world_send(world, world_lease(world, PATHS("/none", "/moved", "/nolist"), 3));
    (void) world_wait(world, 0);
    assert_true(world_record(world, "job.pages", 2, &record));
    parse_all(world);
    assert_false(world_record(world, "job.again.documents", 0, &record));
    world_close(world);
}

/* A page whose message is damaged still has an outcome. */
static void test_an_unreadable_page_is_dead(void **state)
{
    struct world *world = world_open();
    struct record record = {.key = SLICE("k"),
                            .job = SLICE("job"),
                            .schema = RECORD_SCHEMA,
                            .payload = SLICE("\xff\xff\xff")};
    struct bus_message message = {.topic = "job.pages", .key = record.key};
    struct buf bytes;

    (void) state;
    buf_init(&bytes, 1 << 20);
    OK_OR_FAIL(record_encode(&record, &bytes, &world_error));
    message.value = buf_slice(&bytes);
    OK_OR_FAIL(bus_publish(world->bus, &message, NULL, &world_error));
    parse_all(world);
    assert_true(world_record(world, "job.again.documents", 0, &record));
    assert_int_equal(record.outcome, OUTCOME_DEAD);
    buf_fini(&bytes);
    world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_document_from_the_archive),
        cmocka_unit_test(test_what_was_no_article_is_passed_over),
        cmocka_unit_test(test_an_unreadable_page_is_dead),
    };

    return cmocka_run_group_tests(tests, server_start, NULL);
}
