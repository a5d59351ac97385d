#include "study/seeds.h"

#include "study/request.h"
#include "tests/support/cmocka_all.h"
#include "tests/unit/study/job_files.h"

static struct temp_dir dir;
static struct study *study;
static struct arena *arena;
static struct error err;

static enum status load(void)
{
    struct study_source source = {.data_dir = SOURCE_DIR};
    char path[256];

    (void) snprintf(path, sizeof path, "%s/job.yaml", dir.path);
    source.job_path = path;
    return study_load(&source, &study, &err);
}

static int set_up(void **state)
{
    (void) state;
    study = NULL;
    arena = arena_create(1 << 20);
    if (arena == NULL || temp_dir_create(&dir))
        return 1;
    (void) job_files_write(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    study_destroy(study);
    arena_destroy(arena);
    temp_dir_destroy(&dir);
    return 0;
}

static Xunfang__Request *build(uint32_t list, uint32_t page, struct slice next)
{
    struct seeds_page wanted = {list, page, next};
    Xunfang__Request *request = NULL;

    if (seeds_request(study, &wanted, arena, &request, &err) != STATUS_OK)
        fail_msg("%s", err.message);
    return request;
}

static void test_the_order_of_lists(void **state)
{
    static const char *const expected[] = {"苏州>宿州", "苏州>埇桥", "苏州>上海", "苏州>宿州",
                                           "苏州>埇桥", "苏州>上海", "宿州>苏州", "宿州>上海",
                                           "上海>苏州", "上海>宿州", "上海>埇桥"};

    (void) state;
    assert_int_equal(load(), STATUS_OK);
    assert_int_equal(study->list_count, sizeof expected / sizeof *expected);
    for (uint32_t i = 0; i < study->list_count; i++) {
        char text[64];
        struct slice site = seeds_site_city(study, i);
        (void) snprintf(text, sizeof text, "%.*s>%.*s", SLICE_ARG(site),
                        SLICE_ARG(study->lists[i].keyword));
        assert_string_equal(text, expected[i]);
    }
    assert_string_equal(seeds_query_city(study, 1).data, "宿州");
    assert_int_equal(seeds_publisher(study, 3)->port, 18090);
}

static void test_pages_by_number(void **state)
{
    Xunfang__Request *request;

    (void) state;
    assert_int_equal(load(), STATUS_OK);
    request = build(2, 0, SLICE(""));
    assert_string_equal(request->method, "GET");
    assert_string_equal(request->url, "http://127.0.2.1:18090/s?q=%C9%CF%BA%A3&s=0&x={no}");
    assert_int_equal(request->kind, XUNFANG__REQUEST__KIND__LIST);
    assert_int_equal(request->list, 2);
    assert_int_equal(request->body.len, 0);
    assert_int_equal(request->n_headers, 0);
    request = build(2, 3, SLICE(""));
    assert_int_equal(request->page, 3);
    assert_non_null(strstr(request->url, "&s=45&"));
}

static void test_json_bodies(void **state)
{
    Xunfang__Request *request;

    (void) state;
    assert_int_equal(load(), STATUS_OK);
    request = build(3, 1, SLICE(""));
    assert_string_equal(request->method, "POST");
    assert_string_equal(request->url, "http://127.0.2.4:18090/api");
    assert_true(slice_equal(slice_of(request->body.data, request->body.len),
                            SLICE("{\"id\":\"\\\"k\\\"\",\"q\":\"宿州\",\"p\":2}")));
    assert_int_equal(request->n_headers, 2);
    assert_string_equal(request->headers[0]->name, "Content-Type");
    assert_string_equal(request->headers[0]->value, "application/json");
    assert_string_equal(request->headers[1]->value, "\"k\"");
}

static void test_next_links(void **state)
{
    Xunfang__Request *request;

    (void) state;
    assert_int_equal(load(), STATUS_OK);
    request = build(3, 1, SLICE("http://127.0.2.4:18090/page2?x=1"));
    assert_string_equal(request->method, "GET");
    assert_string_equal(request->url, "http://127.0.2.4:18090/page2?x=1");
    assert_int_equal(request->page, 1);
    assert_int_equal(request->list, 3);
    assert_int_equal(request->body.len, 0);
    assert_int_equal(request->n_headers, 1);
    assert_string_equal(request->headers[0]->name, "X-Id");
}

static void write_platform(const char *request)
{
    char text[1024];

    (void) snprintf(text, sizeof text,
                    "platform: page\nrequest: %s\n"
                    "response: {kind: html, hits: //li, link: ./a/@href}\n",
                    request);
    temp_dir_write(&dir, "platforms/page.yaml", text);
    if (load() != STATUS_OK)
        fail_msg("%s", err.message);
}

static void test_form_bodies_and_dates(void **state)
{
    Xunfang__Request *request;

    (void) state;
    write_platform("{method: POST, url: \"{site}/a/{keyword}\", date_format: YYYYMMDD, body: "
                   "\"q={keyword}&s={site}&f={from}&t={to}&c=全\"}");
    request = build(2, 0, SLICE(""));
    assert_string_equal(request->url, "http://127.0.2.1:18090/a/%E4%B8%8A%E6%B5%B7");
    assert_true(slice_equal(slice_of(request->body.data, request->body.len),
                            SLICE("q=%E4%B8%8A%E6%B5%B7&s=http%3A%2F%2F127.0.2.1%3A18090&"
                                  "f=20100101&t=20231231&c=%E5%85%A8")));
    assert_string_equal(request->headers[0]->value, "application/x-www-form-urlencoded");
}

static void test_keyword_forms(void **state)
{
    (void) state;
    write_platform("{url: \"{site}/?k={keyword}\", keyword_form: twice}");
    assert_string_equal(build(2, 0, SLICE(""))->url,
                        "http://127.0.2.1:18090/?k=%25E4%25B8%258A%25E6%25B5%25B7");
    study_destroy(study);
    write_platform("{url: \"{site}/?k={keyword}\", keyword_form: base64}");
    assert_string_equal(build(2, 0, SLICE(""))->url, "http://127.0.2.1:18090/?k=5LiK5rW3");
}

static void test_literal_text_in_urls(void **state)
{
    (void) state;
    write_platform("{url: \"{site}/a b?x=全 {}&k={keyword}&from={from}#frag\"}");
    assert_string_equal(build(2, 0, SLICE(""))->url,
                        "http://127.0.2.1:18090/a%20b?x=%E5%85%A8%20{}&k=%E4%B8%8A%E6%B5%B7"
                        "&from={from}");
}

static void fails_to_build(const char *request, const char *message)
{
    struct seeds_page wanted = {.list = 2};
    Xunfang__Request *built = NULL;

    write_platform(request);
    assert_int_equal(seeds_request(study, &wanted, arena, &built, &err), STATUS_INVALID);
    assert_null(built);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
    study_destroy(study);
    study = NULL;
}

static void test_requests_that_cannot_be_built(void **state)
{
    (void) state;
    fails_to_build("{url: \"{keyword}\"}", "platform page: '%E4%B8%8A%E6%B5%B7' is no http");
    fails_to_build("{url: \"{site}/{keyword}\", keyword_encoding: us-ascii}",
                   "'上海' cannot be written in us-ascii");
    fails_to_build("{url: \"{site}/{keyword}\", headers: {A: \"x\\ny\"}}",
                   "header 'A' holds a control character");
}

static void test_identity(void **state)
{
    Xunfang__Request *a;
    Xunfang__Request *b;
    Xunfang__Request get = XUNFANG__REQUEST__INIT;

    (void) state;
    assert_int_equal(load(), STATUS_OK);
    a = build(3, 0, SLICE(""));
    b = build(3, 0, SLICE(""));
    assert_true(id_equal(request_id(a), request_id(b)));
    b->list = 9; /* whose list it is, is not part of what is asked */
    b->n_headers = 0;
    assert_true(id_equal(request_id(a), request_id(b)));
    b->fetch_number = 1;
    assert_false(id_equal(request_id(a), request_id(b)));
    assert_false(id_equal(request_id(a), request_id(build(3, 1, SLICE("")))));
    get.method = "GET";
    get.url = "http://a.cn/";
    assert_true(id_equal(request_id(&get), request_id_of_url(SLICE("http://a.cn/"))));
    get.method = "POST";
    assert_false(id_equal(request_id(&get), request_id_of_url(SLICE("http://a.cn/"))));
    assert_true(slice_equal(request_host(SLICE("http://a.cn:81/x")), SLICE("a.cn")));
    assert_int_equal(request_host(SLICE("mailto:x")).size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_order_of_lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pages_by_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_json_bodies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_next_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_form_bodies_and_dates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keyword_forms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_literal_text_in_urls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_requests_that_cannot_be_built, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_identity, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
