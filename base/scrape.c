#include "base/scrape.h"

#include "base/http/http.h"
#include "base/metrics.h"
#include "base/process.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { SCRAPE_URL_MAX = 128, SCRAPE_LABELS_MAX = 512 };

struct page {
    char labels[SCRAPE_LABELS_MAX]; /* of each of its samples: process="crawler-0" */
    struct buf text;                /* as the child wrote it; empty before the first answer */
    unsigned serial;                /* of the child's command; 0: nobody's */
    unsigned life;                  /* of the child that wrote it */
    unsigned asked;                 /* of the child that was asked last */
};

struct scrape {
    struct http *http;
    struct page pages[1 + SUPERVISE_CHILDREN_MAX]; /* the first is our own */
    size_t count;
    struct buf ended;     /* last texts of ended lives; beyond its limit they are forgotten */
    pthread_mutex_t lock; /* of pages: the admin thread renders while the main thread fetches */
};

enum status scrape_create(struct scrape **result, struct error *err)
{
    struct http_options options = {.clock = clock_system()};
    struct scrape *scrape = calloc(1, sizeof *scrape);
    enum status status;

    if (scrape == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for metrics");
    buf_init(&scrape->ended, SCRAPE_ENDED_MAX);
    buf_init(&scrape->pages[0].text, SCRAPE_BODY_MAX);
    scrape->count = 1;
    status = http_create(&options, &scrape->http, err);
    if (status != STATUS_OK || pthread_mutex_init(&scrape->lock, NULL) != 0) {
        http_destroy(scrape->http);
        free(scrape);
        return status != STATUS_OK ? status : error_set(err, STATUS_NOMEM, "no mutex");
    }
    *result = scrape;
    return STATUS_OK;
}

void scrape_destroy(struct scrape *scrape)
{
    if (scrape == NULL)
        return;
    http_destroy(scrape->http);
    for (size_t i = 0; i < scrape->count; i++)
        buf_fini(&scrape->pages[i].text);
    buf_fini(&scrape->ended);
    (void) pthread_mutex_destroy(&scrape->lock);
    free(scrape);
}

void scrape_own(struct scrape *scrape, const char *process)
{
    struct page *page = &scrape->pages[0];

    (void) snprintf(page->labels, sizeof page->labels, "process=\"%s\"", process);
}

static enum status ask(struct scrape *scrape, const struct child *child, struct page *page,
                       struct error *err)
{
    struct buf url;
    struct http_request request = {.method = "GET",
                                   .timeout_ms = SCRAPE_TIMEOUT_MS,
                                   .max_body = SCRAPE_BODY_MAX,
                                   .owner = page};
    enum status status;

    /* The answer belongs to this life, even if it comes after the next one began. */
    page->asked = child->restarts;
    buf_init(&url, SCRAPE_URL_MAX);
    buf_printf(&url, "http://%s/metrics", child->address);
    request.url = buf_slice(&url);
    status = buf_status(&url, err);
    if (status == STATUS_OK)
        status = http_submit(scrape->http, &request, err);
    buf_fini(&url);
    return status;
}

/* A child that was started again counts from zero: what its last life told is put away. */
static void take_text(struct scrape *scrape, struct page *page, struct slice text)
{
    if (page->life != page->asked)
        buf_append(&scrape->ended, buf_slice(&page->text));
    page->life = page->asked;
    buf_reset(&page->text);
    buf_append(&page->text, text);
}

static void take_answers(struct scrape *scrape)
{
    const struct http_response *response;

    while ((response = http_next(scrape->http)) != NULL) {
        struct page *page = response->owner;

        if (response->failure == HTTP_NONE && response->status == 200) {
            (void) pthread_mutex_lock(&scrape->lock);
            take_text(scrape, page, response->body);
            (void) pthread_mutex_unlock(&scrape->lock);
        }
        http_release(scrape->http, response);
    }
}

/* The child at this place is another than the page tells of: what that one told is put away. */
static void hand_over(struct scrape *scrape, struct page *page, const struct child *child)
{
    buf_append(&scrape->ended, buf_slice(&page->text));
    buf_reset(&page->text);
    page->serial = child->serial;
    page->life = child->restarts;
    (void) snprintf(page->labels, sizeof page->labels, "process=\"%s\"%s%s", child->name,
                    child->labels[0] == '\0' ? "" : ",", child->labels);
}

static void match_pages(struct scrape *scrape, const struct supervisor *supervisor)
{
    (void) pthread_mutex_lock(&scrape->lock);
    for (size_t i = 0; i < supervisor_count(supervisor); i++) {
        const struct child *child = supervisor_child(supervisor, i);
        struct page *page = &scrape->pages[i + 1];

        if (i + 1 == scrape->count) {
            buf_init(&page->text, SCRAPE_BODY_MAX);
            scrape->count++;
        }
        if (page->serial != child->serial)
            hand_over(scrape, page, child);
    }
    (void) pthread_mutex_unlock(&scrape->lock);
}

static void write_own(struct scrape *scrape)
{
    if (scrape->pages[0].labels[0] == '\0')
        return;
    process_metrics_update();
    (void) pthread_mutex_lock(&scrape->lock);
    buf_reset(&scrape->pages[0].text);
    metrics_render(&scrape->pages[0].text);
    (void) pthread_mutex_unlock(&scrape->lock);
}

enum status scrape_round(struct scrape *scrape, const struct supervisor *supervisor,
                         struct error *err)
{
    enum status status = STATUS_OK;

    match_pages(scrape, supervisor);
    write_own(scrape);
    for (size_t i = 0; i < supervisor_count(supervisor) && status == STATUS_OK; i++) {
        const struct child *child = supervisor_child(supervisor, i);
        if (child->state == CHILD_READY)
            status = ask(scrape, child, &scrape->pages[i + 1], err);
    }
    /* It ends: every request has a time-out. */
    while (status == STATUS_OK && http_in_flight(scrape->http) > 0) {
        status = http_step(scrape->http, SCRAPE_TIMEOUT_MS, err);
        take_answers(scrape);
    }
    return status;
}

/* Is this line a sample of `name`, with `label` among its labels? Then *value. */
static bool match_sample(struct slice line, struct slice name, struct slice label, double *value)
{
    size_t space = line.size;

    if (!slice_starts(line, name) || line.size <= name.size ||
        (line.data[name.size] != '{' && line.data[name.size] != ' '))
        return false;
    while (space > 0 && line.data[space - 1] != ' ')
        space--;
    if (!slice_contains(slice_sub(line, name.size, space - name.size), label))
        return false;
    *value = strtod(line.data + space, NULL); /* the text ends in a newline: strtod stops there */
    return true;
}

static double sum_text(struct slice text, struct slice sample, struct slice label)
{
    double sum = 0;

    while (text.data != NULL && text.size > 0) {
        struct slice line = slice_split(&text, '\n');
        double value;
        if (match_sample(line, sample, label, &value))
            sum += value;
    }
    return sum;
}

double scrape_sum(const struct scrape *scrape, const char *sample, const char *label)
{
    double sum = 0;

    for (size_t i = 0; i < scrape->count; i++)
        sum += sum_text(buf_slice(&scrape->pages[i].text), slice_from(sample), slice_from(label));
    return sum;
}

double scrape_total(const struct scrape *scrape, const char *sample, const char *label)
{
    return scrape_sum(scrape, sample, label) +
           sum_text(buf_slice(&scrape->ended), slice_from(sample), slice_from(label));
}

/* ---- one exposition of many ---- */

/* Cuts the next family (from its "# TYPE" line to the next one) off *rest. */
static bool next_family(struct slice *rest, struct slice *name, struct slice *block)
{
    const struct slice mark = SLICE("# TYPE ");
    size_t size, space;
    struct slice text = slice_sub(*rest, slice_find(*rest, mark), rest->size);

    if (text.size == 0)
        return false;
    size = slice_find(slice_sub(text, mark.size, text.size), mark) + mark.size;
    *block = slice_sub(text, 0, size);
    if (slice_ends(*block, SLICE("# EOF\n")))
        block->size -= sizeof "# EOF\n" - 1;
    *rest = slice_sub(text, size, text.size);
    *name = slice_sub(*block, mark.size, block->size);
    space = slice_find(*name, SLICE(" "));
    *name = slice_sub(*name, 0, space);
    return true;
}

static void put_sample(struct buf *out, struct slice line, const char *labels)
{
    size_t brace = slice_find(line, SLICE("{"));
    size_t space = slice_find(line, SLICE(" "));
    bool labelled = brace < space;
    struct slice rest = slice_sub(line, labelled ? brace + 1 : space, line.size);

    buf_append(out, slice_sub(line, 0, labelled ? brace : space));
    buf_printf(out, "{%s%s", labels, labelled ? "," : "}");
    buf_append(out, rest);
    buf_putc(out, '\n');
}

static void put_block(struct buf *out, struct slice block, const char *labels, bool with_header)
{
    while (block.data != NULL && block.size > 0) {
        struct slice line = slice_split(&block, '\n');

        if (line.size == 0)
            continue;
        if (line.data[0] != '#') {
            put_sample(out, line, labels);
        } else if (with_header) {
            buf_append(out, line);
            buf_putc(out, '\n');
        }
    }
}

/* Writes the samples of one family of every page from `first` on. OpenMetrics wants a family in one
 * block: it is gathered from all pages where it is met first. */
static void put_family(struct scrape *scrape, size_t first, struct slice wanted, struct buf *out)
{
    bool header = true;

    for (size_t i = first; i < scrape->count; i++) {
        struct slice rest = buf_slice(&scrape->pages[i].text), name, block;

        while (next_family(&rest, &name, &block)) {
            if (!slice_equal(name, wanted))
                continue;
            put_block(out, block, scrape->pages[i].labels, header);
            header = false;
        }
    }
}

static bool seen_before(const struct scrape *scrape, size_t page, struct slice wanted)
{
    for (size_t i = 0; i < page; i++) {
        struct slice rest = buf_slice(&scrape->pages[i].text), name, block;

        while (next_family(&rest, &name, &block))
            if (slice_equal(name, wanted))
                return true;
    }
    return false;
}

void scrape_render(struct scrape *scrape, struct buf *out)
{
    (void) pthread_mutex_lock(&scrape->lock);
    for (size_t i = 0; i < scrape->count; i++) {
        struct slice rest = buf_slice(&scrape->pages[i].text), name, block;

        while (next_family(&rest, &name, &block))
            if (!seen_before(scrape, i, name))
                put_family(scrape, i, name, out);
    }
    (void) pthread_mutex_unlock(&scrape->lock);
    buf_puts(out, "# EOF\n");
}
