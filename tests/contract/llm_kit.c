#include "tests/contract/llm_kit.h"
#include "base/json.h"
#include "tests/contract/log_process.h"
#include "tests/support/cmocka_all.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ARGUMENTS_MAX = 16,
    FILE_MAX = 4 * 1024 * 1024,
    FINISH_MS = 60000,
    STEP_MS = 20,
    JSON_ROOM = 64 * 1024,
};

static const struct slice labels[] = {{"yes", 3}, {"no", 2}, {"maybe", 5}};
static const struct shape_field fields[] = {{{"label", 5}, SHAPE_CHOICE, labels, 3, 0},
                                            {{"words", 5}, SHAPE_TEXT, NULL, 0, 20}};
const struct shape kit_shape = {fields, 2};

const char *kit_path(const struct kit *kit, const char *name)
{
    static char path[KIT_PATH_MAX + 64];

    snprintf(path, sizeof path, "%s/%s", kit->folder, name);
    return path;
}

void kit_write(const struct kit *kit, const char *name, const char *text)
{
    FILE *file = fopen(kit_path(kit, name), "wb");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The child's argument list. */
static _Noreturn void become_server(const struct kit *kit, const char *script,
                                    const char *const *options, int out)
{
    char port[16];
    char log[KIT_PATH_MAX + 64];
    char file[KIT_PATH_MAX + 64];
    const char *arguments[ARGUMENTS_MAX] = {XUNFANG_SCRIPTED_LLM, "--port", port, "--log", log};
    size_t count = 5;

    snprintf(port, sizeof port, "%u", kit->port);
    snprintf(log, sizeof log, "%s/log", kit->folder);
    snprintf(file, sizeof file, "%s/script", kit->folder);
    if (script != NULL) {
        arguments[count++] = "--script";
        arguments[count++] = file;
    }
    for (size_t i = 0; options != NULL && options[i] != NULL && i < KIT_OPTIONS_MAX; i++)
        arguments[count++] = options[i];
    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out, STDOUT_FILENO);
    execv(arguments[0], (char *const *) (uintptr_t) arguments);
    _exit(127);
}

void kit_start_server(struct kit *kit, const char *script, const char *const *options)
{
    char line[64] = "";
    int ends[2];
    FILE *out;

    if (script != NULL)
        kit_write(kit, "script", script);
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    kit->server = fork();
    assert_true(kit->server >= 0);
    if (kit->server == 0)
        become_server(kit, script, options, ends[1]);
    close(ends[1]);
    out = fdopen(ends[0], "rb");
    if (fgets(line, sizeof line, out) == NULL || strncmp(line, "ready ", 6) != 0)
        fail_msg("the scripted server does not start");
    fclose(out);
    kit->port = (unsigned) strtoul(line + 6, NULL, 10);
    snprintf(kit->endpoint, sizeof kit->endpoint, "http://127.0.0.1:%u/v1", kit->port);
}

void kit_open(struct kit *kit, const char *script, const char *const *options)
{
    char folder[LOG_FOLDER_SIZE];

    memset(kit, 0, sizeof *kit);
    log_folder_make(folder);
    snprintf(kit->folder, sizeof kit->folder, "%s", folder);
    kit_start_server(kit, script, options);
}

void kit_stop_server(struct kit *kit)
{
    if (kit->server <= 0)
        return;
    kill(kit->server, SIGTERM);
    (void) waitpid(kit->server, NULL, 0);
    kit->server = 0;
}

void kit_close(struct kit *kit)
{
    llm_destroy(kit->llm);
    kit->llm = NULL;
    kit_stop_server(kit);
    log_folder_remove(kit->folder);
}

struct llm_options kit_options(const struct kit *kit)
{
    return (struct llm_options){.endpoint = kit->endpoint,
                                .model = "toy",
                                .clock = clock_system(),
                                .retry = {.first_ms = 5, .max_ms = 20, .attempts = LLM_CALLS_MAX},
                                .timeout_ms = 5000,
                                .patience_ms = 20000,
                                .concurrency = 16};
}

void kit_client(struct kit *kit, const struct llm_options *options)
{
    struct error err;

    llm_destroy(kit->llm);
    kit->llm = NULL;
    kit->asked = kit->ended = 0;
    memset(kit->ends, 0, sizeof kit->ends);
    if (llm_create(options, &kit->llm, &err) != STATUS_OK)
        fail_msg("llm_create: %s", err.message);
}

enum status kit_try(struct kit *kit, const char *text, struct error *err)
{
    char user[KIT_TEXT_MAX];
    const struct llm_turn turns[] = {
        {LLM_SYSTEM, SLICE("Decide.")},
        {LLM_USER, SLICE("<<<e0\nan example\ne0>>>")},
        {LLM_ASSISTANT, SLICE("{\"label\":\"maybe\",\"words\":\"an example\"}")},
        {LLM_USER, {user, 0}}};
    struct llm_turn sent[4];
    struct llm_question question = {
        .turns = sent, .turn_count = 4, .shape = &kit_shape, .owner = &kit->ends[kit->asked]};
    enum status status;

    assert_true(kit->asked < KIT_QUESTIONS_MAX);
    memcpy(sent, turns, sizeof sent);
    sent[3].text.size = (size_t) snprintf(user, sizeof user, "<<<c1\n%s\nc1>>>", text);
    status = llm_ask(kit->llm, &question, err);
    memset(user, 'z', sizeof user); /* what was asked is the client's copy */
    kit->asked += status == STATUS_OK;
    return status;
}

size_t kit_ask(struct kit *kit, const char *text)
{
    struct error err;
    enum status status;

    while ((status = kit_try(kit, text, &err)) == STATUS_AGAIN)
        kit_step(kit, STEP_MS);
    if (status != STATUS_OK)
        fail_msg("llm_ask: %s", err.message);
    return kit->asked - 1;
}

static void take(struct kit *kit, const struct llm_answer *answer)
{
    struct kit_end *end = answer->owner;

    assert_true(end >= kit->ends && end < kit->ends + kit->asked);
    if (end->ended)
        fail_msg("question %td has a second end", end - kit->ends);
    end->ended = true;
    end->outcome = answer->outcome;
    end->usage = answer->usage;
    end->dimension = answer->dimension;
    snprintf(end->text, sizeof end->text, "%.*s", SLICE_ARG(answer->text));
    snprintf(end->served_by, sizeof end->served_by, "%s", answer->served_by);
    if (answer->outcome != LLM_ANSWERED)
        snprintf(end->reason, sizeof end->reason, "%s", answer->reason);
    kit->ended++;
}

void kit_step(struct kit *kit, int64_t timeout_ms)
{
    const struct llm_answer *answer;
    struct error err;

    if (llm_step(kit->llm, timeout_ms, &err) != STATUS_OK)
        fail_msg("llm_step: %s", err.message);
    while ((answer = llm_next(kit->llm)) != NULL) {
        take(kit, answer);
        llm_release(kit->llm, answer);
    }
}

void kit_finish(struct kit *kit, size_t count)
{
    int64_t end = clock_mono_ms(clock_system()) + FINISH_MS;

    while (kit->ended < count) {
        if (clock_mono_ms(clock_system()) > end)
            fail_msg("%zu of %zu questions ended", kit->ended, count);
        kit_step(kit, STEP_MS);
    }
}

void kit_assert_outcome(const struct kit *kit, size_t at, enum llm_outcome outcome)
{
    const struct kit_end *end = &kit->ends[at];

    if (!end->ended || end->outcome != outcome)
        fail_msg("question %zu: %s (%s), not %s", at,
                 end->ended ? llm_outcome_text(end->outcome) : "open", end->reason,
                 llm_outcome_text(outcome));
    assert_true((end->text[0] != '\0') == (outcome == LLM_ANSWERED || end->dimension > 0));
    assert_true((end->reason[0] != '\0') == (outcome != LLM_ANSWERED));
}

/* ---- what the server saw ---- */

static void fetch_stats(const struct kit *kit, struct buf *out)
{
    const char request[] = "GET /stats HTTP/1.1\r\nConnection: close\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) kit->port)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    char *room;
    ssize_t size = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(descriptor, (const struct sockaddr *) &address, sizeof address), 0);
    assert_int_equal(send(descriptor, request, sizeof request - 1, 0), sizeof request - 1);
    while (size > 0 && (room = buf_reserve(out, 4096)) != NULL) {
        size = recv(descriptor, room, 4096, 0);
        buf_added(out, size > 0 ? (size_t) size : 0);
    }
    close(descriptor);
}

static int64_t number_in(struct slice json, const char *name)
{
    struct arena *arena = arena_create(JSON_ROOM);
    const struct json *value = NULL;
    struct error err;
    int64_t number;

    if (json_parse(json, arena, &value, &err) != STATUS_OK)
        fail_msg("%s in %.*s", err.message, SLICE_ARG(json));
    number = json_int(json_member(value, name), INT64_MIN);
    arena_destroy(arena);
    assert_true(number != INT64_MIN);
    return number;
}

int64_t kit_stat(const struct kit *kit, const char *name)
{
    struct slice bytes;
    struct buf out;
    int64_t number;

    buf_init(&out, FILE_MAX);
    fetch_stats(kit, &out);
    bytes = buf_slice(&out);
    bytes = slice_sub(bytes, slice_find(bytes, SLICE("\r\n\r\n")), bytes.size);
    number = number_in(bytes, name);
    buf_fini(&out);
    return number;
}

int64_t kit_logged(const struct kit *kit, size_t line, const char *name)
{
    FILE *file = fopen(kit_path(kit, "log"), "rb");
    char text[1024] = "";

    assert_non_null(file);
    (void) kit_stat(kit, "requests"); /* what was answered before stands in the log now */
    for (size_t i = 0; i <= line; i++)
        assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    return number_in(slice_from(text), name);
}
