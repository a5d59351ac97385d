#include "tests/sites/embedded.h"

#include <string.h>

struct slice embedded_file(const char *name)
{
    const struct embedded_file *file = embedded_files;

    while (file->name != NULL && strcmp(file->name, name) != 0)
        file++;
    ENSURE(file->name != NULL);
    return slice_of(file->bytes, file->size);
}
