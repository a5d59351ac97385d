/* libraries: crawler, corpus: tests/fuzz/corpus/crawler_robots */
/* robots.txt: the first line is the URL asked for, the rest the file. */
#include "crawler/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    struct slice url = slice_split(&rest, '\n');
    struct robots *robots = NULL;

    if (robots_create(rest, SLICE("xunfang"), &robots, NULL) != STATUS_OK)
        return 0;
    (void) robots_allows(robots, url);
    ENSURE(robots_allows(robots, SLICE("http://h/robots.txt")));
    ENSURE(robots_crawl_delay_ms(robots) >= -1);
    robots_destroy(robots);
    return 0;
}
