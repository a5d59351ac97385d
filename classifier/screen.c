/*
 * All keywords are one database of vectorscan, made once: a text is gone through once, however many
 * words a codebook has. They are literals and no patterns, so a dot or a bracket in a keyword
 * stands for itself.
 */
#include "classifier/screen.h"

#include <hs.h>

#include <stdlib.h>

struct screen {
    int32_t from;
    int32_t to;
    hs_database_t *database;
    hs_scratch_t *scratch; /* the library writes to it: this is why a screen has one thread */
};

static void free_lists(const char **texts, size_t *sizes, unsigned *flags)
{
    free(texts);
    free(sizes);
    free(flags);
}

static enum status compile(struct screen *screen, const struct screen_rules *rules,
                           struct error *err)
{
    size_t count = rules->keyword_count;
    const char **texts = calloc(count, sizeof *texts);
    size_t *sizes = calloc(count, sizeof *sizes);
    unsigned *flags = calloc(count, sizeof *flags);
    hs_compile_error_t *cause = NULL;
    enum status status = STATUS_OK;

    if (texts == NULL || sizes == NULL || flags == NULL) {
        free_lists(texts, sizes, flags);
        return error_set(err, STATUS_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        texts[i] = rules->keywords[i].data;
        sizes[i] = rules->keywords[i].size;
        flags[i] = HS_FLAG_SINGLEMATCH;
    }
    if (hs_compile_lit_multi(texts, flags, NULL, sizes, (unsigned) count, HS_MODE_BLOCK, NULL,
                             &screen->database, &cause) != HS_SUCCESS) {
        status = error_set(err, STATUS_INVALID, "keywords: %s",
                           cause == NULL ? "cannot be compiled" : cause->message);
        hs_free_compile_error(cause);
    }
    free_lists(texts, sizes, flags);
    return status;
}

enum status screen_create(const struct screen_rules *rules, struct screen **screen,
                          struct error *err)
{
    struct screen *made;
    enum status status;

    /* An empty keyword would occur in every text. */
    for (size_t i = 0; i < rules->keyword_count; i++)
        if (rules->keywords[i].size == 0)
            return error_set(err, STATUS_INVALID, "an empty keyword");
    if (rules->keyword_count == 0)
        return error_set(err, STATUS_INVALID, "no keywords");
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return error_set(err, STATUS_NOMEM, "out of memory");
    made->from = rules->from;
    made->to = rules->to;
    status = compile(made, rules, err);
    if (status == STATUS_OK && hs_alloc_scratch(made->database, &made->scratch) != HS_SUCCESS)
        status = error_set(err, STATUS_NOMEM, "out of memory");
    if (status != STATUS_OK) {
        screen_destroy(made);
        return status;
    }
    *screen = made;
    return STATUS_OK;
}

void screen_destroy(struct screen *screen)
{
    if (screen == NULL)
        return;
    hs_free_scratch(screen->scratch);
    hs_free_database(screen->database);
    free(screen);
}

bool screen_in_period(const struct screen *screen, int32_t day)
{
    return day == CIVIL_NONE || (day >= screen->from && day <= screen->to);
}

/* A non-zero return ends the scan: one word is enough. */
static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *self)
{
    (void) id;
    (void) from;
    (void) to;
    (void) flags;
    *(bool *) self = true;
    return 1;
}

bool screen_has_word(struct screen *screen, struct slice text)
{
    bool found = false;

    /* The library takes no NULL, and an empty text holds no word. */
    if (text.size == 0 || text.size > UINT32_MAX)
        return false;
    /* Stopped by on_match it returns HS_SCAN_TERMINATED, which tells no more than `found` does. */
    hs_scan(screen->database, text.data, (unsigned) text.size, 0, screen->scratch, on_match,
            &found);
    return found;
}
