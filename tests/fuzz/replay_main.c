/* replay: runs a fuzz target once over every file of the folders given, without a fuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_MAX = 1 << 20, PATH_SIZE = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX);
    size_t size;

    if (file == NULL || data == NULL) {
        (void) fprintf(stderr, "replay: cannot read %s\n", path);
        free(data);
        return 1;
    }
    size = fread(data, 1, INPUT_MAX, file);
    (void) fclose(file);
    (void) LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

static int run_folder(const char *folder, unsigned *count)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[PATH_SIZE];
    int failed = 0;

    if (dir == NULL) {
        (void) fprintf(stderr, "replay: no folder %s\n", folder);
        return 1;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.' || entry->d_type != DT_REG)
            continue;
        (void) snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        failed |= run_file(path);
        (*count)++;
    }
    (void) closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= run_folder(argv[i], &count);
    (void) printf("%u inputs\n", count);
    return failed || count == 0;
}
