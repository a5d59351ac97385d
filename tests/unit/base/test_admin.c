/* The endpoint over a real socket. */
#include "base/admin.h"
#include "base/metrics.h"
#include "tests/support/cmocka_all.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct error err;
static char answer[64 * 1024];

static const char *ask(const struct admin *admin, const char *request)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strchr(admin_address(admin), ':');
    int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t size = 0;
    ssize_t got;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t) strtoul(colon + 1, NULL, 10));
    assert_int_equal(connect(socket_fd, (struct sockaddr *) &address, sizeof address), 0);
    assert_int_equal(write(socket_fd, request, strlen(request)), strlen(request));
    while ((got = read(socket_fd, answer + size, sizeof answer - 1 - size)) > 0)
        size += (size_t) got;
    answer[size] = '\0';
    (void) close(socket_fd);
    return answer;
}

/* The number behind `name` in the last answer; -1 if it is not there. */
static double number_behind(const char *name)
{
    const char *at = strstr(answer, name);

    return at == NULL ? -1 : strtod(at + strlen(name), NULL);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void test_paths(void **state)
{
    struct admin *admin;

    (void) state;
    assert_int_equal(admin_start("127.0.0.1:0", NULL, NULL, &admin, &err), STATUS_OK);
    assert_non_null(strstr(ask(admin, GET("/healthz")), "200 OK"));
    assert_non_null(strstr(ask(admin, GET("/readyz")), "503"));
    assert_non_null(strstr(answer, "starting"));
    admin_set_reason(admin, NULL);
    assert_non_null(strstr(ask(admin, GET("/readyz")), "200 OK"));
    admin_set_note(admin, "idle: a main: no model\n");
    assert_non_null(strstr(ask(admin, GET("/readyz")), "\r\n\r\nready\nidle: a main: no model\n"));
    admin_set_note(admin, "");
    assert_non_null(strstr(ask(admin, GET("/readyz")), "\r\n\r\nready\n"));
    assert_null(strstr(answer, "idle"));
    assert_non_null(strstr(ask(admin, GET("/metrics")), "# EOF\n"));
    assert_non_null(strstr(answer, "application/openmetrics-text; version=1.0.0"));
    assert_true(number_behind("\nxunfang_process_resident_bytes ") > 1e6);
    assert_true(number_behind("\nxunfang_process_cpu_seconds_total ") > 0);
    assert_true(number_behind("\nxunfang_process_open_files ") >= 3);
    assert_non_null(strstr(ask(admin, GET("/other")), "404"));
    assert_non_null(strstr(ask(admin, "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
                                      "Connection: close\r\n\r\n"),
                           "405"));
    admin_stop(admin);
    admin_stop(NULL);
}

static void render_mine(void *self, struct buf *out)
{
    buf_puts(out, self);
}

static void test_a_program_may_render_itself(void **state)
{
    struct admin *admin;

    (void) state;
    assert_int_equal(admin_start("localhost:0", render_mine, "mine", &admin, &err), STATUS_OK);
    assert_non_null(strstr(ask(admin, GET("/metrics")), "\r\n\r\nmine"));
    admin_stop(admin);
}

static void test_wrong_addresses(void **state)
{
    static const char *const wrong[] = {"127.0.0.1", "example:80", "127.0.0.1:99999", ":", "x:y"};
    struct admin *admin = NULL, *first;

    (void) state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(admin_start(wrong[i], NULL, NULL, &admin, &err), STATUS_USAGE);
    assert_int_equal(admin_start("127.0.0.1:0", NULL, NULL, &first, &err), STATUS_OK);
    assert_int_equal(admin_start(admin_address(first), NULL, NULL, &admin, &err), STATUS_BUSY);
    assert_non_null(strstr(err.message, admin_address(first)));
    assert_null(admin);
    admin_stop(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_a_program_may_render_itself),
        cmocka_unit_test(test_wrong_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
