#include "extractor/departments.h"

#include "tests/support/cmocka_all.h"
#include "tests/unit/study/temp_dir.h"

#include <stdio.h>
#include <string.h>

static struct departments *departments;
static struct error err;

static void check(const char *text, const char *county, const char *want)
{
    struct slice canonical = departments_find(departments, slice_from(text));
    struct buf out;

    buf_init(&out, 512);
    if (canonical.data != NULL)
        departments_put(&out, canonical, slice_from(county));
    if (strcmp(buf_text(&out), want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", text, buf_text(&out), want);
    buf_fini(&out);
}

static void test_names(void **state)
{
    (void) state;
    check("市档案局局长张三", "", "市档案馆");
    check("市统计局副局长", "", "市统计局");
    check("统计局副局长", "", "市统计局");
    check("市工商局局长", "", "市市场监督管理局"); /* by its name before 2018 */
    check("党政代表团来访", "", "市委、市政府");
    check("市委宣传部副部长", "", "市委宣传部"); /* the longest name, not 市委 */
    check("市委书记", "", "市委");
    check("人大常委会主任", "", "市人大常委会");
}

static void test_counties(void **state)
{
    (void) state;
    check("城管局副局长", "邳州市", "邳州市城市管理局");
    check("党政考察团", "凤阳县", "凤阳县委、县政府");
    check("市场监管局", "江城区", "江城区市场监督管理局");
    check("人大常委会", "海安市", "海安市人大常委会");
}

static void test_where_it_looks(void **state)
{
    (void) state;
    check("", "", "");
    check("，市统计局", "", "");   /* another clause */
    check("某某市统计局", "", ""); /* too far */
    check("区统计局", "", "市统计局");
    check("\xff\xe5", "", "");
}

static const char *known(const char *text)
{
    static char name[64];
    struct slice canonical = departments_known(departments, slice_from(text));

    (void) snprintf(name, sizeof name, "%.*s", SLICE_ARG(canonical));
    return name;
}

static void test_whole_names(void **state)
{
    (void) state;
    assert_string_equal(known("市档案局"), "市档案馆");
    assert_string_equal(known("档案局"), "市档案馆");
    assert_string_equal(known("区档案局"), "市档案馆");
    assert_string_equal(known("市委、市政府"), "市委、市政府");
    assert_string_equal(known("市场监管局"), "市市场监督管理局");
    assert_string_equal(known("市档案局局长"), "");
    assert_string_equal(known("某市档案局"), "");
    assert_string_equal(known("市"), "");
    assert_string_equal(known(""), "");
}

static void refuse(const char *text, const char *message)
{
    struct temp_dir dir;
    struct departments *loaded = NULL;

    assert_int_equal(temp_dir_create(&dir), 0);
    assert_int_equal(departments_load(temp_dir_write(&dir, "d.tsv", text), &loaded, &err),
                     STATUS_INVALID);
    assert_null(loaded);
    if (strstr(err.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.message, message);
    temp_dir_destroy(&dir);
}

static void test_bad_tables(void **state)
{
    struct departments *loaded = NULL;

    (void) state;
    refuse("canonical\tsystem\tnames\n市委\n", "line 2");
    refuse("# x\ncanonical\tsystem\tnames\n\tparty\t\n", "line 3");
    assert_int_equal(departments_load("/nowhere/d.tsv", &loaded, &err), STATUS_NOT_FOUND);
}

static int open_table(void **state)
{
    (void) state;
    return departments_load(SOURCE_DIR "/codebooks/visits/departments.tsv", &departments, &err) !=
           STATUS_OK;
}

static int close_table(void **state)
{
    (void) state;
    departments_destroy(departments);
    departments_destroy(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),          cmocka_unit_test(test_counties),
        cmocka_unit_test(test_where_it_looks), cmocka_unit_test(test_whole_names),
        cmocka_unit_test(test_bad_tables),
    };

    return cmocka_run_group_tests(tests, open_table, close_table);
}
