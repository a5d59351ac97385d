/* Offices and their levels: our own cases, the shared list where it lies beside, bad tables. */
#include "extractor/titles.h"

#include "tests/support/cmocka_all.h"
#include "tests/unit/study/temp_dir.h"

#include <stdio.h>
#include <string.h>

static struct titles *titles;
static struct error err;

static bool is_county(const void *self, struct slice place)
{
    static const char *const names[] = {"昆山", "义乌", "巢湖", "慈溪", "江阴"};

    (void) self;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_equal(place, slice_from(names[i])))
            return true;
    return false;
}

static const struct title_context prefecture = {is_county, NULL, false};
static const struct title_context county = {is_county, NULL, true};

static void check(const char *title, const struct title_context *context, const char *want)
{
    const char *got = title_level_text(titles_level(titles, slice_from(title), context));

    if (strcmp(got, want) != 0)
        fail_msg("%s: got \"%s\", want \"%s\"", title, got, want);
}

static void test_levels(void **state)
{
    static const char *const cases[][2] = {
        {"市委书记", "principal"},
        {"州委书记", "principal"},
        {"市长", "principal"},
        {"州长", "principal"},
        {"市委副书记、代市长", "principal"},
        {"苏州市市长", "principal"},
        {"市人大常委会党组书记、主任", "principal"},
        {"市政协主席", "principal"},
        {"省委常委、市委书记", "principal"},
        {"市党政主要领导", "principal"},
        {"市委副书记", "deputy"},
        {"市委常委、开发区党工委书记", "deputy"},
        {"副市长、公安局局长", "deputy"},
        {"市政协副主席、民盟主委", "deputy"},
        {"市政府秘书长", "deputy"},
        {"市纪委书记", "deputy"},
        {"市领导", "deputy"},
        {"市委组织部副部长", "department"},
        {"市教育局党委书记、局长", "department"},
        {"区委书记、区长", "department"},
        {"县人大常委会主任", "department"},
        {"团市委副书记", "department"},
        {"民建市委主委", "department"},
        {"市政府副秘书长", "department"},
        {"市总工会主席", "department"},
        {"市政协提案委主任", "department"},
        {"市人大常委会财经工委主任", "department"},
        {"昆山市委书记", "department"},
        {"义乌市委副书记、市长", "department"},
        {"金华市委常委、义乌市委书记", "deputy"},
        {"副省长", "higher"},
        {"省教育厅副厅长", "higher"},
        {"原市长", "former"},
        {"市长热线", "exclude"},
        {"天气", ""},
        {"", ""},
    };

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check(cases[i][0], &prefecture, cases[i][1]);
}

static void test_speaker_is_a_county_city(void **state)
{
    (void) state;
    check("市委书记", &county, "department");
    check("市委副书记、市长", &county, "department");
    check("市政协主席", &county, "department");
    check("南通市委常委、市委书记", &county, "deputy");
    check("局长", &county, "department");
}

static void test_shared_cases(void **state)
{
    FILE *file = fopen(SOURCE_DIR "/../shared/data/domain/titles_examples.tsv", "r");
    char line[512];

    (void) state;
    if (file == NULL)
        skip();
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        char *tab = strchr(line, '\t');

        assert_non_null(tab);
        *tab = '\0';
        tab[1 + strcspn(tab + 1, "\n")] = '\0';
        check(line, &prefecture, tab + 1);
    }
    fclose(file);
}

static void test_posts(void **state)
{
    struct slice text = SLICE("市委常务副书记某某");

    (void) state;
    assert_int_equal(titles_post_at(titles, text, 6), strlen("常务副书记"));
    assert_int_equal(titles_post_at(titles, text, 12), strlen("副书记"));
    assert_int_equal(titles_post_at(titles, text, 0), 0);
    assert_int_equal(titles_post_at(titles, text, text.size), 0);
}

static void refuse(const char *text, const char *message)
{
    struct temp_dir dir;
    struct titles *loaded = NULL;

    assert_int_equal(temp_dir_create(&dir), 0);
    assert_int_equal(titles_load(temp_dir_write(&dir, "t.tsv", text), &loaded, &err),
                     STATUS_INVALID);
    assert_null(loaded);
    if (strstr(err.message, message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", err.message, message);
    temp_dir_destroy(&dir);
}

#define HEADER "# about\nlevel\tsub\thow\tplace\tbodies\tposts\n"

static void test_bad_tables(void **state)
{
    struct titles *loaded = NULL;

    (void) state;
    refuse(HEADER "principal\tx\n", "line 3: not 6 columns");
    refuse(HEADER "king\tx\tany\t0\t\t市长\n", "line 3: unknown level \"king\"");
    refuse(HEADER "\nprincipal\tx\tnear\t0\t\t市长\n", "line 4: unknown word \"near\"");
    assert_int_equal(titles_load("/nowhere/t.tsv", &loaded, &err), STATUS_NOT_FOUND);
}

static int open_titles(void **state)
{
    (void) state;
    return titles_load(SOURCE_DIR "/codebooks/visits/titles.tsv", &titles, &err) != STATUS_OK;
}

static int close_titles(void **state)
{
    (void) state;
    titles_destroy(titles);
    titles_destroy(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),       cmocka_unit_test(test_speaker_is_a_county_city),
        cmocka_unit_test(test_shared_cases), cmocka_unit_test(test_posts),
        cmocka_unit_test(test_bad_tables),
    };

    return cmocka_run_group_tests(tests, open_titles, close_titles);
}
