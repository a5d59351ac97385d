/* A session on a real folder with a real log server. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "cli/session.h"

#include "tests/support/cmocka_all.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char data[] = "/tmp/xunfang-test-session-XXXXXX";
static struct error err;

static int set_up(void **state)
{
    (void) state;
    memcpy(data + sizeof data - 7, "XXXXXX", 6);
    return mkdtemp(data) == NULL ? -1 : 0;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void) info;
    (void) type;
    (void) place;
    return remove(path);
}

static int tear_down(void **state)
{
    (void) state;
    return nftw(data, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static struct session_settings settings_of(const char *folder)
{
    return (struct session_settings){.data = folder,
                                     .bus = "local",
                                     .admin = "127.0.0.1:0",
                                     .log_level = "warn",
                                     .sync = "second",
                                     .classifiers = 1,
                                     .extractors = 1};
}

static void test_one_session_a_folder(void **state)
{
    struct session_settings settings = settings_of(data);
    struct session *session = NULL, *second = NULL;
    char pid[32];

    (void) state;
    assert_int_equal(session_open(&settings, "test", false, &session, &err), STATUS_OK);
    assert_int_equal(bus_topic_create(session->bus, "topic", 2, &err), STATUS_OK);
    assert_non_null(strstr(daemon_address(session->daemon), "127.0.0.1:"));
    assert_int_equal(session_open(&settings, "test", false, &second, &err), STATUS_BUSY);
    (void) snprintf(pid, sizeof pid, "(process %d)", (int) getpid());
    assert_non_null(strstr(err.message, pid));
    assert_null(second);
    session_close(session);
    /* The folder is free again, and what was written is there. */
    assert_int_equal(session_open(&settings, "test", true, &session, &err), STATUS_OK);
    assert_int_equal(bus_topic_create(session->bus, "topic", 3, &err), STATUS_INVALID);
    session_close(session);
}

static void test_a_folder_is_made_for_who_asks(void **state)
{
    char path[128];
    struct session_settings settings = settings_of(path);
    struct session *session = NULL;

    (void) state;
    (void) snprintf(path, sizeof path, "%s/new", data);
    assert_int_equal(session_open(&settings, "test", false, &session, &err), STATUS_USAGE);
    assert_non_null(strstr(err.message, "no such folder"));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(session_open(&settings, "test", true, &session, &err), STATUS_OK);
    assert_int_equal(access(path, F_OK), 0);
    session_close(session);
}

static void test_what_cannot_be_used_is_refused(void **state)
{
    struct session_settings settings = settings_of(data);
    struct session *session = NULL;
    char *path = calloc(1, SESSION_PATH_MAX);

    (void) state;
    assert_non_null(path);
    settings.bus = "kafka:somewhere";
    assert_int_equal(session_open(&settings, "test", true, &session, &err), STATUS_USAGE);
    assert_non_null(strstr(err.message, "--bus 'kafka:somewhere'"));
    settings.bus = "local:/tmp/elsewhere";
    assert_int_equal(session_open(&settings, "test", true, &session, &err), STATUS_USAGE);
    assert_non_null(strstr(err.message, "use --data /tmp/elsewhere"));
    settings.bus = "local";
    settings.data = memset(path, 'x', SESSION_PATH_MAX - 1);
    assert_int_equal(session_open(&settings, "test", true, &session, &err), STATUS_USAGE);
    assert_null(session);
    session_close(NULL);
    free(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_one_session_a_folder),
        TEST(test_a_folder_is_made_for_who_asks),
        TEST(test_what_cannot_be_used_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
