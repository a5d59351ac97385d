/*
 * A ring of documents in the order of their lines. Reading adds at its end, printing takes from
 * its front whatever is done, and steps in between move the open ones, which finish in any order.
 * A place in the ring keeps its arena, which is emptied and not freed between documents.
 */
#include "study/docflow.h"

#include "study/lines.h"

#include <poll.h>
#include <stdlib.h>

/* A line may grow by its answers, so output has twice the room of input. A step waits at most
 * STEP_WAIT_MS when nothing is to be read: input that comes meanwhile is looked at that soon. */
enum { STEP_WAIT_MS = 20, OUT_MAX = DOCLINE_MAX * 2 };

enum item_state { ITEM_OPEN, ITEM_DONE };

struct docflow_item {
    struct flow_run *run;
    enum item_state state;
    uint64_t line;
    struct docline doc;
    struct arena *arena; /* of the place in the ring: used again and again */
    struct buf out;
    struct error cause; /* STATUS_OK: its line is printed */
    void *data;
};

/* The documents between the line printed last and the line read last, in a ring. */
struct flow_run {
    const struct docflow *flow;
    struct lines_reader lines;
    struct docflow_item *ring;
    size_t first;
    size_t count;
    size_t open;               /* of them, not finished */
    struct docflow_item *held; /* whose begin said STATUS_AGAIN */
    bool ended;                /* nothing is left to read */
    uint64_t bad;
};

/* ---- one document ---- */

const struct docline *docflow_doc(const struct docflow_item *item)
{
    return &item->doc;
}

struct arena *docflow_arena(struct docflow_item *item)
{
    return item->arena;
}

struct buf *docflow_out(struct docflow_item *item)
{
    return &item->out;
}

void docflow_set_data(struct docflow_item *item, void *data)
{
    item->data = data;
}

void *docflow_data(const struct docflow_item *item)
{
    return item->data;
}

void docflow_finish(struct docflow_item *item, const struct error *cause)
{
    ENSURE(item->state == ITEM_OPEN);
    if (cause != NULL)
        item->cause = *cause;
    else
        /* An output over its limit is this line's failure and nobody else's. */
        item->cause.code = buf_status(&item->out, &item->cause);
    item->state = ITEM_DONE;
    item->run->open--;
}

static void fail_item(struct docflow_item *item, enum status status, struct error *cause)
{
    cause->code = status;
    docflow_finish(item, cause);
}

/* STATUS_AGAIN keeps the document in its place, and no further line is read before it could begin:
 * so documents begin in the order of their lines. */
static void begin_item(struct flow_run *run, struct docflow_item *item)
{
    struct error cause = {.code = STATUS_OK};
    enum status status = run->flow->begin(run->flow->self, item, &cause);

    run->held = NULL;
    if (status == STATUS_AGAIN)
        run->held = item;
    else if (status != STATUS_OK)
        fail_item(item, status, &cause);
}

/* ---- reading ---- */

static struct docflow_item *add_item(struct flow_run *run, struct error *err)
{
    struct docflow_item *item = &run->ring[(run->first + run->count) % DOCFLOW_OPEN_MAX];
    struct arena *arena = item->arena == NULL ? arena_create(DOCLINE_MEMORY_MAX) : item->arena;

    if (arena == NULL) {
        error_set(err, STATUS_NOMEM, "out of memory");
        return NULL;
    }
    *item = (struct docflow_item){.run = run, .line = run->lines.number, .arena = arena};
    buf_init(&item->out, OUT_MAX);
    run->count++;
    run->open++;
    return item;
}

static enum status take_line(struct flow_run *run, struct error *err)
{
    struct error cause = {.code = STATUS_OK};
    struct slice line = {NULL, 0};
    enum status status = lines_next(&run->lines, &line, &cause);
    struct docflow_item *item;

    run->ended = status == STATUS_NOT_FOUND;
    /* Empty lines have a number but no document. */
    if (run->ended || (status == STATUS_OK && line.size == 0))
        return STATUS_OK;
    /* A line that is too long is a bad line like others; the reader has skipped it. Anything else
     * is the stream's failure. */
    if (status != STATUS_OK && status != STATUS_TOO_LARGE)
        return error_set(err, status, "%s", cause.message);
    item = add_item(run, err);
    if (item == NULL)
        return STATUS_NOMEM;
    if (status == STATUS_OK)
        status = docline_parse(line, item->arena, &item->doc, &cause);
    if (status == STATUS_OK)
        begin_item(run, item);
    else
        fail_item(item, status, &cause);
    return STATUS_OK;
}

/* Would reading wait? Only asked while documents are open; what the stream has read ahead is not
 * seen, and comes when they are finished at the latest. */
static bool input_waits(const struct flow_run *run)
{
    struct pollfd descriptor = {.fd = fileno(run->flow->in), .events = POLLIN};

    return descriptor.fd >= 0 && poll(&descriptor, 1, 0) == 0;
}

static bool has_memory(const struct flow_run *run)
{
    size_t used = 0;

    for (size_t i = 0; i < run->count; i++)
        used += arena_used(run->ring[(run->first + i) % DOCFLOW_OPEN_MAX].arena);
    return used < DOCFLOW_MEMORY_MAX;
}

/* With nothing open a wait for input harms nobody; else a slow writer would keep back answers that
 * are there. One document is always let in, whatever memory it takes. */
static bool wants_line(const struct flow_run *run)
{
    if (run->ended || run->held != NULL || run->count == DOCFLOW_OPEN_MAX)
        return false;
    return run->open == 0 || (has_memory(run) && !input_waits(run));
}

/* ---- printing ---- */

/* A bad line is told of and counted; what would spoil all further lines ends the command. */
static enum status print_item(struct flow_run *run, const struct docflow_item *item,
                              struct error *err)
{
    const struct docflow *flow = run->flow;
    unsigned long long line = item->line;

    if (item->cause.code == STATUS_OK) {
        if (fwrite(item->out.data, 1, item->out.size, flow->out) != item->out.size)
            return error_set(err, STATUS_IO, "cannot write the output");
        return STATUS_OK;
    }
    if (status_verdict(item->cause.code) != VERDICT_DEAD)
        return error_set(err, item->cause.code, "line %llu: %s", line, item->cause.message);
    run->bad++;
    fprintf(flow->errors, "%s: line %llu: %s\n", flow->name, line, item->cause.message);
    return STATUS_OK;
}

/* What is done up to the first document that is not. */
static enum status print_done(struct flow_run *run, struct error *err)
{
    enum status status = STATUS_OK;

    while (status == STATUS_OK && run->count > 0 && run->ring[run->first].state == ITEM_DONE) {
        struct docflow_item *item = &run->ring[run->first];

        status = print_item(run, item, err);
        buf_fini(&item->out);
        arena_reset(item->arena);
        run->first = (run->first + 1) % DOCFLOW_OPEN_MAX;
        run->count--;
    }
    return status;
}

/* ---- the loop ---- */

static enum status move_open(struct flow_run *run, int64_t timeout_ms, struct error *err)
{
    enum status status;

    if (run->open == 0)
        return STATUS_OK;
    ENSURE(run->flow->step != NULL);
    status = run->flow->step(run->flow->self, timeout_ms, err);
    /* Tried after each step: only an answer makes room. */
    if (status == STATUS_OK && run->held != NULL)
        begin_item(run, run->held);
    return status;
}

static enum status run_all(struct flow_run *run, struct error *err)
{
    enum status status = STATUS_OK;

    while (status == STATUS_OK && !(run->ended && run->count == 0)) {
        /* Lines that are there are read without waiting for answers, until the window is full. */
        bool reads = wants_line(run);

        if (reads)
            status = take_line(run, err);
        if (status == STATUS_OK)
            status = move_open(run, reads ? 0 : STEP_WAIT_MS, err);
        if (status == STATUS_OK)
            status = print_done(run, err);
    }
    return status;
}

static void close_run(struct flow_run *run)
{
    for (size_t i = 0; i < DOCFLOW_OPEN_MAX; i++) {
        buf_fini(&run->ring[i].out);
        arena_destroy(run->ring[i].arena);
    }
    free(run->ring);
    lines_close(&run->lines);
}

enum status docflow_run(const struct docflow *flow, struct error *err)
{
    struct flow_run run = {.flow = flow, .ring = calloc(DOCFLOW_OPEN_MAX, sizeof *run.ring)};
    enum status status;

    if (run.ring == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    lines_open(&run.lines, flow->in, DOCLINE_MAX);
    status = run_all(&run, err);
    if (status == STATUS_OK && fflush(flow->out) != 0)
        status = error_set(err, STATUS_IO, "cannot write the output");
    if (status == STATUS_OK && run.bad > 0)
        status = error_set(err, STATUS_INVALID, "%llu of %llu lines failed",
                           (unsigned long long) run.bad, (unsigned long long) run.lines.number);
    close_run(&run);
    return status;
}

int docflow_command(const struct docflow *flow, enum status opened, struct error *err)
{
    int exit_status = 0;

    if (opened != STATUS_OK)
        exit_status = 2;
    else if (docflow_run(flow, err) != STATUS_OK)
        exit_status = 1;
    if (exit_status != 0)
        (void) fprintf(flow->errors, "%s: %s\n", flow->name, err->message);
    return exit_status;
}
