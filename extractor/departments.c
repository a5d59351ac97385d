/*
 * One map from every name to its row. Texts write 市 in front of a name or leave it out, so keys go
 * without it, and searches step over it. A search in running text tries the longest name first:
 * 市委宣传部 is not 市委.
 */
#include "extractor/departments.h"

#include "base/util/map.h"
#include "extractor/rows.h"
#include "study/text.h"

#include <stdlib.h>
#include <string.h>

struct department {
    struct slice canonical;
};

struct departments {
    char *text; /* the file; every slice here points into it */
    struct department rows[DEPARTMENTS_MAX];
    size_t count;
    struct map *names; /* without 市 in front → row */
    size_t longest;    /* key, in bytes: no search need look further */
};

static const struct slice city_mark = {"市", sizeof "市" - 1};

static struct slice without_mark(struct slice name)
{
    return slice_starts(name, city_mark) ? slice_sub(name, city_mark.size, name.size) : name;
}

/* The first row that claims a name keeps it. */
static enum status add_name(struct departments *departments, struct slice name,
                            struct department *row, struct error *err)
{
    struct slice key = without_mark(name);

    /* 市场监管局 begins with 市 but is no 市 + 场监管局. */
    if (slice_starts(name, SLICE("市场")))
        key = name;
    if (key.size == 0 || map_get(departments->names, key) != NULL)
        return STATUS_OK;
    if (key.size > departments->longest)
        departments->longest = key.size;
    if (map_put(departments->names, key, row) != STATUS_OK)
        return error_set(err, STATUS_NOMEM, "out of memory");
    return STATUS_OK;
}

static enum status add_row(void *self, struct slice line, struct error *err)
{
    struct departments *departments = self;
    struct slice canonical = slice_split(&line, '\t');
    struct slice system = slice_split(&line, '\t');
    struct department *row;
    enum status status;

    /* An empty third column is fine, one that is not there is a broken row. */
    if (canonical.size == 0 || system.size == 0 || line.data == NULL)
        return error_set(err, STATUS_INVALID, "not canonical, system and names");
    if (departments->count == DEPARTMENTS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "more than %d departments", DEPARTMENTS_MAX);
    row = &departments->rows[departments->count++];
    row->canonical = canonical;
    status = add_name(departments, canonical, row, err);
    while (line.data != NULL && status == STATUS_OK)
        status = add_name(departments, slice_split(&line, '|'), row, err);
    return status;
}

enum status departments_load(const char *path, struct departments **departments, struct error *err)
{
    struct departments *loaded = calloc(1, sizeof *loaded);
    struct rows_handler handler = {.on_row = add_row};
    enum status status;

    if (loaded == NULL || (loaded->names = map_create()) == NULL) {
        departments_destroy(loaded);
        return error_set(err, STATUS_NOMEM, "out of memory");
    }
    handler.self = loaded;
    status = rows_read(path, DEPARTMENTS_FILE_MAX, &handler, &loaded->text, err);
    if (status != STATUS_OK) {
        departments_destroy(loaded);
        return status;
    }
    *departments = loaded;
    return STATUS_OK;
}

void departments_destroy(struct departments *departments)
{
    if (departments == NULL)
        return;
    map_destroy(departments->names);
    free(departments->text);
    free(departments);
}

/* The longest name that `text` begins with. */
static const struct department *name_at(const struct departments *departments, struct slice text)
{
    size_t size = text.size < departments->longest ? text.size : departments->longest;

    for (; size > 0; size--) {
        const struct department *row = map_get(departments->names, slice_sub(text, 0, size));

        if (row != NULL)
            return row;
    }
    return NULL;
}

struct slice departments_known(const struct departments *departments, struct slice text)
{
    static const char *const marks[] = {"市", "县", "区", "州", "旗"};
    /* As it stands first: 市场监管局 has its 市 in the map. */
    const struct department *row = map_get(departments->names, text);

    for (size_t i = 0; i < sizeof marks / sizeof marks[0] && row == NULL; i++)
        if (slice_starts(text, slice_from(marks[i])))
            row = map_get(departments->names, slice_sub(text, strlen(marks[i]), text.size));
    return row == NULL ? (struct slice){NULL, 0} : row->canonical;
}

/* 。 ， ； and their like: behind them another clause begins, whose organ is another's. */
static bool ends_clause(uint32_t point)
{
    return point == 0x3002 || point == 0xFF0C || point == ',' || point == 0xFF1B || point == '\n';
}

struct slice departments_find(const struct departments *departments, struct slice text)
{
    size_t at = 0;
    uint32_t point = 0;

    while (at <= DEPARTMENTS_SKIP && at < text.size) {
        const struct department *row = name_at(departments, slice_sub(text, at, text.size));

        if (row != NULL)
            return row->canonical;
        if (!text_next(text, &at, &point) || ends_clause(point))
            break;
    }
    return (struct slice){NULL, 0};
}

/* The last character of the county's name: 县, 区, 市. */
static struct slice last_character(struct slice name)
{
    size_t at = name.size;
    uint32_t point = 0;

    (void) text_previous(name, &at, &point);
    return slice_sub(name, at, name.size);
}

void departments_put(struct buf *out, struct slice canonical, struct slice county)
{
    struct slice rest = canonical;
    size_t joint;

    if (county.size == 0) {
        buf_append(out, canonical);
        return;
    }
    buf_append(out, county);
    if (!slice_starts(rest, SLICE("市场")))
        rest = without_mark(rest);
    /* 市委、市政府 of 凤阳县 is 凤阳县委、县政府: the name takes the place of the first 市, its
     * last character that of the one behind the joint. */
    joint = slice_find(rest, SLICE("、市"));
    buf_append(out, slice_sub(rest, 0, joint));
    if (joint < rest.size) {
        buf_puts(out, "、");
        buf_append(out, last_character(county));
        buf_append(out, slice_sub(rest, joint + SLICE("、市").size, rest.size));
    }
}
