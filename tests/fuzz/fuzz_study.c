/* libraries: study, corpus: tests/fuzz/corpus/study jobs regions platforms codebooks/visits */
#include "study/codebook.h"
#include "study/dates.h"
#include "study/job.h"
#include "study/platform.h"
#include "study/region.h"
#include "study/text.h"
#include "study/tsv.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 64 << 20, MENTIONS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gazetteer *gazetteer_once(void)
{
    static struct gazetteer *gazetteer;

    if (gazetteer == NULL && gazetteer_load(SOURCE_DIR, &gazetteer, NULL) != STATUS_OK)
        abort();
    return gazetteer;
}

/* Every reader on the same bytes: most refuse them, none may fall over. */
static void read_files(struct slice text, struct arena *arena)
{
    struct yaml_source source = {text, "input", arena};
    struct platform platform;
    struct codebook codebook;
    struct region region;
    struct error err;
    struct job job;

    status_ignore(job_read(&source, &job, &err));
    status_ignore(codebook_read(&source, &codebook, &err));
    status_ignore(platform_read(&source, SLICE("jsearch"), &platform, &err));
    if (region_read(&source, gazetteer_once(), &region, &err) == STATUS_OK)
        (void) region_city_of_url(&region, text);
}

static void read_text(struct slice text)
{
    struct mention mentions[MENTIONS_MAX];
    struct date_mention dates[MENTIONS_MAX];
    struct buf out;

    (void) gazetteer_scan(gazetteer_once(), text, mentions, MENTIONS_MAX);
    for (size_t i = 0, n = dates_find(text, 19000, dates, MENTIONS_MAX); i < n; i++)
        if (dates[i].offset + dates[i].size > text.size || dates[i].first > dates[i].last)
            abort();
    buf_init(&out, 4 * text.size + 16);
    text_normalise(text, &out);
    if (!text_valid(buf_slice(&out)))
        abort();
    buf_fini(&out);
    (void) text_fingerprint(text, text);
}

static void read_table(struct slice text, struct arena *arena)
{
    struct slice copy = arena_copy(arena, text);
    struct tsv tsv;
    bool more = true;

    if (copy.data == NULL || tsv_open(&tsv, copy, '\t', "input", NULL) != STATUS_OK)
        return;
    while (more && tsv_next(&tsv, &more, NULL) == STATUS_OK)
        continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data == NULL ? (const uint8_t *) "" : data, size);
    struct arena *arena = arena_create(MEMORY_MAX);

    if (arena == NULL)
        abort();
    read_files(text, arena);
    read_text(text);
    read_table(text, arena);
    arena_destroy(arena);
    return 0;
}
