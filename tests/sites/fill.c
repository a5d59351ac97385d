#include "tests/sites/fill.h"

/* Size of the name in the braces that open at `from`; 0 if no name stands there. */
static size_t name_size(struct slice frame, size_t from)
{
    size_t i = from + 1;

    while (i < frame.size && frame.data[i] >= 'a' && frame.data[i] <= 'z')
        i++;
    return i < frame.size && frame.data[i] == '}' ? i - from - 1 : 0;
}

void fill(struct slice frame, fill_value *value, void *self, struct buf *out)
{
    size_t plain = 0;

    for (size_t i = 0; i < frame.size; i++) {
        size_t size = frame.data[i] == '{' ? name_size(frame, i) : 0;

        if (size == 0)
            continue;
        buf_append(out, slice_sub(frame, plain, i - plain));
        plain = i;
        if (value(self, slice_sub(frame, i + 1, size), out)) {
            i += size + 1;
            plain = i + 1;
        }
    }
    buf_append(out, slice_sub(frame, plain, frame.size));
}
