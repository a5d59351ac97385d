/*
 * corpus: labelled documents, read from JSON lines for training and scoring.
 *
 * Labels    In the member `gold`: {"is_visit": bool, "events": [{"origin_city", "host_city",
 *           "themes", "purpose"}]}. The themes of a document are the union over its events; its
 *           purpose is cooperative if any event's is.
 * Memory    The corpus owns everything; documents are kept with their features only as long as
 *           asked.
 * Limits    CORPUS_DOCS_MAX documents.
 */
#ifndef XUNFANG_CLASSIFIER_CORPUS_H
#define XUNFANG_CLASSIFIER_CORPUS_H

#include "study/docline.h"

enum { CORPUS_DOCS_MAX = 200000, CORPUS_EVENTS_MAX = 24, CORPUS_THEMES_MAX = 16 };

struct gold_event {
    struct slice origin;
    struct slice host;
};

struct gold {
    bool is_visit;
    struct gold_event events[CORPUS_EVENTS_MAX];
    size_t event_count;
    struct slice themes[CORPUS_THEMES_MAX];
    size_t theme_count;
    bool cooperative;
};

struct labelled {
    struct docline doc;
    struct gold gold;
};

struct corpus;

/* "-" is standard input. STATUS_INVALID names file and line. */
CHECKED enum status corpus_load(const char *path, struct corpus **corpus, struct error *err);
/* NULL is fine. */
void corpus_destroy(struct corpus *corpus);
size_t corpus_size(const struct corpus *corpus);
const struct labelled *corpus_at(const struct corpus *corpus, size_t index);

bool gold_has_theme(const struct gold *gold, struct slice theme);
bool gold_has_event(const struct gold *gold, struct slice origin, struct slice host);

#endif
