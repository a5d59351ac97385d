#include "crawler/url_path.h"

#include "crawler/url_percent.h"

/* Bytes before the next slash of either kind. */
static size_t segment_size(struct slice text)
{
    size_t size = 0;

    while (size < text.size && text.data[size] != '/' && text.data[size] != '\\')
        size++;
    return size;
}

/* "." or ".." with each dot perhaps written %2e; 0 if neither. */
static int dots_of(struct slice segment)
{
    int dots = 0;

    while (segment.size > 0) {
        size_t size = segment.data[0] == '.'                                       ? 1
                      : slice_equal_nocase(slice_sub(segment, 0, 3), SLICE("%2e")) ? 3
                                                                                   : 0;
        if (size == 0 || ++dots > 2)
            return 0;
        segment = slice_sub(segment, size, segment.size);
    }
    return dots;
}

/* Takes the last "/segment" off. */
static void shorten(struct buf *out, size_t start)
{
    size_t size = out->size;

    while (size > start && out->data[size - 1] != '/')
        size--;
    buf_truncate(out, size > start ? size - 1 : start);
}

/* A dot segment at the end leaves the slash: "/a/.." is "/". */
void url_path_put(struct buf *out, struct slice kept, struct slice text)
{
    size_t start = out->size;
    bool more = true;

    buf_append(out, kept);
    while (more) {
        size_t end = segment_size(text);
        struct slice segment = slice_sub(text, 0, end);
        int dots = dots_of(segment);

        more = end < text.size;
        text = slice_sub(text, end + 1, text.size);
        if (dots == 2)
            shorten(out, start);
        if (dots == 0) {
            buf_putc(out, '/');
            percent_encode(out, segment, PERCENT_PATH);
        } else if (!more) {
            buf_putc(out, '/');
        }
    }
}

/* "/a/b" gives "/a", "/b" gives nothing. */
struct slice url_path_folder(struct slice path)
{
    while (path.size > 0 && path.data[path.size - 1] != '/')
        path.size--;
    return slice_sub(path, 0, path.size > 0 ? path.size - 1 : 0);
}
