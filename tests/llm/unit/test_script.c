#include "tests/llm/script.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/xunfang-script-XXXXXX";
static struct error err;

static enum status load(const char *text, struct script **script)
{
    enum status status;
    FILE *file;
    int made;

    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    made = mkstemp(path);
    assert_true(made >= 0);
    file = fdopen(made, "wb");
    fputs(text, file);
    fclose(file);
    status = script_load(path, script, &err);
    unlink(path);
    return status;
}

static void no_script_is_fine(void **state)
{
    struct script *script;

    (void) state;
    assert_int_equal(script_load(NULL, &script, &err), STATUS_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(script_next(script, SLICE("x"))->deed, DEED_OK);
    script_destroy(script);
    script_destroy(NULL);
}

static void the_nth_request_gets_the_nth_behaviour(void **state)
{
    struct script *script;
    const struct behaviour *step;

    (void) state;
    assert_int_equal(
        load("{\"match\":\"上海\",\"then\":[\"429 2\",\"slow 30\",{\"text\":\"hi\"}]}\n"
             "\n"
             "{\"match\":\"\",\"then\":[\"500\",\"ok\"]}\n",
             &script),
        STATUS_OK);
    assert_int_equal(script_next(script, SLICE("x"))->status, 500);
    step = script_next(script, SLICE("to 上海"));
    assert_int_equal(step->deed, DEED_STATUS);
    assert_int_equal(step->status, 429);
    assert_int_equal(step->retry_after_s, 2);
    assert_int_equal(script_next(script, SLICE("x"))->deed, DEED_OK);
    assert_int_equal(script_next(script, SLICE("x"))->deed, DEED_OK);
    step = script_next(script, SLICE("上海"));
    assert_int_equal(step->deed, DEED_SLOW);
    assert_int_equal(step->slow_ms, 30);
    for (int i = 0; i < 3; i++) {
        step = script_next(script, SLICE("上海"));
        assert_int_equal(step->deed, DEED_TEXT);
        assert_true(slice_equal(step->text, SLICE("hi")));
    }
    script_destroy(script);
}

static void every_name_is_known(void **state)
{
    (void) state;
    for (size_t i = 0; i < DEED_COUNT; i++) {
        const char *name = deed_text((enum deed) i);
        struct script *script;
        char line[128];

        if (i == DEED_TEXT || i == DEED_STATUS || i == DEED_SLOW)
            continue;
        snprintf(line, sizeof line, "{\"match\":\"\",\"then\":[\"%s\"]}", name);
        assert_int_equal(load(line, &script), STATUS_OK);
        assert_int_equal(script_next(script, SLICE(""))->deed, i);
        assert_int_equal(script_next(script, SLICE(""))->retry_after_s, -1);
        script_destroy(script);
    }
}

static void bad_scripts_are_refused(void **state)
{
    static const char *const bad[] = {
        "hello",
        "{}",
        "{\"match\":\"\"}",
        "{\"match\":\"\",\"then\":[]}",
        "{\"match\":\"\",\"then\":\"ok\"}",
        "{\"match\":1,\"then\":[\"ok\"]}",
        "{\"match\":\"\",\"then\":[\"okay\"]}",
        "{\"match\":\"\",\"then\":[\"slow\"]}",
        "{\"match\":\"\",\"then\":[\"slow fast\"]}",
        "{\"match\":\"\",\"then\":[\"200\"]}",
        "{\"match\":\"\",\"then\":[\"600\"]}",
        "{\"match\":\"\",\"then\":[\"429 soon\"]}",
        "{\"match\":\"\",\"then\":[\"text\"]}",
        "{\"match\":\"\",\"then\":[{\"words\":\"x\"}]}",
    };
    struct script *script = NULL;

    (void) state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(load(bad[i], &script), STATUS_INVALID);
        assert_non_null(strstr(err.message, "line 1"));
    }
    assert_int_equal(script_load("/nonexistent", &script, &err), STATUS_INVALID);
    assert_null(script);
}

static void rules_have_a_limit(void **state)
{
    static char text[(SCRIPT_RULES_MAX + 1) * 32];
    struct script *script = NULL;
    size_t size = 0;

    (void) state;
    for (size_t i = 0; i < SCRIPT_RULES_MAX; i++)
        size += (size_t) snprintf(text + size, sizeof text - size,
                                  "{\"match\":\"\",\"then\":[\"ok\"]}\n");
    assert_int_equal(load(text, &script), STATUS_OK);
    script_destroy(script);
    snprintf(text + size, sizeof text - size, "{\"match\":\"\",\"then\":[\"ok\"]}\n");
    assert_int_equal(load(text, &script), STATUS_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_script_is_fine),
        cmocka_unit_test(the_nth_request_gets_the_nth_behaviour),
        cmocka_unit_test(every_name_is_known),
        cmocka_unit_test(bad_scripts_are_refused),
        cmocka_unit_test(rules_have_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
