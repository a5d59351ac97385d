/* libraries: base_llm, corpus: tests/fuzz/corpus/llm */
#include "base/llm/openai_reply.h"
#include "base/llm/recording.h"

#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct slice labels[] = {{"yes", 3}, {"no", 2}, {"\xE4\xB8\x8A", 3}};
static const struct shape_field fields[] = {{{"c", 1}, SHAPE_CHOICE, labels, 3, 0},
                                            {{"s", 1}, SHAPE_CHOICES, labels, 3, 0},
                                            {{"t", 1}, SHAPE_TEXT, NULL, 0, 8}};
static const struct shape shape = {fields, 3};

static void put_canon(const struct shape_value *values, struct buf *out)
{
    buf_init(out, 2 * SHAPE_TEXT_MAX);
    shape_put_canon(&shape, values, out);
    if (out->failure != STATUS_OK)
        abort();
}

/* What is taken has a canonical form, which is taken again and is its own canonical form. */
static void read_answer(struct slice text, struct arena *arena)
{
    const struct shape_value *values;
    struct error err;
    struct buf once;
    struct buf again;

    if (shape_read(&shape, text, arena, &values, &err) != STATUS_OK)
        return;
    put_canon(values, &once);
    if (shape_read(&shape, buf_slice(&once), arena, &values, &err) != STATUS_OK)
        abort();
    put_canon(values, &again);
    if (!slice_equal(buf_slice(&once), buf_slice(&again)))
        abort();
    buf_fini(&once);
    buf_fini(&again);
}

static void read_reply(struct slice text, struct arena *arena)
{
    struct openai_reply reply;
    struct error err;

    if (openai_read_chat(text, arena, &reply, &err) == STATUS_OK)
        read_answer(reply.text, arena);
    if (openai_read_vectors(text, 2, arena, &reply, &err) == STATUS_OK &&
        (reply.dimension == 0 || reply.dimension > LLM_EMBED_DIMENSION_MAX))
        abort();
    if (strlen(openai_read_error(text, arena)) > OPENAI_NOTE_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data == NULL ? (const uint8_t *) "" : data, size);
    struct arena *arena = arena_create(MEMORY_MAX);
    struct recording_entry entry;
    struct error err;

    if (arena == NULL)
        abort();
    read_answer(text, arena);
    read_reply(text, arena);
    status_ignore(recording_read(text, arena, &entry, &err));
    arena_destroy(arena);
    return 0;
}
