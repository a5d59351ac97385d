/* The name of a data folder. */
#include "study/node.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 8 };

static char folder[] = "/tmp/xunfang-test-node-XXXXXX";
static char file[64];
static struct error err;

static int set_up(void **state)
{
    (void) state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void) snprintf(file, sizeof file, "%s/node", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    (void) unlink(file);
    return rmdir(folder); /* fails if a draft was left */
}

static void write_file(const char *text)
{
    FILE *out = fopen(file, "w");

    assert_non_null(out);
    (void) fputs(text, out);
    (void) fclose(out);
}

static void test_drawn_once(void **state)
{
    char first[NODE_NAME_SIZE], second[NODE_NAME_SIZE];

    (void) state;
    assert_int_equal(node_name(folder, first, &err), STATUS_OK);
    assert_int_equal(strlen(first), 8);
    assert_int_equal(strspn(first, "0123456789abcdef"), 8);
    assert_int_equal(node_name(folder, second, &err), STATUS_OK);
    assert_string_equal(first, second);
}

static void test_kept_from_an_earlier_start(void **state)
{
    char name[NODE_NAME_SIZE];

    (void) state;
    write_file("00c0ffee\n");
    assert_int_equal(node_name(folder, name, &err), STATUS_OK);
    assert_string_equal(name, "00c0ffee");
}

static void test_something_else_in_its_place(void **state)
{
    static const char *const texts[] = {"", "00c0ffee", "00c0fff\n", "00c0ffee\n\n", "00C0FFEE\n"};
    char name[NODE_NAME_SIZE] = "as it was";

    (void) state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_file(texts[i]);
        assert_int_equal(node_name(folder, name, &err), STATUS_INVALID);
        assert_non_null(strstr(err.message, "/node: is no node name"));
    }
    assert_int_equal(node_name("/nowhere/at/all", name, &err), STATUS_NOT_FOUND);
    assert_memory_equal(name, "as it was", NODE_NAME_SIZE);
}

/* Whoever starts at the same moment gets the same name. */
static void test_many_at_once(void **state)
{
    char name[NODE_NAME_SIZE], told[CHILDREN][NODE_NAME_SIZE];
    int ends[2];

    (void) state;
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < CHILDREN; i++)
        if (fork() == 0) {
            bool good = node_name(folder, name, NULL) == STATUS_OK &&
                        write(ends[1], name, sizeof name) == (ssize_t) sizeof name;
            _exit(good ? 0 : 1);
        }
    for (int i = 0; i < CHILDREN; i++) {
        int how;
        assert_true(wait(&how) > 0);
        assert_int_equal(how, 0);
        assert_int_equal(read(ends[0], told[i], NODE_NAME_SIZE), NODE_NAME_SIZE);
        assert_string_equal(told[i], told[0]);
    }
    (void) close(ends[0]);
    (void) close(ends[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_drawn_once),
        TEST(test_kept_from_an_earlier_start),
        TEST(test_something_else_in_its_place),
        TEST(test_many_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
