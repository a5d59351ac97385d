#include "base/llm/recording.h"

#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHAPE_MAX = 256 * 1024, TAIL_STEP = 4096, PARSE_MAX = 64 * 1024 };

struct recording {
    int file;
    char *path;
    struct buf line;
};

/* Not the time-out and not the owner: they change nothing about what is asked. */
struct id recording_question(const char *model, const struct llm_attempt *attempt)
{
    struct hash *hash = hash_create();
    struct buf form;

    /* The schema says all of a shape that an answer depends on. */
    buf_init(&form, SHAPE_MAX);
    shape_put_schema(attempt->shape, &form);
    hash_field(hash, slice_from(model));
    hash_field(hash, buf_slice(&form));
    hash_number(hash, attempt->max_tokens);
    for (size_t i = 0; i < attempt->turn_count; i++) {
        hash_number(hash, attempt->turns[i].speaker);
        hash_field(hash, attempt->turns[i].text);
    }
    buf_fini(&form);
    return hash_finish(hash);
}

/* Where the last whole line ends: a death may have cut the one behind it short. */
static enum status find_end(const struct recording *recording, off_t *end, struct error *err)
{
    char bytes[TAIL_STEP];
    struct stat facts;
    off_t at;

    if (fstat(recording->file, &facts) != 0)
        return error_set_errno(err, errno, "%s", recording->path);
    at = facts.st_size;
    while (at > 0) {
        off_t from = at > TAIL_STEP ? at - TAIL_STEP : 0;
        ssize_t got = pread(recording->file, bytes, (size_t) (at - from), from);

        if (got != at - from)
            return error_set(err, STATUS_IO, "%s: cannot be read", recording->path);
        while (got > 0 && bytes[got - 1] != '\n')
            got--;
        at = from + got;
        if (got > 0)
            break;
    }
    *end = at;
    return STATUS_OK;
}

/* Under the lock, so that a line that another process is just writing is not taken for one that was
 * cut short. */
static enum status mend(const struct recording *recording, struct error *err)
{
    off_t end = 0;
    enum status status;

    if (flock(recording->file, LOCK_EX) != 0)
        return error_set_errno(err, errno, "lock %s", recording->path);
    status = find_end(recording, &end, err);
    if (status == STATUS_OK && ftruncate(recording->file, end) != 0)
        status = error_set_errno(err, errno, "cut %s", recording->path);
    flock(recording->file, LOCK_UN);
    return status;
}

enum status recording_open(const char *path, struct recording **recording, struct error *err)
{
    struct recording *made = calloc(1, sizeof *made);
    enum status status = STATUS_OK;

    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a recording");
    buf_init(&made->line, RECORDING_LINE_MAX);
    made->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    made->path = strdup(path);
    if (made->path == NULL)
        status = error_set(err, STATUS_NOMEM, "no memory for a recording");
    else if (made->file < 0)
        status = error_set(err, STATUS_INVALID, "open %s: %s", path, strerror(errno));
    else
        status = mend(made, err);
    if (status == STATUS_OK)
        *recording = made;
    else
        recording_close(made);
    return status;
}

void recording_close(struct recording *recording)
{
    if (recording == NULL)
        return;
    if (recording->file >= 0)
        close(recording->file);
    buf_fini(&recording->line);
    free(recording->path);
    free(recording);
}

static void put_line(struct buf *out, const char *model, struct id question,
                     const struct llm_attempt_end *end)
{
    char hex[ID_TEXT_SIZE];

    buf_printf(out, "{\"question\":\"%s\",\"model\":", id_text(question, hex));
    json_put_text(out, slice_from(model));
    buf_puts(out, ",\"text\":");
    json_put_text(out, end->text.data == NULL ? SLICE("") : end->text);
    buf_printf(out, ",\"cut\":%s,\"served_by\":", end->end == LLM_END_CUT ? "true" : "false");
    json_put_text(out, end->served_by.data == NULL ? SLICE("") : end->served_by);
    buf_printf(out, ",\"prompt_tokens\":%" PRIu64 ",\"completion_tokens\":%" PRIu64 "}\n",
               end->prompt_tokens, end->completion_tokens);
}

/* All or nothing; the lock is held. */
static enum status write_line(const struct recording *recording, struct error *err)
{
    off_t before = lseek(recording->file, 0, SEEK_END);
    size_t done = 0;

    while (before >= 0 && done < recording->line.size) {
        ssize_t size =
            write(recording->file, recording->line.data + done, recording->line.size - done);

        if (size < 0 && errno != EINTR) {
            enum status status = error_set_errno(err, errno, "write %s", recording->path);

            /* If this fails too, whoever opens the file next removes the rest. */
            status_ignore(ftruncate(recording->file, before) == 0 ? STATUS_OK : STATUS_IO);
            return status;
        }
        done += size > 0 ? (size_t) size : 0;
    }
    return before < 0 ? error_set_errno(err, errno, "%s", recording->path) : STATUS_OK;
}

enum status recording_append(struct recording *recording, const char *model,
                             const struct llm_attempt *attempt, const struct llm_attempt_end *end,
                             struct error *err)
{
    enum status status;

    if (attempt->text_count > 0 || (end->end != LLM_END_REPLY && end->end != LLM_END_CUT))
        return STATUS_OK;
    buf_reset(&recording->line);
    put_line(&recording->line, model, recording_question(model, attempt), end);
    status = buf_status(&recording->line, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "%s", recording->path);
    if (flock(recording->file, LOCK_EX) != 0)
        return error_set_errno(err, errno, "lock %s", recording->path);
    status = write_line(recording, err);
    flock(recording->file, LOCK_UN);
    return status;
}

static bool read_count(const struct json *value, uint64_t *count)
{
    int64_t number = json_int(value, -1);

    if (number < 0)
        return false;
    *count = (uint64_t) number;
    return true;
}

enum status recording_read(struct slice line, struct arena *arena, struct recording_entry *entry,
                           struct error *err)
{
    const struct json *value;
    struct recording_entry read = {0};
    enum status status = json_parse(line, arena, &value, err);

    if (status != STATUS_OK)
        return status;
    status = id_from_text(json_text(json_member(value, "question")), &read.question, err);
    if (status != STATUS_OK)
        return error_prefix(err, status, "question");
    read.text = json_text(json_member(value, "text"));
    read.served_by = json_text(json_member(value, "served_by"));
    if (read.text.data == NULL || read.served_by.data == NULL)
        return error_set(err, STATUS_INVALID, "no text, or no served_by");
    if (json_kind(json_member(value, "cut")) != JSON_KIND_BOOL ||
        !read_count(json_member(value, "prompt_tokens"), &read.prompt_tokens) ||
        !read_count(json_member(value, "completion_tokens"), &read.completion_tokens))
        return error_set(err, STATUS_INVALID, "no cut, prompt_tokens or completion_tokens");
    read.cut = json_truth(json_member(value, "cut"), false);
    *entry = read;
    return STATUS_OK;
}

struct walk {
    FILE *file;
    const char *path;
    recording_take take;
    void *self;
};

/* An arena a line: replies differ in size by orders of magnitude, and the tree of one is no use to
 * the next. */
static enum status walk_line(const struct walk *walk, struct slice line, struct error *err)
{
    struct arena *arena = arena_create(PARSE_MAX);
    struct recording_entry entry;
    enum status status;

    if (arena == NULL)
        return error_set(err, STATUS_NOMEM, "no memory for a line");
    status = recording_read(line, arena, &entry, err);
    if (status == STATUS_OK)
        status = walk->take(walk->self, &entry, err);
    arena_destroy(arena);
    return status;
}

static enum status walk_lines(const struct walk *walk, struct error *err)
{
    char *line = NULL;
    size_t room = 0;
    size_t number = 0;
    enum status status = STATUS_OK;
    ssize_t size;

    while (status == STATUS_OK && (size = getline(&line, &room, walk->file)) > 0) {
        number++;
        /* Somebody died writing it, or is writing it now. */
        if (line[size - 1] != '\n')
            break;
        status = walk_line(walk, slice_of(line, (size_t) size - 1), err);
        if (status != STATUS_OK)
            status = error_prefix(err, status, "%s:%zu", walk->path, number);
    }
    if (status == STATUS_OK && ferror(walk->file))
        status = error_set(err, STATUS_IO, "%s: cannot be read", walk->path);
    free(line);
    return status;
}

enum status recording_each(const char *path, recording_take take, void *self, struct error *err)
{
    struct walk walk = {.file = fopen(path, "rb"), .path = path, .take = take, .self = self};
    struct stat facts;
    enum status status;

    if (walk.file == NULL)
        return error_set(err, STATUS_INVALID, "open %s: %s", path, strerror(errno));
    if (fstat(fileno(walk.file), &facts) != 0 || !S_ISREG(facts.st_mode))
        status = error_set(err, STATUS_INVALID, "%s is no file", path);
    else if (facts.st_size > RECORDING_FILE_MAX)
        status =
            error_set(err, STATUS_INVALID, "%s has more than %d bytes", path, RECORDING_FILE_MAX);
    else
        status = walk_lines(&walk, err);
    fclose(walk.file);
    return status;
}
