/*
 * reading: a document as rules see it: places resolved to cities, and cue words, in their order.
 *
 * Text      Title, a line feed, body, joined in the arena; every offset counts in it. A span that
 *           does not cross the line feed is, byte for byte, a span of the title or of the body.
 * Places    Names joined without a gap are one place: 湖南省凤凰县, 上海市浦东新区. A name with several readings
 *           goes to the place named before it, the publisher's city, a city or province named
 *           elsewhere in the text, a prefecture before counties, in this order; what stays open has
 *           no city. Short names that are ordinary words count only where something confirms them.
 * Own       我市, 我局 and short forms such as 来邮 stand for the publisher (or the place in it).
 * Persons   A short name right behind an office (院长宁波, 副主任汪明光) is a person's.
 * Publisher The city given; unknown, that of the site whose host the URL has, or of the newspaper
 * that
 *           signs the lead (高邮日报讯); else none.
 * Limits    READING_TOKENS_MAX tokens; what is behind them is not read.
 * Threads   A reader never changes after it was made and may be shared; readings belong to an
 *           arena.
 */
#ifndef XUNFANG_STUDY_READING_H
#define XUNFANG_STUDY_READING_H

#include "base/util/arena.h"
#include "study/cues.h"
#include "study/gazetteer.h"

enum { READING_TOKENS_MAX = 1200, READING_BODY_MAX = 6000 };

struct reader;

struct source_text {
    struct slice title; /* may be empty */
    struct slice body;
    struct slice url;       /* may be empty */
    struct slice site_city; /* short name; may be empty */
    int32_t day;            /* of publication; CIVIL_NONE if unknown */
};

enum token_kind { TOKEN_CUE, TOKEN_PLACE };

struct token {
    enum token_kind kind;
    enum cue cue; /* of a cue; CUE_OWN with a city for short forms of places too */
    size_t offset;
    size_t size;
    const struct city *city;   /* of a place (NULL: a province or unresolved) and of CUE_OWN */
    const struct place *place; /* NULL for CUE_OWN in general and for unresolved names */
    bool province;             /* a place that is a province and nothing more */
    bool certain;              /* named in full, or a prefecture */
};

struct reading {
    struct slice text;
    size_t title_size; /* the title is text[0, title_size), the body begins one byte later */
    const struct token *tokens;
    size_t count;
    const struct city *site; /* NULL if unknown */
};

/* The gazetteer must outlive the reader. NULL when memory is out. */
struct reader *reader_create(const struct gazetteer *gazetteer);
/* NULL is fine. */
void reader_destroy(struct reader *reader);
const struct gazetteer *reader_gazetteer(const struct reader *reader);

CHECKED enum status reader_read(const struct reader *reader, const struct source_text *source,
                                struct arena *arena, struct reading *reading, struct error *err);

#endif
