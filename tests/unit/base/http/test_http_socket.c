/* A network that goes away and comes back, in a network namespace of the test's own. */
#include "tests/unit/base/http/scripted_server.h"

#include "tests/support/cmocka_all.h"

#include <linux/sched.h> /* not sched.h, which has them for GNU only */
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

enum { LIMIT_MS = 1000, AWAY_MS = 1800, BACK_MS = 5000, STEP_MS = 10 };

static bool own_network(void)
{
    return syscall(SYS_unshare, CLONE_NEWNET) == 0 ||
           syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

static void set_loopback(bool up)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0)
        abort();
    (void) close(fd);
}

/* Asks for /ok on the connection that is kept; what became of it. */
static enum http_failure get(struct http *http)
{
    struct http_request request = {.method = "GET", .timeout_ms = LIMIT_MS, .owner = http};
    const struct http_response *response = NULL;
    enum http_failure failure;
    char url[100];
    struct error err;

    (void) snprintf(url, sizeof url, "http://127.0.0.1:%u/ok", port);
    request.url = slice_from(url);
    if (http_submit(http, &request, &err) != STATUS_OK)
        abort();
    while (response == NULL) {
        if (http_step(http, STEP_MS, &err) != STATUS_OK)
            abort();
        response = http_next(http);
    }
    failure = response->failure;
    http_release(http, response);
    return failure;
}

/* The kernel sends what is not acknowledged again after 0.2, 0.6, 1.4, 3 seconds, and so on:
 * without a limit the request would arrive at the fourth. */
static void test_given_up_never_arrives(void **state)
{
    struct http_options options = {.clock = clock_system()};
    struct http *http = NULL;
    struct error err;

    if (!own_network())
        skip();
    set_loopback(true);
    assert_int_equal(start_server(state), 0);
    assert_int_equal(http_create(&options, &http, &err), STATUS_OK);
    assert_int_equal(get(http), HTTP_NONE);
    set_loopback(false);
    assert_int_equal(get(http), HTTP_TIMEOUT);
    clock_sleep_ms(clock_system(), AWAY_MS - LIMIT_MS);
    set_loopback(true);
    clock_sleep_ms(clock_system(), BACK_MS);
    assert_int_equal(requests, 1);
    assert_int_equal(get(http), HTTP_NONE);
    assert_int_equal(requests, 2);
    http_destroy(http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_given_up_never_arrives)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
