#include "tests/unit/aggregator/fixture.h"

#include "aggregator/event_tables.h"
#include "aggregator/tables.h"
#include "base/json.h"
#include "base/util/random.h"

enum { TABLE_MAX = 1 << 20 };

static void render(const char *file, const struct results *results, struct buf *out)
{
    const struct table *table = table_find(file);

    assert_non_null(table);
    buf_init(out, TABLE_MAX);
    table->render(results, out);
    assert_int_equal(buf_status(out, NULL), STATUS_OK);
}

static void golden_path(const char *file, char path[512])
{
    (void) snprintf(path, 512, "%s/tests/unit/aggregator/golden/%s", SOURCE_DIR, file);
}

static void read_golden(const char *file, struct buf *bytes)
{
    char path[512];
    FILE *in;
    char *room;

    golden_path(file, path);
    in = fopen(path, "rb");
    if (in == NULL)
        fail_msg("cannot read %s", path);
    buf_init(bytes, TABLE_MAX);
    while ((room = buf_reserve(bytes, 4096)) != NULL) {
        size_t size = fread(room, 1, 4096, in);
        if (size == 0)
            break;
        buf_added(bytes, size);
    }
    (void) fclose(in);
}

/* With XUNFANG_UPDATE_GOLDEN set the files are written instead of compared: look at the
 * difference. */
static void compare_golden(const char *file, const struct buf *text)
{
    struct buf golden;
    char path[512];

    if (getenv("XUNFANG_UPDATE_GOLDEN") != NULL) {
        FILE *out;

        golden_path(file, path);
        out = fopen(path, "wb");
        assert_non_null(out);
        assert_int_equal(fwrite(text->data, 1, text->size, out), text->size);
        assert_int_equal(fclose(out), 0);
        return;
    }
    read_golden(file, &golden);
    if (golden.size != text->size || memcmp(golden.data, text->data, text->size) != 0)
        fail_msg("%s is no longer its golden file; it is:\n%s", file, buf_text(text));
    buf_fini(&golden);
}

static void every_table_is_its_golden_file(void **state)
{
    struct results results;

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    for (size_t i = 0; i < table_count(); i++) {
        struct buf text;

        render(table_at(i)->file, &results, &text);
        compare_golden(table_at(i)->file, &text);
        buf_fini(&text);
    }
    results_fini(&results);
}

static void shuffle(struct random *random, struct telling *tellings, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, i);
        struct telling kept = tellings[i - 1];

        tellings[i - 1] = tellings[other];
        tellings[other] = kept;
    }
}

/* Many seeded reports, in two orders: every table has the same bytes. */
static void bytes_do_not_depend_on_order(void **state)
{
    static const char *const names[] = {"上海", "南京", "苏州", "合肥"};
    static const char *const days[] = {NULL, "2019-05-01", "2019-05-03", "2019-05-06"};
    static const char *const depts[] = {"", "市教育局", "市发改委"};
    enum { COUNT = 120 };
    struct random random;

    (void) state;
    random_init(&random, 99);
    for (int round = 0; round < 20; round++) {
        struct telling tellings[COUNT];
        char urls[COUNT][24];
        struct results one, other;

        for (size_t i = 0; i < COUNT; i++) {
            (void) snprintf(urls[i], sizeof urls[i], "http://a.example/%zu", i);
            tellings[i] = (struct telling){
                .url = urls[i],
                .site = names[random_below(&random, 4)],
                .published =
                    random_chance(&random, 100) ? NULL : days[1 + random_below(&random, 3)],
                .origin = names[random_below(&random, 2)],
                .host = names[random_below(&random, 4)],
                .day = days[random_below(&random, 4)],
                .origin_dept = depts[random_below(&random, 3)],
                .level = random_chance(&random, 300) ? "principal" : "department",
                .theme = random_chance(&random, 500) ? "经济发展" : "公共服务",
                .purpose = random_chance(&random, 500) ? "cooperative" : "learning",
                .text = random_chance(&random, 300) ? "one of the same" : NULL,
                .second_host = random_chance(&random, 200) ? names[random_below(&random, 4)] : NULL,
            };
        }
        fixture_results(fixture_dataset(tellings, COUNT), &one);
        shuffle(&random, tellings, COUNT);
        fixture_results(fixture_dataset(tellings, COUNT), &other);
        for (size_t i = 0; i < table_count(); i++) {
            struct buf a, b;

            render(table_at(i)->file, &one, &a);
            render(table_at(i)->file, &other, &b);
            if (a.size != b.size || memcmp(a.data, b.data, a.size) != 0)
                fail_msg("%s depends on the order of reports", table_at(i)->file);
            buf_fini(&a);
            buf_fini(&b);
        }
        results_fini(&one);
        results_fini(&other);
    }
}

static void nothing_at_all_gives_empty_tables(void **state)
{
    struct results results;

    (void) state;
    fixture_results(dataset_create(), &results);
    for (size_t i = 0; i < table_count(); i++) {
        struct buf text;

        render(table_at(i)->file, &results, &text);
        buf_fini(&text);
    }
    results_fini(&results);
}

static void every_line_of_jsonl_is_an_object(void **state)
{
    struct arena *arena = arena_create(1 << 20);
    struct results results;
    struct buf text;
    struct slice rest;
    size_t lines = 0;

    (void) state;
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    render("events.jsonl", &results, &text);
    rest = buf_slice(&text);
    while (rest.size > 0) {
        const struct json *object;

        assert_int_equal(json_parse(slice_split(&rest, '\n'), arena, &object, NULL), STATUS_OK);
        for (size_t i = 0; i < EVENT_FIELDS; i++) {
            const struct json *member = json_member(object, event_field_names[i]);

            assert_non_null(member);
            if (event_field_is_list(i))
                assert_int_equal(json_kind(member), JSON_KIND_ARRAY);
            else if (event_field_is_number(i))
                assert_int_equal(json_kind(member), JSON_KIND_NUMBER);
        }
        assert_int_equal(json_size(json_member(object, "report_ids")),
                         json_int(json_member(object, "reports"), -1));
        lines++;
    }
    assert_int_equal(lines, 6);
    buf_fini(&text);
    arena_destroy(arena);
    results_fini(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_its_golden_file),
        cmocka_unit_test(bytes_do_not_depend_on_order),
        cmocka_unit_test(nothing_at_all_gives_empty_tables),
        cmocka_unit_test(every_line_of_jsonl_is_an_object),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
