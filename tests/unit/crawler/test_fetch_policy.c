#include "crawler/fetch_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define OUTCOME(name) XUNFANG__FETCH_RESULT__OUTCOME__##name

struct answer {
    enum http_failure failure;
    unsigned status;
    const char *header; /* one, or NULL */
    const char *value;
    const char *body;
};

static struct arena *arena;

static int open_arena(void **state)
{
    (void) state;
    arena = arena_create(1 << 20);
    return arena == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static struct fetch_verdict judge_as(int kind, const char *url, struct answer answer)
{
    Xunfang__Request request = XUNFANG__REQUEST__INIT;
    struct http_header header = {slice_from(answer.header), slice_from(answer.value)};
    struct http_response response = {.failure = answer.failure,
                                     .detail = "",
                                     .status = answer.status,
                                     .headers = &header,
                                     .header_count = answer.header == NULL ? 0 : 1,
                                     .body = slice_from(answer.body),
                                     .ended_ms = 784111777000}; /* 1994-11-06 08:49:37 */
    struct fetch_verdict verdict;
    struct error err;

    request.kind = (Xunfang__Request__Kind) kind;
    request.url = arena_printf(arena, "%s", url);
    assert_int_equal(fetch_policy_judge(&request, &response, arena, &verdict, &err), STATUS_OK);
    return verdict;
}

static struct fetch_verdict judge(struct answer answer)
{
    return judge_as(XUNFANG__REQUEST__KIND__ARTICLE, "http://a.cn/x/1.html", answer);
}

static void test_statuses(void **state)
{
    static const struct {
        unsigned status;
        int outcome;
        bool ends;
    } rows[] = {{200, OUTCOME(OK), false},        {204, OUTCOME(OK), false},
                {404, OUTCOME(NOT_FOUND), false}, {410, OUTCOME(NOT_FOUND), false},
                {400, OUTCOME(REFUSED), false},   {401, OUTCOME(REFUSED), false},
                {403, OUTCOME(REFUSED), false},   {451, OUTCOME(REFUSED), false},
                {304, OUTCOME(REFUSED), false},   {408, OUTCOME(TRY_AGAIN), false},
                {429, OUTCOME(TRY_AGAIN), true},  {500, OUTCOME(TRY_AGAIN), false},
                {502, OUTCOME(TRY_AGAIN), false}, {503, OUTCOME(TRY_AGAIN), true},
                {412, OUTCOME(REFUSED), false}};

    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fetch_verdict verdict = judge((struct answer){.status = rows[i].status});
        assert_int_equal(verdict.outcome, rows[i].outcome);
        assert_int_equal(verdict.ends_lease, rows[i].ends);
    }
    assert_string_equal(judge((struct answer){.status = 503}).detail, "HTTP 503");
}

static void test_failures(void **state)
{
    static const struct {
        enum http_failure failure;
        int outcome;
        bool ends;
    } rows[] = {
        {HTTP_REFUSED, OUTCOME(TRY_AGAIN), true},    {HTTP_RESET, OUTCOME(TRY_AGAIN), true},
        {HTTP_TIMEOUT, OUTCOME(TRY_AGAIN), true},    {HTTP_TLS, OUTCOME(TRY_AGAIN), true},
        {HTTP_UNRESOLVED, OUTCOME(TRY_AGAIN), true}, {HTTP_TOO_LARGE, OUTCOME(TOO_LARGE), false},
        {HTTP_BOMB, OUTCOME(TOO_LARGE), false},      {HTTP_HEADERS, OUTCOME(TOO_LARGE), false},
        {HTTP_ADDRESS, OUTCOME(BAD_ADDRESS), false}, {HTTP_BAD_URL, OUTCOME(BAD_ADDRESS), false}};

    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fetch_verdict verdict = judge((struct answer){.failure = rows[i].failure});
        assert_int_equal(verdict.outcome, rows[i].outcome);
        assert_int_equal(verdict.ends_lease, rows[i].ends);
        assert_string_equal(verdict.detail, http_failure_text(rows[i].failure));
    }
    /* What broke off in the middle speaks of the page, not of the host. */
    assert_false(judge((struct answer){.failure = HTTP_CUT, .status = 200}).ends_lease);
}

static void test_robots_counts_as_far_as_it_came(void **state)
{
    struct fetch_verdict verdict =
        judge_as(XUNFANG__REQUEST__KIND__ROBOTS, "http://a.cn/robots.txt",
                 (struct answer){.failure = HTTP_TOO_LARGE, .status = 200, .body = "User"});

    (void) state;
    assert_int_equal(verdict.outcome, OUTCOME(OK));
}

static struct fetch_verdict redirect(int kind, const char *from, const char *to)
{
    return judge_as(kind, from, (struct answer){.status = 302, .header = "Location", .value = to});
}

static void test_redirects(void **state)
{
    const int article = XUNFANG__REQUEST__KIND__ARTICLE;
    struct fetch_verdict verdict = redirect(article, "http://a.cn/x/1", "../y/2?q=1#part");

    (void) state;
    assert_int_equal(verdict.outcome, OUTCOME(MOVED));
    assert_true(slice_equal(verdict.target, SLICE("http://a.cn/y/2?q=1")));
    assert_int_equal(redirect(article, "http://a.cn/x", "https://b.cn/x").outcome, OUTCOME(MOVED));
    assert_int_equal(redirect(article, "http://a.cn/x", "/").outcome, OUTCOME(NOT_FOUND));
    assert_int_equal(redirect(article, "http://a.cn/x", "https://b.cn").outcome,
                     OUTCOME(NOT_FOUND));
    assert_int_equal(redirect(article, "http://a.cn/", "https://a.cn/").outcome, OUTCOME(MOVED));
    assert_int_equal(redirect(article, "http://a.cn/x", "/?id=1").outcome, OUTCOME(MOVED));
    assert_int_equal(redirect(XUNFANG__REQUEST__KIND__LIST, "http://a.cn/search?q=1", "/").outcome,
                     OUTCOME(UNREADABLE));
    assert_int_equal(redirect(article, "http://a.cn/x", "").outcome, OUTCOME(REFUSED));
    assert_int_equal(redirect(article, "http://a.cn/x", "file:///etc/passwd").outcome,
                     OUTCOME(REFUSED));
    assert_int_equal(redirect(article, "http://a.cn/x", "http://[").outcome, OUTCOME(REFUSED));
}

static void test_overlong_redirect(void **state)
{
    char *url = arena_alloc(arena, FETCH_URL_MAX + 100);

    (void) state;
    memset(url, 'a', FETCH_URL_MAX + 10);
    assert_int_equal(redirect(XUNFANG__REQUEST__KIND__ARTICLE, "http://a.cn/x", url).outcome,
                     OUTCOME(REFUSED));
}

static void test_what_a_page_may_name(void **state)
{
    (void) state;
    assert_true(fetch_policy_accepts(SLICE("http://a.cn/")));
    assert_false(fetch_policy_accepts(SLICE("a.cn/")));
    assert_false(fetch_policy_accepts(slice_from(arena_printf(arena, "http://%0254d/", 1))));
    assert_true(fetch_policy_accepts(slice_from(arena_printf(arena, "http://%0253d/", 1))));
}

static void test_follow(void **state)
{
    Xunfang__Request request = XUNFANG__REQUEST__INIT, *next;
    char post[] = "POST", url[] = "http://a.cn/s";
    unsigned char body[] = "q";

    (void) state;
    request.method = post;
    request.url = url;
    request.body = (ProtobufCBinaryData){1, body};
    request.kind = XUNFANG__REQUEST__KIND__LIST;
    request.list = 7;
    request.page = 2;
    next = fetch_policy_follow(&request, 302, SLICE("http://b.cn/s"), arena);
    assert_string_equal(next->method, "GET");
    assert_string_equal(next->url, "http://b.cn/s");
    assert_int_equal(next->body.len, 0);
    assert_int_equal(next->hops, 1);
    assert_int_equal(next->list, 7);
    assert_int_equal(next->page, 2);
    next = fetch_policy_follow(&request, 307, SLICE("http://b.cn/s"), arena);
    assert_string_equal(next->method, "POST");
    assert_int_equal(next->body.len, 1);
}

static void test_retry_after(void **state)
{
    (void) state;
    assert_int_equal(
        judge((struct answer){.status = 429, .header = "Retry-After", .value = "9"}).retry_after_ms,
        9000);
    assert_int_equal(
        judge((struct answer){.status = 200, .header = "Retry-After", .value = "9"}).retry_after_ms,
        0);
}

static void expect_blocked(struct answer answer, const char *product)
{
    struct fetch_verdict verdict = judge(answer);

    assert_int_equal(verdict.outcome, OUTCOME(BLOCKED));
    assert_true(verdict.ends_lease);
    assert_non_null(strstr(verdict.detail, product));
}

static void test_blocking_products(void **state)
{
    (void) state;
    expect_blocked((struct answer){.status = 521, .body = "<script>document.cookie=1</script>"},
                   "加速乐");
    expect_blocked((struct answer){.status = 412, .body = "<html><script>x</script></html>"},
                   "瑞数");
    expect_blocked((struct answer){.status = 200,
                                   .header = "Set-Cookie",
                                   .value = "wzws_sessionid=1",
                                   .body = "<html><script>go()</script></html>"},
                   "奇安信");
    expect_blocked((struct answer){.status = 405,
                                   .header = "Set-Cookie",
                                   .value = "acw_tc=1",
                                   .body = "<p>event id: 17</p>"},
                   "阿里云");
    expect_blocked((struct answer){.status = 200, .body = "<script src=x></script>"}, "script");
    expect_blocked((struct answer){.status = 403, .body = "您的请求被拦截"}, "firewall");
    expect_blocked((struct answer){.status = 302, .header = "Location", .value = "/captcha?x"},
                   "firewall");
}

static void test_no_false_alarm(void **state)
{
    static const struct answer answers[] = {
        {.status = 200, .header = "Set-Cookie", .value = "__jsluid_s=1", .body = "<p>新闻</p>"},
        {.status = 200, .body = "<p>a</p><script>1</script>"},
        {.status = 200, .body = ""},
        {.status = 403, .body = "<h1>Forbidden</h1>"},
        {.status = 302, .header = "Location", .value = "/news/2"},
    };

    (void) state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        assert_int_not_equal(judge(answers[i]).outcome, OUTCOME(BLOCKED));
}

static void test_article_that_is_no_text(void **state)
{
    struct answer pdf = {.status = 200, .header = "Content-Type", .value = "application/pdf"};

    (void) state;
    assert_int_equal(judge(pdf).outcome, OUTCOME(UNREADABLE));
    assert_string_equal(judge(pdf).detail, "content type application/pdf");
    pdf.value = "TEXT/html; charset=gbk";
    assert_int_equal(judge(pdf).outcome, OUTCOME(OK));
    pdf.value = "application/pdf";
    assert_int_equal(judge_as(XUNFANG__REQUEST__KIND__LIST, "http://a.cn/", pdf).outcome,
                     OUTCOME(OK));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_robots_counts_as_far_as_it_came),
        cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_overlong_redirect),
        cmocka_unit_test(test_what_a_page_may_name),
        cmocka_unit_test(test_follow),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_blocking_products),
        cmocka_unit_test(test_no_false_alarm),
        cmocka_unit_test(test_article_that_is_no_text),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
