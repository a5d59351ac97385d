/* Document lines whose answers take time: order, window, failures, input that stalls. */
#include "study/docflow.h"

#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPEN_MAX = 1024, BIG = 130 << 20, SOME = 1 << 20 };

/* What a document's id says: "now", "late N" (finished N steps later), "again" (not before the
 * third time), "bad" (refused at once), "rot" (refused a step later), "fatal"; "big" takes memory
 * and is late, "some" takes some and is finished at once. */
static struct {
    struct docflow_item *open[OPEN_MAX];
    unsigned due[OPEN_MAX];
    size_t open_count;
    size_t most_open;
    unsigned steps;
    unsigned refusals;
    unsigned waits; /* steps that were allowed to wait */
    void (*on_step)(void);
} flow;

static struct error err;

static void finish(struct docflow_item *item)
{
    const struct error rotten = {STATUS_INVALID, "rotten"};

    if (slice_starts(docflow_doc(item)->id, SLICE("rot"))) {
        docflow_finish(item, &rotten);
        return;
    }
    buf_append(docflow_out(item), docflow_doc(item)->id);
    buf_puts(docflow_out(item), (const char *) docflow_data(item));
    docflow_finish(item, NULL);
}

static enum status leave_open(struct docflow_item *item, unsigned steps)
{
    assert_true(flow.open_count < OPEN_MAX);
    flow.open[flow.open_count] = item;
    flow.due[flow.open_count++] = flow.steps + steps;
    if (flow.open_count > flow.most_open)
        flow.most_open = flow.open_count;
    return STATUS_OK;
}

static enum status begin(void *self, struct docflow_item *item, struct error *error)
{
    struct slice id = docflow_doc(item)->id;
    uint64_t steps;

    assert_ptr_equal(self, &flow);
    assert_true(arena_used(docflow_arena(item)) < SOME); /* nothing of the one before */
    docflow_set_data(item, arena_copy(docflow_arena(item), SLICE("\n")).data == NULL ? "" : "\n");
    if (slice_equal(id, SLICE("bad")))
        return error_set(error, STATUS_INVALID, "not this one");
    if (slice_equal(id, SLICE("fatal")))
        return error_set(error, STATUS_NOMEM, "out of memory");
    if (slice_equal(id, SLICE("again")) && flow.refusals++ < 2)
        return STATUS_AGAIN;
    if (slice_to_uint(slice_sub(id, 5, id.size), 0, 9999, &steps, NULL) == STATUS_OK)
        return leave_open(item, (unsigned) steps);
    if (slice_starts(id, SLICE("big"))) {
        assert_non_null(arena_alloc(docflow_arena(item), BIG));
        return leave_open(item, 2000);
    }
    if (slice_starts(id, SLICE("some")))
        assert_non_null(arena_alloc(docflow_arena(item), SOME));
    if (slice_equal(id, SLICE("rot")))
        return leave_open(item, 1);
    finish(item);
    return STATUS_OK;
}

static enum status step(void *self, int64_t timeout_ms, struct error *error)
{
    size_t kept = 0;

    (void) self;
    (void) error;
    flow.steps++;
    flow.waits += timeout_ms > 0;
    for (size_t i = 0; i < flow.open_count; i++) {
        if (flow.due[i] <= flow.steps) {
            finish(flow.open[i]);
            continue;
        }
        flow.open[kept] = flow.open[i];
        flow.due[kept++] = flow.due[i];
    }
    flow.open_count = kept;
    if (flow.on_step != NULL)
        flow.on_step();
    return STATUS_OK;
}

static struct {
    char *output;
    char *errors;
} printed;

static enum status run_file(FILE *in)
{
    struct docflow run = {.in = in, .name = "test", .begin = begin, .step = step, .self = &flow};
    size_t sizes[2];
    enum status status;

    free(printed.output);
    free(printed.errors);
    run.out = open_memstream(&printed.output, &sizes[0]);
    run.errors = open_memstream(&printed.errors, &sizes[1]);
    status = docflow_run(&run, &err);
    fclose(run.out);
    fclose(run.errors);
    return status;
}

static enum status run(const char *input)
{
    FILE *in = fmemopen((char *) input, strlen(input), "r");
    enum status status;

    memset(&flow, 0, sizeof flow);
    status = run_file(in);
    fclose(in);
    return status;
}

#define DOC(id) "{\"id\":\"" id "\",\"body\":\"\"}\n"

static void test_order_of_the_input(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("late 9") DOC("now") DOC("late 6") "\n" DOC("late 4") DOC("last")),
                     STATUS_OK);
    assert_string_equal(printed.output, "late 9\nnow\nlate 6\nlate 4\nlast\n");
    assert_string_equal(printed.errors, "");
    assert_int_equal(flow.most_open, 3);
}

static void test_nothing_open_needs_no_step(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("a") DOC("b")), STATUS_OK);
    assert_string_equal(printed.output, "a\nb\n");
    assert_int_equal(flow.steps, 0);
}

static void test_not_now(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("late 1") DOC("again") DOC("b")), STATUS_OK);
    assert_string_equal(printed.output, "late 1\nagain\nb\n");
    assert_int_equal(flow.refusals, 3);
}

static void test_faults_are_told_in_order(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("late 5") DOC("rot") "nonsense\n" DOC("bad") DOC("b")),
                     STATUS_INVALID);
    assert_string_equal(printed.output, "late 5\nb\n");
    assert_true(strncmp(printed.errors, "test: line 2: rotten\ntest: line 3: ", 35) == 0);
    assert_non_null(strstr(printed.errors, "\ntest: line 4: not this one\n"));
    assert_non_null(strstr(err.message, "3 of 5"));
}

static void test_trouble_ends_the_run_at_its_line(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("late 3") DOC("fatal") DOC("late 1")), STATUS_NOMEM);
    assert_string_equal(printed.output, "late 3\n");
    assert_non_null(strstr(err.message, "line 2: out of memory"));
}

static void test_window(void **state)
{
    char input[(DOCFLOW_OPEN_MAX + 50) * 40 + 1] = "";
    size_t lines = 0;

    (void) state;
    for (size_t i = 0; i < DOCFLOW_OPEN_MAX + 50; i++)
        (void) snprintf(input + strlen(input), 40, "{\"id\":\"late 2000\",\"body\":\"\"}\n");
    assert_int_equal(run(input), STATUS_OK);
    assert_int_equal(flow.most_open, DOCFLOW_OPEN_MAX);
    for (const char *at = printed.output; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, DOCFLOW_OPEN_MAX + 50);
    assert_true(flow.waits > 0);
}

static void test_memory_ends_reading_ahead(void **state)
{
    (void) state;
    assert_int_equal(run(DOC("big") DOC("big") DOC("big")), STATUS_OK);
    assert_int_equal(flow.most_open, 2); /* 260 MiB of 256 are taken */
    assert_string_equal(printed.output, "big\nbig\nbig\n");
}

static void test_memory_is_given_back(void **state)
{
    char input[DOCFLOW_OPEN_MAX * 2 * 30 + 1] = "";

    (void) state;
    for (size_t i = 0; i < (size_t) DOCFLOW_OPEN_MAX * 2; i++)
        (void) snprintf(input + strlen(input), 30, DOC("some"));
    assert_int_equal(run(input), STATUS_OK);
}

static void test_a_line_beyond_the_limit(void **state)
{
    char *input = malloc(DOCLINE_MAX + 200);

    (void) state;
    assert_non_null(input);
    memset(input, 'x', DOCLINE_MAX + 100);
    (void) snprintf(input + DOCLINE_MAX + 100, 100, "\n" DOC("b"));
    assert_int_equal(run(input), STATUS_INVALID);
    assert_string_equal(printed.output, "b\n");
    assert_non_null(strstr(printed.errors, "line 1: "));
    free(input);
}

/* ---- a pipe that stays silent ---- */

static int pipe_end;

static void close_pipe_after_some_steps(void)
{
    /* The open document must be finished although nothing can be read. */
    if (flow.open_count == 0 && pipe_end >= 0) {
        assert_int_equal(write(pipe_end, DOC("b"), strlen(DOC("b"))), (ssize_t) strlen(DOC("b")));
        close(pipe_end);
        pipe_end = -1;
    }
}

static void test_a_silent_pipe_does_not_hold_up(void **state)
{
    int ends[2];
    FILE *in;

    (void) state;
    memset(&flow, 0, sizeof flow);
    assert_int_equal(pipe(ends), 0);
    pipe_end = ends[1];
    flow.on_step = close_pipe_after_some_steps;
    assert_true(write(ends[1], DOC("late 3"), strlen(DOC("late 3"))) > 0);
    in = fdopen(ends[0], "r");
    assert_int_equal(run_file(in), STATUS_OK);
    fclose(in);
    assert_string_equal(printed.output, "late 3\nb\n");
    assert_int_equal(pipe_end, -1);
}

static int free_printed(void **state)
{
    (void) state;
    free(printed.output);
    free(printed.errors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_of_the_input),
        cmocka_unit_test(test_nothing_open_needs_no_step),
        cmocka_unit_test(test_not_now),
        cmocka_unit_test(test_faults_are_told_in_order),
        cmocka_unit_test(test_trouble_ends_the_run_at_its_line),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_memory_ends_reading_ahead),
        cmocka_unit_test(test_memory_is_given_back),
        cmocka_unit_test(test_a_line_beyond_the_limit),
        cmocka_unit_test(test_a_silent_pipe_does_not_hold_up),
    };

    return cmocka_run_group_tests(tests, NULL, free_printed);
}
