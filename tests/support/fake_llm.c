#include "tests/support/fake_llm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 4 }; /* questions taken beyond the slots */

struct talk {
    struct talk *next;
    int64_t end_ms;
    struct llm_answer answer;
    char text[64];
    struct slice content; /* the server's */
};

struct llm {
    struct fake_server *server;
    const char *model;
    struct talk *talks; /* oldest first */
    struct talk *ended; /* given by llm_next, not released */
    size_t open;
};

/* ---- the server ---- */

void fake_server_init(struct fake_server *server, struct clock_manual *clock, uint64_t seed)
{
    *server = (struct fake_server){.clock = clock, .slots = 4, .most_ms = 200};
    random_init(&server->random, seed);
    server->asked = map_create();
    ENSURE(server->asked != NULL);
}

void fake_server_fini(struct fake_server *server)
{
    size_t cursor = 0;
    void *count;

    while (map_next(server->asked, &cursor, NULL, &count))
        free(count);
    map_destroy(server->asked);
}

uint64_t fake_server_asked(const struct fake_server *server, struct slice content)
{
    const struct fake_count *count = map_get(server->asked, content);

    return count == NULL ? 0 : count->times;
}

/* What the server has counted of this content; NULL when memory is out. */
static struct fake_count *find_count(struct fake_server *server, struct slice content)
{
    struct fake_count *count = map_get(server->asked, content);

    if (count != NULL)
        return count;
    count = calloc(1, sizeof *count + content.size + 1);
    if (count == NULL || map_put(server->asked, content, count) != STATUS_OK) {
        free(count);
        return NULL;
    }
    memcpy(count->content, content.data, content.size);
    count->size = content.size;
    return count;
}

/* All calls are charged when the question comes: a client that dies has paid for the worst. */
static struct llm_usage charge(struct fake_server *server, const struct llm_question *question)
{
    struct llm_usage usage = {.calls = 1, .latency_ms = 1};
    size_t bytes = 0;

    while (usage.calls < (question->max_calls == 0 ? LLM_CALLS_MAX : question->max_calls) &&
           random_chance(&server->random, server->repeats))
        usage.calls++;
    for (size_t i = 0; i < question->turn_count; i++)
        bytes += question->turns[i].text.size;
    usage.prompt_tokens = usage.calls * bytes;
    usage.completion_tokens = usage.calls * question->max_tokens;
    server->calls += usage.calls;
    server->tokens += usage.prompt_tokens + usage.completion_tokens;
    return usage;
}

static enum llm_outcome draw_outcome(struct fake_server *server)
{
    if (random_chance(&server->random, server->invalid))
        return LLM_INVALID;
    return random_chance(&server->random, server->unavailable) ? LLM_UNAVAILABLE : LLM_ANSWERED;
}

/* ---- a client ---- */

struct llm *fake_llm_open(struct fake_server *server, const char *model)
{
    struct llm *llm = calloc(1, sizeof *llm);

    if (llm == NULL)
        return NULL;
    llm->server = server;
    llm->model = model;
    return llm;
}

static void free_talks(struct talk *talk)
{
    while (talk != NULL) {
        struct talk *next = talk->next;
        free(talk);
        talk = next;
    }
}

void llm_destroy(struct llm *llm)
{
    if (llm == NULL)
        return;
    free_talks(llm->talks);
    free_talks(llm->ended);
    free(llm);
}

size_t llm_room(const struct llm *llm)
{
    return llm->open < llm->server->slots ? llm->server->slots - llm->open : 0;
}

bool llm_troubled(const struct llm *llm)
{
    return llm->server->stuck;
}

size_t llm_open(const struct llm *llm)
{
    return llm->open;
}

enum status llm_ask(struct llm *llm, const struct llm_question *question, struct error *err)
{
    struct fake_server *server = llm->server;
    struct talk **last = &llm->talks;
    struct fake_count *count;
    struct talk *talk;

    if (llm->open >= server->slots + WAITING_MAX)
        return error_set(err, STATUS_AGAIN, "%zu questions are open", llm->open);
    talk = calloc(1, sizeof *talk);
    count = find_count(server, question->turns[question->turn_count - 1].text);
    if (talk == NULL || count == NULL) {
        free(talk);
        return error_set(err, STATUS_NOMEM, "no memory for a question");
    }
    server->questions++;
    count->times++;
    talk->content = slice_of(count->content, count->size);
    talk->end_ms = server->clock->now_ms + 1 +
                   (int64_t) random_below(&server->random, (uint64_t) server->most_ms);
    (void) snprintf(talk->text, sizeof talk->text, "{\"n\":\"%llu\"}",
                    (unsigned long long) server->questions);
    talk->answer = (struct llm_answer){
        .owner = question->owner,
        .outcome = draw_outcome(server),
        .text = slice_from(talk->text),
        .served_by = "fake-1",
        .reason = "no\nluck",
        .usage = charge(server, question),
    };
    while (*last != NULL)
        last = &(*last)->next;
    *last = talk;
    llm->open++;
    return STATUS_OK;
}

void fake_llm_list(const struct llm *llm, void (*tell)(void *self, struct slice content),
                   void *self)
{
    for (const struct talk *talk = llm->talks; talk != NULL; talk = talk->next)
        tell(self, talk->content);
}

void llm_cancel(struct llm *llm, const void *owner)
{
    for (struct talk **at = &llm->talks; *at != NULL;) {
        struct talk *talk = *at;
        if (talk->answer.owner != owner) {
            at = &talk->next;
            continue;
        }
        *at = talk->next;
        llm->open--;
        llm->server->cancelled++;
        free(talk);
    }
}

enum status llm_step(struct llm *llm, int64_t timeout_ms, struct error *err)
{
    (void) err;
    clock_manual_advance(llm->server->clock, timeout_ms);
    return STATUS_OK;
}

const struct llm_answer *llm_next(struct llm *llm)
{
    for (struct talk **at = &llm->talks; *at != NULL; at = &(*at)->next) {
        struct talk *talk = *at;
        if (llm->server->stuck || talk->end_ms > llm->server->clock->now_ms)
            continue;
        *at = talk->next;
        talk->next = llm->ended;
        llm->ended = talk;
        return &talk->answer;
    }
    return NULL;
}

void llm_release(struct llm *llm, const struct llm_answer *answer)
{
    struct talk **at = &llm->ended;
    struct talk *talk;

    while (*at != NULL && &(*at)->answer != answer)
        at = &(*at)->next;
    talk = *at;
    ENSURE(talk != NULL);
    *at = talk->next;
    llm->open--;
    free(talk);
}

const char *llm_model(const struct llm *llm)
{
    return llm->model;
}

const char *llm_outcome_text(enum llm_outcome outcome)
{
    static const char *const texts[] = {
#define X(name, text) [LLM_##name] = (text),
        LLM_OUTCOMES(X)
#undef X
    };

    return texts[outcome];
}
