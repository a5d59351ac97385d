/* http against a scripted server on a real socket: every way an answer can go wrong. */
#include "tests/unit/base/http/scripted_server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ---- the client ---- */

static struct http *open_http(size_t max_transfers, size_t max_total)
{
    struct http_options options = {clock_system(), max_transfers, max_total};
    struct http *http = NULL;
    struct error err;

    assert_int_equal(http_create(&options, &http, &err), STATUS_OK);
    return http;
}

static struct slice url_of(const char *path)
{
    static char url[8][300];
    static int next;
    char *text = url[next++ % 8];

    (void) snprintf(text, sizeof url[0], "http://127.0.0.1:%u%s", port, path);
    return slice_from(text);
}

static const struct http_response *wait_for(struct http *http)
{
    struct error err;
    const struct http_response *response;

    for (int i = 0; i < 2000; i++) {
        assert_int_equal(http_step(http, 10, &err), STATUS_OK);
        response = http_next(http);
        if (response != NULL)
            return response;
    }
    fail_msg("no response");
    return NULL;
}

static const struct http_response *get(struct http *http, const char *path)
{
    struct http_request request = {.method = "GET", .url = url_of(path), .owner = http};
    struct error err;

    assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    return wait_for(http);
}

static void expect_failure(const char *path, enum http_failure failure)
{
    struct http *http = open_http(0, 0);
    const struct http_response *response = get(http, path);

    assert_string_equal(http_failure_text(response->failure), http_failure_text(failure));
    http_release(http, response);
    http_destroy(http);
}

static void test_answer(void **state)
{
    struct http *http = open_http(0, 0);
    const struct http_response *response = get(http, "/ok");

    (void) state;
    assert_int_equal(response->failure, HTTP_NONE);
    assert_int_equal(response->status, 200);
    assert_true(slice_equal(response->body, SLICE("fine")));
    assert_true(slice_equal(http_find_header(response, "content-TYPE"), SLICE("text/plain")));
    assert_true(slice_equal(http_find_header(response, "x-two"), SLICE("b")));
    assert_int_equal(http_find_header(response, "absent").size, 0);
    assert_string_equal(response->address, "127.0.0.1");
    assert_true(response->ended_ms >= response->sent_ms && response->sent_ms > 0);
    assert_ptr_equal(response->owner, http);
    http_release(http, response);
    http_destroy(http);
}

static void test_kept_connection(void **state)
{
    struct http *http = open_http(0, 0);
    int before = connections;

    (void) state;
    for (int i = 0; i < 5; i++) {
        const struct http_response *response = get(http, i % 2 ? "/ok" : "/empty");
        assert_int_equal(response->failure, HTTP_NONE);
        http_release(http, response);
    }
    assert_int_equal(connections - before, 1);
    http_destroy(http);
}

static void test_post(void **state)
{
    struct http *http = open_http(0, 0);
    struct http_header headers[] = {{SLICE("Content-Type"), SLICE("application/json")},
                                    {SLICE("X-None"), SLICE("")}};
    struct http_request request = {.method = "POST",
                                   .url = url_of("/ok"),
                                   .host = SLICE("127.0.0.1"),
                                   .body = SLICE("{\"a\":1}"),
                                   .headers = headers,
                                   .header_count = 2,
                                   .user_agent = "test/1 (+me)"};
    const struct http_response *response;
    struct error err;

    (void) state;
    assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    response = wait_for(http);
    assert_int_equal(response->status, 200);
    assert_non_null(strstr(last_request, "POST /ok HTTP/1.1\r\n"));
    assert_non_null(strstr(last_request, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(last_request, "X-None:\r\n"));
    assert_non_null(strstr(last_request, "User-Agent: test/1 (+me)\r\n"));
    assert_non_null(strstr(last_request, "Accept-Encoding: gzip, deflate, br\r\n"));
    assert_null(strstr(last_request, "Expect"));
    assert_non_null(strstr(last_request, "\r\n\r\n{\"a\":1}"));
    http_release(http, response);
    http_destroy(http);
}

static void test_redirect_is_not_followed(void **state)
{
    struct http *http = open_http(0, 0);
    int before = requests;
    const struct http_response *response = get(http, "/moved");

    (void) state;
    assert_int_equal(response->status, 302);
    assert_true(slice_equal(http_find_header(response, "Location"), SLICE("/ok")));
    assert_int_equal(requests - before, 1);
    http_release(http, response);
    http_destroy(http);
}

static void test_no_cookies(void **state)
{
    struct http *http = open_http(0, 0);

    (void) state;
    http_release(http, get(http, "/cookie"));
    http_release(http, get(http, "/ok"));
    assert_null(strstr(last_request, "Cookie"));
    http_destroy(http);
}

static void test_no_proxy_of_the_environment(void **state)
{
    struct http *http;
    const struct http_response *response;

    (void) state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    http = open_http(0, 0);
    response = get(http, "/ok");
    unsetenv("http_proxy");
    assert_int_equal(response->failure, HTTP_NONE);
    http_release(http, response);
    http_destroy(http);
}

static void test_decoding(void **state)
{
    struct http *http = open_http(0, 0);
    const struct http_response *response = get(http, "/deflate");

    (void) state;
    assert_int_equal(response->failure, HTTP_NONE);
    assert_true(slice_equal(response->body, SLICE("hello")));
    http_release(http, response);
    http_destroy(http);
    expect_failure("/broken-gzip", HTTP_GARBLED);
}

static void test_failures(void **state)
{
    (void) state;
    expect_failure("/large", HTTP_TOO_LARGE);
    expect_failure("/headers", HTTP_HEADERS);
    expect_failure("/many-headers", HTTP_HEADERS);
    expect_failure("/reset", HTTP_RESET);
    expect_failure("/close", HTTP_RESET);
    expect_failure("/short", HTTP_CUT);
    expect_failure("/garbage", HTTP_GARBLED);
}

static void test_body_is_cut_at_its_limit(void **state)
{
    struct http *http = open_http(0, 0);
    struct http_request request = {.method = "GET", .url = url_of("/large"), .max_body = 5000};
    const struct http_response *response;
    struct error err;

    (void) state;
    assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    response = wait_for(http);
    assert_int_equal(response->failure, HTTP_TOO_LARGE);
    assert_int_equal(response->body.size, 5000);
    assert_int_equal(response->status, 200);
    http_release(http, response);
    http_destroy(http);
}

static void test_bomb(void **state)
{
    struct http *http = open_http(0, 1024 * (size_t) MIB);
    struct http_request request = {
        .method = "GET", .url = url_of("/bomb"), .max_body = 512 * (uint64_t) MIB};
    const struct http_response *response;
    struct error err;

    (void) state;
    assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    response = wait_for(http);
    assert_int_equal(response->failure, HTTP_BOMB);
    assert_true(response->body.size < 16 * MIB);
    http_release(http, response);
    http_destroy(http);
}

static void test_common_budget(void **state)
{
    struct http *http = open_http(0, MIB);
    const struct http_response *response = get(http, "/large");

    (void) state;
    assert_int_equal(response->failure, HTTP_CROWDED);
    http_release(http, response);
    /* What it took has been given back. */
    response = get(http, "/ok");
    assert_int_equal(response->failure, HTTP_NONE);
    http_release(http, response);
    http_destroy(http);
}

static void test_deadline(void **state)
{
    struct http *http = open_http(0, 0);
    int64_t now = clock_mono_ms(clock_system());
    struct http_request late = {.method = "GET", .url = url_of("/ok"), .deadline_ms = now};
    struct http_request early = {.method = "GET", .url = url_of("/ok"), .deadline_ms = now + 60000};
    const struct http_response *response;
    struct error err;

    (void) state;
    assert_int_equal(http_submit(http, &late, &err), STATUS_OK);
    response = wait_for(http);
    assert_int_equal(response->failure, HTTP_LATE);
    assert_int_equal(response->status, 0);
    http_release(http, response);
    assert_int_equal(http_submit(http, &early, &err), STATUS_OK);
    response = wait_for(http);
    assert_int_equal(response->failure, HTTP_NONE);
    http_release(http, response);
    http_destroy(http);
}

static void test_slow(void **state)
{
    struct http *http = open_http(0, 0);
    struct http_request drip_request = {.method = "GET", .url = url_of("/drip"), .idle_ms = 1000};
    struct http_request silent = {.method = "GET", .url = url_of("/silence"), .timeout_ms = 200};
    struct error err;

    (void) state;
    assert_int_equal(http_submit(http, &drip_request, &err), STATUS_OK);
    assert_int_equal(http_submit(http, &silent, &err), STATUS_OK);
    assert_int_equal(http_in_flight(http), 2);
    for (int i = 0; i < 2; i++) {
        const struct http_response *response = wait_for(http);
        assert_int_equal(response->failure, HTTP_TIMEOUT);
        http_release(http, response);
    }
    http_destroy(http);
}

static void test_refused(void **state)
{
    struct http *http = open_http(0, 0);
    struct http_request request = {.method = "GET", .url = SLICE("http://127.0.0.1:1/")};
    struct error err;
    const struct http_response *response;

    (void) state;
    assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    response = wait_for(http);
    assert_int_equal(response->failure, HTTP_REFUSED);
    assert_int_equal(response->status, 0);
    http_release(http, response);
    http_destroy(http);
}

static bool refuse(void *self, const struct sockaddr *address, socklen_t size)
{
    struct sockaddr_in in;

    assert_true(size >= sizeof in);
    memcpy(&in, address, sizeof in);
    assert_int_equal(in.sin_family, AF_INET);
    assert_int_equal(ntohs(in.sin_port), port);
    ++*(int *) self;
    return false;
}

static void test_address_is_asked_for_every_request(void **state)
{
    struct http *http = open_http(0, 0);
    int asked = 0;
    struct http_request request = {
        .method = "GET", .url = url_of("/ok"), .allow = refuse, .allow_self = &asked};
    int before = requests;
    struct error err;

    (void) state;
    for (int i = 0; i < 2; i++) {
        const struct http_response *response;
        assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
        response = wait_for(http);
        assert_int_equal(response->failure, HTTP_ADDRESS);
        http_release(http, response);
        assert_int_equal(requests - before, i);
        assert_int_equal(asked, i + 1);
        /* The second time there is a kept connection that another caller may use. */
        http_release(http, get(http, "/ok"));
    }
    http_destroy(http);
}

static void test_url_is_read_alike(void **state)
{
    static const char *const urls[] = {"ftp://127.0.0.1/", "http://", "http://user:pw@127.0.0.1/",
                                       "http://127.0.0.2/"};
    struct http *http = open_http(0, 0);
    struct error err;

    (void) state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct http_request request = {
            .method = "GET", .url = slice_from(urls[i]), .host = SLICE("127.0.0.1")};
        const struct http_response *response;
        assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
        response = wait_for(http);
        assert_int_equal(response->failure, HTTP_BAD_URL);
        http_release(http, response);
    }
    http_destroy(http);
}

static void test_requests_that_cannot_be_sent(void **state)
{
    struct http *http = open_http(0, 0);
    struct http_header evil[] = {{SLICE("X"), SLICE("a\r\nHost: b")},
                                 {SLICE("X\r\nY"), SLICE("a")},
                                 {SLICE("X"), SLICE("a\0b")},
                                 {SLICE(""), SLICE("a")}};
    struct http_request request = {.method = "GET", .url = url_of("/ok"), .header_count = 1};
    struct error err;

    (void) state;
    for (size_t i = 0; i < 4; i++) {
        request.headers = &evil[i];
        assert_int_equal(http_submit(http, &request, &err), STATUS_INVALID);
    }
    request.header_count = 0;
    request.method = "GET /";
    assert_int_equal(http_submit(http, &request, &err), STATUS_INVALID);
    request.method = "GET";
    request.user_agent = "a\nb";
    assert_int_equal(http_submit(http, &request, &err), STATUS_INVALID);
    request.user_agent = NULL;
    request.header_count = HTTP_REQUEST_HEADERS + 1;
    assert_int_equal(http_submit(http, &request, &err), STATUS_TOO_LARGE);
    assert_int_equal(http_in_flight(http), 0);
    http_destroy(http);
}

static void test_limit_and_cancel(void **state)
{
    struct http *http = open_http(2, 0);
    int one, two;
    struct http_request request = {.method = "GET", .url = url_of("/silence"), .owner = &one};
    struct error err;
    const struct http_response *response;

    (void) state;
    assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    request.owner = &two;
    request.url = url_of("/ok");
    assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    assert_int_equal(http_submit(http, &request, &err), STATUS_AGAIN);
    http_cancel(http, &one);
    assert_int_equal(http_in_flight(http), 1);
    response = wait_for(http);
    assert_ptr_equal(response->owner, &two);
    http_release(http, response);
    assert_null(http_next(http));
    /* An ended one can be cancelled, too. */
    assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    while (http_in_flight(http) > 0)
        assert_int_equal(http_step(http, 10, &err), STATUS_OK);
    http_cancel(http, &two);
    assert_null(http_next(http));
    http_destroy(http);
}

/* A kept connection that dies under a request must not make libcurl send it a second time. */
static void test_no_silent_repeat(void **state)
{
    struct http *http = open_http(0, 0);
    const struct http_response *response;
    int before;

    (void) state;
    http_release(http, get(http, "/ok"));
    before = requests;
    response = get(http, "/close");
    assert_int_equal(response->failure, HTTP_RESET);
    assert_true(response->stale);
    assert_int_equal(requests - before, 1);
    http_release(http, response);
    /* On a new connection the same end is the server's doing. */
    response = get(http, "/close");
    assert_int_equal(response->failure, HTTP_RESET);
    assert_false(response->stale);
    http_release(http, response);
    http_destroy(http);
}

static void test_many_at_once(void **state)
{
    struct http *http = open_http(64, 0);
    struct error err;

    (void) state;
    for (int i = 0; i < 64; i++) {
        struct http_request request = {.method = "GET", .url = url_of("/ok")};
        assert_int_equal(http_submit(http, &request, &err), STATUS_OK);
    }
    for (int i = 0; i < 64; i++) {
        const struct http_response *response = wait_for(http);
        assert_int_equal(response->failure, HTTP_NONE);
        http_release(http, response);
    }
    assert_int_equal(http_in_flight(http), 0);
    http_destroy(http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_kept_connection),
        cmocka_unit_test(test_post),
        cmocka_unit_test(test_redirect_is_not_followed),
        cmocka_unit_test(test_no_cookies),
        cmocka_unit_test(test_no_proxy_of_the_environment),
        cmocka_unit_test(test_decoding),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_body_is_cut_at_its_limit),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_common_budget),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_address_is_asked_for_every_request),
        cmocka_unit_test(test_url_is_read_alike),
        cmocka_unit_test(test_requests_that_cannot_be_sent),
        cmocka_unit_test(test_limit_and_cancel),
        cmocka_unit_test(test_no_silent_repeat),
        cmocka_unit_test(test_many_at_once),
    };

    return cmocka_run_group_tests(tests, start_server, NULL);
}
