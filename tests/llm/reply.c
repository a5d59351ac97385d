#include "tests/llm/reply.h"

#include "tests/llm/answer.h"
#include "tests/llm/message.h"

#include <string.h>

enum { PIECE = 32 * 1024, BYTES_A_TOKEN = 3, CUT_BYTES = 30, PROSE_MAX = 2 * ANSWER_MAX };

static size_t tokens_of(size_t bytes)
{
    return bytes / BYTES_A_TOKEN + 1;
}

static void put_whole(const struct message_head *given, struct slice body, struct buf *out)
{
    struct message_head head = *given;

    head.length = body.size;
    message_put_head(&head, out);
    buf_append(out, body);
}

void reply_put_json(unsigned status, struct slice json, struct buf *out)
{
    const struct message_head head = {
        .status = status, .type = "application/json", .retry_after_s = -1};

    put_whole(&head, json, out);
}

void reply_put_error(unsigned status, int64_t retry_after_s, const char *message, struct buf *out)
{
    const struct message_head head = {
        .status = status, .type = "application/json", .retry_after_s = retry_after_s};
    struct buf body;

    buf_init(&body, REPLY_MAX);
    buf_puts(&body, "{\"error\":{\"message\":");
    json_put_text(&body, slice_from(message));
    buf_printf(&body, ",\"type\":\"scripted\",\"code\":%u}}", status);
    put_whole(&head, buf_slice(&body), out);
    buf_fini(&body);
}

/* One chat completion; `content` NULL data: null. */
static void put_completion(const struct question *question, struct slice content,
                           const char *finish, struct buf *out)
{
    struct buf body;
    char hex[ID_TEXT_SIZE];

    buf_init(&body, REPLY_MAX);
    buf_printf(&body, "{\"id\":\"chatcmpl-%s\",\"object\":\"chat.completion\",\"created\":0,",
               id_text(question->id, hex));
    buf_puts(&body, "\"model\":");
    json_put_text(&body, question->model);
    buf_printf(&body,
               ",\"system_fingerprint\":\"scripted-1\",\"choices\":[{\"index\":0,"
               "\"finish_reason\":\"%s\",\"message\":{\"role\":\"assistant\",\"content\":",
               finish);
    json_put_text(&body, content);
    buf_printf(&body,
               "}}],\"usage\":{\"prompt_tokens\":%zu,\"completion_tokens\":%zu,"
               "\"total_tokens\":%zu}}",
               tokens_of(question->user.size), tokens_of(content.size),
               tokens_of(question->user.size) + tokens_of(content.size));
    reply_put_json(200, buf_slice(&body), out);
    buf_fini(&body);
}

static void put_embedding(size_t index, struct slice text, struct buf *out)
{
    struct dice dice = {.seed = id_of(text, SLICE("embedding"))};

    buf_printf(out, "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":[",
               index == 0 ? "" : ",", index);
    for (size_t i = 0; i < EMBEDDING_SIZE; i++)
        buf_printf(out, "%s0.%04zu", i == 0 ? "" : ",", dice_roll(&dice, 10000));
    buf_puts(out, "]}");
}

static void put_embeddings(const struct question *question, struct buf *out)
{
    bool many = json_kind(question->input) == JSON_KIND_ARRAY;
    size_t count = many ? json_size(question->input) : 1;
    struct buf body;

    buf_init(&body, REPLY_MAX);
    buf_puts(&body, "{\"object\":\"list\",\"model\":");
    json_put_text(&body, question->model);
    buf_puts(&body, ",\"data\":[");
    for (size_t i = 0; i < count; i++)
        put_embedding(i, json_text(many ? json_element(question->input, i) : question->input),
                      &body);
    buf_printf(&body, "],\"usage\":{\"prompt_tokens\":%zu,\"total_tokens\":%zu}}",
               tokens_of(question->user.size), tokens_of(question->user.size));
    reply_put_json(200, buf_slice(&body), out);
    buf_fini(&body);
}

static void put_prose(struct slice answer, struct buf *out)
{
    buf_puts(out, "Sure! Here is what I found:\n```json\n");
    buf_append(out, answer);
    buf_puts(out, "\n```\nLet me know if you need anything else.");
}

/* The words of the model, in its frame. */
static void put_words(const struct question *question, const struct behaviour *behaviour,
                      struct buf *out)
{
    struct buf answer;
    struct buf prose;

    buf_init(&answer, ANSWER_MAX);
    buf_init(&prose, PROSE_MAX);
    if (behaviour->deed == DEED_WRONG_LABEL)
        answer_put_wrong_label(question, &answer);
    else
        answer_put(question, &answer);
    put_prose(buf_slice(&answer), &prose);
    if (behaviour->deed == DEED_TEXT)
        put_completion(question, behaviour->text, "stop", out);
    else if (behaviour->deed == DEED_EMPTY)
        put_completion(question, SLICE(""), "stop", out);
    else if (behaviour->deed == DEED_NO_CONTENT)
        put_completion(question, (struct slice){NULL, 0}, "stop", out);
    else if (behaviour->deed == DEED_NO_SCHEMA)
        put_completion(question, buf_slice(&prose), "stop", out);
    else if (behaviour->deed == DEED_TRUNCATED)
        put_completion(question, slice_sub(buf_slice(&answer), 0, answer.size / 2), "length", out);
    else if (question->input != NULL)
        put_embeddings(question, out);
    else
        put_completion(question, buf_slice(&answer), "stop", out);
    buf_fini(&answer);
    buf_fini(&prose);
}

static void put_garbage(struct buf *out)
{
    reply_put_json(200, SLICE("\x7f\x45LF\x02\x01{\"choices\":[[[\xff\xfe\x00 not json at all"),
                   out);
}

/* A whole reply less its last bytes. */
static void put_cut(const struct question *question, const struct behaviour *behaviour,
                    struct buf *out)
{
    put_words(question, behaviour, out);
    buf_truncate(out, out->size - CUT_BYTES);
}

static void put_opening(struct buf *out)
{
    const struct message_head head = {
        .status = 200, .type = "application/json", .retry_after_s = -1, .chunked = true};
    const struct slice start = SLICE("{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
                                     "\"message\":{\"role\":\"assistant\",\"content\":\"");

    message_put_head(&head, out);
    buf_printf(out, "%zx\r\n%.*s\r\n", start.size, SLICE_ARG(start));
}

void reply_put_more(enum reply_end end, struct buf *out)
{
    size_t size = end == REPLY_DRIP ? 1 : PIECE;
    char *room;

    buf_printf(out, "%zx\r\n", size);
    room = buf_reserve(out, size);
    if (room != NULL) {
        memset(room, end == REPLY_DRIP ? ' ' : 'x', size);
        buf_added(out, size);
    }
    buf_puts(out, "\r\n");
}

enum reply_end reply_put(const struct question *question, const struct behaviour *behaviour,
                         struct buf *out)
{
    switch (behaviour->deed) {
    case DEED_STATUS:
        reply_put_error(behaviour->status, behaviour->retry_after_s, "as the script says", out);
        return REPLY_KEEP;
    case DEED_HANG:
    case DEED_RESET:
        return REPLY_RESET;
    case DEED_GARBAGE:
        put_garbage(out);
        return REPLY_KEEP;
    case DEED_NOISE:
        buf_puts(out, "\x16\x03\x01 no HTTP \r\n\r\n");
        return REPLY_CLOSE;
    case DEED_CUT:
        put_cut(question, behaviour, out);
        return REPLY_CLOSE;
    case DEED_ENDLESS:
        put_opening(out);
        return REPLY_ENDLESS;
    case DEED_DRIP:
        put_opening(out);
        return REPLY_DRIP;
    default:
        put_words(question, behaviour, out);
        return REPLY_KEEP;
    }
}
