#include "tests/sites/http_message.h"

#include "tests/support/cmocka_all.h"

#include <string.h>

static enum status parse(const char *text, struct http_request *request)
{
    return http_request_read(slice_from(text), request, NULL);
}

static void test_get(void **state)
{
    struct http_request request;
    const char *text = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\nGET /next";

    (void) state;
    assert_int_equal(parse(text, &request), STATUS_OK);
    assert_true(slice_equal(request.method, SLICE("GET")));
    assert_true(slice_equal(request.target, SLICE("/a?b=c")));
    assert_int_equal(request.body.size, 0);
    assert_true(request.keep_alive);
    assert_int_equal(request.size, strlen(text) - strlen("GET /next"));
}

static void test_post(void **state)
{
    struct http_request request;

    (void) state;
    assert_int_equal(
        parse("POST / HTTP/1.1\r\ncontent-length: 3\r\nConnection: Close\r\n\r\nabcd", &request),
        STATUS_OK);
    assert_true(slice_equal(request.body, SLICE("abc")));
    assert_false(request.keep_alive);
    assert_int_equal(parse("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", &request),
                     STATUS_AGAIN);
    assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n", &request), STATUS_OK);
    assert_false(request.keep_alive);
}

static void test_bad(void **state)
{
    static char long_head[MESSAGE_HEAD_MAX + 2];
    struct http_request request;

    (void) state;
    assert_int_equal(parse("", &request), STATUS_AGAIN);
    assert_int_equal(parse("GET / HTTP/1.1\r\nHost:", &request), STATUS_AGAIN);
    assert_int_equal(parse("nonsense\r\n\r\n", &request), STATUS_INVALID);
    assert_int_equal(parse("GET http://x/ HTTP/1.1\r\n\r\n", &request), STATUS_INVALID);
    assert_int_equal(parse("GET / SPDY\r\n\r\n", &request), STATUS_INVALID);
    assert_int_equal(parse("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", &request),
                     STATUS_INVALID);
    assert_int_equal(parse("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", &request),
                     STATUS_INVALID);
    assert_int_equal(parse("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", &request),
                     STATUS_INVALID);
    memset(long_head, 'a', sizeof long_head - 1);
    assert_int_equal(parse(long_head, &request), STATUS_INVALID);
}

static void test_reasons(void **state)
{
    (void) state;
    assert_string_equal(http_reason(404), "Not Found");
    assert_string_equal(http_reason(500), "Internal Server Error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_post),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_reasons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
