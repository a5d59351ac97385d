/*
 * The CSV tables are rendered and read back into tables of the same columns; documents, hits and
 * questions have no CSV and are written from the dataset. All is one transaction on a file that
 * nobody reads yet.
 */
#include "aggregator/database.h"

#include "aggregator/csv.h"
#include "aggregator/tables.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { SQL_MAX = 16 * 1024 };

struct database {
    sqlite3 *file;
    const struct results *results;
    const char *path;
};

/* SQLite's own words, with the file's name and a status the caller can act on. */
static enum status fail(const struct database *db, int code, struct error *err)
{
    enum status status = code == SQLITE_FULL    ? STATUS_DISK_FULL
                         : code == SQLITE_NOMEM ? STATUS_NOMEM
                                                : STATUS_IO;

    return error_set(err, status, "cannot write %s: %s", db->path,
                     db->file == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(db->file));
}

static enum status execute(const struct database *db, const char *sql, struct error *err)
{
    int code = sqlite3_exec(db->file, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? STATUS_OK : fail(db, code, err);
}

static enum status prepare(const struct database *db, const char *sql, sqlite3_stmt **statement,
                           struct error *err)
{
    int code = sqlite3_prepare_v2(db->file, sql, -1, statement, NULL);

    return code == SQLITE_OK ? STATUS_OK : fail(db, code, err);
}

static enum status step(const struct database *db, sqlite3_stmt *statement, struct error *err)
{
    int code = sqlite3_step(statement);

    if (code != SQLITE_DONE)
        return fail(db, code, err);
    code = sqlite3_reset(statement);
    return code == SQLITE_OK ? STATUS_OK : fail(db, code, err);
}

/* Empty is unknown: NULL, so that SQL can tell. SQLITE_STATIC, since the text outlives the step;
 * ids and dates, which are built on the stack, are bound as TRANSIENT. */
static void bind_text(sqlite3_stmt *statement, int column, struct slice text)
{
    if (text.size == 0)
        (void) sqlite3_bind_null(statement, column);
    else
        (void) sqlite3_bind_text64(statement, column, text.data, text.size, SQLITE_STATIC,
                                   SQLITE_UTF8);
}

/* ---- the CSV tables ---- */

/* Columns of these names hold numbers; NUMERIC affinity turns their texts into such. */
static bool is_number(struct slice name)
{
    static const char *const names[] = {"count",
                                        "documents",
                                        "asked",
                                        "answered",
                                        "failed",
                                        "refused",
                                        "reports",
                                        "visits",
                                        "cooperative",
                                        "w_ab",
                                        "w_ba",
                                        "u",
                                        "d",
                                        "u_low",
                                        "u_high",
                                        "distance_km",
                                        "code",
                                        "lon",
                                        "lat",
                                        "visits_out",
                                        "visits_in",
                                        "cooperative_in",
                                        "partners_out",
                                        "cooperative_out",
                                        "partners_in",
                                        "partners",
                                        "mean_u",
                                        "year",
                                        "cooperative_ab",
                                        "cooperative_ba",
                                        "declared",
                                        "collected",
                                        "w_ab_by_department",
                                        "w_ba_by_department"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_equal(name, slice_from(names[i])))
            return true;
    return false;
}

static void write_create(const char *table, const struct csv_row *header, struct buf *sql)
{
    buf_printf(sql, "CREATE TABLE %s (", table);
    for (size_t i = 0; i < header->count; i++)
        buf_printf(sql, "%s%.*s %s", i > 0 ? ", " : "", SLICE_ARG(header->fields[i]),
                   is_number(header->fields[i]) ? "NUMERIC" : "TEXT");
    buf_puts(sql, ")");
}

static void write_insert(const char *table, size_t columns, struct buf *sql)
{
    buf_printf(sql, "INSERT INTO %s VALUES (", table);
    for (size_t i = 0; i < columns; i++)
        buf_puts(sql, i > 0 ? ",?" : "?");
    buf_puts(sql, ")");
}

static enum status insert_rows(const struct database *db, sqlite3_stmt *statement,
                               struct slice text, size_t columns, struct error *err)
{
    struct error bad = {.code = STATUS_OK};
    enum status status = STATUS_OK;
    struct csv_row row;
    struct buf memory;

    buf_init(&memory, TABLE_BYTES_MAX);
    while (status == STATUS_OK && csv_next(&text, &memory, &row, &bad)) {
        ENSURE(row.count == columns);
        for (size_t i = 0; i < columns; i++)
            bind_text(statement, (int) i + 1, row.fields[i]);
        status = step(db, statement, err);
    }
    ENSURE(bad.code == STATUS_OK); /* the text is our own */
    buf_fini(&memory);
    return status;
}

static enum status write_table(const struct database *db, const char *name, struct slice text,
                               struct error *err)
{
    struct csv_row header;
    struct buf memory, create, insert;
    sqlite3_stmt *statement = NULL;
    enum status status;

    buf_init(&memory, TABLE_BYTES_MAX);
    buf_init(&create, SQL_MAX);
    buf_init(&insert, SQL_MAX);
    ENSURE(csv_next(&text, &memory, &header, err));
    write_create(name, &header, &create);
    write_insert(name, header.count, &insert);
    status = execute(db, buf_text(&create), err);
    if (status == STATUS_OK)
        status = prepare(db, buf_text(&insert), &statement, err);
    if (status == STATUS_OK)
        status = insert_rows(db, statement, text, header.count, err);
    (void) sqlite3_finalize(statement);
    buf_fini(&memory);
    buf_fini(&create);
    buf_fini(&insert);
    return status;
}

/* The CSV tables are rendered and read back: one definition of columns for both forms. */
static enum status write_tables(const struct database *db, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t i = 0; i < table_count() && status == STATUS_OK; i++) {
        const struct table *table = table_at(i);
        struct slice name = slice_from(table->file);
        char sql_name[64];
        struct buf text;

        if (!slice_ends(name, SLICE(".csv")))
            continue;
        name = slice_sub(name, 0, name.size - 4);
        memcpy(sql_name, name.data, name.size);
        sql_name[name.size] = '\0';
        buf_init(&text, TABLE_BYTES_MAX);
        table->render(db->results, &text);
        status = buf_status(&text, err);
        if (status == STATUS_OK)
            status = write_table(db, sql_name, buf_slice(&text), err);
        buf_fini(&text);
    }
    return status;
}

/* ---- documents and hits ---- */

static void bind_document(const struct results *results, const struct document *document,
                          const char *reason, bool speaks, sqlite3_stmt *statement)
{
    const struct dataset *dataset = results->dataset;
    struct ruling ruling = dataset_ruling(dataset, document);
    char id[ID_TEXT_SIZE], fingerprint[ID_TEXT_SIZE], date[CIVIL_TEXT_SIZE];

    (void) sqlite3_bind_text(statement, 1, id_text(document->id, id), -1, SQLITE_TRANSIENT);
    bind_text(statement, 2, dataset_text(dataset, document->url));
    bind_text(statement, 3, dataset_text(dataset, document->site_city));
    (void) civil_text(document->date, date);
    (void) sqlite3_bind_text(statement, 4, date[0] == '\0' ? NULL : date, -1, SQLITE_TRANSIENT);
    (void) sqlite3_bind_text(statement, 5, reason, -1, SQLITE_STATIC);
    if (document->flags & DOCUMENT_TEXT)
        (void) sqlite3_bind_text(statement, 6, id_text(document->fingerprint, fingerprint), -1,
                                 SQLITE_TRANSIENT);
    else
        (void) sqlite3_bind_null(statement, 6);
    (void) sqlite3_bind_int(statement, 7, speaks);
    bind_text(statement, 8, dataset_text(dataset, ruling.decided_by));
    bind_text(statement, 9, dataset_text(dataset, ruling.model));
}

/* The one reason of a counted document. */
static enum reason reason_of(const struct results *results, uint32_t index, uint32_t group,
                             bool *speaks)
{
    const struct document *document = dataset_at(results->dataset, index);

    *speaks = false;
    if (group == UINT32_MAX)
        return document->outcome == OUTCOME_DEAD ? REASON_DEAD : REASON_BLANK;
    *speaks = results->groups.members[results->groups.groups[group].first] == index;
    return *speaks ? funnel_reason(results->dataset, document) : REASON_DUPLICATE;
}

/* Counted documents only: each has exactly one reason. */
static enum status write_documents(const struct database *db, struct error *err)
{
    const struct results *results = db->results;
    uint32_t *group_of = groups_by_document(results->dataset, &results->groups);
    sqlite3_stmt *statement = NULL;
    enum status status;

    if (group_of == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for documents");
    status = execute(db,
                     "CREATE TABLE documents (id TEXT PRIMARY KEY, url TEXT, site_city TEXT,"
                     " date TEXT, reason TEXT, fingerprint TEXT, speaks INTEGER, decided_by TEXT,"
                     " model TEXT) WITHOUT ROWID",
                     err);
    if (status == STATUS_OK)
        status = prepare(db, "INSERT INTO documents VALUES (?,?,?,?,?,?,?,?,?)", &statement, err);
    for (uint32_t i = 0; status == STATUS_OK && i < results->dataset->documents.count; i++) {
        const struct document *document = dataset_at(results->dataset, i);
        bool speaks;
        enum reason reason;

        if (!(document->flags & DOCUMENT_COUNTED))
            continue;
        reason = reason_of(results, i, group_of[i], &speaks);
        bind_document(results, document, reason_text(reason), speaks, statement);
        status = step(db, statement, err);
    }
    (void) sqlite3_finalize(statement);
    free(group_of);
    return status;
}

static enum status write_hits(const struct database *db, struct error *err)
{
    const struct dataset *dataset = db->results->dataset;
    const struct hit *hits = dataset->hits.data;
    sqlite3_stmt *statement = NULL;
    enum status status = execute(db, "CREATE TABLE hits (list INTEGER, document_id TEXT)", err);
    char id[ID_TEXT_SIZE];

    if (status == STATUS_OK)
        status = prepare(db, "INSERT INTO hits VALUES (?,?)", &statement, err);
    for (size_t i = 0; status == STATUS_OK && i < dataset->hits.count; i++) {
        (void) sqlite3_bind_int64(statement, 1, hits[i].list);
        (void) sqlite3_bind_text(statement, 2,
                                 id_text(dataset_at(dataset, hits[i].document)->id, id), -1,
                                 SQLITE_TRANSIENT);
        status = step(db, statement, err);
    }
    (void) sqlite3_finalize(statement);
    return status;
}

/* One row a question to a language model. */
static enum status write_document_questions(const struct database *db, sqlite3_stmt *statement,
                                            const struct document *document, struct error *err)
{
    static const char *const ends[] = {"answered", "failed", "refused"};
    const struct dataset *dataset = db->results->dataset;
    struct ruling ruling = dataset_ruling(dataset, document);
    enum status status = STATUS_OK;
    char id[ID_TEXT_SIZE];

    for (uint32_t i = 0; i < ruling.task_count && status == STATUS_OK; i++) {
        (void) sqlite3_bind_text(statement, 1, id_text(document->id, id), -1, SQLITE_TRANSIENT);
        bind_text(statement, 2, dataset_text(dataset, ruling.tasks[i]));
        (void) sqlite3_bind_text(statement, 3, ends[ruling.ends[i]], -1, SQLITE_STATIC);
        status = step(db, statement, err);
    }
    return status;
}

static enum status write_questions(const struct database *db, struct error *err)
{
    const struct dataset *dataset = db->results->dataset;
    sqlite3_stmt *statement = NULL;
    enum status status =
        execute(db, "CREATE TABLE questions (document_id TEXT, task TEXT, outcome TEXT)", err);

    if (status == STATUS_OK)
        status = prepare(db, "INSERT INTO questions VALUES (?,?,?)", &statement, err);
    for (size_t i = 0; status == STATUS_OK && i < dataset->documents.count; i++)
        if (dataset_at(dataset, i)->flags & DOCUMENT_COUNTED)
            status = write_document_questions(db, statement, dataset_at(dataset, i), err);
    (void) sqlite3_finalize(statement);
    return status;
}

enum status database_write(const struct results *results, const char *path, struct error *err)
{
    struct database db = {.results = results, .path = path};
    int code = sqlite3_open(path, &db.file);
    enum status status;

    if (code != SQLITE_OK) {
        status = fail(&db, code, err);
        goto out;
    }
    /* The file is new and its folder is renamed as a whole: no journal is needed. */
    status = execute(&db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN", err);
    if (status == STATUS_OK)
        status = write_tables(&db, err);
    if (status == STATUS_OK)
        status = write_documents(&db, err);
    if (status == STATUS_OK)
        status = write_hits(&db, err);
    if (status == STATUS_OK)
        status = write_questions(&db, err);
    if (status == STATUS_OK)
        status = execute(&db, "COMMIT", err);
out:
    if (sqlite3_close(db.file) != SQLITE_OK && status == STATUS_OK)
        status = error_set(err, STATUS_IO, "cannot close %s", path);
    return status;
}
