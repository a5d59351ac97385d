/* Usage, and a corpus from file to model to figures. */
#include "classifier/commands.h"

#include "classifier/command_classify.h"
#include "tests/unit/classifier/small_corpus.h"

static char book[] = SOURCE_DIR "/codebooks/visits/codebook.yaml";

static void test_wrong_usage(void **state)
{
    char *unknown[] = {(char *) "classify", (char *) "--task", (char *) "visit", NULL};
    char *no_task[] = {(char *) "train", NULL};
    char *bad_task[] = {(char *) "eval", (char *) "--task", (char *) "weather", NULL};
    char *rules[] = {(char *) "train", (char *) "--task", (char *) "events", NULL};
    char *no_file[] = {(char *) "train",
                       (char *) "--task",
                       (char *) "visit",
                       (char *) "--gold",
                       (char *) "/nowhere/gold",
                       (char *) "--codebook",
                       book,
                       NULL};

    (void) state;
    assert_int_equal(command_classify(3, unknown), 2);
    assert_int_equal(command_train(1, no_task), 2);
    assert_int_equal(command_eval(3, bad_task), 2);
    assert_int_equal(command_train(3, rules), 2);
    assert_int_equal(command_train(7, no_file), 2);
}

static void test_train_and_eval(void **state)
{
    struct temp_dir dir;
    char gold[256];
    char model[256];
    char *train[] = {(char *) "train",
                     (char *) "--task",
                     (char *) "visit",
                     (char *) "--gold",
                     gold,
                     (char *) "--out",
                     model,
                     (char *) "--codebook",
                     book,
                     NULL};
    char *eval[] = {(char *) "eval",
                    (char *) "--task",
                    (char *) "visit",
                    (char *) "--gold",
                    gold,
                    (char *) "--codebook",
                    book,
                    NULL};
    FILE *file;

    (void) state;
    assert_int_equal(temp_dir_create(&dir), 0);
    (void) snprintf(gold, sizeof gold, "%s/gold", dir.path);
    (void) snprintf(model, sizeof model, "%s/model", dir.path);
    file = fopen(gold, "w");
    assert_non_null(file);
    small_write(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(command_train(9, train), 0);
    assert_int_equal(access(model, R_OK), 0);
    assert_int_equal(command_eval(7, eval), 0);
    temp_dir_destroy(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_usage),
        cmocka_unit_test(test_train_and_eval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
