#include "base/fields_near.h"

#include <string.h>

enum { NAME_MAX_LENGTH = 40, FAR = 3 };

/* Levenshtein distance of short names; long ones are never near. */
static size_t distance(struct slice a, const char *b)
{
    size_t row[NAME_MAX_LENGTH + 1];
    size_t width = strlen(b);

    if (width > NAME_MAX_LENGTH || a.size > NAME_MAX_LENGTH)
        return SIZE_MAX;
    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        /* One row of the matrix is enough if what stood up and left of the cell is kept. */
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t change = diagonal + (a.data[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = row[j] < change ? row[j] : change;
        }
    }
    return row[width];
}

const char *fields_nearest(const struct field_table *table, struct slice name)
{
    const char *near = NULL;
    size_t best = FAR;

    for (const struct field *field = table->fields; field->name != NULL; field++) {
        size_t d = distance(name, field->name);
        if (d < best) {
            best = d;
            near = field->name;
        }
    }
    return near;
}
