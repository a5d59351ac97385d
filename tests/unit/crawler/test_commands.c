/* commands: parse, url, robots, decode on streams of the test's own. */
#include "crawler/commands.h"

#include "base/util/buf.h"
#include "tests/support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

typedef int command(int argc, char **argv, const struct command_streams *streams);

static char *out_text, *error_text;

/* Runs a command on `input`; words end with NULL. */
static int run(command *function, struct slice input, const char *const *words)
{
    char *argv[16];
    int argc = 0;
    size_t out_size, error_size;
    struct command_streams streams;
    int result;

    for (; words[argc] != NULL; argc++)
        argv[argc] = strdup(words[argc]);
    free(out_text);
    free(error_text);
    streams.in = tmpfile();
    assert_int_equal(fwrite(input.data, 1, input.size, streams.in), input.size);
    rewind(streams.in);
    streams.out = open_memstream(&out_text, &out_size);
    streams.errors = open_memstream(&error_text, &error_size);
    result = function(argc, argv, &streams);
    (void) fclose(streams.in);
    (void) fclose(streams.out);
    (void) fclose(streams.errors);
    while (argc > 0)
        free(argv[--argc]);
    return result;
}

#define RUN(function, input, ...)                                                                  \
    run(function, SLICE(input), (const char *const[]){__VA_ARGS__, NULL})

static void parse(void **state)
{
    (void) state;
    assert_int_equal(RUN(command_parse,
                         "<title>标题在此_某市</title><div "
                         "id=zoom>苏州市政府代表团今天来到我市考察，市长会见了客人"
                         "，双方进行了座谈。<a href=b>x</a></div>",
                         "parse", "--url", "http://h/2023/5/8/a.html"),
                     0);
    assert_string_equal(
        out_text,
        "{\"title\":\"标题在此\",\"date\":\"2023-05-08\",\"date_rule\":\"url\",\"body\":"
        "\"苏州市政府代表团今天来到我市考察，市长会见了客人，双方进行了座谈。x\",\"links\":"
        "[\"http://h/2023/5/8/b\"],\"charset\":\"UTF-8\"}\n");
    assert_string_equal(error_text, "");
    assert_int_equal(RUN(command_parse, "", "parse", "--url=http://h/"), 0);
    assert_string_equal(out_text,
                        "{\"title\":null,\"date\":null,\"date_rule\":\"none\",\"body\":\"\","
                        "\"links\":[],\"charset\":\"UTF-8\"}\n");
}

static void parse_usage(void **state)
{
    (void) state;
    assert_int_equal(RUN(command_parse, "", "parse", "--url", "nonsense"), 2);
    assert_non_null(strstr(error_text, "nonsense"));
    assert_int_equal(RUN(command_parse, "", "parse", "--unknown"), 2);
    assert_non_null(strstr(error_text, "unknown"));
    assert_int_equal(RUN(command_parse, "", "parse", "word"), 2);
}

static void url(void **state)
{
    (void) state;
    assert_int_equal(RUN(command_url,
                         "{\"input\":\"../x#f\",\"base\":\"http://A/b/c\"}\n\n"
                         "{\"input\":\"http://a b/\",\"base\":null}\n{\"input\":\"HTTP://a\"}",
                         "url"),
                     0);
    assert_string_equal(out_text, "{\"href\":\"http://a/x#f\",\"key\":\"http://a/x\"}\n"
                                  "{\"error\":\"host 'a b': forbidden character\"}\n"
                                  "{\"href\":\"http://a/\",\"key\":\"http://a/\"}\n");
}

static void url_bad_lines(void **state)
{
    (void) state;
    assert_int_equal(
        RUN(command_url, "junk\n{\"input\":\"http://a\"}\n[1]\n{\"input\":7}\n", "url"), 1);
    assert_string_equal(out_text, "{\"href\":\"http://a/\",\"key\":\"http://a/\"}\n");
    assert_non_null(strstr(error_text, "line 1:"));
    assert_non_null(strstr(error_text, "line 3:"));
    assert_non_null(strstr(error_text, "line 4:"));
    assert_null(strstr(error_text, "line 2:"));
    assert_int_equal(RUN(command_url, "", "url", "extra"), 2);
}

static void url_long_line(void **state)
{
    struct buf line;

    (void) state;
    buf_init(&line, COMMAND_LINE_MAX * 2);
    while (line.size <= COMMAND_LINE_MAX)
        buf_puts(&line, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    buf_puts(&line, "\n{\"input\":\"http://a\"}\n");
    assert_int_equal(run(command_url, buf_slice(&line), (const char *const[]){"url", NULL}), 1);
    assert_string_equal(out_text, "{\"href\":\"http://a/\",\"key\":\"http://a/\"}\n");
    buf_fini(&line);
}

static void robots(void **state)
{
    (void) state;
    assert_int_equal(RUN(command_robots, "User-agent: foo\nDisallow: /a\n", "robots", "--agent",
                         "Foo", "--url", "http://h/a/b"),
                     0);
    assert_string_equal(out_text, "disallowed\n");
    assert_int_equal(RUN(command_robots, "User-agent: foo\nDisallow: /a\n", "robots", "--agent",
                         "bar", "--url", "http://h/a/b"),
                     0);
    assert_string_equal(out_text, "allowed\n");
    assert_int_equal(RUN(command_robots, "", "robots", "--agent", "bar"), 2);
    assert_non_null(strstr(error_text, "--url"));
}

static void decode(void **state)
{
    (void) state;
    assert_int_equal(RUN(command_decode, "\xCB\xD5\xD6\xDD", "decode", "--label", "gb2312"), 0);
    assert_string_equal(out_text, "苏州");
    assert_int_equal(
        RUN(command_decode, "\xC4\xAC", "decode", "--content-type", "text/html; charset=big5"), 0);
    assert_string_equal(out_text, "蘇");
    assert_int_equal(RUN(command_decode, "\xCB\xD5\xD6\xDD", "decode"), 0);
    assert_string_equal(out_text, "苏州");
    assert_int_equal(RUN(command_decode, "x", "decode", "--label", "klingon"), 2);
    assert_non_null(strstr(error_text, "klingon"));
}

static void input_limit(void **state)
{
    char *bytes = malloc(COMMAND_INPUT_MAX + 1);

    (void) state;
    memset(bytes, 'x', COMMAND_INPUT_MAX + 1);
    assert_int_equal(run(command_decode, slice_of(bytes, COMMAND_INPUT_MAX + 1),
                         (const char *const[]){"decode", NULL}),
                     1);
    assert_non_null(strstr(error_text, "input of more than"));
    assert_string_equal(out_text, "");
    free(bytes);
}

static int tear_down(void **state)
{
    (void) state;
    free(out_text);
    free(error_text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse),         cmocka_unit_test(parse_usage),   cmocka_unit_test(url),
        cmocka_unit_test(url_bad_lines), cmocka_unit_test(url_long_line), cmocka_unit_test(robots),
        cmocka_unit_test(decode),        cmocka_unit_test(input_limit),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
