#include "study/gazetteer_facts.h"

enum { METROS_MAX = 1000 };

/* Names of the columns a table must have; NULL for what it does not say. */
struct fact_table {
    const char *file;
    const char *a;
    const char *b;
    const char *from;
    const char *to;
    const char *membership;
};

struct fact_columns {
    size_t a, b, from, to, membership;
};

static enum status optional_column(const struct tsv *tsv, const char *name, size_t *column,
                                   struct error *err)
{
    return name == NULL ? STATUS_OK : tsv_column(tsv, name, column, err);
}

static enum status find_columns(const struct tsv *tsv, const struct fact_table *t,
                                struct fact_columns *c, struct error *err)
{
    enum status status = tsv_column(tsv, t->a, &c->a, err);

    if (status == STATUS_OK)
        status = tsv_column(tsv, t->b, &c->b, err);
    if (status == STATUS_OK)
        status = optional_column(tsv, t->from, &c->from, err);
    if (status == STATUS_OK)
        status = optional_column(tsv, t->to, &c->to, err);
    if (status == STATUS_OK)
        status = optional_column(tsv, t->membership, &c->membership, err);
    return status;
}

struct fact_reading {
    struct gazetteer *g;
    const struct fact_table *table;
    struct fact_columns columns;
    struct slice metros[METROS_MAX];
    size_t metro_count;
};

/* The number of a metropolitan area: the order in which names are met. */
static enum status metro_number(struct fact_reading *r, const struct tsv *tsv, struct slice name,
                                uint32_t *number, struct error *err)
{
    size_t i = 0;

    while (i < r->metro_count && !slice_equal(r->metros[i], name))
        i++;
    if (i == METROS_MAX)
        return error_set(err, STATUS_TOO_LARGE, "%s: more than %d areas", tsv->file, METROS_MAX);
    if (i == r->metro_count)
        r->metros[r->metro_count++] = name;
    *number = (uint32_t) i;
    return STATUS_OK;
}

static enum status read_days(const struct tsv *tsv, const struct fact_table *t,
                             const struct fact_columns *c, struct fact *fact, struct error *err)
{
    enum status status = STATUS_OK;

    fact->from = fact->to = CIVIL_NONE;
    if (t->from != NULL)
        status = gazetteer_read_day(tsv, tsv->cells[c->from], &fact->from, err);
    if (status == STATUS_OK && t->to != NULL)
        status = gazetteer_read_day(tsv, tsv->cells[c->to], &fact->to, err);
    return status;
}

static enum status read_fact(struct fact_reading *r, const struct tsv *tsv, struct fact *fact,
                             struct error *err)
{
    const struct fact_columns *c = &r->columns;
    enum status status = gazetteer_read_code(tsv, tsv->cells[c->b], &fact->b, err);

    if (status == STATUS_OK && r->table->membership == NULL)
        status = gazetteer_read_code(tsv, tsv->cells[c->a], &fact->a, err);
    else if (status == STATUS_OK)
        status = metro_number(r, tsv, tsv->cells[c->a], &fact->a, err);
    if (status == STATUS_OK)
        status = read_days(tsv, r->table, c, fact, err);
    /* Pairs have no direction here: the smaller code first, as find_pair looks for them. */
    if (status == STATUS_OK && r->table->membership == NULL && fact->a > fact->b) {
        uint32_t swap = fact->a;
        fact->a = fact->b;
        fact->b = swap;
    }
    return status;
}

static bool counts(const struct fact_reading *r, const struct tsv *tsv)
{
    return r->table->membership == NULL ||
           slice_equal(tsv->cells[r->columns.membership], SLICE("member"));
}

static enum status read_table(struct fact_reading *r, const char *directory, struct facts *facts,
                              struct error *err)
{
    struct tsv tsv = {0};
    bool more = true;
    enum status status = gazetteer_open_table(r->g, directory, r->table->file, &tsv, err);

    if (status == STATUS_OK)
        status = find_columns(&tsv, r->table, &r->columns, err);
    if (status != STATUS_OK)
        return status;
    facts->items = arena_array(r->g->arena, tsv_rows(&tsv), sizeof *facts->items);
    if (facts->items == NULL)
        return error_set(err, STATUS_NOMEM, "gazetteer: %s", status_text(STATUS_NOMEM));
    while (status == STATUS_OK) {
        status = tsv_next(&tsv, &more, err);
        if (status != STATUS_OK || !more)
            break;
        if (counts(r, &tsv))
            status = read_fact(r, &tsv, &facts->items[facts->count++], err);
    }
    return status;
}

enum status gazetteer_read_facts(struct gazetteer *g, const char *directory, struct error *err)
{
    static const struct fact_table borders = {
        "adjacency.tsv", "city_a", "city_b", NULL, NULL, NULL};
    static const struct fact_table metros = {"metro_areas.tsv", "metro", "city", "from", NULL,
                                             "membership"};
    static const struct fact_table pairings = {"pairings.tsv", "helper", "helped",
                                               "from",         "to",     NULL};
    struct fact_reading *r = arena_alloc(g->arena, sizeof *r);
    enum status status;

    if (r == NULL)
        return error_set(err, STATUS_NOMEM, "gazetteer: %s", status_text(STATUS_NOMEM));
    r->g = g;
    r->table = &borders;
    status = read_table(r, directory, &g->borders, err);
    r->table = &metros;
    if (status == STATUS_OK)
        status = read_table(r, directory, &g->metros, err);
    r->table = &pairings;
    if (status == STATUS_OK)
        status = read_table(r, directory, &g->pairings, err);
    return status;
}

bool days_overlap(int32_t a_from, int32_t a_to, int32_t b_from, int32_t b_to)
{
    if (a_to == CIVIL_NONE)
        a_to = INT32_MAX;
    if (b_to == CIVIL_NONE)
        b_to = INT32_MAX;
    return a_from <= b_to && b_from <= a_to; /* CIVIL_NONE is the smallest number */
}

static bool holds(const struct fact *fact, int32_t from, int32_t to)
{
    return days_overlap(fact->from, fact->to, from, to);
}

static bool find_pair(const struct facts *facts, uint32_t a, uint32_t b, int32_t from, int32_t to)
{
    uint32_t low = a < b ? a : b;
    uint32_t high = a < b ? b : a;

    for (size_t i = 0; i < facts->count; i++)
        if (facts->items[i].a == low && facts->items[i].b == high &&
            holds(&facts->items[i], from, to))
            return true;
    return false;
}

bool gazetteer_adjacent(const struct gazetteer *g, uint32_t code_a, uint32_t code_b)
{
    return find_pair(&g->borders, code_a, code_b, CIVIL_NONE, CIVIL_NONE);
}

bool gazetteer_paired(const struct gazetteer *g, uint32_t code_a, uint32_t code_b, int32_t from,
                      int32_t to)
{
    return find_pair(&g->pairings, code_a, code_b, from, to);
}

bool gazetteer_same_metro(const struct gazetteer *g, uint32_t code_a, uint32_t code_b, int32_t from,
                          int32_t to)
{
    const struct facts *m = &g->metros;

    for (size_t i = 0; i < m->count; i++) {
        if (m->items[i].b != code_a || !holds(&m->items[i], from, to))
            continue;
        /* Both must be members of one area on some day of the span; the tables are small enough to
         * be walked. */
        for (size_t j = 0; j < m->count; j++)
            if (m->items[j].a == m->items[i].a && m->items[j].b == code_b &&
                holds(&m->items[j], from, to))
                return true;
    }
    return false;
}
