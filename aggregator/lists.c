#include "aggregator/lists.h"

#include <stdlib.h>

const char *list_state_text(enum list_state state)
{
    static const char *const texts[LIST_STATES] = {"complete", "incomplete", "blocked"};

    return texts[state];
}

/* A page that was never ended is trouble too, though a sealed job has none. */
static const char *trouble_of(const struct list_page *page)
{
    switch ((enum page_state) page->state) {
    case PAGE_OK:
    case PAGE_LIST_END:
        return NULL;
    case PAGE_LIMIT:
        return "limit";
    case PAGE_REFUSED:
        return "robots.txt";
    case PAGE_FAILED:
        return page->blocked ? "blocked" : "failed";
    case PAGE_OPEN:
        break;
    }
    return "open";
}

static int by_list_and_page(const void *a, const void *b)
{
    const struct list_page *x = a, *y = b;

    if (x->list != y->list)
        return x->list < y->list ? -1 : 1;
    if (x->page != y->page)
        return x->page < y->page ? -1 : 1;
    return slice_compare(id_slice(&x->id), id_slice(&y->id));
}

/* Pages come by list and number: the first trouble and the first declared total stay. */
static void take_page(struct list_row *row, const struct list_page *page)
{
    const char *trouble = trouble_of(page);

    row->pages += page->state == PAGE_OK;
    if (row->declared == 0)
        row->declared = page->declared;
    if (trouble == NULL || row->trouble != NULL)
        return;
    row->trouble = trouble;
    row->reason = page->detail;
    row->state = page->blocked || page->state == PAGE_REFUSED ? LIST_BLOCKED : LIST_INCOMPLETE;
}

static enum status take_pages(const struct dataset *dataset, struct lists *lists, struct error *err)
{
    size_t count = dataset->pages.count;
    struct list_page *pages = calloc(count + 1, sizeof *pages);

    if (pages == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for %zu pages of lists", count);
    for (size_t i = 0; i < count; i++)
        /* A sorted copy: the dataset's own rows must stay where the index finds them. */
        pages[i] = *(const struct list_page *) rows_at(&dataset->pages, i);
    qsort(pages, count, sizeof *pages, by_list_and_page);
    for (size_t i = 0; i < count; i++)
        if (pages[i].list < lists->count)
            take_page(&lists->rows[pages[i].list], &pages[i]);
    free(pages);
    return STATUS_OK;
}

static void count_hits(const struct dataset *dataset, struct lists *lists)
{
    const struct hit *hits = dataset->hits.data;

    for (size_t i = 0; i < dataset->hits.count; i++)
        if (hits[i].list < lists->count)
            lists->rows[hits[i].list].collected++;
}

/* One list of a side that is not complete makes the whole side incomplete. What a pair needs is
 * certainty that nothing was missed, and a city may have several sites or names. */
static void finish(struct lists *lists, const struct setting *setting)
{
    for (uint32_t i = 0; i < lists->count; i++) {
        struct list_row *row = &lists->rows[i];
        const struct setting_list *list = &setting->lists[i];

        if (row->pages == 0 && row->trouble == NULL) {
            row->trouble = "not asked";
            row->state = LIST_INCOMPLETE;
        }
        lists->states[row->state]++;
        if (list->site < setting->city_count && list->query < setting->city_count) {
            unsigned char *side =
                &lists->sides[(size_t) list->site * setting->city_count + list->query];
            if (*side != 2)
                *side = row->state == LIST_COMPLETE ? 1 : 2;
        }
    }
}

enum status lists_build(const struct dataset *dataset, const struct setting *setting,
                        struct lists *result, struct error *err)
{
    size_t cities = setting->city_count;
    struct lists lists = {.count = setting->list_count,
                          .rows = calloc(setting->list_count + 1U, sizeof *lists.rows),
                          .sides = calloc(cities * cities + 1, 1)};
    enum status status;

    if (lists.rows == NULL || lists.sides == NULL) {
        lists_fini(&lists);
        return error_set(err, STATUS_NOMEM, "no memory for %u lists", lists.count);
    }
    status = take_pages(dataset, &lists, err);
    if (status != STATUS_OK) {
        lists_fini(&lists);
        return status;
    }
    count_hits(dataset, &lists);
    finish(&lists, setting);
    *result = lists;
    return STATUS_OK;
}

void lists_fini(struct lists *lists)
{
    free(lists->rows);
    free(lists->sides);
    lists->rows = NULL;
    lists->sides = NULL;
}

bool lists_observed(const struct lists *lists, const struct setting *setting, uint32_t a,
                    uint32_t b)
{
    size_t n = setting->city_count;

    return lists->sides[a * n + b] == 1 || lists->sides[b * n + a] == 1;
}

void list_reason(const struct dataset *dataset, const struct list_row *row, struct buf *out)
{
    struct slice detail = dataset_text(dataset, row->reason);

    if (row->trouble == NULL)
        return;
    buf_puts(out, row->trouble);
    if (detail.size > 0)
        buf_puts(out, ": ");
    buf_append(out, detail);
}
