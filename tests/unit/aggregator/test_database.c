#include "tests/unit/aggregator/folder.h"

#include "aggregator/database.h"

#include <sqlite3.h>

static int64_t ask(sqlite3 *file, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t answer;

    if (sqlite3_prepare_v2(file, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(file));
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    answer = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return answer;
}

static void holds_every_table_and_document(void **state)
{
    const char *base = folder_make();
    struct results results;
    char path[FOLDER_PATH];
    struct error err;
    sqlite3 *file;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/results.sqlite", base);
    fixture_results(fixture_dataset(fixture_story, FIXTURE_STORY), &results);
    if (database_write(&results, path, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    assert_int_equal(sqlite3_open_v2(path, &file, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(ask(file, "SELECT count(*) FROM events"), 6);
    assert_int_equal(ask(file, "SELECT sum(visits) FROM network"), 6);
    assert_int_equal(ask(file, "SELECT count FROM funnel WHERE stage = 'documents'"), 8);
    assert_int_equal(ask(file, "SELECT count(*) FROM documents"), 9);
    assert_int_equal(ask(file, "SELECT count(*) FROM documents WHERE reason = 'duplicate'"), 1);
    assert_int_equal(ask(file, "SELECT sum(speaks) FROM documents"), 8);
    assert_int_equal(ask(file, "SELECT count(*) FROM pairs WHERE u IS NULL AND network = 'all'"),
                     3);
    assert_int_equal(ask(file, "SELECT count(*) FROM reports r JOIN documents d"
                               " ON d.id = r.document_id JOIN events e USING (event_id)"),
                     9);
    assert_int_equal(ask(file, "SELECT count(*) FROM pairs WHERE typeof(u) = 'text'"), 0);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
    results_fini(&results);
    folder_remove(base);
}

static void tells_who_decided_each_document(void **state)
{
    const struct telling tellings[] = {
        {.url = "a",
         .origin = "上海",
         .host = "南京",
         .decided_by = "llm",
         .model = "q@1",
         .asked = "visit+ themes-"},
        {.url = "b", .origin = "上海", .host = "南京"},
    };
    const char *base = folder_make();
    struct results results;
    char path[FOLDER_PATH];
    sqlite3 *file;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/results.sqlite", base);
    fixture_results(fixture_dataset(tellings, 2), &results);
    assert_int_equal(database_write(&results, path, NULL), STATUS_OK);
    assert_int_equal(sqlite3_open_v2(path, &file, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(ask(file, "SELECT count(*) FROM documents WHERE decided_by = 'llm'"
                               " AND model = 'q@1'"),
                     1);
    assert_int_equal(ask(file, "SELECT count(*) FROM questions q JOIN documents d"
                               " ON d.id = q.document_id WHERE d.url = 'a'"),
                     2);
    assert_int_equal(ask(file, "SELECT count(*) FROM questions WHERE outcome = 'failed'"), 1);
    assert_int_equal(ask(file, "SELECT sum(asked) FROM decisions"), 2);
    assert_int_equal(ask(file, "SELECT count(*) FROM decisions WHERE typeof(asked) = 'text'"), 0);
    assert_int_equal(sqlite3_close(file), SQLITE_OK);
    results_fini(&results);
    folder_remove(base);
}

static void a_bad_path_is_named(void **state)
{
    struct results results;
    struct error err;

    (void) state;
    fixture_results(dataset_create(), &results);
    assert_int_equal(database_write(&results, "/nowhere/at/all.sqlite", &err), STATUS_IO);
    assert_non_null(strstr(err.message, "/nowhere/at/all.sqlite"));
    results_fini(&results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_every_table_and_document),
        cmocka_unit_test(tells_who_decided_each_document),
        cmocka_unit_test(a_bad_path_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
