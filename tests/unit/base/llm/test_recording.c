#include "base/llm/recording.h"
#include "tests/support/cmocka_all.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEN_MAX = 256 };

static char path[] = "/tmp/xunfang-recording-XXXXXX";
static struct error err;
static struct arena *arena;
static struct recording_entry seen[SEEN_MAX];
static size_t seen_count;

static const struct slice labels[] = {{"a", 1}, {"b", 1}};
static const struct shape_field field = {{"x", 1}, SHAPE_CHOICE, labels, 2, 0};
static const struct shape shape = {&field, 1};
static const struct shape_field other_field = {{"y", 1}, SHAPE_CHOICE, labels, 2, 0};
static const struct shape other_shape = {&other_field, 1};
static const struct llm_turn turns[] = {{LLM_SYSTEM, {"decide", 6}}, {LLM_USER, {"text", 4}}};
static const struct llm_attempt attempt = {
    .turns = turns, .turn_count = 2, .shape = &shape, .max_tokens = 10};

static int set_up(void **state)
{
    int file;

    (void) state;
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    file = mkstemp(path);
    close(file);
    arena = arena_create(1 << 22);
    seen_count = 0;
    return file < 0 || arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return unlink(path);
}

static enum status see(void *self, const struct recording_entry *entry, struct error *error)
{
    (void) self;
    (void) error;
    assert_true(seen_count < SEEN_MAX);
    seen[seen_count] = *entry;
    seen[seen_count].text = arena_copy(arena, entry->text);
    seen[seen_count].served_by = arena_copy(arena, entry->served_by);
    seen_count++;
    return STATUS_OK;
}

static void put_file(const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void append(const char *text, enum llm_end how)
{
    const struct llm_attempt_end end = {.end = how,
                                        .text = slice_from(text),
                                        .served_by = slice_from("toy"),
                                        .prompt_tokens = 7,
                                        .completion_tokens = 3};
    struct recording *recording;

    assert_int_equal(recording_open(path, &recording, &err), STATUS_OK);
    assert_int_equal(recording_append(recording, "m", &attempt, &end, &err), STATUS_OK);
    recording_close(recording);
}

static void read_all(void)
{
    assert_int_equal(recording_each(path, see, NULL, &err), STATUS_OK);
}

static void keeps_replies_in_order(void **state)
{
    (void) state;
    append("{\"x\":\"a\"}", LLM_END_REPLY);
    append("half \"\\\n\x01 中", LLM_END_CUT);
    append("no reply", LLM_END_BUSY);
    append("no reply", LLM_END_FAILED);
    append("no reply", LLM_END_REFUSED);
    append("", LLM_END_REPLY);
    read_all();
    assert_int_equal(seen_count, 3);
    assert_true(slice_equal(seen[0].text, SLICE("{\"x\":\"a\"}")));
    assert_false(seen[0].cut);
    assert_true(slice_equal(seen[0].served_by, SLICE("toy")));
    assert_int_equal(seen[0].prompt_tokens, 7);
    assert_int_equal(seen[0].completion_tokens, 3);
    assert_true(seen[1].cut);
    assert_true(slice_equal(seen[1].text, SLICE("half \"\\\n\x01 中")));
    assert_int_equal(seen[2].text.size, 0);
    assert_true(id_equal(seen[0].question, recording_question("m", &attempt)));
}

static void vectors_are_not_kept(void **state)
{
    const struct slice text = SLICE("text");
    const struct llm_attempt embed = {.texts = &text, .text_count = 1};
    const struct llm_attempt_end end = {.end = LLM_END_REPLY};
    struct recording *recording;

    (void) state;
    assert_int_equal(recording_open(path, &recording, &err), STATUS_OK);
    assert_int_equal(recording_append(recording, "m", &embed, &end, &err), STATUS_OK);
    recording_close(recording);
    read_all();
    assert_int_equal(seen_count, 0);
}

static void a_question_is_all_that_matters(void **state)
{
    const struct id same = recording_question("m", &attempt);
    struct llm_turn changed[2] = {turns[0], turns[1]};
    struct llm_attempt other = attempt;

    (void) state;
    other.owner = &other;
    other.timeout_ms = 5;
    assert_true(id_equal(same, recording_question("m", &other)));
    assert_false(id_equal(same, recording_question("n", &attempt)));
    other.turns = changed;
    assert_true(id_equal(same, recording_question("m", &other)));
    changed[1].text = SLICE("text!");
    assert_false(id_equal(same, recording_question("m", &other)));
    changed[1] = turns[1];
    changed[1].speaker = LLM_ASSISTANT;
    assert_false(id_equal(same, recording_question("m", &other)));
    changed[1] = turns[1];
    other.turn_count = 1;
    assert_false(id_equal(same, recording_question("m", &other)));
    other = attempt;
    other.max_tokens++;
    assert_false(id_equal(same, recording_question("m", &other)));
    other = attempt;
    other.shape = &other_shape;
    assert_false(id_equal(same, recording_question("m", &other)));
}

static void an_unfinished_line_is_removed(void **state)
{
    struct recording *recording;
    struct stat facts;
    static char cut[10000];

    (void) state;
    append("{}", LLM_END_REPLY);
    assert_int_equal(stat(path, &facts), 0);
    memset(cut, 'x', sizeof cut - 1);
    for (size_t size = 1; size < sizeof cut; size += 4998) {
        FILE *file = fopen(path, "ab");

        assert_int_equal(fwrite(cut, 1, size, file), size);
        fclose(file);
        seen_count = 0;
        read_all();
        assert_int_equal(seen_count, 1);
        assert_int_equal(recording_open(path, &recording, &err), STATUS_OK);
        recording_close(recording);
    }
    append("{}", LLM_END_REPLY);
    seen_count = 0;
    read_all();
    assert_int_equal(seen_count, 2);
    put_file("never a whole line");
    append("{}", LLM_END_REPLY);
    seen_count = 0;
    read_all();
    assert_int_equal(seen_count, 1);
}

#define QUESTION "\"question\":\"000102030405060708090a0b0c0d0e0f\""
#define TOKENS   "\"prompt_tokens\":1,\"completion_tokens\":2"

static void refuses_other_files(void **state)
{
    static const char *const bad[] = {
        "hello\n",
        "\n",
        "[]\n",
        "{}\n",
        "{" QUESTION "}\n",
        "{\"question\":\"xyz\",\"text\":\"\",\"served_by\":\"\",\"cut\":false," TOKENS "}\n",
        "{" QUESTION ",\"text\":1,\"served_by\":\"\",\"cut\":false," TOKENS "}\n",
        "{" QUESTION ",\"text\":\"\",\"cut\":false," TOKENS "}\n",
        "{" QUESTION ",\"text\":\"\",\"served_by\":\"\"," TOKENS "}\n",
        "{" QUESTION ",\"text\":\"\",\"served_by\":\"\",\"cut\":false,\"prompt_tokens\":-1,"
        "\"completion_tokens\":1}\n",
        "{" QUESTION ",\"text\":\"\",\"served_by\":\"\",\"cut\":false,\"prompt_tokens\":1}\n",
    };

    (void) state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        put_file(bad[i]);
        assert_int_equal(recording_each(path, see, NULL, &err), STATUS_INVALID);
        assert_non_null(strstr(err.message, path));
        assert_non_null(strstr(err.message, ":1: "));
    }
    assert_int_equal(seen_count, 0);
    assert_int_equal(recording_each("/nonexistent/x", see, NULL, &err), STATUS_INVALID);
    assert_int_equal(recording_each("/tmp", see, NULL, &err), STATUS_INVALID);
    assert_int_equal(truncate(path, (off_t) RECORDING_FILE_MAX + 1), 0);
    assert_int_equal(recording_each(path, see, NULL, &err), STATUS_INVALID);
    assert_non_null(strstr(err.message, "536870912"));
}

static void a_path_that_cannot_be_written(void **state)
{
    struct recording *recording = NULL;

    (void) state;
    assert_int_equal(recording_open("/nonexistent/x", &recording, &err), STATUS_INVALID);
    assert_int_equal(recording_open("/tmp", &recording, &err), STATUS_INVALID);
    assert_null(recording);
    recording_close(NULL);
}

/* A full disk, played by a limit on the size of files: the line is not written at all. */
static void a_failed_write_leaves_the_file(void **state)
{
    const struct llm_attempt_end end = {.end = LLM_END_REPLY, .text = {"0123456789", 10}};
    struct recording *recording;
    struct rlimit old;
    struct rlimit small;
    struct stat facts;

    (void) state;
    append("{}", LLM_END_REPLY);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(recording_open(path, &recording, &err), STATUS_OK);
    small = (struct rlimit){(rlim_t) facts.st_size + 20, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(recording_append(recording, "m", &attempt, &end, &err), STATUS_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    read_all();
    assert_int_equal(seen_count, 1);
    assert_int_equal(recording_append(recording, "m", &attempt, &end, &err), STATUS_OK);
    seen_count = 0;
    read_all();
    assert_int_equal(seen_count, 2);
    recording_close(recording);
}

static void write_many(const char *text)
{
    for (int i = 0; i < 50; i++)
        append(text, LLM_END_REPLY);
    _exit(0);
}

static void several_processes_share_a_file(void **state)
{
    pid_t children[4];
    size_t counts[4] = {0};

    (void) state;
    for (size_t i = 0; i < 4; i++) {
        char text[2] = {(char) ('0' + i), 0};

        children[i] = fork();
        if (children[i] == 0)
            write_many(text);
    }
    for (size_t i = 0; i < 4; i++) {
        int how = -1;

        assert_int_equal(waitpid(children[i], &how, 0), children[i]);
        assert_int_equal(how, 0);
    }
    read_all();
    for (size_t i = 0; i < seen_count; i++)
        counts[seen[i].text.data[0] - '0']++;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(counts[i], 50);
}

static enum status stop(void *self, const struct recording_entry *entry, struct error *error)
{
    (void) entry;
    ++*(int *) self;
    return error_set(error, STATUS_NOMEM, "enough");
}

static void the_taker_may_end_the_walk(void **state)
{
    int calls = 0;

    (void) state;
    append("{}", LLM_END_REPLY);
    append("{}", LLM_END_REPLY);
    assert_int_equal(recording_each(path, stop, &calls, &err), STATUS_NOMEM);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps_replies_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(vectors_are_not_kept, set_up, tear_down),
        cmocka_unit_test(a_question_is_all_that_matters),
        cmocka_unit_test_setup_teardown(an_unfinished_line_is_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_other_files, set_up, tear_down),
        cmocka_unit_test(a_path_that_cannot_be_written),
        cmocka_unit_test_setup_teardown(a_failed_write_leaves_the_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_processes_share_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_taker_may_end_the_walk, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
