/* What a run was submitted with, and what this build has. */
#include "study/pins.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static struct study *study;
static struct error err;
static struct pins built, ours; /* of the build; a test's copy */
static Xunfang__Pin packed[PINS_MAX + 1], *pointers[PINS_MAX + 1];
static Xunfang__JobSubmitted submitted;
static const struct catalog_run run = {.job = "j", .run = "r", .submitted = &submitted};

static int load(void **state)
{
    (void) state;
    if (study_load_parts(NULL, "visits", NULL, &study, &err) != STATUS_OK)
        return -1;
    pins_of(study, &built);
    return 0;
}

static int unload(void **state)
{
    (void) state;
    study_destroy(study);
    return 0;
}

/* The run has the pins of this build. */
static int pin(void **state)
{
    (void) state;
    ours = built;
    xunfang__job_submitted__init(&submitted);
    for (size_t i = 0; i <= PINS_MAX; i++) {
        xunfang__pin__init(&packed[i]);
        pointers[i] = &packed[i];
    }
    for (size_t i = 0; i < ours.count; i++) {
        packed[i].what = ours.list[i].what;
        packed[i].version = ours.list[i].version;
    }
    submitted.pins = pointers;
    submitted.n_pins = ours.count;
    return 0;
}

static Xunfang__Pin *find(const char *what)
{
    for (size_t i = 0; i < submitted.n_pins; i++)
        if (strcmp(packed[i].what, what) == 0)
            return &packed[i];
    fail_msg("no pin of %s", what);
    return NULL;
}

/* Which of the stages go on: first letters. */
static const char *able(void)
{
    static const char *const stages[] = {"frontier",   "crawler",   "parser",
                                         "classifier", "extractor", "aggregator"};
    static char text[8];

    for (size_t i = 0; i < 6; i++) {
        enum status status = pins_compare(&run, &ours, stages[i], &err);
        text[i] = status == STATUS_OK ? stages[i][0] : '-';
        assert_true(status == STATUS_OK || status == STATUS_UNSUPPORTED);
    }
    return text;
}

static void test_what_is_pinned(void **state)
{
    static const char *const whats[] = {"codebook",        "gazetteer",    "logic.classifier",
                                        "logic.extractor", "logic.parser", "model.purpose",
                                        "model.themes",    "model.visit",  "tables"};

    (void) state;
    assert_int_equal(ours.count, sizeof whats / sizeof whats[0]);
    for (size_t i = 0; i < ours.count; i++) {
        assert_string_equal(ours.list[i].what, whats[i]);
        assert_true(ours.list[i].version[0] != '\0');
        assert_string_not_equal(ours.list[i].version, "none");
    }
    assert_true(strncmp(find("codebook")->version, "visits@", 7) == 0);
    assert_int_equal(strlen(find("codebook")->version), 7 + 64);
    assert_true(strncmp(find("model.visit")->version, "visit@", 6) == 0);
    assert_string_equal(find("gazetteer")->version, gazetteer_version(study->gazetteer));
}

static void test_the_same_build_lacks_nothing(void **state)
{
    (void) state;
    assert_string_equal(able(), "fcpcea");
    assert_int_equal(pins_check(&run, study, "classifier", &err), STATUS_OK);
    submitted.n_pins = 0; /* of a build that knew no pins */
    assert_string_equal(able(), "fcpcea");
    assert_int_equal(pins_check(&run, study, "classifier", &err), STATUS_OK);
}

static void test_each_stage_looks_at_its_own(void **state)
{
    static const struct {
        const char *what, *able;
    } table[] = {
        {"codebook", "fcp--a"},        {"gazetteer", "fcp--a"},    {"logic.classifier", "fcp-ea"},
        {"logic.extractor", "fcpc-a"}, {"logic.parser", "f--cea"}, {"model.visit", "fcp-ea"},
        {"model.purpose", "fcp-ea"},   {"model.themes", "fcp-ea"}, {"tables", "fcpc-a"},
    };

    (void) state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        pin(NULL);
        find(table[i].what)->version = (char *) "other";
        assert_string_equal(able(), table[i].able);
    }
}

static void test_the_reason_is_for_people(void **state)
{
    char expected[256];

    (void) state;
    (void) snprintf(expected, sizeof expected,
                    "job j run r wants model visit@ab12, this build has %s",
                    find("model.visit")->version);
    find("model.visit")->version = (char *) "visit@ab12";
    assert_int_equal(pins_check(&run, study, "classifier", &err), STATUS_UNSUPPORTED);
    assert_string_equal(err.message, expected);
    pin(NULL);
    find("logic.extractor")->version = (char *) "extractor-9";
    assert_int_equal(pins_check(&run, study, "extractor", &err), STATUS_UNSUPPORTED);
    assert_string_equal(err.message,
                        "job j run r wants logic extractor-9, this build has extractor-1");
}

static void test_pins_of_a_newer_build(void **state)
{
    (void) state;
    packed[submitted.n_pins].what = (char *) "weather";
    packed[submitted.n_pins++].version = (char *) "fine";
    assert_string_equal(able(), "f----a");
    assert_string_equal(err.message, "job j run r wants weather fine, this build has none");
    packed[submitted.n_pins - 1].what = (char *) "logic.gardener"; /* a stage we do not have */
    assert_string_equal(able(), "fcpcea");
}

/* Models are looked up where the build keeps them, whatever file the codebook was read from. */
static void test_a_codebook_without_a_folder_here(void **state)
{
    const struct slice name = study->codebook.name;

    (void) state;
    study->codebook.name = SLICE("no-such");
    assert_int_equal(pins_check(&run, study, "extractor", &err), STATUS_UNSUPPORTED);
    pins_of(study, &ours);
    assert_string_equal(ours.list[7].what, "model.visit");
    assert_string_equal(ours.list[7].version, "none");
    assert_string_equal(ours.list[8].version, "none");
    study->codebook.name = name;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_is_pinned, pin),
        cmocka_unit_test_setup(test_the_same_build_lacks_nothing, pin),
        cmocka_unit_test_setup(test_each_stage_looks_at_its_own, pin),
        cmocka_unit_test_setup(test_the_reason_is_for_people, pin),
        cmocka_unit_test_setup(test_pins_of_a_newer_build, pin),
        cmocka_unit_test_setup(test_a_codebook_without_a_folder_here, pin),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
