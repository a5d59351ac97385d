#include "base/llm/openai_request.h"

#include "base/json.h"

static void put_turn(struct buf *out, const struct llm_turn *turn)
{
    static const char *const roles[] = {"system", "user", "assistant"};

    buf_printf(out, "{\"role\":\"%s\",\"content\":", roles[turn->speaker]);
    json_put_text(out, turn->text);
    buf_putc(out, '}');
}

static void put_schema(struct buf *out, const struct shape *shape)
{
    buf_puts(out, ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
                  "\"answer\",\"strict\":true,\"schema\":");
    shape_put_schema(shape, out);
    buf_puts(out, "}}");
}

/* With the prompt kept in the server's cache the part that questions share is read once. */
static void put_grammar(struct buf *out, const struct shape *shape)
{
    struct buf grammar;

    buf_init(&grammar, OPENAI_REQUEST_MAX);
    shape_put_grammar(shape, &grammar);
    buf_puts(out, ",\"cache_prompt\":true,\"grammar\":");
    json_put_text(out, buf_slice(&grammar));
    if (out->failure == STATUS_OK)
        out->failure = grammar.failure;
    buf_fini(&grammar);
}

void openai_put_chat(struct buf *out, const char *model, enum llm_constraint constraint,
                     const struct llm_attempt *attempt)
{
    buf_puts(out, "{\"model\":");
    json_put_text(out, slice_from(model));
    buf_puts(out, ",\"messages\":[");
    for (size_t i = 0; i < attempt->turn_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        put_turn(out, &attempt->turns[i]);
    }
    buf_printf(out, "],\"temperature\":0,\"seed\":%d,\"max_tokens\":%u,\"stream\":false",
               (int) OPENAI_SEED, attempt->max_tokens);
    if (constraint == LLM_SCHEMA)
        put_schema(out, attempt->shape);
    else if (constraint == LLM_GRAMMAR)
        put_grammar(out, attempt->shape);
    buf_putc(out, '}');
}

void openai_put_embed(struct buf *out, const char *model, const struct llm_attempt *attempt)
{
    buf_puts(out, "{\"model\":");
    json_put_text(out, slice_from(model));
    buf_puts(out, ",\"input\":[");
    for (size_t i = 0; i < attempt->text_count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        json_put_text(out, attempt->texts[i]);
    }
    buf_puts(out, "],\"encoding_format\":\"float\"}");
}
