/* docs/files.md is printed from the decode tables; this test says when it is out of date. */
#include "base/fields_doc.h"
#include "study/codebook.h"
#include "study/file.h"
#include "study/job.h"
#include "study/platform.h"
#include "study/region.h"
#include "tests/support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char marker[] = "<!-- printed from the tables; do not edit below -->\n\n";

static void print_reference(struct buf *out)
{
    fields_document(&job_table, out);
    fields_document(&region_table, out);
    fields_document(&platform_table, out);
    fields_document(&codebook_table, out);
}

/* XUNFANG_WRITE_REFERENCE=1 writes the file instead of comparing it. */
static void write_reference(struct slice head, struct slice reference)
{
    FILE *file = fopen(SOURCE_DIR "/docs/files.md", "w");

    assert_non_null(file);
    assert_int_equal(fwrite(head.data, 1, head.size, file), head.size);
    assert_int_equal(fwrite(reference.data, 1, reference.size, file), reference.size);
    assert_int_equal(fclose(file), 0);
}

static void test_the_reference_is_up_to_date(void **state)
{
    struct arena *arena = arena_create(1 << 20);
    struct slice text;
    struct error err;
    struct buf out;
    size_t at;

    (void) state;
    buf_init(&out, 1 << 20);
    print_reference(&out);
    assert_int_equal(file_read(SOURCE_DIR "/docs/files.md", 1 << 20, arena, &text, &err),
                     STATUS_OK);
    at = slice_find(text, slice_from(marker)) + strlen(marker);
    assert_true(at <= text.size);
    if (getenv("XUNFANG_WRITE_REFERENCE") != NULL)
        write_reference(slice_sub(text, 0, at), buf_slice(&out));
    else if (!slice_equal(slice_sub(text, at, text.size), buf_slice(&out)))
        fail_msg("docs/files.md is out of date: run this test with XUNFANG_WRITE_REFERENCE=1");
    buf_fini(&out);
    arena_destroy(arena);
}

static void count_fields(const struct field_table *table, size_t *undocumented)
{
    for (const struct field *field = table->fields; field->name != NULL; field++) {
        *undocumented += field->help == NULL || field->help[0] == 0;
        if (field->table != NULL)
            count_fields(field->table, undocumented);
    }
}

static void test_every_field_is_explained(void **state)
{
    size_t undocumented = 0;

    (void) state;
    count_fields(&job_table, &undocumented);
    count_fields(&region_table, &undocumented);
    count_fields(&platform_table, &undocumented);
    count_fields(&codebook_table, &undocumented);
    assert_int_equal(undocumented, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_reference_is_up_to_date),
        cmocka_unit_test(test_every_field_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
