/*
 * grounding: is what an event says of cities and organs to be found in the document's text?
 *
 * City    Named in the text: by the reader (study/reading.h), which knows 我市, abbreviations and
 *         counties, or by any place whose name occurs there and may belong to it; or it is the
 *         publisher's.
 * Organ   Outputs have one name an organ (工商局 becomes 市市场监督管理局), so a name that is
 *         not in the text may well come from it by the rules' tables. What a language model said is
 *         another matter: an organ is made up if it is the answer's, and the text holds neither,
 *         with or without the place or 市, 县, 区 before it. White space and the width of
 *         characters do not matter.
 * Second  The extractor drops such values when it reads an answer; here that is looked at again, by
 *         other code, from the logs.
 * Memory  A text belongs to the arena given.
 */
#ifndef XUNFANG_AGGREGATOR_GROUNDING_H
#define XUNFANG_AGGREGATOR_GROUNDING_H

#include "study/reading.h"

enum { GROUNDING_MENTIONS_MAX = 2000 };

struct grounding {
    const struct gazetteer *gazetteer;
    struct reader *reader;
};

/* The gazetteer must outlive it. */
CHECKED enum status grounding_init(struct grounding *grounding, const struct gazetteer *gazetteer,
                                   struct error *err);
void grounding_fini(struct grounding *grounding);

struct grounding_text {
    const struct gazetteer *gazetteer;
    struct reading reading;
    struct slice plain; /* title and body without white space, narrow */
    int32_t day;        /* of publication */
    const struct mention *mentions;
    size_t mention_count;
};

CHECKED enum status grounding_read(const struct grounding *grounding,
                                   const struct source_text *source, struct arena *arena,
                                   struct grounding_text *text, struct error *err);
/* `city` is a short name. */
bool grounding_names_city(const struct grounding_text *text, struct slice city);
/* Did the answer make up the organ? `organ` as on outputs, `answered` as the model said it; either
 * may be empty. */
CHECKED enum status grounding_made_up(const struct grounding_text *text, struct slice organ,
                                      struct slice answered, bool *made_up, struct error *err);

#endif
