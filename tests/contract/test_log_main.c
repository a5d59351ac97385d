/* The program xunfang-log as its starter sees it: options, readiness, exit status, messages. */
#include "tests/contract/bus_tools.h"
#include "tests/contract/log_process.h"
#include "tests/support/cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_SIZE = 16 * 1024, READY_FD = 9, ARGUMENTS_MAX = 12 };

struct process {
    pid_t pid;
    int ready;  /* its ready-fd */
    int output; /* both its streams */
};

static char folder[LOG_FOLDER_SIZE];

static int setup(void **state)
{
    (void) state;
    log_folder_make(folder);
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    log_folder_remove(folder);
    return 0;
}

/* Starts the program with these arguments, ended by NULL. */
static struct process start(const char *const arguments[])
{
    struct process process;
    int ready[2];
    int output[2];

    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(output), 0);
    process.pid = fork();
    assert_true(process.pid >= 0);
    if (process.pid == 0) {
        char *argv[ARGUMENTS_MAX + 1] = {"xunfang-log"};
        for (int i = 0; i + 1 < ARGUMENTS_MAX && arguments[i] != NULL; i++)
            argv[i + 1] = (char *) arguments[i];
        (void) dup2(output[1], STDOUT_FILENO);
        (void) dup2(output[1], STDERR_FILENO);
        (void) dup2(ready[1], READY_FD);
        (void) close(ready[0]);
        (void) close(ready[1]);
        (void) execv(XUNFANG_LOG, argv);
        _exit(127);
    }
    (void) close(ready[1]);
    (void) close(output[1]);
    process.ready = ready[0];
    process.output = output[0];
    return process;
}

static void read_all(int file, char text[TEXT_SIZE])
{
    size_t size = 0;
    ssize_t got = 1;

    while (got > 0 && size < TEXT_SIZE - 1) {
        got = read(file, text + size, TEXT_SIZE - 1 - size);
        size += got > 0 ? (size_t) got : 0;
    }
    text[size] = '\0';
}

/* Waits for the end; *text (may be NULL) is what it wrote. */
static int finish(struct process process, char *text)
{
    char ignored[TEXT_SIZE];
    int exit_status = 0;

    read_all(process.output, text == NULL ? ignored : text);
    (void) close(process.output);
    (void) close(process.ready);
    (void) waitpid(process.pid, &exit_status, 0);
    return WIFEXITED(exit_status) ? WEXITSTATUS(exit_status) : -1;
}

static int run(const char *const arguments[], char *text)
{
    return finish(start(arguments), text);
}

static struct process start_server(void)
{
    struct process process = start(
        (const char *[]){"--data", folder, "--ready-fd", "9", "--admin", "127.0.0.1:0", NULL});
    char address[TEXT_SIZE];

    read_all(process.ready, address);
    assert_true(slice_starts(slice_from(address), SLICE("127.0.0.1:")));
    return process;
}

static void test_serves(void **state)
{
    struct process server = start_server();
    struct bus_partition to = {"t", 0};
    char url[LOG_FOLDER_SIZE + 16];
    struct bus *bus = NULL;
    struct bus_reader *reader;

    (void) state;
    (void) snprintf(url, sizeof url, "local:%s", folder);
    for (int i = 0; i < 2; i++) {
        tool_ok(bus_open(url, NULL, &bus, &tool_error));
        tool_ok(bus_topic_create(bus, "t", 1, &tool_error));
        tool_fill(bus, &to, (uint64_t) i * 10, (uint64_t) i * 10 + 10);
        (void) kill(server.pid, SIGTERM);
        assert_int_equal(finish(server, NULL), 0);
        server = start_server();
        reader = tool_reader(bus, NULL, &to, NULL);
        tool_read(reader, 0, (uint64_t) i * 10 + 10);
        bus_reader_close(reader);
        bus_close(bus);
    }
    (void) kill(server.pid, SIGKILL);
    assert_int_equal(finish(server, NULL), -1);
}

static void test_second_on_same_data(void **state)
{
    struct process server = start_server();
    char text[TEXT_SIZE];

    (void) state;
    assert_int_equal(run((const char *[]){"--data", folder, NULL}, text), 1);
    assert_non_null(strstr(text, "is in use by another process"));
    assert_non_null(strstr(text, folder));
    (void) kill(server.pid, SIGTERM);
    assert_int_equal(finish(server, NULL), 0);
}

static void test_options(void **state)
{
    char text[TEXT_SIZE];

    (void) state;
    assert_int_equal(run((const char *[]){"--help", NULL}, text), 0);
    assert_non_null(strstr(text, "--sync"));
    assert_int_equal(run((const char *[]){"--data", folder, "--sync", "never", NULL}, text), 2);
    assert_non_null(strstr(text, "--sync is always or second"));
    assert_int_equal(run((const char *[]){"--no-such-option", NULL}, text), 2);
    assert_int_equal(run((const char *[]){"--data", "/dev/null/x", NULL}, text), 1);
    assert_non_null(strstr(text, "/dev/null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_serves, setup, teardown),
        cmocka_unit_test_setup_teardown(test_second_on_same_data, setup, teardown),
        cmocka_unit_test_setup_teardown(test_options, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
