#include "study/platform.h"

#include "study/file.h"
#include "tests/support/cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static struct arena *arena;
static struct error err;
static struct platform platform;

static int set_up(void **state)
{
    (void) state;
    arena = arena_create(4 << 20);
    platform = (struct platform){0};
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void) state;
    arena_destroy(arena);
    return 0;
}

static enum status read_platform(const char *text)
{
    struct yaml_source source = {slice_from(text), "x.yaml", arena};

    return platform_read(&source, SLICE("x"), &platform, &err);
}

static void fails(const char *text, const char *message)
{
    assert_int_equal(read_platform(text), STATUS_INVALID);
    if (strstr(err.message, message) == NULL)
        fail_msg("'%s' lacks '%s'", err.message, message);
}

static const char least[] = "platform: x\nrequest: {url: \"{site}/s?q={keyword}&p={page}\"}\n"
                            "response: {kind: html, hits: //li, link: ./a/@href}\n";

static void test_least(void **state)
{
    (void) state;
    assert_int_equal(read_platform(least), STATUS_OK);
    assert_int_equal(platform.request.method, PLATFORM_GET);
    assert_int_equal(platform.request.page.first, 1);
    assert_int_equal(platform.request.page.step, 1);
    assert_string_equal(platform.request.keyword_encoding.data, "utf-8");
    assert_int_equal(platform.request.keyword_form, PLATFORM_KEYWORD_PLAIN);
    assert_int_equal(platform.request.content_type.size, 0);
    assert_int_equal(platform.response.kind, PLATFORM_HTML);
    assert_int_equal(platform.response.title.size, 0);
    assert_int_equal(platform.article.body_count, 0);
    assert_true(platform_has_page_numbers(&platform));
}

static void test_all_fields(void **state)
{
    (void) state;
    assert_int_equal(
        read_platform("platform: x\nabout: for people\n"
                      "request:\n  method: POST\n  url: \"{site}/s\"\n  body: 'q={keyword}'\n"
                      "  keyword_encoding: gbk\n  keyword_form: twice\n  date_format: YYYYMMDD\n"
                      "  headers: {X-A: '1', X-B: \"{site}\"}\n  page: {first: 0, step: 15}\n"
                      "response:\n  kind: json-html\n  hits: .r[]\n  link: .//a/@href\n"
                      "  title: .//a\n  date: .//i\n  total: .n\n  next: .next\n  link_param: url\n"
                      "article: {title: //h1, date: [//i, //b], body: [//div]}\n"),
        STATUS_OK);
    assert_string_equal(platform.request.content_type.data, "application/x-www-form-urlencoded");
    assert_int_equal(platform.request.keyword_form, PLATFORM_KEYWORD_TWICE);
    assert_int_equal(platform.request.date_format, PLATFORM_DATES_COMPACT);
    assert_int_equal(platform.request.header_count, 2);
    assert_int_equal(platform.request.page.step, 15);
    assert_int_equal(platform.response.kind, PLATFORM_JSON_HTML);
    assert_string_equal(platform.response.link_param.data, "url");
    assert_int_equal(platform.article.title_count, 1);
    assert_int_equal(platform.article.date_count, 2);
    assert_false(platform_has_page_numbers(&platform));
}

static void test_errors(void **state)
{
    (void) state;
    fails("platform: y\nrequest: {url: \"{keyword}\"}\nresponse: {kind: html, hits: a, link: b}\n",
          "x.yaml:1: platform: says 'y' but the file is named 'x'");
    fails("platform: x\nresponse: {kind: html, hits: a, link: b}\n",
          "x.yaml:1: request: is missing");
    fails("platform: x\nrequest: {url: \"{site}\"}\nresponse: {kind: html, hits: a, link: b}\n",
          "x.yaml:2: request.url: {keyword} stands in no template");
    fails("platform: x\nrequest: {url: \"{keyword}\"}\nresponse: {kind: xml, hits: a, link: b}\n",
          "x.yaml:3: response.kind: 'xml' is none of: html, json, json-html");
    fails("platform: x\nrequest: {url: \"{keyword}\", body: x}\n"
          "response: {kind: html, hits: a, link: b}\n",
          "x.yaml:2: request.body: only POST has a body");
    fails("platform: x\nrequest: {url: \"{keyword}\", keyword_encoding: utf-16}\n"
          "response: {kind: html, hits: a, link: b}\n",
          "x.yaml:2: request.keyword_encoding: 'utf-16' is no known encoding");
    fails("platform: x\nrequest: {url: \"{keyword}\", headers: {'a b': c}}\n"
          "response: {kind: html, hits: a, link: b}\n",
          "x.yaml:2: request.headers: 'a b' is no header name");
    fails("platform: x\nrequest: {url: \"{keyword}\", page: {step: 0}}\n"
          "response: {kind: html, hits: a, link: b}\n",
          "x.yaml:2: request.page.step: '0' is not between");
    fails("platform: x\nrequest: {url: \"{keyword}\"}\nresponse: {kind: html, link: b}\n",
          "x.yaml:3: response.hits: is missing");
}

static void test_one_page_only(void **state)
{
    (void) state;
    assert_int_equal(read_platform("platform: x\nrequest: {url: \"{site}/{keyword}\"}\n"
                                   "response: {kind: html, hits: a, link: b}\n"),
                     STATUS_OK);
    assert_false(platform_has_page_numbers(&platform));
}

static void read_shipped(const char *name)
{
    struct slice stem = slice_sub(slice_from(name), 0, strlen(name) - 5);
    struct yaml_source source = {.file = name, .arena = arena};
    char path[512];

    (void) snprintf(path, sizeof path, SOURCE_DIR "/platforms/%s", name);
    assert_int_equal(file_read(path, 1 << 20, arena, &source.text, &err), STATUS_OK);
    if (platform_read(&source, stem, &platform, &err) != STATUS_OK)
        fail_msg("%s", err.message);
}

static void test_shipped_platforms_are_good(void **state)
{
    DIR *dir = opendir(SOURCE_DIR "/platforms");
    struct dirent *entry;
    size_t count = 0;

    (void) state;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (!slice_ends(slice_from(entry->d_name), SLICE(".yaml")))
            continue;
        read_shipped(entry->d_name);
        count++;
    }
    closedir(dir);
    assert_true(count >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_least, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_page_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shipped_platforms_are_good, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
