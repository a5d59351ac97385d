/* libraries: crawler, corpus: tests/fuzz/corpus/crawler_charset */
/* Charsets: the first line is a label or a Content-Type value, the rest the bytes. The output
 * must be valid UTF-8 whatever comes in. */
#include "crawler/charset.h"
#include "crawler/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    struct slice first = slice_split(&rest, '\n');
    const struct charset *charset = charset_find(first);
    struct charset_result result;
    size_t replaced = 0;
    struct buf out;

    buf_init(&out, 8 << 20);
    if (charset != NULL && charset_decode(rest, charset, &out, &replaced, NULL) == STATUS_OK)
        ENSURE(utf8_count_bad(buf_slice(&out), NULL) == 0);
    buf_reset(&out);
    if (charset_decode_page(rest, first, &out, &result, NULL) == STATUS_OK)
        ENSURE(utf8_count_bad(buf_slice(&out), NULL) == 0 && result.charset != NULL);
    buf_fini(&out);
    return 0;
}
