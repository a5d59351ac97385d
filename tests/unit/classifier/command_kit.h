/*
 * command_kit: a data command as a function, its three streams turned to files.
 *
 * Use      kit_dir in the set-up, kit_remove in the tear-down of the group; command_run gives the
 *          exit status, and leaves what was written in `output` and `errors`.
 */
#ifndef XUNFANG_TESTS_UNIT_CLASSIFIER_COMMAND_KIT_H
#define XUNFANG_TESTS_UNIT_CLASSIFIER_COMMAND_KIT_H

#include "tests/support/cmocka_all.h"
#include "tests/unit/study/temp_dir.h"

#include <fcntl.h>
#include <string.h>

enum { OUTPUT_MAX = 1 << 16, ARGUMENTS_MAX = 16 };

static struct temp_dir dir;
static char output[OUTPUT_MAX];
static char errors[OUTPUT_MAX];

static inline int kit_dir(void **state)
{
    (void) state;
    return temp_dir_create(&dir);
}

static inline int kit_remove(void **state)
{
    (void) state;
    temp_dir_destroy(&dir);
    return 0;
}

static inline int kit_redirect(int descriptor, const char *path, int flags)
{
    int saved = dup(descriptor);
    int file = open(path, flags, 0600);

    assert_true(saved >= 0 && file >= 0);
    assert_true(dup2(file, descriptor) >= 0);
    close(file);
    return saved;
}

static inline void kit_restore(int descriptor, int saved)
{
    assert_true(dup2(saved, descriptor) >= 0);
    close(saved);
}

static inline void kit_slurp(const char *path, char text[OUTPUT_MAX])
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    text[fread(text, 1, OUTPUT_MAX - 1, file)] = '\0';
    fclose(file);
}

typedef int kit_command(int argc, char **argv);

/* `words` end with NULL; the first is the command's name. */
static inline int command_run(kit_command *command, const char *const *words, const char *input)
{
    char *argv[ARGUMENTS_MAX] = {NULL};
    char paths[3][128];
    int count = 0;
    int saved[3];
    int status;

    for (; words[count] != NULL; count++) {
        assert_true(count < ARGUMENTS_MAX - 1);
        argv[count] = (char *) words[count];
    }
    (void) snprintf(paths[0], sizeof paths[0], "%s", temp_dir_write(&dir, "in", input));
    (void) snprintf(paths[1], sizeof paths[1], "%s/out", dir.path);
    (void) snprintf(paths[2], sizeof paths[2], "%s/errors", dir.path);
    fflush(NULL);
    for (int i = 0; i < 3; i++)
        saved[i] = kit_redirect(i, paths[i], i == 0 ? O_RDONLY : O_CREAT | O_TRUNC | O_WRONLY);
    rewind(stdin);
    status = command(count, argv);
    fflush(NULL);
    for (int i = 0; i < 3; i++)
        kit_restore(i, saved[i]);
    kit_slurp(paths[1], output);
    kit_slurp(paths[2], errors);
    return status;
}

static inline bool says(const char *text)
{
    return strstr(output, text) != NULL;
}

#endif
